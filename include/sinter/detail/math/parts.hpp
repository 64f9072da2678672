#pragma once

#include <sinter/detail/primitives.hpp>

// What the bodies of mathematical functions share. All of it is straight-line code over primitives, and always inlined. The
// coefficients, here and in the other files of this folder, come from tests/coefficients.

namespace sinter::inline v1::detail::math {

/// The layout of a floating type, and numbers that both types have.
template <class T>
struct format;

template <>
struct format<float> {
    using integer = std::int32_t;
    using bits = std::uint32_t;
    static constexpr int mantissa = 23;
    static constexpr integer bias = 127;
    static constexpr float log2_e = 0x1.715476p+0f;
    static constexpr float ln2_high = 0x1.62e430p-1f, ln2_low = -0x1.05c610p-29f;
};

template <>
struct format<double> {
    using integer = std::int64_t;
    using bits = std::uint64_t;
    static constexpr int mantissa = 52;
    static constexpr integer bias = 1023;
    static constexpr double log2_e = 0x1.71547652b82fep+0;
    static constexpr double ln2_high = 0x1.62e42fefa39efp-1, ln2_low = 0x1.abc9e3b39803fp-56;
};

/// 2 to the power n, of a normal number.
template <class T>
[[nodiscard]] constexpr T power_of_two(int n) noexcept {
    using F = format<T>;
    return std::bit_cast<T>(static_cast<typename F::bits>(F::bias + n) << F::mantissa);
}

/// Added to a number, it leaves the nearest integer, plus offset, in the low bits of the sum.
template <class T>
[[nodiscard]] constexpr T rounder(int offset) noexcept {
    return T(3) * power_of_two<T>(format<T>::mantissa - 1) + static_cast<T>(offset);
}

template <class T>
[[nodiscard]] constexpr typename format<T>::integer bits_of(T x) noexcept {
    return std::bit_cast<typename format<T>::integer>(x);
}

/// The bits of a lane, as signed integers of its width.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr auto bits(V x) {
    return detail::bitcast<typename format<element_of<V>>::integer>(x);
}
template <class T, class I>
[[nodiscard, gnu::always_inline]] constexpr auto from_bits(I x) {
    return detail::bitcast<T>(x);
}

/// c0 + x (c1 + x (c2 + ...)), every step one fma.
template <class V, class T>
[[nodiscard, gnu::always_inline]] constexpr V horner(V, T c) {
    return V(c);
}
template <class V, class T, class... C>
[[nodiscard, gnu::always_inline]] constexpr V horner(V x, T c0, C... c) {
    return detail::primitive<op::fma>(math::horner(x, c...), x, V(c0));
}

/// The same, its even and odd terms side by side: for long polynomials, whose chains are longer than the processor looks ahead.
template <class V, class T>
[[nodiscard, gnu::always_inline]] constexpr V every_other(V, T c) {
    return V(c);
}
template <class V, class T>
[[nodiscard, gnu::always_inline]] constexpr V every_other(V, T c, T) {
    return V(c);
}
template <class V, class T, class... C>
    requires(sizeof...(C) > 0)
[[nodiscard, gnu::always_inline]] constexpr V every_other(V square, T c0, T, C... c) {
    return detail::primitive<op::fma>(math::every_other(square, c...), square, V(c0));
}
template <class V, class T, class... C>
[[nodiscard, gnu::always_inline]] constexpr V halves(V x, T c0, C... c) {
    const V square = x * x;
    return detail::primitive<op::fma>(math::every_other(square, c...), x, math::every_other(square, c0, c...));
}

// Primitives by short names. Always called with their namespace: the public functions have the same names.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V fma(V a, V b, V c) {
    return detail::primitive<op::fma>(a, b, c);
}
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V abs(V x) {
    return detail::primitive<op::abs>(x);
}
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V sqrt(V x) {
    return detail::primitive<op::sqrt>(x);
}
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V rint(V x) {
    return detail::primitive<op::rint>(x);
}
/// The integer nearest to x c, whose size is below 2^22 (double: 2^51), in fewer instructions than a product and rint.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V nearest_multiple(V x, element_of<V> c) {
    const V magic = V(math::rounder<element_of<V>>(0));
    return detail::primitive<op::fma>(x, V(c), magic) - magic;
}
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V trunc(V x) {
    return detail::primitive<op::trunc>(x);
}
template <class C, class V>
[[nodiscard, gnu::always_inline]] constexpr V select(C condition, V a, V b) {
    return detail::primitive<op::select>(condition, a, b);
}

/// The first of two numbers for float, the second for double.
template <class T>
[[nodiscard]] constexpr T pick(float single, double twice) noexcept {
    if constexpr (std::same_as<T, float>) {
        return single;
    } else {
        return twice;
    }
}

/// The sign bit of each element, as an integer.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr auto sign_of(V x) {
    return math::bits(x) & math::bits_of(element_of<V>(-0.0));
}

/// x, negative where a bit of the mask of signs is set.
template <class V, class I>
[[nodiscard, gnu::always_inline]] constexpr V flip(V x, I signs) {
    return math::from_bits<element_of<V>>(math::bits(x) ^ signs);
}

/// The sign of the second on the size of the first, which is not negative.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V with_sign(V size, V sign) {
    using T = element_of<V>;
    return math::from_bits<T>(math::bits(size) | (math::bits(sign) & math::bits_of(T(-0.0))));
}

}  // namespace sinter::inline v1::detail::math
