#include <sinter/detail/half_text.hpp>
#include <sinter/float16.hpp>

#include <boost/test/unit_test.hpp>

#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <type_traits>

// Numbers of 16 bits against what the formats say, in double, which holds all of it exactly.

namespace {

using sinter::bfloat16;
using sinter::float16;

template <class H>
struct format;
template <>
struct format<float16> {
    static constexpr int mantissa = 10, least = -14, greatest = 15;
};
template <>
struct format<bfloat16> {
    static constexpr int mantissa = 7, least = -126, greatest = 127;
};

/// What the bits mean, by the definition of the formats.
template <class H>
[[nodiscard]] double meaning(std::uint16_t bits) {
    using F = format<H>;
    const int exponent = (bits & 0x7fff) >> F::mantissa, part = bits & ((1 << F::mantissa) - 1);
    const double sign = (bits & 0x8000) != 0 ? -1 : 1;
    if (exponent == F::greatest - F::least + 2) return part == 0 ? sign * std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    if (exponent == 0) return sign * std::ldexp(part, F::least - F::mantissa);
    return sign * std::ldexp((1 << F::mantissa) + part, exponent - 1 + F::least - F::mantissa);
}

/// x to the nearest number of the format, ties to even; x is far from what a double can hold.
template <class H>
[[nodiscard]] double nearest(double x) {
    using F = format<H>;
    if (x == 0 || !std::isfinite(x)) return x;
    const int exponent = std::max(std::ilogb(x), F::least);
    const double unit = std::ldexp(1.0, exponent - F::mantissa), rounded = std::nearbyint(x / unit) * unit;
    return std::fabs(rounded) >= std::ldexp(1.0, F::greatest + 1) ? std::copysign(std::numeric_limits<double>::infinity(), x) : rounded;
}

template <class H, class T>
void check_one(T x, double exact) {
    const H rounded(x);
    const auto got = static_cast<double>(rounded);
    const double wanted = nearest<H>(exact);
    if (std::isnan(exact) ? !std::isnan(got) : got != wanted || std::signbit(got) != std::signbit(wanted)) {
        BOOST_ERROR(exact << " becomes " << got << ", not " << wanted);
    }
}

template <class H>
void check_meanings() {
    for (unsigned i = 0; i < 65536; ++i) {
        const auto bits = static_cast<std::uint16_t>(i);
        const H x = H::from_bits(bits);
        const float wide = x;
        const double wanted = meaning<H>(bits);
        if (std::isnan(wanted)) {
            BOOST_REQUIRE(std::isnan(wide));
            // Quiet, with its sign and what it carries.
            const H again(wide);
            BOOST_REQUIRE_EQUAL(again.bits(), bits | (1U << (format<H>::mantissa - 1)));
            continue;
        }
        BOOST_REQUIRE_EQUAL(static_cast<double>(wide), wanted);
        BOOST_REQUIRE_EQUAL(std::signbit(wide), std::signbit(wanted));
        BOOST_REQUIRE_EQUAL(H(wide).bits(), bits);
        BOOST_REQUIRE_EQUAL(H(wanted).bits(), bits);
    }
}

template <class H>
void check_rounding() {
    // Every 2099th float, and whatever is between neighbours, half-way and beside it.
    for (std::uint64_t i = 0; i < std::uint64_t{1} << 32; i += 2099) {
        const auto x = std::bit_cast<float>(static_cast<std::uint32_t>(i));
        check_one<H>(x, static_cast<double>(x));
    }
    for (unsigned i = 0; i < 65536; ++i) {
        if ((i & 0x7fff) >= std::numeric_limits<H>::infinity().bits()) continue;
        const double a = meaning<H>(static_cast<std::uint16_t>(i)), b = meaning<H>(static_cast<std::uint16_t>(i + 1));
        const double middle = std::isfinite(b) ? (a + b) / 2 : a + (a - meaning<H>(static_cast<std::uint16_t>(i - 1))) / 2;
        for (const double x : {middle, std::nextafter(middle, 1e300), std::nextafter(middle, -1e300), a + (middle - a) / 3}) {
            check_one<H>(x, x);
            const auto f = static_cast<float>(x);
            check_one<H>(f, static_cast<double>(f));
        }
        const auto f = static_cast<float>(middle);
        check_one<H>(std::nextafter(f, 1e38F), static_cast<double>(std::nextafter(f, 1e38F)));
        check_one<H>(std::nextafter(f, -1e38F), static_cast<double>(std::nextafter(f, -1e38F)));
    }
    for (const double x : {1e300, -1e300, 3.4028235677973366e38, 3.5e38, 1e-300, -1e-310, 5e-324, 1e-40, -9.1835e-41, 65519.999, 65520.0}) check_one<H>(x, x);
    // Integers on either side of the middle between two numbers.
    for (int top = 0; top < 62; ++top) {
        for (std::int64_t part = 0; part < 600; ++part) {
            const std::int64_t base = std::int64_t{1} << top, x = base + (top >= 9 ? (base >> 9) * part : part % (base + 1));
            for (const std::int64_t near : {x - 1, x, x + 1}) {
                // Of long double, so that each is exact; then to a double that is odd where it is not.
                const auto exact = static_cast<long double>(near);
                auto d = static_cast<double>(exact);
                if (static_cast<long double>(d) != exact && (std::bit_cast<std::uint64_t>(d) & 1) == 0) d = std::nextafter(d, static_cast<long double>(d) < exact ? 1e300 : 0.0);
                check_one<H>(near, d);
                check_one<H>(-near, near == 0 ? 0.0 : -d);
                check_one<H>(static_cast<std::uint64_t>(near), d);
                if (near <= std::numeric_limits<std::int32_t>::max()) check_one<H>(static_cast<std::int32_t>(near), d);
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE(float16s)

BOOST_AUTO_TEST_CASE(every_number_means_what_its_format_says) {
    check_meanings<float16>();
    check_meanings<bfloat16>();
}

BOOST_AUTO_TEST_CASE(numbers_are_rounded_once_to_the_nearest) {
    check_rounding<float16>();
    check_rounding<bfloat16>();
}

BOOST_AUTO_TEST_CASE(rounding_does_not_depend_on_the_environment) {
    for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
        std::fesetround(mode);
        for (const volatile double x : {1.0004882812501, 1.0004882812499, -0.3333333, 6.1e-5, 2.9802322387695e-8, 65519.99}) {
            const std::uint16_t there = float16(static_cast<double>(x)).bits(), other = bfloat16(static_cast<double>(x)).bits();
            std::fesetround(FE_TONEAREST);
            BOOST_TEST(there == float16(static_cast<double>(x)).bits());
            BOOST_TEST(other == bfloat16(static_cast<double>(x)).bits());
            std::fesetround(mode);
        }
    }
    std::fesetround(FE_TONEAREST);
}

BOOST_AUTO_TEST_CASE(limits) {
    using f = std::numeric_limits<float16>;
    using b = std::numeric_limits<bfloat16>;
    static_assert(f::digits == 11 && f::digits10 == 3 && f::max_digits10 == 5 && f::max_exponent == 16 && f::min_exponent == -13);
    static_assert(f::max_exponent10 == 4 && f::min_exponent10 == -4);
    static_assert(b::digits == 8 && b::digits10 == 2 && b::max_digits10 == 4 && b::max_exponent == 128 && b::min_exponent == -125);
    static_assert(b::max_exponent10 == 38 && b::min_exponent10 == -37);
    static_assert(float{f::max()} == 65504 && float{f::lowest()} == -65504 && float{f::min()} == 0x1p-14F && float{f::denorm_min()} == 0x1p-24F && float{f::epsilon()} == 0x1p-10F);
    static_assert(float{b::max()} == 0x1.fep127F && float{b::min()} == 0x1p-126F && float{b::denorm_min()} == 0x1p-133F && float{b::epsilon()} == 0x1p-7F);
    static_assert(float{f::infinity()} == std::numeric_limits<float>::infinity() && f::quiet_NaN() != f::quiet_NaN() && b::signaling_NaN() != b::signaling_NaN());
    static_assert(std::is_trivially_copyable_v<float16> && sizeof(float16) == 2 && alignof(bfloat16) == 2 && std::is_trivially_default_constructible_v<bfloat16>);
    static_assert(float16(1e6) == f::infinity() && float16(-1e6) == -f::infinity() && bfloat16(1e300) == b::infinity());
}

BOOST_AUTO_TEST_CASE(arithmetic_is_that_of_float) {
    const float16 a = 1.5F, b(2);
    static_assert(std::is_same_v<decltype(a + b), float> && std::is_same_v<decltype(a * 2.0), double> && std::is_same_v<decltype(-a), float>);
    static_assert(std::is_same_v<std::common_type_t<float16, double>, double> && std::is_same_v<std::common_type_t<int, bfloat16>, float>);
    BOOST_TEST(a + b == 3.5F);
    BOOST_TEST((a < b && b != a && a == 1.5));
    float16 c = a;
    c += 1;
    c *= b;
    c -= float16(0.5F);
    c /= 3;
    BOOST_TEST(static_cast<float>(c) == 1.5F);
    BOOST_TEST(static_cast<int>(c) == 1);
    BOOST_TEST(static_cast<float>(bfloat16(float16(3.14159))) == 3.140625F);
    std::ostringstream text;
    text << a << ' ' << bfloat16(-0.25);
    BOOST_TEST(text.str() == "1.5 -0.25");
}

BOOST_AUTO_TEST_CASE(text_has_the_digits_that_tell_numbers_apart) {
    using sinter::detail::text_of_half;
    BOOST_TEST(text_of_half(float16(0.1)) == "0.1");
    BOOST_TEST(text_of_half(float16(1.0 / 3)) == "0.3333");
    BOOST_TEST(text_of_half(float16(65504)) == "65504");
    BOOST_TEST(text_of_half(float16(-2000)) == "-2000");
    BOOST_TEST(text_of_half(std::numeric_limits<float16>::denorm_min()) == "6e-08");
    BOOST_TEST(text_of_half(bfloat16(1.0 / 3)) == "0.334");
    BOOST_TEST(text_of_half(bfloat16(1e30)) == "1e+30");
    BOOST_TEST(text_of_half(float16(-INFINITY)) == "-inf");
    BOOST_TEST(text_of_half(std::numeric_limits<float16>::quiet_NaN()) == "nan");
    for (unsigned i = 0; i < 0x7c00; ++i) {
        const float16 x = float16::from_bits(static_cast<std::uint16_t>(i));
        BOOST_REQUIRE_EQUAL(float16(std::stod(text_of_half(x))).bits(), x.bits());
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
