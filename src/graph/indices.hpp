#pragma once

#include <sinter/detail/node.hpp>

#include <string>

// Indices that are an array of integers, negative ones from the end.

namespace sinter::inline v1::detail::graph {

/// The place of the first index in row-major order that an axis of this extent does not have, or -1. Computes what is pending.
[[nodiscard]] index_t first_out_of_range(node& indices, index_t extent);

/// Throws index_error: "<before>: index 7 at position 3 is out of range for axis 0 of extent 5".
[[noreturn]] void throw_index(node& indices, index_t place, const std::string& before, index_t axis, index_t extent);

/// The shape that results where each element has an index along an axis: that of the indices, broadcast against the array's other axes. Throws shape_error.
[[nodiscard]] extents shape_along(const char* name, const extents& shape, const extents& indices, index_t axis);

}  // namespace sinter::inline v1::detail::graph
