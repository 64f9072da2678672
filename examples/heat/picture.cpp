#include "picture.hpp"

namespace sn = sinter;
using sn::all;
using sn::newaxis;

namespace heat {

bytes paint(const plane& temperature, const plane& conductivity) {
    static const plane stops{{9, 12, 48}, {44, 20, 112}, {128, 28, 122}, {214, 54, 78}, {250, 142, 44}, {255, 246, 180}};
    const plane place = clip(temperature, 0.0f, 1.0f) * static_cast<float>(stops.extent(0) - 1);
    const sn::array<std::int32_t> stop = sn::cast<std::int32_t>(minimum(place, static_cast<float>(stops.extent(0) - 2)));
    const plane share = (place - sn::cast<float>(stop))(all, all, newaxis);
    const plane colour = (1.0f - share) * take(stops, stop, {.axis = 0}) + share * take(stops, stop + 1, {.axis = 0});
    const plane shade = 0.55f + 0.45f * sqrt(conductivity);
    return sn::cast<std::uint8_t>(rint(colour * shade(all, all, newaxis)));
}

bytes four_together(const std::vector<bytes>& pictures) {
    constexpr sn::index_t gap = 4;
    const sn::index_t h = pictures[0].extent(0), w = pictures[0].extent(1);
    bytes sheet = sn::full<std::uint8_t>({2 * h + gap, 2 * w + gap, 3}, 245);
    for (sn::index_t i = 0; i < 4; ++i) {
        const sn::index_t top = i / 2 * (h + gap), left = i % 2 * (w + gap);
        sheet(sn::range(top, top + h), sn::range(left, left + w), all) = pictures[static_cast<std::size_t>(i)];
    }
    return sheet;
}

}  // namespace heat
