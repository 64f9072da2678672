#pragma once

#include <sinter/array.hpp>

namespace sinter::inline v1 {

/// Where the memory of an array is to be, among the NUMA nodes of the machine.
class memory_policy {
public:
    enum class kind : unsigned char { by_rows, interleave, on_node };

    constexpr memory_policy(kind k, int node) noexcept : kind_{k}, node_{node} {}
    [[nodiscard]] constexpr kind what() const noexcept { return kind_; }
    [[nodiscard]] constexpr int node() const noexcept { return node_; }

private:
    kind kind_;
    int node_;
};

/// As results are anyway: each node has as many of the rows as it has of the processors, and its own threads compute on them.
inline constexpr memory_policy by_rows{memory_policy::kind::by_rows, -1};
/// Page by page in turn: for what every thread reads from everywhere, such as a table.
inline constexpr memory_policy interleave{memory_policy::kind::interleave, -1};
/// All on one node, by the system's number; it may be one without processors.
[[nodiscard]] constexpr memory_policy on_node(int n) noexcept { return {memory_policy::kind::on_node, n}; }

namespace detail {

SINTER_API void place(node& n, memory_policy policy);

}  // namespace detail

/// Evaluates x and moves the pages of its memory, which other arrays may share; its values and addresses stay. Evaluations that read x run where its memory
/// is, unless another split pays, and their results follow. Memory that x gives back keeps its place. Borrowed memory may be placed, too; arrays of 32 KiB or less
/// lie among others and stay.
///
/// Does nothing with one node, with SINTER_NUMA=off, and where the process was told of a policy that places all memory (numactl --interleave, --preferred). Where the
/// system does not allow it the memory stays, and pages that a node has no room for may come anywhere, but no further than numactl --membind lets them: about() tells.
/// Throws value_error if there is no memory on the node for this process (there may be none, or numactl --membind leaves it out), and what evaluating throws.
template <class T>
    requires detail::element<T>
void place(const array<T>& x, memory_policy policy) {
    detail::place(*x.reading(), policy);
}

}  // namespace sinter::inline v1
