#pragma once

#include <sinter/detail/math/scaling.hpp>
#include <sinter/detail/math/two_parts.hpp>

namespace sinter::inline v1::detail::math {

/// log2(|x|) to about 2^-10 of the type's precision, the low part below 2^-13 of the high one; infinite for zeros and infinities (the low part
/// is NaN then). log2(m) = s w(s^2) with s = (m - 1) / (m + 1); w is the line nearest to it, and the difference. The quotient, the line and the
/// sum are carried in two parts (T. Dekker, "A floating-point technique for extending the available precision", 1971; the products' low parts
/// by fma).
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> log2_in_two_parts(V x) {
    using T = element_of<V>;
    constexpr bool single = std::same_as<T, float>;
    constexpr T w0 = single ? T(0x1.715084p+1f) : T(0x1.7150830a06a2cp+1);
    constexpr T w1 = single ? T(0x1.f89b64p-1f) : T(0x1.f89b644ffccbap-1);
    constexpr T slope0 = single ? T(0x1.7140c4p+1f) : T(0x1.7140c4c9ee455p+1);
    constexpr T slope1 = single ? T(0x1.80a378p+1f) : T(0x1.80a377a7ad883p+1);
    const V m = math::mantissa(x);
    const V e = math::exponent(x, m);

    // s + rest / (m + 1) is the quotient: f - 2 s is exact.
    const V f = m - V(T(1));
    const V inverse = V(T(1)) / (m + V(T(1)));
    const V s = f * inverse;
    const V rest = detail::fnma(s, f, detail::fnma(s, V(T(2)), f));

    // What depends on the long polynomial comes last: latency counts here as much as the number of operations.
    const V v = s * s;
    const V v_low = detail::fms(s, s, v);
    const V w = detail::primitive<op::fma>(v, V(w1), V(w0));
    const V line_low = detail::primitive<op::fma>(v_low, V(w1), detail::primitive<op::fma>(v, V(w1), V(w0) - w));
    const V high = e + s * w;    // rounded twice, so that e - high is exact
    const V slope = detail::primitive<op::fma>(v, V(slope1), V(slope0));    // w0 / (1 - v) nearly, that of log2(m) over s
    const V tail = detail::primitive<op::fma>(rest * inverse, slope, detail::primitive<op::fma>(s, w, e - high));

    // The difference of w and the line is up to 2^-14 of it.
    const V difference = [&] {
        if constexpr (single) {
            return detail::primitive<op::fma>(math::horner(v, -0x1.855914p-6f, 0x1.2778a2p-1f, 0x1.a51462p-2f, 0x1.64b3f8p-2f), v, line_low + V(0x1.f9296cp-14f));
        } else {
            return detail::primitive<op::fma>(math::horner(v, -0x1.8558d18b9178fp-6, 0x1.2776c50ef9ba6p-1, 0x1.a61762a7bd9fdp-2,
                                     0x1.484b13cd1dbfep-2, 0x1.0c9a88a02ff67p-2, 0x1.c68d828e9e557p-3, 0x1.8a34afa66f394p-3, 0x1.56372b7da9ebp-3,
                                     0x1.7509df629b07cp-3), v, line_low + V(0x1.f9a458c690bbcp-14));
        }
    }();
    return {high, detail::primitive<op::fma>(s, difference, tail)};
}

/// (2^r - 1) / r = log(2) + r curve for |r| <= 1/2 and a little more.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V exp2_curve(V r) {
    if constexpr (std::same_as<element_of<V>, float>) {
        return math::horner(r, 0x1.ebfbep-3f, 0x1.c6af7p-5f, 0x1.3b2a44p-7f, 0x1.5f0f3ep-10f, 0x1.442958p-13f);
    } else {
        return math::horner(r, 0x1.ebfbdff82c5a5p-3, 0x1.c6b08d704a189p-5, 0x1.3b2ab6fb9ff47p-7, 0x1.5d87fe7887464p-10,
                            0x1.4309130f33988p-13, 0x1.ffcbfce322637p-17, 0x1.62bfc6c046147p-20, 0x1.b5241268aed89p-24, 0x1.e61cc0f952697p-28,
                            0x1.eb1699f1856b4p-32);
    }
}
template <class T>
inline constexpr T exp2_slope = math::pick<T>(0x1.62e43p-1f, 0x1.62e42fefa39efp-1);

/// 2^r for the same.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V exp2_of_small(V r) {
    using T = element_of<V>;
    const V slope = detail::primitive<op::fma>(math::exp2_curve(r), r, V(exp2_slope<T>));
    return detail::primitive<op::fma>(slope, r, V(T(1)));
}

/// 2^(r + r_low), in two parts.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> exp2_in_two_parts(V r, V r_low) {
    using T = element_of<V>;
    const V curve = math::exp2_curve(r);
    const V slope = math::fma(curve, r, V(exp2_slope<T>));
    const V slope_low = math::fma(curve, r, V(exp2_slope<T>) - slope);
    const V p = math::fma(slope, r, V(T(1)));
    return {p, math::fma(slope_low, r, math::fma(slope, r, V(T(1)) - p)) + (r_low * V(exp2_slope<T>)) * p};
}

/// 2^(y log2(|x|)), then the cases of C's Annex F.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V pow(V x, V y) {
    using T = element_of<V>;
    using F = format<T>;
    using I = decltype(math::bits(x));
    constexpr bool single = std::same_as<T, float>;
    // Past these the power is infinite, or rounds to zero.
    constexpr T highest = single ? T(130) : T(1026), lowest = single ? T(-152) : T(-1077);

    const auto [log_high, log_low] = math::log2_in_two_parts(x);
    const V z = y * log_high;
    const V z_low = detail::primitive<op::fma>(y, log_low, detail::fms(y, log_high, z));
    const V bounded = detail::larger(V(lowest), detail::lesser(V(highest), z));

    // The exponent is 0 where y or log2(|x|) is, whatever the other is. As an integer less one, a negative number other than -0 and -inf is less
    // than -inf.
    constexpr auto lowest_bits = std::numeric_limits<typename F::integer>::min();
    constexpr auto infinity_bits = math::bits_of(std::numeric_limits<T>::infinity());
    const auto fractional = detail::primitive<op::trunc>(y) != y;
    const auto negative = math::bits(x) - I(1) < I(lowest_bits + infinity_bits - 1);
    const V not_one = detail::primitive<op::select>((log_high != V(T(0))) & (y != V(T(0))), bounded, V(T(0)));
    const V high = detail::primitive<op::select>(negative & fractional, V(std::numeric_limits<T>::quiet_NaN()), not_one);

    const V low = detail::primitive<op::select>(high == z, z_low, V(T(0)));
    const V k = detail::primitive<op::rint>(high + low);
    const V size = math::scale(math::exp2_of_small((high - k) + low), k);

    // x's sign where y is an odd integer.
    const I sign = [&] {
        if constexpr (single) {
            return detail::primitive<op::select>(fractional, I(0), detail::convert<std::int32_t>(y) << 31);
        } else {
            const V half = y * V(0.5);
            const auto odd = detail::primitive<op::trunc>(half) != half;
            return math::bits(detail::primitive<op::select>(fractional, V(0.0), detail::primitive<op::select>(odd, V(-0.0), V(0.0))));
        }
    }();
    return math::from_bits<T>(math::bits(size) ^ (sign & math::bits(x)));
}

}  // namespace sinter::inline v1::detail::math
