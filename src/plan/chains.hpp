#pragma once

#include "plan/plan.hpp"

namespace sinter::inline v1::detail::plan {

/// Finds launches that gain by running tile by tile, puts them next to each other and makes chains of them. What then lives only within a
/// tile gets memory there. Gives where each launch is now.
[[nodiscard]] std::vector<std::uint32_t> make_chains(plan& p, const request& r);

}  // namespace sinter::inline v1::detail::plan
