#include "base/borrowed_lock.hpp"

#include <atomic>
#include <shared_mutex>

namespace sinter::inline v1::detail::base {

namespace {

std::atomic<bool> any{false};
thread_local int depth = 0;

/// Leaked, so that it is there for static objects.
std::shared_mutex& the_mutex() {
    static std::shared_mutex* const m = new std::shared_mutex;
    return *m;
}

}  // namespace

void note_writable_borrow() noexcept { any.store(true, std::memory_order_release); }

reading_arrays::reading_arrays() : locked_{any.load(std::memory_order_acquire)} {
    if (locked_ && depth++ == 0) the_mutex().lock_shared();
}

reading_arrays::~reading_arrays() {
    if (locked_ && --depth == 0) the_mutex().unlock_shared();
}

writing_borrowed::writing_borrowed() {
    // A thread that reads already, from inside an evaluation, cannot wait for itself.
    if (depth++ == 0) the_mutex().lock();
}

writing_borrowed::~writing_borrowed() {
    if (--depth == 0) the_mutex().unlock();
}

}  // namespace sinter::inline v1::detail::base
