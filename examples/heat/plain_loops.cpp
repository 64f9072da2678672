// Compiled with -O3 -march=native, and without contraction, so that every product is rounded as the library does.
#include "plain_loops.hpp"

#include <cmath>

namespace heat {

void plain_flow(float* next, const float* now, const float* across, const float* down, std::size_t h, std::size_t w) {
    for (std::size_t y = 0; y < h; ++y) {
        const float* const here = now + (y + 1) * (w + 2) + 1;
        const float *const above = here - (w + 2), *const below = here + (w + 2);
        const float *const left = across + y * (w + 1), *const top = down + y * w, *const bottom = top + w;
        float* __restrict const out = next + (y + 1) * (w + 2) + 1;
        for (std::size_t x = 0; x < w; ++x) {
            const float at = here[x];
            const float from_right = std::fma(left[x + 1], here[x + 1] - at, at);
            const float to_left = std::fma(-left[x], at - here[x - 1], from_right);
            const float from_below = std::fma(bottom[x], below[x] - at, to_left);
            out[x] = std::fma(-top[x], at - above[x], from_below);
        }
    }
}

}  // namespace heat
