#pragma once

#include <sinter/detail/math/scaling.hpp>

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

/// Past this the exponential is infinite.
template <class T>
inline constexpr T exp_highest = std::same_as<T, float> ? T(89) : T(710);

/// Reduces x by the nearest multiple k of log(2) in two parts (W. Cody and W. Waite, "Software Manual for the Elementary Functions", 1980).
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V exp(V x) {
    using T = element_of<V>;
    using F = format<T>;
    const V bounded = detail::larger(V(math::lowest_power<V>() / F::log2_e), detail::lesser(V(exp_highest<T>), x));
    const V k = math::nearest_multiple(bounded, F::log2_e);
    const V r = detail::fnma(k, V(F::ln2_low), detail::fnma(k, V(F::ln2_high), bounded));
    return math::scale(math::exp_of_small(r), k);
}

}  // namespace sinter::inline v1::detail::math
