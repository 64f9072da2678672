#include "planets.hpp"

#include <cmath>
#include <numbers>
#include <vector>

namespace nbody {
namespace {

struct point {
    double x, y, z;
};

struct motion {
    point place, speed;
};

// On its orbit, about what has the mass gm together with it.
motion on_orbit(const planet& p, double gm) {
    constexpr double degree = std::numbers::pi / 180;
    const double c = p.eccentricity, mean = std::remainder(p.longitude - p.perihelion, 360.0) * degree;
    double e = mean + c * std::sin(mean);
    for (int i = 0; i < 20; ++i) e -= (e - c * std::sin(e) - mean) / (1 - c * std::cos(e));

    const double b = std::sqrt(1 - c * c), rate = std::sqrt(gm / p.axis) / (1 - c * std::cos(e));
    const double x = p.axis * (std::cos(e) - c), y = p.axis * b * std::sin(e), u = -rate * std::sin(e), v = rate * b * std::cos(e);

    const double o = p.node * degree, w = (p.perihelion - p.node) * degree, i = p.inclination * degree;
    const double co = std::cos(o), so = std::sin(o), cw = std::cos(w), sw = std::sin(w), ci = std::cos(i), si = std::sin(i);
    const auto turned = [&](double s, double t) {
        return point{(cw * co - sw * so * ci) * s - (sw * co + cw * so * ci) * t, (cw * so + sw * co * ci) * s - (sw * so - cw * co * ci) * t,
                     sw * si * s + cw * si * t};
    };
    return {turned(x, y), turned(u, v)};
}

}  // namespace

bodies<double> solar_system() {
    constexpr double sun = 0.01720209895 * 0.01720209895;  // Gauss's constant
    std::vector<double> mass{sun};
    std::vector<motion> all{{}};
    // Places are from the Sun at first; `centre` is of all that is inside.
    double within = sun;
    motion centre{};
    for (const planet& p : planets) {
        const double own = sun / p.share;
        motion m = on_orbit(p, within + own);
        const auto from = [](point& a, const point& b) { a = {a.x + b.x, a.y + b.y, a.z + b.z}; };
        from(m.place, centre.place);
        from(m.speed, centre.speed);
        const double share = own / (within + own);
        const auto towards = [share](point& a, const point& b) { a = {a.x + share * (b.x - a.x), a.y + share * (b.y - a.y), a.z + share * (b.z - a.z)}; };
        towards(centre.place, m.place);
        towards(centre.speed, m.speed);
        within += own;
        mass.push_back(own);
        all.push_back(m);
    }
    const auto column = [&](point motion::*which, double point::*axis) {
        std::vector<double> values;
        for (const motion& m : all) values.push_back(m.*which.*axis - centre.*which.*axis);
        return sinter::array<double>(sinter::from(values));
    };
    const auto three = [&](point motion::*which) { return triple<double>{column(which, &point::x), column(which, &point::y), column(which, &point::z)}; };
    // So little that it changes nothing but a body's pull on itself, which is 0 instead of 0 / 0.
    constexpr double softening = 1e-12;
    return {three(&motion::place), three(&motion::speed), sinter::from(mass), softening};
}

}  // namespace nbody
