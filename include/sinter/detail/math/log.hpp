#pragma once

#include <sinter/detail/math/parts.hpp>

namespace sinter::inline v1::detail::math {

/// The natural logarithm of a positive finite number.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V log_of_positive(V x) {
    using T = element_of<V>;
    using F = format<T>;
    const auto [m, e] = math::split_positive(x, std::same_as<T, float> ? T(0x1.555556p-1f) : root_half<T>);
    const V f = m - V(T(1));
    if constexpr (std::same_as<T, float>) {
        const V p = math::horner(f, -0.5f, 0x1.555506p-2f, -0x1.fffefp-3f, 0x1.99d05ep-3f, -0x1.559de4p-3f, 0x1.1ed424p-3f, -0x1.f30e36p-4f,
                                 0x1.1e73ap-3f, -0x1.080c9ep-3f);
        const V y = detail::primitive<op::fma>(p, f * f, f);
        return detail::primitive<op::fma>(e, V(F::ln2_high * exponent_unit<T>), y);
    } else {
        // log(1 + f) = f - f^2 / 2 + s (f^2 / 2 + R(s^2)) with s = f / (2 + f), as in FreeBSD's e_log.c (Sun Microsystems, 1993).
        const V s = f / (f + V(2.0));
        const V z = s * s;
        const V half_square = V(0.5) * f * f;
        const V r = z * math::horner(z, 0x1.5555555555593p-1, 0x1.999999997f9dep-2, 0x1.249249422d42ep-2, 0x1.c71c51d420fb7p-3, 0x1.74664ab096d6p-3,
                                     0x1.39a07573a5416p-3, 0x1.2f12fea12e3e7p-3);
        const V tail = detail::primitive<op::fma>(s, half_square + r, e * V(F::ln2_low));
        return detail::primitive<op::fma>(e, V(F::ln2_high), f - (half_square - tail));
    }
}

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V log(V x) {
    using T = element_of<V>;
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const V at_most_zero = detail::primitive<op::select>(x == V(T(0)), V(-infinity), V(std::numeric_limits<T>::quiet_NaN()));
    const V y = detail::primitive<op::select>(x > V(T(0)), math::log_of_positive(x), at_most_zero);
    return detail::primitive<op::select>(x == V(infinity), x, y);
}

}  // namespace sinter::inline v1::detail::math
