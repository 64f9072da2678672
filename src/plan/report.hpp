#pragma once

#include "graph/capture.hpp"
#include "plan/plan.hpp"

#include <sinter/report.hpp>

namespace sinter::inline v1::detail::plan {

/// A plan in the words of explain().
[[nodiscard]] plan_report report(const plan& p, const graph::capture& c, isa target);

}  // namespace sinter::inline v1::detail::plan
