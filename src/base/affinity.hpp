#pragma once

#include <vector>

namespace sinter::inline v1::detail::base {

/// The processors that this process may use, ascending; never empty: those of the main thread, and those of the calling one. A program may well pin the thread
/// that comes first, and does not mean all others by it.
[[nodiscard]] std::vector<int> allowed_cpus();

}  // namespace sinter::inline v1::detail::base
