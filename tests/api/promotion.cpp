#include "support/check.hpp"

#include <sinter/fixed.hpp>

#include <cmath>
#include <limits>

namespace {

namespace sn = sinter;
using support::check;
using support::check_ints;

template <class T, class X>
constexpr bool gives = std::same_as<typename std::remove_cvref_t<X>::value_type, T>;

BOOST_AUTO_TEST_SUITE(promotion)

BOOST_AUTO_TEST_CASE(scalars_take_the_type_of_the_array) {
    const sn::array<float> a{1, 2};
    static_assert(gives<float, decltype(a * 2.0)>);
    static_assert(gives<float, decltype(2 + a)>);
    check(a * 2.0, {2}, {2, 4});
    check(a + 1, {2}, {2, 3});
    check(a * 0.1, {2}, {0.1f, 0.2f});
    const sn::array<std::int32_t> i{1, 2};
    static_assert(gives<std::int32_t, decltype(i + 1)>);
    check_ints(i + 1, {2}, {2, 3});
    const sn::array<std::uint8_t> u{250, 10};
    static_assert(gives<std::uint8_t, decltype(u + 10)>);
    check_ints(u + 10, {2}, {4, 20});
}

BOOST_AUTO_TEST_CASE(pairs_of_arrays) {
    const sn::array<float> f{1.5f, 2.5f};
    const sn::array<std::int32_t> i{2, 3};
    const sn::array<std::uint8_t> u{200, 100};
    const sn::array<bool> b{true, false};
    static_assert(gives<float, decltype(f + i)>);
    static_assert(gives<float, decltype(u * f)>);
    static_assert(gives<float, decltype(b * f)>);
    static_assert(gives<std::int32_t, decltype(i + u)>);
    static_assert(gives<std::uint8_t, decltype(u + u)>);
    static_assert(gives<std::int32_t, decltype(b + b)>);
    static_assert(gives<std::int32_t, decltype(b + i)>);
    check(f + i, {2}, {3.5f, 5.5f});
    check(u * f, {2}, {300, 250});
    check(b * f, {2}, {1.5f, 0});
    check_ints(i + u, {2}, {202, 103});
    check_ints(u + u, {2}, {144, 200});
    check_ints(b + b, {2}, {2, 0});
    check_ints(i - b, {2}, {1, 3});
}

BOOST_AUTO_TEST_CASE(comparisons_give_bool) {
    const sn::array<float> a{1, 2, 3};
    const sn::array<std::int32_t> i{3, 2, 1};
    static_assert(gives<bool, decltype(a < 2.0f)>);
    check_ints(a < 2.0f, {3}, {1, 0, 0});
    check_ints(a <= 2.0f, {3}, {1, 1, 0});
    check_ints(a > 2.0f, {3}, {0, 0, 1});
    check_ints(a >= 2.0f, {3}, {0, 1, 1});
    check_ints(a == 2.0f, {3}, {0, 1, 0});
    check_ints(a != 2.0f, {3}, {1, 0, 1});
    check_ints(a == i, {3}, {0, 1, 0});
    check_ints(i > 1, {3}, {1, 1, 0});
    check_ints((a > 1.0f) & (a < 3.0f), {3}, {0, 1, 0});
    check_ints((a < 2.0f) | (a > 2.0f), {3}, {1, 0, 1});
    check_ints(!(a < 2.0f), {3}, {0, 1, 1});
    check_ints((a < 2.0f) ^ (a < 3.0f), {3}, {0, 1, 0});
}

BOOST_AUTO_TEST_CASE(not_of_numbers_is_whether_they_are_zero) {
    const auto is = [](const auto& got, const std::vector<bool>& wanted) { BOOST_TEST(sn::array<bool>(got).to_vector() == wanted); };
    is(!sn::array<int>{0, 2, -1}, {true, false, false});
    is(!sn::array<std::uint8_t>{0, 1, 255}, {true, false, false});
    is(!sn::array<float>{-0.0f, 0.5f, std::numeric_limits<float>::quiet_NaN()}, {true, false, false});
    is(!sn::array<sn::float16>{0, 2}, {true, false});
    is(!sn::array<bool>{true, false}, {false, true});
    is(sn::fn([](auto v) { return !v; })(sn::array<int>{0, 5}), {true, false});
    is(sn::fn([](auto v) { return !(v > 2); })(sn::array<int>{0, 5}), {true, false});
    const sn::array<int, 3> fixed{0, 3, 0};
    const sn::array<bool, 3> none = !fixed;
    is(none, {true, false, true});
}

BOOST_AUTO_TEST_CASE(comparisons_with_nan) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const sn::array<float> a{nan, 1};
    check_ints(a == a, {2}, {0, 1});
    check_ints(a != a, {2}, {1, 0});
    check_ints(a < 2.0f, {2}, {0, 1});
    check_ints(a >= 0.0f, {2}, {0, 1});
    check_ints(!(a < 2.0f), {2}, {1, 0});
}

BOOST_AUTO_TEST_CASE(casts) {
    const float inf = std::numeric_limits<float>::infinity();
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const std::int64_t lowest = std::numeric_limits<std::int32_t>::min();
    const sn::array<float> a{1.9f, -1.9f, 0.5f, 2147483520.0f, 2147483648.0f, -2147483648.0f, -3e9f, inf, -inf, nan};
    check_ints(sn::cast<std::int32_t>(a), {10}, {1, -1, 0, 2147483520, lowest, lowest, lowest, lowest, lowest, lowest});
    const sn::array<float> b{0.9f, 255.9f, 256, -0.9f, -1, nan};
    check_ints(sn::cast<std::uint8_t>(b), {6}, {0, 255, 0, 0, 0, 0});
    check_ints(sn::cast<bool>(b - 256.0f), {6}, {1, 1, 0, 1, 1, 1});
    check(sn::cast<float>(sn::array<std::int32_t>{16777217, -5}), {2}, {16777216, -5});
    check(sn::cast<float>(sn::array<std::uint8_t>{0, 255}), {2}, {0, 255});
    check(sn::cast<float>(sn::array<bool>{true, false}), {2}, {1, 0});
    check_ints(sn::cast<std::uint8_t>(sn::array<std::int32_t>{257, -1}), {2}, {1, 255});
    check_ints(sn::cast<std::int32_t>(sn::array<std::uint8_t>{200}), {1}, {200});
    check(sn::cast<float>(a(sn::range(0, 1))), {1}, {1.9f});
}

BOOST_AUTO_TEST_CASE(integers_wrap) {
    const std::int32_t most = std::numeric_limits<std::int32_t>::max();
    const std::int32_t least = std::numeric_limits<std::int32_t>::min();
    const sn::array<std::int32_t> a{most, least, -7};
    check_ints(a + 1, {3}, {least, least + 1, -6});
    check_ints(-a, {3}, {-std::int64_t{most}, least, 7});
    check_ints(a * 2, {3}, {-2, 0, -14});
    check_ints(sn::abs(a), {3}, {most, least, 7});
    check_ints(a - sn::array<std::int32_t>{-1, 1, 0}, {3}, {least, most, -7});
}

BOOST_AUTO_TEST_CASE(integer_division_truncates) {
    const std::int32_t least = std::numeric_limits<std::int32_t>::min();
    const sn::array<std::int32_t> a{7, -7, 7, -7, least, least};
    const sn::array<std::int32_t> b{2, 2, -2, -2, -1, 1};
    check_ints(a / b, {6}, {3, -3, -3, 3, least, least});
    check_ints(sn::array<std::uint8_t>{200, 7} / sn::array<std::uint8_t>{3, 7}, {2}, {66, 1});
}

BOOST_AUTO_TEST_CASE(choosing) {
    const sn::array<float> a{1, 2, 3};
    check(sn::where(a > 1.5f, a, -a), {3}, {-1, 2, 3});
    check(sn::select(a > 1.5f, 1.0f, a), {3}, {1, 1, 1});
    const sn::array<std::int32_t> i{10, 20, 30};
    static_assert(gives<float, decltype(sn::where(a > 1.0f, a, i))>);
    check(sn::where(a > 1.5f, a, i), {3}, {10, 2, 3});
    check_ints(sn::where(i > 15, i, 0), {3}, {0, 20, 30});
    check_ints(sn::minimum(i, sn::array<std::int32_t>{15, 15, 15}), {3}, {10, 15, 15});
}

BOOST_AUTO_TEST_CASE(contraction_stays_within_a_statement) {
    const float x = 1.0f + 0x1p-12f;
    const sn::array<float> a{x}, b{x}, c{-1.0f};
    BOOST_TEST((a * b + c).item() == std::fma(x, x, -1.0f));
    BOOST_TEST((c + a * b).item() == std::fma(x, x, -1.0f));
    BOOST_TEST((a * b - 1.0f).item() == std::fma(x, x, -1.0f));
    BOOST_TEST((1.0f - a * b).item() == std::fma(-x, x, 1.0f));
    const float product = x * x;
    const sn::array<float> p = a * b;
    BOOST_TEST((p + c).item() == product - 1.0f);
    const sn::array<float> d{0x1p-12f};
    BOOST_TEST((a * b + d * x).item() == std::fma(x, x, 0x1p-12f * x));
    sn::array<float> sum = c;
    sum += a * b;
    BOOST_TEST(sum.item() == std::fma(x, x, -1.0f));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
