// Two formulas that repeat a step for each element, each element as often as it needs. This page is what the example is about.
#pragma once

#include <sinter/sinter.hpp>

#include <cstdint>
#include <tuple>

namespace mandelbrot {

/// Where a point is when it has left the circle of radius 16 for good, or after `most` steps, and the steps that took it.
[[nodiscard]] inline auto escape(int most) {
    return sinter::fn([most](auto cx, auto cy) {
        return sinter::loop(
            most, std::tuple{0.0f, 0.0f, std::int32_t{0}},                            //
            [](auto x, auto y, auto) { return x * x + y * y <= 256.0f; },             //
            [&](auto x, auto y, auto n) { return std::tuple{x * x - y * y + cx, 2.0f * x * y + cy, n + 1}; });
    });
}

/// One channel of a point's colour, 0 to 255: black where it never left; elsewhere the colours go around as the steps do, without steps of colour.
[[nodiscard]] inline auto colour(int most, float phase) {
    return sinter::fn([=](auto x, auto y, auto n) {
        auto steps = sinter::cast<float>(n) - log2(0.5f * log2(maximum(x * x + y * y, 4.0f)));
        auto light = 0.5f - 0.5f * cos(0.15f * steps + phase);
        return sinter::cast<std::uint8_t>(255.0f * select(n < most, light, 0.0f));
    });
}

/// Kepler's equation, e - c sin e = m, for a planet at mean anomaly m (radians) on an orbit of eccentricity c below one: e by Newton's method, and the
/// steps that it took.
[[nodiscard]] inline auto eccentric_anomaly() {
    return sinter::fn([](auto m, auto c) {
        auto [e, change, n] = sinter::loop(
            30, std::tuple{m + c * sin(m), m * 0.0 + 1.0, std::int32_t{0}},           //
            [](auto, auto by, auto) { return abs(by) > 1e-12; },                      //
            [&](auto at, auto, auto k) {
                auto by = (at - c * sin(at) - m) / (1.0 - c * cos(at));
                return std::tuple{at - by, by, k + 1};
            });
        return std::tuple{e, n};
    });
}

}  // namespace mandelbrot
