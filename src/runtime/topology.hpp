#pragma once

#include <vector>

namespace sinter::inline v1::detail::runtime {

/// The processors that this process may use. Plain data.
struct topology {
    std::vector<int> cpus;                    // allowed, ascending; never empty
    std::vector<std::vector<int>> node_cpus;  // for each NUMA node with allowed processors, those, ascending
    double quota = 0;                         // processors' worth of time that the control group grants; 0: no limit
};

/// Reads the affinity of the calling thread, the nodes (from libnuma if built with it, else from /sys), and the quota.
[[nodiscard]] topology detect_topology();

/// Detected at the first call and kept.
[[nodiscard]] const topology& host_topology();

/// The position in node_cpus of the node that holds the processor; 0 if none does.
[[nodiscard]] int node_of(const topology& t, int cpu) noexcept;

/// Threads worth having: the allowed processors, or the quota rounded up if that is less. At least 1.
[[nodiscard]] int usable_cpus(const topology& t) noexcept;

}  // namespace sinter::inline v1::detail::runtime
