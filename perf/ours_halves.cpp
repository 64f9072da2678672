#include <memory>

#include "ours.hpp"

namespace perf {

namespace {

// Elements of 16 bits: half the bytes of the cases of the same names without the ending, and a limit that moves as many.
template <class H>
void add(const problem& p, const std::string& ending, std::vector<contender>& out) {
    const std::size_t n = p.n();
    const bool axpy = p.name == "axpy" + ending;
    if (!axpy && p.name != "sum" + ending) return;
    using array = sn::array<H>;
    struct operands {
        array x, z;
    };
    const auto in = std::make_shared<operands>();
    in->x = array(sn::cast<H>(vector_of(p.x, n))).eval();
    if (axpy) in->z = array(sn::cast<H>(vector_of(p.z, n))).eval();
    const auto record = [in, axpy]() -> array {
        if (axpy) return factor_a * in->x + in->z;
        return sn::sum(in->x);
    };
    const auto y = std::make_shared<array>();
    contender c{"ours", [=](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            *y = record();
            y->eval();
        }
    }};
    c.enter = [threads = p.threads] { use_threads(threads); };
    c.predicted = [=] { return sn::explain(record()).predicted_seconds; };
    out.push_back(std::move(c));
}

}

void add_ours_halves(const problem& p, std::vector<contender>& out) {
    add<sn::float16>(p, "_f16", out);
    add<sn::bfloat16>(p, "_bf16", out);
}

}
