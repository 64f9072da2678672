#pragma once

#include <sinter/detail/record.hpp>

namespace sinter::inline v1::detail::graph {

/// The axis of a shape that is meant; a negative one counts from the end. Throws index_error in the words of the operation.
[[nodiscard]] index_t axis_of(const char* name, index_t axis, const extents& shape);

/// The same for the axis of a result of that rank.
[[nodiscard]] index_t axis_of_rank(const char* name, index_t axis, std::size_t rank);

/// The axes that are given, each once; value_error for one that is given twice.
[[nodiscard]] extents axes_of(const char* name, const axes_argument& axes, const extents& shape);

/// The axes as bits: bit d is axis d.
[[nodiscard]] unsigned mask_of(const extents& axes) noexcept;

}  // namespace sinter::inline v1::detail::graph
