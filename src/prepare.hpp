#pragma once

#include "graph/capture.hpp"
#include "graph/graph.hpp"
#include "plan/plan.hpp"

// From captured statements to a plan. Tests and benchmarks that look at what else could have been planned begin here, too.

namespace sinter::inline v1::detail {

/// The instruction set that kernels are made for.
[[nodiscard]] plan::isa target_isa();
[[nodiscard]] const plan::machine& target_machine();

/// What the planner has to know of a capture, on this machine.
[[nodiscard]] plan::request make_request(const graph::capture& c);

struct planned_graph {
    graph::graph recorded;
    graph::graph simple;  // after the passes
};

[[nodiscard]] planned_graph simplify(const graph::capture& c);

struct planned {
    plan::plan steps;
    plan::plan checks;  // no launches where there is nothing to check
    std::vector<graph::divisor> divisors{};
};

/// The request's forced choices are for the steps: checks have numbers of their own.
[[nodiscard]] planned make_plans(const planned_graph& g, const plan::request& request);

}  // namespace sinter::inline v1::detail
