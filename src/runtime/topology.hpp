#pragma once

#include "base/function_ref.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sinter::inline v1::detail::runtime {

/// The processors that this process may use. Plain data.
struct processors {
    std::vector<int> cpus;  // allowed, ascending; never empty
    double quota = 0;       // processors' worth of time that the control group grants; 0: no limit
};

/// A NUMA node that has memory for this process.
struct memory_node {
    int number = 0;         // as the system counts
    std::size_t bytes = 0;  // in all
    bool operator==(const memory_node&) const = default;
};

/// And where they are. Plain data. A node may have processors, memory or both; those with neither for this process are left out.
struct topology : processors {
    std::vector<std::vector<int>> node_cpus;  // for each NUMA node with allowed processors, those, ascending; never empty
    std::vector<int> numbers;                 // of the same nodes, as the system counts
    std::vector<memory_node> memory;          // ascending; never empty
    std::vector<std::vector<int>> distances;  // from each of node_cpus to each of memory; 10: its own
    std::vector<int> homes;                   // of each of node_cpus: the memory, by position, whose pages its threads' first touches get; its own, if it has some
    bool bound = false;                       // a policy forbids other memory
    std::string placed_by;                    // the policy that places every page, whoever touches it; empty: none
    std::string note;                         // what could not be found out; empty: nothing
};

/// Where to read what the system tells. Tests give a directory of their own.
struct system_root {
    std::string path;  // before /sys and /proc
};

/// Reads the affinities of the main thread and of the calling one, and the quota of the control group and those around it.
[[nodiscard]] processors detect_processors();

/// Reads the nodes, too, as /sys has them (libnuma tells nothing else), and what this process was told of memory.
[[nodiscard]] topology detect_topology();

/// What a system would make of it whose files are elsewhere. memory: the nodes whose memory is allowed; empty: all.
[[nodiscard]] double quota_of(const system_root& root);
[[nodiscard]] topology topology_of(processors allowed, const std::vector<int>& memory, const system_root& root);

/// Finds the homes of nodes without memory, of which several may be equally near. first_touch: the node that a thread on the processor gets a page of; -1: unknown.
void learn_homes(topology& t, base::function_ref<int(int)> first_touch);

/// Detected at the first call and kept. Enough for the number of threads, which the first evaluation needs.
[[nodiscard]] const processors& host_processors();

/// The host's processors with their nodes. Detected at the first call and kept.
[[nodiscard]] const topology& host_topology();

/// The position in node_cpus of the node that holds the processor; 0 if none does.
[[nodiscard]] int node_of(const topology& t, int cpu) noexcept;

/// Threads worth having: the allowed processors, or the quota rounded up if that is less. At least 1.
[[nodiscard]] int usable_cpus(const processors& p) noexcept;

}  // namespace sinter::inline v1::detail::runtime
