// The same statement on 16 floats by arrays of static shape and by hand, from one file compiled for two targets.
#pragma once

#include <cstddef>

namespace perf {

// y = a*x + z so many times; y, x, z are 16 floats.
using fixed_axpy = void (*)(float* y, const float* x, const float* z, float a, std::size_t repetitions);

namespace baseline {
void ours(float* y, const float* x, const float* z, float a, std::size_t repetitions);
void hand(float* y, const float* x, const float* z, float a, std::size_t repetitions);
}

namespace avx512 {
void ours(float* y, const float* x, const float* z, float a, std::size_t repetitions);
void hand(float* y, const float* x, const float* z, float a, std::size_t repetitions);
}

}
