#include "distances.hpp"

#include <limits>
#include <numbers>

namespace sn = sinter;
using sn::all;
using sn::newaxis;

namespace nearest {
namespace {

constexpr double degree = std::numbers::pi / 180;

}  // namespace

numbers haversine(const places& cities) {
    numbers up = cities.latitude * degree, east = cities.longitude * degree;
    numbers rise = sin(0.5 * (up(all, newaxis) - up(newaxis, all)));
    numbers turn = sin(0.5 * (east(all, newaxis) - east(newaxis, all)));
    numbers share = rise * rise + cos(up)(all, newaxis) * cos(up)(newaxis, all) * turn * turn;
    return 2 * radius * asin(sqrt(minimum(share, 1.0)));
}

numbers by_chords(const places& cities) {
    numbers up = cities.latitude * degree, east = cities.longitude * degree;
    numbers point = sn::stack<double>({cos(up) * cos(east), cos(up) * sin(east), sin(up)}, {.axis = 1});
    constexpr sn::metric great_circle{[](auto x, auto y) { return square(x - y); }, [](auto chord) { return 2 * radius * asin(minimum(0.5 * sqrt(chord), 1.0)); }};
    return sn::pairwise(great_circle, point, point);
}

sn::topk_result<double> neighbours(const numbers& distances, sn::index_t count) {
    const sn::array<bool> itself = sn::eye<bool>(distances.extent(0));
    return sn::topk(where(itself, std::numeric_limits<double>::infinity(), distances), count, {.axis = 1, .largest = false});
}

}  // namespace nearest
