#pragma once

#include "base/function_ref.hpp"
#include "plan/plan.hpp"

namespace sinter::inline v1::detail::plan {

/// Which option of a decision about a value is taken: options[wanted], unless another one is forced.
using decide_function = base::function_ref<std::size_t(decision_kind, graph::value_id, std::vector<option>, std::size_t)>;

/// Finds launches that gain by running tile by tile, puts them next to each other and makes chains of them. What then lives only within a
/// tile gets memory there. Gives where each launch is now.
[[nodiscard]] std::vector<std::uint32_t> make_chains(plan& p, const request& r, decide_function decide);

}  // namespace sinter::inline v1::detail::plan
