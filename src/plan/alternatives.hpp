#pragma once

#include "graph/graph.hpp"
#include "plan/plan.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sinter::inline v1::detail::plan {

/// A plan that the planner could have made.
struct alternative {
    std::vector<forced_choice> forced;  // against what it would have chosen; empty: nothing
    std::string name;                   // the same for reading
    plan steps;
};

/// The plan that is chosen, first, and others: each decision the other way, and then two at a time, those first that are predicted to be
/// quick. No two are the same. Decisions about values that are stored for later evaluations are left as they are. At most `most` in all.
[[nodiscard]] std::vector<alternative> alternatives(const graph::graph& g, const request& r, std::size_t most = 200);

}  // namespace sinter::inline v1::detail::plan
