#pragma once

#include <sinter/detail/math/scaling.hpp>
#include <sinter/detail/math/two_parts.hpp>

namespace sinter::inline v1::detail::math {

/// log(1 + f) - f for -1/4 <= f <= 1/2, about -f^2 / 2 and the rest.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> log1p_tail(V f) {
    if constexpr (std::same_as<element_of<V>, float>) {
        const V square = f * f;
        const V low = detail::fms(f, f, square);
        const V cubic = math::horner(f, 0x1.55555ap-2f, -0x1.00006ep-2f, 0x1.99975ep-3f, -0x1.5519ccp-3f, 0x1.246456p-3f, -0x1.04af5p-3f, 0x1.df10fcp-4f,
                                     -0x1.74d5dp-4f, 0x1.33c87p-5f);
        return {square * V(-0.5f), math::fma(square * f, cubic, low * V(-0.5f))};
    } else {
        // s (f^2 / 2 + R(s^2)) - f^2 / 2, s = f / (2 + f), as in FreeBSD's e_log.c (Sun Microsystems, 1993).
        const V s = f / (f + V(2.0));
        const V z = s * s;
        const V half_square = V(0.5) * f * f;
        const V r = z * math::horner(z, 0x1.555555555554fp-1, 0x1.999999999c146p-2, 0x1.24924921e8dffp-2, 0x1.c71c748ae5ad1p-3, 0x1.745c4c1d1f448p-3,
                                     0x1.3b359520dd5d9p-3, 0x1.0dce931e01ff5p-3, 0x1.1b6cbc1c6e264p-3);
        return {-half_square, s * (half_square + r)};
    }
}

/// The natural logarithm of |x|.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V log_of_size(V x) {
    using T = element_of<V>;
    using F = format<T>;
    const V m = math::mantissa(x);
    const V e = math::exponent(x, m);
    const V f = m - V(T(1));
    if constexpr (std::same_as<T, float>) {
        const V p = math::horner(f, -0.5f, 0x1.5555a4p-2f, -0x1.000042p-2f, 0x1.996966p-3f, -0x1.54ef16p-3f, 0x1.2886b8p-3f, -0x1.0d93f4p-3f,
                                 0x1.aca08ep-4f, -0x1.713e36p-5f);
        const V y = detail::primitive<op::fma>(p, f * f, f);
        return detail::primitive<op::fma>(e, V(F::ln2_high), y);
    } else {
        // log(1 + f) = f - f^2 / 2 + s (f^2 / 2 + R(s^2)) with s = f / (2 + f), as in FreeBSD's e_log.c (Sun Microsystems, 1993).
        const V s = f / (f + V(2.0));
        const V z = s * s;
        const V half_square = V(0.5) * f * f;
        const V r = z * math::horner(z, 0x1.555555555554fp-1, 0x1.999999999c146p-2, 0x1.24924921e8dffp-2, 0x1.c71c748ae5ad1p-3, 0x1.745c4c1d1f448p-3,
                                     0x1.3b359520dd5d9p-3, 0x1.0dce931e01ff5p-3, 0x1.1b6cbc1c6e264p-3);
        const V tail = detail::primitive<op::fma>(s, half_square + r, e * V(F::ln2_low));
        return detail::primitive<op::fma>(e, V(F::ln2_high), f - (half_square - tail));
    }
}

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V log(V x) {
    using T = element_of<V>;
    return detail::primitive<op::select>(x < V(T(0)), V(std::numeric_limits<T>::quiet_NaN()), math::log_of_size(x));
}

}  // namespace sinter::inline v1::detail::math
