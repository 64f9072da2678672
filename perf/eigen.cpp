#include <memory>

#include "contenders.hpp"
#include "eigen_kernels.hpp"
#include "workers.hpp"

namespace perf {

namespace {

using step = std::function<void(float* y)>;

step make_step(const problem& p) {
    const float *x = p.x, *w = p.w, *z = p.z, *row = p.row, *column = p.column;
    const std::size_t n = p.n();
    const auto [rows, columns] = p.size;
    if (p.name == "axpy" || p.name == "axpy16") return [=](float* y) { eigen::axpy(y, x, z, factor_a, n); };
    if (p.name == "ten") return [=](float* y) { eigen::ten(y, x, w, z, factor_a, factor_b, factor_c, n); };
    if (p.name == "chain") {
        struct temporaries {
            memory t1, t2, t3;
        };
        const auto t = std::make_shared<temporaries>(temporaries{memory(n), memory(n), memory(n)});
        return [=](float* y) { eigen::chain(y, t->t1.data(), t->t2.data(), t->t3.data(), x, z, factor_a, factor_b, n); };
    }
    if (p.name == "complex") return [=](float* y) { eigen::complex(y, x, w, z, n); };
    if (p.name == "exp") return [=](float* y) { eigen::exp(y, x, n); };
    if (p.name == "log") return [=](float* y) { eigen::log(y, x, n); };
    if (p.name == "tanh") return [=](float* y) { eigen::tanh(y, x, n); };
    if (p.name == "pow") return [=](float* y) { eigen::pow(y, x, w, n); };
    if (p.name == "sum") return [=](float* y) { *y = eigen::sum(x, n); };
    if (p.name == "dot") return [=](float* y) { eigen::dot(y, x, w, n); };
    if (p.name == "cosine") return [=](float* y) { eigen::cosine(y, x, w, n); };
    if (p.name == "colsum") return [=, rows = rows, columns = columns](float* y) { eigen::sum_columns(y, x, rows, columns); };
    if (p.name == "rowsum") return [=, rows = rows, columns = columns](float* y) { eigen::sum_rows(y, x, rows, columns); };
    if (p.name == "broadcast")
        return [=, rows = rows, columns = columns](float* y) { eigen::add_row_and_column(y, x, row, column, rows, columns); };
    if (p.name == "heat") {
        const auto other = std::make_shared<memory>(n);
        std::copy_n(x, n, other->data());
        const auto odd = std::make_shared<bool>(false);
        return [=, rows = rows, columns = columns](float* y) {
            // y begins as zeros: its borders stay so, which costs and gains nothing.
            if (*odd) eigen::heat(other->data(), y, rows, columns);
            else eigen::heat(y, other->data(), rows, columns);
            *odd = !*odd;
        };
    }
    return {};
}

}

void add_eigen(const problem& p, std::vector<contender>& out) {
    if (p.threads != 1) return;
    contender c{"eigen", {}};
    const auto y = std::make_shared<memory>(std::max<std::size_t>(p.n(), 16));
    if (p.name == "axpy16_static_avx512") {
        c.run = [y, x = p.x, z = p.z](std::size_t repetitions) { eigen::axpy16(y->data(), x, z, factor_a, repetitions); };
    } else if (const step f = make_step(p)) {
        c.run = [y, f](std::size_t repetitions) {
            for (; repetitions > 0; --repetitions) {
                f(y->data());
                observe(y->data());
            }
        };
    } else {
        return;
    }
    c.enter = [] { workers::instance().enter(1); };
    c.leave = [] { workers::instance().leave(); };
    out.push_back(std::move(c));
}

}
