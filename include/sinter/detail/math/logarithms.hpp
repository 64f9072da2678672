#pragma once

#include <sinter/detail/math/log.hpp>
#include <sinter/detail/math/two_parts.hpp>

// log2, log10 and log1p, and the inverse hyperbolic functions, which are logarithms of 1 + u.

namespace sinter::inline v1::detail::math {

/// What one power of two counts in a logarithm, in two parts of one sign, and the logarithm of e.
template <class T>
struct log_base {
    T power_high, power_low;
    T slope_high, slope_low;
};
template <class T>
inline constexpr log_base<T> natural{math::pick<T>(0x1.62e42ep-1f, 0x1.62e42fefa39efp-1), math::pick<T>(0x1.efa39ep-25f, 0x1.abc9e3b39803fp-56), 1, 0};
template <class T>
inline constexpr log_base<T> binary{1, 0, math::pick<T>(0x1.715476p0f, 0x1.71547652b82fep0), math::pick<T>(0x1.4ae0cp-26f, 0x1.777d0ffda0d24p-56)};
template <class T>
inline constexpr log_base<T> decimal{math::pick<T>(0x1.344134p-2f, 0x1.34413509f79fep-2), math::pick<T>(0x1.09f7ap-26f, 0x1.e623e2566b02ep-55),
                                     math::pick<T>(0x1.bcb7b2p-2f, 0x1.bcb7b1526e50ep-2), math::pick<T>(-0x1.5b235ep-27f, 0x1.95355baaafad3p-57)};

/// e powers of two and log(1 + f) = f + tail. e may be infinite.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V assemble_log(V e, V f, two_parts<V> tail, const log_base<element_of<V>>& base) {
    using T = element_of<V>;
    V high = f, low = tail.low;
    if (base.slope_high != T(1)) {
        high = f * V(base.slope_high);
        low = math::fma(low, V(base.slope_high), math::fma(f, V(base.slope_low), detail::fms(f, V(base.slope_high), high)));
    }
    const V s = math::fma(e, V(base.power_high), high);
    const V sum = math::fma(tail.high, V(base.slope_high), s);
    // What both roundings lost. NaN of infinities gives way to 1.
    const V lost = detail::lesser((detail::fms(e, V(base.power_high), s) + high) + math::fma(tail.high, V(base.slope_high), s - sum), V(T(1)));
    if (base.power_low != T(0)) low = math::fma(e, V(base.power_low), low);
    return sum + (low + lost);
}

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V log_to_base(V x, const log_base<element_of<V>>& base) {
    using T = element_of<V>;
    const V m = math::mantissa(x);
    const V f = m - V(T(1));
    const V y = math::assemble_log(math::exponent(x, m), f, math::log1p_tail(f), base);
    return math::select(x < V(T(0)), V(std::numeric_limits<T>::quiet_NaN()), y);
}

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V log2(V x) {
    return math::log_to_base(x, binary<element_of<V>>);
}
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V log10(V x) {
    return math::log_to_base(x, decimal<element_of<V>>);
}

/// log(1 + u), u > -1 and finite. 1 + u = (1 + f) 2^e, where f = u 2^-e + (2^-e - 1) is rounded once, and not at all for e = 0.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V log1p_of_finite(V u) {
    using T = element_of<V>;
    const V v = u + V(T(1));
    const V e = math::exponent(v, math::mantissa(v));
    const V power = math::scale(V(T(1)), -e);
    const V f = math::fma(u, power, power - V(T(1)));
    return math::assemble_log(e, f, math::log1p_tail(f), natural<T>);
}

/// The same for u in two parts, and more powers of two.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V log1p_of_parts(two_parts<V> u, V more) {
    using T = element_of<V>;
    const V v = u.high + V(T(1));
    const V e = math::exponent(v, math::mantissa(v));
    const V power = math::scale(V(T(1)), -e);
    const two_parts<V> f = math::exact_sum(u.high * power, power - V(T(1)));
    // A change of 1 + f counts by its inverse; a line and a half are near enough for what is below the last bit.
    const V inverse = math::fma(math::fma(f.high, V(T(0.61)), V(T(-0.97))), f.high, V(T(1)));
    const two_parts<V> tail = math::log1p_tail(f.high);
    return math::assemble_log(e + more, f.high, {tail.high, math::fma(math::fma(u.low, power, f.low), inverse, tail.low)}, natural<T>);
}

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V log1p(V x) {
    using T = element_of<V>;
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const V y = math::select(x < V(infinity), math::log1p_of_finite(x), x);
    const V at_most = math::select(x == V(T(-1)), V(-infinity), V(std::numeric_limits<T>::quiet_NaN()));
    // A zero keeps its sign. Not what is outside, where y may be a NaN of either sign.
    return math::select(V(T(-1)) < x, math::flip(y, math::sign_of(x) & ~math::sign_of(y)), at_most);
}

/// The root of two parts of a sum of squares, in two parts.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> root_of_parts(two_parts<V> w) {
    const V root = math::sqrt(w.high);
    const V rest = detail::fnma(root, root, w.high) + w.low;
    return {root, rest / detail::larger(root + root, V(std::numeric_limits<element_of<V>>::min()))};
}

/// log(1 + u), u = a + (sqrt(1 + a^2) - 1); past 2^28 it is log(2 a).
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V asinh(V x) {
    using T = element_of<V>;
    const V a = math::abs(x);
    const two_parts<V> square = math::exact_product(a, a);
    const two_parts<V> w = math::exact_sum(square.high, V(T(1)));
    const two_parts<V> root = math::root_of_parts(two_parts<V>{w.high, w.low + square.low});
    const two_parts<V> u = math::exact_sum(a, root.high - V(T(1)));
    const auto large = V(T(0x1p28)) < a;
    const V y = math::log1p_of_parts(two_parts<V>{math::select(large, a - V(T(1)), u.high), math::select(large, V(T(0)), u.low + root.low)},
                                     math::select(large, V(T(1)), V(T(0))));
    return math::with_sign(math::select(a < V(std::numeric_limits<T>::infinity()), y, a), x);
}

/// log(1 + u), u = d + sqrt(2 d + d^2), d = x - 1; past 2^28 it is log(2 x).
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V acosh(V x) {
    using T = element_of<V>;
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const V d = x - V(T(1));
    const two_parts<V> square = math::exact_product(d, d);
    const two_parts<V> w = math::exact_sum(d + d, square.high);
    const two_parts<V> root = math::root_of_parts(two_parts<V>{w.high, w.low + square.low});
    const two_parts<V> u = math::ordered_sum(root.high, d);
    const auto large = V(T(0x1p28)) < x;
    const V y = math::log1p_of_parts(two_parts<V>{math::select(large, d, u.high), math::select(large, V(T(0)), u.low + root.low)},
                                     math::select(large, V(T(1)), V(T(0))));
    const V finite = math::select(x < V(T(1)), V(std::numeric_limits<T>::quiet_NaN()), y);
    return math::select(x < V(infinity), finite, x);
}

/// Half of log(1 + u), u = 2 a / (1 - a).
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V atanh(V x) {
    using T = element_of<V>;
    const V a = math::abs(x);
    const V d = V(T(1)) - a;
    const V d_low = (V(T(1)) - d) - a;
    const V inverse = V(T(1)) / d;
    const V u = (a + a) * inverse;
    const V rest = detail::fnma(u, d_low, detail::fnma(u, d, a + a));
    const V y = V(T(0.5)) * math::log1p_of_parts({u, rest * inverse}, V(T(0)));
    const V outside = math::select(a == V(T(1)), V(std::numeric_limits<T>::infinity()), V(std::numeric_limits<T>::quiet_NaN()));
    return math::with_sign(math::select(a < V(T(1)), y, outside), x);
}

}  // namespace sinter::inline v1::detail::math
