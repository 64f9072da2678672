// Two galaxies that are about to meet.
#pragma once

#include "gravity.hpp"

namespace nbody {

/// Two discs of stars, each around a heavy centre, on a parabola about each other: n bodies, half of each, the first of each half its centre. A galaxy has mass 1 and radius 1.
[[nodiscard]] bodies<float> two_galaxies(sinter::index_t n);

}  // namespace nbody
