#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace sinter::inline v1::detail::codegen::jit {

/// Room for one kernel's code, and what keeps it.
struct code_place {
    std::shared_ptr<const void> keep;
    const std::byte* start = nullptr;  // null: the system gives no memory that can be executed
};

/// Room for so many bytes, aligned to a cache line. No page is ever mapped writable: code is written through a file without a name. Room is used
/// once, and no longer written to by the process that a fork leaves behind or starts, so both may run all that was there before. Safe from any
/// thread. Throws std::bad_alloc.
[[nodiscard]] code_place reserve_code(std::size_t bytes);

/// Puts the code in its place; false if the system has no memory for it.
[[nodiscard]] bool write_code(const code_place& place, std::span<const std::byte> code) noexcept;

}  // namespace sinter::inline v1::detail::codegen::jit
