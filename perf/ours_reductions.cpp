#include <memory>

#include "ours.hpp"

namespace perf {

namespace {

using array = sn::array<float>;

// evaluate(results) computes all results of one evaluation.
template <class Evaluate>
void add(const problem& p, Evaluate evaluate, std::vector<contender>& out) {
    const auto results = std::make_shared<std::vector<float>>();
    contender c{"ours", [=](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            evaluate(*results);
            observe(results->data());
        }
    }};
    c.result = [results, run = c.run] {
        run(1);
        return *results;
    };
    c.enter = [threads = p.threads] { use_threads(threads); };
    out.push_back(std::move(c));
}

}

void add_ours_reductions(const problem& p, std::vector<contender>& out) {
    const std::size_t n = p.n();
    if (p.name == "sum") add(p, [x = vector_of(p.x, n)](std::vector<float>& r) { r.assign(1, sn::sum(x).item()); }, out);
    if (p.name == "dot")
        add(p, [x = vector_of(p.x, n), w = vector_of(p.w, n)](std::vector<float>& r) { r.assign(1, sn::sum(x * w).item()); }, out);
    if (p.name == "cosine") {
        add(p, [x = vector_of(p.x, n), w = vector_of(p.w, n)](std::vector<float>& r) {
            array xw = sn::sum(x * w), xx = sn::sum(x * x), ww = sn::sum(w * w);
            sn::eval(xw, xx, ww);
            r.assign({xw.item(), xx.item(), ww.item()});
        }, out);
    }
    const auto reduce_axis = [&](sn::index_t axis) {
        const auto [rows, columns] = p.size;
        add(p, [axis, m = matrix_of(p.x, rows, columns)](std::vector<float>& r) {
            array y = sn::sum(m, {.axis = axis});
            y.eval();
            r.assign(y.data(), y.data() + y.size());
        }, out);
    };
    if (p.name == "colsum") reduce_axis(0);
    if (p.name == "rowsum") reduce_axis(1);
}

}
