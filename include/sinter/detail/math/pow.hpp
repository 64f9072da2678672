#pragma once

#include <sinter/detail/math/exp.hpp>

namespace sinter::inline v1::detail::math {

/// A value in two parts; the second is small beside the first.
template <class V>
struct two_parts {
    V high;
    V low;
};

/// log(x) of a positive finite number to about 2^-9 of the type's precision: log(m) = g + g^3 / 12 + g^5 q(g^2) with
/// g = 2 (m - 1) / (m + 1), where every term but the last is carried in two parts (T. Dekker, "A floating-point technique for
/// extending the available precision", 1971; the products' low parts by fma).
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> log_in_two_parts(V x) {
    using T = element_of<V>;
    constexpr bool single = std::same_as<T, float>;
    constexpr T twelfth = single ? T(0x1.555556p-4f) : T(0x1.5555555555555p-4);
    // log(2) with a first part that an exponent multiplies exactly.
    constexpr T ln2_short = single ? T(0x1.62e4p-1f) : T(0x1.62e42fefa4p-1);
    constexpr T ln2_rest = single ? T(0x1.7f7d1cp-20f) : T(-0x1.8432a1b0e2634p-43);
    const auto [m, e] = math::split_positive(x, root_half<T>);

    const V f = m - V(T(1));
    const V d = detail::primitive<op::fma>(m, V(T(0.5)), V(T(0.5)));
    const V d_low = detail::primitive<op::fma>(m, V(T(0.5)), V(T(0.5)) - d);
    const V inverse = V(T(1)) / d;
    const V g = f * inverse;
    const V g_low = detail::fnma(g, d_low, detail::fnma(g, d, f)) * inverse;

    const V v = g * g;
    const V cube = v * g;
    const V cube_low = detail::primitive<op::fma>(detail::fms(g, g, v), g, detail::fms(v, g, cube));
    const V q = [&] {
        if constexpr (single) {
            return math::horner(v, -0x1.555556p-29f, 0x1.9999a4p-7f, 0x1.2479f6p-9f, 0x1.d8170ep-12f);
        } else {
            return math::horner(v, 0x1.5555555555555p-58, 0x1.999999999999ap-7, 0x1.24924924922fp-9, 0x1.c71c71c74ffc7p-12, 0x1.745d173a5d151p-14,
                                0x1.3b13aaa95b24cp-16, 0x1.111529e2603d4p-18, 0x1.e0205a1e9c792p-21, 0x1.da67f625eb16p-23);
        }
    }();
    const V c = cube * (q + V(twelfth));
    const V c_low = detail::primitive<op::fma>(cube_low, V(twelfth), detail::primitive<op::fma>(cube, q, detail::fms(cube, V(twelfth), c)));

    const V h = g + c;
    const V slope = detail::primitive<op::fma>(v, V(T(0.25)), V(T(1)));  // of log(m) over g
    const V h_low = detail::primitive<op::fma>(g_low, slope, ((g - h) + c) + c_low);

    const V whole = e * V(ln2_short * exponent_unit<T>);
    const V high = whole + h;
    return {high, ((whole - high) + h) + detail::primitive<op::fma>(e, V(ln2_rest * exponent_unit<T>), h_low)};
}

/// Bits of x's sign where y is an odd integer, else 0; y is finite or NaN.
template <class V, class Mask>
[[nodiscard, gnu::always_inline]] constexpr auto odd_sign(V x, V y, Mask fractional) {
    using T = element_of<V>;
    using I = decltype(math::bits(x));
    if constexpr (std::same_as<T, float>) {
        const I odd = detail::convert<std::int32_t>(y) << 31;
        return detail::primitive<op::select>(fractional, I(0), odd & math::bits(x));
    } else {
        const V half = y * V(T(0.5));
        const V even = detail::primitive<op::rint>(half);
        const V signed_or_not = detail::primitive<op::select>(half == even, V(T(0)), x);
        return math::bits(detail::primitive<op::select>(fractional, V(T(0)), signed_or_not)) & I(math::bits_of(T(-0.0)));
    }
}

/// exp(y log(|x|)), then the cases of C's Annex F.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V pow(V x, V y) {
    using T = element_of<V>;
    using F = format<T>;
    using I = decltype(math::bits(x));
    // Where |x| is not 1, larger exponents overflow or underflow as this one does, and infinite ones need no case of their own.
    constexpr T most = math::power_of_two<T>(std::same_as<T, float> ? 32 : 64);
    const V a = detail::primitive<op::abs>(x);
    const V p = detail::larger(V(-most), detail::lesser(V(most), y));

    const auto [log_high, log_low] = math::log_in_two_parts(a);
    const V z = p * log_high;
    const V z_low = detail::primitive<op::fma>(p, log_low, detail::fms(p, log_high, z));
    const V bounded = detail::larger(V(exp_lowest<T>), detail::lesser(V(exp_highest<T>), z));
    const V size = math::exp_in_range(bounded, detail::primitive<op::select>(bounded == z, z_low, V(T(0))));

    const auto fractional = detail::primitive<op::trunc>(p) != p;
    const V real = detail::primitive<op::select>((x < V(T(0))) & fractional, V(std::numeric_limits<T>::quiet_NaN()), size);

    // |x| is 0, infinite or NaN: |x| or its inverse, times p for the sake of NaN. As integers, -inf - |x| is -1 / |x|.
    constexpr auto infinity = math::bits_of(std::numeric_limits<T>::infinity());
    constexpr auto lowest = std::numeric_limits<typename F::integer>::min();
    constexpr auto highest = std::numeric_limits<typename F::integer>::max();
    const I bits_a = math::bits(a);
    const auto extreme = I(lowest + infinity - 2) < bits_a + I(highest);
    const V inverse = math::from_bits<T>(I(lowest + infinity) - bits_a);
    const V at_extreme = p * detail::primitive<op::select>(p < V(T(0)), inverse, a);
    const V result = detail::primitive<op::select>(extreme, at_extreme, real);

    const V signed_result = math::from_bits<T>(math::bits(result) ^ math::odd_sign(x, p, fractional));
    return detail::primitive<op::select>((y == V(T(0))) | (x == V(T(1))), V(T(1)), signed_result);
}

}  // namespace sinter::inline v1::detail::math
