#include "vectors.hpp"

#include <algorithm>

namespace perf::hand {

namespace {

constexpr std::size_t across = 4, columns = across * lanes, most_depth = 128;

// So many rows of a and the panel's columns, of which the sums stay in registers. first: there is nothing in y yet.
template <std::size_t Down, class F>
inline void tile(float* y, std::size_t width, const float* a, std::size_t pitch, const float* panel, std::size_t depth, bool first, F f) {
    __m512 s[Down * across];
    unrolled<Down * across>([&](auto k) { s[k] = first ? _mm512_setzero_ps() : _mm512_loadu_ps(y + k / across * width + k % across * lanes); });
    for (std::size_t d = 0; d < depth; ++d) {
        __m512 v[across];
        unrolled<across>([&](auto k) { v[k] = keep(_mm512_load_ps(panel + (d * across + k) * lanes)); });
        unrolled<Down>([&](auto r) {
            const __m512 u = keep(_mm512_set1_ps(a[r * pitch + d]));
            unrolled<across>([&](auto k) { s[r * across + k] = f(u, v[k], s[r * across + k]); });
        });
    }
    unrolled<Down * across>([&](auto k) { _mm512_storeu_ps(y + k / across * width + k % across * lanes, s[k]); });
}

// Rows of b as columns, piece by piece, which all rows of a meet while they are in the first cache.
template <class F>
void pairs(float* y, const float* a, const float* b, std::size_t rows, std::size_t others, std::size_t depth, F f) {
    alignas(64) float panel[most_depth * columns];
    for (std::size_t j = 0; j < others; j += columns) {
        for (std::size_t first = 0; first < depth; first += most_depth) {
            const std::size_t m = std::min(most_depth, depth - first);
            for (std::size_t k = 0; k < columns; ++k)
                for (std::size_t d = 0; d < m; ++d) panel[d * columns + k] = b[(j + k) * depth + first + d];
            std::size_t r = 0;
            for (; r + 6 <= rows; r += 6) tile<6>(y + r * others + j, others, a + r * depth + first, depth, panel, m, first == 0, f);
            for (; r + 2 <= rows; r += 2) tile<2>(y + r * others + j, others, a + r * depth + first, depth, panel, m, first == 0, f);
            for (; r < rows; ++r) tile<1>(y + r * others + j, others, a + r * depth + first, depth, panel, m, first == 0, f);
        }
    }
}

}

void squared_distances(float* y, const float* a, const float* b, std::size_t rows, std::size_t others, std::size_t depth) {
    pairs(y, a, b, rows, others, depth, [](__m512 u, __m512 v, __m512 s) {
        const __m512 apart = _mm512_sub_ps(u, v);
        return _mm512_fmadd_ps(apart, apart, s);
    });
}

void products_of_rows(float* y, const float* a, const float* b, std::size_t rows, std::size_t others, std::size_t depth) {
    pairs(y, a, b, rows, others, depth, [](__m512 u, __m512 v, __m512 s) { return _mm512_fmadd_ps(u, v, s); });
}

}
