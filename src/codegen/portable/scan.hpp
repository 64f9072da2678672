#pragma once

#include <sinter/detail/types.hpp>

#include <cstddef>
#include <cstdint>

namespace sinter::inline v1::detail::codegen::portable {

/// Accumulates n values of a row, a whole number of pieces unless they are its last ones, after what came before, which is kept up to date. out may be the values. Stores may go past the caches.
using scan_function = void (*)(std::byte* out, const std::byte* values, std::size_t n, std::byte* before, bool past_caches) noexcept;

/// By an operation; null if there is none.
[[nodiscard]] scan_function scan_by(std::uint16_t code, dtype t) noexcept;

/// What the operation combines with any value to that value, as to_bits makes it.
[[nodiscard]] std::uint64_t nothing_for_scan(std::uint16_t code, dtype t) noexcept;

}  // namespace sinter::inline v1::detail::codegen::portable
