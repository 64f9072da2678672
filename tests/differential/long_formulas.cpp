#include "support/check.hpp"

#include <sinter/detail/functions.hpp>
#include <sinter/detail/scalar_lane.hpp>

#include <random>

// Formulas of so many instructions that machine code has several vectors of them under way, each some way behind the one before: against the same formula for one
// number at a time, around each number of vectors and of turns, in rows, into their own operands, and where a rare value needs a longer way.

namespace {

namespace sn = sinter;
using sn::index_t;

constexpr index_t lengths[] = {0, 1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 95, 96, 97, 127, 128, 129, 143, 145, 191, 192, 193, 255, 256, 257, 1000, 4099};

/// Call and put: five inputs, two results. What is rounded once says so, as lanes by themselves do not contract.
constexpr auto options = [](auto s, auto k, auto t, auto r, auto v) {
    const auto share = [](auto d) { return (erf(d * 0.70710678f) + 1) * 0.5f; };
    const auto root = sqrt(t), d = fma(fma(0.5f * v, v, r), t, log(s / k)) / (v * root), discount = exp(-r * t);
    const auto call = fma(s, share(d), -(k * discount * share(fma(-v, root, d))));
    return std::tuple{call, fma(k, discount, call - s)};
};

/// Conditions, powers, and a sine that is exact for arguments of any size.
constexpr auto mixed = [](auto a, auto b, auto c, auto d, auto e) {
    const auto p = pow(a, b * 0.01f), q = fma(sin(c), tanh(d), cbrt(e));
    return std::tuple{where(a > b, p, q) / (abs(q) + 1), hypot(p, q) - atan2(q, d)};
};

template <class T>
[[nodiscard]] std::vector<T> numbers(index_t n, unsigned seed, double low, double high) {
    std::mt19937 random(seed);
    std::vector<T> v(static_cast<std::size_t>(n));
    for (T& x : v) x = static_cast<T>(low + static_cast<double>(random()) * 0x1p-32 * (high - low));
    return v;
}

template <class T>
struct operands {
    std::vector<T> s, k, t, r, v;

    explicit operands(index_t n)
        : s{numbers<T>(n, 1, 90, 110)}, k{numbers<T>(n, 2, 100, 120)}, t{numbers<T>(n, 3, 0.2, 2)}, r{numbers<T>(n, 4, 0.01, 0.05)}, v{numbers<T>(n, 5, 0.1, 0.5)} {}
};

/// One number at a time.
template <class T, class F>
[[nodiscard]] std::pair<std::vector<T>, std::vector<T>> one_by_one(const operands<T>& o, F f) {
    std::pair<std::vector<T>, std::vector<T>> to;
    for (std::size_t i = 0; i < o.s.size(); ++i) {
        const auto [x, y] = f(sn::lane<T>(o.s[i]), sn::lane<T>(o.k[i]), sn::lane<T>(o.t[i]), sn::lane<T>(o.r[i]), sn::lane<T>(o.v[i]));
        to.first.push_back(x.raw());
        to.second.push_back(y.raw());
    }
    return to;
}

template <class T, class F>
void check_formula(const operands<T>& o, F f) {
    const auto n = static_cast<index_t>(o.s.size());
    const auto [x, y] = one_by_one(o, f);
    const sn::array<T> s = sn::from(o.s), k = sn::from(o.k), t = sn::from(o.t), r = sn::from(o.r), v = sn::from(o.v);
    auto [a, b] = sn::fn(f)(s, k, t, r, v);
    const sn::array<T> first = a, second = b;
    sn::eval(first, second);
    support::check_equal(first, {n}, x);
    support::check_equal(second, {n}, y);
    // One result by itself, into an operand that nobody needs any more.
    sn::array<T> into = sn::from(o.s);
    into = std::get<0>(sn::fn(f)(into, k, t, r, v));
    support::check_equal(into, {n}, x);
}

BOOST_AUTO_TEST_SUITE(long_formulas)

BOOST_AUTO_TEST_CASE_TEMPLATE(any_length, T, decltype(std::tuple<float, double>{})) {
    for (const index_t n : lengths) {
        check_formula(operands<T>(n), options);
        check_formula(operands<T>(n), mixed);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rare_values_anywhere, T, decltype(std::tuple<float, double>{})) {
    constexpr T infinity = std::numeric_limits<T>::infinity(), least = std::numeric_limits<T>::denorm_min();
    const T rare[] = {T(0), -T(0), infinity, -infinity, std::numeric_limits<T>::quiet_NaN(), least, -least, T(1e30), T(-3e37), std::numeric_limits<T>::max(), T(1e-38)};
    for (unsigned seed = 0; seed < 20; ++seed) {
        operands<T> o(311);
        std::mt19937 random(seed);
        for (std::vector<T>* const v : {&o.s, &o.k, &o.t, &o.r, &o.v}) {
            for (int n = 0; n < 9; ++n) (*v)[random() % v->size()] = rare[random() % std::size(rare)];
        }
        BOOST_TEST_CONTEXT("seed " << seed) {
            check_formula(o, options);
            check_formula(o, mixed);
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_of_larger_arrays, T, decltype(std::tuple<float, double>{})) {
    constexpr index_t rows = 5;
    for (const index_t n : {1, 16, 47, 48, 50, 97, 130, 200, 256}) {
        const operands<T> o(rows * n);
        const auto [x, y] = one_by_one(o, options);
        const auto within = [&](const std::vector<T>& v) {
            sn::array<T> wide = sn::zeros<T>({rows, n + 3});
            wide(sn::all, sn::range(2, n + 2)) = sn::from(v, {rows, n});
            return sn::array<T>(wide(sn::all, sn::range(2, n + 2)));
        };
        const sn::array<T> s = within(o.s), k = within(o.k), t = within(o.t), r = within(o.r), v = within(o.v);
        sn::eval(s, k, t, r, v);
        auto [a, b] = sn::fn(options)(s, k, t, r, v);
        const sn::array<T> first = a, second = b;
        sn::eval(first, second);
        support::check_equal(first, {rows, n}, x);
        support::check_equal(second, {rows, n}, y);
        // The same operand in every row, and the same number along each.
        const operands<T> few(n);
        const sn::array<T> along = sn::from(few.k), down = sn::from(numbers<T>(rows, 9, 0.1, 0.5), {rows, 1});
        operands<T> all = o;
        for (index_t i = 0; i < rows * n; ++i) {
            all.k[static_cast<std::size_t>(i)] = few.k[static_cast<std::size_t>(i % n)];
            all.v[static_cast<std::size_t>(i)] = numbers<T>(rows, 9, 0.1, 0.5)[static_cast<std::size_t>(i / n)];
        }
        const sn::array<T> spread = std::get<0>(sn::fn(options)(s, along, t, r, down));
        support::check_equal(spread, {rows, n}, one_by_one(all, options).first);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
