#pragma once

#include <sinter/detail/config.hpp>

// The order of reductions, which depends on nothing but the shape and the reduced axes.
//
//  1. Axes of extent 1 do not count. Neighbouring reduced axes are a run; runs are reduced one after another, the last first.
//  2. A run at the end of the shape is a row. Its axes are taken from the last: as long as the row has fewer than `merged_row`
//     elements and axes are left, the next one is merged into it, row-major. What is left of the run is reduced after it, in
//     the same way. So a matrix is summed row by row if the rows are long, and a list of short rows as one long row.
//  3. A row longer than `row_block` is cut into blocks of that length (the last one shorter); the blocks' results are a row again.
//     Within a row or block, element i goes to lane i mod 64 (32 for types of 8 bytes), in ascending order, and lanes l and l + h are combined for
//     h = 32, 16, ..., 1.
//  4. A run with axes after it is a column: its rows are taken in order. More than `column_block` of them are cut into blocks, and the
//     blocks' results are a column again.
//  5. A scan, too, is one of a row where its axis is the last one that counts, else one of a column. A row is cut into pieces of `scan_piece` elements. Within
//     a piece the elements are accumulated in order; then what comes before the piece is combined with each of them: nothing for the first piece, for the
//     next ones what came before the piece before them, combined with its last element. The rows of a column are taken in order, without cuts.
//
// The error of a sum of n floats is so bounded by about 1024 + 6 + ... roundings rather than n.

namespace sinter::inline v1::detail::reduction_order {

inline constexpr index_t merged_row = 1024;
inline constexpr index_t row_block = 65536;
inline constexpr index_t column_block = 256;
inline constexpr index_t scan_piece = 64;

/// Lanes that a row's elements of so many bytes go to.
[[nodiscard]] constexpr int row_lanes(std::size_t bytes) noexcept { return bytes == 8 ? 32 : 64; }

}  // namespace sinter::inline v1::detail::reduction_order
