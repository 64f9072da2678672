#pragma once

#include <sinter/detail/record.hpp>

namespace sinter::inline v1::detail::graph {

/// The axis of a shape that is meant; a negative one counts from the end. Throws index_error in the words of the operation.
[[nodiscard]] index_t axis_of(const char* name, index_t axis, const extents& shape);

/// The same for the axis of a result of that rank.
[[nodiscard]] index_t axis_of_rank(const char* name, index_t axis, std::size_t rank);

/// The axes that are given, each once; value_error for one that is given twice.
[[nodiscard]] extents axes_of(const char* name, const axes_argument& axes, const extents& shape);

/// Throws shape_error in the words of the operation where its result would have more axes than an array may have.
void check_rank(const char* name, std::size_t rank);

/// So many elements so many times, neither negative; memory_error in the words of the operation where that is no extent.
[[nodiscard]] index_t multiplied(const char* name, index_t elements, index_t times);

/// Elements along an axis and more of them; memory_error in the words of the operation where that is no extent.
[[nodiscard]] index_t added(const char* name, index_t elements, index_t more);

/// The axes as bits: bit d is axis d.
[[nodiscard]] unsigned mask_of(const extents& axes) noexcept;

}  // namespace sinter::inline v1::detail::graph
