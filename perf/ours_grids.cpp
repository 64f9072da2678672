#include <memory>

#include "ours.hpp"

namespace perf {

namespace {

using array = sn::array<float>;

// record() gives the pending result of one evaluation.
template <class Record>
void add(const problem& p, Record record, std::vector<contender>& out) {
    const auto y = std::make_shared<array>();
    contender c{"ours", [y, record](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            *y = record();
            y->eval();
        }
        observe(y.get());
    }};
    c.result = [y, run = c.run] {
        run(1);
        return y->to_vector();
    };
    c.enter = [threads = p.threads] { use_threads(threads); };
    c.predicted = [record] { return sn::explain(record()).predicted_seconds; };
    out.push_back(std::move(c));
}

void add_broadcast(const problem& p, std::vector<contender>& out) {
    const auto [rows, columns] = p.size;
    add(p, [m = matrix_of(p.x, rows, columns), row = vector_of(p.row, columns), column = matrix_of(p.column, rows, 1)] { return array(m + row + column); }, out);
}

void add_mandelbrot(const problem& p, std::vector<contender>& out) {
    add(p, [row = vector_of(p.row, p.size.columns), column = matrix_of(p.column, p.size.rows, 1)] {
        const auto escape = sn::fn([](auto cx, auto cy) {
            auto [x, y, n] = sn::loop(mandelbrot_steps, std::tuple{0.0f, 0.0f, 0.0f}, [](auto a, auto b, auto) { return a * a + b * b <= 4.0f; },
                                      [&](auto a, auto b, auto k) { return std::tuple{a * a - b * b + cx, 2.0f * a * b + cy, k + 1.0f}; });
            return n;
        });
        return array(escape(row, column));
    }, out);
}

void record_step(array& u) {
    using sn::range;
    u(range(1, -1), range(1, -1)) = 0.25f * (u(range(0, -2), range(1, -1)) + u(range(2, {}), range(1, -1)) +
                                             u(range(1, -1), range(0, -2)) + u(range(1, -1), range(2, {})));
}

void step(array& u) {
    record_step(u);
    u.eval();
}

void add_heat(const problem& p, std::vector<contender>& out) {
    const auto u = std::make_shared<array>(matrix_of(p.x, p.size.rows, p.size.columns));
    contender c{"ours", [u](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) step(*u);
        observe(u.get());
    }};
    c.result = [p] {
        array v = matrix_of(p.x, p.size.rows, p.size.columns);
        for (int i = 0; i < 3; ++i) step(v);
        return v.to_vector();
    };
    c.enter = [threads = p.threads] { use_threads(threads); };
    c.predicted = [u] {
        record_step(*u);
        const double seconds = sn::explain(*u).predicted_seconds;
        u->eval();
        return seconds;
    };
    out.push_back(std::move(c));
}

}

void add_ours_grids(const problem& p, std::vector<contender>& out) {
    if (p.name == "broadcast") add_broadcast(p, out);
    if (p.name == "mandelbrot") add_mandelbrot(p, out);
    const auto [rows, columns] = p.size;
    if (p.name == "transposed") add(p, [m = matrix_of(p.x, columns, rows)] { return array(m.transpose() * factor_a); }, out);
    if (p.name == "plus_transposed")
        add(p, [m = matrix_of(p.x, rows, columns), w = matrix_of(p.w, columns, rows)] { return array(m + w.transpose()); }, out);
    if (p.name == "heat") add_heat(p, out);
}

}
