#pragma once

#include <sinter/detail/math/angles.hpp>

// sin, cos and tan.

namespace sinter::inline v1::detail::math {

/// sin(r) - r over r^3, and cos(r) - 1 + r^2 / 2 over r^4, for |r| <= pi / 4, of z = r^2.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V sin_tail(V z) {
    if constexpr (std::same_as<element_of<V>, float>) {
        return math::horner(z, -0x1.555544p-3f, 0x1.1106dcp-7f, -0x1.99278ap-13f);
    } else {
        return math::horner(z, -0x1.5555555555548p-3, 0x1.111111110f713p-7, -0x1.a01a019be359dp-13, 0x1.71de354edf2bfp-19, -0x1.ae5e45d454539p-26,
                            0x1.5d89831c5e21cp-33);
    }
}
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V cos_tail(V z) {
    if constexpr (std::same_as<element_of<V>, float>) {
        return math::horner(z, 0x1.55554ap-5f, -0x1.6c0c22p-10f, 0x1.99e52ap-16f);
    } else {
        return math::horner(z, 0x1.555555555554ap-5, -0x1.6c16c16c14e15p-10, 0x1.a01a019c5fb71p-16, -0x1.27e4f7d07fd67p-22, 0x1.1ee9c5e0185bdp-29,
                            -0x1.8f9b5a4660ca6p-37);
    }
}

/// sin(r), or with Turned cos(r), then what further quarters of a turn make of it.
template <bool Turned, class V>
[[nodiscard, gnu::always_inline]] constexpr V sine_of(const reduced_angle<V>& r) {
    using T = element_of<V>;
    using I = decltype(r.quarter);
    using F = format<T>;
    const V z = r.high * r.high;
    const V sine = r.high + math::fma(r.high * z, math::sin_tail(z), r.low);
    const V half = detail::fnma(z, V(T(0.5)), V(T(1)));
    const V lost = detail::fnma(z, V(T(0.5)), V(T(1)) - half);
    const V cosine = half + math::fma(z * z, math::cos_tail(z), detail::fnma(r.high, r.low, lost));
    const auto even = (r.quarter & I(1)) == I(0);
    const V size = math::select(even, Turned ? cosine : sine, Turned ? sine : cosine);
    const I turn = Turned ? r.quarter + I(1) : I(r.quarter);
    return math::flip(size, (turn & I(2)) << I(typename F::integer{F::mantissa + static_cast<int>(sizeof(T) == 4 ? 7 : 10)}));
}

template <bool Turned>
struct far_sine {
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V, V a) {
        return math::sine_of<Turned>(math::reduce_far(a));
    }
};

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V sin(V x) {
    using T = element_of<V>;
    const V a = math::abs(x);
    const V near = math::sine_of<false>(math::reduce_near(a));
    const V y = detail::rare<far_sine<false>>(V(quarter_turn<T>::near) < a, near, a);
    return math::flip(y, math::sign_of(x));
}

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V cos(V x) {
    using T = element_of<V>;
    const V a = math::abs(x);
    const V near = math::sine_of<true>(math::reduce_near(a));
    return detail::rare<far_sine<true>>(V(quarter_turn<T>::near) < a, near, a);
}

/// Both of an angle of at most pi / 4, in two parts.
template <class V>
struct sine_and_cosine {
    two_parts<V> sine, cosine;
};
template <class V>
[[nodiscard, gnu::always_inline]] constexpr sine_and_cosine<V> sine_and_cosine_of(V high, V low) {
    using T = element_of<V>;
    const V z = high * high;
    const V z_low = detail::fms(high, high, z);
    const V half = detail::fnma(z, V(T(0.5)), V(T(1)));
    const V lost = detail::fnma(z_low, V(T(0.5)), detail::fnma(z, V(T(0.5)), V(T(1)) - half));
    return {math::ordered_sum(high, math::fma(high * z, math::sin_tail(z), low * half)),
            math::ordered_sum(half, math::fma(z * z, math::cos_tail(z), detail::fnma(high, low, lost)))};
}

/// sin(r) / cos(r), or -cos(r) / sin(r).
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V tangent_of(const reduced_angle<V>& r) {
    using T = element_of<V>;
    using I = decltype(r.quarter);
    const sine_and_cosine<V> both = math::sine_and_cosine_of(V(r.high), V(r.low));
    const two_parts<V> sine = both.sine, cosine = both.cosine;
    const auto even = (r.quarter & I(1)) == I(0);
    const V above = math::select(even, sine.high, -cosine.high), above_low = math::select(even, sine.low, -cosine.low);
    const V below = math::select(even, cosine.high, sine.high), below_low = math::select(even, cosine.low, sine.low);
    const V inverse = V(T(1)) / below;
    const V q = above * inverse;
    const V rest = detail::fnma(q, below, above) + detail::fnma(q, below_low, above_low);
    return math::fma(rest, inverse, q);
}

struct far_tangent {
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V, V a) {
        return math::tangent_of(math::reduce_far(a));
    }
};
/// The same of angles of either sign.
template <class Far>
struct either_sign {
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V otherwise, V x) {
        return math::flip(Far::apply(otherwise, math::abs(x)), math::sign_of(x));
    }
};

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V tan(V x) {
    using T = element_of<V>;
    const V a = math::abs(x);
    const V near = math::tangent_of(math::reduce_near(a));
    const V y = detail::rare<far_tangent>(V(quarter_turn<T>::near) < a, near, a);
    return math::flip(y, math::sign_of(x));
}

}  // namespace sinter::inline v1::detail::math
