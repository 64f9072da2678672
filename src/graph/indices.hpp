#pragma once

#include <sinter/detail/node.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

// Indices that are an array of integers, negative ones from the end.

namespace sinter::inline v1::detail::graph {

/// What is known of indices at a glance.
enum class index_range : std::uint8_t { from_start, from_either_end, unknown };

/// Whether an axis of this extent has all of these indices, and whether some count from its end; unknown where none or a closer look says. Differences wrap, so they have the sign bit of an index that is too far off,
/// and whole vectors of them are joined without a branch.
template <std::integral T>
    requires(!std::same_as<T, bool>)
[[nodiscard, gnu::always_inline]] inline index_range range_of(const T* indices, index_t n, index_t extent) noexcept {
    using word = std::make_unsigned_t<T>;
    using enum index_range;
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::make_signed_t<T>>::max());
    const auto bound = static_cast<std::uint64_t>(extent);
    if (bound > most) return std::is_signed_v<T> ? from_either_end : bound > static_cast<std::uint64_t>(std::numeric_limits<T>::max()) ? from_start : unknown;
    const auto e = static_cast<word>(bound), last = static_cast<word>(e - word(1));
    word off = 0, any = 0;
    for (index_t i = 0; i < n; ++i) {
        const auto x = static_cast<word>(indices[i]);
        any = static_cast<word>(any | x);
        off = static_cast<word>(off | (last - x));
        if constexpr (std::is_signed_v<T>) off = static_cast<word>(off | (x + e));
    }
    const auto sign = [](word w) { return (w >> (std::numeric_limits<word>::digits - 1)) != 0; };
    if (sign(off)) return unknown;
    return !sign(any) ? from_start : std::is_signed_v<T> ? from_either_end : unknown;
}

/// The place of the first index in row-major order that an axis of this extent does not have, or -1. Computes what is pending.
[[nodiscard]] index_t first_out_of_range(node& indices, index_t extent);

/// Throws index_error: "<before>: index 7 at position 3 is out of range for axis 0 of extent 5".
[[noreturn]] void throw_index(node& indices, index_t place, const std::string& before, index_t axis, index_t extent);

/// The shape that results where each element has an index along an axis: that of the indices, broadcast against the array's other axes. Throws shape_error.
[[nodiscard]] extents shape_along(const char* name, const extents& shape, const extents& indices, index_t axis);

}  // namespace sinter::inline v1::detail::graph
