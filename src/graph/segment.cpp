#include "graph/segment.hpp"

#include "base/memory.hpp"

#include <algorithm>

namespace sinter::inline v1::detail::graph {

namespace {

/// What a composition counts as: about what the longest of them come to.
constexpr std::uint32_t depth_of_composition = 8;

std::atomic<std::size_t> computed{0};

/// Where in the program this thread's last segment ended.
struct place {
    const tape* program = nullptr;
    node_kind kind = node_kind::map;
    bool operator==(const place&) const = default;
};

void end_segment(node& n, std::uint32_t depth, std::uint32_t longest) noexcept {
    thread_local place last;
    const place here{n.program, n.kind};
    if (depth < 2 * longest && last != here && last != place{}) return;
    last = here;
    computed.fetch_add(1, std::memory_order_relaxed);
    compute_segment(n);
}

}  // namespace

void note_depth(node& n) noexcept {
    std::uint32_t depth = 0;
    for (std::size_t i = 0; i < n.n_operands; ++i) depth = std::max(depth, n.operands[i]->depth.load(std::memory_order_relaxed));
    depth += n.program == nullptr ? 1 : n.program->then != nullptr ? depth_of_composition : std::max<std::uint32_t>(n.program->n_code, 1);
    n.depth.store(depth, std::memory_order_relaxed);
    if (depth < longest_chain_short_of_memory) return;
    if (depth >= longest_chain) {
        end_segment(n, depth, longest_chain);
    } else if (base::is_memory_short()) {
        end_segment(n, depth, longest_chain_short_of_memory);
    }
}

std::size_t segments_computed() noexcept { return computed.load(std::memory_order_relaxed); }

}  // namespace sinter::inline v1::detail::graph
