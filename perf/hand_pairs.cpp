#include "vectors.hpp"

namespace perf::hand {

namespace {

constexpr std::size_t depth = 64, across = 4, down = 4;

// The sums of so many rows of a and of the panel's columns stay in registers.
inline void tile(float* y, std::size_t width, const float* a, const float* panel) {
    __m512 s[down * across];
    unrolled<down * across>([&](auto k) { s[k] = _mm512_setzero_ps(); });
    for (std::size_t d = 0; d < depth; ++d) {
        __m512 v[across];
        unrolled<across>([&](auto k) { v[k] = keep(_mm512_load_ps(panel + (d * across + k) * lanes)); });
        unrolled<down>([&](auto r) {
            const __m512 u = keep(_mm512_set1_ps(a[r * depth + d]));
            unrolled<across>([&](auto k) {
                const __m512 apart = _mm512_sub_ps(u, v[k]);
                s[r * across + k] = _mm512_fmadd_ps(apart, apart, s[r * across + k]);
            });
        });
    }
    unrolled<down * across>([&](auto k) { _mm512_storeu_ps(y + k / across * width + k % across * lanes, s[k]); });
}

}

void squared_distances(float* y, const float* a, const float* b, std::size_t rows, std::size_t others) {
    // Rows of b as columns, which all rows of a meet while they are in the first cache.
    constexpr std::size_t columns = across * lanes;
    alignas(64) float panel[depth * columns];
    for (std::size_t j = 0; j < others; j += columns) {
        for (std::size_t k = 0; k < columns; ++k)
            for (std::size_t d = 0; d < depth; ++d) panel[d * columns + k] = b[(j + k) * depth + d];
        for (std::size_t r = 0; r < rows; r += down) tile(y + r * others + j, others, a + r * depth, panel);
    }
}

}
