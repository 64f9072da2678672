#include "runtime/topology.hpp"

#include <sched.h>

#if SINTER_HAVE_NUMA
#include <numa.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <memory>
#include <string>

namespace sinter::inline v1::detail::runtime {

namespace {

struct free_cpu_set {
    void operator()(cpu_set_t* set) const noexcept { CPU_FREE(set); }
};

[[nodiscard]] std::vector<int> allowed_cpus() {
    // The kernel refuses a mask that is shorter than its own, so ask with longer ones until it fits.
    for (int limit = 1024; limit <= 1 << 20; limit *= 4) {
        const std::unique_ptr<cpu_set_t, free_cpu_set> set{CPU_ALLOC(static_cast<std::size_t>(limit))};
        const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(limit));
        if (set == nullptr) {
            break;
        }
        CPU_ZERO_S(bytes, set.get());
        if (::sched_getaffinity(0, bytes, set.get()) != 0) {
            continue;
        }
        std::vector<int> cpus;
        for (int i = 0; i < limit; ++i) {
            if (CPU_ISSET_S(static_cast<std::size_t>(i), bytes, set.get())) {
                cpus.push_back(i);
            }
        }
        return cpus;
    }
    return {0};
}

#if SINTER_HAVE_NUMA

[[nodiscard]] std::vector<std::vector<int>> all_nodes() {
    std::vector<std::vector<int>> nodes;
    if (::numa_available() < 0) {
        return nodes;
    }
    for (int node = 0; node <= ::numa_max_node(); ++node) {
        bitmask* const mask = ::numa_allocate_cpumask();
        std::vector<int> cpus;
        if (::numa_node_to_cpus(node, mask) == 0) {
            for (unsigned i = 0; i < mask->size; ++i) {
                if (::numa_bitmask_isbitset(mask, i) != 0) {
                    cpus.push_back(static_cast<int>(i));
                }
            }
        }
        ::numa_free_cpumask(mask);
        nodes.push_back(std::move(cpus));
    }
    return nodes;
}

#else

/// A list such as "0-3,8,10-11".
[[nodiscard]] std::vector<int> parse_list(const std::string& file) {
    std::vector<int> numbers;
    std::ifstream in{file};
    for (int first = 0; in >> first;) {
        int last = first;
        if (in.peek() == '-') {
            in.get();
            in >> last;
        }
        for (int i = first; i <= last; ++i) {
            numbers.push_back(i);
        }
        if (in.peek() == ',') {
            in.get();
        }
    }
    return numbers;
}

[[nodiscard]] std::vector<std::vector<int>> all_nodes() {
    std::vector<std::vector<int>> nodes;
    for (const int node : parse_list("/sys/devices/system/node/online")) {
        nodes.push_back(parse_list("/sys/devices/system/node/node" + std::to_string(node) + "/cpulist"));
    }
    return nodes;
}

#endif

/// As a process in a container sees it: its own group at the root of the mount.
[[nodiscard]] double cgroup_quota() {
    double quota = 0;
    double period = 0;
    if (std::ifstream in{"/sys/fs/cgroup/cpu.max"}; in >> quota >> period && period > 0) {
        return quota / period;
    }
    std::ifstream quota_file{"/sys/fs/cgroup/cpu/cpu.cfs_quota_us"};
    std::ifstream period_file{"/sys/fs/cgroup/cpu/cpu.cfs_period_us"};
    if (quota_file >> quota && period_file >> period && quota > 0 && period > 0) {
        return quota / period;
    }
    return 0;
}

}  // namespace

topology detect_topology() {
    topology result;
    result.cpus = allowed_cpus();
    for (std::vector<int>& node : all_nodes()) {
        std::erase_if(node, [&](int cpu) { return !std::binary_search(result.cpus.begin(), result.cpus.end(), cpu); });
        if (!node.empty()) {
            result.node_cpus.push_back(std::move(node));
        }
    }
    if (result.node_cpus.empty()) {
        result.node_cpus.push_back(result.cpus);
    }
    result.quota = cgroup_quota();
    return result;
}

const topology& host_topology() {
    // Never destroyed: threads may outlive the static objects.
    static const topology& host = *std::make_unique<const topology>(detect_topology()).release();
    return host;
}

int node_of(const topology& t, int cpu) noexcept {
    for (std::size_t node = 0; node < t.node_cpus.size(); ++node) {
        if (std::binary_search(t.node_cpus[node].begin(), t.node_cpus[node].end(), cpu)) {
            return static_cast<int>(node);
        }
    }
    return 0;
}

int usable_cpus(const topology& t) noexcept {
    const int cpus = std::max(1, static_cast<int>(t.cpus.size()));
    return t.quota > 0 ? std::clamp(static_cast<int>(std::ceil(t.quota)), 1, cpus) : cpus;
}

}  // namespace sinter::inline v1::detail::runtime
