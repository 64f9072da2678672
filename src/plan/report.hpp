#pragma once

#include "graph/capture.hpp"
#include "plan/plan.hpp"

#include <sinter/report.hpp>

namespace sinter::inline v1::detail::plan {

/// A plan in the words of explain(); first: the number of its first kernel.
[[nodiscard]] plan_report report(const plan& p, const graph::capture& c, std::size_t first = 0);

/// Adds the graph as it was recorded.
void draw_recorded(plan_report& r, const graph::graph& g, const graph::capture& c);

}  // namespace sinter::inline v1::detail::plan
