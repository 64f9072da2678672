// Draws the Mandelbrot set and solves Kepler's equation (functions.hpp): loops in which each element takes as many turns as it needs, in one kernel. Both
// are compared with plain loops.
#include "../support/arguments.hpp"
#include "../support/image.hpp"
#include "../support/race.hpp"
#include "functions.hpp"
#include "options.hpp"
#include "plain_loops.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <new>
#include <vector>

namespace sn = sinter;

namespace mandelbrot {
namespace {

using support::entrant;
using support::median;

// Sines of two libraries differ in the last place, which the equation passes on.
constexpr double largest_difference = 1e-12;

class plane {
public:
    plane(int width, int height, int most)
        : most_{most},
          x_(sn::array<float>(sn::linspace<float>(-2.2f, 0.8f, width)).eval()),
          y_(sn::array<float>(sn::linspace<float>(1.0f, -1.0f, height).reshape({height, 1})).eval()) {}

    [[nodiscard]] sn::array<std::int32_t> steps() const { return std::get<2>(escape(most_)(x_, y_)); }

    /// Red, green and blue of each point.
    [[nodiscard]] sn::array<std::uint8_t> picture() const {
        auto [x, y, n] = escape(most_)(x_, y_);
        return sn::stack<std::uint8_t>({colour(most_, 0.0f)(x, y, n), colour(most_, 0.6f)(x, y, n), colour(most_, 1.1f)(x, y, n)}, {.axis = 2});
    }

    [[nodiscard]] std::vector<std::int32_t> plain_steps() const {
        std::vector<std::int32_t> steps(static_cast<std::size_t>(x_.size() * y_.size()));
        plain_escape(x_.data(), y_.data(), static_cast<std::size_t>(x_.size()), static_cast<std::size_t>(y_.size()), most_, steps.data());
        return steps;
    }

private:
    int most_;
    sn::array<float> x_, y_;
};

void print_times(const std::vector<entrant>& entrants) {
    for (const entrant& e : entrants) std::printf("  %-44s %9.3f ms\n", e.name.c_str(), median(e.seconds) * 1e3);
}

bool draw(const options& chosen) {
    const plane p(chosen.width, chosen.height, chosen.steps);
    if (chosen.plan) std::cout << sn::explain(p.picture());
    const sn::array<std::uint8_t> picture = p.picture();
    std::filesystem::create_directories(chosen.folder);
    const std::filesystem::path file = chosen.folder / "mandelbrot.png";
    support::write_png(file, static_cast<std::size_t>(chosen.height), static_cast<std::size_t>(chosen.width), 3,
                       std::span(picture.data(), static_cast<std::size_t>(picture.size())));
    std::printf("wrote %s\n", file.string().c_str());

    const bool same = p.steps().to_vector() == p.plain_steps();
    std::printf("the steps of %d x %d points, Sinter and plain loops: %s\n", chosen.width, chosen.height, same ? "the same" : "NOT the same");
    std::vector<entrant> entrants;
    entrants.push_back({"Sinter", [&] { p.steps().eval(); }});
    entrants.push_back({"Sinter, 1 thread", [&] {
                            const sn::scoped_options one_thread{.threads = 1};
                            p.steps().eval();
                        }});
    entrants.push_back({"plain loops, 1 thread", [&] { static_cast<void>(p.plain_steps()); }});
    support::race(entrants, chosen.runs);
    print_times(entrants);
    return same;
}

// Orbits from the Earth's to Halley's comet's, all the way around.
bool solve(const options& chosen) {
    constexpr sn::index_t orbits = 100, places = 5000;
    const sn::array<double> c = sn::array<double>(sn::linspace<double>(0.0167, 0.967, orbits).reshape({orbits, 1}) + sn::zeros<double>({orbits, places})).eval();
    const sn::array<double> m = sn::array<double>(sn::linspace<double>(0.0, 6.28, places) + sn::zeros<double>({orbits, places})).eval();
    auto [e, n] = eccentric_anomaly()(m, c);
    sn::eval(e, n);
    std::vector<double> plain(static_cast<std::size_t>(e.size()));
    const auto solve_plainly = [&] { plain_anomaly(m.data(), c.data(), plain.size(), plain.data()); };
    solve_plainly();
    double largest = 0;
    const double* const ours = e.data();
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const double d = std::abs(ours[i] - plain[i]);
        largest = std::isnan(d) ? HUGE_VAL : std::max(largest, d);
    }
    const bool close = largest <= largest_difference;
    std::printf("Kepler's equation, %td times, in %d steps or fewer: differs from plain loops by %.2g at most%s\n", e.size(), sn::max(n).item(), largest,
                close ? "" : ", which is TOO MUCH");
    std::vector<entrant> entrants;
    entrants.push_back({"Sinter", [&] { std::get<0>(eccentric_anomaly()(m, c)).eval(); }});
    entrants.push_back({"plain loops, 1 thread", solve_plainly});
    support::race(entrants, chosen.runs);
    print_times(entrants);
    return close;
}

int run(const options& chosen) {
    if (chosen.threads > 0) sn::set_threads(chosen.threads);
    const bool drawn = draw(chosen);
    const bool solved = solve(chosen);
    return drawn && solved ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace mandelbrot

int main(int count, char** arguments) {
    try {
        const mandelbrot::options chosen = mandelbrot::parse(count, arguments);
        if (chosen.help) {
            std::fwrite(mandelbrot::usage.data(), 1, mandelbrot::usage.size(), stdout);
            return EXIT_SUCCESS;
        }
        return mandelbrot::run(chosen);
    } catch (const support::usage_error& error) {
        std::fprintf(stderr, "mandelbrot: %s\n%s", error.what(), mandelbrot::usage.data());
        return 2;
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "mandelbrot: not enough memory for this picture\n");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mandelbrot: %s\n", error.what());
    }
    return EXIT_FAILURE;
}
