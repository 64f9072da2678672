#pragma once

#include <sinter/detail/types.hpp>

#include <cstddef>

namespace sinter::inline v1::detail::runtime {

/// Rows of memory that are summed each for itself, element after element: the i-th begins at from + i / inner * outer_stride + i % inner * inner_stride.
/// Strides in bytes.
struct memory_rows {
    const std::byte* from = nullptr;
    index_t outer_stride = 0;
    index_t inner = 1;
    index_t inner_stride = 0;
};

/// Needs AVX-512, and float or double. The sum of each of `count` rows of `length` elements, from 0 on in ascending order, to to + i / inner * outer_stride + i % inner * inner_stride of `results`.
/// As many rows at once as a vector has lanes, by transposing in registers; the lines of those that come next are asked for in the order of memory.
void sum_rows_in_order(dtype t, const memory_rows& rows, index_t count, index_t length, std::byte* to, index_t to_outer, index_t to_inner) noexcept;

}  // namespace sinter::inline v1::detail::runtime
