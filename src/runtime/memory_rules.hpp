#pragma once

#include <string>
#include <vector>

namespace sinter::inline v1::detail::runtime {

/// What the calling thread has been told of its memory: by numactl before the program began, or by set_mempolicy. Plain data.
struct memory_rules {
    std::vector<int> nodes;  // whose memory it may have, as the system counts; empty: all
    bool bound = false;      // there would be more, but for a policy that binds
    bool limited = false;    // there is memory on other nodes
    std::string placed_by;   // the policy that chooses a node for every page, whoever touches it: "interleave", "preferred" or another; empty: none
};

[[nodiscard]] memory_rules told_of_memory();

/// What a policy makes of the nodes that are allowed: `mode` and `nodes` as the system tells them.
[[nodiscard]] memory_rules rules_of(int mode, const std::vector<int>& nodes, std::vector<int> allowed);

/// The number of the node where a page ends up that a thread on the processor touches first; -1: it cannot be found out. Starts a thread for it.
[[nodiscard]] int node_of_first_touch(int cpu) noexcept;

}  // namespace sinter::inline v1::detail::runtime
