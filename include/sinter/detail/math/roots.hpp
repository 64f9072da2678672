#pragma once

#include <sinter/detail/math/scaling.hpp>
#include <sinter/detail/math/two_parts.hpp>

// cbrt and hypot.

namespace sinter::inline v1::detail::math {

/// The cube root of m 2^(3 q + n), n = -1, 0, 1: a polynomial for that of m, then one step of Halley's, whose residual is taken in two parts.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V cbrt(V x) {
    using T = element_of<V>;
    const V m = math::mantissa(x);
    const V e = math::exponent(x, m);
    const V q = math::rint(e * V(T(1) / 3));
    const V n = detail::fnma(q, V(T(3)), e);
    const V near_m = [&] {
        if constexpr (std::same_as<T, float>) {
            return math::horner(m, 0x1.d7ad2p-2f, 0x1.bd6e38p-1f, -0x1.f134e8p-2f, 0x1.7bb77ap-3f, -0x1.f2e0ep-6f);
        } else {
            return math::horner(m, 0x1.a00129bbd38d7p-2, 0x1.26a5b27ea4fa5p0, -0x1.13769ef5d1ddbp0, 0x1.a8ed7ae85d66fp-1, -0x1.a8cf8123e7ca1p-2,
                                0x1.e4a7bcf387c83p-4, -0x1.de5cc9de4e5c6p-7);
        }
    }();
    const auto below = n < V(T(0)), above = V(T(0)) < n;
    const V t = m * math::select(below, V(T(0.5)), math::select(above, V(T(2)), V(T(1))));
    const V near = near_m * math::select(below, V(T(0x1.965fea53d6e3dp-1)), math::select(above, V(T(0x1.428a2f98d728bp0)), V(T(1))));
    const two_parts<V> square = math::exact_product(near, near);
    const V rest = math::fma(square.low, near, detail::fms(square.high, near, t));
    const V y = detail::fnma(near, rest / math::fma(t, V(T(3)), rest + rest), near);
    const V size = math::scale(y, q);
    // Zeros, infinities and NaN have no n.
    return math::select(n == n, math::with_sign(size, x), x);
}

/// sqrt(a^2 + b^2) with a step of Newton's on what rounding lost.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V hypot(V x, V y) {
    using T = element_of<V>;
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const V ax = math::abs(x), ay = math::abs(y);
    // In this order NaN gets into one of the two.
    const V larger = detail::larger(ay, ax), lesser = detail::lesser(ax, ay);
    constexpr T large = math::pick<T>(0x1p60f, 0x1p500), small = math::pick<T>(0x1p-40f, 0x1p-400);
    constexpr T down = math::pick<T>(0x1p-70f, 0x1p-600), up = math::pick<T>(0x1p90f, 0x1p600);
    const auto is_large = V(large) < larger, is_small = larger < V(small);
    const V factor = math::select(is_large, V(down), math::select(is_small, V(up), V(T(1))));
    const V back = math::select(is_large, V(T(1) / down), math::select(is_small, V(T(1) / up), V(T(1))));
    const V a = larger * factor, b = lesser * factor;
    const two_parts<V> aa = math::exact_product(a, a), bb = math::exact_product(b, b);
    const two_parts<V> s = math::ordered_sum(aa.high, bb.high);
    const V root = math::sqrt(s.high);
    const V rest = detail::fnma(root, root, s.high) + (s.low + (aa.low + bb.low));
    const V size = (root + rest / detail::larger(root + root, V(std::numeric_limits<T>::min()))) * back;
    return math::select((ax == V(infinity)) | (ay == V(infinity)), V(infinity), size);
}

}  // namespace sinter::inline v1::detail::math
