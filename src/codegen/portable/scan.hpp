#pragma once

#include <sinter/detail/types.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace sinter::inline v1::detail::codegen::portable {

/// Memory that will be read soon: so many bytes from each of these are asked for as the values have. Null: nothing is.
using read_soon = std::array<const std::byte*, 2>;

/// What follows in memory, if that is where values are read.
[[nodiscard]] inline read_soon what_follows(const std::byte* values) noexcept { return {values + 4096, nullptr}; }

/// How n values of a row, a whole number of pieces unless they are its last ones, are accumulated.
struct scan_functions {
    /// After what came before, which is kept up to date. out may be the values. Stores may go past the caches.
    void (*whole)(std::byte* out, const std::byte* values, std::size_t n, std::byte* before, bool past_caches, read_soon soon) noexcept = nullptr;
    /// The same in steps, of which only the second has to wait for what came before. Each piece by itself;
    void (*pieces)(std::byte* out, const std::byte* values, std::size_t n, read_soon soon) noexcept = nullptr;
    /// what comes before those pieces becomes what comes after them;
    void (*pass)(const std::byte* pieces, std::size_t n, std::byte* before) noexcept = nullptr;
    /// the results.
    void (*finish)(std::byte* out, const std::byte* pieces, std::size_t n, const std::byte* before, bool past_caches, read_soon soon) noexcept = nullptr;
};

/// By an operation; null ones if there are none.
[[nodiscard]] scan_functions scan_by(std::uint16_t code, dtype t) noexcept;

/// What the operation combines with any value to that value, as to_bits makes it.
[[nodiscard]] std::uint64_t nothing_for_scan(std::uint16_t code, dtype t) noexcept;

}  // namespace sinter::inline v1::detail::codegen::portable
