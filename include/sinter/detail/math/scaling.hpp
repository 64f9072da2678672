#pragma once

#include <sinter/detail/math/parts.hpp>

// Numbers as mantissa times a power of two. AVX-512 has instructions for these operations; the bodies give the same bits in what their users
// look at.

namespace sinter::inline v1::detail {

namespace math {

/// The size of a number, subnormal ones made normal, and by what power of two.
template <class V>
struct normalised {
    V size;
    V exponent;
};

template <class V>
[[nodiscard, gnu::always_inline]] constexpr normalised<V> normalise(V x) {
    using T = element_of<V>;
    using F = format<T>;
    const V a = detail::primitive<op::abs>(x);
    const auto small = a < V(math::power_of_two<T>(1 - F::bias));
    return {detail::primitive<op::select>(small, a * V(math::power_of_two<T>(F::mantissa)), a),
            detail::primitive<op::select>(small, V(T(-F::mantissa)), V(T(0)))};
}

/// Where mantissas begin: 1 is well inside, which keeps logarithms accurate beside it.
template <class T>
inline constexpr auto lowest_mantissa = math::bits_of(T(0.75));

template <class T>
inline constexpr auto mantissa_mask = (typename format<T>::integer{1} << format<T>::mantissa) - 1;

/// The bits of a normal float less those of its mantissa: the exponent where it stands.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr auto exponent_bits(V size) {
    const auto b = math::bits(size);
    using I = std::remove_const_t<decltype(b)>;
    return (b - I(math::lowest_mantissa<float>)) & I(~math::mantissa_mask<float>);
}

/// The bits of a normal double, moved so that the exponent changes where mantissas begin, with the exponent of 1 for that of a mantissa.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr auto moved_bits(V size) {
    const auto b = math::bits(size);
    using I = std::remove_const_t<decltype(b)>;
    return b + I(math::bits_of(1.0) - math::lowest_mantissa<double>);
}

}  // namespace math

namespace op {

/// m where |x| = m 2^e and 3/4 <= m < 3/2. 1 for zeros and infinities, anything for NaN.
struct mantissa : assisted_operation<39, 1> {
    static constexpr const char* name = "mantissa";
    static constexpr type_rule rule = type_rule::floating;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        using T = element_of<V>;
        const V size = math::normalise(x).size;
        if constexpr (std::same_as<T, float>) {
            return math::from_bits<T>(math::bits(size) - math::exponent_bits(size));
        } else {
            const auto moved = math::moved_bits(size);
            using I = std::remove_const_t<decltype(moved)>;
            return math::from_bits<T>((moved & I(math::mantissa_mask<T>)) + I(math::lowest_mantissa<T>));
        }
    }
};

/// e for x and its mantissa. -inf for zeros, inf for infinities, NaN for NaN.
struct exponent : assisted_operation<40, 2> {
    static constexpr const char* name = "exponent";
    static constexpr op_cost cost{.instructions = 3};
    static constexpr type_rule rule = type_rule::floating;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x, V) {
        using T = element_of<V>;
        constexpr T infinity = std::numeric_limits<T>::infinity();
        // Not a structured binding: clang 14 lets no lambda have one.
        const math::normalised<V> n = math::normalise(x);
        const V size = n.size, shift = n.exponent;
        const V e = [&] {
            if constexpr (std::same_as<T, float>) {
                return detail::primitive<op::fma>(detail::convert<T>(math::exponent_bits(size)), V(0x1p-23f), shift);
            } else {
                // Without a conversion from 64-bit integers, which AVX2 lacks: the exponent goes into the mantissa of 2^52.
                const auto moved = detail::bitcast<std::uint64_t>(math::moved_bits(size));
                using U = std::remove_const_t<decltype(moved)>;
                const U biased = (moved >> U(std::uint64_t{52})) | U(std::bit_cast<std::uint64_t>(0x1p52));
                return (detail::bitcast<T>(biased) - V(0x1p52 + 1023)) + shift;
            }
        }();
        const V a = detail::primitive<op::abs>(x);
        const V finite = detail::primitive<op::select>(a < V(infinity), e, a);
        return detail::primitive<op::select>(a == V(T(0)), V(-infinity), finite);
    }
};

/// x 2^k, rounded once, for 1/2 <= |x| < 2 and integers k, |k| <= 190 for float and 1500 for double (as one instruction: any k); NaN where x is NaN.
struct scale : assisted_operation<41, 2> {
    static constexpr const char* name = "scale";
    static constexpr op_cost cost{.instructions = 0, .products = 2};
    static constexpr type_rule rule = type_rule::floating;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x, V k) {
        using T = element_of<V>;
        using F = math::format<T>;
        // The power can be past the range of normal numbers, so it is applied as two.
        constexpr int half = std::same_as<T, float> ? 64 : 512;
        const auto power = math::bits(k + V(math::rounder<T>(2 * F::bias))) << typename F::integer{F::mantissa};
        const V second = detail::primitive<op::select>(k < V(T(0)), V(math::power_of_two<T>(-half)), V(math::power_of_two<T>(half)));
        const V first = math::from_bits<T>(power - math::bits(second));
        return x * first * second;
    }
};

}  // namespace op

namespace math {

template <class V>
[[nodiscard, gnu::always_inline]] constexpr V mantissa(V x) {
    return detail::apply_to_lanes<op::mantissa>(x);
}
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V exponent(V x, V mantissa) {
    return detail::apply_to_lanes<op::exponent>(x, mantissa);
}
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V scale(V x, V k) {
    return detail::apply_to_lanes<op::scale>(x, k);
}

/// Powers of two less than this are as good as this one. Zero is what numbers are from 2^-150 (double: 2^-1075) on, but Intel's processors take a hundred times as long for what
/// they round to it, unless it is far below: exp(-infinity) of what is masked out was 25 times as slow.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr element_of<V> lowest_power() noexcept {
    using T = element_of<V>;
    using C = carrier<typename V::carrier_type>;
    if constexpr (knows_machine<C>) {
        if (C::has_assistance()) return math::pick<T>(-1400, -8000);  // one instruction scales
    }
    return math::pick<T>(-189, -1499);  // two products do, of which the first must stay normal
}

}  // namespace math
}  // namespace sinter::inline v1::detail

SINTER_REGISTER(mantissa)
SINTER_REGISTER(exponent)
SINTER_REGISTER(scale)
