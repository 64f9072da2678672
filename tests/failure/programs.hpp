#pragma once

#include <sinter/sinter.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

// Programs that between them need every kind of kernel and every way of getting memory. Each is made with all its inputs, acts, which may fail
// anywhere, and then says whether what was there before is unchanged, and whether what it made is right.

namespace failure {

namespace sn = sinter;

/// Element i of an input is i % 13 + first: small whole numbers, so that any order of adding gives the same bits.
template <class T>
[[nodiscard]] T value(sn::index_t i, int first) {
    return static_cast<T>(i % 13 + first);
}

template <class T>
[[nodiscard]] sn::array<T> input(const sn::extents& shape, int first = 1) {
    std::vector<T> v(static_cast<std::size_t>(shape.count()));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = value<T>(static_cast<sn::index_t>(i), first);
    return sn::from(v, shape);
}

/// Whether every element is what f says of its place in row-major order.
template <class T, class F>
[[nodiscard]] bool holds(const sn::array<T>& x, const F& f) {
    const T* const p = x.data();
    for (sn::index_t i = 0; i < x.size(); ++i) {
        if (p[i] != static_cast<T>(f(i))) return false;
    }
    return true;
}

template <class T>
[[nodiscard]] bool is_input(const sn::array<T>& x, int first = 1) {
    return holds(x, [&](sn::index_t i) { return value<T>(i, first); });
}

struct elementwise {
    sn::array<float> x = input<float>({1000}), y;
    void act() {
        y = x * 2.0f + 1.0f;
        y.eval();
    }
    bool untouched() const { return is_input(x); }
    bool good() const {
        return holds(y, [](auto i) { return value<float>(i, 1) * 2 + 1; });
    }
};

struct several_statements_and_outputs {
    sn::array<float> x = input<float>({60, 20}), a, b, c;
    sn::array<float> pending = x - 3.0f;
    void act() {
        sn::array<float> u = pending * x;
        sn::array<float> p = u + pending, q = maximum(u, x), r = u - u;
        sn::eval(p, q, r);
        a = p;
        b = q;
        c = r;
    }
    bool untouched() const {
        return is_input(x) && holds(pending, [](auto i) { return value<float>(i, -2); });
    }
    bool good() const {
        return holds(a, [](auto i) { return value<float>(i, -2) * value<float>(i, 1) + value<float>(i, -2); }) &&
               holds(b, [](auto i) { return std::max(value<float>(i, -2) * value<float>(i, 1), value<float>(i, 1)); }) &&
               holds(c, [](auto) { return 0; });
    }
};

struct nine_outputs {
    sn::array<float> x = input<float>({100});
    std::array<sn::array<float>, 9> y;
    void act() {
        std::array<sn::array<float>, 9> made;
        for (std::size_t i = 0; i < 9; ++i) made[i] = x + static_cast<float>(i);
        sn::eval(made[0], made[1], made[2], made[3], made[4], made[5], made[6], made[7], made[8]);
        y = std::move(made);
    }
    bool untouched() const { return is_input(x); }
    bool good() const {
        for (int k = 0; k < 9; ++k) {
            if (!holds(y[static_cast<std::size_t>(k)], [&](auto i) { return value<float>(i, 1 + k); })) return false;
        }
        return true;
    }
};

struct reductions {
    sn::array<float> x = input<float>({26, 39});
    sn::array<float> rows, columns, largest;
    float all = 0;
    void act() {
        sn::array<float> r = sum(x * 2.0f, {.axis = 1}), c = sum(x, {.axis = 0}), m = max(x - 1.0f, {.axis = 1, .keepdims = true});
        sn::eval(r, c, m);
        const float s = sn::sum(x).item();
        rows = r;
        columns = c;
        largest = m;
        all = s;
    }
    bool untouched() const { return is_input(x); }
    bool good() const {
        return all == 26 * 3 * 91 && holds(rows, [](auto) { return 2 * 3 * 91; }) &&
               holds(columns, [](auto i) { return 26 * value<float>(i, 1); }) && holds(largest, [](auto) { return 12; });
    }
};

struct row_stages {
    sn::array<float> x = input<float>({40, 26}), pending = x + 1.0f, y, largest, columns;
    void act() {
        const sn::reduce_options o{.axis = 1, .keepdims = true}, down{.axis = 0, .keepdims = true};
        sn::array<float> m = max(pending, o), d = (m - pending) * 2.0f, scaled = d + sum(d, o);
        sn::array<float> low = min(x, down), c = (x - low) * sum(x - low, down);
        sn::eval(scaled, m, c);
        y = scaled;
        largest = m;
        columns = c;
    }
    bool untouched() const {
        return is_input(x) && holds(pending, [](auto i) { return value<float>(i, 2); });
    }
    bool good() const {
        // Each row has every number twice, each column the same all the way down.
        return holds(y, [](auto i) { return 2 * (14 - value<float>(i, 2)) + 2 * 2 * 78; }) && holds(largest, [](auto) { return 14; }) &&
               holds(columns, [](auto) { return 0; });
    }
};

struct views {
    sn::array<float> x = input<float>({40, 26}), pending = x + 1.0f, y, z;
    void act() {
        sn::array<float> a = x(sn::range(1, 39, 2), sn::all) * 3.0f;
        sn::array<float> b = pending(sn::range(1, 39, 2), sn::range(25, 0, -1)).eval();
        a.eval();
        y = a;
        z = b;
    }
    bool untouched() const {
        return is_input(x) && holds(pending, [](auto i) { return value<float>(i, 2); });
    }
    bool good() const {
        return holds(y, [](auto i) { return 3 * value<float>((1 + 2 * (i / 26)) * 26 + i % 26, 1); }) &&
               holds(z, [](auto i) { return value<float>((1 + 2 * (i / 25)) * 26 + 25 - i % 25, 2); });
    }
};

struct updates {
    sn::array<float> x = input<float>({30, 13}), copy = x, pending = x * 2.0f;
    void act() {
        sn::array<float> y = x;
        y(sn::range(2, 20), sn::range(1, 5)) = pending(sn::range(3, 21), sn::range(2, 6)) + 1.0f;
        y(0, sn::all) = -1.0f;
        y(sn::range(21, 30), sn::all) += y(sn::range(20, 29), sn::all);
        y.eval();
        y.at(5, 12) = 99.0f;
        x = y;
    }
    bool untouched() const {
        return is_input(copy) && holds(pending, [](auto i) { return 2 * value<float>(i, 1); }) && (is_input(x) || good());
    }
    bool good() const {
        return holds(x, [](auto i) -> float {
            const auto r = i / 13, c = i % 13;
            if (r == 0) return -1;
            if (r == 5 && c == 12) return 99;
            if (r >= 2 && r < 20 && c >= 1 && c < 5) return static_cast<float>(2 * (c + 2) + 1);
            return static_cast<float>(r > 20 ? 2 * (c + 1) : c + 1);
        });
    }
};

/// Writes go to the user's memory, one statement after the other: each is carried out or is not.
struct borrowed_memory {
    std::vector<float> mine = [] {
        std::vector<float> v(2000);
        for (std::size_t i = 0; i < v.size(); ++i) v[i] = value<float>(static_cast<sn::index_t>(i), 1);
        return v;
    }();
    std::vector<float> before = mine;
    sn::array<float> x = sn::borrow(mine.data(), {1000}, {2});
    sn::array<float> reader = x, pending = x + 1.0f;
    int step = 0;
    void act() {
        if (step == 0) {
            x(sn::range(10, 20)) = x(sn::range(15, 25)) * 2.0f;
            step = 1;
        }
        if (step == 1) {
            x += 1.0f;
            step = 2;
        }
        if (step == 2) {
            x.at(5) = 100.0f;
            step = 3;
        }
    }
    bool untouched() const {
        if (!holds(reader, [&](auto i) { return before[static_cast<std::size_t>(2 * i)]; })) return false;
        if (!holds(pending, [&](auto i) { return before[static_cast<std::size_t>(2 * i)] + 1; })) return false;
        return as_after(step);
    }
    bool good() const { return step == 3 && as_after(3); }
    bool as_after(int steps) const {
        for (std::size_t i = 0; i < mine.size(); ++i) {
            float wanted = before[i];
            const std::size_t k = i / 2;
            if (i % 2 == 0 && steps > 0 && k >= 10 && k < 20) wanted = before[2 * (k + 5)] * 2;
            if (i % 2 == 0 && steps > 1) wanted += 1;
            if (steps > 2 && i == 10) wanted = 100;
            if (mine[i] != wanted) return false;
        }
        return true;
    }
};

struct into_user_memory {
    sn::array<float> x = input<float>({500}), y = x + 1.0f;
    std::vector<float> out = std::vector<float>(500), overlapping = out;
    void act() {
        sn::eval(sn::to(out, y), sn::array<float>(y * 2.0f));
        const sn::array<float> looking = sn::borrow(static_cast<const float*>(overlapping.data()), {500});
        std::fill(overlapping.begin(), overlapping.end(), 0.0f);
        overlapping[3] = 7;
        sn::array<float> z = looking(sn::range(499, {}, -1)) + 1.0f;
        sn::eval(sn::to(overlapping, z));
    }
    bool untouched() const {
        return is_input(x) && holds(y, [](auto i) { return value<float>(i, 2); });
    }
    bool good() const {
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (out[i] != value<float>(static_cast<sn::index_t>(i), 2)) return false;
        }
        return overlapping[496] == 8;
    }
};

struct broadcast_and_transposed {
    sn::array<float> x = input<float>({130, 65}), row = input<float>({65}), column = input<float>({130, 1}), y, z;
    void act() {
        sn::array<float> a = x * row + column, b = x.transpose() * 2.0f + a.transpose();
        sn::eval(a, b);
        y = a;
        z = b;
    }
    bool untouched() const { return is_input(x) && is_input(row) && is_input(column); }
    bool good() const {
        const auto a = [](auto r, auto c) { return value<float>(r * 65 + c, 1) * value<float>(c, 1) + value<float>(r, 1); };
        return holds(y, [&](auto i) { return a(i / 65, i % 65); }) &&
               holds(z, [&](auto i) { return 2 * value<float>(i % 130 * 65 + i / 130, 1) + a(i % 130, i / 130); });
    }
};

/// A function that has never been recorded before, and then with another number.
struct functions {
    sn::array<float> x = input<float>({300}), y, p, q;
    unsigned pattern = next_pattern();
    static unsigned next_pattern() {
        static unsigned last = 0;
        return ++last;
    }
    /// One of 2048 structures.
    template <class V>
    static V steps(V v, unsigned pattern, float k) {
        for (unsigned bit = 0; bit < 11; ++bit) v = (pattern >> bit & 1U) != 0 ? v + k : v - k;
        return v;
    }
    sn::array<float> with(float k) const {
        return sn::fn([pattern = pattern, k](auto v) { return steps(v, pattern, k); })(x);
    }
    void act() {
        sn::array<float> first = with(2.0f), a = with(3.0f);
        auto [b, c] = sn::fn([](auto v, auto w) { return std::tuple{v + w, v - w}; })(x, a);
        sn::eval(a, b, c);
        y = a + (first - first);
        p = b;
        q = c;
    }
    bool untouched() const { return is_input(x); }
    bool good() const {
        const auto f = [&](auto i) { return steps(value<float>(i, 1), pattern, 3.0f); };
        return holds(y, f) && holds(p, [&](auto i) { return value<float>(i, 1) + f(i); }) &&
               holds(q, [&](auto i) { return value<float>(i, 1) - f(i); });
    }
};

struct loops {
    sn::array<float> x = input<float>({700}), u;
    sn::array<std::int32_t> n;
    void act() {
        const auto f = sn::fn([limit = 5](auto v) {
            auto [w, turns] = sn::loop(limit, std::tuple{v * 2.0f, 0}, [](auto p, auto) { return p < 20.0f; }, [&](auto p, auto k) { return std::tuple{p + v, k + 1}; });
            return std::tuple{w + 1.0f, turns};
        });
        auto [w, turns] = f(x);
        sn::eval(w, turns);
        u = w;
        n = turns;
    }
    [[nodiscard]] static int turns(sn::index_t i) {
        int k = 0;
        while (k < 5 && value<int>(i, 1) * (2 + k) < 20) ++k;
        return k;
    }
    bool untouched() const { return is_input(x); }
    bool good() const {
        return holds(n, [](auto i) { return turns(i); }) && holds(u, [](auto i) { return value<int>(i, 1) * (2 + turns(i)) + 1; });
    }
};

struct checked_division {
    sn::array<std::int32_t> x = input<std::int32_t>({700}), y = input<std::int32_t>({700}, 3), z;
    sn::array<std::int32_t> zeros = y - 3;
    bool refused = false;
    void act() {
        sn::array<std::int32_t> q = x / y - y;
        q.eval();
        refused = false;
        try {
            sn::array<std::int32_t> never = x / zeros;
            never.eval();
        } catch (const sn::value_error&) {
            refused = true;
        }
        z = q;
    }
    bool untouched() const { return is_input(x) && is_input(y, 3); }
    bool good() const {
        return refused && holds(z, [](auto i) {
                   const auto a = value<std::int32_t>(i, 1), b = value<std::int32_t>(i, 3);
                   return a / b - b;
               });
    }
};

struct mixed_types {
    sn::array<std::int8_t> a = input<std::int8_t>({333});
    sn::array<double> b = input<double>({333});
    sn::array<bool> c;
    sn::array<double> d;
    std::int64_t total = 0;
    void act() {
        sn::array<double> m = sn::cast<double>(a) * b;
        sn::array<bool> n = (m > 30.0) & (a != std::int8_t{7});
        const std::int64_t s = sn::sum(a).item();
        sn::eval(m, n);
        c = n;
        d = m;
        total = s;
    }
    bool untouched() const { return is_input(a) && is_input(b); }
    bool good() const {
        std::int64_t s = 0;
        for (sn::index_t i = 0; i < 333; ++i) s += value<int>(i, 1);
        const auto m = [](auto i) { return value<double>(i, 1) * value<double>(i, 1); };
        return total == s && holds(d, m) && holds(c, [&](auto i) { return m(i) > 30 && value<int>(i, 1) != 7; });
    }
};

/// Several kernels, the first of which writes over a value that dies in it; what it was is still needed if a later one fails.
struct dying_inputs {
    std::array<sn::array<float>, 6> more;
    sn::array<float> y;
    dying_inputs() {
        for (std::size_t k = 0; k < more.size(); ++k) more[k] = input<float>({64, 512}, static_cast<int>(k));
        // Memory that only the pending statements refer to.
        sn::array<float> first = input<float>({64, 512}, 2);
        const sn::array<float> t = std::move(first) * 3.0f;
        const sn::array<float> u = t - sum(t, {.axis = 1, .keepdims = true});
        y = u + sum(u, {.axis = 0}) + t + more[0] + more[1] + more[2] + more[3] + more[4] + more[5];
    }
    void act() { y.eval(); }
    bool untouched() const {
        for (std::size_t k = 0; k < more.size(); ++k) {
            if (!is_input(more[k], static_cast<int>(k))) return false;
        }
        return y.is_pending();
    }
    bool good() const {
        std::vector<float> rows(64), columns(512);
        const auto t = [](std::size_t i) { return value<float>(static_cast<sn::index_t>(i), 2) * 3; };
        for (std::size_t i = 0; i < 64 * 512; ++i) rows[i / 512] += t(i);
        for (std::size_t i = 0; i < 64 * 512; ++i) columns[i % 512] += t(i) - rows[i / 512];
        return holds(y, [&](auto i) {
            const auto k = static_cast<std::size_t>(i);
            return t(k) - rows[k / 512] + columns[k % 512] + t(k) + 6 * value<float>(i, 0) + 15;
        });
    }
};

/// Moved all the way: the statement's memory is its dying operand's, and goes on being so at each step.
struct in_place {
    sn::array<float> x = sn::array<float>(input<float>({4000}) + 0.0f).eval();
    int steps = 0;
    void act() {
        while (steps < 3) {
            x = std::move(x) * 2.0f - 1.0f;
            ++steps;
            x.eval();
        }
    }
    bool untouched() const {
        return holds(x, [&](auto i) { return value<float>(i, 0) * static_cast<float>(1 << steps) + 1; });
    }
    bool good() const { return steps == 3 && untouched(); }
};

/// On two threads, past the caches.
struct large {
    static constexpr sn::index_t n = 1 << 20;
    sn::array<float> x = input<float>({n}), y;
    float total = 0;
    void act() {
        const sn::scoped_options two{.threads = 2};
        sn::array<float> a = x * 2.0f + 1.0f;
        a.eval();
        const float s = sn::sum(minimum(x, 1.0f)).item();
        y = a;
        total = s;
    }
    bool untouched() const { return is_input(x); }
    bool good() const {
        return total == n && holds(y, [](auto i) { return value<float>(i, 1) * 2 + 1; });
    }
};

/// One statement with more operands than fit a thread's stack, and more live values than the portable backend keeps there.
struct many_operands {
    std::vector<sn::array<float>> x = [] {
        std::vector<sn::array<float>> list;
        for (int i = 0; i < 30; ++i) list.push_back(input<float>({4, 900}, i));
        return list;
    }();
    sn::array<float> y;
    void act() {
        const auto add = [](auto... v) { return (v + ...); };
        const auto slice = [&](std::size_t i) { return x[i](sn::all, sn::range(0, 899)); };
        sn::array<float> a = [&]<std::size_t... I>(std::index_sequence<I...>) { return sn::fn(add)(slice(I)...); }(std::make_index_sequence<30>{});
        a.eval();
        y = a;
    }
    bool untouched() const {
        for (int i = 0; i < 30; ++i) {
            if (!is_input(x[static_cast<std::size_t>(i)], i)) return false;
        }
        return true;
    }
    bool good() const {
        return holds(y, [](auto i) { return 30 * value<float>(i / 899 * 900 + i % 899, 0) + 29 * 15; });
    }
};

struct making_and_reading {
    sn::array<float> x = input<float>({5, 4}), kept = x.transpose();
    std::string text;
    std::vector<float> list;
    bool explained = false;
    void act() {
        const sn::array<float> lists{{1, 2}, {3, 4}}, line = sn::linspace(0.0f, 1.0f, 5), unit = sn::eye<float>(3), filled = sn::full<float>({3}, 2.0f);
        std::vector<float> v = sn::array<float>(kept + 1.0f).to_vector();
        std::vector<float> w = kept.to_vector();
        const sn::array<float> flat = kept.reshape({-1}), y = flat + sn::from(w);
        const sn::plan_report report = sn::explain(y, filled);
        const sn::runtime_info info = sn::about();
        static_cast<void>(sn::kernel_cache().stats());
        const bool same = sn::array_equal(flat, sn::from(w)) && sn::allclose(lists, lists);
        text = sinter::detail::to_text(*kept.reading());
        list = std::move(v);
        explained = same && !report.kernels.empty() && info.threads > 0 && filled(1) == 2.0f && unit(1, 1) == 1.0f && line(4) == 1.0f;
    }
    bool untouched() const { return is_input(x); }
    bool good() const { return explained && list[1] == x(1, 0) + 1 && text.size() > 40; }
};

/// Nobody asks for the values on the way: they are computed when the chain has become long, and it is no matter if that fails.
struct a_long_chain {
    sn::array<float> x = input<float>({300}), y;
    void act() {
        sn::array<float> a = x;
        for (int i = 0; i < 700; ++i) a = a + 1.0f;
        a.eval();
        y = a;
    }
    bool untouched() const { return is_input(x); }
    bool good() const {
        return holds(y, [](auto i) { return value<float>(i, 1) + 700; });
    }
};
}  // namespace failure
