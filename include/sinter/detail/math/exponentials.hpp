#pragma once

#include <sinter/detail/math/pow.hpp>

// exp2, expm1, sinh and cosh.

namespace sinter::inline v1::detail::math {

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V exp2(V x) {
    using T = element_of<V>;
    const V bounded = detail::larger(V(math::lowest_power<V>()), detail::lesser(V(math::pick<T>(129, 1025)), x));
    const V k = math::rint(bounded);
    return math::scale(math::exp2_of_small(bounded - k), k);
}

/// x less the nearest multiple k of log(2), in two parts.
template <class V>
struct reduced_exponent {
    V k, high, low;
};
template <class V>
[[nodiscard, gnu::always_inline]] constexpr reduced_exponent<V> reduce_exponent(V x) {
    using F = format<element_of<V>>;
    const V k = math::nearest_multiple(x, F::log2_e);
    const V exact = detail::fnma(k, V(F::ln2_high), x);
    const V high = detail::fnma(k, V(F::ln2_low), exact);
    return {k, high, detail::fnma(k, V(F::ln2_low), exact - high)};
}

/// 2^k of a normal number.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V power_of_two_lanes(V k, int offset) {
    using T = element_of<V>;
    using F = format<T>;
    return math::from_bits<T>(math::bits(k + V(math::rounder<T>(F::bias + offset))) << typename F::integer{F::mantissa});
}

/// exp(r) - 1 - r for |r| <= log(2) / 2.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V expm1_tail(V r) {
    if constexpr (std::same_as<element_of<V>, float>) {
        const V square = r * r;
        const V low = detail::fms(r, r, square);
        const V cubic = math::horner(r, 0x1.555554p-3f, 0x1.5554fp-5f, 0x1.111306p-7f, 0x1.6d4386p-10f, 0x1.9e0c94p-13f);
        return math::fma(square, V(0.5f), math::fma(square * r, cubic, low * V(0.5f)));
    } else {
        return r * r * math::halves(r, 0.5, 0x1.5555555555559p-3, 0x1.555555555554dp-5, 0x1.111111110f64bp-7, 0x1.6c16c16c1abp-10,
                                    0x1.a01a01b00a51ep-13, 0x1.a01a018e11cc5p-16, 0x1.71ddf7f82aacap-19, 0x1.27e51326d2affp-22,
                                    0x1.af5f5df405a9p-26, 0x1.1f1a6d8faa52dp-29);
    }
}

/// Twice A expm1(r) + (A - 1/2), A = 2^(k-1): 2^k can be past the range of numbers.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V expm1(V x) {
    using T = element_of<V>;
    // Past these the result is infinite, or -1.
    const V bounded = detail::larger(V(math::pick<T>(-20, -40)), detail::lesser(V(math::pick<T>(88.9f, 709.9)), x));
    const reduced_exponent<V> r = math::reduce_exponent(bounded);
    const V scale = math::power_of_two_lanes(r.k, -1);
    const V whole = scale - V(T(0.5));
    const two_parts<V> s = math::ordered_sum(whole, scale * r.high);
    const V lost = s.low + ((scale - whole) - V(T(0.5)));
    const V y = s.high + math::fma(scale, math::expm1_tail(r.high) + r.low, lost);
    // Also what halving would round, and zeros.
    return math::select(math::abs(x) < V(math::pick<T>(0x1p-26f, 0x1p-55)), x, y + y);
}

// sinh(r) - r over r^3, and cosh(r) - 1 - r^2 / 2 over r^4, for |r| <= log(2) / 2, of z = r^2.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V sinh_tail(V z) {
    if constexpr (std::same_as<element_of<V>, float>) {
        return math::horner(z, 0x1.555556p-3f, 0x1.110fe2p-7f, 0x1.a28f26p-13f);
    } else {
        return math::horner(z, 0x1.5555555555555p-3, 0x1.111111111130ap-7, 0x1.a01a019f13e44p-13, 0x1.71de3e35631ecp-19, 0x1.ae56a1bc63bdp-26,
                            0x1.73bf2cf6fdd15p-33);
    }
}
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V cosh_tail(V z) {
    if constexpr (std::same_as<element_of<V>, float>) {
        return math::horner(z, 0.5f, 0x1.5554e4p-5f, 0x1.6d5164p-10f);
    } else {
        return math::horner(z, 0.5, 0x1.5555555555555p-5, 0x1.6c16c16c16f3fp-10, 0x1.a01a019eb5b46p-16, 0x1.27e5001c2c266p-22,
                            0x1.1edeba1827bd8p-29, 0x1.b8633818152fp-37);
    }
}

/// Half of sinh(a) or cosh(a), a >= 0, with A = 2^(k-2) and B = 2^(-k-2) as (A - B) cosh(r) + (A + B) sinh(r), or with their places changed:
/// accurate for all sizes without a case of its own for small ones, and without a division.
template <bool Even, class V>
[[nodiscard, gnu::always_inline]] constexpr V half_of_hyperbolic(V a) {
    using T = element_of<V>;
    const V bounded = detail::lesser(V(math::pick<T>(89.5f, 710.5)), a);
    const reduced_exponent<V> r = math::reduce_exponent(bounded);
    const V up = math::power_of_two_lanes(r.k, -2);
    const V down = math::power_of_two_lanes(-detail::lesser(r.k, V(math::pick<T>(60, 400))), -2);
    const V sum = up + down, difference = up - down;
    const V whole = Even ? sum : difference, sloped = Even ? difference : sum;
    const V whole_low = Even ? (up - whole) + down : (up - whole) - down;
    const V z = r.high * r.high;
    const V high = math::fma(sloped, r.high, whole);
    const V lost = math::fma(sloped, r.high, whole - high) + whole_low;
    const V odd = math::fma(r.high * z, math::sinh_tail(z), r.low);
    return high + math::fma(sloped, odd, math::fma(whole, z * math::cosh_tail(z), lost));
}

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V sinh(V x) {
    using T = element_of<V>;
    const V a = math::abs(x);
    const V half = math::half_of_hyperbolic<false>(a);
    return math::with_sign(math::select(a < V(math::pick<T>(0x1p-13f, 0x1p-28)), a, half + half), x);
}

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V cosh(V x) {
    const V half = math::half_of_hyperbolic<true>(math::abs(x));
    return half + half;
}

}  // namespace sinter::inline v1::detail::math
