#pragma once

#include <sinter/detail/math/erf_terms.hpp>
#include <sinter/detail/math/exponentials.hpp>

#include <iterator>

// erf and erfc.

namespace sinter::inline v1::detail::math {

/// erf(a) / a - 1 for 0 <= a <= 1, of z = a^2.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V erf_of_small(V z) {
    return math::horner(z, 0x1.06eba6p-3f, -0x1.812728p-2f, 0x1.ce2a84p-4f, -0x1.b7d9bp-6f, 0x1.533e4ap-8f, -0x1.9f268p-11f, 0x1.3de08ap-14f);
}

/// For float polynomials beside eight numbers whose erf is nearly a float.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V erf_of_size(V a) {
    const auto& c = float_erf_terms;
    const V b = detail::lesser(V(3.95f), a);  // erf is 1 past these
    const V magic = V(math::rounder<float>(0));
    const V place = math::fma(b, V(1 / erf_step), magic);
    const V t = detail::fnma(place - magic, V(erf_step), b);  // exactly
    const V p = math::horner_at(t, place, c[1], c[2], c[3], c[4], c[5], c[6]);
    // Near 0 that is what is added to b.
    return math::fma(p, t, detail::larger(detail::lookup(place, c[0]), detail::lesser(V(0.5f), b)));
}

/// Every other one of the elements' own terms, from that of power K on.
template <std::size_t K, class V>
[[nodiscard, gnu::always_inline]] constexpr V every_other_erf_term(V square, V place) {
    if constexpr (K + 2 < std::size(erf_terms)) {
        const V rest = math::every_other_erf_term<K + 2>(square, place);
        return math::fma(rest, square, detail::lookup(place, erf_terms[K]));
    } else {
        return detail::lookup(place, erf_terms[K]);
    }
}

/// For double a polynomial beside each of eight numbers: shorter than those of one or two for all, and an element's coefficients are looked up while others
/// are multiplied.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V erf_by_terms(V a) {
    constexpr double step = 0.796875;
    const V b = detail::lesser(V(5.97), a);  // erf is 1 past these
    const V magic = V(math::rounder<double>(0));
    const V place = math::fma(b, V(1 / step), magic);
    const V t = detail::fnma(place - magic, V(step), b);  // exactly
    const V square = t * t;
    const V odd = math::every_other_erf_term<3>(square, place);
    // The larger ones one by one, so that each rounds once.
    const V rest = math::fma(odd, t, math::every_other_erf_term<2>(square, place));
    const V p = math::fma(rest, t, detail::lookup(place, erf_terms[1]));
    return math::fma(p, t, detail::lookup(place, erf_terms[0]));
}

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V erf(V x) {
    const V a = math::abs(x);
    if constexpr (std::same_as<element_of<V>, float>) return math::with_sign(math::erf_of_size(a), x);
    else return math::with_sign(math::erf_by_terms(a), x);
}

/// (1 + 2 a) exp(a^2) erfc(a) - 1, nearly even, of t = (a - 4) / (a + 4) (M. Shepherd and J. Laframboise, "Chebyshev approximation of
/// (1 + 2x) exp(x^2) erfc x in 0 <= x < inf", 1981).
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V scaled_erfc(V t) {
    if constexpr (std::same_as<element_of<V>, float>) {
        return math::horner(t, 0x1.dd2c8cp-3f, -0x1.1df1aep-3f, 0x1.f7f5aep-7f, 0x1.16edcp-4f, -0x1.9dd9d2p-4f, 0x1.7fe1ecp-4f, -0x1.0fc9e8p-4f,
                            0x1.30ec02p-5f, -0x1.068ad2p-6f, 0x1.4a863cp-8f, -0x1.29f56ap-10f, -0x1.5094f4p-11f);
    } else {
        return math::horner(t, 0x1.dd2c8b74febf6p-3, -0x1.1df1ad154a29bp-3, 0x1.f7f5df66fd7fdp-7, 0x1.16ecefcfa5f6cp-4, -0x1.9ddb23c3e90bep-4,
                            0x1.7fee004df83d2p-4, -0x1.0fb06dfe4f685p-4, 0x1.3079edf9d1eabp-5, -0x1.0962388237da1p-6, 0x1.49c6719938f4dp-8,
                            -0x1.8d4a9e6d77dbap-11, -0x1.a1de863727663p-13, 0x1.3be0b9c546c2ap-13, -0x1.9969e64cd5f0ep-16, -0x1.78a4771a8e738p-17,
                            0x1.7fb1f6c5d8882p-18, 0x1.437cec4c91751p-22, -0x1.c02a3f114ac01p-21, 0x1.0e1a40ed349d5p-24, 0x1.eea0eb5c84108p-24,
                            -0x1.0d68e2febe909p-27, -0x1.d50e27f9f2a9cp-27, -0x1.eefc1a17700abp-30);
    }
}

/// exp(-a^2) times that over 1 + 2 a, every factor in two parts; 2 less it on the other side.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V erfc(V x) {
    using T = element_of<V>;
    constexpr T log2_e = math::pick<T>(0x1.715476p0f, 0x1.71547652b82fep0), log2_e_low = math::pick<T>(0x1.4ae0cp-26f, 0x1.777d0ffda0d24p-56);
    const V a = detail::lesser(V(math::pick<T>(10.1f, 27.3)), math::abs(x));    // erfc is 0 past these

    // t, and for what its rounding errors count.
    const V above = a - V(T(4));
    const two_parts<V> below = math::exact_sum(a, V(T(4)));
    const V inverse = V(T(1)) / below.high;
    const V t = above * inverse;
    const V t_low = (detail::fnma(t, below.high, above) + detail::fnma(t, below.low, a - (above + V(T(4))))) * inverse;
    const V w = V(T(4)) * inverse;
    const V w4 = (w * w) * (w * w);
    const V slope = math::fma(w4 * w4, (w * w) * V(T(1.86)), V(T(-0.12)));
    const V rise = math::scaled_erfc(t);
    const V s = rise + V(T(1));
    const V s_low = math::fma(t_low, slope, (V(T(1)) - s) + rise);

    // exp(-a^2) = 2^k (1 + ...)
    const two_parts<V> square = math::exact_product(a, a);
    const V z = square.high * V(-log2_e);
    const V z_low = math::fma(square.low, V(-log2_e), math::fma(square.high, V(-log2_e_low), detail::fms(square.high, V(-log2_e), z)));
    const V k = math::rint(z);

    const two_parts<V> d = math::exact_sum(a + a, V(T(1)));
    const two_parts<V> y = math::quotient(math::product(math::exp2_in_two_parts(z - k, z_low), two_parts<V>{s, s_low}), d);
    V right = math::scale(y.high + y.low, k);
    if constexpr (std::same_as<T, float>) {
        // There t has lost too much of a.
        const V lost = (V(1.0f) - (V(1.0f) - a)) - a;
        right = math::select(a < V(0.5f), (V(1.0f) - a) + detail::fnma(a, math::erf_of_small(a * a), lost), right);
    }
    return math::select(x < V(T(0)), V(T(2)) - right, right);
}

}  // namespace sinter::inline v1::detail::math
