#pragma once

#include "order/keys.hpp"

#include <array>
#include <cstddef>

namespace sinter::inline v1::detail::order {

/// How many of n sorted elements are less than each key, or not greater. Several searches at a time wait for memory together: all take the same steps,
/// and a mask instead of a branch, which could not be foretold.
template <class T, bool OrEqual, std::size_t Count>
[[nodiscard]] std::array<index_t, Count> count_below_all(const bits_of<T>* sorted, index_t n, const std::array<bits_of<T>, Count>& keys) noexcept {
    std::array<index_t, Count> below{};
    const auto is_below = [&](index_t at, bits_of<T> key) {
        const bits_of<T> k = order::value_key<T>(sorted[at]);
        return OrEqual ? k <= key : k < key;
    };
    if (n == 0) return below;
    for (; n > 1; n -= n / 2) {
        for (std::size_t i = 0; i < Count; ++i) below[i] += n / 2 & -static_cast<index_t>(is_below(below[i] + n / 2 - 1, keys[i]));
    }
    for (std::size_t i = 0; i < Count; ++i) below[i] += is_below(below[i], keys[i]);
    return below;
}

/// The same of one key.
template <class T, bool OrEqual>
[[nodiscard]] index_t count_below(const bits_of<T>* sorted, index_t n, bits_of<T> key) noexcept {
    return count_below_all<T, OrEqual, 1>(sorted, n, {key})[0];
}

}  // namespace sinter::inline v1::detail::order
