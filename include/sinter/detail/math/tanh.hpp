#pragma once

#include <sinter/detail/math/parts.hpp>
#include <sinter/detail/math/tanh_terms.hpp>

namespace sinter::inline v1::detail::math {

/// The low two bits of a float's exponent and the first one of its mantissa, as the low bits of another.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V place_of(V x) {
    return math::from_bits<float>(math::bits(x) >> format<float>::integer{format<float>::mantissa - 1});
}

/// Polynomials beside eight numbers whose tanh is nearly a float.
template <class V>
    requires std::same_as<element_of<V>, float>
[[nodiscard, gnu::always_inline]] constexpr V tanh(V x) {
    const auto& c = tanh_terms;
    const V b = detail::lesser(V(9.25f), detail::primitive<op::abs>(x));    // tanh is 1 past 9.02
    const V place = math::place_of(math::fma(b, V(tanh_scale), V(tanh_offset)));
    const V t = b - detail::lookup(place, c[0]);
    const V p = math::horner_at(t, place, c[2], c[3], c[4], c[5], c[6], c[7], c[8]);
    // Near 0 that is what is added to b.
    return math::with_sign(math::fma(p, t, detail::larger(detail::lookup(place, c[1]), detail::lesser(V(0.375f), b))), x);
}

/// tanh(x) = m / (m + 2), where m = expm1(2 x) = 2^k expm1(2 r) + (2^k - 1). The quotient is corrected once, also for the rounding of m + 2.
template <class V>
    requires std::same_as<element_of<V>, double>
[[nodiscard, gnu::always_inline]] constexpr V tanh(V x) {
    using F = format<double>;
    const V b = detail::lesser(V(22.0), detail::primitive<op::abs>(x));    // tanh is 1 past 19.07
    const V magic = V(math::rounder<double>(F::bias));
    const V shifted = detail::primitive<op::fma>(b, V(2 * F::log2_e), magic);
    const V k = shifted - magic;
    const V r = detail::fnma(k, V(F::ln2_low), detail::fnma(k, V(F::ln2_high), b + b));
    const V scale = math::from_bits<double>(math::bits(shifted) << std::int64_t{F::mantissa});
    const V q = math::horner(r, 0.5, 0x1.5555555555559p-3, 0x1.555555555554dp-5, 0x1.111111110f64bp-7, 0x1.6c16c16c1abp-10,
                             0x1.a01a01b00a51ep-13, 0x1.a01a018e11cc5p-16, 0x1.71ddf7f82aacap-19, 0x1.27e51326d2affp-22,
                             0x1.af5f5df405a9p-26, 0x1.1f1a6d8faa52dp-29);
    const V m = detail::primitive<op::fma>(scale, detail::primitive<op::fma>(r * r, q, r), scale - V(1.0));
    const V d = m + V(2.0);
    const V d_low = m - (d - V(2.0));
    const V inverse = V(1.0) / d;
    const V y = m * inverse;
    const V rest = detail::fnma(y, d_low, detail::fnma(y, d, m));
    return math::with_sign(detail::primitive<op::fma>(rest, inverse, y), x);
}

/// For precision::fast: of float the same with a coefficient less.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V fast_tanh(V x) {
    if constexpr (std::same_as<element_of<V>, double>) {
        return math::tanh(x);
    } else {
        const auto& c = fast_tanh_terms;
        const V b = detail::lesser(V(9.25f), detail::primitive<op::abs>(x));
        const V place = math::place_of(math::fma(b, V(fast_tanh_scale), V(fast_tanh_offset)));
        const V t = b - detail::lookup(place, c[0]);
        return math::with_sign(math::horner_at(t, place, c[1], c[2], c[3], c[4], c[5], c[6], c[7]), x);
    }
}

}  // namespace sinter::inline v1::detail::math
