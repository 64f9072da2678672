#pragma once

#include <cstdint>

// Memory that runs out on demand. In ordinary builds the executable has malloc's family and mmap of its own, so that operator new, asmjit, TBB and the
// pools of mappings all meet it, on any thread; what the C library and the loader ask for on their own account is left alone, as they end the process.
// In sanitized builds, whose malloc belongs to the sanitizer, it is operator new.

namespace failure {

enum class how : std::uint8_t {
    once,     // one allocation fails, the next ones work
    forever,  // from then on all of them fail
    arrays,   // one request for an array's memory fails, whatever the pools still have
};

/// From now on allocations are counted, and the n-th fails.
void arm(std::int64_t n, how mode) noexcept;
/// Stops it. True if any has failed.
[[nodiscard]] bool disarm() noexcept;

/// Bytes of the program's arrays that the pools say are in use.
[[nodiscard]] std::size_t array_bytes();

}  // namespace failure
