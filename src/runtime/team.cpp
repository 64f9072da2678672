#include "runtime/team.hpp"

#include "base/sanitizer.hpp"
#include "runtime/topology.hpp"

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_group.h>

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <new>
#include <utility>

namespace sinter::inline v1::detail::runtime {

namespace {

constinit std::atomic<int> pin_error = 0;

using worker_ptr = std::shared_ptr<team::worker>;

/// Changes of seats and pins, in all teams: a worker goes from one to another.
constinit std::mutex seating;

/// By processor: who is pinned to it. Never destroyed.
[[nodiscard]] std::vector<worker_ptr>& pinned() {
    static auto& all = *std::make_unique<std::vector<worker_ptr>>(static_cast<std::size_t>(host_topology().cpus.back()) + 1).release();
    return all;
}

[[nodiscard]] const worker_ptr& own_worker() {
    struct holder {
        worker_ptr own = std::make_shared<team::worker>(::gettid());
        ~holder() { own->id.store(0, std::memory_order_release); }
    };
    static thread_local const holder one;
    return one.own;
}

}  // namespace

void pin_thread(pid_t thread, int cpu) noexcept {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(cpu), &one);
    // A thread that has ended meanwhile is no refusal.
    if (::sched_setaffinity(thread, sizeof one, &one) != 0 && errno != ESRCH) pin_error.store(errno, std::memory_order_relaxed);
}

namespace {

[[nodiscard]] cpu_set_t set_of(const std::vector<int>& cpus) noexcept {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int cpu : cpus) CPU_SET(static_cast<std::size_t>(cpu), &set);
    return set;
}

}  // namespace

void unpin_thread(const std::vector<int>& cpus) noexcept {
    const cpu_set_t set = set_of(cpus);
    static_cast<void>(::sched_setaffinity(0, sizeof set, &set));
}

namespace {

/// cpu: -1: to none.
void send(team::worker& who, int cpu) noexcept {
    who.cpu = cpu;
    const pid_t id = who.id.load(std::memory_order_acquire);
    if (id == 0) return;
    if (cpu >= 0) {
        pin_thread(id, cpu);
        return;
    }
    const cpu_set_t all = set_of(host_topology().cpus);
    static_cast<void>(::sched_setaffinity(id, sizeof all, &all));
}

void leave(const worker_ptr& who) noexcept {
    if (who->cpu >= 0 && pinned()[static_cast<std::size_t>(who->cpu)] == who) pinned()[static_cast<std::size_t>(who->cpu)] = nullptr;
}

/// Pins a worker; who was pinned there before gets `instead`, or -1: any. By the holder of `seating`.
void pin(const worker_ptr& who, int cpu, int instead) noexcept {
    leave(who);
    const worker_ptr before = std::exchange(pinned()[static_cast<std::size_t>(cpu)], who);
    send(*who, cpu);
    if (before == nullptr || before == who) return;
    if (instead >= 0) pinned()[static_cast<std::size_t>(instead)] = before;
    send(*before, instead);
}

}  // namespace

int pin_failure() noexcept { return pin_error.load(std::memory_order_relaxed); }

team::team(int threads, std::vector<int> cpus, const std::vector<int>& around)
    : tbb::task_scheduler_observer{arena_},
      arena_{threads, 1},
      seats_(cpus.size()),
      all_{set_of(around.empty() ? host_topology().cpus : around)},
      confined_{!around.empty() && around.size() < host_topology().cpus.size()} {
    static_cast<void>(pinned());  // that workers need no memory for
    for (std::size_t i = 0; i < cpus.size(); ++i) {
        seats_[i].cpu.store(cpus[i], std::memory_order_relaxed);
    }
    base::published(this);
    observe(true);
}

void team::run(int parts, base::function_ref<void(int)> body) {
    struct caller {
        std::atomic<int>& callers;
        bool alone = callers.fetch_add(1, std::memory_order_relaxed) == 0;
        ~caller() { callers.fetch_sub(1, std::memory_order_relaxed); }
    };
    const caller self{callers_};
    // Two callers at once would only push the workers to and fro between them.
    if (self.alone && !seats_.empty()) {
        const int here = ::sched_getcpu();
        if (here != seats_[0].cpu.load(std::memory_order_relaxed)) [[unlikely]] {
            make_way(here);
        }
    }
    // TBB waits for every part that has begun, also when one of them throws.
    const auto each = [this, body](int part) {
        const base::ordered_part here{this};
        body(part);
    };
    const base::ordered_region whole{this};
    arena_.execute([&] {
        // A context of its own, so that cancelling a task group of the user's does not skip parts of ours.
        tbb::task_group_context context{tbb::task_group_context::isolated};
        tbb::parallel_for(0, parts, each, tbb::static_partitioner{}, context);
    });
}

void team::on_scheduler_entry(bool is_worker) {
    if (!is_worker) {
        return;
    }
    base::observed(this);
    const auto slot = static_cast<std::size_t>(tbb::this_task_arena::current_thread_index());
    const bool seated = slot != 0 && slot < seats_.size();
    const std::lock_guard lock{seating};
    try {
        const worker_ptr& own = own_worker();
        own->last = this;
        if (seated) {
            seats_[slot].last = own;
            const int cpu = seats_[slot].cpu.load(std::memory_order_relaxed), left = own->cpu;
            // Not to where the caller is.
            if (cpu != left) pin(own, cpu, left == seats_[0].cpu.load(std::memory_order_relaxed) ? -1 : left);
            return;
        }
        leave(own);
        own->cpu = -1;
        static_cast<void>(::sched_setaffinity(0, sizeof all_, &all_));
    } catch (const std::bad_alloc&) {
        if (seated) seats_[slot].last = nullptr;  // it stays where it is
    }
}

void team::on_scheduler_exit(bool is_worker) {
    // Pinned workers stay so.
    if (is_worker && confined_ && seats_.empty()) unpin_thread(host_topology().cpus);
}

void team::make_way(int cpu) noexcept {
    // On its way from another node, or on none of ours: no worker is to go there.
    if (!CPU_ISSET(static_cast<std::size_t>(cpu), &all_)) return;
    const std::unique_lock lock{seating, std::try_to_lock};
    if (!lock.owns_lock()) {
        return;
    }
    seat& caller = seats_[0];
    const int left = caller.cpu.load(std::memory_order_relaxed);
    for (std::size_t slot = 1; slot < seats_.size(); ++slot) {
        seat& other = seats_[slot];
        if (other.cpu.load(std::memory_order_relaxed) != cpu) {
            continue;
        }
        other.cpu.store(left, std::memory_order_relaxed);
        if (other.last != nullptr && other.last->last == this) pin(other.last, left, -1);
        break;
    }
    caller.cpu.store(cpu, std::memory_order_relaxed);
}

}  // namespace sinter::inline v1::detail::runtime
