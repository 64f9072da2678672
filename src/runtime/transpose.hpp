#pragma once

#include <sinter/detail/extents.hpp>

#include <cstddef>
#include <cstdint>

namespace sinter::inline v1::detail::runtime {

/// Which side of a transposition is in memory: the other one, a tile, is in the caches.
enum class far_side : std::uint8_t { source, target };

/// to[r][c] = from[c][r] for r < rows, c < columns: elements of `size` bytes, neighbours along the second index on either side, and
/// strides in bytes along the first. The two must not overlap. The rows of the far side are asked for some time before they are needed,
/// and those that follow the last one too: another tile comes there.
void transpose(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride, index_t rows, index_t columns, std::size_t size,
               far_side far) noexcept;

}  // namespace sinter::inline v1::detail::runtime
