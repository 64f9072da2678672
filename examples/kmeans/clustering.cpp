#include "clustering.hpp"

namespace sn = sinter;
using sn::all;
using sn::newaxis;

namespace kmeans {
namespace {

// Of every pixel to every centre, (k, n): an expression that the statement it stands in computes as it goes, so it takes no memory.
auto squared_distances(const colours& pixels, const colours& centres) {
    const auto apart = [&](sn::index_t channel) { return pixels(channel, newaxis, all) - centres(all, channel, newaxis); };
    const auto red = apart(0), green = apart(1), blue = apart(2);
    return red * red + green * green + blue * blue;
}

bytes rounded(const colours& centres) { return sn::cast<std::uint8_t>(rint(centres)); }

}  // namespace

colours draw_start(const colours& pixels, sn::index_t k, std::uint64_t seed) {
    const sn::index_t n = pixels.extent(1);
    const auto keys = sn::random::split(sn::random::key{seed}, k);
    colours centres = sn::zeros<float>({k, 3});
    colours apart = sn::ones<float>({n});
    for (sn::index_t i = 0; i < k; ++i) {
        // -log(u) / rate is a waiting time; each pixel's is the shortest with a probability in proportion to its rate.
        const auto u = sn::random::uniform<double>(keys[static_cast<std::size_t>(i)], {n});
        const counts drawn = counts(argmax(log(u) / sn::cast<double>(apart))).eval();
        centres(i, all) = take(pixels, drawn, {.axis = 1});
        const colours from_it = squared_distances(pixels, centres(i, newaxis, all)).reshape({n});
        apart = i == 0 ? from_it : colours(minimum(apart, from_it));
        sn::eval(centres, apart);
    }
    return centres;
}

assignment assign(const colours& pixels, const colours& centres) {
    const auto apart = squared_distances(pixels, centres);
    return {sn::cast<std::int32_t>(argmin(apart, {.axis = 0})), min(apart, {.axis = 0})};
}

step improve(const colours& pixels, const colours& centres) {
    const sn::index_t k = centres.extent(0);
    const auto [nearest, apart] = assign(pixels, centres);
    sn::eval(nearest, apart);
    const sn::array<std::int32_t> number = sn::arange<std::int32_t>(k);
    const auto mine = nearest(newaxis, all) == number(all, newaxis);
    const counts members = sum(mine, {.axis = 1});

    // Samples are whole numbers, so sums in double are exact.
    const auto sums = [&](sn::index_t channel) {
        return sn::array<double>(sum(sn::cast<double>(where(mine, pixels(channel, newaxis, all), 0.0f)), {.axis = 1}));
    };
    const sn::array<double> means = sn::stack<double>({sums(0), sums(1), sums(2)}, {.axis = 1}) / sn::cast<double>(members)(all, newaxis);
    const colours furthest = take(pixels, argmax(apart), {.axis = 1});
    return {nearest, members, where(members(all, newaxis) > 0, sn::cast<float>(means), furthest), sum(sn::cast<double>(apart))};
}

bytes paint(const labels& nearest, const colours& centres) { return take(rounded(centres), nearest, {.axis = 0}); }

bytes palette_strip(const colours& centres, sn::index_t height, sn::index_t width) {
    const sn::index_t k = centres.extent(0);
    const colours light = 0.2126f * centres(all, 0) + 0.7152f * centres(all, 1) + 0.0722f * centres(all, 2);
    const counts column = sn::arange<sn::index_t>(width) * k / width;
    const bytes row = take(rounded(centres), take(argsort(light), column), {.axis = 0});
    return broadcast_to(row, {height, width, 3});
}

}  // namespace kmeans
