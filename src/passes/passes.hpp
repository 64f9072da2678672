#pragma once

#include "graph/graph.hpp"

// Rewrites that keep every value, bit for bit. Each takes a graph and returns a new one.

namespace sinter::inline v1::detail::passes {

/// Views become index maps on the operands that look through them.
[[nodiscard]] graph::graph fold_views(const graph::graph& g);

/// Values of constants only become constants; operations that change nothing go.
[[nodiscard]] graph::graph fold(const graph::graph& g);

/// Equal values become one.
[[nodiscard]] graph::graph merge_common(const graph::graph& g);

/// Long and many-axed reductions become several, in the order that the library promises (see reduction_order.hpp).
[[nodiscard]] graph::graph split_reductions(const graph::graph& g);

/// What no root needs goes.
[[nodiscard]] graph::graph drop_dead(const graph::graph& g);

/// All of them, in order, between two verifications.
[[nodiscard]] graph::graph simplify(const graph::graph& g);

}  // namespace sinter::inline v1::detail::passes
