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
    // What is left has no bit below the last one of b.
    const V up = math::scale(rest + V(T(1)), e) - math::scale(V(T(1)), e);
    return up;
}

}  // namespace sinter::inline v1::detail::math
