#pragma once

#include <sinter/detail/primitives.hpp>

namespace sinter::inline v1::detail {

/// Eight numbers of which each element takes one. Registers of AVX-512 look them up in one instruction; of sixteen floats, which they hold, each is there twice.
template <class T>
struct alignas(64) table_of {
    T values[64 / sizeof(T)];

    constexpr table_of(const T (&eight)[8]) noexcept {
        for (std::size_t i = 0; i < std::size(values); ++i) values[i] = eight[i % 8];
    }

    /// What it has at the low three bits of a number.
    [[nodiscard]] constexpr T at(T x) const noexcept { return values[std::bit_cast<std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>>(x) % 8]; }
};

/// What the table has at the low three bits of each element, whatever the others are. Tables are constants of the library: code keeps no more than where they are.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V lookup(V x, const table_of<element_of<V>>& table) {
    return V{carrier<typename V::carrier_type>::lookup(x.raw(), table)};
}

namespace math {

/// c + x (c1 + x (c2 + ...)) of the coefficients that each element's place has in tables.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V horner_at(V, V place, const table_of<element_of<V>>& c) {
    return detail::lookup(place, c);
}
template <class V, class... C>
[[nodiscard, gnu::always_inline]] constexpr V horner_at(V x, V place, const table_of<element_of<V>>& c, const C&... more) {
    return detail::primitive<op::fma>(math::horner_at(x, place, more...), x, detail::lookup(place, c));
}

}  // namespace math

}  // namespace sinter::inline v1::detail
