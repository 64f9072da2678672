#include "vectors.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace perf::hand {

namespace {

// Of a row, f(vector) into four accumulators that `combine` joins.
template <class F, class Combine>
inline __m512 over_row(const float* x, std::size_t n, __m512 start, const F& f, const Combine& combine) {
    __m512 a0 = start, a1 = start, a2 = start, a3 = start;
    for (std::size_t j = 0; j < n; j += 4 * lanes) {
        a0 = combine(a0, f(_mm512_loadu_ps(x + j)));
        a1 = combine(a1, f(_mm512_loadu_ps(x + j + lanes)));
        a2 = combine(a2, f(_mm512_loadu_ps(x + j + 2 * lanes)));
        a3 = combine(a3, f(_mm512_loadu_ps(x + j + 3 * lanes)));
    }
    return combine(combine(a0, a1), combine(a2, a3));
}

template <class F>
inline float sum_of(const float* x, std::size_t n, const F& f) {
    return _mm512_reduce_add_ps(over_row(x, n, _mm512_setzero_ps(), f, [](__m512 a, __m512 b) { return _mm512_add_ps(a, b); }));
}

// Asks for the row after the next one while this one is stored.
template <stores How, class F>
inline void store_row(float* y, const float* x, const float* ahead, std::size_t n, const F& f) {
    for (std::size_t j = 0; j < n; j += 4 * lanes)
        unrolled<4>([&](auto k) {
            const std::size_t i = j + k * lanes;
            if constexpr (How == stores::streaming) _mm_prefetch(reinterpret_cast<const char*>(ahead + i), _MM_HINT_T0);
            store<How>(y + i, f(_mm512_loadu_ps(x + i)));
        });
}

template <class Row>
inline void each_row(float* y, const float* x, std::size_t rows, std::size_t columns, stores how, const Row& row) {
    for (std::size_t r = 0; r < rows; ++r) {
        const float* const p = x + r * columns;
        if (how == stores::streaming) row(std::integral_constant<stores, stores::streaming>{}, y + r * columns, p, p + 2 * columns);
        else row(std::integral_constant<stores, stores::ordinary>{}, y + r * columns, p, p);
    }
    if (how == stores::streaming) _mm_sfence();
}

inline __m512 all(float v) { return _mm512_set1_ps(v); }
inline __m512 itself(__m512 v) { return v; }

}

void softmax(float* y, const float* x, std::size_t rows, std::size_t columns, stores how) {
    alignas(64) std::array<float, 4096> e;
    each_row(y, x, rows, columns, how, [&](auto kind, float* to, const float* from, const float* ahead) {
        const __m512 largest = over_row(from, columns, all(-INFINITY), itself, [](__m512 a, __m512 b) { return _mm512_max_ps(a, b); });
        const __m512 m = all(_mm512_reduce_max_ps(largest));
        __m512 s = _mm512_setzero_ps();
        for (std::size_t j = 0; j < columns; j += 4 * lanes)
            unrolled<4>([&](auto k) {
                const __m512 v = exp_of(_mm512_sub_ps(_mm512_loadu_ps(from + j + k * lanes), m));
                _mm512_store_ps(e.data() + j + k * lanes, v);
                s = _mm512_add_ps(s, v);
            });
        const __m512 factor = all(1 / _mm512_reduce_add_ps(s));
        store_row<kind()>(to, e.data(), ahead, columns, [&](__m512 v) { return _mm512_mul_ps(v, factor); });
    });
}

void rms_norm(float* y, const float* x, float epsilon, std::size_t rows, std::size_t columns, stores how) {
    const float n = static_cast<float>(columns);
    each_row(y, x, rows, columns, how, [&](auto kind, float* to, const float* from, const float* ahead) {
        const __m512 factor = all(1 / std::sqrt(sum_of(from, columns, [](__m512 v) { return _mm512_mul_ps(v, v); }) / n + epsilon));
        store_row<kind()>(to, from, ahead, columns, [&](__m512 v) { return _mm512_mul_ps(v, factor); });
    });
}

void layer_norm(float* y, const float* x, float epsilon, std::size_t rows, std::size_t columns, stores how) {
    const float n = static_cast<float>(columns);
    each_row(y, x, rows, columns, how, [&](auto kind, float* to, const float* from, const float* ahead) {
        const __m512 m = all(sum_of(from, columns, itself) / n);
        const float variance = sum_of(from, columns, [&](__m512 v) {
            const __m512 d = _mm512_sub_ps(v, m);
            return _mm512_mul_ps(d, d);
        }) / n;
        const __m512 factor = all(1 / std::sqrt(variance + epsilon));
        store_row<kind()>(to, from, ahead, columns, [&](__m512 v) { return _mm512_mul_ps(_mm512_sub_ps(v, m), factor); });
    });
}

// The sums so far stay in the first cache.
void accumulate_rows(float* y, const float* m, std::size_t first, std::size_t last, std::size_t rows, std::size_t columns, stores how) {
    alignas(64) std::array<float, 4096> sums{};
    const auto pass = [&](auto kind) {
        for (std::size_t r = 0; r < rows; ++r) {
            const float* const p = m + r * columns;
            float* const q = y + r * columns;
            for (std::size_t j = first; j < last; j += 4 * lanes)
                unrolled<4>([&](auto k) {
                    const std::size_t i = j + k * lanes;
                    const __m512 s = _mm512_add_ps(_mm512_load_ps(sums.data() + i), _mm512_loadu_ps(p + i));
                    _mm512_store_ps(sums.data() + i, s);
                    store<decltype(kind)::value>(q + i, s);
                });
        }
    };
    if (how == stores::streaming) pass(std::integral_constant<stores, stores::streaming>{});
    else pass(std::integral_constant<stores, stores::ordinary>{});
    if (how == stores::streaming) _mm_sfence();
}

}
