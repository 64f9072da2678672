#include "runtime/topology.hpp"

#include "base/system_file.hpp"

#include <sched.h>

#if SINTER_HAVE_NUMA
#include <numa.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

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

struct free_cpu_mask {
    void operator()(bitmask* mask) const noexcept { ::numa_free_cpumask(mask); }
};

[[nodiscard]] std::vector<std::vector<int>> all_nodes() {
    std::vector<std::vector<int>> nodes;
    if (::numa_available() < 0) {
        return nodes;
    }
    for (int node = 0; node <= ::numa_max_node(); ++node) {
        const std::unique_ptr<bitmask, free_cpu_mask> own{::numa_allocate_cpumask()};
        bitmask* const mask = own.get();
        std::vector<int> cpus;
        if (::numa_node_to_cpus(node, mask) == 0) {
            for (unsigned i = 0; i < mask->size; ++i) {
                if (::numa_bitmask_isbitset(mask, i) != 0) {
                    cpus.push_back(static_cast<int>(i));
                }
            }
        }
        nodes.push_back(std::move(cpus));
    }
    return nodes;
}

#else

[[nodiscard]] std::vector<std::vector<int>> all_nodes() {
    std::vector<std::vector<int>> nodes;
    for (const int node : base::parse_list(base::read_system_file("/sys/devices/system/node/online"))) {
        const std::string list = "/sys/devices/system/node/node" + std::to_string(node) + "/cpulist";
        nodes.push_back(base::parse_list(base::read_system_file(list.c_str())));
    }
    return nodes;
}

#endif

/// As a process in a container sees it: its own group at the root of the mount.
[[nodiscard]] double cgroup_quota() {
    const auto number = [](std::string_view& text) { return base::take_number<std::int64_t>(text).value_or(0); };
    const auto share = [](std::int64_t quota, std::int64_t period) {
        return period > 0 ? static_cast<double>(quota) / static_cast<double>(period) : 0;
    };
    if (const std::string both = base::read_system_file("/sys/fs/cgroup/cpu.max"); !both.empty()) {
        std::string_view text = both;
        const std::int64_t quota = number(text);
        return quota > 0 ? share(quota, number(text)) : 0;
    }
    const std::string first = base::read_system_file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
    std::string_view text = first;
    const std::int64_t quota = number(text);
    if (quota <= 0) return 0;
    const std::string second = base::read_system_file("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
    text = second;
    return share(quota, number(text));
}

[[nodiscard]] topology with_nodes(processors allowed) {
    topology result{std::move(allowed), {}};
    for (std::vector<int>& node : all_nodes()) {
        std::erase_if(node, [&](int cpu) { return !std::binary_search(result.cpus.begin(), result.cpus.end(), cpu); });
        if (!node.empty()) {
            result.node_cpus.push_back(std::move(node));
        }
    }
    if (result.node_cpus.empty()) {
        result.node_cpus.push_back(result.cpus);
    }
    return result;
}

}  // namespace

processors detect_processors() { return {allowed_cpus(), cgroup_quota()}; }

topology detect_topology() { return with_nodes(detect_processors()); }

const processors& host_processors() {
    // Never destroyed: threads may outlive the static objects.
    static const processors& host = *std::make_unique<const processors>(detect_processors()).release();
    return host;
}

const topology& host_topology() {
    static const topology& host = *std::make_unique<const topology>(with_nodes(host_processors())).release();
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

int usable_cpus(const processors& p) noexcept {
    const int cpus = std::max(1, static_cast<int>(p.cpus.size()));
    return p.quota > 0 ? std::clamp(static_cast<int>(std::ceil(p.quota)), 1, cpus) : cpus;
}

}  // namespace sinter::inline v1::detail::runtime
