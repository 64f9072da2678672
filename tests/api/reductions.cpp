#include "support/check.hpp"

#include <cmath>
#include <limits>

namespace {

namespace sn = sinter;
using support::check;
using support::check_ints;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float inf = std::numeric_limits<float>::infinity();

BOOST_AUTO_TEST_SUITE(reductions)

BOOST_AUTO_TEST_CASE(over_everything) {
    const sn::array<float> m{{1, 2, 3}, {4, 5, 6}};
    BOOST_TEST(sn::sum(m).item() == 21.0f);
    BOOST_TEST(sn::mean(m).item() == 3.5f);
    BOOST_TEST(sn::min(m).item() == 1.0f);
    BOOST_TEST(sn::max(m).item() == 6.0f);
    check(sn::sum(m), {}, {21});
    check(sn::sum(m, {.keepdims = true}), {1, 1}, {21});
}

BOOST_AUTO_TEST_CASE(over_given_axes) {
    const sn::array<float> m{{1, 5, 3}, {4, 2, 6}};
    check(sn::sum(m, {.axis = 0}), {3}, {5, 7, 9});
    check(sn::sum(m, {.axis = 1}), {2}, {9, 12});
    check(sn::sum(m, {.axis = -1}), {2}, {9, 12});
    check(sn::sum(m, {.axis = -2}), {3}, {5, 7, 9});
    check(sn::sum(m, {.axis = {0, 1}}), {}, {21});
    check(sn::min(m, {.axis = 0}), {3}, {1, 2, 3});
    check(sn::max(m, {.axis = 1}), {2}, {5, 6});
    check(sn::mean(m, {.axis = 1}), {2}, {3, 4});
    check(sn::sum(m, {.axis = 0, .keepdims = true}), {1, 3}, {5, 7, 9});
    check(sn::sum(m, {.axis = 1, .keepdims = true}), {2, 1}, {9, 12});
    check(sn::mean(m, {.axis = {0, 1}, .keepdims = true}), {1, 1}, {3.5f});
}

BOOST_AUTO_TEST_CASE(over_some_axes_of_many) {
    const sn::array<float> c = sn::arange<float>(24).reshape({2, 3, 4});
    check(sn::sum(c, {.axis = 1}), {2, 4}, {12, 15, 18, 21, 48, 51, 54, 57});
    check(sn::sum(c, {.axis = {0, 2}}), {3}, {60, 92, 124});
    check(sn::sum(c, {.axis = {2, 0}}), {3}, {60, 92, 124});
    check(sn::sum(c, {.axis = {0, 2}, .keepdims = true}), {1, 3, 1}, {60, 92, 124});
    check(sn::sum(c, {.axis = {1, -1}}), {2}, {66, 210});
    check(sn::max(c, {.axis = {0, 1}}), {4}, {20, 21, 22, 23});
    check(sn::min(c, {.axis = {-3}}), {3, 4}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
}

BOOST_AUTO_TEST_CASE(of_expressions_views_and_pending) {
    const sn::array<float> a{1, 2, 3};
    BOOST_TEST(sn::sum(a * a).item() == 14.0f);
    BOOST_TEST(sn::sum(a(sn::range(1, {}))).item() == 5.0f);
    const sn::array<float> y = a + 1.0f;
    BOOST_TEST(sn::max(y).item() == 4.0f);
    const sn::array<float> m{{1, 2}, {3, 4}};
    check(sn::sum(m.transpose(), {.axis = 0}), {2}, {3, 7});
    check(sn::sum(m.transpose(), {.axis = 1}), {2}, {4, 6});
    check(sn::sum(m(sn::all, sn::range({}, {}, -1)) * 10.0f, {.axis = 0}), {2}, {60, 40});
    const sn::array<float> s = sn::sum(m, {.axis = 1});
    check(m - s(sn::all, sn::newaxis), {2, 2}, {-2, -1, -4, -3});
}

BOOST_AUTO_TEST_CASE(reductions_of_reductions) {
    const sn::array<float> m{{1, 5}, {4, 2}};
    BOOST_TEST(sn::max(sn::sum(m, {.axis = 1})).item() == 6.0f);
    BOOST_TEST(sn::sum(m - sn::mean(m)).item() == 0.0f);
    const sn::array<float> centred = m - sn::mean(m, {.axis = 0});
    check(sn::mean(centred * centred, {.axis = 0}), {2}, {2.25f, 2.25f});
    const sn::array<float> deviation = sn::sqrt(sn::mean(centred * centred));
    BOOST_TEST(deviation.item() == 1.5f);
}

BOOST_AUTO_TEST_CASE(integers_widen) {
    const sn::array<std::uint8_t> u = sn::full({1000}, std::uint8_t{255});
    static_assert(std::same_as<decltype(sn::sum(u))::value_type, std::uint64_t>);
    BOOST_TEST(sn::sum(u).item() == 255000U);
    const sn::array<std::int32_t> i = sn::full({3}, std::numeric_limits<std::int32_t>::max());
    static_assert(std::same_as<decltype(sn::sum(i))::value_type, std::int64_t>);
    BOOST_TEST(sn::sum(i).item() == 3 * std::int64_t{std::numeric_limits<std::int32_t>::max()});
    static_assert(std::same_as<decltype(sn::mean(i))::value_type, double>);
    BOOST_TEST(sn::mean(sn::array<std::int32_t>{1, 2}).item() == 1.5);
    BOOST_TEST(sn::min(u).item() == 255);
    check_ints(sn::max(sn::array<std::int32_t>{{1, -2}, {3, -4}}, {.axis = 0}), {2}, {3, -2});
    BOOST_TEST(sn::sum(sn::array<bool>{true, false, true}).item() == 2);
}

BOOST_AUTO_TEST_CASE(nan_propagates) {
    const sn::array<float> a{1, nan, 3};
    BOOST_TEST(std::isnan(sn::min(a).item()));
    BOOST_TEST(std::isnan(sn::max(a).item()));
    BOOST_TEST(std::isnan(sn::sum(a).item()));
    const sn::array<float> m{{1, nan}, {3, 4}};
    check(sn::max(m, {.axis = 1}), {2}, {nan, 4});
    check(sn::min(m, {.axis = 0}), {2}, {1, nan});
    BOOST_TEST(sn::max(sn::array<float>{-inf, -inf}).item() == -inf);
    BOOST_TEST(sn::min(sn::array<float>{inf}).item() == inf);
    for (sn::index_t at = 0; at < 200; at += 13) {
        sn::array<float> x = sn::arange<float>(200);
        x.at(at) = nan;
        BOOST_TEST(std::isnan(sn::max(x).item()));
        BOOST_TEST(std::isnan(sn::min(x).item()));
    }
}

BOOST_AUTO_TEST_CASE(over_nothing) {
    const sn::array<float> none;
    BOOST_TEST(sn::sum(none).item() == 0.0f);
    BOOST_TEST(std::isnan(sn::mean(none).item()));
    check(sn::sum(sn::zeros<float>({0, 3}), {.axis = 0}), {3}, {0, 0, 0});
    check(sn::mean(sn::zeros<float>({2, 0}), {.axis = 1}), {2}, {nan, nan});
    check(sn::min(sn::zeros<float>({0, 3}), {.axis = 1}), {0}, {});
    BOOST_CHECK_THROW(static_cast<void>(sn::min(none).item()), sn::value_error);
    BOOST_CHECK_THROW(static_cast<void>(sn::max(sn::zeros<float>({2, 0}), {.axis = 1}).eval()), sn::value_error);
}

BOOST_AUTO_TEST_CASE(several_in_one_plan) {
    const sn::array<float> x = sn::arange<float>(1000);
    const sn::array<float> y = sn::full({1000}, 2.0f);
    const sn::array<float> xy = sn::sum(x * y), xx = sn::sum(x * x), yy = sn::sum(y * y);
    sn::eval(xy, xx, yy);
    BOOST_TEST(xy.item() == 999000.0f);
    BOOST_TEST(yy.item() == 4000.0f);
    BOOST_TEST(std::abs(xx.item() - 332833500.0f) <= 332833500.0f * 1e-6f);
}

BOOST_AUTO_TEST_CASE(any_and_all) {
    const sn::array<float> a{1, 2, 3};
    BOOST_TEST(sn::all(a > 0.0f).item());
    BOOST_TEST(!sn::all(a > 1.0f).item());
    BOOST_TEST(sn::any(a > 2.0f).item());
    BOOST_TEST(!sn::any(a > 3.0f).item());
    const sn::array<bool> m{{true, false}, {true, true}};
    check_ints(sn::all(m, {.axis = 0}), {2}, {1, 0});
    check_ints(sn::any(m, {.axis = 1}), {2}, {1, 1});
}

BOOST_AUTO_TEST_CASE(a_large_sum_is_accurate) {
    const sn::array<float> x = sn::full({1 << 24}, 0.1f);
    const double exact = static_cast<double>(0.1f) * (1 << 24);
    BOOST_TEST(std::abs(static_cast<double>(sn::sum(x).item()) - exact) < exact * 1e-5);
}

BOOST_AUTO_TEST_CASE(by_the_users_function) {
    const auto plus = [](auto p, auto q) { return p + q; };
    for (const sn::index_t n : {0, 1, 15, 16, 17, 63, 65, 1000, 70001}) {
        const sn::array<float> x = sn::cast<float>(sn::arange<std::int32_t>(n)) * 0.37f;
        BOOST_TEST(sn::reduce(plus, 0.0f, x).item() == sn::sum(x).item());
        const sn::array<std::int16_t> s = sn::cast<std::int16_t>(x);
        BOOST_TEST(sn::reduce([](auto p, auto q) { return sn::maximum(p, q); }, -32768, s).item() == (n == 0 ? std::int16_t{-32768} : sn::max(s).item()));
    }
    const sn::array<double> m = sn::linspace<double>(-3, 5, 70 * 130).reshape({70, 130});
    for (const sn::index_t axis : {0, 1}) {
        for (const auto& x : {m, sn::array<double>(m.transpose())}) {
            BOOST_TEST(sn::array_equal(sn::reduce(plus, 0.0, x * x, {.axis = axis}), sn::sum(x * x, {.axis = axis})));
            BOOST_TEST((sn::reduce(plus, 0.0, x, {.axis = axis, .keepdims = true}).rank() == 2));
        }
    }
    // Not commutative: the last non-zero element by the order of the elements is not promised, but the largest magnitude with its sign is.
    const auto farther = [](auto p, auto q) { return sn::select(sn::abs(q) > sn::abs(p), q, p); };
    const sn::array<float> v{1, -7, 3, 7, -2};
    BOOST_TEST(std::abs(sn::reduce(farther, 0.0f, v).item()) == 7.0f);
    // A captured number.
    for (const float least : {0.5f, 2.0f, 100.0f}) {
        const auto above = [least](auto p, auto q) { return sn::maximum(sn::maximum(p, q), least); };
        BOOST_TEST(sn::reduce(above, least, v).item() == std::max(7.0f, least));
    }
    // Bits, by xor.
    const sn::array<std::uint8_t> bytes{1, 2, 4, 128, 255};
    BOOST_TEST(static_cast<int>(sn::reduce([](auto p, auto q) { return p ^ q; }, 0, bytes).item()) == (1 ^ 2 ^ 4 ^ 128 ^ 255));
    // In one kernel with others.
    const sn::array<float> total = sn::sum(v), most = sn::reduce(farther, 0.0f, v);
    BOOST_TEST(sn::explain(total, most).kernels.size() == 1U);
    BOOST_TEST(sn::explain(most).kernels[0].backend == sn::explain(total).kernels[0].backend);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
