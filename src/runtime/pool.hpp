#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sinter::inline v1::detail::runtime {

/// What the pools hold, in bytes of data. Borrowed memory is not counted.
struct pool_statistics {
    std::size_t in_use;  // in buffers that someone refers to
    std::size_t pooled;  // mappings kept for the next buffers, and idle blocks in the shared lists
    std::size_t peak;    // the most that was in use since reset_peak(). Mappings count exactly; what a thread takes from
                         // its own lists of blocks is noticed when it fetches the next batch, of 64 KiB or less
    std::size_t limit;   // of the mappings that are kept
};

[[nodiscard]] pool_statistics statistics();
void reset_peak();

/// Bytes of idle mappings to keep at most; at first an eighth of the memory. What is over it goes back at once.
void set_pool_limit(std::size_t bytes);

/// Gives idle memory back to the system: all idle mappings, and all slabs without a live block; other threads keep
/// the few blocks in their own lists.
void trim();

/// For tests of failure: the n-th call of `allocate` or `adopt` from now, by any thread, throws memory_error;
/// those after it work again. 0 calls it off.
void fail_allocation_after(std::int64_t n) noexcept;

namespace pool_detail {

/// How many allocations are left, the failing one included; 0: none is to fail.
extern std::atomic<std::int64_t> calls_until_failure;

[[nodiscard]] bool count_down_to_failure() noexcept;

/// Whether this allocation is the one that fail_allocation_after chose.
[[nodiscard]] inline bool must_fail() noexcept { return calls_until_failure.load(std::memory_order_relaxed) > 0 && count_down_to_failure(); }

/// Compares the peak with what is in use now.
void note_peak() noexcept;

/// Bytes of blocks taken or given by threads that have no lists: those that are ending.
void count_stray(std::int64_t bytes) noexcept;

}  // namespace pool_detail

}  // namespace sinter::inline v1::detail::runtime
