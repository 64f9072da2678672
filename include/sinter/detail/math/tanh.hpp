#pragma once

#include <sinter/detail/math/parts.hpp>

namespace sinter::inline v1::detail::math {

/// tanh(x) = 1 - 2 / (exp(2 x) + 1), which keeps its accuracy for x > 0.9 or so; below an odd polynomial.
template <class V>
    requires std::same_as<element_of<V>, float>
[[nodiscard, gnu::always_inline]] constexpr V tanh(V x) {
    using F = format<float>;
    const V a = detail::primitive<op::abs>(x);
    const V b = detail::lesser(V(10.0f), a);    // tanh is 1 past 9.02
    const V magic = V(math::rounder<float>(F::bias));
    const V shifted = detail::primitive<op::fma>(b, V(2 * F::log2_e), magic);
    const V r = detail::fnma(shifted - magic, V(F::ln2_high / 2), b);
    const V scale = math::from_bits<float>(math::bits(shifted) << F::mantissa);
    // exp(2 r) - 1 over r: the coefficients of exp with the powers of 2 in them.
    const V q = math::horner(r, 2.0f, 4 * 0x1.fffffcp-2f, 8 * 0x1.55549p-3f, 16 * 0x1.5558ap-5f, 32 * 0x1.123ac6p-7f,
                             64 * 0x1.6a6034p-10f);
    const V far = V(1.0f) - V(2.0f) / detail::primitive<op::fma>(q * r, scale, scale + V(1.0f));

    const V z = a * a;
    const V near_part = math::horner(z, -0x1.555548p-2f, 0x1.110dfep-3f, -0x1.b9a0bcp-5f, 0x1.61b2dp-6f, -0x1.0a0ea8p-7f,
                                     0x1.40aae6p-9f, -0x1.a981c4p-12f);
    const V near = detail::primitive<op::fma>(a * z, near_part, a);
    return math::with_sign(detail::primitive<op::select>(a < V(0.9375f), near, far), x);
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

}  // namespace sinter::inline v1::detail::math
