#include "vectors.hpp"

namespace perf::hand {

namespace {

// Sixteen rows of sixteen become sixteen columns: pairs of floats, pairs of doubles, and quarters twice.
inline void transpose(__m512 (&r)[16]) {
    __m512 t[16];
    unrolled<8>([&](auto n) {
        t[2 * n] = _mm512_unpacklo_ps(r[2 * n], r[2 * n + 1]);
        t[2 * n + 1] = _mm512_unpackhi_ps(r[2 * n], r[2 * n + 1]);
    });
    const auto low = [](__m512 a, __m512 b) { return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b))); };
    const auto high = [](__m512 a, __m512 b) { return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b))); };
    unrolled<4>([&](auto n) {
        r[4 * n] = low(t[4 * n], t[4 * n + 2]);
        r[4 * n + 1] = high(t[4 * n], t[4 * n + 2]);
        r[4 * n + 2] = low(t[4 * n + 1], t[4 * n + 3]);
        r[4 * n + 3] = high(t[4 * n + 1], t[4 * n + 3]);
    });
    constexpr int even = 0x88, odd = 0xdd;
    unrolled<4>([&](auto n) {
        t[n] = _mm512_shuffle_f32x4(r[n], r[n + 4], even);
        t[n + 4] = _mm512_shuffle_f32x4(r[n], r[n + 4], odd);
        t[n + 8] = _mm512_shuffle_f32x4(r[n + 8], r[n + 12], even);
        t[n + 12] = _mm512_shuffle_f32x4(r[n + 8], r[n + 12], odd);
    });
    unrolled<4>([&](auto n) {
        r[n] = _mm512_shuffle_f32x4(t[n], t[n + 8], even);
        r[n + 4] = _mm512_shuffle_f32x4(t[n + 4], t[n + 12], even);
        r[n + 8] = _mm512_shuffle_f32x4(t[n], t[n + 8], odd);
        r[n + 12] = _mm512_shuffle_f32x4(t[n + 4], t[n + 12], odd);
    });
}

inline void ask(const float* p, std::size_t stride) {
    unrolled<lanes>([&](auto n) { _mm_prefetch(reinterpret_cast<const char*>(p + n * stride), _MM_HINT_T1); });
}

// A square of y at (r, c): body(row, sixteen of w's column). w has y's columns as its rows.
template <stores How, class Body>
inline void square_of(float* y, const float* w, std::size_t r, std::size_t c, std::size_t rows, std::size_t columns, const Body& body) {
    __m512 v[16];
    unrolled<lanes>([&](auto n) { v[n] = _mm512_loadu_ps(w + (c + n) * rows + r); });
    transpose(v);
    unrolled<lanes>([&](auto n) { store<How>(y + (r + n) * columns + c, body(r + n, v[n])); });
}

template <stores How>
inline void transposed_with(float* y, const float* x, float a, std::size_t first, std::size_t last, std::size_t rows, std::size_t columns) {
    // Along the rows of x, whose next lines are asked for a tile before.
    constexpr std::size_t tile_rows = 64, tile_columns = 64;
    const __m512 va = _mm512_set1_ps(a);
    for (std::size_t c = 0; c < columns; c += tile_columns)
        for (std::size_t r = first; r < last; r += tile_rows)
            for (std::size_t j = c; j < c + tile_columns; j += lanes)
                for (std::size_t i = r; i < r + tile_rows; i += lanes) {
                    if (r + tile_rows < last) ask(x + j * rows + i + tile_rows, rows);
                    square_of<How>(y, x, i, j, rows, columns, [&](std::size_t, __m512 v) { return _mm512_mul_ps(v, va); });
                }
    if constexpr (How == stores::streaming) _mm_sfence();
}

template <stores How>
inline void plus_transposed_with(float* y, const float* x, const float* w, std::size_t first, std::size_t last, std::size_t rows, std::size_t columns) {
    constexpr std::size_t tile_rows = 64, tile_columns = 64;
    for (std::size_t r = first; r < last; r += tile_rows)
        for (std::size_t c = 0; c < columns; c += tile_columns)
            for (std::size_t i = r; i < r + tile_rows; i += lanes)
                for (std::size_t j = c; j < c + tile_columns; j += lanes) {
                    if (c + tile_columns < columns) {
                        ask(w + (j + tile_columns) * rows + i, rows);
                        ask(x + i * columns + j + tile_columns, columns);
                    }
                    square_of<How>(y, w, i, j, rows, columns, [&](std::size_t n, __m512 v) { return _mm512_add_ps(_mm512_loadu_ps(x + n * columns + j), v); });
                }
    if constexpr (How == stores::streaming) _mm_sfence();
}

}

void transposed(float* y, const float* x, float a, std::size_t first, std::size_t last, std::size_t rows, std::size_t columns, stores how) {
    if (how == stores::streaming) transposed_with<stores::streaming>(y, x, a, first, last, rows, columns);
    else transposed_with<stores::ordinary>(y, x, a, first, last, rows, columns);
}

void plus_transposed(float* y, const float* x, const float* w, std::size_t first, std::size_t last, std::size_t rows, std::size_t columns, stores how) {
    if (how == stores::streaming) plus_transposed_with<stores::streaming>(y, x, w, first, last, rows, columns);
    else plus_transposed_with<stores::ordinary>(y, x, w, first, last, rows, columns);
}

}
