#pragma once

#include <sinter/detail/index.hpp>

// The library's side of arrays as indices.

namespace sinter::inline v1::detail {

// One edge; operands are taken over.

/// The elements at indices along an axis, or of the flattened array. in_range: the indices are known to be, and not negative.
[[nodiscard]] SINTER_API node* record_taken(node* operand, node* indices, const axes_argument& axis, bool in_range, source where);
/// The same with an index for each element of the result.
[[nodiscard]] SINTER_API node* record_taken_along(node* operand, node* indices, const axes_argument& axis, source where);
/// The elements, or what the further axes hold, at these places of the first axes in row-major order; without such axes the array as a whole is one element. places stays the caller's.
[[nodiscard]] SINTER_API node* record_masked(node* operand, node& places, std::size_t axes, source where);
/// The elements of an array where a mask of its shape is true, copied at once. Null where the array is pending, a view with gaps, or memory that the user may write to: then record_masked.
[[nodiscard]] SINTER_API node* masked_elements(node& x, node& mask);
/// The places where a mask is true. Throws index_error unless it has an array's first axes.
[[nodiscard]] SINTER_API node* masked_places(node& mask, const extents& shape);
/// The mask in an array's rank, with further axes of extent 1. Throws index_error unless it has the array's first axes.
[[nodiscard]] SINTER_API node* record_mask(node* mask, const extents& shape, source where);

// Carried out at once, in memory that is private to the target then. Nothing is written unless all indices are in range. Operands stay the caller's.

/// target.flatten()[indices] = values, one after the other; values are repeated as often as it takes.
SINTER_API void put_elements(handle& target, bool in_place, node& indices, node& values, source where);
/// The element at each index along an axis; values broadcast.
SINTER_API void put_elements_along(handle& target, bool in_place, node& indices, node& values, const axes_argument& axis, source where);
/// The elements where a mask is true, in order; values broadcast to them.
SINTER_API void put_masked(handle& target, bool in_place, node& mask, node& values, source where);

}  // namespace sinter::inline v1::detail
