#pragma once

#include <sinter/detail/primitives.hpp>

// Conversions of lanes to and from floats of 16 bits, as bodies over the primitives. What is stored is a lane of std::uint16_t here; float16.hpp has the
// same on single numbers.

namespace sinter::inline v1::detail {

/// Floats rounded to elements of H, as their bits.
template <half H, class V>
[[nodiscard, gnu::always_inline]] constexpr auto narrowed_bits(V x) {
    using U = lane_as<std::uint32_t, V>;
    const U bits = detail::bitcast<std::uint32_t>(x);
    if constexpr (std::same_as<H, bfloat16>) {
        const U upper = bits >> U(16);
        const U rounded = (bits + U(0x7fff) + (upper & U(1))) >> U(16);
        return detail::convert<std::uint16_t>(detail::primitive<op::select>(x != x, upper | U(0x40), rounded));
    } else {
        const U a = bits & U(0x7fffffff), upper = a >> U(13);
        const U finite = detail::primitive<op::lesser>(a, U(0x47800000));
        const U normal = (finite + U(0xc8000fff) + ((finite >> U(13)) & U(1))) >> U(13);
        // The last place of 1/2 is the least number.
        const U small = detail::bitcast<std::uint32_t>(detail::bitcast<float>(a) + V(0.5F)) - U(std::bit_cast<std::uint32_t>(0.5F));
        const U number = detail::primitive<op::select>(a < U(0x38800000), small, normal);
        const U result = detail::primitive<op::select>(x != x, (upper & U(0x3ff)) | U(0x7e00), number);
        return detail::convert<std::uint16_t>(result | ((bits >> U(16)) & U(0x8000)));
    }
}

/// Elements of H, given by their bits, as floats.
template <half H, class V>
[[nodiscard, gnu::always_inline]] constexpr auto widened(V stored) {
    using U = lane_as<std::uint32_t, V>;
    using F = lane_as<float, V>;
    const U h = detail::convert<std::uint32_t>(stored);
    if constexpr (std::same_as<H, bfloat16>) {
        return detail::bitcast<float>(h << U(16));
    } else {
        const U a = (h & U(0x7fff)) << U(13);
        // 2^-14 and a part of its mantissa, from which 2^-14 is taken.
        const U small = detail::bitcast<std::uint32_t>(detail::bitcast<float>(a + U(0x38800000)) - F(0x1p-14F));
        const U finite = detail::primitive<op::select>(a < U(0x00800000), small, a + U(0x38000000));
        const U special = (a + U(0x70000000)) | detail::primitive<op::select>(U(0x0f800000) < a, U(0x00400000), U(0));
        const U size = detail::primitive<op::select>(a < U(0x0f800000), finite, special);
        return detail::bitcast<float>(size | ((h & U(0x8000)) << U(16)));
    }
}

/// As to_odd_float of numbers.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr auto odd_floats(V x) {
    using U = lane_as<std::uint32_t, V>;
    const auto near = detail::convert<float>(x);
    const U bits = detail::bitcast<std::uint32_t>(near);
    const V there = detail::primitive<op::abs>(detail::convert<double>(near)), wanted = detail::primitive<op::abs>(x);
    const U nearer = detail::primitive<op::select>(wanted < there, bits - U(1), bits);
    const U other = detail::primitive<op::select>(there < wanted, bits + U(1), nearer);
    return detail::bitcast<float>(detail::primitive<op::select>((bits & U(1)) == U(0), other, bits));
}

/// As float_to_round of numbers.
template <half H, class V>
[[nodiscard, gnu::always_inline]] constexpr auto floats_to_round(V x) {
    using T = element_of<V>;
    if constexpr (std::same_as<T, double>) {
        return detail::odd_floats(x);
    } else if constexpr (sizeof(T) < 4 || std::same_as<T, float> || std::same_as<H, float16>) {
        return detail::convert<float>(x);   // integers that a float rounds are infinite as float16
    } else if constexpr (sizeof(T) == 4) {
        return detail::odd_floats(detail::convert<double>(x));
    } else {
        using W = lane_as<std::uint64_t, V>;
        const auto w = detail::bitcast<std::uint64_t>(x);
        constexpr bool negative = std::is_signed_v<T>;
        constexpr std::uint64_t bound = std::uint64_t{1} << 40;
        const auto few = w + W(negative ? bound : 0) < W(negative ? 2 * bound : bound);
        const W lost = detail::primitive<op::select>((w & W(0xffff)) == W(0), W(0), W(0x10000));
        const W most = detail::primitive<op::select>(few, w, (w & ~W(0xffff)) | lost);
        return detail::odd_floats(detail::convert<double>(detail::bitcast<T>(most)));
    }
}

template <half T, class B>
struct carrier<stands_for<T, B>> {
    using value_type = T;
    template <class U>
    using rebind = typename rebound<U, B>::type;
    static constexpr bool expands = carrier<B>::expands;

    [[nodiscard, gnu::always_inline]] static constexpr stands_for<T, B> constant(float x) { return {carrier<B>::constant(x)}; }

    template <class Op, class... A>
    [[nodiscard, gnu::always_inline]] static constexpr auto apply(A... a) {
        const auto plain = []<class X>(X x) {
            if constexpr (is_half_lane<lane<X>>) return x.value;
            else return x;
        };
        const auto result = carrier<B>::template apply<Op>(plain(a)...);
        if constexpr (Op::rule == type_rule::compare) return result;
        else return stands_for<T, B>{result};
    }
};

/// A carrier that records rounds in a way of its own.
template <class C, class U, class B>
concept rounds_itself = requires(B b) { C::template rounded<U>(b); };

/// The values as elements of U, as cast has it: to 16 bits they are rounded.
template <class U, class V>
[[nodiscard, gnu::always_inline]] constexpr auto cast_lane(V v) {
    if constexpr (!half<U>) {
        return detail::convert<U>(v);
    } else {
        const auto x = detail::computed_lane(v);
        using B = std::remove_cvref_t<decltype(x.raw())>;
        if constexpr (rounds_itself<carrier<B>, U, B>) {
            return lane_as<U, V>{{carrier<B>::template rounded<U>(x.raw())}};
        } else {
            const auto r = detail::widened<U>(detail::narrowed_bits<U>(detail::floats_to_round<U>(x)));
            return lane_as<U, V>{{r.raw()}};
        }
    }
}

}  // namespace sinter::inline v1::detail
