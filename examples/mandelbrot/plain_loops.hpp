// The same formulas as a program without array statements has them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mandelbrot {

/// Steps of each point of a grid, rounded as the library rounds.
void plain_escape(const float* cx, const float* cy, std::size_t width, std::size_t height, int most, std::int32_t* steps);

void plain_anomaly(const double* m, const double* c, std::size_t n, double* e);

}  // namespace mandelbrot
