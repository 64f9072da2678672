#pragma once

#include <sinter/detail/math/parts.hpp>

namespace sinter::inline v1::detail::math {

/// exp(r) for |r| <= log(2) / 2.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V exp_of_small(V r) {
    if constexpr (std::same_as<element_of<V>, float>) {
        return math::horner(r, 1.0f, 1.0f, 0x1.fffffcp-2f, 0x1.55549p-3f, 0x1.5558ap-5f, 0x1.123ac6p-7f, 0x1.6a6034p-10f);
    } else {
        return math::horner(r, 1.0, 1.0, 0x1.000000000000ap-1, 0x1.55555555554fcp-3, 0x1.5555555550689p-5, 0x1.111111112725dp-7,
                            0x1.6c16c18488a72p-10, 0x1.a01a012dcb964p-13, 0x1.a01999231b74ap-16, 0x1.71df1d1476cecp-19, 0x1.28ae3c99da451p-22,
                            0x1.ad8d55a54a7bdp-26);
    }
}

/// Past these the exponential is infinite, or rounds to zero.
template <class T>
inline constexpr T exp_highest = std::same_as<T, float> ? T(89) : T(710);
template <class T>
inline constexpr T exp_lowest = std::same_as<T, float> ? T(-104) : T(-746);

/// exp(x + low) for exp_lowest <= x <= exp_highest, and NaN; low is small, and may be left out. Reduces x by the nearest multiple
/// k of log(2) in two parts (W. Cody and W. Waite, "Software Manual for the Elementary Functions", 1980). The factor 2^k
/// can be past the range of normal numbers, so it is applied as two.
template <class V, class... Low>
[[nodiscard, gnu::always_inline]] constexpr V exp_in_range(V x, Low... low) {
    using T = element_of<V>;
    using F = format<T>;
    constexpr int half = std::same_as<T, float> ? 64 : 512;
    const V magic = V(math::rounder<T>(2 * F::bias));
    const V shifted = detail::primitive<op::fma>(x, V(F::log2_e), magic);
    const V k = shifted - magic;
    const V high = detail::fnma(k, V(F::ln2_high), x);
    const V r = [&] {
        if constexpr (sizeof...(Low) == 0) {
            return detail::fnma(k, V(F::ln2_low), high);
        } else {
            return high + detail::fnma(k, V(F::ln2_low), low...);
        }
    }();
    const V second = detail::primitive<op::select>(x < V(T(0)), V(math::power_of_two<T>(-half)), V(math::power_of_two<T>(half)));
    const auto exponent = math::bits(shifted) << typename F::integer{F::mantissa};
    const V first = math::from_bits<T>(exponent - math::bits(second));
    return math::exp_of_small(r) * first * second;
}

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V exp(V x) {
    using T = element_of<V>;
    return math::exp_in_range(detail::larger(V(exp_lowest<T>), detail::lesser(V(exp_highest<T>), x)));
}

}  // namespace sinter::inline v1::detail::math
