// Lets two galaxies collide, and the planets go around the Sun, by array statements in which every body meets every other one (gravity.hpp). Checks what has to
// stay, the planets' periods, and plain loops.
#include "../support/arguments.hpp"
#include "../support/image.hpp"
#include "../support/race.hpp"
#include "galaxies.hpp"
#include "options.hpp"
#include "picture.hpp"
#include "planets.hpp"
#include "plain_loops.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <numbers>
#include <string>
#include <vector>

namespace sn = sinter;

namespace nbody {
namespace {

// Energy relative to itself, momentum to the sum of masses times speeds.
constexpr double largest_galaxy_change = 5e-3, largest_galaxy_push = 1e-5;
constexpr double largest_planet_change = 1e-8, largest_planet_push = 1e-13;
// Of places from those of plain loops: in radii of a galaxy and in astronomical units.
constexpr double largest_galaxy_difference = 1e-5, largest_planet_difference = 1e-12;
// A planet's turn is longer or shorter than its mean one by what the others pull it.
constexpr double largest_period_difference = 1e-3;
constexpr float galaxy_step = 1.0f / 96;
constexpr double days_in_year = 365.25;

bool stays(const constants& before, const constants& after, double change, double push) {
    const double energy = std::abs(after.energy / before.energy - 1);
    double momentum = 0;
    for (std::size_t i = 0; i < 3; ++i) momentum = std::max(momentum, std::abs(after.momentum[i] - before.momentum[i]) / before.bustle);
    const bool good = energy <= change && momentum <= push;
    std::printf("  energy changed by %.2g of itself (at most %.0e), momentum by %.2g (at most %.0e)%s\n", energy, change, momentum, push, good ? "" : ": TOO MUCH");
    return good;
}

template <class T>
plain_triple<T> copied(const triple<T>& t) {
    return {t.x.to_vector(), t.y.to_vector(), t.z.to_vector()};
}

template <class T>
double apart(const plain_triple<T>& a, const plain_triple<T>& b) {
    double largest = 0;
    const auto compare = [&](const std::vector<T>& u, const std::vector<T>& v) {
        for (std::size_t i = 0; i < u.size(); ++i) {
            const double d = std::abs(static_cast<double>(u[i]) - static_cast<double>(v[i]));
            largest = std::isnan(d) ? HUGE_VAL : std::max(largest, d);
        }
    };
    compare(a.x, b.x);
    compare(a.y, b.y);
    compare(a.z, b.z);
    return largest;
}

// Whether some steps lead to the same places as those of plain loops; says so.
template <class T>
bool follows(bodies<T> some, T time, int steps, double most) {
    plain_triple<T> place = copied(some.place), speed = copied(some.speed), pull;
    const std::vector<T> mass = some.mass.to_vector();
    plain_pull(place, mass, some.softening, pull);
    plain_steps(place, speed, pull, mass, some.softening, time, steps);
    for (int i = 0; i < steps; ++i) {
        some.step(time);
        some.eval();
    }
    const double d = apart(copied(some.place), place);
    std::printf("  after %d steps no body is further than %.2g from where plain loops have it (at most %.0e)%s\n", steps, d, most, d <= most ? "" : ": TOO FAR");
    return d <= most;
}

bool same_bits(const triple<float>& a, const triple<float>& b) { return array_equal(a.x, b.x) && array_equal(a.y, b.y) && array_equal(a.z, b.z); }

void write(const options& chosen, const char* name, const pixels& picture) {
    std::filesystem::create_directories(chosen.folder);
    const std::filesystem::path file = chosen.folder / name;
    support::write_png(file, static_cast<std::size_t>(picture.extent(0)), static_cast<std::size_t>(picture.extent(1)), 3,
                       std::span(picture.data(), static_cast<std::size_t>(picture.size())));
    std::printf("  wrote %s\n", file.c_str());
}

void race_steps(const options& chosen, const bodies<float>& galaxies, double predicted) {
    plain_triple<float> place = copied(galaxies.place), speed = copied(galaxies.speed), pull = copied(galaxies.pull());
    const std::vector<float> mass = galaxies.mass.to_vector();
    const auto step = [&] {
        bodies<float> some = galaxies;
        some.step(galaxy_step);
        some.eval();
    };
    std::vector<support::entrant> entrants;
    entrants.push_back({"Sinter", step});
    entrants.push_back({"Sinter, 1 thread", [&] {
                            const sn::scoped_options one_thread{.threads = 1};
                            step();
                        }});
    entrants.push_back({"plain loops, 1 thread", [&] { plain_steps(place, speed, pull, mass, galaxies.softening, galaxy_step, 1); }});
    support::race(entrants, chosen.runs);
    std::printf("\na step of %d bodies, median of %d in turn:\n", chosen.bodies, chosen.runs);
    const double ours = support::median(entrants.front().seconds);
    for (const support::entrant& e : entrants) {
        const double seconds = support::median(e.seconds);
        std::printf("  %-24s %9.3f ms %8.2f\n", e.name.c_str(), seconds * 1e3, seconds / ours);
    }
    std::printf("  %-24s %9.3f ms\n", "predicted for the plan", predicted * 1e3);
}

// What a step keeps in memory must not grow with the pairs of bodies.
bool check_memory(const sn::plan_report& plan, int n) {
    const double pairs = static_cast<double>(n) * n * sizeof(float);
    std::printf("a step takes %.1f KiB of memory; something for each pair of bodies would take %.1f KiB\n", plan.peak_bytes / 1024, pairs / 1024);
    return n < 256 || plan.peak_bytes < pairs / 4;
}

bool collide(const options& chosen) {
    bodies<float> galaxies = two_galaxies(chosen.bodies);
    galaxies.eval();
    const bodies<float> first = galaxies;
    bodies<float> next = galaxies;
    next.step(galaxy_step);
    const sn::plan_report plan = next.plan();
    if (chosen.plan) {
        std::cout << "one step: " << plan << std::endl;
    }
    bool good = check_memory(plan, chosen.bodies);

    // Six moments, three beside each other.
    constexpr sn::index_t side = 360;
    std::vector<pixels> moments;
    const constants before = galaxies.kept();
    for (int i = 0; i <= chosen.steps; ++i) {
        if (i % (chosen.steps / 5) == 0 && moments.size() < 6) moments.push_back(snapshot(galaxies.place, side, 3.2f));
        if (i < chosen.steps) {
            galaxies.step(galaxy_step);
            galaxies.eval();
        }
    }
    std::printf("\ntwo galaxies, %d bodies, %d steps:\n", chosen.bodies, chosen.steps);
    good = stays(before, galaxies.kept(), largest_galaxy_change, largest_galaxy_push) && good;
    const auto row = [&](std::size_t i) { return sn::concatenate({moments[i], moments[i + 1], moments[i + 2]}, {.axis = 1}); };
    write(chosen, "galaxies.png", sn::concatenate({row(0), row(3)}));
    good = follows(first, galaxy_step, 5, largest_galaxy_difference) && good;

    next.eval();
    bodies<float> alone = first;
    alone.step(galaxy_step);
    {
        const sn::scoped_options one_thread{.threads = 1};
        alone.eval();
    }
    const bool same = same_bits(alone.place, next.place) && same_bits(alone.speed, next.speed);
    std::printf("  one thread and more: %s\n", same ? "the same, bit for bit" : "DIFFERENT");
    race_steps(chosen, first, plan.predicted_seconds);
    return good && same;
}

// How often each planet has come back to where it began, as seen from the Sun.
class turns {
public:
    explicit turns(const bodies<double>& system) : first_(angles(system)), last_(first_) {}

    void look(const bodies<double>& system, double days) {
        const std::vector<double> now = angles(system);
        for (std::size_t i = 0; i < planets.size(); ++i) {
            const double by = std::remainder(now[i] - last_[i], 2 * std::numbers::pi), before = turned_[i];
            turned_[i] += by;
            const double goal = 2 * std::numbers::pi * (count[i] + 1);
            if (turned_[i] >= goal) {
                ++count[i];
                end[i] = days_ + (days - days_) * (goal - before) / by;
            }
        }
        last_ = now;
        days_ = days;
    }

    std::array<int, planets.size()> count{};
    std::array<double, planets.size()> end{};  ///< days to the end of the last turn

private:
    std::vector<double> first_, last_;
    std::array<double, planets.size()> turned_{};
    double days_ = 0;

    static std::vector<double> angles(const bodies<double>& system) {
        const sn::array<double> &x = system.place.x, &y = system.place.y;
        return sn::array<double>(atan2(y(sn::range(1, {})) - y(sn::range(0, 1)), x(sn::range(1, {})) - x(sn::range(0, 1)))).to_vector();
    }
};

bool revolve(const options& chosen) {
    constexpr double day = 1;
    bodies<double> system = solar_system();
    system.eval();
    const bodies<double> first = system;
    const constants before = system.kept();
    turns seen(system);
    std::vector<double> x, y;  // of all, day by day
    const int days = static_cast<int>(chosen.years * days_in_year);
    const double seconds = support::time_once([&] {
        for (int d = 1; d <= days; ++d) {
            system.fine_step(day);
            system.eval();
            seen.look(system, d * day);
            x.insert(x.end(), system.place.x.data(), system.place.x.data() + system.place.x.size());
            y.insert(y.end(), system.place.y.data(), system.place.y.data() + system.place.y.size());
        }
    });
    std::printf("\nthe solar system from noon of 1 January 2000, %d years, %.1f us for a day:\n", chosen.years, seconds / days * 1e6);
    bool good = stays(before, system.kept(), largest_planet_change, largest_planet_push);
    for (std::size_t i = 0; i < planets.size(); ++i) {
        if (seen.count[i] == 0) {
            std::printf("  %-8s has not come around\n", planets[i].name);
            continue;
        }
        const double took = seen.end[i] / seen.count[i], off = took / period(planets[i]) - 1;
        const bool near = std::abs(off) <= largest_period_difference;
        std::printf("  %-8s came around %3d times, in %10.3f days each; published %10.3f, %+.3f%%%s\n", planets[i].name, seen.count[i], took, period(planets[i]), off * 100,
                    near ? "" : ": TOO FAR");
        good = good && near;
    }
    good = follows(first, 0.5, 730, largest_planet_difference) && good;

    const auto count = static_cast<sn::index_t>(planets.size()) + 1;
    const auto all_x = sn::from(x, {days, count}), all_y = sn::from(y, {days, count});
    std::vector<trail> trails;
    for (sn::index_t i = 1; i < count; ++i) trails.push_back({all_x(sn::all, i) - all_x(sn::all, 0), all_y(sn::all, i) - all_y(sn::all, 0)});
    constexpr sn::index_t side = 540;
    write(chosen, "planets.png", sn::concatenate({orbits(trails, 0, 4, side, 1.75), orbits(trails, 4, 8, side, 32)}, {.axis = 1}));
    return good;
}

int run(const options& chosen) {
    if (chosen.threads > 0) sn::set_threads(chosen.threads);
    const bool collided = collide(chosen), revolved = revolve(chosen);
    return collided && revolved ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace nbody

int main(int count, char** words) {
    try {
        const nbody::options chosen = nbody::parse(count, words);
        if (chosen.help) {
            std::fwrite(nbody::usage.data(), 1, nbody::usage.size(), stdout);
            return EXIT_SUCCESS;
        }
        return nbody::run(chosen);
    } catch (const support::usage_error& error) {
        std::fprintf(stderr, "nbody: %s\n%s", error.what(), nbody::usage.data());
        return 2;
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "nbody: not enough memory for so many bodies\n");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "nbody: %s\n", error.what());
    }
    return EXIT_FAILURE;
}
