#include "vectors.hpp"

#include <algorithm>
#include <cmath>

namespace perf::hand {

namespace {

constexpr std::size_t ways = 8;    // accumulators: latency 4 times 2 per cycle
struct accumulators {
    __m512 v[ways];
    accumulators() { unrolled<ways>([this](auto k) { v[k] = _mm512_setzero_ps(); }); }
    __m512& operator[](std::size_t k) { return v[k]; }
    const __m512& operator[](std::size_t k) const { return v[k]; }
};

inline float total(const accumulators& a) {
    const __m512 s = _mm512_add_ps(_mm512_add_ps(_mm512_add_ps(a[0], a[1]), _mm512_add_ps(a[2], a[3])),
                                   _mm512_add_ps(_mm512_add_ps(a[4], a[5]), _mm512_add_ps(a[6], a[7])));
    return _mm512_reduce_add_ps(s);
}

inline __m512 tail(const float* p, std::size_t left) {
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << left) - 1u), p);
}

inline float sum_block(const float* x, std::size_t n) {
    accumulators a;
    std::size_t i = 0;
    for (; i + ways * lanes <= n; i += ways * lanes)
        unrolled<ways>([&](auto k) { a[k] = _mm512_add_ps(a[k], _mm512_loadu_ps(x + i + k * lanes)); });
    for (; i + lanes <= n; i += lanes) a[0] = _mm512_add_ps(a[0], _mm512_loadu_ps(x + i));
    if (i < n) a[1] = _mm512_add_ps(a[1], tail(x + i, n - i));
    return total(a);
}

inline float dot_block(const float* x, const float* w, std::size_t n) {
    accumulators a;
    std::size_t i = 0;
    for (; i + ways * lanes <= n; i += ways * lanes)
        unrolled<ways>([&](auto k) {
            a[k] = _mm512_fmadd_ps(_mm512_loadu_ps(x + i + k * lanes), _mm512_loadu_ps(w + i + k * lanes), a[k]);
        });
    for (; i + lanes <= n; i += lanes) a[0] = _mm512_fmadd_ps(_mm512_loadu_ps(x + i), _mm512_loadu_ps(w + i), a[0]);
    if (i < n) a[1] = _mm512_fmadd_ps(tail(x + i, n - i), tail(w + i, n - i), a[1]);
    return total(a);
}

inline three cosine_block(const float* x, const float* w, std::size_t n) {
    accumulators xw, xx, ww;
    const auto add = [&](auto k, __m512 vx, __m512 vw) {
        xw[k] = _mm512_fmadd_ps(vx, vw, xw[k]);
        xx[k] = _mm512_fmadd_ps(vx, vx, xx[k]);
        ww[k] = _mm512_fmadd_ps(vw, vw, ww[k]);
    };
    constexpr std::size_t deep = 4;    // twelve chains are plenty
    constexpr std::integral_constant<std::size_t, 0> first;
    constexpr std::integral_constant<std::size_t, 1> second;
    std::size_t i = 0;
    for (; i + deep * lanes <= n; i += deep * lanes)
        unrolled<deep>([&](auto k) { add(k, keep(_mm512_loadu_ps(x + i + k * lanes)), keep(_mm512_loadu_ps(w + i + k * lanes))); });
    for (; i + lanes <= n; i += lanes) add(first, _mm512_loadu_ps(x + i), _mm512_loadu_ps(w + i));
    if (i < n) add(second, tail(x + i, n - i), tail(w + i, n - i));
    return {total(xw), total(xx), total(ww)};
}

// Blocks, added up in double, keep the rounding error of long sums small and cost nothing.
constexpr std::size_t block = std::size_t{1} << 16;
// Of what is gone over twice.
constexpr std::size_t near_block = 4096;

}

float sum(const float* x, std::size_t n) {
    if (n <= block) return sum_block(x, n);
    double s = 0;
    for (std::size_t i = 0; i < n; i += block) s += sum_block(x + i, std::min(block, n - i));
    return static_cast<float>(s);
}

float magnitude(const float* x, std::size_t n) {
    accumulators a;
    std::size_t i = 0;
    const auto larger = [](__m512 m, __m512 v) { return _mm512_max_ps(m, _mm512_abs_ps(v)); };
    for (; i + ways * lanes <= n; i += ways * lanes)
        unrolled<ways>([&](auto k) { a[k] = larger(a[k], _mm512_loadu_ps(x + i + k * lanes)); });
    for (; i + lanes <= n; i += lanes) a[0] = larger(a[0], _mm512_loadu_ps(x + i));
    if (i < n) a[1] = larger(a[1], tail(x + i, n - i));
    unrolled<ways>([&](auto k) { a[0] = _mm512_max_ps(a[0], a[k]); });
    return _mm512_reduce_max_ps(a[0]);
}

float dot(const float* x, const float* w, std::size_t n) {
    if (n <= block) return dot_block(x, w, n);
    double s = 0;
    for (std::size_t i = 0; i < n; i += block) s += dot_block(x + i, w + i, std::min(block, n - i));
    return static_cast<float>(s);
}

three cosine(const float* x, const float* w, std::size_t n) {
    if (n <= block) return cosine_block(x, w, n);
    double xw = 0, xx = 0, ww = 0;
    for (std::size_t i = 0; i < n; i += block) {
        const three t = cosine_block(x + i, w + i, std::min(block, n - i));
        xw += t.xw;
        xx += t.xx;
        ww += t.ww;
    }
    return {static_cast<float>(xw), static_cast<float>(xx), static_cast<float>(ww)};
}

spread join(const spread& a, const spread& b) {
    if (a.count == 0 || b.count == 0) return a.count == 0 ? b : a;
    const double n = a.count + b.count, apart = b.mean - a.mean;
    return {n, a.mean + apart * b.count / n, a.squares + b.squares + apart * apart * a.count / n * b.count};
}

spread moments(const float* x, std::size_t n) {
    spread all{};
    for (std::size_t first = 0; first < n; first += near_block) {
        const std::size_t m = std::min(near_block, n - first);
        const float* const p = x + first;
        const float mean = sum_block(p, m) / static_cast<float>(m);
        const __m512 middle = _mm512_set1_ps(mean);
        accumulators a;
        std::size_t i = 0;
        const auto add = [&](auto k, __m512 v) {
            const __m512 away = _mm512_sub_ps(v, middle);
            a[k] = _mm512_fmadd_ps(away, away, a[k]);
        };
        for (; i + ways * lanes <= m; i += ways * lanes) unrolled<ways>([&](auto k) { add(k, _mm512_loadu_ps(p + i + k * lanes)); });
        for (; i < m; ++i) a[0] = _mm512_add_ps(a[0], _mm512_set_ps((p[i] - mean) * (p[i] - mean), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        all = join(all, {static_cast<double>(m), mean, total(a)});
    }
    return all;
}

exponentials join(const exponentials& a, const exponentials& b) {
    if (a.sum == 0 || b.sum == 0) return a.sum == 0 ? b : a;
    const float most = std::max(a.most, b.most);
    return {most, a.sum * std::exp(a.most - most) + b.sum * std::exp(b.most - most)};
}

exponentials logsumexp(const float* x, std::size_t n) {
    exponentials all{};
    for (std::size_t first = 0; first < n; first += near_block) {
        const std::size_t m = std::min(near_block, n - first);
        const float* const p = x + first;
        accumulators greatest;
        unrolled<ways>([&](auto k) { greatest[k] = _mm512_set1_ps(p[0]); });
        std::size_t i = 0;
        for (; i + ways * lanes <= m; i += ways * lanes) unrolled<ways>([&](auto k) { greatest[k] = _mm512_max_ps(greatest[k], _mm512_loadu_ps(p + i + k * lanes)); });
        for (; i < m; ++i) greatest[0] = _mm512_max_ps(greatest[0], _mm512_set1_ps(p[i]));
        unrolled<ways>([&](auto k) { greatest[0] = _mm512_max_ps(greatest[0], greatest[k]); });
        const float most = _mm512_reduce_max_ps(greatest[0]);
        const __m512 top = _mm512_set1_ps(most);
        accumulators a;
        for (i = 0; i + ways * lanes <= m; i += ways * lanes) unrolled<ways>([&](auto k) { a[k] = _mm512_add_ps(a[k], exp_of(_mm512_sub_ps(_mm512_loadu_ps(p + i + k * lanes), top))); });
        float sum = total(a);
        for (; i < m; ++i) sum += std::exp(p[i] - most);
        all = join(all, {most, sum});
    }
    return all;
}

void sum_columns(float* out, const float* m, std::size_t rows, std::size_t columns) {
    std::fill_n(out, columns, 0.0f);
    std::size_t r = 0;
    // Eight rows at once: the sums so far, in the first-level cache, are read and written once for eight rows.
    for (; r + 8 <= rows; r += 8) {
        const float* p = m + r * columns;
        for (std::size_t j = 0; j < columns; j += lanes) {
            __m512 s = _mm512_loadu_ps(out + j);
            unrolled<8>([&](auto k) { s = _mm512_add_ps(s, _mm512_loadu_ps(p + k * columns + j)); });
            _mm512_storeu_ps(out + j, s);
        }
    }
    for (; r < rows; ++r)
        for (std::size_t j = 0; j < columns; j += lanes)
            _mm512_storeu_ps(out + j, _mm512_add_ps(_mm512_loadu_ps(out + j), _mm512_loadu_ps(m + r * columns + j)));
}

void sum_rows(float* out, const float* m, std::size_t rows, std::size_t columns) {
    for (std::size_t r = 0; r < rows; ++r) out[r] = sum_block(m + r * columns, columns);
}

}
