// Heat that flows through a plate: explicit finite differences with a conductivity of its own in every cell, as array statements.
#pragma once

#include <sinter/sinter.hpp>

#include <cstdint>

namespace heat {

using plane = sinter::array<float>;
using bytes = sinter::array<std::uint8_t>;

/// What flows from a cell into its neighbour in one step, as a share of their difference in temperature: 0 to 1/4, so that no step overshoots. A plate of
/// (h, w) cells lies within a rim of one cell, (h + 2, w + 2) in all, whose temperature stays.
struct plate {
    plane across;  ///< (h, w + 1): through the left side of each cell, and through the right edge
    plane down;    ///< (h + 1, w): through the upper side of each cell, and through the lower edge
};

enum class edges {
    left_and_right,  ///< heat passes the left and the right edge; above and below nothing does
    none             ///< nothing passes: all heat stays
};

/// Luminance of the picture, 0 to 1, (h, w): cells of scale x scale pixels. `rgb` is 8-bit sRGB; what is left over at the right and below is left out.
[[nodiscard]] plane brightness(const bytes& rgb, sinter::index_t scale);

/// What is darker than the whole conducts well, what is brighter insulates: 0.01 to 1.
[[nodiscard]] plane conductivity(const plane& brightness);

[[nodiscard]] plate join(const plane& conductivity, edges passing);

/// One step: the cells of `next` from those of `now`, (h + 2, w + 2). The rim of `next` stays as it is.
void flow(plane& next, const plane& now, const plate& p);

/// What flows in through the left edge in one step, and out through the right one.
struct balance {
    sinter::array<double> in, out;
};
[[nodiscard]] balance through_edges(const plane& now, const plate& p);

}  // namespace heat
