#include <memory>

#include "fixed_kernels.hpp"
#include "ours.hpp"

namespace perf {

namespace {

contender make(const char* name, fixed_axpy f, const problem& p) {
    const auto y = std::make_shared<std::vector<float>>(16);
    contender c{name, [=, x = p.x, z = p.z](std::size_t repetitions) { f(y->data(), x, z, factor_a, repetitions); }};
    c.result = [y, run = c.run] {
        run(1);
        return *y;
    };
    return c;
}

}

void add_ours_fixed(const problem& p, std::vector<contender>& out) {
    if (p.name == "axpy16_static") {
        out.push_back(make("ours", baseline::ours, p));
        out.push_back(make("hand", baseline::hand, p));
    }
    if (p.name == "axpy16_static_avx512" && has_avx512()) {
        out.push_back(make("ours", avx512::ours, p));
        out.push_back(make("hand", avx512::hand, p));
    }
}

}
