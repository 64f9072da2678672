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

/// What is only reshaped is computed in the other shape, if the memory that it is made of can be looked at so.
[[nodiscard]] graph::graph sink_reshapes(const graph::graph& g);

/// Rows that are the same along an axis that stays are reduced once, and the results repeated.
[[nodiscard]] graph::graph reduce_once(const graph::graph& g);

/// Rows of a few elements become operations on them, in the same order: whole vectors of rows instead of parts of vectors.
[[nodiscard]] graph::graph spell_out_short_rows(const graph::graph& g);

/// Long and many-axed reductions become several, in the order that the library promises (see reduction_order.hpp).
[[nodiscard]] graph::graph split_reductions(const graph::graph& g);

/// What no root needs goes.
[[nodiscard]] graph::graph drop_dead(const graph::graph& g);

/// All of them, in order, between two verifications.
[[nodiscard]] graph::graph simplify(const graph::graph& g);

}  // namespace sinter::inline v1::detail::passes
