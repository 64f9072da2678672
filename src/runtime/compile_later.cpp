#include "runtime/compile_later.hpp"

#include "base/blocked_signals.hpp"
#include "base/fork.hpp"
#include "runtime/team.hpp"
#include "runtime/topology.hpp"

#include <unistd.h>

#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <list>
#include <mutex>
#include <new>
#include <thread>

namespace sinter::inline v1::detail::runtime {

namespace {

/// What waits at most: each holds a plan.
constexpr std::size_t most_waiting = 256;

struct state {
    std::mutex mutex;  // of all
    std::condition_variable given, done;
    std::list<std::shared_ptr<const ready_plan>> waiting;
    bool working = false, stop = false;
    std::size_t compiled = 0;
    std::thread thread;
    pid_t owner = 0;  // of the thread; -1: it could not be started
};

/// Never destroyed, as arrays may be evaluated until the very end; needs no memory. Its lock is taken outside of at_work, too.
[[nodiscard]] state& shared() noexcept {
    alignas(state) static std::byte room[sizeof(state)];
    static state& one = []() -> state& {
        state& made = *new (room) state;
        base::hold_over_fork(made.mutex);
        return made;
    }();
    return one;
}

void work(state& s, const processors& all) {
    // It was started with its caller's processors, which may be one.
    unpin_thread(all.cpus);
    std::unique_lock lock{s.mutex};
    for (;;) {
        s.given.wait(lock, [&] { return s.stop || !s.waiting.empty(); });
        if (s.stop) return;
        std::shared_ptr<const ready_plan> next = std::move(s.waiting.front());
        s.waiting.pop_front();
        s.working = true;
        lock.unlock();
        {
            const base::at_work working;
            try {
                compile(*next);
            } catch (const std::exception&) {
                // Whoever runs the plan often meets it again, and is told.
            }
            next.reset();
        }
        lock.lock();
        s.working = false;
        ++s.compiled;
        if (s.waiting.empty()) s.done.notify_all();
    }
}

/// What waits is not made any more.
void end_thread() {
    state& s = shared();
    std::list<std::shared_ptr<const ready_plan>> left;
    {
        const std::lock_guard lock{s.mutex};
        s.stop = true;
        left.swap(s.waiting);
    }
    s.given.notify_all();
    s.done.notify_all();
    // Not of a parent: its threads are not there, and a child has no other.
    if (s.thread.joinable() && ::getpid() == s.owner) s.thread.join();
}

/// By the holder of the mutex.
[[nodiscard]] bool start(state& s) {
    s.owner = -1;
    if (std::atexit(end_thread) != 0) return false;
    const processors& all = host_processors();
    const base::blocked_signals quiet;
    s.thread = std::thread{[&s, &all] { work(s, all); }};
    s.owner = ::getpid();
    return true;
}

}  // namespace

bool compile_later(std::shared_ptr<const ready_plan> p) noexcept try {
    state& s = shared();
    {
        const std::lock_guard lock{s.mutex};
        if (s.stop || s.waiting.size() >= most_waiting) return false;
        if (s.owner == 0 && !start(s)) return false;
        if (s.owner != ::getpid()) return false;
        s.waiting.push_back(std::move(p));
    }
    s.given.notify_one();
    return true;
} catch (const std::exception&) {
    return false;
}

void finish_compiling() noexcept {
    state& s = shared();
    std::unique_lock lock{s.mutex};
    if (s.owner != ::getpid()) return;
    s.done.wait(lock, [&] { return s.stop || (s.waiting.empty() && !s.working); });
}

std::size_t compiled_in_background() noexcept {
    state& s = shared();
    const std::lock_guard lock{s.mutex};
    return s.compiled;
}

}  // namespace sinter::inline v1::detail::runtime
