#include "type_by_name.hpp"

#include <sinter/sinter.hpp>

#include <iostream>
#include <string>

// Carries out what indexing.py asks for, a line each: the types of the elements and of the indices, the function, its axis, the files to read: the array, the indices or the mask,
// the values; and the one to write.

namespace {

namespace sn = sinter;

template <class T, class I>
void run(const std::string& what, const std::string& axis, const std::string& x_file, const std::string& i_file, const std::string& v_file, const std::string& out) {
    sn::array<T> x = sn::load<T>(x_file);
    const sn::array<I> i = sn::load<I>(i_file);
    const sn::array<T> v = sn::load<T>(v_file), before = x;
    const sn::take_options o = axis == "all" ? sn::take_options{} : sn::take_options{.axis = std::stol(axis)};
    if constexpr (std::same_as<I, bool>) {
        if (what == "read") return sn::save(out, x(i));
        if (what == "fill") x(i) = v.item();
        else if (what == "write") x(i) = v;
        else throw std::runtime_error("no such function: " + what);
    } else {
        if (what == "take") return sn::save(out, sn::take(x, i, o));
        if (what == "along") return sn::save(out, sn::take_along_axis(x, i, o));
        if (what == "sum") return sn::save(out, sn::sum(sn::cast<std::int64_t>(sn::take(x, i, o)), {.axis = 0}));
        if (what == "put") sn::put(x, i, v);
        else if (what == "put_along") sn::put_along_axis(x, i, v, o);
        else throw std::runtime_error("no such function: " + what);
    }
    if (!sn::array_equal(sn::load<T>(x_file), before) && x_file.find("nan") == std::string::npos) throw std::runtime_error("the copy has changed");
    sn::save(out, x);
}

}  // namespace

int main() {
    std::string type, index, what, axis, x, i, v, out;
    while (std::cin >> type >> index >> what >> axis >> x >> i >> v >> out) {
        try {
            bool known = false;
            const bool both = with_type(type, [&]<class T>(std::type_identity<T>) {
                known = with_type(index, [&]<class I>(std::type_identity<I>) {
                    if constexpr (std::integral<I>) run<T, I>(what, axis, x, i, v, out);
                });
            });
            std::cout << (both && known ? "done" : "no such type") << '\n';
        } catch (const sn::index_error&) {
            std::cout << "IndexError\n";
        } catch (const sn::shape_error&) {
            std::cout << "ValueError\n";
        } catch (const std::exception& e) {
            std::cout << "error: " << e.what() << '\n';
        }
    }
}
