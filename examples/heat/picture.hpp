// Temperatures as colours.
#pragma once

#include "flow.hpp"

#include <vector>

namespace heat {

/// (h, w, 3): from blue, 0, over red to white, 1; what insulates is darker. Both are (h, w).
[[nodiscard]] bytes paint(const plane& temperature, const plane& conductivity);

/// Four pictures of one shape, two beside each other.
[[nodiscard]] bytes four_together(const std::vector<bytes>& pictures);

}  // namespace heat
