// Bodies that attract each other, as array statements. This page is what the example is about.
#pragma once

#include <sinter/sinter.hpp>

#include <array>

namespace nbody {

/// Three components of something for each body, each of shape (n).
template <class T>
struct triple {
    sinter::array<T> x, y, z;
};

/// What every body is pulled by: the sum over all others of mass * d / (d^2 + softening^2)^(3/2). Every body meets every other one in one kernel, which keeps no
/// array of n x n.
template <class T>
[[nodiscard]] triple<T> pull_at(const triple<T>& at, const sinter::array<T>& mass, T softening) {
    using sinter::all, sinter::newaxis, sinter::array;
    array<T> dx = at.x(newaxis, all) - at.x(all, newaxis);
    array<T> dy = at.y(newaxis, all) - at.y(all, newaxis);
    array<T> dz = at.z(newaxis, all) - at.z(all, newaxis);
    array<T> square = dx * dx + dy * dy + dz * dz + softening * softening;
    array<T> pull = mass / (square * sqrt(square));
    return {sum(pull * dx, {.axis = 1}), sum(pull * dy, {.axis = 1}), sum(pull * dz, {.axis = 1})};
}

/// What stays: energy, and momentum in each direction.
struct constants {
    double energy = 0;
    std::array<double, 3> momentum{};
    double bustle = 0;  ///< what momentum is small against: the sum of masses times speeds
};

template <class T>
class bodies {
public:
    triple<T> place, speed;
    sinter::array<T> mass;  ///< times the constant of gravity
    T softening;            ///< more than 0; bodies nearer than that hardly attract each other

    bodies(triple<T> first_place, triple<T> first_speed, sinter::array<T> masses, T soft)
        : place(std::move(first_place)), speed(std::move(first_speed)), mass(std::move(masses)), softening(soft), pull_(pull_at(place, mass, softening)) {}

    /// One leapfrog: half a kick, a drift, half a kick. Of second order, and it can be run backwards.
    void step(T time) {
        kick(T(0.5) * time);
        place = {place.x + time * speed.x, place.y + time * speed.y, place.z + time * speed.z};
        pull_ = pull_at(place, mass, softening);
        kick(T(0.5) * time);
    }

    /// Three leapfrogs, the middle one backwards, of lengths for which the errors of third order cancel: Yoshida, "Construction of higher order symplectic
    /// integrators", 1990.
    void fine_step(T time) {
        constexpr T outer = T(1.3512071919596578), inner = T(1) - 2 * outer;
        step(outer * time);
        step(inner * time);
        step(outer * time);
    }

    [[nodiscard]] const triple<T>& pull() const { return pull_; }
    void eval() const { sinter::eval(place.x, place.y, place.z, speed.x, speed.y, speed.z, pull_.x, pull_.y, pull_.z); }
    [[nodiscard]] sinter::plan_report plan() const {
        return sinter::explain(place.x, place.y, place.z, speed.x, speed.y, speed.z, pull_.x, pull_.y, pull_.z);
    }

    /// Summed in double.
    [[nodiscard]] constants kept() const {
        using sinter::array;
        const auto wide = [](const array<T>& a) { return array<double>(sinter::cast<double>(a)); };
        const auto apart = [](const array<double>& a) { return array<double>(a(sinter::newaxis, sinter::all) - a(sinter::all, sinter::newaxis)); };
        const array<double> x = wide(place.x), y = wide(place.y), z = wide(place.z), u = wide(speed.x), v = wide(speed.y), w = wide(speed.z), m = wide(mass);
        const double soft = static_cast<double>(softening) * static_cast<double>(softening);

        array<double> between = square(apart(x)) + square(apart(y)) + square(apart(z));
        array<double> near = where(between > 0.0, m / sqrt(between + soft), 0.0);
        array<double> potential = -0.5 * sum(m * sum(near, {.axis = 1}));
        array<double> kinetic = 0.5 * sum(m * (u * u + v * v + w * w));
        array<double> px = sum(m * u), py = sum(m * v), pz = sum(m * w), bustle = sum(m * sqrt(u * u + v * v + w * w));
        sinter::eval(potential, kinetic, px, py, pz, bustle);
        return {potential.item() + kinetic.item(), {px.item(), py.item(), pz.item()}, bustle.item()};
    }

private:
    triple<T> pull_;

    void kick(T time) { speed = {speed.x + time * pull_.x, speed.y + time * pull_.y, speed.z + time * pull_.z}; }
};

}  // namespace nbody
