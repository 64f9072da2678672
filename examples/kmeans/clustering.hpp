// k-means clustering of colours as array statements: Lloyd's algorithm from a k-means++ start (Arthur and Vassilvitskii, "k-means++: the advantages of
// careful seeding", 2007).
#pragma once

#include <sinter/sinter.hpp>

#include <cstdint>

namespace kmeans {

using colours = sinter::array<float>;        ///< 0 to 255
using bytes = sinter::array<std::uint8_t>;
using labels = sinter::array<std::int32_t>;  ///< numbers of centres
using counts = sinter::array<sinter::index_t>;

/// Which of k centres each of n pixels is nearest to; of equally near ones the first. Pending.
struct assignment {
    labels nearest;  ///< (n)
    colours apart;   ///< (n): squared distances
};

/// What a step makes of pixels and k centres. Pending but for `nearest`.
struct step {
    labels nearest;                 ///< (n): as of an assignment to the centres before
    counts members;                 ///< (k): how many pixels each of them has
    colours centres;                ///< (k, 3): the mean of these pixels; where there are none, the pixel that is furthest from its centre
    sinter::array<double> inertia;  ///< the squared distances of all pixels together
};

/// k of the pixels, 1 to 256, each drawn with a probability in proportion to its squared distance from those before. `pixels` is (3, n), at least one.
[[nodiscard]] colours draw_start(const colours& pixels, sinter::index_t k, std::uint64_t seed);

/// `pixels` is (3, n), `centres` is (k, 3).
[[nodiscard]] assignment assign(const colours& pixels, const colours& centres);

/// One step of Lloyd's algorithm.
[[nodiscard]] step improve(const colours& pixels, const colours& centres);

/// Each pixel in its centre's colour, rounded: (n, 3).
[[nodiscard]] bytes paint(const labels& nearest, const colours& centres);

/// The centres side by side, from dark to light: (height, width, 3).
[[nodiscard]] bytes palette_strip(const colours& centres, sinter::index_t height, sinter::index_t width);

}  // namespace kmeans
