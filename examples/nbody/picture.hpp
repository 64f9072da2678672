// Pictures of where bodies are, by counting them pixel by pixel.
#pragma once

#include "gravity.hpp"

#include <cstdint>
#include <vector>

namespace nbody {

using pixels = sinter::array<std::uint8_t>;  ///< (height, width, 3)

/// Bodies seen from above, within `half` of the middle: the first half of them reddish, the others bluish, brighter where there are more. Square, of `side` pixels.
[[nodiscard]] pixels snapshot(const triple<float>& place, sinter::index_t side, float half);

/// Where a planet has been: each of shape (n), from the Sun.
struct trail {
    sinter::array<double> x, y;
};

/// Trails of the planets `first` to `last`, the latter left out, and where each begins, within `half` of the Sun.
[[nodiscard]] pixels orbits(const std::vector<trail>& trails, std::size_t first, std::size_t last, sinter::index_t side, double half);

}  // namespace nbody
