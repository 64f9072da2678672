#pragma once

#include <sinter/detail/types.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

// Elements as unsigned numbers of the same size and in the same order, so that one sort serves all types. NaN of either sign comes last.

namespace sinter::inline v1::detail::order {

template <std::size_t Bytes>
using unsigned_of = std::conditional_t<Bytes == 1, std::uint8_t,
                                       std::conditional_t<Bytes == 2, std::uint16_t, std::conditional_t<Bytes == 4, std::uint32_t, std::uint64_t>>>;

/// The element's memory as a number, and its key: both of this type.
template <class T>
using bits_of = unsigned_of<sizeof(T)>;

template <class T>
inline constexpr bool has_nan = floating<T>;

/// Whether an element is NaN, by its bits where it has but 16.
template <class T>
[[nodiscard]] constexpr bool is_nan(bits_of<T> bits) noexcept {
    if constexpr (half<T>) return (bits & 0x7fffU) > std::numeric_limits<T>::infinity().bits();
    else return std::bit_cast<T>(bits) != std::bit_cast<T>(bits);
}

template <class T>
inline constexpr bits_of<T> sign_bit = static_cast<bits_of<T>>(bits_of<T>{1} << (sizeof(T) * 8 - 1));

/// The key of every NaN: no other floating value has it.
template <class T>
inline constexpr bits_of<T> nan_key = std::numeric_limits<bits_of<T>>::max();

/// Keys by the bits: -0.0 is before +0.0.
template <class T>
[[nodiscard]] constexpr bits_of<T> exact_key(bits_of<T> bits) noexcept {
    using K = bits_of<T>;
    if constexpr (has_nan<T>) {
        const K negative = static_cast<K>(K{0} - static_cast<K>(bits >> (sizeof(T) * 8 - 1)));
        const K key = bits ^ (negative | sign_bit<T>);
        return order::is_nan<T>(bits) ? nan_key<T> : key;
    } else if constexpr (std::is_signed_v<T>) {
        return static_cast<K>(bits ^ sign_bit<T>);
    } else {
        return bits;
    }
}

/// Keys by the value: zeros of either sign are the same.
template <class T>
[[nodiscard]] constexpr bits_of<T> value_key(bits_of<T> bits) noexcept {
    if constexpr (half<T>) return order::exact_key<T>(bits == sign_bit<T> ? bits_of<T>{0} : bits);
    else if constexpr (has_nan<T>) return order::exact_key<T>(std::bit_cast<bits_of<T>>(std::bit_cast<T>(bits) + T(0)));
    else return order::exact_key<T>(bits);
}

/// The bits of the value that has this key; of nan_key, those of some NaN.
template <class T>
[[nodiscard]] constexpr bits_of<T> bits_of_key(bits_of<T> key) noexcept {
    using K = bits_of<T>;
    if constexpr (has_nan<T>) {
        const K positive = static_cast<K>(K{0} - static_cast<K>(key >> (sizeof(T) * 8 - 1)));
        return key ^ (static_cast<K>(~positive) | sign_bit<T>);
    } else if constexpr (std::is_signed_v<T>) {
        return static_cast<K>(key ^ sign_bit<T>);
    } else {
        return key;
    }
}

template <class T>
[[nodiscard]] constexpr T value_of_key(bits_of<T> key) noexcept {
    if constexpr (std::same_as<T, bool>) return key != 0;
    else return std::bit_cast<T>(order::bits_of_key<T>(key));
}

/// Keys of a descending order, NaN still last.
template <class T>
[[nodiscard]] constexpr bits_of<T> descending_key(bits_of<T> bits) noexcept {
    const bits_of<T> key = order::value_key<T>(bits);
    if constexpr (has_nan<T>) {
        if (key == nan_key<T>) return key;
    }
    return static_cast<bits_of<T>>(~key);
}

/// A key and where its element was. Every two differ, so a sort of them is stable whatever it does.
template <class K>
struct key_and_place {
    K key;
    std::uint64_t place;

    friend constexpr bool operator<(const key_and_place& a, const key_and_place& b) noexcept {
        return a.key != b.key ? a.key < b.key : a.place < b.place;
    }
};
using wide_pair = key_and_place<std::uint64_t>;

/// The same in one word, of keys up to 32 bits and rows below 2^32 elements.
[[nodiscard]] constexpr std::uint64_t packed_pair(std::uint32_t key, std::uint64_t place) noexcept { return std::uint64_t{key} << 32 | place; }

}  // namespace sinter::inline v1::detail::order
