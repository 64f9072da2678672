#include "vectors.hpp"

#include <algorithm>

namespace perf::hand {

namespace {

template <stores How>
inline void add_row_and_column_with(float* y, const float* m, const float* row, const float* column, std::size_t rows, std::size_t columns) {
    for (std::size_t r = 0; r < rows; ++r) {
        const __m512 c = _mm512_set1_ps(column[r]);
        const float* p = m + r * columns;
        float* q = y + r * columns;
        for (std::size_t j = 0; j < columns; j += 4 * lanes)
            unrolled<4>([&](auto k) {
                const std::size_t i = j + k * lanes;
                store<How>(q + i, _mm512_add_ps(_mm512_add_ps(_mm512_loadu_ps(p + i), _mm512_loadu_ps(row + i)), c));
            });
    }
    if constexpr (How == stores::streaming) _mm_sfence();
}

// Sixteen new values at p; `before` and `after` are the vectors beside it, from which the shifted ones are made: loads
// that cross cache lines would cost twice.
inline __m512 heat_at(const float* p, std::size_t columns, __m512 before, __m512 here, __m512 after) {
    const __m512 left = _mm512_castsi512_ps(_mm512_alignr_epi32(_mm512_castps_si512(here), _mm512_castps_si512(before), 15));
    const __m512 right = _mm512_castsi512_ps(_mm512_alignr_epi32(_mm512_castps_si512(after), _mm512_castps_si512(here), 1));
    const __m512 vertical = _mm512_add_ps(_mm512_loadu_ps(p - columns), _mm512_loadu_ps(p + columns));
    return _mm512_mul_ps(_mm512_set1_ps(0.25f), _mm512_add_ps(_mm512_add_ps(vertical, left), right));
}

template <stores How>
inline void heat_with(float* y, const float* u, std::size_t first, std::size_t last, std::size_t rows, std::size_t columns) {
    constexpr __mmask16 left_edge = 0x0001, right_edge = 0x8000;
    for (std::size_t r = first; r < last; ++r) {
        const float* p = u + r * columns;
        float* q = y + r * columns;
        if (r == 0 || r + 1 == rows) {
            for (std::size_t j = 0; j < columns; j += lanes) store<How>(q + j, _mm512_loadu_ps(p + j));
            continue;
        }
        // Whole aligned vectors, so that stores may stream; the two ends of a row then get their old values back.
        const std::size_t end = columns - lanes;
        __m512 before = _mm512_setzero_ps(), here = _mm512_loadu_ps(p), after = _mm512_loadu_ps(p + lanes);
        store<How>(q, _mm512_mask_mov_ps(heat_at(p, columns, before, here, after), left_edge, here));
        std::size_t j = lanes;
        const auto next = [&](std::size_t i) {
            before = here;
            here = after;
            after = _mm512_loadu_ps(p + i + lanes);
            // From memory, three rows at once defeat the hardware's prefetching.
            if constexpr (How == stores::streaming) _mm_prefetch(reinterpret_cast<const char*>(p + i + columns + 2048), _MM_HINT_T0);
            store<How>(q + i, heat_at(p + i, columns, before, here, after));
        };
        for (; j + 4 * lanes <= end; j += 4 * lanes) unrolled<4>([&](auto k) { next(j + k * lanes); });
        for (; j < end; j += lanes) next(j);
        store<How>(q + end, _mm512_mask_mov_ps(heat_at(p + end, columns, here, after, after), right_edge, after));
    }
    if constexpr (How == stores::streaming) _mm_sfence();
}

}

void add_row_and_column(float* y, const float* m, const float* row, const float* column, std::size_t rows, std::size_t columns, stores how) {
    if (how == stores::streaming) add_row_and_column_with<stores::streaming>(y, m, row, column, rows, columns);
    else add_row_and_column_with<stores::ordinary>(y, m, row, column, rows, columns);
}

// Four vectors side by side hide how long a step takes; they go on until all of them are done.
void mandelbrot(float* steps, const float* row, const float* column, int most, std::size_t rows, std::size_t columns) {
    constexpr std::size_t together = 4;
    const __m512 four = _mm512_set1_ps(4.0f), two = _mm512_set1_ps(2.0f), one = _mm512_set1_ps(1.0f);
    for (std::size_t r = 0; r < rows; ++r) {
        const __m512 cy = _mm512_set1_ps(column[r]);
        for (std::size_t j = 0; j < columns; j += together * lanes) {
            __m512 cx[together], x[together], y[together], n[together];
            __mmask16 active[together];
            unrolled<together>([&](auto k) {
                cx[k] = _mm512_loadu_ps(row + j + k * lanes);
                x[k] = y[k] = n[k] = _mm512_setzero_ps();
                active[k] = 0xffff;
            });
            for (int turn = 0; turn < most; ++turn) {
                unsigned any = 0;
                unrolled<together>([&](auto k) {
                    const __m512 square = _mm512_mul_ps(y[k], y[k]);
                    active[k] = _mm512_mask_cmp_ps_mask(active[k], _mm512_fmadd_ps(x[k], x[k], square), four, _CMP_LE_OQ);
                    const __m512 next = _mm512_add_ps(_mm512_fmsub_ps(x[k], x[k], square), cx[k]);
                    y[k] = _mm512_fmadd_ps(_mm512_mul_ps(two, x[k]), y[k], cy);
                    x[k] = next;
                    n[k] = _mm512_mask_add_ps(n[k], active[k], n[k], one);
                    any |= active[k];
                });
                if (any == 0) break;
            }
            unrolled<together>([&](auto k) { _mm512_storeu_ps(steps + r * columns + j + k * lanes, n[k]); });
        }
    }
}

void heat(float* y, const float* u, std::size_t first, std::size_t last, std::size_t rows, std::size_t columns, stores how) {
    if (how == stores::streaming) heat_with<stores::streaming>(y, u, first, last, rows, columns);
    else heat_with<stores::ordinary>(y, u, first, last, rows, columns);
}

}
