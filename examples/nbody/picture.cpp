#include "picture.hpp"

#include <array>
#include <cmath>

namespace sn = sinter;
using sn::all;
using sn::newaxis;
using sn::range;

namespace nbody {
namespace {

using light = sn::array<float>;
using colour = std::array<float, 3>;

// Of the planets.
constexpr std::array<colour, 8> colours{{{0.75f, 0.7f, 0.65f}, {1.0f, 0.85f, 0.5f}, {0.35f, 0.65f, 1.0f}, {1.0f, 0.4f, 0.25f},
                                         {0.9f, 0.7f, 0.5f}, {0.95f, 0.9f, 0.6f}, {0.5f, 0.95f, 0.95f}, {0.4f, 0.5f, 1.0f}}};

// How many points are in each pixel of a square around the middle.
template <class T>
light counted(const sn::array<T>& x, const sn::array<T>& y, sn::index_t side, T half) {
    const T scale = static_cast<T>(side) / (2 * half);
    sn::array<std::int64_t> column = sn::cast<std::int64_t>(floor((x + half) * scale));
    sn::array<std::int64_t> row = sn::cast<std::int64_t>(floor((half - y) * scale));
    sn::array<bool> inside = column >= 0 & column < side & row >= 0 & row < side;
    sn::array<std::int64_t> pixel = where(inside, row * side + column, side * side);
    return sn::cast<float>(sn::bincount(pixel, {.minlength = side * side + 1})(range(0, side * side)).reshape({side, side}));
}

// Each point of light spread over its neighbours, `times` times.
light spread(light bright, int times) {
    const sn::index_t side = bright.extent(0);
    const auto before = range(0, side), here = range(1, side + 1), after = range(2, side + 2);
    for (int i = 0; i < times; ++i) {
        const light wide = sn::pad(bright, 1);
        const light down = 0.25f * (wide(before, all) + wide(after, all)) + 0.5f * wide(here, all);
        bright = 0.25f * (down(all, before) + down(all, after)) + 0.5f * down(all, here);
    }
    return bright;
}

// From 0 to 1: the logarithm, so that what is a thousand times as bright does not drown the rest.
light levels(const light& bright, float contrast) {
    const light most = maximum(max(bright), 1e-6f);
    return log1p(bright * (contrast / most)) * (1 / std::log1p(contrast));
}

light tinted(const light& level, const colour& c) { return level(all, all, newaxis) * sn::array<float>{c[0], c[1], c[2]}; }

pixels developed(const light& rgb) { return sn::cast<std::uint8_t>(255.0f * minimum(rgb, 1.0f) + 0.5f); }

}  // namespace

pixels snapshot(const triple<float>& place, sn::index_t side, float half) {
    const sn::index_t n = place.x.extent(0), first = n - n / 2;
    const auto galaxy = [&](auto which, const colour& c) {
        const light points = counted<float>(place.x(which), place.y(which), side, half);
        const light glow = levels(spread(points, 6), 60.0f), sharp = levels(spread(points, 1), 8.0f);
        return tinted(0.55f * glow + 0.75f * sharp, c);
    };
    return developed(galaxy(range(0, first), {1.0f, 0.72f, 0.42f}) + galaxy(range(first, n), {0.42f, 0.68f, 1.0f})).eval();
}

pixels orbits(const std::vector<trail>& trails, std::size_t first, std::size_t last, sn::index_t side, double half) {
    const auto point = [&](double x, double y, int size) {
        return levels(spread(counted<double>(sn::array<double>{x}, sn::array<double>{y}, side, half), size), 10.0f);
    };
    light rgb = tinted(point(0, 0, 40), {1.0f, 0.95f, 0.7f});
    for (std::size_t i = first; i < last; ++i) {
        const light line = levels(spread(counted<double>(trails[i].x, trails[i].y, side, half), 1), 30.0f);
        rgb = rgb + tinted(0.7f * line + point(trails[i].x(0), trails[i].y(0), 20), colours.at(i));
    }
    return developed(rgb).eval();
}

}  // namespace nbody
