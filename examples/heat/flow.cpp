#include "flow.hpp"

namespace sn = sinter;
using sn::all;
using sn::newaxis;
using sn::range;

namespace heat {
namespace {

constexpr auto inner = range(1, -1);
constexpr auto but_first = range(1, {}), but_last = range(0, -1);

// Of what lies one behind the other, conductivities add up as resistances do.
auto in_series(const plane& a, const plane& b) { return 2.0f * a * b / (a + b); }

}  // namespace

plane brightness(const bytes& rgb, sn::index_t scale) {
    const sn::index_t h = rgb.extent(0) / scale, w = rgb.extent(1) / scale;
    const plane whole = sn::cast<float>(rgb(range(0, h * scale), range(0, w * scale), all)) * (1.0f / 255.0f);
    const plane light = 0.2126f * whole(all, all, 0) + 0.7152f * whole(all, all, 1) + 0.0722f * whole(all, all, 2);
    return mean(light.reshape({h, scale, w, scale}), {.axis = {1, 3}});
}

plane conductivity(const plane& brightness) {
    const plane relative = brightness / maximum(mean(brightness), 1e-6f);
    return maximum(1.0f / (1.0f + square(square(2.0f * relative))), 0.01f);
}

plate join(const plane& conductivity, edges passing) {
    const sn::index_t h = conductivity.extent(0), w = conductivity.extent(1);
    plate p{sn::zeros<float>({h, w + 1}), sn::zeros<float>({h + 1, w})};
    p.across(all, inner) = 0.25f * in_series(conductivity(all, but_last), conductivity(all, but_first));
    p.down(inner, all) = 0.25f * in_series(conductivity(but_last, all), conductivity(but_first, all));
    if (passing == edges::left_and_right) {
        p.across(all, 0) = 0.25f * conductivity(all, 0);
        p.across(all, -1) = 0.25f * conductivity(all, -1);
    }
    sn::eval(p.across, p.down);
    return p;
}

void flow(plane& next, const plane& now, const plate& p) {
    const plane here = now(inner, inner);
    const auto left = now(inner, range(0, -2)), right = now(inner, range(2, {}));
    const auto above = now(range(0, -2), inner), below = now(range(2, {}), inner);
    next(inner, inner) = here + p.across(all, but_first) * (right - here) - p.across(all, but_last) * (here - left)
                       + p.down(but_first, all) * (below - here) - p.down(but_last, all) * (here - above);
}

balance through_edges(const plane& now, const plate& p) {
    const auto in = p.across(all, 0) * (now(inner, 0) - now(inner, 1));
    const auto out = p.across(all, -1) * (now(inner, -2) - now(inner, -1));
    return {sum(sn::cast<double>(in)), sum(sn::cast<double>(out))};
}

}  // namespace heat
