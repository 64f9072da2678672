#pragma once

#include "runtime/team.hpp"
#include "runtime/threads.hpp"

#include <array>
#include <atomic>
#include <vector>

namespace sinter::inline v1::detail::runtime {

/// One team for each number of threads that was ever asked for, on the same processors. Never destroyed.
class team_set {
public:
    /// Pinned to these processors, one after the other, as long as there are no more threads and SINTER_PIN allows it.
    explicit team_set(std::vector<int> cpus) : cpus_{std::move(cpus)} {}

    /// in_all: threads that may run at the same time, of this team and of others. Throws std::bad_alloc.
    [[nodiscard]] team& of(int threads, int in_all) {
        team* const there = teams_[static_cast<std::size_t>(threads)].load(std::memory_order_acquire);
        return there != nullptr ? *there : make(threads, in_all);
    }
    [[nodiscard]] const std::vector<int>& cpus() const noexcept { return cpus_; }

private:
    [[nodiscard]] team& make(int threads, int in_all);

    std::vector<int> cpus_;
    std::array<std::atomic<team*>, most_threads + 1> teams_{};
};

/// Whether this process is a child of fork whose parent had threads, which do not exist here.
[[nodiscard]] bool threads_are_lost() noexcept;

/// To be called before the first thread starts.
void watch_forks();

}  // namespace sinter::inline v1::detail::runtime
