#pragma once

#include <sinter/detail/math/scaling.hpp>
#include <sinter/detail/rare.hpp>

// fmod and remainder, exactly.

namespace sinter::inline v1::detail::math {

/// a - n b for a >= 0, b > 0 where a / b has fewer bits than a number: the rounded quotient is at most one too large.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V modulo_near(V a, V b) {
    const V r = detail::fnma(math::trunc(a / b), b, a);
    return math::select(r < V(element_of<V>(0)), r + b, r);
}

/// Quotients from here on are `far`.
template <class T>
inline constexpr T longest_quotient = math::power_of_two<T>(format<T>::mantissa - 2);

/// The same for any quotient: the mantissa of a is doubled as often as the exponents differ, many times at a step, and reduced by that of b.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V modulo_far(V a, V b) {
    using T = element_of<V>;
    using F = format<T>;
    constexpr int at_once = F::mantissa - 2;
    constexpr int largest = 2 * F::bias + F::mantissa;
    const V m = math::mantissa(b);
    const V e = math::exponent(b, m);
    V rest = math::mantissa(a);
    V left = math::exponent(a, rest) - e;
    rest = math::modulo_near(rest, m);
    [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        const auto one = [&](std::size_t) __attribute__((always_inline)) {
            const V n = detail::lesser(V(T(at_once)), left);
            left = left - n;
            const V power = math::from_bits<T>(math::bits(n + V(math::rounder<T>(F::bias))) << typename F::integer{F::mantissa});
            rest = math::modulo_near(rest * power, m);
        };
        (one(I), ...);
    }(std::make_index_sequence<largest / at_once + 1>{});
    return math::scale(rest, e);
}

/// fmod of sizes where the quotient is long; b comes as `otherwise`.
struct far_fmod {
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V b, V a) {
        return math::modulo_far(a, b);
    }
};

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V fmod(V x, V y) {
    using T = element_of<V>;
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const V a = math::abs(x), b = math::abs(y);
    const auto far = b * V(longest_quotient<T>) <= a;
    const V near = math::modulo_near(a, b);
    const V r = detail::rare<far_fmod>(far, math::select(far, b, near), a);
    const V known = math::select((a < V(infinity)) & (V(T(0)) < b), math::select(a < b, a, r), V(std::numeric_limits<T>::quiet_NaN()));
    return math::with_sign(math::select(x == x, known, x), x);
}

/// a less the nearest multiple of b, the even one of two, for a / b of few bits. The rounded quotient may be on the wrong side of a half.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V remainder_near(V a, V b) {
    const V r = detail::fnma(math::rint(a / b), b, a);
    const V toward = math::with_sign(b, r);
    return math::select(b - math::abs(r) < math::abs(r), r - toward, r);
}

/// The whole pairs of b go first: they do not change which multiple is even.
struct far_remainder {
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V b, V a) {
        return math::remainder_near(math::modulo_far(a, b + b), b);
    }
};

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V remainder(V x, V y) {
    using T = element_of<V>;
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const V a = math::abs(x), b = math::abs(y);
    const auto far = b * V(longest_quotient<T>) <= a;
    const V near = math::remainder_near(a, b);
    const V r = detail::rare<far_remainder>(far, math::select(far, b, near), a);
    const V finite = math::select(b == V(infinity), a, r);
    const V known = math::select((a < V(infinity)) & (V(T(0)) < b), finite, V(std::numeric_limits<T>::quiet_NaN()));
    return math::flip(math::select(x == x, known, x), math::sign_of(x));
}

}  // namespace sinter::inline v1::detail::math
