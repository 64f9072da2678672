#pragma once

#include "plan/node_split.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace sinter::inline v1::detail::runtime {

namespace numa_detail {

enum class use : std::uint8_t { unknown, none, nodes };
extern std::atomic<use> known;
[[nodiscard]] bool find_out();

}  // namespace numa_detail

/// Whether work and memory are shared by nodes: SINTER_NUMA is `force`, or `auto`, this process may use the processors of several nodes and has
/// not been told of a policy that places memory otherwise. Asked on the way
/// of every evaluation with threads: one load and a comparison where the answer is no.
[[nodiscard]] inline bool shares_nodes() {
    const numa_detail::use u = numa_detail::known.load(std::memory_order_acquire);
    return u == numa_detail::use::unknown ? numa_detail::find_out() : u == numa_detail::use::nodes;
}

/// Whether memory can be moved between nodes: there are several, and nothing else places it.
[[nodiscard]] bool can_place();

/// The nodes that are shared. Bandwidths are the defaults of the machine, divided by what memories there are.
[[nodiscard]] const plan::node_machine& shared_nodes();

/// The split into so many parts over all nodes, or on one. Kept for ever. Throws std::bad_alloc.
[[nodiscard]] const plan::node_split& split_over_nodes(int parts);
[[nodiscard]] const plan::node_split& split_on_node(int node, int parts);

/// Whether so many threads are enough for one on each node. With fewer, what they write does not follow the map of rows.
[[nodiscard]] bool reach_all_nodes(int threads);

/// The node, by position, that the calling thread is on now.
[[nodiscard]] int current_node() noexcept;

/// Memory of less than this is not placed: it is in the caches, or not worth the trouble.
inline constexpr std::size_t least_placed_bytes = std::size_t{256} << 10;

/// What about() says: the mode, the nodes, and what could not be done.
struct numa_facts {
    std::string mode;  // "auto", "force" or "off"
    int nodes = 1;     // that share work
    std::string note;  // what the system has refused; empty: nothing
};
[[nodiscard]] numa_facts numa_report();

}  // namespace sinter::inline v1::detail::runtime
