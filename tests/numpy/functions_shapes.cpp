#include "functions.hpp"

namespace {

/// start:stop:step, each open where it is empty.
[[nodiscard]] sn::range one_range(const std::string& text) {
    const auto a = text.find(':'), b = text.find(':', a + 1);
    const auto bound = [](const std::string& t) { return t.empty() ? sn::range_bound{} : sn::range_bound{std::stol(t)}; };
    return {bound(text.substr(0, a)), bound(text.substr(a + 1, b - a - 1)), std::stol(text.substr(b + 1))};
}

template <class T>
[[nodiscard]] sn::array<T> sliced(const sn::array<T>& x, const std::string& text) {
    std::vector<sn::range> r;
    std::istringstream in(text);
    for (std::string one; std::getline(in, one, ',');) r.push_back(one_range(one));
    switch (r.size()) {
        case 1: return x(r[0]);
        case 2: return x(r[0], r[1]);
        default: return x(r.at(0), r.at(1), r.at(2));
    }
}

template <class T>
using maker = std::map<std::string, std::function<sn::array<T>(const job&, const std::vector<sn::index_t>&)>>;

template <class T>
[[nodiscard]] sn::array<T> padded(const job& j, sn::pad_mode mode, const std::vector<sn::index_t>& n) {
    const sn::array<T> x = operand<T>(j, 0);
    const T fill = static_cast<T>(5);
    switch (n.size()) {
        case 1: return sn::pad(x, n[0], mode, fill);
        case 2: return sn::pad(x, {n[0], n[1]}, mode, fill);
        case 4: return sn::pad(x, {{n[0], n[1]}, {n[2], n[3]}}, mode, fill);
        default: return sn::pad(x, {{n.at(0), n.at(1)}, {n.at(2), n.at(3)}, {n.at(4), n.at(5)}}, mode, fill);
    }
}

template <class T>
[[nodiscard]] const maker<T>& functions() {
    using numbers_of = const std::vector<sn::index_t>&;
    static const maker<T> all{
        {"flip", [](const job& j, numbers_of) { return sn::flip(operand<T>(j, 0), axes(j.arguments)); }},
        {"swapaxes", [](const job& j, numbers_of n) { return sn::swapaxes(operand<T>(j, 0), n.at(0), n.at(1)); }},
        {"moveaxis", [](const job& j, numbers_of n) { return sn::moveaxis(operand<T>(j, 0), n.at(0), n.at(1)); }},
        {"transpose", [](const job& j, numbers_of n) { return operand<T>(j, 0).transpose(shape_from(n)); }},
        {"T", [](const job& j, numbers_of) { return operand<T>(j, 0).transpose(); }},
        {"reshape", [](const job& j, numbers_of n) { return operand<T>(j, 0).reshape(shape_from(n)); }},
        {"flatten", [](const job& j, numbers_of) { return operand<T>(j, 0).flatten(); }},
        {"squeeze", [](const job& j, numbers_of) { return sn::squeeze(operand<T>(j, 0), axes(j.arguments)); }},
        {"expand_dims", [](const job& j, numbers_of) { return sn::expand_dims(operand<T>(j, 0), axes(j.arguments)); }},
        {"broadcast_to", [](const job& j, numbers_of n) { return sn::broadcast_to(operand<T>(j, 0), shape_from(n)); }},
        {"diagonal", [](const job& j, numbers_of n) { return sn::diagonal(operand<T>(j, 0), {.offset = n.at(0), .axis1 = n.at(1), .axis2 = n.at(2)}); }},
        {"roll", [](const job& j, numbers_of n) { return sn::roll(operand<T>(j, 0), n.at(0)); }},
        {"roll_axis", [](const job& j, numbers_of n) { return sn::roll(operand<T>(j, 0), n.at(0), {.axis = n.at(1)}); }},
        {"roll_axes", [](const job& j, numbers_of n) { return sn::roll(operand<T>(j, 0), {n.at(0), n.at(2)}, {.axis = {n.at(1), n.at(3)}}); }},
        {"pad_constant", [](const job& j, numbers_of n) { return padded<T>(j, sn::pad_mode::constant, n); }},
        {"pad_edge", [](const job& j, numbers_of n) { return padded<T>(j, sn::pad_mode::edge, n); }},
        {"pad_reflect", [](const job& j, numbers_of n) { return padded<T>(j, sn::pad_mode::reflect, n); }},
        {"pad_wrap", [](const job& j, numbers_of n) { return padded<T>(j, sn::pad_mode::wrap, n); }},
        {"concatenate", [](const job& j, numbers_of n) { return sn::concatenate({operand<T>(j, 0), operand<T>(j, 1)}, {.axis = n.at(0)}); }},
        {"stack", [](const job& j, numbers_of n) { return sn::stack({operand<T>(j, 0), operand<T>(j, 1)}, {.axis = n.at(0)}); }},
        {"tile", [](const job& j, numbers_of n) { return sn::tile(operand<T>(j, 0), shape_from(n)); }},
        {"repeat", [](const job& j, numbers_of n) { return sn::repeat(operand<T>(j, 0), n.at(0)); }},
        {"repeat_axis", [](const job& j, numbers_of n) { return sn::repeat(operand<T>(j, 0), n.at(0), {.axis = n.at(1)}); }},
        {"first", [](const job& j, numbers_of) -> sn::array<T> { return operand<T>(j, 0)(0, sn::ellipsis); }},
        {"last", [](const job& j, numbers_of) -> sn::array<T> { return operand<T>(j, 0)(sn::ellipsis, -1); }},
        {"new_in_front", [](const job& j, numbers_of) -> sn::array<T> { return operand<T>(j, 0)(sn::newaxis, sn::ellipsis, sn::range(1, {})); }},
        {"new_behind", [](const job& j, numbers_of) -> sn::array<T> { return operand<T>(j, 0)(-1, sn::ellipsis, sn::newaxis); }},
        {"write", [](const job& j, numbers_of n) {
            // Into a copy, of which a part is written.
            sn::array<T> x = operand<T>(j, 0);
            const sn::array<T> before = x;
            x(sn::range({}, {}, n.at(0)), sn::ellipsis) = operand<T>(j, 1);
            if (!sn::array_equal(before, operand<T>(j, 0))) throw std::runtime_error("the copy has changed");
            return x;
        }},
    };
    return all;
}

}  // namespace

bool run_shapes(const std::string& type, const job& j) {
    bool done = false;
    return with_type<true>(type, [&]<class T>(std::type_identity<T>) {
               if (j.what == "slice") {
                   done = true;
                   return sn::save(j.out, sliced(operand<T>(j, 0), j.arguments));
               }
               const auto f = functions<T>().find(j.what);
               done = f != functions<T>().end();
               const bool counted = j.arguments.find_first_of("0123456789") != std::string::npos;
               if (done) sn::save(j.out, f->second(j, counted ? numbers(j.arguments) : std::vector<sn::index_t>{}));
           }) &&
           done;
}
