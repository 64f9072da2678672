#pragma once

#include "base/function_ref.hpp"

#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_scheduler_observer.h>

#include <sched.h>
#include <sys/types.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace sinter::inline v1::detail::runtime {

/// Has a thread (0: the calling one) stay on a processor. Where it is refused (a sandbox, a processor taken offline) threads run unpinned: slower, not wrong.
void pin_thread(pid_t thread, int cpu) noexcept;

/// Lets the calling thread go to any of some processors, where that is allowed.
void unpin_thread(const std::vector<int>& cpus) noexcept;

/// The error of the system that refused to pin a thread; 0: none did.
[[nodiscard]] int pin_failure() noexcept;

/// A fixed number of slots in a TBB arena, with a processor for each. Never destroyed, since TBB's threads may look
/// at it until the process ends.
///
/// TBB's slots are not threads: an observer pins a worker to its slot's processor as it comes in. It stays pinned while
/// it sleeps, which is when it matters: a free worker is often woken on the waking thread's own processor and waits
/// there, for milliseconds, while that thread works. The calling thread belongs to the user and keeps its
/// affinity; if the system has moved it onto a worker's processor, that worker gets the one that the caller left.
///
/// Workers stay pinned when they go on to the program's own TBB code, so that no region has to pin them anew. No two are ever pinned to the same processor,
/// whatever teams they come from: whoever was pinned there before gets the place that the newcomer leaves, or may go everywhere. So each thread of such code can
/// have a processor of its own, as long as there are no more of them.
class team final : private tbb::task_scheduler_observer {
public:
    /// `cpus` are the processors to use, one for each slot; empty: pin no thread to a single one. `around` are those that such workers may be on; empty: all.
    team(int threads, std::vector<int> cpus, const std::vector<int>& around);

    team(const team&) = delete;
    team& operator=(const team&) = delete;

    void run(int parts, base::function_ref<void(int)> body);

    /// A thread of TBB's.
    struct worker {
        explicit worker(pid_t own) noexcept : id{own} {}

        std::atomic<pid_t> id;        // 0 once it has ended: the system uses ids again
        const team* last = nullptr;   // where it came last, and is pinned for
        int cpu = -1;                 // that it is pinned to; -1: to none
    };

private:
    struct seat {
        std::atomic<int> cpu = -1;
        std::shared_ptr<worker> last;  // who came last, and may be elsewhere by now
    };

    void on_scheduler_entry(bool is_worker) override;
    void on_scheduler_exit(bool is_worker) override;
    void make_way(int cpu) noexcept;

    tbb::task_arena arena_;
    std::vector<seat> seats_;       // empty: do not pin. seats_[0] is the last known place of the caller
    cpu_set_t all_{};               // for workers that are not to be pinned
    bool confined_ = false;         // all_ is less than every processor
    std::atomic<int> callers_ = 0;  // in run() now
};

}  // namespace sinter::inline v1::detail::runtime
