#include "support/check.hpp"

#include <algorithm>
#include <ranges>

namespace {

namespace sn = sinter;
using sn::all;
using sn::newaxis;
using sn::range;
using support::check;

BOOST_AUTO_TEST_SUITE(views)

BOOST_AUTO_TEST_CASE(ranges) {
    const sn::array<float> a = sn::arange<float>(10);
    check(a(range(2, 5)), {3}, {2, 3, 4});
    check(a(range(1, -1)), {8}, {1, 2, 3, 4, 5, 6, 7, 8});
    check(a(range(-3, {})), {3}, {7, 8, 9});
    check(a(range({}, 2)), {2}, {0, 1});
    check(a(range(0, 10, 3)), {4}, {0, 3, 6, 9});
    check(a(range(1, {}, 4)), {3}, {1, 5, 9});
    check(a(range({}, {}, -1)), {10}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0});
    check(a(range(8, 2, -2)), {3}, {8, 6, 4});
    check(a(range({}, {}, -4)), {3}, {9, 5, 1});
    check(a(range(5, 5)), {0}, {});
    check(a(range(7, 3)), {0}, {});
    check(a(all), {10}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

BOOST_AUTO_TEST_CASE(ranges_past_the_end_are_cut) {
    const sn::array<float> a = sn::arange<float>(4);
    check(a(range(2, 100)), {2}, {2, 3});
    check(a(range(-100, 2)), {2}, {0, 1});
    check(a(range(100, 200)), {0}, {});
}

BOOST_AUTO_TEST_CASE(several_axes) {
    const sn::array<float> m = sn::arange<float>(12).reshape({3, 4});
    check(m(range(0, 2), range(1, 3)), {2, 2}, {1, 2, 5, 6});
    check(m(all, range(1, -1)), {3, 2}, {1, 2, 5, 6, 9, 10});
    check(m(all, 2), {3}, {2, 6, 10});
    check(m(-1, all), {4}, {8, 9, 10, 11});
    check(m(range({}, {}, 2), range({}, {}, -3)), {2, 2}, {3, 0, 11, 8});
    check(m(range(1, {})), {2, 4}, {4, 5, 6, 7, 8, 9, 10, 11});
}

BOOST_AUTO_TEST_CASE(new_axes) {
    const sn::array<float> a{1, 2, 3};
    check(a(newaxis, all), {1, 3}, {1, 2, 3});
    check(a(all, newaxis), {3, 1}, {1, 2, 3});
    check(a(all, newaxis) + a(newaxis, all), {3, 3}, {2, 3, 4, 3, 4, 5, 4, 5, 6});
    const sn::array<float> m{{1, 2}, {3, 4}};
    check(m(all, newaxis, 1), {2, 1}, {2, 4});
}

BOOST_AUTO_TEST_CASE(transposes) {
    const sn::array<float> m{{1, 2, 3}, {4, 5, 6}};
    check(m.transpose(), {3, 2}, {1, 4, 2, 5, 3, 6});
    check(m.transpose() + 1.0f, {3, 2}, {2, 5, 3, 6, 4, 7});
    const sn::array<float> c = sn::arange<float>(24).reshape({2, 3, 4});
    const auto t = c.transpose({2, 0, 1});
    BOOST_TEST((support::shape_of(t) == std::vector<sn::index_t>{4, 2, 3}));
    const std::vector<float> v = t.to_vector();
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = 0; j < 2; ++j) {
            for (std::size_t k = 0; k < 3; ++k) BOOST_TEST(v[(i * 2 + j) * 3 + k] == static_cast<float>((j * 3 + k) * 4 + i));
        }
    }
    check(c.transpose().transpose() - c, {2, 3, 4}, std::vector<float>(24, 0.0f));
    check(c.transpose({-1, 0, 1})(0), {2, 3}, {0, 4, 8, 12, 16, 20});
}

BOOST_AUTO_TEST_CASE(reshapes) {
    const sn::array<float> a = sn::arange<float>(12);
    check(a.reshape({3, 4})(1), {4}, {4, 5, 6, 7});
    check(a.reshape({2, -1})(1, range(0, 2)), {2}, {6, 7});
    check(a.reshape({3, 4}).reshape({12}), {12}, a.to_vector());
    check(a.reshape({3, 4}).transpose().reshape({12}), {12}, {0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11});
    check(a.reshape({3, 4}).flatten(), {12}, a.to_vector());
    check(a(range(3, 4)).reshape({}), {}, {3});
    check((a + 1.0f).reshape({4, 3})(0), {3}, {1, 2, 3});
    check(a(range({}, {}, 2)).reshape({2, 3}), {2, 3}, {0, 2, 4, 6, 8, 10});
}

BOOST_AUTO_TEST_CASE(views_of_views) {
    const sn::array<float> m = sn::arange<float>(20).reshape({4, 5});
    const auto inner = m(range(1, 4), range({}, {}, 2));
    check(inner, {3, 3}, {5, 7, 9, 10, 12, 14, 15, 17, 19});
    check(inner(range({}, {}, -1)), {3, 3}, {15, 17, 19, 10, 12, 14, 5, 7, 9});
    check(inner.transpose()(0), {3}, {5, 10, 15});
    check(m.transpose()(range(1, 3)).transpose()(2), {2}, {11, 12});
    check(m(all, 1)(range(1, {}))(range({}, {}, -1)), {3}, {16, 11, 6});
    const auto row = m(2);
    BOOST_TEST(row(-1).item() == 14.0f);
}

BOOST_AUTO_TEST_CASE(views_of_pending_arrays_and_expressions) {
    const sn::array<float> a = sn::arange<float>(6);
    const sn::array<float> y = a * 10.0f;
    check(y(range(1, 3)), {2}, {10, 20});
    check(y(range(1, 3)) + y(range(3, 5)), {2}, {40, 60});
    check((a + 1.0f)(range(0, 2)), {2}, {1, 2});
    check((a + a)(range({}, {}, -1)), {6}, {10, 8, 6, 4, 2, 0});
    check((a + 1.0f).reshape({2, 3}).transpose(), {3, 2}, {1, 4, 2, 5, 3, 6});
}

BOOST_AUTO_TEST_CASE(views_keep_what_they_saw) {
    sn::array<float> a{1, 2, 3, 4};
    const sn::array<float> middle = a(range(1, 3));
    const auto kept = a(range(2, 4));
    a.at(2) = 30;
    check(middle, {2}, {2, 3});
    check(kept, {2}, {3, 4});
    a = {};
    check(middle, {2}, {2, 3});
}

BOOST_AUTO_TEST_CASE(empty_and_single_views) {
    const sn::array<float> m = sn::arange<float>(6).reshape({2, 3});
    check(m(range(0, 0)), {0, 3}, {});
    check(m(all, range(3, {})), {2, 0}, {});
    check(m(range(1, {}), range(2, {})), {1, 1}, {5});
    check(m(range(0, 0)) + 1.0f, {0, 3}, {});
}

BOOST_AUTO_TEST_CASE(a_stencil) {
    const std::size_t rows = 7, columns = 9;
    std::vector<float> v(rows * columns);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i * i % 17);
    const sn::array<float> u = sn::from(v, {7, 9});
    const sn::array<float> inner =
        u(range(0, -2), range(1, -1)) + u(range(2, {}), range(1, -1)) + u(range(1, -1), range(0, -2)) + u(range(1, -1), range(2, {}));
    std::vector<float> expected;
    for (std::size_t i = 1; i + 1 < rows; ++i) {
        for (std::size_t j = 1; j + 1 < columns; ++j) {
            expected.push_back(v[(i - 1) * columns + j] + v[(i + 1) * columns + j] + v[i * columns + j - 1] + v[i * columns + j + 1]);
        }
    }
    check(inner, {5, 7}, expected);
}

BOOST_AUTO_TEST_CASE(views_of_other_types) {
    const sn::array<std::uint8_t> pixels{{1, 2, 3}, {4, 5, 6}};
    support::check_ints(pixels(all, 1), {2}, {2, 5});
    support::check_ints(pixels.transpose(), {3, 2}, {1, 4, 2, 5, 3, 6});
    check(sn::cast<float>(pixels(all, range({}, {}, -1))), {2, 3}, {3, 2, 1, 6, 5, 4});
    const sn::array<bool> mask{{true, false}, {false, true}};
    support::check_ints(mask(1), {2}, {0, 1});
    support::check_ints(sn::arange<std::int32_t>(6)(range(1, {}, 2)), {3}, {1, 3, 5});
}

/// Expressions and views have the members of an array that look at parts of it.
BOOST_AUTO_TEST_CASE(elements_of_expressions_and_views) {
    const sn::array<float> x{1, 2, 3}, m{{1, 2}, {3, 4}};
    BOOST_TEST((m * 2.0f)(1, 1) == 8.0f);
    BOOST_TEST(sn::exp(m - 1.0f)(0, 0) == 1.0f);
    BOOST_TEST(m(all, range(0, 2))(1, 0) == 3.0f);
    const auto e = m + 1.0f;
    static_assert(std::same_as<decltype(e(1, -1)), float>);
    BOOST_TEST(e(1, -1) == 5.0f);
    BOOST_TEST(e.at(1, 0) == 4.0f);
    BOOST_TEST((x * 2.0f).at(-1) == 6.0f);
    BOOST_TEST(x(x > 1.0f).at(1) == 3.0f);
    BOOST_TEST(sn::sum(x).at() == 6.0f);
    BOOST_TEST((sn::sum(x) + 1.0f)() == 7.0f);
    const sn::array<float> y = x * 3.0f;
    BOOST_TEST(y(range(1, {})).at(0) == 6.0f);
    BOOST_TEST((e.strides() == sn::extents{2, 1}));
    BOOST_TEST((m(all, range(0, 1)).strides() == sn::extents{2, 1}));
}

BOOST_AUTO_TEST_CASE(one_index_of_expressions_and_views) {
    const sn::array<float> x{1, 2, 3}, m{{1, 2}, {3, 4}};
    const float a = (x * 2.0f)(0), b = x(range(0, 3))(1), c = m(0)(1), d = x(x > 2.0f)(0);
    BOOST_TEST((std::vector<float>{a, b, c, d} == std::vector<float>{2, 2, 2, 3}));
    // A number in arithmetic with numbers, and an array of one axis less.
    const auto part = x(range(1, 3));
    const float sum = part(0) + part(1) * 2.0f, root = sn::sqrt((x + 1.0f)(-1)) + 1.0f;
    BOOST_TEST(sum == 8.0f);
    BOOST_TEST(root == 3.0f);
    if (part(0) < part(1)) BOOST_TEST((x * 2.0f)(1) == 4.0f);
    else BOOST_ERROR("2 is less than 3");
    check((m * 2.0f)(0), {2}, {2, 4});
    check((m * 2.0f)(0) + 1.0f, {2}, {3, 5});
    check((m * 2.0f)(0) * (m * 2.0f)(1), {2}, {12, 32});
    check(sn::maximum((m * 2.0f)(0), m(1)), {2}, {3, 4});
    BOOST_TEST(sn::sum((m * 2.0f)(1)).item() == 14.0f);
    const sn::array<float> row = (m * 2.0f)(-1);
    check(row, {2}, {6, 8});
    const auto kept = [] { return (sn::array<float>{1, 2, 3} * 4.0f)(1); }();
    BOOST_TEST(static_cast<float>(kept) == 8.0f);
    const sn::array<std::complex<float>> z{std::complex<float>(1, 2), std::complex<float>(3, 4)};
    const std::complex<float> w = (z * 2.0f)(1) + 1.0f;
    BOOST_TEST((w == std::complex<float>(7, 8)));
    const sn::array<sn::float16> h{1, 2};
    const float half = (h * h)(1);
    BOOST_TEST(half == 4.0f);
    const bool more = (x > 1.0f)(0);
    BOOST_TEST(!more);
    BOOST_CHECK_THROW(static_cast<void>(static_cast<float>((m * 2.0f)(0))), sn::error);
}

BOOST_AUTO_TEST_CASE(masks_and_indices_of_expressions_and_views) {
    const sn::array<float> x{1, 2, 3}, m{{1, 2}, {3, 4}};
    const sn::array<int> turned{1, 0};
    check((m * 2.0f)(m > 2.0f), {2}, {6, 8});
    check(m(all, 1)(m(all, 1) > 2.0f), {1}, {4});
    check(m(1)(turned), {2}, {4, 3});
    check((m * 2.0f)(turned), {2, 2}, {6, 8, 2, 4});
    check((x * 2.0f)(turned(0)), {}, {4});
    check(x(x > 1.0f)(range(0, 1)), {1}, {2});
    check(x(x > 1.0f)(turned), {2}, {3, 2});
    check(x(x > 1.0f)(x(x > 1.0f) > 2.0f), {1}, {3});
    check(m(m(all, 0) > 1.0f)(0, all), {2}, {3, 4});
}

BOOST_AUTO_TEST_CASE(loops_over_expressions_and_views) {
    const sn::array<float> x{1, 2, 3};
    std::vector<float> seen;
    for (const float f : x * 2.0f) seen.push_back(f);
    for (const float f : x(range(0, 2))) seen.push_back(f);
    for (const auto& f : x(x > 2.0f)) seen.push_back(f);
    for (const float f : (x(all, newaxis) * x)(1)) seen.push_back(f);
    BOOST_TEST((seen == std::vector<float>{2, 4, 6, 1, 2, 3, 2, 4, 6}));
    const auto e = x - 3.0f;
    static_assert(std::ranges::forward_range<decltype(e)>);
    BOOST_TEST((std::vector<float>(e.begin(), e.end()) == std::vector<float>{-2, -1, 0}));
    BOOST_TEST(*std::ranges::max_element(e) == 0.0f);
    for (const float f : sn::array<float>{} + 1.0f) BOOST_ERROR("an element " << f << " of nothing");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
