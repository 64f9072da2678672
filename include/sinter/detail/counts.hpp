#pragma once

#include <sinter/detail/config.hpp>

#include <atomic>

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#endif

// Reference counts. Locked operations are most of what a small statement costs, so a process that has one thread, which the C library knows, does
// without them; and so does whoever drops the only reference.

namespace sinter::inline v1::detail {

/// Whether no other thread can be looking.
[[nodiscard]] inline bool one_thread() noexcept {
#if __has_include(<sys/single_threaded.h>)
    return __libc_single_threaded != 0;
#else
    return false;
#endif
}

/// Adds to a count; `by` may wrap around. Gives the sum.
template <class T>
T add_to(std::atomic<T>& count, T by) noexcept {
    if (one_thread()) {
        const T sum = static_cast<T>(count.load(std::memory_order_relaxed) + by);
        count.store(sum, std::memory_order_relaxed);
        return sum;
    }
    return static_cast<T>(count.fetch_add(by, std::memory_order_acq_rel) + by);
}

/// Takes from a count; true if nothing is left. Then everything that others did before they dropped theirs has happened.
template <class T>
[[nodiscard]] bool take_last(std::atomic<T>& count, T units) noexcept {
    // The only owner has nobody to race with.
    return count.load(std::memory_order_acquire) == units || detail::add_to(count, static_cast<T>(T{0} - units)) == 0;
}

/// Changes a state that others may change too; false if it is not the expected one.
template <class T>
[[nodiscard]] bool change(std::atomic<T>& state, T expected, T wanted) noexcept {
    if (one_thread()) {
        if (state.load(std::memory_order_relaxed) != expected) return false;
        state.store(wanted, std::memory_order_relaxed);
        return true;
    }
    return state.compare_exchange_strong(expected, wanted, std::memory_order_acq_rel);
}

}  // namespace sinter::inline v1::detail
