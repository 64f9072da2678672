// Threads, memory and names around the hand-written loops.
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "hand.hpp"

namespace perf {

namespace {

using hand::stores;

// Evaluates elements [first, last) of the problem into y.
using piece = std::function<void(float*, std::size_t first, std::size_t last)>;

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
    if (p.name == "where") return [=](float* y, std::size_t i, std::size_t e) { hand::where_above(y + i, x + i, w + i, 1.0f, e - i, how); };
    if (p.name == "uniform") return [=](float* y, std::size_t i, std::size_t e) { hand::uniform(y + i, random_seed, i, e - i, how); };
    if (p.name == "normal") return [=](float* y, std::size_t i, std::size_t e) { hand::normal(y + i, random_seed, i, e - i, how); };
    if (p.name == "flip") return [=, n = p.n()](float* y, std::size_t i, std::size_t e) { hand::reversed(y, x, factor_a, i, e, n, how); };
    if (p.name == "roll") return [=, n = p.n()](float* y, std::size_t i, std::size_t e) {
        // The elements that come in at the front, and those behind them.
        const std::size_t middle = std::clamp(roll_by, i, e);
        if (i < middle) hand::copy(y + i, x + n - roll_by + i, middle - i, how);
        if (middle < e) hand::copy(y + middle, x + middle - roll_by, e - middle, how);
    };
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

// Of elements that are not float: f(y, x, z, n), the second operand as z.
template <class T, class F>
void add_typed(const problem& p, const float* second, float factor, F f, std::vector<contender>& out) {
    const std::size_t n = p.n();
    const auto x = std::make_shared<placed<T>>(as<T>(p.x, n, factor)), z = std::make_shared<placed<T>>(as<T>(second, n, factor)), y = std::make_shared<placed<T>>(n);
    contender c{"hand", [=](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            workers::instance().split(n, 1024, [&](int, std::size_t i, std::size_t e) { f(y->data() + i, x->data() + i, z->data() + i, e - i); });
            observe(y->data());
        }
    }};
    c.result = [=, run = c.run] {
        run(1);
        return std::vector<float>(y->data(), y->data() + n);
    };
    on_workers(c, p.useful_threads());
    out.push_back(std::move(c));
}

template <class T>
void add_axpy(const problem& p, T a, float factor, std::vector<contender>& out) {
    add_typed<T>(p, p.z, factor, [a, how = p.how](T* y, const T* x, const T* z, std::size_t n) { hand::axpy(y, x, z, a, n, how); }, out);
}

// What changes some elements of x where they are: f(y, first, last) with x in y. To do so again changes nothing.
void add_in_place(const problem& p, const float* x, const piece& f, std::vector<contender>& out) {
    const auto y = std::make_shared<memory>(p.n());
    if (x != nullptr) std::copy_n(x, p.n(), y->data());
    contender c{"hand", [y, f, n = p.n()](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            workers::instance().split(n, 1024, [&](int, std::size_t first, std::size_t last) { f(y->data(), first, last); });
            observe(y->data());
        }
    }};
    c.result = [y, run = c.run] {
        run(1);
        return std::vector<float>(y->data(), y->data() + y->size());
    };
    on_workers(c, p.useful_threads());
    out.push_back(std::move(c));
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

// Pieces and masks; false if the problem is none of these.
bool add_pieces(const problem& p, std::vector<contender>& out) {
    const float *x = p.x, *w = p.w, *z = p.z;
    const bool* const mask = p.mask;
    const stores how = p.how;
    const auto [rows, columns] = p.size;
    const std::size_t n = p.n();
    if (p.name == "strided") {
        add_rows(p, n / 2, [=](float* y, std::size_t i, std::size_t e) { hand::every_second(y, x, factor_a, i, e, how); }, out, n / 2, 1024);
    } else if (p.name == "concatenate") {
        add_rows(p, 2 * n, [=](float* y, std::size_t i, std::size_t e) {
            hand::copy(y + i, x + i, e - i, how);
            hand::copy(y + n + i, z + i, e - i, how);
        }, out, n, 1024);
    } else if (p.name == "stack") {
        add_rows(p, 2 * n, [=](float* y, std::size_t i, std::size_t e) { hand::interleave(y + 2 * i, x + i, z + i, e - i, how); }, out, n, 1024);
    } else if (p.name == "take_along") {
        const auto at = std::make_shared<placed<std::int32_t>>(scattered_rows(rows, columns));
        add_rows(p, n, [=, columns = columns](float* y, std::size_t i, std::size_t e) {
            hand::take_along_rows(y + i * columns, x + i * columns, at->data() + i * columns, e - i, columns, how);
        }, out);
    } else if (p.name == "pad") {
        add_rows(p, (rows + 2) * (columns + 2), [=, rows = rows, columns = columns](float* y, std::size_t i, std::size_t e) { hand::pad(y, x, i, e, rows, columns); }, out);
    } else if (p.name == "masked_write") {
        add_in_place(p, x, [=](float* y, std::size_t i, std::size_t e) { hand::write_masked(y + i, mask + i, factor_a, e - i, how); }, out);
    } else if (p.name == "put") {
        add_in_place(p, nullptr, [=, places = std::make_shared<std::vector<std::int32_t>>(scattered(n))](float* y, std::size_t i, std::size_t e) {
            for (const std::int32_t* const at = places->data(); i < e; ++i) y[at[i]] = w[i];
        }, out);
    } else if (p.name == "masked") {
        add_alone<float>(p, n + 16, [=](float* y) { return hand::masked(y, x, mask, n); }, out);
    } else if (p.name == "nonzero") {
        add_alone<std::int64_t>(p, n + 16, [=](std::int64_t* y) { return hand::places(y, mask, n); }, out);
    } else {
        return false;
    }
    return true;
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

}

bool has_avx512() {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq");
}

void add_hand(const problem& p, std::vector<contender>& out) {
    add_standard(p, out);
    if (!has_avx512()) return;
    const float *x = p.x, *w = p.w;
    const auto [rows, columns] = p.size;
    if (const piece f = elementwise(p)) return add_elementwise(p, f, out);
    if (add_pieces(p, out)) return;
    if (p.name == "axpy_f64") return add_axpy<double>(p, factor_a, 1.0f, out);
    if (p.name == "axpy_i32") return add_axpy<std::int32_t>(p, whole_a, 64.0f, out);
    if (p.name == "axpy_i8") return add_axpy<std::int8_t>(p, whole_a, 64.0f, out);
    if (p.name == "divide_i32") {
        return add_typed<std::int32_t>(p, w, 1000.0f, [how = p.how](std::int32_t* y, const std::int32_t* a, const std::int32_t* b, std::size_t n) { hand::divide(y, a, b, n, how); }, out);
    }
    if (p.name == "cast_u8") {
        return add_elementwise(p, [how = p.how, numbers = std::make_shared<placed<std::uint8_t>>(as<std::uint8_t>(x, p.n(), 1.0f))](float* y, std::size_t i, std::size_t e) {
            hand::convert(y + i, numbers->data() + i, e - i, how);
        }, out);
    }
    const auto add_count = [&](auto f) {
        add_reduction(p, f, [](std::int64_t a, std::int64_t b) { return a + b; },
                      [](std::int64_t s) { return std::vector<float>{static_cast<float>(s)}; }, out);
    };
    if (p.name == "sum_i32") {
        return add_count([numbers = std::make_shared<placed<std::int32_t>>(as<std::int32_t>(x, p.n(), 1000.0f))](std::size_t i, std::size_t e) { return hand::sum(numbers->data() + i, e - i); });
    }
    if (p.name == "count_nonzero") return add_count([mask = p.mask](std::size_t i, std::size_t e) { return hand::count(mask + i, e - i); });
    if (p.name == "histogram") {
        return add_alone<std::int64_t>(p, bins, [x, n = p.n()](std::int64_t* y) {
            hand::histogram(y, x, 0.5f, 1.5f, bins, n);
            return bins;
        }, out);
    }
    if (p.name == "bincount") {
        return add_alone<std::int64_t>(p, bins, [n = p.n(), numbers = std::make_shared<placed<std::int32_t>>(as<std::int32_t>(p.x, p.n(), 1.0f))](std::int64_t* y) {
            const auto count = static_cast<std::size_t>(hand::greatest(numbers->data(), n)) + 1;
            hand::bincount(y, numbers->data(), count, n);
            return count;
        }, out);
    }
    if (p.name == "reduce") {
        return add_reduction(p, [=](std::size_t i, std::size_t e) { return hand::magnitude(x + i, e - i); }, [](float a, float b) { return std::max(a, b); },
                             [](float m) { return std::vector<float>{m}; }, out);
    }
    if (p.name == "cumsum_rows") {
        return add_rows(p, rows * columns, [=, rows = rows, columns = columns, how = p.how](float* y, std::size_t i, std::size_t e) {
            hand::accumulate_rows(y, x, i, e, rows, columns, how);
        }, out, columns, 64);
    }
    if (const std::size_t depth = depth_of(p.name); depth > 1) {
        const auto pairs = p.name == "pairwise_products" ? hand::products_of_rows : hand::squared_distances;
        return add_rows(p, rows * columns, [p, depth, pairs](float* y, std::size_t i, std::size_t e) {
            pairs(y + i * p.size.columns, p.column + i * depth, p.row, e - i, p.size.columns, depth);
        }, out);
    }
    if (p.name == "sum") return add_sums(p, 1, [=](std::size_t i, std::size_t e) { return hand::three{hand::sum(x + i, e - i), 0, 0}; }, out);
    if (p.name == "dot") return add_sums(p, 1, [=](std::size_t i, std::size_t e) { return hand::three{hand::dot(x + i, w + i, e - i), 0, 0}; }, out);
    if (p.name == "cosine") return add_sums(p, 3, [=](std::size_t i, std::size_t e) { return hand::cosine(x + i, w + i, e - i); }, out);
    if (p.name == "moments") {
        return add_reduction(p, [=](std::size_t i, std::size_t e) { return hand::moments(x + i, e - i); }, [](const hand::spread& a, const hand::spread& b) { return hand::join(a, b); },
                             [](const hand::spread& s) { return std::vector<float>{static_cast<float>(s.mean), static_cast<float>(s.squares / s.count)}; }, out);
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
        add_rows(p, rows * columns, [p, f](float* y, std::size_t i, std::size_t e) {
            const std::size_t at = i * p.size.columns;
            f(y + at, p.x + at, e - i, p.size.columns, p.how);
        }, out);
        // As much arithmetic without memory: the first rows of a thread again and again.
        add_rows(p, rows * columns, [p, f](float* y, std::size_t i, std::size_t e) {
            constexpr std::size_t few = 4;
            const std::size_t at = i * p.size.columns;
            for (; i < e; i += few) f(y + at, p.x + at, std::min(few, e - i), p.size.columns, stores::ordinary);
        }, out);
        out.back().name = "arithmetic";
        out.back().result = nullptr;
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
