#pragma once

#include <sinter/detail/math/pow.hpp>
#include <sinter/detail/math/trigonometry.hpp>

// tgamma and lgamma.

namespace sinter::inline v1::detail::math {

template <class T>
inline constexpr two_parts<T> ln2_parts{math::pick<T>(0x1.62e43p-1f, 0x1.62e42fefa39efp-1), math::pick<T>(-0x1.05c61p-29f, 0x1.abc9e3b39803fp-56)};
template <class T>
inline constexpr two_parts<T> log2_e_parts{math::pick<T>(0x1.715476p0f, 0x1.71547652b82fep0), math::pick<T>(0x1.4ae0cp-26f, 0x1.777d0ffda0d24p-56)};
template <class T>
inline constexpr two_parts<T> pi_parts{math::pick<T>(0x1.921fb6p1f, 0x1.921fb54442d18p1), math::pick<T>(-0x1.777a5cp-24f, 0x1.1a62633145c07p-53)};
template <class T>
inline constexpr two_parts<T> ln_pi_parts{math::pick<T>(0x1.250d04p0f, 0x1.250d048e7a1bdp0), math::pick<T>(0x1.1cf438p-25f, 0x1.7abf2ad8d5088p-57)};
/// log2(2 pi) / 2
template <class T>
inline constexpr two_parts<T> stirling_parts{math::pick<T>(0x1.53643ap0f, 0x1.536439a4c6efcp0), math::pick<T>(-0x1.6ce442p-26f, -0x1.49e49a361efebp-54)};

template <class V, class T>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> lanes_of(const two_parts<T>& constants) {
    return {V(constants.high), V(constants.low)};
}

/// What Stirling's formula leaves of log2(Gamma(1 / u)), over u, for 0 < u <= 1/2.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V stirling_rest(V u) {
    if constexpr (std::same_as<element_of<V>, float>) {
        return math::horner(u, 0x1.ec709ep-4f, -0x1.766404p-24f, -0x1.06778p-8f, -0x1.06677ep-15f, 0x1.5e4b72p-10f, -0x1.3cda66p-11f);
    } else {
        return math::horner(u, 0x1.ec709dc3a03fep-4, -0x1.8766d76c6b252p-47, -0x1.06a27644c357dp-8, -0x1.75d8cefa46244p-35, 0x1.2c275cf7b9426p-10,
                            0x1.ab12d43986c49p-25, -0x1.c2eeac2397a73p-11, 0x1.474a687091228p-16, 0x1.0ec08cb6fa891p-10, 0x1.2bbdc060ff5cp-10,
                            -0x1.f900188e15de2p-8, 0x1.d0609c3d5757ep-7, -0x1.d21ca65e8207bp-7, 0x1.04da9f02ae733p-7, -0x1.016026c448b5ep-9);
    }
}

/// log2(Gamma(s + s_low)), s >= 2, from log2(s): (s - 1/2) log2(s) - s log2(e) + log2(2 pi) / 2 and the rest.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> log2_gamma(V s, V s_low, two_parts<V> logarithm) {
    using T = element_of<V>;
    const V factor = s - V(T(0.5));
    const two_parts<V> rise = math::exact_product(factor, logarithm.high);
    const two_parts<V> fall = math::exact_product(s, V(-log2_e_parts<T>.high));
    const two_parts<V> difference = math::exact_sum(rise.high, fall.high);
    const two_parts<V> high = math::exact_sum(difference.high, V(stirling_parts<T>.high));
    const V u = V(T(1)) / s;
    // The logarithm's slope, for s_low.
    const V slope = detail::fnma(u, math::fma(u, V(T(0.12)), V(T(0.7213))), logarithm.high);
    const V small = math::fma(factor, logarithm.low, math::fma(s, V(-log2_e_parts<T>.low), math::fma(s_low, slope, V(stirling_parts<T>.low))));
    const V low = ((rise.low + fall.low) + (difference.low + high.low)) + math::fma(math::stirling_rest(u), u, small);
    return math::ordered_sum(high.high, low);
}

/// sin(pi a) in two parts, and its sign as that of a number; exact zeros at integers.
template <class V>
struct sine_of_turns {
    two_parts<V> size;
    decltype(math::bits(std::declval<V>())) sign;
};
template <class V>
[[nodiscard, gnu::always_inline]] constexpr sine_of_turns<V> sin_of_half_turns(V a) {
    using T = element_of<V>;
    const V n = math::rint(a);
    const V f = a - n;
    const V g = math::abs(f);
    const auto swap = V(T(0.25)) < g;
    const V h = math::select(swap, V(T(0.5)) - g, g);
    const two_parts<V> r = math::product(math::lanes_of<V>(pi_parts<T>), h);
    const sine_and_cosine<V> both = math::sine_and_cosine_of(r.high, r.low);
    const V half = n * V(T(0.5));
    const V turned = math::select(math::trunc(half) != half, -f, f);
    return {{math::select(swap, both.cosine.high, both.sine.high), math::select(swap, both.cosine.low, both.sine.low)}, math::sign_of(turned)};
}

/// Gamma(a) for a > 0 (both parts of it over a power of two): by Stirling's formula, below 2.5 that of a + 2 over `divisor`, which is a (a + 1).
template <class V>
struct gamma_of_size {
    two_parts<V> value;
    V exponent;
    two_parts<V> divisor;
    V next;    // a + 1 where there is a divisor, else a, and
    V next_low;
};
template <class V>
[[nodiscard, gnu::always_inline]] constexpr gamma_of_size<V> gamma_of(V a) {
    using T = element_of<V>;
    const V b = detail::lesser(V(math::pick<T>(44, 200)), a);    // infinite before
    const auto small = b < V(T(2.5));
    const two_parts<V> two_more = math::exact_sum(V(T(2)), b), one_more = math::exact_sum(V(T(1)), b);
    const V s = math::select(small, two_more.high, b), s_low = math::select(small, two_more.low, V(T(0)));
    const two_parts<V> t = math::log2_gamma(s, s_low, math::log2_in_two_parts(s));
    const V k = math::rint(t.high);
    const two_parts<V> d = math::product(one_more, b);
    return {math::exp2_in_two_parts(t.high - k, t.low),
            k,
            {math::select(small, d.high, V(T(1))), math::select(small, d.low, V(T(0)))},
            math::select(small, one_more.high, b),
            math::select(small, one_more.low, V(T(0)))};
}

/// 1 / x, which Gamma is next to where x is this small.
template <class T>
inline constexpr T gamma_pole = math::pick<T>(0x1p-40f, 0x1p-100);

/// Gamma(-a) = -pi / (sin(pi a) a Gamma(a)).
struct gamma_of_negative {
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V otherwise, V x) {
        using T = element_of<V>;
        const V a = math::abs(x);
        const gamma_of_size<V> g = math::gamma_of(a);
        const sine_of_turns<V> sine = math::sin_of_half_turns(a);
        // Below 2.5 a + 1 goes up; a Gamma(a) = Gamma(a + 2) / (a + 1).
        const auto small = a < V(T(2.5));
        const two_parts<V> one{V(T(1)), V(T(0))};
        const two_parts<V> next{g.next, g.next_low};
        const two_parts<V> above = math::product(math::lanes_of<V>(pi_parts<T>),
                                                 two_parts<V>{math::select(small, next.high, one.high), math::select(small, next.low, one.low)});
        const two_parts<V> factor{math::select(small, one.high, next.high), math::select(small, one.low, next.low)};
        const two_parts<V> below = math::product(math::product(sine.size, g.value), factor);
        const two_parts<V> y = math::quotient(above, below);
        const V size = math::scale(y.high + y.low, -g.exponent);
        const V value = math::flip(-size, sine.sign);
        const V at_integers = math::select(math::rint(a) == a, V(std::numeric_limits<T>::quiet_NaN()), value);
        const V of_negative = math::select(a < V(gamma_pole<T>), V(T(1)) / x, at_integers);
        return math::select(x < V(gamma_pole<T>), of_negative, otherwise);
    }
};

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V tgamma(V x) {
    const gamma_of_size<V> g = math::gamma_of(x);
    const two_parts<V> y = math::quotient(g.value, g.divisor);
    return detail::rare<gamma_of_negative>(x < V(gamma_pole<element_of<V>>), math::scale(y.high + y.low, g.exponent), x);
}

/// log(Gamma(1 + b)) / (b (b - 1)) for 0 <= b <= 1, in two parts.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> lgamma_between(V b) {
    using T = element_of<V>;
    const V c = b - V(T(0.5));
    const V first = V(math::pick<T>(0x1.eeb95cp-2f, 0x1.eeb95b094c191p-2));
    const V slope = [&] {
        if constexpr (std::same_as<T, float>) {
            return math::horner(c, -0x1.2aed06p-3f, 0x1.01af06p-4f, -0x1.007a36p-5f, 0x1.136246p-6f, -0x1.3514cep-7f, 0x1.5d0b52p-8f,
                                -0x1.9b44f6p-9f, 0x1.40b32p-9f, -0x1.85ef62p-10f);
        } else {
            return math::horner(c, -0x1.2aed059bd608ap-3, 0x1.01af62a292e9ep-4, -0x1.007aa83cee7e5p-5, 0x1.13342351dde0fp-6, -0x1.34dbda13c8fa0p-7,
                                0x1.64f066cdbffa0p-8, -0x1.a50352d82388ep-9, 0x1.f81485f78bbd0p-10, -0x1.313e688773355p-10, 0x1.7510a4178474dp-11,
                                -0x1.cb4cc1c288e9ep-12, 0x1.1c0dd4afb9573p-12, -0x1.61af5dcde0802p-13, 0x1.c3ca9686347cfp-14, -0x1.1bbedb9aeb43dp-14,
                                0x1.25823abba02b4p-15, -0x1.72274bc432ce1p-16, 0x1.db79b9599b3a6p-16, -0x1.2eb5136d557dbp-16);
        }
    }();
    const V high = math::fma(slope, c, first);
    return {high, math::fma(slope, c, first - high)};
}

/// log(Gamma(a)) for a > 0: by Stirling's formula, below 3 from the values between 1 and 2, where it has its zeros.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> lgamma_of_size(V a) {
    using T = element_of<V>;
    const auto large = V(T(3)) <= a, below = a < V(T(1)), above = V(T(2)) <= a;
    const V down = a - V(T(1));
    const V argument = math::select(large | below, a, math::select(above, down, V(T(1))));
    const two_parts<V> logarithm = math::log2_in_two_parts(argument);

    // Very large ones are computed over 2^8: their product with the logarithm may be past the range of numbers.
    const auto huge = V(math::pick<T>(0x1p60f, 0x1p500)) < a;
    const V s = math::select(huge, a * V(T(0x1p-8)), detail::larger(a, V(T(3))));
    const two_parts<V> stirling = math::product(math::log2_gamma(s, V(T(0)), logarithm), math::lanes_of<V>(ln2_parts<T>));
    const V back = math::select(huge, V(T(0x1p8)), V(T(1)));

    const V b = math::select(below, a, math::select(above, a - V(T(2)), down));
    const two_parts<V> between = math::product(math::lgamma_between(b), math::exact_product(b, b - V(T(1))));
    const two_parts<V> step = math::product(logarithm, math::lanes_of<V>(ln2_parts<T>));
    const two_parts<V> near = math::sum(between, two_parts<V>{math::select(below, -step.high, step.high), math::select(below, -step.low, step.low)});
    return {math::select(large, stirling.high * back, near.high), math::select(large, stirling.low * back, near.low)};
}

/// log(pi) - log(|sin(pi a)| a) - log(Gamma(a)) for -a.
struct lgamma_of_negative {
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V, V x) {
        using T = element_of<V>;
        constexpr T infinity = std::numeric_limits<T>::infinity();
        const V a = math::abs(x);
        const two_parts<V> of_size = math::lgamma_of_size(a);
        const two_parts<V> sine = math::sin_of_half_turns(a).size;
        const two_parts<V> m = math::product(sine, a);
        const two_parts<V> log2_m = math::log2_in_two_parts(m.high);
        const two_parts<V> log_m = math::product(two_parts<V>{log2_m.high, math::fma(m.low / m.high, V(log2_e_parts<T>.high), log2_m.low)},
                                                 math::lanes_of<V>(ln2_parts<T>));
        const two_parts<V> both = math::sum(log_m, of_size);
        const two_parts<V> y = math::sum(math::lanes_of<V>(ln_pi_parts<T>), two_parts<V>{-both.high, -both.low});
        const V value = math::select(a < V(gamma_pole<T>), of_size.high, y.high + y.low);
        return math::select((math::rint(a) == a) | (a == V(infinity)), V(infinity), value);
    }
};

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V lgamma(V x) {
    using T = element_of<V>;
    const two_parts<V> y = math::lgamma_of_size(x);
    const V positive = math::select(V(math::pick<T>(0x1p125f, 0x1p1020)) < x, V(std::numeric_limits<T>::infinity()), y.high + y.low);
    return detail::rare<lgamma_of_negative>(x <= V(T(0)), positive, x);
}

}  // namespace sinter::inline v1::detail::math
