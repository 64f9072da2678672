#pragma once

#include "plan/node_split.hpp"

#include <cstddef>
#include <string>

namespace sinter::inline v1::detail::runtime {

/// Has the pages of some memory, those that are there and those that will be, lie as the placement says; `grain` is a page, or a huge one where the memory may
/// have such. Pages that lie only partly in it stay. Whole pages are moved while others may read them. False where the system
/// refused, or left more than an eighth of them elsewhere; then some may have moved.
[[nodiscard]] bool move_pages_to(plan::placement where, void* start, std::size_t bytes, std::size_t grain);

/// Why memory cannot be placed, or could not be; empty: nothing stands against it. Loads libnuma, by which it is done, at the first call.
[[nodiscard]] std::string memory_policy_note();

}  // namespace sinter::inline v1::detail::runtime
