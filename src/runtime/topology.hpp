#pragma once

#include <vector>

namespace sinter::inline v1::detail::runtime {

/// The processors that this process may use. Plain data.
struct processors {
    std::vector<int> cpus;  // allowed, ascending; never empty
    double quota = 0;       // processors' worth of time that the control group grants; 0: no limit
};

/// And where they are. Plain data.
struct topology : processors {
    std::vector<std::vector<int>> node_cpus;  // for each NUMA node with allowed processors, those, ascending
};

/// Reads the affinity of the calling thread and the quota.
[[nodiscard]] processors detect_processors();

/// Reads the nodes, too: from libnuma if built with it, else from /sys.
[[nodiscard]] topology detect_topology();

/// Detected at the first call and kept. Enough for the number of threads, which the first evaluation needs.
[[nodiscard]] const processors& host_processors();

/// The host's processors with their nodes. Detected at the first call and kept.
[[nodiscard]] const topology& host_topology();

/// The position in node_cpus of the node that holds the processor; 0 if none does.
[[nodiscard]] int node_of(const topology& t, int cpu) noexcept;

/// Threads worth having: the allowed processors, or the quota rounded up if that is less. At least 1.
[[nodiscard]] int usable_cpus(const processors& p) noexcept;

}  // namespace sinter::inline v1::detail::runtime
