#pragma once

#include <sinter/detail/math/log.hpp>
#include <sinter/detail/math/tanh.hpp>
#include <sinter/detail/math/trigonometry.hpp>

// Bodies with looser bounds, for precision::fast.

namespace sinter::inline v1::detail::math {

/// pi in parts of the type's precision, all positive: what they take from -0 is -0.
template <class T>
struct half_circle;
template <>
struct half_circle<float> {
    static constexpr float first = 0x1.921fb4p1f, second = 0x1.4442dp-23f, third = 0x1.84698ap-47f;
    static constexpr float inverse = 0x1.45f306p-2f;
};
template <>
struct half_circle<double> {
    static constexpr double first = 0x1.921fb54442d18p1, second = 0x1.1a62633145c06p-53, third = 0x1.c1cd129024e09p-106;
    static constexpr double inverse = 0x1.45f306dc9c883p-2;
};

/// x - k c, where c is three parts: the first difference is exact.
template <class V, class Parts>
[[nodiscard, gnu::always_inline]] constexpr V less_multiple(V x, V k, Parts, element_of<V> part) {
    const V first = detail::fnma(k, V(Parts::first * part), x);
    return detail::fnma(k, V(Parts::third * part), detail::fnma(k, V(Parts::second * part), first));
}

/// sin(r) for |r| a little past pi / 2.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V sine_of_half_circle(V r) {
    const V z = r * r;
    if constexpr (std::same_as<element_of<V>, float>) {
        return r * math::horner(z, 1.0f, -0x1.55554cp-3f, 0x1.110ed8p-7f, -0x1.9f7056p-13f, 0x1.5dbe1p-19f);
    } else {
        return r * math::horner(z, 1.0, -0x1.5555555555555p-3, 0x1.11111111110c8p-7, -0x1.a01a01a014d5bp-13, 0x1.71de3a529f8d7p-19, -0x1.ae6454d3ab5cap-26,
                                0x1.6123ccc53f437p-33, -0x1.ae436f9951d68p-41, 0x1.88301c1f5d7abp-49);
    }
}

/// x, negative where the number in the low bits of an integer is odd.
template <class V, class I>
[[nodiscard, gnu::always_inline]] constexpr V flip_odd(V x, I number) {
    using F = format<element_of<V>>;
    return math::flip(x, number << I(typename F::integer{8 * static_cast<int>(sizeof(element_of<V>)) - 1}));
}

/// sin, or with Turned cos: by the nearest multiple of pi, or the nearest of those and a half.
template <bool Turned, class V>
[[nodiscard, gnu::always_inline]] constexpr V fast_sine(V x) {
    using T = element_of<V>;
    using C = half_circle<T>;
    const V magic = V(math::rounder<T>(0));
    const V a = math::abs(x);
    V shifted = magic, k = magic;
    if constexpr (Turned) {
        shifted = math::fma(a, V(C::inverse), V(T(-0.5))) + magic;
        k = (shifted - magic) + V(T(0.5));
    } else {
        shifted = math::fma(x, V(C::inverse), magic);
        k = shifted - magic;
    }
    const V r = math::less_multiple(Turned ? a : x, k, C{}, T(1));
    const V sine = math::flip_odd(math::sine_of_half_circle(r), math::bits(shifted));
    const V near = Turned ? -sine : sine;
    const auto far = V(quarter_turn<T>::near) < a;
    if constexpr (Turned) {
        return detail::rare<far_sine<true>>(far, near, a);
    } else {
        return detail::rare<either_sign<far_sine<false>>>(far, near, x);
    }
}

/// By the nearest multiple of pi / 2: sin(r) / cos(r), or -cos(r) / sin(r).
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V fast_tangent(V x) {
    using T = element_of<V>;
    using C = half_circle<T>;
    using I = decltype(math::bits(x));
    const V magic = V(math::rounder<T>(0));
    const V shifted = math::fma(x, V(T(2) * C::inverse), magic);
    const V r = math::less_multiple(x, shifted - magic, C{}, T(0.5));
    const V z = r * r;
    const V sine = r * math::fma(z, math::sin_tail(z), V(T(1)));
    const V cosine = math::fma(z * z, math::cos_tail(z), detail::fnma(z, V(T(0.5)), V(T(1))));
    const auto even = (math::bits(shifted) & I(1)) == I(0);
    const V near = math::select(even, sine, -cosine) / math::select(even, cosine, sine);
    return detail::rare<either_sign<far_tangent>>(V(quarter_turn<T>::near) < math::abs(x), near, x);
}

/// The natural logarithm of double: 2 atanh(f / (2 + f)) for mantissas 1 + f.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V fast_log(V x) {
    using T = element_of<V>;
    if constexpr (std::same_as<T, float>) {
        return math::log(x);
    } else {
        const V m = math::mantissa(x);
        const V e = math::exponent(x, m);
        const V f = m - V(1.0);
        const V s = f / (f + V(2.0));
        const V z = s * s;
        const V series = math::horner(z, 2.0, 0x1.5555555555773p-1, 0x1.99999998f1715p-2, 0x1.249249b1b1f95p-2, 0x1.c71c01a6b3571p-3, 0x1.7474d8d522d27p-3,
                                      0x1.385390f326d9dp-3, 0x1.3ab8d262725b2p-3);
        const V y = math::fma(e, V(format<T>::ln2_high), s * series);
        return math::select(x < V(0.0), V(std::numeric_limits<T>::quiet_NaN()), y);
    }
}

}  // namespace sinter::inline v1::detail::math
