#pragma once

#include <sinter/detail/types.hpp>

#include <cstdint>
#include <span>
#include <vector>

// How work and memory are shared by NUMA nodes: plain data and pure functions.

namespace sinter::inline v1::detail::plan {

/// Where the pages of a buffer are. One map from rows to nodes serves the whole process, so a byte says it.
struct placement {
    std::uint8_t code = 0;

    [[nodiscard]] static constexpr placement anywhere() noexcept { return {0}; }     // nobody has cared
    [[nodiscard]] static constexpr placement by_rows() noexcept { return {1}; }      // node by node, each as much as it has processors
    [[nodiscard]] static constexpr placement interleaved() noexcept { return {2}; }  // page by page
    /// All in one memory, by position; those past the last that a byte can name are not told apart from anywhere.
    [[nodiscard]] static constexpr placement in_memory(int memory) noexcept {
        return {memory < most_memories ? static_cast<std::uint8_t>(3 + memory) : std::uint8_t{0}};
    }
    /// That memory; -1: it is not in one.
    [[nodiscard]] constexpr int memory() const noexcept { return code >= 3 ? code - 3 : -1; }

    static constexpr int most_memories = 253;
    bool operator==(const placement&) const = default;
};

/// Nodes as the model sees them. A test may write down any it likes.
struct node_machine {
    std::vector<int> cpus;                   // of each node that has processors
    std::vector<int> home;                   // the memory, by position, that each one's first touches get
    std::vector<double> bandwidth;           // of each memory, bytes per second
    std::vector<std::vector<double>> reach;  // bytes per second at most from each memory to each node, by node
    double thread_bandwidth = 0;             // bytes per second of one thread
    double wake_seconds = 0;                 // what it costs more to begin on several nodes
};

/// Which parts of a loop are whose. Node k of all nodes takes what its processors are of all processors, whatever number of threads there is, so
/// that every loop over the same rows meets the same memory.
class node_split {
public:
    struct share {
        int node = 0;
        int first = 0, past = 0;    // parts
        index_t from = 0, to = 0;   // of `whole`
    };

    /// Over all nodes. A node that gets no part leaves its rows to a neighbour.
    [[nodiscard]] static node_split over(const std::vector<int>& cpus, int parts);
    /// On one node alone.
    [[nodiscard]] static node_split on(int node, int parts);

    [[nodiscard]] int parts() const noexcept { return shares_.back().past; }
    [[nodiscard]] std::span<const share> shares() const noexcept { return shares_; }
    [[nodiscard]] const share& share_of(int part) const noexcept;
    /// The first of so many units that belongs to the part; all of them for the part after the last.
    [[nodiscard]] index_t low(index_t units, int part) const noexcept;

private:
    std::vector<share> shares_;  // ascending, none of them empty
    index_t whole_ = 1;
};

/// Memory that a loop goes through once.
struct placed_bytes {
    double bytes = 0;
    placement where;
    bool fresh = false;  // it will be where it is written
};

/// Where a loop is to run.
struct node_choice {
    int node = -1;  // -1: all
    int threads = 1;
    double seconds = 0;
    [[nodiscard]] placement fresh(const node_machine& m) const noexcept {
        return node < 0 ? placement::by_rows() : placement::in_memory(m.home[static_cast<std::size_t>(node)]);
    }
};

/// Seconds on one node, or on all: the slowest of computing, each memory, each way between nodes and what the threads can ask for.
[[nodiscard]] node_choice on_node(const node_machine& m, std::span<const placed_bytes> operands, double compute_seconds, int threads, int node);
[[nodiscard]] node_choice on_all(const node_machine& m, std::span<const placed_bytes> operands, double compute_seconds, int threads);

/// Follows the largest operand that has a place, unless another choice is faster by a tenth: all nodes, or the caller's own. compute_seconds: of one thread. from: becomes
/// what was chosen from, each node once; may be null.
[[nodiscard]] node_choice choose_nodes(const node_machine& m, std::span<const placed_bytes> operands, double compute_seconds, int threads, int caller,
                                       std::vector<node_choice>* from = nullptr);

}  // namespace sinter::inline v1::detail::plan
