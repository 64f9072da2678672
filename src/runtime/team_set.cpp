#include "runtime/team_set.hpp"

#include "base/settings.hpp"

#include <oneapi/tbb/global_control.h>

#include <pthread.h>

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace sinter::inline v1::detail::runtime {

namespace {

constinit std::atomic<bool> threads_lost = false;

struct making {
    std::mutex mutex;
    std::optional<tbb::global_control> more_workers;
};

/// Never destroyed, as TBB's threads may outlive the static objects.
[[nodiscard]] making& shared_making() {
    static making& one = *std::make_unique<making>().release();
    return one;
}

/// TBB starts no more workers than there are processors, unless told. Of several such requests the smallest counts,
/// so ours must replace its last one.
void allow_workers(making& m, int threads) {
    using control = tbb::global_control;
    const auto wanted = static_cast<std::size_t>(threads);
    if (control::active_value(control::max_allowed_parallelism) < wanted) {
        m.more_workers.reset();
        if (control::active_value(control::max_allowed_parallelism) < wanted) {
            m.more_workers.emplace(control::max_allowed_parallelism, wanted);
        }
    }
}

}  // namespace

bool threads_are_lost() noexcept { return threads_lost.load(std::memory_order_relaxed); }

void watch_forks() {
    static const int once = ::pthread_atfork(nullptr, nullptr, [] { threads_lost.store(true, std::memory_order_relaxed); });
    static_cast<void>(once);
}

[[gnu::noinline]] team& team_set::make(int threads, int in_all) {
    making& m = shared_making();
    watch_forks();
    const std::lock_guard lock{m.mutex};
    auto& place = teams_[static_cast<std::size_t>(threads)];
    if (team* const there = place.load(std::memory_order_acquire); there != nullptr) {
        return *there;
    }
    allow_workers(m, in_all);
    std::vector<int> seats = cpus_;
    if (base::env().pin && static_cast<std::size_t>(threads) <= seats.size()) {
        seats.resize(static_cast<std::size_t>(threads));
    } else {
        seats.clear();
    }
    team* const made = std::make_unique<team>(threads, std::move(seats), base::env().pin ? cpus_ : std::vector<int>{}).release();
    place.store(made, std::memory_order_release);
    return *made;
}

}  // namespace sinter::inline v1::detail::runtime
