#include "pipeline.hpp"

#include "recipe.hpp"

namespace sn = sinter;
using sn::all;
using sn::newaxis;
using sn::range;

namespace earth {
namespace {

// Called after each statement; in a planned run there is nothing to do.
template <class Array>
void step(pace how, Array& statement) {
    if (how == pace::one_by_one) {
        statement.eval();
    }
}

// sRGB code values, 0 to 255, into linear light, 0 to 1: IEC 61966-2-1.
plane decode(const bytes& srgb, pace how) {
    plane code = sn::cast<float>(srgb) * (1.0f / 255.0f);
    step(how, code);
    plane linear = where(code <= 0.04045f, code * (1.0f / 12.92f), pow((code + 0.055f) * (1.0f / 1.055f), 2.4f));
    step(how, linear);
    return linear;
}

// Linear light into sRGB code values, rounded; what lies outside 0 to 1 is clipped.
bytes encode(const plane& linear, pace how) {
    plane clipped = minimum(maximum(linear, 0.0f), 1.0f);
    step(how, clipped);
    plane code = where(clipped <= 0.0031308f, 12.92f * clipped, 1.055f * pow(clipped, 1.0f / 2.4f) - 0.055f);
    step(how, code);
    bytes srgb = sn::cast<std::uint8_t>(code * 255.0f + 0.5f);
    step(how, srgb);
    return srgb;
}

// (h, w) into (h, w + 2n): the first and the last column are repeated n times.
plane widen(const plane& x, sn::index_t n, pace how) {
    plane wide = sn::zeros<float>({x.extent(0), x.extent(1) + 2 * n});
    wide(all, range(n, -n)) = x;
    step(how, wide);
    wide(all, range(0, n)) = x(all, range(0, 1));
    step(how, wide);
    wide(all, range(-n, {})) = x(all, range(-1, {}));
    step(how, wide);
    return wide;
}

// (h, w) into (h + 2n, w): the same with rows.
plane heighten(const plane& x, sn::index_t n, pace how) {
    plane tall = sn::zeros<float>({x.extent(0) + 2 * n, x.extent(1)});
    tall(range(n, -n), all) = x;
    step(how, tall);
    tall(range(0, n), all) = x(0, newaxis, all);
    step(how, tall);
    tall(range(-n, {}), all) = x(-1, newaxis, all);
    step(how, tall);
    return tall;
}

plane blur(const plane& x, pace how) {
    constexpr auto t = recipe::taps;
    plane wide = widen(x, recipe::reach, how);
    plane across = t[0] * wide(all, range(4, -4))
                 + t[1] * (wide(all, range(3, -5)) + wide(all, range(5, -3)))
                 + t[2] * (wide(all, range(2, -6)) + wide(all, range(6, -2)))
                 + t[3] * (wide(all, range(1, -7)) + wide(all, range(7, -1)))
                 + t[4] * (wide(all, range(0, -8)) + wide(all, range(8, {})));
    step(how, across);
    plane tall = heighten(across, recipe::reach, how);
    plane blurred = t[0] * tall(range(4, -4), all)
                  + t[1] * (tall(range(3, -5), all) + tall(range(5, -3), all))
                  + t[2] * (tall(range(2, -6), all) + tall(range(6, -2), all))
                  + t[3] * (tall(range(1, -7), all) + tall(range(7, -1), all))
                  + t[4] * (tall(range(0, -8), all) + tall(range(8, {}), all));
    step(how, blurred);
    return blurred;
}

// How brightly a surface of that height is lit from the north-west: the cosine between its normal and the light.
plane shade_relief(const plane& height, pace how) {
    plane wide = widen(height, 1, how);
    plane east = 0.5f * (wide(all, range(2, {})) - wide(all, range(0, -2)));
    step(how, east);
    plane tall = heighten(height, 1, how);
    plane south = 0.5f * (tall(range(2, {}), all) - tall(range(0, -2), all));
    step(how, south);
    const auto lit = sn::fn([](auto dx, auto dy) {
        constexpr float s = recipe::steepness;
        const auto towards_light = s * recipe::light_aside * (dx + dy) + recipe::light_up;
        return maximum(towards_light / sqrt(1.0f + s * s * (dx * dx + dy * dy)), 0.0f);
    });
    plane shade = lit(east, south);
    step(how, shade);
    return shade;
}

// x less its mean, stretched until its deviation is `spread`.
plane stretch(const plane& x, const plane& average, float spread, pace how) {
    plane difference = x - average;
    step(how, difference);
    plane deviation = sqrt(mean(difference * difference));
    step(how, deviation);
    plane stretched = difference * (spread / maximum(deviation, recipe::least_deviation));
    step(how, stretched);
    return stretched;
}

}  // namespace

developed develop(const bytes& rgb, pace how) {
    plane linear = decode(rgb, how);
    plane light = recipe::red_share * linear(all, all, 0) + recipe::green_share * linear(all, all, 1)
                + recipe::blue_share * linear(all, all, 2);
    step(how, light);

    plane blurred = blur(light, how);
    plane sharp = maximum(light + recipe::sharpening * (light - blurred), 0.0f);
    step(how, sharp);
    plane seen = sqrt(sharp);
    step(how, seen);
    plane average = mean(seen);
    step(how, average);
    plane tone = maximum(average + stretch(seen, average, recipe::tone_spread, how), 0.0f);
    step(how, tone);
    plane ratio = tone * tone / maximum(light, recipe::least_light);
    step(how, ratio);
    plane colour = linear * ratio(all, all, newaxis);
    step(how, colour);

    plane shade = shade_relief(light, how);
    plane average_shade = mean(shade);
    step(how, average_shade);
    plane relief = recipe::relief_level + stretch(shade, average_shade, recipe::relief_spread, how);
    step(how, relief);

    return {encode(colour, how), encode(relief, how), sharp, shade};
}

}  // namespace earth
