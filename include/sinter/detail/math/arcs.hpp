#pragma once

#include <sinter/detail/math/two_parts.hpp>

// atan, atan2, asin and acos.

namespace sinter::inline v1::detail::math {

template <class T>
struct half_pi;
template <>
struct half_pi<float> {
    static constexpr float high = 0x1.921fb6p0f, low = -0x1.777a5cp-25f, rest = -0x1.ee59dap-50f;
};
template <>
struct half_pi<double> {
    static constexpr double high = 0x1.921fb54442d18p0, low = 0x1.1a62633145c07p-54, rest = -0x1.f1976b7ed8fbcp-110;
};

/// (atan(t) / t - 1) / z for 0 <= t <= 1, of z = t^2.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V atan_curve(V z) {
    if constexpr (std::same_as<element_of<V>, float>) {
        return math::horner(z, -0x1.555552p-2f, 0x1.99981cp-3f, -0x1.24761ep-3f, 0x1.c51134p-4f, -0x1.695258p-4f, 0x1.1505b2p-4f,
                                -0x1.70718ap-5f, 0x1.751176p-6f, -0x1.e65e16p-8f, 0x1.292c46p-10f);
    } else {
        // The terms alternate: the last steps of Horner's rule keep what two halves would lose.
        const V rest = math::halves(z, -0x1.249249237f57dp-3, 0x1.c71c717fcf76bp-4, -0x1.745d11ae74c19p-4, 0x1.3b13669a2984fp-4, -0x1.110e5126f6eadp-4, 0x1.e1bba66bb85f4p-5, -0x1.ae5e72bebef5p-5, 0x1.82dad7943c62ep-5,
                                -0x1.59a3ff0f91a35p-5, 0x1.2c2e5c90683cap-5, -0x1.e9fa0cc47886fp-6, 0x1.683cc85121c0bp-6, -0x1.c78fcadaa256fp-7,
                                0x1.d7b923ef719a1p-8, -0x1.7a39969fb0f82p-9, 0x1.b3fac5754959p-11, -0x1.3f3647754a54bp-13, 0x1.bbed95992aba7p-17);
        return math::fma(math::fma(rest, z, V(0x1.99999999955b4p-3)), z, V(-0x1.5555555555526p-2));
    }
}

/// base + atan(t) for |t| <= 1, base nought or larger than the other, in two parts; t_low corrects t.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V add_atan(V base, V base_low, V t, V t_low) {
    using T = element_of<V>;
    const two_parts<V> s = math::ordered_sum(base, t);
    // What t_low counts for.
    const V z = t * t;
    const V slope = math::fma(z, math::fma(z, V(T(0.4)), V(T(-0.9))), V(T(1)));
    const V curve = math::atan_curve(z);
    const V tail = z * curve;
    V low = math::fma(t_low, slope, s.low + base_low);
    if constexpr (std::same_as<T, float>) low = math::fma(t, detail::fms(z, curve, tail), low);
    return s.high + math::fma(t, tail, low);
}

/// That of 1 / a for a > 1, from pi / 2.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V atan(V x) {
    using T = element_of<V>;
    using P = half_pi<T>;
    const V a = math::abs(x);
    const auto steep = V(T(1)) < a;
    const V inverse = V(T(-1)) / a;
    const V t = math::select(steep, inverse, a);
    const V t_low = math::select(steep, math::fma(inverse, a, V(T(1))) * inverse, V(T(0)));
    const V y = math::add_atan(math::select(steep, V(P::high), V(T(0))), math::select(steep, V(P::low), V(T(0))), t, t_low);
    // Infinities leave NaN behind in the residual.
    return math::with_sign(math::select(a == V(std::numeric_limits<T>::infinity()), V(P::high), y), x);
}

/// The quotient is taken of the smaller by the larger one; then pi / 2 or pi are added as the quadrant says.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V atan2(V y, V x) {
    using T = element_of<V>;
    using P = half_pi<T>;
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const V ay = math::abs(y), ax = math::abs(x);
    const auto steep = ax < ay;
    const V larger = detail::larger(ay, ax), lesser = detail::lesser(ax, ay);
    // Residuals of numbers that are too small are lost.
    const V factor = math::select(larger < V(math::pick<T>(0x1p-60f, 0x1p-900)), V(math::pick<T>(0x1p90f, 0x1p100)), V(T(1)));
    const V high = larger * factor, low = lesser * factor;
    const V t = low / high;
    const V t_low = detail::fnma(t, high, low) / high;
    const auto negative = math::sign_of(x);
    const auto left = math::from_bits<T>(negative | math::bits(V(T(1)))) < V(T(0));
    // atan(t), pi/2 - atan(t), pi - atan(t), pi/2 + atan(t)
    const auto turn = math::select(steep, math::sign_of(V(T(-0.0))) ^ negative, negative);
    const V base = math::select(steep, V(P::high), math::select(left, V(2 * P::high), V(T(0))));
    const V base_low = math::select(steep, V(P::low), math::select(left, V(2 * P::low), V(T(0))));
    const V angle = math::add_atan(base, base_low, math::flip(t, turn), math::flip(t_low, turn));
    // Equal infinities and zeros have no quotient; neither do infinite and finite numbers have a residual.
    const V zero_or_pi = math::select(left, V(2 * P::high), V(T(0)));
    const V diagonal = math::select(left, V(T(1.5) * P::high), V(P::high / 2));
    const V by_infinity = math::select(ax == ay, diagonal, math::select(steep, V(P::high), zero_or_pi));
    const V finite = math::select(larger == V(T(0)), zero_or_pi, math::select(larger == V(infinity), by_infinity, angle));
    const V known = math::select((x == x) & (y == y), finite, x + y);
    return math::with_sign(known, y);
}

/// asin(r) / r - 1 for |r| <= 1/2, of z = r^2.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V asin_tail(V z) {
    if constexpr (std::same_as<element_of<V>, float>) {
        return z * math::horner(z, 0x1.5555c8p-3f, 0x1.330206p-4f, 0x1.747b72p-5f, 0x1.8c415ap-6f, 0x1.5959aap-5f);
    } else {
        return z * math::halves(z, 0x1.555555555539p-3, 0x1.333333336e80fp-4, 0x1.6db6db427a4f8p-5, 0x1.f1c72c38fb342p-6, 0x1.6e89f440197a7p-6,
                                0x1.1c6be1a687738p-6, 0x1.c6fdc1aaa5332p-7, 0x1.8ec2fca60444ep-7, 0x1.abcf5cd7c4303p-8, 0x1.3ff4a990b2acep-6,
                                -0x1.09d32833a132cp-6, 0x1.056d6c813a1d3p-5);
    }
}

/// 2 sqrt(z) in two parts, and z = (1 - a) / 2, the square of the sine of half the angle whose cosine is a.
template <class V>
struct half_angle {
    V root, root_low, z;
};

template <class V>
[[nodiscard, gnu::always_inline]] constexpr half_angle<V> half_angle_of(V a) {
    using T = element_of<V>;
    const V z = detail::fnma(a, V(T(0.5)), V(T(0.5)));
    const V s = math::sqrt(z);
    const V low = detail::fnma(s, s, z) / detail::larger(s, V(std::numeric_limits<T>::min()));
    return {s + s, low, z};
}

/// asin(a) = pi/2 - 2 asin(sqrt((1 - a) / 2)) for a > 1/2.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V asin(V x) {
    using T = element_of<V>;
    using P = half_pi<T>;
    const V a = math::abs(x);
    const auto large = V(T(0.5)) < a;
    const half_angle<V> h = math::half_angle_of(a);
    const V z = math::select(large, h.z, a * a);
    const V r = math::select(large, -h.root, a);
    const V r_low = math::select(large, -h.root_low, V(T(0)));
    const two_parts<V> s = math::ordered_sum(math::select(large, V(P::high), V(T(0))), r);
    const V low = math::select(large, V(P::low), V(T(0))) + (s.low + r_low);
    return math::with_sign(s.high + math::fma(r, math::asin_tail(z), low), x);
}

/// acos(x) = 2 asin(sqrt((1 - x) / 2)) for x > 1/2, pi - acos(-x) below -1/2, pi/2 - asin(x) between.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V acos(V x) {
    using T = element_of<V>;
    using P = half_pi<T>;
    const V a = math::abs(x);
    const auto large = V(T(0.5)) < a;
    const auto left = x < V(T(0));
    const half_angle<V> h = math::half_angle_of(a);
    const V z = math::select(large, h.z, a * a);
    const V r = math::select(large, math::select(left, -h.root, h.root), -x);
    const V r_low = math::select(large, math::select(left, -h.root_low, h.root_low), V(T(0)));
    const V of_large = math::select(left, V(2 * P::high), V(T(0))), low_of_large = math::select(left, V(2 * P::low), V(T(0)));
    const two_parts<V> s = math::ordered_sum(math::select(large, of_large, V(P::high)), r);
    const V low = math::select(large, low_of_large, V(P::low)) + (s.low + r_low);
    return s.high + math::fma(r, math::asin_tail(z), low);
}

}  // namespace sinter::inline v1::detail::math
