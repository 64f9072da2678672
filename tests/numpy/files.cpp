#include "type_by_name.hpp"

#include <sinter/sinter.hpp>

#include <iostream>
#include <string>

// Reads and writes files as files.py says, a line each: the type of the elements, what to do, and the files.

namespace {

namespace sn = sinter;

/// Each element times its number in row-major order, so that the place of every element shows.
template <class T>
sn::array<T> weighed(const sn::array<T>& x) {
    if constexpr (std::same_as<T, bool>) return !x;
    else return x * sn::arange<sn::detail::part_t<T>>(x.size()).reshape(x.shape());
}

template <class T>
void run(const std::string& what, const std::string& in, const std::string& out) {
    if (what == "copy") {
        sn::save(out, sn::load<T>(in));
    } else if (what == "weigh") {
        sn::save(out, weighed(sn::load<T>(in)));
    } else if (what == "slice") {
        sn::save(out, sn::load<T>(in)(sn::range({}, {}, -2)));
    } else if (what == "archive") {
        std::vector<sn::npz_entry> entries;
        for (const std::string& name : sn::npz_names(in)) {
            const sn::array<T> x = sn::load_npz<T>(in, name);
            entries.emplace_back(name, x);
            entries.emplace_back(name + "_weighed", weighed(x));
        }
        sn::save_npz(out, entries);
    } else {
        throw std::runtime_error("no such action: " + what);
    }
}

}  // namespace

int main() {
    std::string type, what, in, out;
    while (std::cin >> type >> what >> in >> out) {
        try {
            const bool known = with_type<true>(type, [&]<class T>(std::type_identity<T>) { run<T>(what, in, out); });
            std::cout << (known ? "done" : "no such type") << '\n';
        } catch (const std::exception& e) {
            std::cout << e.what() << '\n';
        }
    }
}
