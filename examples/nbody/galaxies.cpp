#include "galaxies.hpp"

#include <cmath>
#include <numbers>

namespace sn = sinter;

namespace nbody {
namespace {

using numbers = sn::array<float>;

constexpr float softening = 0.05f;
constexpr float centre = 0.75f, disc = 0.25f;  // masses
constexpr float hole = 0.15f;                  // of the disc

struct galaxy {
    triple<float> place, speed;
    numbers mass;
};

// Stars on circles, those nearer than a distance the more the further it is, with their plane turned about the x axis by `tilt`.
galaxy make_galaxy(sn::random::key k, sn::index_t n, float tilt) {
    const auto [for_radius, for_phase, for_height] = sn::random::split<3>(k);
    sn::array<bool> star = sn::arange<sn::index_t>(n) > 0;
    numbers inside = sn::random::uniform<float>(for_radius, {n});
    numbers phase = static_cast<float>(2 * std::numbers::pi) * sn::random::uniform<float>(for_phase, {n});
    numbers height = where(star, 0.02f * sn::random::normal<float>(for_height, {n}), 0.0f);
    numbers radius = where(star, hole + (1 - hole) * inside, 0.0f);
    numbers speed = radius * sqrt((centre + disc * inside) / pow(radius * radius + softening * softening, 1.5f));

    const float c = std::cos(tilt), s = std::sin(tilt);
    numbers x = radius * cos(phase), y = radius * sin(phase);
    numbers u = -speed * sin(phase), v = speed * cos(phase);
    const float each = disc / static_cast<float>(n > 1 ? n - 1 : 1);
    return {{x, c * y - s * height, s * y + c * height}, {u, c * v, s * v}, where(star, each, centre)};
}

}  // namespace

bodies<float> two_galaxies(sn::index_t n) {
    // Both of mass 1: on a parabola, of nearest distance `pericentre`, at first `apart` from each other.
    constexpr float apart = 3.5f, pericentre = 0.7f;
    const float total = std::sqrt(4 / apart), around = std::sqrt(4 * pericentre) / apart, towards = std::sqrt(total * total - around * around);

    const auto [one, other] = sn::random::split<2>(sn::random::key{2000});
    const galaxy a = make_galaxy(one, n - n / 2, 0.3f), b = make_galaxy(other, n / 2, -1.1f);
    const auto joined = [](const numbers& of_a, const numbers& of_b, float away) { return sn::concatenate<float>({of_a - away / 2, of_b + away / 2}); };
    return {{joined(a.place.x, b.place.x, apart), joined(a.place.y, b.place.y, 0), joined(a.place.z, b.place.z, 0)},
            {joined(a.speed.x, b.speed.x, -towards), joined(a.speed.y, b.speed.y, around), joined(a.speed.z, b.speed.z, 0)},
            sn::concatenate({a.mass, b.mass}).eval(),
            softening};
}

}  // namespace nbody
