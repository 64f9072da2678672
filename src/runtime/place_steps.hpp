#pragma once

#include "graph/capture.hpp"
#include "plan/node_split.hpp"
#include "plan/plan.hpp"

#include <sinter/report.hpp>

#include <atomic>
#include <vector>

namespace sinter::inline v1::detail::runtime {

/// Where the launches of one execution run, and where its memory is to be. Kept from one to the next for its lists.
struct step_places {
    std::vector<const plan::node_split*> splits;  // by launch, of a chain its first; null: the calling thread alone
    std::vector<plan::placement> slots;
    std::vector<bool> decided;
    std::vector<bool> across;                     // slots by rows that are first written by threads whose parts lie across the rows: those touch them before
    std::vector<plan::placed_bytes> operands;
    plan::placement tiles;
};

/// Fills them, for a machine whose nodes are shared. Each launch follows the map of its largest operand, or another that pays (plan::choose_nodes); what it
/// writes first will be where it runs. Throws std::bad_alloc.
void choose_places(const plan::plan& p, const graph::capture& c, step_places& to);

/// The same choices for explain, as it would make them now and for a caller on this node; first: the number of the plan's first kernel.
[[nodiscard]] std::vector<decision_report> told_places(const plan::plan& p, const graph::capture& c, std::size_t first);

/// A part of a launch's, or a chain's, loop that has been run where nodes are shared.
struct part_record {
    const plan::launch* launch = nullptr;  // of a chain the first
    const plan::node_split* split = nullptr;
    int part = 0;
    index_t low = 0, past = 0;  // steps of the loop that is shared
    index_t length = 0;         // all of them
    const std::byte* first = nullptr;  // where its last operand, the first output of a map, begins
};

/// For tests: told of each part by the thread that has run it. Null: nobody is.
extern std::atomic<void (*)(const part_record&)> part_listener;

inline void note_part(const part_record& r) {
    if (auto* const listener = part_listener.load(std::memory_order_acquire); listener != nullptr) listener(r);
}

}  // namespace sinter::inline v1::detail::runtime
