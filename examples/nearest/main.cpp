// Finds the cities that are nearest to each other: distances of all from all, in one kernel each way (distances.cpp), checked against plain doubles.
#include "../support/arguments.hpp"
#include "cities.hpp"
#include "default_cities.hpp"
#include "distances.hpp"
#include "options.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <numbers>
#include <stdexcept>

namespace sn = sinter;

namespace nearest {
namespace {

// Kilometres. The arcsine that both ways end with loses half of the digits where places are nearly opposite; nearer ones differ by far less.
constexpr double largest_difference = 1e-3;

// By the tangent, which loses nothing anywhere: T. Vincenty's formula on a sphere.
double plain_distance(double up0, double east0, double up1, double east1) {
    constexpr double degree = std::numbers::pi / 180;
    const double a = up0 * degree, b = up1 * degree, d = (east1 - east0) * degree;
    const double across = std::cos(b) * std::sin(d), along = std::cos(a) * std::sin(b) - std::sin(a) * std::cos(b) * std::cos(d);
    return radius * std::atan2(std::hypot(across, along), std::sin(a) * std::sin(b) + std::cos(a) * std::cos(b) * std::cos(d));
}

// Whether both ways are those of plain doubles; says so.
bool check(const table& cities, const numbers& haversines, const numbers& chords) {
    double ours = 0, others = 0;
    const auto n = static_cast<sn::index_t>(cities.names.size());
    for (sn::index_t i = 0; i < n; ++i) {
        for (sn::index_t j = 0; j < n; ++j) {
            const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
            const double plain = plain_distance(cities.latitude[a], cities.longitude[a], cities.latitude[b], cities.longitude[b]);
            const auto worse = [plain](double so_far, double found) { return std::isnan(found) ? HUGE_VAL : std::max(so_far, std::abs(found - plain)); };
            ours = worse(ours, haversines(i, j));
            others = worse(others, chords(i, j));
        }
    }
    const bool good = ours <= largest_difference && others <= largest_difference;
    std::printf("from plain doubles: haversine %.2g km, chords %.2g km (at most %.0e)%s\n", ours, others, largest_difference, good ? "" : ": TOO MUCH");
    return good;
}

void print_neighbours(const table& cities, const numbers& distances, const options& chosen) {
    const auto found = std::find(cities.names.begin(), cities.names.end(), chosen.city);
    if (found == cities.names.end()) throw std::runtime_error("there is no city " + chosen.city + " in the table");
    const sn::index_t of = found - cities.names.begin(), count = std::min<sn::index_t>(chosen.count, distances.extent(0) - 1);
    const auto [far, which] = neighbours(distances, count);
    std::printf("nearest to %s:\n", chosen.city.c_str());
    for (sn::index_t i = 0; i < count; ++i) std::printf("  %-16s %8.1f km\n", cities.names[static_cast<std::size_t>(which(of, i))].c_str(), far(of, i));
}

void print_all(const table& cities, const numbers& distances) {
    const auto [far, which] = neighbours(distances, 1);
    for (sn::index_t i = 0; i < far.extent(0); ++i) {
        std::printf("  %-16s %-16s %8.1f km\n", cities.names[static_cast<std::size_t>(i)].c_str(), cities.names[static_cast<std::size_t>(which(i, 0))].c_str(), far(i, 0));
    }
}

// Of all pairs: those at the two ends, and the city that is furthest from its nearest.
void print_extremes(const table& cities, const numbers& distances) {
    const auto [far, which] = neighbours(distances, 1);
    const auto name = [&](sn::index_t i) { return cities.names[static_cast<std::size_t>(i)].c_str(); };
    const sn::index_t n = distances.extent(0), near = sn::argmin(far).item(), lonely = sn::argmax(far).item(), most = sn::argmax(distances).item();
    std::printf("nearest to each other: %s and %s, %.1f km\n", name(near), name(which(near, 0)), far(near, 0));
    std::printf("furthest from its nearest: %s, %.1f km from %s\n", name(lonely), far(lonely, 0), name(which(lonely, 0)));
    std::printf("furthest from each other: %s and %s, %.1f km\n", name(most / n), name(most % n), distances(most / n, most % n));
}

int run(const options& chosen) {
    const table cities = read_cities(chosen.file.empty() ? std::filesystem::path(default_cities) : chosen.file);
    const places where{sn::from(cities.latitude), sn::from(cities.longitude)};
    if (chosen.plan) {
        std::cout << "haversine: " << sn::explain(haversine(where)) << "chords: " << sn::explain(by_chords(where)) << std::flush;
    }
    const numbers distances = haversine(where), chords = by_chords(where);
    sn::eval(distances, chords);
    std::printf("%zu cities\n", cities.names.size());
    if (chosen.city.empty()) {
        print_all(cities, distances);
    } else {
        print_neighbours(cities, distances, chosen);
    }
    print_extremes(cities, distances);
    return check(cities, distances, chords) ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace nearest

int main(int count, char** words) {
    try {
        const nearest::options chosen = nearest::parse(count, words);
        if (chosen.help) {
            std::fwrite(nearest::usage.data(), 1, nearest::usage.size(), stdout);
            return EXIT_SUCCESS;
        }
        return nearest::run(chosen);
    } catch (const support::usage_error& error) {
        std::fprintf(stderr, "nearest: %s\n%s", error.what(), nearest::usage.data());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "nearest: %s\n", error.what());
    }
    return EXIT_FAILURE;
}
