#include "base/affinity.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>

namespace sinter::inline v1::detail::base {

namespace {

struct free_cpu_set {
    void operator()(cpu_set_t* set) const noexcept { CPU_FREE(set); }
};

/// Empty if the system does not tell.
[[nodiscard]] std::vector<int> cpus_of(pid_t thread) {
    std::vector<int> cpus;
    // The kernel refuses a mask that is shorter than its own, so ask with longer ones until it fits.
    for (int limit = 1024; limit <= 1 << 20; limit *= 4) {
        const std::unique_ptr<cpu_set_t, free_cpu_set> set{CPU_ALLOC(static_cast<std::size_t>(limit))};
        const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(limit));
        if (set == nullptr) break;
        CPU_ZERO_S(bytes, set.get());
        if (::sched_getaffinity(thread, bytes, set.get()) != 0) continue;
        for (int i = 0; i < limit; ++i) {
            if (CPU_ISSET_S(static_cast<std::size_t>(i), bytes, set.get())) cpus.push_back(i);
        }
        break;
    }
    return cpus;
}

}  // namespace

std::vector<int> allowed_cpus() {
    const std::vector<int> own = cpus_of(0);
    const pid_t main = ::getpid();
    std::vector<int> all;
    if (main == ::gettid()) all = own;
    else std::ranges::set_union(own, cpus_of(main), std::back_inserter(all));
    if (all.empty()) all.push_back(0);
    return all;
}

}  // namespace sinter::inline v1::detail::base
