#include "base/fork.hpp"

#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <new>
#include <thread>

namespace sinter::inline v1::detail::base {

namespace {

/// A thread's own mark; used again when the thread has ended, never destroyed.
struct alignas(64) mark {
    std::atomic<bool> inside = false;
    std::atomic<bool> taken = true;
    mark* next = nullptr;
};

/// From the beginning to the end of a fork: one at a time.
constinit std::mutex forking;
constinit std::atomic<mark*> marks = nullptr;
constinit std::atomic<bool> closed = false;
/// Threads inside that have no mark: those that are ending, and those for whose mark there was no memory.
constinit std::atomic<int> unmarked = 0;

constinit thread_local mark* mine __attribute__((tls_model("initial-exec"))) = nullptr;
constinit thread_local unsigned depth __attribute__((tls_model("initial-exec"))) = 0;
constinit thread_local bool ending __attribute__((tls_model("initial-exec"))) = false;

struct leaver {
    leaver() noexcept = default;
    leaver(const leaver&) = delete;
    leaver& operator=(const leaver&) = delete;
    ~leaver() {
        ending = true;
        // In the middle of something nobody else may have the mark: it is lost.
        if (mine == nullptr || depth != 0) return;
        mine->taken.store(false, std::memory_order_release);
        mine = nullptr;
    }
};

struct held_locks {
    std::mutex mutex;
    std::array<std::mutex*, 8> list{};
    std::size_t count = 0;
};
constinit held_locks held;

void pause() { std::this_thread::sleep_for(std::chrono::microseconds(50)); }

/// Whoever enters writes its mark and then reads `closed`, whoever forks does it the other way round, and only the one who forks pays for the order:
/// the system has every running thread of the process pass a barrier.
void barrier_for_all() noexcept {
    static const bool registered = ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
    if (registered && ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0) return;
    // Refused (a sandbox, an old system): what a processor has not written out by then, it never will.
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

void before_fork() noexcept {
    forking.lock();
    if (!one_thread()) {
        closed.store(true, std::memory_order_seq_cst);
        barrier_for_all();
        for (const mark* m = marks.load(std::memory_order_acquire); m != nullptr; m = m->next) {
            while (m != mine && m->inside.load(std::memory_order_acquire)) pause();
        }
        const int own = depth != 0 && mine == nullptr ? 1 : 0;
        while (unmarked.load(std::memory_order_seq_cst) > own) pause();
    }
    held.mutex.lock();
    for (std::size_t i = 0; i < held.count; ++i) held.list[i]->lock();
}

void after_fork() noexcept {
    for (std::size_t i = held.count; i-- > 0;) held.list[i]->unlock();
    held.mutex.unlock();
    closed.store(false, std::memory_order_release);
    forking.unlock();
}

[[maybe_unused]] const int handlers = ::pthread_atfork(before_fork, after_fork, after_fork);

/// Null if there is no memory, or the thread is ending.
[[nodiscard]] mark* take_mark() noexcept {
    if (ending) return nullptr;
    static thread_local const leaver at_the_end;
    static_cast<void>(at_the_end);
    for (mark* m = marks.load(std::memory_order_acquire); m != nullptr; m = m->next) {
        bool expected = false;
        if (!m->taken.load(std::memory_order_relaxed) && m->taken.compare_exchange_strong(expected, true, std::memory_order_acq_rel)) return m;
    }
    auto* const made = new (std::nothrow) mark;
    if (made == nullptr) return nullptr;
    made->next = marks.load(std::memory_order_relaxed);
    // A fork that has begun walks the list without it: seen by the next look at `closed`, which comes after this.
    while (!marks.compare_exchange_weak(made->next, made, std::memory_order_seq_cst)) {}
    return made;
}

}  // namespace

void at_work::enter() noexcept {
    if (depth++ != 0) return;
    if (mine == nullptr) mine = take_mark();
    for (;;) {
        if (mine != nullptr) {
            mine->inside.store(true, std::memory_order_relaxed);
            std::atomic_signal_fence(std::memory_order_seq_cst);
        } else {
            unmarked.fetch_add(1, std::memory_order_seq_cst);
        }
        if (!closed.load(std::memory_order_seq_cst)) return;
        if (mine != nullptr) {
            mine->inside.store(false, std::memory_order_release);
        } else {
            unmarked.fetch_sub(1, std::memory_order_seq_cst);
        }
        while (closed.load(std::memory_order_acquire)) pause();
    }
}

void at_work::leave() noexcept {
    if (--depth != 0) return;
    if (mine != nullptr) {
        mine->inside.store(false, std::memory_order_release);
    } else {
        unmarked.fetch_sub(1, std::memory_order_seq_cst);
    }
}

void hold_over_fork(std::mutex& lock) noexcept {
    const std::lock_guard guard{held.mutex};
    for (std::size_t i = 0; i < held.count; ++i) {
        if (held.list[i] == &lock) return;
    }
    if (held.count < held.list.size()) held.list[held.count++] = &lock;
}

}  // namespace sinter::inline v1::detail::base
