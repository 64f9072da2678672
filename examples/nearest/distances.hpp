// Distances on the Earth as array statements.
#pragma once

#include <sinter/sinter.hpp>

namespace nearest {

using numbers = sinter::array<double>;

/// Kilometres: the sphere of the same volume as the Earth's.
inline constexpr double radius = 6371.0008;

/// Where cities are, in degrees, each of shape (n); north and east are above 0.
struct places {
    numbers latitude, longitude;
};

/// Great-circle distances in kilometres of every city from every other one, (n, n), by the haversine formula (R. W. Sinnott, "Virtues of the haversine", 1984).
[[nodiscard]] numbers haversine(const places& cities);

/// The same by sn::pairwise, from the straight lines between points of a sphere.
[[nodiscard]] numbers by_chords(const places& cities);

/// Of each row of distances the `count` least ones and whose they are, each (n, count), the city itself left out.
[[nodiscard]] sinter::topk_result<double> neighbours(const numbers& distances, sinter::index_t count);

}  // namespace nearest
