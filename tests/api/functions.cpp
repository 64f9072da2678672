#include "support/check.hpp"

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

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
