#pragma once

#include <sinter/detail/config.hpp>

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

// Floats of 16 bits: types to store, not to compute with. Numbers of these types become float wherever they are used, and are rounded, to nearest and ties to
// even, where a value becomes one of them. Arrays of them do the same: see README.

namespace sinter::inline v1 {

namespace detail {

/// IEEE binary16: 5 bits of exponent, 10 of mantissa. NaN stays NaN: quiet, with its sign and the upper bits that it carries, as vcvtps2ph and vcvtph2ps have it.
struct binary16_format {
    static constexpr int exponent_bits = 5, mantissa_bits = 10;

    [[nodiscard]] static constexpr std::uint16_t narrow(float x) noexcept {
        const auto bits = std::bit_cast<std::uint32_t>(x);
        const std::uint32_t sign = bits >> 16 & 0x8000, a = bits & 0x7fffffff;
        const auto result = [&]() -> std::uint32_t {
            if (a > 0x7f800000) return 0x7e00 | (a >> 13 & 0x3ff);
            if (a >= 0x47800000) return 0x7c00;
            if (a < 0x33000000) return 0;   // less than half of the least number
            const std::uint32_t e = a >> 23;
            if (e > 112) return (a - 0x38000000 + 0xfff + (a >> 13 & 1)) >> 13;
            const std::uint32_t m = (a & 0x7fffff) | 0x800000, lost = 126 - e;
            return (m + (1U << (lost - 1)) - 1 + (m >> lost & 1)) >> lost;
        }();
        return static_cast<std::uint16_t>(sign | result);
    }
    [[nodiscard]] static constexpr float widen(std::uint16_t bits) noexcept {
        const std::uint32_t sign = (bits & 0x8000U) << 16, a = bits & 0x7fffU;
        std::uint32_t result = (a << 13) + 0x38000000;
        if (a >= 0x7c00) result = 0x7f800000 | a << 13 | (a > 0x7c00 ? 0x400000U : 0U);
        if (a < 0x0400) result = std::bit_cast<std::uint32_t>(static_cast<float>(a) * 0x1p-24F);
        return std::bit_cast<float>(sign | result);
    }
};

/// The upper half of a float: 8 bits of exponent, 7 of mantissa.
struct bfloat16_format {
    static constexpr int exponent_bits = 8, mantissa_bits = 7;

    [[nodiscard]] static constexpr std::uint16_t narrow(float x) noexcept {
        const auto bits = std::bit_cast<std::uint32_t>(x);
        const bool is_nan = (bits & 0x7fffffff) > 0x7f800000;
        return static_cast<std::uint16_t>(is_nan ? bits >> 16 | 0x40 : (bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    }
    [[nodiscard]] static constexpr float widen(std::uint16_t bits) noexcept { return std::bit_cast<float>(std::uint32_t{bits} << 16); }
};

/// The float on the near side or on the far side of x, whichever is odd: rounding it again gives what rounding x gives.
[[nodiscard]] constexpr float to_odd_float(double x) noexcept {
    // Past the greatest float a conversion at compile time would be an error.
    if (x > 0x1.fffffep127) return x > std::numeric_limits<double>::max() ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::max();
    if (x < -0x1.fffffep127) return x < std::numeric_limits<double>::lowest() ? -std::numeric_limits<float>::infinity() : std::numeric_limits<float>::lowest();
    const auto y = static_cast<float>(x);
    const auto bits = std::bit_cast<std::uint32_t>(y);
    const double there = static_cast<double>(y) < 0 ? -static_cast<double>(y) : static_cast<double>(y), wanted = x < 0 ? -x : x;
    if ((bits & 1) != 0 || !(there < wanted || wanted < there)) return y;
    return std::bit_cast<float>(there < wanted ? bits + 1 : bits - 1);
}

/// A number as a float that rounds further as the number would.
template <class T>
[[nodiscard]] constexpr float float_to_round(T x) noexcept {
    if constexpr (std::floating_point<T>) {
        if constexpr (sizeof(T) <= sizeof(float)) return x;
        else return detail::to_odd_float(static_cast<double>(x));
    } else if constexpr (sizeof(T) <= 2) {
        return static_cast<float>(x);
    } else if constexpr (sizeof(T) <= 4) {
        return detail::to_odd_float(static_cast<double>(x));
    } else {
        // What a double does not hold is kept in one bit.
        const bool few = x < (T{1} << 40) && (std::unsigned_integral<T> || x > -(T{1} << 40));
        const T most = few ? x : static_cast<T>((x & ~T{0xffff}) | ((x & T{0xffff}) != 0 ? T{0x10000} : T{0}));
        return detail::to_odd_float(static_cast<double>(most));
    }
}

/// A number that is stored in 16 bits.
template <class Derived, class Format>
class stored_float {
public:
    stored_float() = default;

    /// Its value as a float, exactly.
    [[nodiscard]] constexpr operator float() const noexcept { return Format::widen(bits_); }

    /// The number with these bits.
    [[nodiscard]] static constexpr Derived from_bits(std::uint16_t bits) noexcept {
        Derived x{};
        x.bits_ = bits;
        return x;
    }
    [[nodiscard]] constexpr std::uint16_t bits() const noexcept { return bits_; }

    template <class T>
        requires std::is_arithmetic_v<T>
    constexpr Derived& operator+=(T x) noexcept {
        return self() = Derived(static_cast<float>(*this) + operand(x));
    }
    template <class T>
        requires std::is_arithmetic_v<T>
    constexpr Derived& operator-=(T x) noexcept {
        return self() = Derived(static_cast<float>(*this) - operand(x));
    }
    template <class T>
        requires std::is_arithmetic_v<T>
    constexpr Derived& operator*=(T x) noexcept {
        return self() = Derived(static_cast<float>(*this) * operand(x));
    }
    template <class T>
        requires std::is_arithmetic_v<T>
    constexpr Derived& operator/=(T x) noexcept {
        return self() = Derived(static_cast<float>(*this) / operand(x));
    }
    constexpr Derived& operator+=(Derived x) noexcept { return *this += static_cast<float>(x); }
    constexpr Derived& operator-=(Derived x) noexcept { return *this -= static_cast<float>(x); }
    constexpr Derived& operator*=(Derived x) noexcept { return *this *= static_cast<float>(x); }
    constexpr Derived& operator/=(Derived x) noexcept { return *this /= static_cast<float>(x); }

protected:
    constexpr explicit stored_float(float x) noexcept : bits_{Format::narrow(x)} {}

private:
    template <class T>
    [[nodiscard]] static constexpr auto operand(T x) noexcept {
        if constexpr (std::integral<T>) return static_cast<float>(x);
        else return x;
    }
    constexpr Derived& self() noexcept { return static_cast<Derived&>(*this); }
    std::uint16_t bits_;
};

}  // namespace detail

/// IEEE binary16, NumPy's float16: 11 significant bits, up to 65504. Numbers are rounded to the nearest one, once, ties to even; what is past the greatest becomes infinite, and
/// small numbers keep all the bits that there are down to 2^-24.
class float16 : public detail::stored_float<float16, detail::binary16_format> {
public:
    float16() = default;
    template <class T>
        requires std::is_arithmetic_v<T>
    constexpr float16(T x) noexcept : stored_float{detail::float_to_round(x)} {}
    template <class Other, class Format>
        requires(!std::same_as<Other, float16>)
    constexpr explicit float16(detail::stored_float<Other, Format> x) noexcept : stored_float{static_cast<float>(x)} {}
};

/// The upper half of a float: 8 significant bits, and the range of float. Rounded likewise.
class bfloat16 : public detail::stored_float<bfloat16, detail::bfloat16_format> {
public:
    bfloat16() = default;
    template <class T>
        requires std::is_arithmetic_v<T>
    constexpr bfloat16(T x) noexcept : stored_float{detail::float_to_round(x)} {}
    template <class Other, class Format>
        requires(!std::same_as<Other, bfloat16>)
    constexpr explicit bfloat16(detail::stored_float<Other, Format> x) noexcept : stored_float{static_cast<float>(x)} {}
};

namespace detail {

/// The types that are stored in 16 bits and computed with as float.
template <class T>
concept half = std::same_as<T, float16> || std::same_as<T, bfloat16>;

template <half T, class Format>
struct half_limits {
    static constexpr bool is_specialized = true, is_signed = true, is_integer = false, is_exact = false, is_bounded = true, is_modulo = false, is_iec559 = true;
    static constexpr bool has_infinity = true, has_quiet_NaN = true, has_signaling_NaN = true, traps = false, tinyness_before = false;
    static constexpr std::float_denorm_style has_denorm = std::denorm_present;
    static constexpr bool has_denorm_loss = false;
    static constexpr std::float_round_style round_style = std::round_to_nearest;
    static constexpr int radix = 2, digits = Format::mantissa_bits + 1, digits10 = Format::mantissa_bits * 30103 / 100000,
                         max_digits10 = digits * 30103 / 100000 + 2;
    static constexpr int max_exponent = 1 << (Format::exponent_bits - 1), min_exponent = 3 - max_exponent;
    static constexpr int max_exponent10 = max_exponent * 30103 / 100000, min_exponent10 = -((1 - min_exponent) * 30103 / 100000);

    [[nodiscard]] static constexpr T min() noexcept { return T::from_bits(1U << Format::mantissa_bits); }
    [[nodiscard]] static constexpr T max() noexcept { return T::from_bits(infinite - 1); }
    [[nodiscard]] static constexpr T lowest() noexcept { return T::from_bits(0x8000 | (infinite - 1)); }
    [[nodiscard]] static constexpr T epsilon() noexcept { return T(1.0F / static_cast<float>(1 << Format::mantissa_bits)); }
    [[nodiscard]] static constexpr T round_error() noexcept { return T(0.5F); }
    [[nodiscard]] static constexpr T infinity() noexcept { return T::from_bits(infinite); }
    [[nodiscard]] static constexpr T quiet_NaN() noexcept { return T::from_bits(infinite | 1U << (Format::mantissa_bits - 1)); }
    [[nodiscard]] static constexpr T signaling_NaN() noexcept { return T::from_bits(infinite | 1U << (Format::mantissa_bits - 2)); }
    [[nodiscard]] static constexpr T denorm_min() noexcept { return T::from_bits(1); }

private:
    static constexpr std::uint16_t infinite = ((1U << Format::exponent_bits) - 1U) << Format::mantissa_bits;
};

}  // namespace detail
}  // namespace sinter::inline v1

template <>
struct std::numeric_limits<sinter::float16> : sinter::detail::half_limits<sinter::float16, sinter::detail::binary16_format> {};
template <>
struct std::numeric_limits<sinter::bfloat16> : sinter::detail::half_limits<sinter::bfloat16, sinter::detail::bfloat16_format> {};

template <sinter::detail::half H, class T>
    requires std::is_arithmetic_v<T>
struct std::common_type<H, T> : std::common_type<float, T> {};
template <class T, sinter::detail::half H>
    requires std::is_arithmetic_v<T>
struct std::common_type<T, H> : std::common_type<float, T> {};
template <>
struct std::common_type<sinter::float16, sinter::bfloat16> : std::type_identity<float> {};
template <>
struct std::common_type<sinter::bfloat16, sinter::float16> : std::type_identity<float> {};
