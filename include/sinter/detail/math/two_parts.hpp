#pragma once

#include <sinter/detail/math/parts.hpp>

// Sums and products whose rounding errors are kept (T. Dekker, "A floating-point technique for extending the available precision", 1971;
// D. Knuth, "The Art of Computer Programming", volume 2, 4.2.2; the products' low parts by fma).

namespace sinter::inline v1::detail::math {

/// A value in two parts.
template <class V>
struct two_parts {
    V high;
    V low;
};

/// a + b exactly, where |a| >= |b| or a is zero.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> ordered_sum(V a, V b) {
    const V s = a + b;
    return {s, (a - s) + b};
}

/// a + b exactly.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> exact_sum(V a, V b) {
    const V s = a + b;
    const V of_b = s - a;
    return {s, (a - (s - of_b)) + (b - of_b)};
}

/// a b exactly.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> exact_product(V a, V b) {
    const V p = a * b;
    return {p, detail::fms(a, b, p)};
}

/// The product of two values in two parts, to almost twice the precision.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> product(two_parts<V> a, two_parts<V> b) {
    const two_parts<V> p = math::exact_product(a.high, b.high);
    return math::ordered_sum(p.high, math::fma(a.high, b.low, math::fma(a.low, b.high, p.low)));
}
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> product(two_parts<V> a, V b) {
    const two_parts<V> p = math::exact_product(a.high, b);
    return math::ordered_sum(p.high, math::fma(a.low, b, p.low));
}

/// The sum of two values in two parts, to almost twice the precision where they do not cancel.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> sum(two_parts<V> a, two_parts<V> b) {
    const two_parts<V> s = math::exact_sum(a.high, b.high);
    return math::ordered_sum(s.high, s.low + (a.low + b.low));
}
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> sum(two_parts<V> a, V b) {
    const two_parts<V> s = math::exact_sum(a.high, b);
    return math::ordered_sum(s.high, s.low + a.low);
}

/// a / b to almost twice the precision.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr two_parts<V> quotient(two_parts<V> a, two_parts<V> b) {
    const V inverse = V(element_of<V>(1)) / b.high;
    const V q = a.high * inverse;
    const V rest = detail::fnma(q, b.high, a.high) + detail::fnma(q, b.low, a.low);
    return math::ordered_sum(q, rest * inverse);
}

}  // namespace sinter::inline v1::detail::math
