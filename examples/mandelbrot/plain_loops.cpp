#include "plain_loops.hpp"

#include <cmath>

namespace mandelbrot {

void plain_escape(const float* cx, const float* cy, std::size_t width, std::size_t height, int most, std::int32_t* steps) {
    for (std::size_t row = 0; row < height; ++row) {
        for (std::size_t column = 0; column < width; ++column) {
            float x = 0, y = 0;
            std::int32_t n = 0;
            while (n < most && std::fma(x, x, y * y) <= 256.0f) {
                const float square = y * y, twice = 2.0f * x;
                x = std::fma(x, x, -square) + cx[column];
                y = std::fma(twice, y, cy[row]);
                ++n;
            }
            steps[row * width + column] = n;
        }
    }
}

void plain_anomaly(const double* m, const double* c, std::size_t n, double* e) {
    for (std::size_t i = 0; i < n; ++i) {
        double at = m[i] + c[i] * std::sin(m[i]);
        double by = 1;
        for (int k = 0; k < 30 && std::abs(by) > 1e-12; ++k) {
            by = (at - c[i] * std::sin(at) - m[i]) / (1 - c[i] * std::cos(at));
            at -= by;
        }
        e[i] = at;
    }
}

}  // namespace mandelbrot
