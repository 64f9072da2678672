// Threads, memory and names around the hand-written loops.
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "contenders.hpp"
#include "workers.hpp"

namespace perf {

namespace {

using hand::stores;

// Evaluates elements [first, last) of the problem into y.
using piece = std::function<void(float*, std::size_t first, std::size_t last)>;

void on_workers(contender& c, int threads) {
    c.enter = [threads] { workers::instance().enter(threads); };
    c.leave = [] { workers::instance().leave(); };
}

piece elementwise(const problem& p) {
    const float *x = p.x, *w = p.w, *z = p.z;
    const stores how = p.how;
    if (p.name == "axpy" || p.name == "axpy16")
        return [=](float* y, std::size_t i, std::size_t e) { hand::axpy(y + i, x + i, z + i, factor_a, e - i, how); };
    if (p.name == "ten")
        return [=](float* y, std::size_t i, std::size_t e) { hand::ten(y + i, x + i, w + i, z + i, factor_a, factor_b, factor_c, e - i, how); };
    if (p.name == "chain")
        return [=](float* y, std::size_t i, std::size_t e) { hand::chain(y + i, x + i, z + i, factor_a, factor_b, e - i, how); };
    if (p.name == "complex") return [=](float* y, std::size_t i, std::size_t e) { hand::complex(y + i, x + i, w + i, z + i, e - i, how); };
    if (p.name == "exp") return [=](float* y, std::size_t i, std::size_t e) { hand::exp(y + i, x + i, e - i, how); };
    if (p.name == "log") return [=](float* y, std::size_t i, std::size_t e) { hand::log(y + i, x + i, e - i, how); };
    if (p.name == "tanh") return [=](float* y, std::size_t i, std::size_t e) { hand::tanh(y + i, x + i, e - i, how); };
    if (p.name == "take") {
        return [x, places = std::make_shared<std::vector<std::int32_t>>(scattered(p.n()))](float* y, std::size_t i, std::size_t e) {
            for (const std::int32_t* const at = places->data(); i < e; ++i) y[i] = x[at[i]];
        };
    }
    if (p.name == "pow") return [=](float* y, std::size_t i, std::size_t e) { hand::pow(y + i, x + i, w + i, e - i, how); };
    return {};
}

void add_elementwise(const problem& p, const piece& f, std::vector<contender>& out) {
    const std::size_t n = p.n();
    const int threads = p.useful_threads();
    const auto y = std::make_shared<memory>(n);
    const auto evaluate = [f, n](float* to) {
        workers::instance().split(n, 1024, [&](int, std::size_t first, std::size_t last) { f(to, first, last); });
    };
    contender c{"hand", [y, evaluate](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            evaluate(y->data());
            observe(y->data());
        }
    }};
    c.result = [y, run = c.run] {
        run(1);
        return std::vector<float>(y->data(), y->data() + y->size());
    };
    on_workers(c, threads);
    out.push_back(std::move(c));
    if (!p.fresh) return;
    const auto used = std::make_shared<std::optional<memory>>();
    contender fresh{"hand fresh", [used, evaluate, n](std::size_t) {
        used->emplace(n);
        evaluate((*used)->data());
    }};
    on_workers(fresh, threads);
    fresh.leave = [used] {
        used->reset();
        workers::instance().leave();
    };
    fresh.once = true;
    out.push_back(std::move(fresh));
}

// One cache line a thread.
template <class Value>
struct alignas(64) partial { Value value; };

/// f gives a part's value, join that of two parts, listed the results.
template <class F, class J, class L>
void add_reduction(const problem& p, F f, J join, L listed, std::vector<contender>& out) {
    using value = decltype(f(std::size_t{}, std::size_t{}));
    const int threads = p.useful_threads();
    const auto parts = std::make_shared<std::vector<partial<value>>>(static_cast<std::size_t>(threads));
    const auto total = std::make_shared<value>();
    contender c{"hand", [=, n = p.n()](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            for (partial<value>& q : *parts) q.value = {};
            workers::instance().split(n, 1024, [&](int i, std::size_t first, std::size_t last) {
                (*parts)[static_cast<std::size_t>(i)].value = f(first, last);
            });
            value s{};
            for (const partial<value>& q : *parts) s = join(s, q.value);
            *total = s;
            observe(total.get());
        }
    }};
    c.result = [=, run = c.run] {
        run(1);
        return listed(*total);
    };
    on_workers(c, threads);
    out.push_back(std::move(c));
}

template <class F>
void add_sums(const problem& p, std::size_t results, F f, std::vector<contender>& out) {
    const auto join = [](const hand::three& a, const hand::three& b) { return hand::three{a.xw + b.xw, a.xx + b.xx, a.ww + b.ww}; };
    add_reduction(p, f, join, [=](const hand::three& s) {
        std::vector<float> all{s.xw, s.xx, s.ww};
        all.resize(results);
        return all;
    }, out);
}

void add_sum_columns(const problem& p, extent size, std::vector<contender>& out) {
    const auto [rows, columns] = size;
    const auto y = std::make_shared<memory>(columns * static_cast<std::size_t>(p.threads));
    contender c{"hand", [=, m = p.x, rows = rows, columns = columns](std::size_t repetitions) {
        workers& pool = workers::instance();
        for (; repetitions > 0; --repetitions) {
            pool.split(rows, 8, [&](int i, std::size_t first, std::size_t last) {
                hand::sum_columns(y->data() + static_cast<std::size_t>(i) * columns, m + first * columns, last - first, columns);
            });
            for (int i = 1; i < pool.threads(); ++i)
                for (std::size_t j = 0; j < columns; ++j) y->data()[j] += y->data()[static_cast<std::size_t>(i) * columns + j];
            observe(y->data());
        }
    }};
    c.result = [y, run = c.run, columns = columns] {
        run(1);
        return std::vector<float>(y->data(), y->data() + columns);
    };
    on_workers(c, p.threads);
    out.push_back(std::move(c));
}

// What is cut by rows: f(y, first, last).
void add_rows(const problem& p, std::size_t results, const piece& f, std::vector<contender>& out, std::size_t rows = 0, std::size_t unit = 8) {
    const auto y = std::make_shared<memory>(results);
    contender c{"hand", [y, f, unit, rows = rows > 0 ? rows : p.size.rows](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            workers::instance().split(rows, unit, [&](int, std::size_t first, std::size_t last) { f(y->data(), first, last); });
            observe(y->data());
        }
    }};
    c.result = [y, run = c.run] {
        run(1);
        return std::vector<float>(y->data(), y->data() + y->size());
    };
    on_workers(c, p.threads);
    out.push_back(std::move(c));
}

void add_heat(const problem& p, std::vector<contender>& out) {
    struct grids {
        memory now, next;
    };
    const auto g = std::make_shared<grids>(grids{memory(p.n()), memory(p.n())});
    std::copy_n(p.x, p.n(), g->now.data());
    const auto steps = [g, size = p.size, how = p.how](std::size_t repetitions) {
        float *now = g->now.data(), *next = g->next.data();
        for (; repetitions > 0; --repetitions) {
            workers::instance().split(size.rows, 8, [&](int, std::size_t first, std::size_t last) {
                hand::heat(next, now, first, last, size.rows, size.columns, how);
            });
            std::swap(now, next);
        }
        return now;
    };
    contender c{"hand", [steps](std::size_t repetitions) { observe(steps(repetitions)); }};
    c.result = [=, x = p.x, n = p.n()] {
        std::copy_n(x, n, g->now.data());
        const float* y = steps(3);
        return std::vector<float>(y, y + n);
    };
    on_workers(c, p.threads);
    out.push_back(std::move(c));
}

// What the standard library has, on one thread: f(y) takes a copy of x in y and returns how many of y are the result.
template <class F>
void add_standard(const problem& p, F f, std::vector<contender>& out) {
    if (p.threads != 1) return;
    const auto y = std::make_shared<memory>(p.n());
    const auto step = [y, f, x = p.x, n = p.n()] {
        std::copy_n(x, n, y->data());
        return f(y->data(), n);
    };
    contender c{"hand", [y, step](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            step();
            observe(y->data());
        }
    }};
    c.result = [y, step] { return std::vector<float>(y->data(), y->data() + step()); };
    on_workers(c, 1);
    out.push_back(std::move(c));
}

}

bool has_avx512() {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq");
}

void add_hand(const problem& p, std::vector<contender>& out) {
    if (p.name == "sort") {
        return add_standard(p, [](float* y, std::size_t n) {
            std::sort(y, y + n);
            return n;
        }, out);
    }
    if (p.name == "median") {
        return add_standard(p, [](float* y, std::size_t n) {
            float* const middle = y + n / 2;
            std::nth_element(y, middle, y + n);
            y[0] = n % 2 == 1 ? *middle : (*middle + *std::max_element(y, middle)) / 2;
            return std::size_t{1};
        }, out);
    }
    if (!has_avx512()) return;
    const float *x = p.x, *w = p.w;
    const auto [rows, columns] = p.size;
    if (const piece f = elementwise(p)) return add_elementwise(p, f, out);
    if (p.name == "sum") return add_sums(p, 1, [=](std::size_t i, std::size_t e) { return hand::three{hand::sum(x + i, e - i), 0, 0}; }, out);
    if (p.name == "dot") return add_sums(p, 1, [=](std::size_t i, std::size_t e) { return hand::three{hand::dot(x + i, w + i, e - i), 0, 0}; }, out);
    if (p.name == "cosine") return add_sums(p, 3, [=](std::size_t i, std::size_t e) { return hand::cosine(x + i, w + i, e - i); }, out);
    if (p.name == "moments") {
        return add_reduction(p, [=](std::size_t i, std::size_t e) { return hand::moments(x + i, e - i); }, [](const hand::spread& a, const hand::spread& b) { return hand::join(a, b); },
                             [](const hand::spread& s) { return std::vector<float>{s.mean, s.squares / s.count}; }, out);
    }
    if (p.name == "logsumexp") {
        return add_reduction(p, [=](std::size_t i, std::size_t e) { return hand::logsumexp(x + i, e - i); }, [](const hand::exponentials& a, const hand::exponentials& b) { return hand::join(a, b); },
                             [](const hand::exponentials& s) { return std::vector<float>{s.most + std::log(s.sum)}; }, out);
    }
    if (p.name == "take_dot") {
        return add_sums(p, 1, [=, places = std::make_shared<std::vector<std::int32_t>>(scattered(p.n()))](std::size_t i, std::size_t e) {
            float lanes[16] = {};
            for (const std::int32_t* const at = places->data(); i < e; ++i) lanes[i % 16] += x[at[i]] * w[i];
            float total = 0;
            for (const float lane : lanes) total += lane;
            return hand::three{total, 0, 0};
        }, out);
    }
    if (p.name == "take_rows") {
        return add_rows(p, p.n(), [=, columns = columns, places = std::make_shared<std::vector<std::int32_t>>(scattered(rows))](float* y, std::size_t first, std::size_t last) {
            for (std::size_t r = first; r < last; ++r) std::copy_n(x + static_cast<std::size_t>((*places)[r]) * columns, columns, y + r * columns);
        }, out);
    }
    if (p.name == "colsum") return add_sum_columns(p, p.size, out);
    if (p.name == "rowsum_transposed") return add_sum_columns(p, {columns, rows}, out);
    if (p.name == "rowsum")
        return add_rows(p, rows, [x, columns = columns](float* y, std::size_t i, std::size_t e) { hand::sum_rows(y + i, x + i * columns, e - i, columns); }, out);
    if (p.name == "broadcast")
        return add_rows(p, rows * columns, [p](float* y, std::size_t i, std::size_t e) {
            const std::size_t at = i * p.size.columns;
            hand::add_row_and_column(y + at, p.x + at, p.row, p.column + i, e - i, p.size.columns, p.how);
        }, out);
    if (p.name == "mandelbrot")
        return add_rows(p, rows * columns, [p](float* y, std::size_t i, std::size_t e) {
            hand::mandelbrot(y + i * p.size.columns, p.row, p.column + i, mandelbrot_steps, e - i, p.size.columns);
        }, out);
    if (p.name == "colsum_transposed")
        return add_rows(p, columns, [x, rows = rows](float* y, std::size_t i, std::size_t e) { hand::sum_rows(y + i, x + i * rows, e - i, rows); }, out, columns);
    const auto across = [&](const piece& f) { return add_rows(p, rows * columns, f, out, rows, 64); };
    if (p.name == "transposed")
        return across([p](float* y, std::size_t i, std::size_t e) { hand::transposed(y, p.x, factor_a, i, e, p.size.rows, p.size.columns, p.how); });
    if (p.name == "plus_transposed")
        return across([p](float* y, std::size_t i, std::size_t e) { hand::plus_transposed(y, p.x, p.w, i, e, p.size.rows, p.size.columns, p.how); });
    const auto by_rows = [&](auto f) {
        return add_rows(p, rows * columns, [p, f](float* y, std::size_t i, std::size_t e) {
            const std::size_t at = i * p.size.columns;
            f(y + at, p.x + at, e - i, p.size.columns, p.how);
        }, out);
    };
    if (p.name == "softmax") return by_rows(hand::softmax);
    if (p.name == "rms_norm")
        return by_rows([](float* y, const float* m, std::size_t r, std::size_t n, stores how) { hand::rms_norm(y, m, epsilon, r, n, how); });
    if (p.name == "layer_norm")
        return by_rows([](float* y, const float* m, std::size_t r, std::size_t n, stores how) { hand::layer_norm(y, m, epsilon, r, n, how); });
    if (p.name == "z_score") return by_rows([](float* y, const float* m, std::size_t r, std::size_t n, stores how) { hand::layer_norm(y, m, 0, r, n, how); });
    if (p.name == "heat") return add_heat(p, out);
}

}
