#pragma once

#include "graph/graph.hpp"

#include <sinter/detail/reduction_order.hpp>

namespace sinter::inline v1::detail::passes::order {

using namespace reduction_order;

/// Adds the reductions that v means to g; returns the last one's result.
[[nodiscard]] graph::operand split(graph::graph& g, const graph::value& v);

}  // namespace sinter::inline v1::detail::passes::order
