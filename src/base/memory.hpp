#pragma once

#include <cstddef>

// Memory as the graph sees it: opaque and counted. Defined by the runtime, which lies above.

namespace sinter::inline v1::detail::base {

/// Adds a reference to what a leaf's `memory` points at.
void retain_memory(void* memory) noexcept;
/// Drops one.
void release_memory(void* memory) noexcept;
/// Whether the program's arrays take more than a quarter of the machine's memory.
[[nodiscard]] bool is_memory_short() noexcept;
/// Whether there is one reference, and the memory is the library's own.
[[nodiscard]] bool is_sole_memory(const void* memory) noexcept;

/// Whether what keeps one alive keeps the other: the same memory, or the user's memory that nothing but the user keeps.
[[nodiscard]] bool is_kept_alike(const void* memory, const void* other) noexcept;

}  // namespace sinter::inline v1::detail::base
