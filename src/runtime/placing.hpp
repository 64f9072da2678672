#pragma once

#include <cstddef>

namespace sinter::inline v1::detail::runtime {

/// Has each node's threads write one byte to each fresh page of theirs, by the map of rows. Pages of 2 MiB stay whole where the system may give them.
/// The memory is zero and stays so. What cannot be touched for want of memory is left to whoever comes first.
void touch_by_rows(void* start, std::size_t bytes);

}  // namespace sinter::inline v1::detail::runtime
