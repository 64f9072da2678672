#include "support/check.hpp"

#include <sinter/fixed.hpp>

#include <cmath>
#include <tuple>

namespace {

namespace sn = sinter;
using support::check;
using support::check_ints;

BOOST_AUTO_TEST_SUITE(functions)

BOOST_AUTO_TEST_CASE(one_result) {
    const sn::array<float> x{-1, 0, 2};
    const auto relu = sn::fn([](auto v) { return select(v > 0.0f, v, 0.0f); });
    check(relu(x), {3}, {0, 0, 2});
    const auto poly = sn::fn([](auto u, auto v) { return u * u - 2.0f * v; });
    check(poly(x, sn::array<float>{1, 2, 3}), {3}, {-1, -4, -2});
}

BOOST_AUTO_TEST_CASE(small_functions) {
    const float inf = std::numeric_limits<float>::infinity();
    const sn::array<float> x{-2.5f, -0.4f, 0.0f, 0.49999997f, 0.5f, 8388609.0f};
    check(sn::round(x), {6}, {-3, -0.0f, 0, 0, 1, 8388609});
    check(sn::sign(x), {6}, {-1, -1, 0, 1, 1, 1});
    check(sn::clip(x, -1.0f, 1.0f), {6}, {-1, -0.4f, 0, 0.49999997f, 0.5f, 1});
    check(sn::square(sn::array<float>{-3, 2}), {2}, {9, 4});
    check(sn::reciprocal(sn::array<float>{4, 0}), {2}, {0.25f, inf});
    check(sn::rsqrt(sn::array<float>{4, 0, inf, 1e-40f}), {4}, {0.5f, inf, 0, static_cast<float>(1 / std::sqrt(static_cast<double>(1e-40f)))});
    check_ints(sn::sign(sn::array<std::int32_t>{-7, 0, 3}), {3}, {-1, 0, 1});
    check_ints(sn::sign(sn::array<std::uint8_t>{0, 255}), {2}, {0, 1});
    check_ints(sn::clip(sn::array<std::int32_t>{-7, 0, 3}, -1, 2), {3}, {-1, 0, 2});
    const sn::array<float> odd{std::nanf(""), inf, 1};
    check_ints(sn::isnan(odd), {3}, {1, 0, 0});
    check_ints(sn::isinf(odd), {3}, {0, 1, 0});
    check_ints(sn::isfinite(odd), {3}, {0, 0, 1});
    check_ints(sn::isfinite(sn::array<std::int32_t>{1, 2}), {2}, {1, 1});
    check(sn::fmin(odd, 0.5f), {3}, {0.5f, 0.5f, 0.5f});
    check(sn::fmax(odd, 2.0f), {3}, {2, inf, 2});
}

// A vector with one angle that needs the long reduction, at every place; in maps, in reductions, beside values that stay in registers meanwhile.
BOOST_AUTO_TEST_CASE(rare_elements) {
    for (const sn::index_t n : {1, 7, 16, 37, 300}) {
        for (sn::index_t at = 0; at < n; at += n < 40 ? 1 : 41) {
            std::vector<float> v(static_cast<std::size_t>(n));
            for (sn::index_t i = 0; i < n; ++i) v[static_cast<std::size_t>(i)] = 0.25f * static_cast<float>(i);
            v[static_cast<std::size_t>(at)] = 1e30f;
            const sn::array<float> x = sn::from(v);
            const sn::array<float> y = sn::sin(x) * 2.0f + sn::cos(x) * sn::tan(x + 1.0f) - x * 1e-30f;
            const sn::array<double> total = sn::sum(sn::sin(sn::cast<double>(x)));
            const sn::array<float> s = sn::sin(x), c = sn::cos(x), t = sn::tan(x + 1.0f);
            const sn::array<double> wide = sn::sin(sn::cast<double>(x));
            sn::eval(y, total);
            s.eval();
            c.eval();
            t.eval();
            wide.eval();
            const sn::array<float> sum = s * 2.0f + c * t - x * 1e-30f;
            BOOST_TEST(sn::array_equal(y, sum));
            BOOST_TEST(total.item() == sn::sum(wide).item());
            BOOST_TEST(std::fabs(static_cast<double>(s(at).item()) - std::sin(static_cast<double>(1e30f))) < 1e-7);
        }
    }
}

BOOST_AUTO_TEST_CASE(norms_and_counts) {
    const sn::array<float> m{{3, 4}, {0, -12}};
    check(sn::norm(m, {.axis = 1}), {2}, {5, 12});
    check(sn::array<float>(sn::norm(m)), {}, {13});
    BOOST_TEST(sn::norm(sn::array<std::int32_t>{3, 4}).item() == 5.0);
    BOOST_TEST(sn::count_nonzero(m).item() == 3);
    check_ints(sn::count_nonzero(m, {.axis = 0}), {2}, {1, 2});
    BOOST_TEST(sn::norm(sn::array<float>{}).item() == 0.0f);
}

BOOST_AUTO_TEST_CASE(several_results) {
    const sn::array<float> s{10, 20};
    const sn::array<float> k{8, 25};
    auto [call, put] = sn::fn([](auto a, auto b) { return std::tuple{maximum(a - b, 0.0f), maximum(b - a, 0.0f)}; })(s, k);
    check(call, {2}, {2, 0});
    check(put, {2}, {0, 5});
    auto [low, middle, high] = sn::fn([](auto v) { return std::tuple{v - 1.0f, v, v + 1.0f}; })(s);
    sn::eval(low, high);
    check(low, {2}, {9, 19});
    check(middle, {2}, {10, 20});
    check(high, {2}, {11, 21});
    auto [first, second] = sn::fn([](auto v) { return std::pair{v * 2.0f, v < 15.0f}; })(s);
    check(first, {2}, {20, 40});
    static_assert(std::same_as<decltype(second)::value_type, bool>);
    check_ints(second, {2}, {1, 0});
}

BOOST_AUTO_TEST_CASE(arguments_broadcast_and_may_be_numbers) {
    const auto axpy = sn::fn([](auto a, auto x, auto y) { return a * x + y; });
    const sn::array<float> x{1, 2, 3};
    const sn::array<float> column{{10}, {20}};
    check(axpy(2.0f, x, column), {2, 3}, {12, 14, 16, 22, 24, 26});
    check(axpy(x, x, 1.0f), {3}, {2, 5, 10});
    check(axpy(x + 1.0f, x(sn::range({}, {}, -1)), 0.0f), {3}, {6, 6, 4});
}

BOOST_AUTO_TEST_CASE(numbers_take_the_type_of_the_arrays) {
    const sn::array<float> x{1, 2};
    const auto product = sn::fn([](auto v, auto k) { return v * k; });
    const sn::array<float> y = product(x, 2.0), z = product(x, 3);
    BOOST_TEST(y.to_vector() == (std::vector<float>{2, 4}));
    BOOST_TEST(z.to_vector() == (std::vector<float>{3, 6}));
    // Beside integers it is for the function to say what becomes of it.
    const sn::array<double> halves = sn::fn([](auto v, auto k) { return sn::cast<double>(v) * k; })(sn::array<int>{1, 3}, 0.5);
    BOOST_TEST(halves.to_vector() == (std::vector<double>{0.5, 1.5}));
}

BOOST_AUTO_TEST_CASE(values_changed_in_place) {
    const auto f = sn::fn([](auto v) {
        auto r = v;
        r += 1.0f;
        r *= v;
        r -= v * 2.0f;
        r /= 4.0f;
        return r;
    });
    const sn::array<float> x{1, 2, 3, 4};
    BOOST_TEST(sn::array<float>(f(x)).to_vector() == (std::vector<float>{0, 0.5f, 1.5f, 3}));
    const sn::array<float, 4> fixed{1, 2, 3, 4}, y = f(fixed);
    BOOST_TEST(y(3) == 3.0f);
}

BOOST_AUTO_TEST_CASE(captured_numbers_are_parameters) {
    const sn::array<float> x{1, 2, 3};
    const auto scaled = [&](float factor, float offset) { return sn::fn([=](auto v) { return v * factor + offset; })(x).eval(); };
    check(scaled(2, 1), {3}, {3, 5, 7});
    check(scaled(3, 1), {3}, {4, 7, 10});
    check(scaled(5, 0), {3}, {5, 10, 15});
    check(scaled(5, 9), {3}, {14, 19, 24});
    const std::size_t made = sn::kernel_cache().stats().misses;
    for (int i = 0; i < 50; ++i) {
        const float f = static_cast<float>(i);
        check(scaled(f, -f), {3}, {0, f, 2 * f});
    }
    BOOST_TEST(sn::kernel_cache().stats().misses == made);
}

BOOST_AUTO_TEST_CASE(captures_that_are_equal_now_and_then) {
    const sn::array<float> x{1, 2};
    const auto both = [&](float a, float b) { return sn::fn([=](auto v) { return v * a + v * v * b; })(x).eval(); };
    check(both(1, 1), {2}, {2, 6});
    check(both(2, 2), {2}, {4, 12});
    check(both(2, 3), {2}, {5, 16});
    check(both(0, 1), {2}, {1, 4});
    check(both(1, 0), {2}, {1, 2});
}

BOOST_AUTO_TEST_CASE(two_calls_pending_with_different_captures) {
    const sn::array<float> x{1, 2};
    const auto shifted = [&](float by) -> sn::array<float> { return sn::fn([by](auto v) { return v + by; })(x); };
    const sn::array<float> a = shifted(10);
    const sn::array<float> b = shifted(20);
    const sn::array<float> c = shifted(30);
    sn::eval(c, a, b);
    check(a, {2}, {11, 12});
    check(b, {2}, {21, 22});
    check(c, {2}, {31, 32});
}

BOOST_AUTO_TEST_CASE(functions_inside_functions) {
    const auto square_it = sn::fn([](auto v) { return v * v; });
    const auto outer = sn::fn([=](auto v) { return square_it(v) + 1.0f; });
    check(outer(sn::array<float>{1, 2, 3}), {3}, {2, 5, 10});
}

BOOST_AUTO_TEST_CASE(other_types_and_casts) {
    const sn::array<std::uint8_t> pixels{0, 128, 255};
    const auto to_unit = sn::fn([](auto p) { return sn::cast<float>(p) / 255.0f; });
    static_assert(std::same_as<std::remove_cvref_t<decltype(to_unit(pixels))>::value_type, float>);
    check(to_unit(pixels), {3}, {0, 128.0f / 255.0f, 1});
    const auto to_byte = sn::fn([](auto v) { return sn::cast<std::uint8_t>(v * 255.0f + 0.5f); });
    check_ints(to_byte(sn::array<float>{0, 0.5f, 1}), {3}, {0, 128, 255});
    const auto count = sn::fn([](auto i) { return i + std::int32_t{1}; });
    check_ints(count(sn::array<std::int32_t>{1, 2}), {2}, {2, 3});
    const auto inside = sn::fn([](auto v) { return (v > 0.0f) & (v < 1.0f); });
    check_ints(inside(sn::array<float>{-1, 0.5f, 2}), {3}, {0, 1, 0});
}

BOOST_AUTO_TEST_CASE(library_functions_inside) {
    const sn::array<float> x{0.25f, 1, 4};
    const auto f = sn::fn([](auto v) { return sqrt(v) + abs(-v) + minimum(v, 1.0f) + exp(v * 0.0f) + fma(v, 2.0f, 1.0f); });
    check(f(x), {3}, {0.5f + 0.25f + 0.25f + 1 + 1.5f, 1 + 1 + 1 + 1 + 3, 2 + 4 + 1 + 1 + 9});
    const auto g = sn::fn([](auto v) { return tanh(v) + log(v) + pow(v, 2.0f); });
    const sn::array<float> direct = sn::tanh(x) + sn::log(x) + sn::pow(x, 2.0f);
    BOOST_TEST(sn::array_equal(g(x), direct));
}

BOOST_AUTO_TEST_CASE(contraction_within_a_lambda) {
    const float x = 1.0f + 0x1p-12f;
    const auto f = sn::fn([](auto a, auto b) { return a * b - 1.0f; });
    BOOST_TEST(f(sn::array<float>{x}, sn::array<float>{x}).item() == std::fma(x, x, -1.0f));
    const auto g = sn::fn([](auto a, auto b) {
        const auto p = a * b;
        return std::tuple{p - 1.0f, p};
    });
    auto [difference, product] = g(sn::array<float>{x}, sn::array<float>{x});
    const float rounded = x * x;
    BOOST_TEST(difference.item() == std::fma(x, x, -1.0f));
    BOOST_TEST(product.item() == rounded);
}

BOOST_AUTO_TEST_CASE(recorded_without_computing) {
    const sn::array<float> x{1, 2};
    const auto f = sn::fn([](auto v) { return v + 1.0f; });
    const sn::array<float> y = f(x);
    BOOST_TEST(y.is_pending());
    check(y, {2}, {2, 3});
}

// As the interface spells it.
const auto escape = sn::fn([](auto cx, auto cy) {
    auto [x, y, n] = sn::loop(100, std::tuple{0.0f, 0.0f, std::int32_t{0}},
        [](auto p, auto q, auto) { return p * p + q * q <= 4.0f; },
        [&](auto p, auto q, auto k) { return std::tuple{p * p - q * q + cx, 2.0f * p * q + cy, k + 1}; });
    return n;
});

BOOST_AUTO_TEST_CASE(mandelbrot) {
    const sn::array<float> x{-2.0f, -1.0f, 0.0f, 0.3f, 1.0f}, y = sn::array<float>{0.0f, 1.0f}(sn::all, sn::newaxis);
    const sn::array<std::int32_t> n = escape(x, y);
    BOOST_TEST(n.is_pending());
    check_ints(n, {2, 5}, {100, 100, 100, 12, 3, 1, 3, 100, 3, 2});
    const sn::plan_report plan = sn::explain(escape(x, y));
    BOOST_TEST(plan.kernels.size() == 1U);
    BOOST_TEST(plan.kernels[0].kind == "loop");
    check_ints(escape(x, 0.5f), {5}, {1, 5, 100, 100, 2});
}

BOOST_AUTO_TEST_CASE(newtons_method) {
    // Kepler's equation, m = e - c sin(e): at most a few turns each, and as near as doubles are.
    const auto anomaly = [](double c) {
        return sn::fn([=](auto m) {
            auto [e, change] = sn::loop(50, std::tuple{m + c * sin(m), m * 0.0 + 1.0}, [](auto, auto d) { return abs(d) > 1e-14; },
                [&](auto at, auto) {
                    auto by = (at - c * sin(at) - m) / (1.0 - c * cos(at));
                    return std::tuple{at - by, by};
                });
            return e;
        });
    };
    const sn::array<double> m = sn::linspace<double>(0.0, 6.2, 99);
    for (const double c : {0.0, 0.2, 0.7}) {
        const sn::array<double> e = anomaly(c)(m);
        BOOST_TEST(sn::max(abs(e - c * sin(e) - m)).item() < 4e-15);
    }
}

BOOST_AUTO_TEST_CASE(captured_numbers_in_loops) {
    const sn::array<float> x{1, 2, 3, 40};
    const auto grown = [&](int limit, float by, float below) -> sn::array<float> {
        return sn::fn([=](auto v) {
            auto [u] = sn::loop(limit, std::tuple{v}, [=](auto now) { return now < below; }, [=](auto now) { return std::tuple{now + by}; });
            return u;
        })(x).eval();
    };
    check(grown(3, 2.0f, 7.0f), {4}, {7, 8, 7, 40});
    check(grown(2, 5.0f, 9.0f), {4}, {11, 12, 13, 40});
    const auto made = sn::kernel_cache().stats().kernels;
    check(grown(0, 3.0f, 9.0f), {4}, {1, 2, 3, 40});
    check(grown(-7, 3.0f, 9.0f), {4}, {1, 2, 3, 40});
    check(grown(1, 1.0f, 3.0f), {4}, {2, 3, 3, 40});
    check(grown(100, 1.0f, -1.0f), {4}, {1, 2, 3, 40});
    BOOST_TEST(sn::kernel_cache().stats().kernels == made);
}

BOOST_AUTO_TEST_CASE(states_of_several_types) {
    // Numbers of Fibonacci: all states begin as numbers.
    const auto fibonacci = sn::fn([](auto n) {
        auto [a, b, i] = sn::loop(90, std::tuple{std::uint64_t{0}, std::uint64_t{1}, 0}, [&](auto, auto, auto k) { return k < n; },
                                  [](auto p, auto q, auto k) { return std::tuple{q, p + q, k + 1}; });
        return a;
    });
    const sn::array<std::int32_t> n{0, 1, 2, 10, 90, 200};
    const sn::array<std::uint64_t> f = fibonacci(n);
    check_ints(f(sn::range(0, 4)), {4}, {0, 1, 1, 55});
    BOOST_TEST(std::uint64_t{f(4)} == 2880067194370816120U);
    BOOST_TEST(std::uint64_t{f(5)} == 2880067194370816120U);
    // The state takes the type that step returns: an int becomes a double.
    const auto widened = sn::fn([](auto v) {
        auto [s, flag] = sn::loop(4, std::tuple{0, v < 2.0}, [](auto p, auto) { return p < 3.0; }, [&](auto p, auto q) { return std::pair{p + v, !q}; });
        return std::tuple{s, flag};
    });
    auto [s, flag] = widened(sn::array<double>{0.5, 1.0, 2.5});
    static_assert(std::is_same_v<decltype(s), sn::array<double>> && std::is_same_v<decltype(flag), sn::array<bool>>);
    check(sn::array<float>(sn::cast<float>(s)), {3}, {2, 3, 5});
    check_ints(flag, {3}, {1, 0, 0});
}

BOOST_AUTO_TEST_CASE(loops_among_other_statements) {
    const sn::array<float> x{{1, 2}, {3, 0.1f}};
    const auto simple = sn::fn([](auto v) {
        auto start = v * 8.0f;
        auto [u, n] = sn::loop(10, std::tuple{start, 0}, [](auto p, auto) { return p > 1.0f; }, [](auto p, auto k) { return std::tuple{p * 0.5f, k + 1}; });
        auto [w] = sn::loop(2, std::tuple{u}, [](auto) { return true; }, [&](auto p) { return std::tuple{p + start}; });
        return std::tuple{u + 1.0f, n, w};
    });
    auto [u, n, w] = simple(x + 0.0f);
    check(sn::array<float>(u(sn::range({}, {}, -1), 0)), {2}, {1.75f, 2});
    check(sn::sum(w * 2.0f), {}, {2 * (1 + 16 + 1 + 32 + 0.75f + 48 + 0.8f + 1.6f)});
    check_ints(n.transpose(), {2, 2}, {3, 5, 4, 0});
    // An array that dies is written over; one that is kept is not.
    sn::array<float> y = sn::array<float>(x + 1.0f).eval();
    const sn::array<float> kept = x;
    y = std::get<0>(simple(y));
    check(y, {2, 2}, {2, 1.75f, 2, 9.8f * 0 + 1.55f});
    check(kept, {2, 2}, {1, 2, 3, 0.1f});
}

BOOST_AUTO_TEST_CASE(what_loops_refuse) {
    const sn::array<std::int32_t> x{4, 6, 9};
    const auto divides = sn::fn([](auto a, auto b) {
        auto [u, v] = sn::loop(20, std::tuple{a, b}, [](auto, auto q) { return q != 0; }, [](auto p, auto q) { return std::tuple{q, p % q}; });
        return u;
    });
    BOOST_CHECK_EXCEPTION(divides(x, x), sn::value_error, [](const sn::value_error& e) { return std::string(e.what()).find(": an integer is divided by a value that changes in the loop, which cannot be known to be other than ") != std::string::npos; });
    const auto within = sn::fn([](auto a) {
        auto [u] = sn::loop(2, std::tuple{a}, [](auto p) { return p < 9; },
            [](auto p) { return sn::loop(2, std::tuple{p}, [](auto q) { return q < 5; }, [](auto q) { return std::tuple{q + 1}; }); });
        return u;
    });
    BOOST_CHECK_EXCEPTION(within(x), sn::value_error, [](const sn::value_error& e) { return std::string(e.what()).find("loop: a loop within a loop is not supported") != std::string::npos; });
    const auto leaks = sn::fn([](auto a) {
        auto out = a;
        auto [u] = sn::loop(2, std::tuple{a}, [](auto p) { return p < 9; }, [&](auto p) {
            out = p;
            return std::tuple{p + 1};
        });
        return out + u;
    });
    BOOST_CHECK_EXCEPTION(leaks(x), sn::value_error, [](const sn::value_error& e) { return std::string(e.what()).find("loop: a value of the body is used outside of it: the states after the loop are what loop returns") != std::string::npos; });
    // A divisor that the turns have in common is looked at before anything is stored.
    const auto by = [](const sn::array<std::int32_t>& a, const sn::array<std::int32_t>& b) -> sn::array<std::int32_t> {
        return sn::fn([](auto p, auto q) {
            auto [u] = sn::loop(2, std::tuple{p}, [](auto r) { return r > 1; }, [&](auto r) { return std::tuple{r / q}; });
            return u;
        })(a, b);
    };
    check_ints(by(x, {2, 2, 3}), {3}, {1, 1, 1});
    BOOST_CHECK_EXCEPTION(by(x, {2, 0, 3}).eval(), sn::value_error, [](const sn::value_error& e) { return std::string(e.what()).find("divide: an integer is divided by zero") != std::string::npos; });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
