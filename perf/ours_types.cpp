#include "ours.hpp"

namespace perf {

namespace {

template <class T>
void add_axpy(const problem& p, T a, float factor, std::vector<contender>& out) {
    const std::size_t n = p.n();
    add_statement(p, n, [a, x = sn::from(as<T>(p.x, n, factor)), z = sn::from(as<T>(p.z, n, factor))] { return sn::array<T>(a * x + z); }, out);
}

}

void add_ours_types(const problem& p, std::vector<contender>& out) {
    if (p.name == "axpy_f64") add_axpy<double>(p, factor_a, 1.0f, out);
    if (p.name == "axpy_i32") add_axpy<std::int32_t>(p, whole_a, 64.0f, out);
    if (p.name == "axpy_i8") add_axpy<std::int8_t>(p, whole_a, 64.0f, out);
    const std::size_t n = p.n();
    if (p.name == "divide_i32") {
        add_statement(p, n, [x = sn::from(as<std::int32_t>(p.x, n, 1000.0f)), w = sn::from(as<std::int32_t>(p.w, n, 1000.0f))] { return sn::array<std::int32_t>(x / w); }, out);
    }
    if (p.name == "cast_u8") add_statement(p, n, [x = sn::from(as<std::uint8_t>(p.x, n, 1.0f))] { return sn::array<float>(sn::cast<float>(x)); }, out);
    if (p.name == "sum_i32") add_statement(p, 1, [x = sn::from(as<std::int32_t>(p.x, n, 1000.0f))] { return sn::array<std::int64_t>(sn::sum(x)); }, out);
}

}
