// What the hand-written loops share. Included by files compiled for AVX-512 only.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <type_traits>
#include <utility>

#include "kernels.hpp"

namespace {

using perf::hand::stores;
constexpr std::size_t lanes = 16;

// f(0), f(1), ... with constants, so that arrays of vectors become registers before any optimiser sees a loop.
template <std::size_t N, class F>
[[gnu::always_inline]] inline void unrolled(const F& f) {
    [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
        (f(std::integral_constant<std::size_t, K>{}), ...);
    }(std::make_index_sequence<N>{});
}

template <stores How>
inline void store(float* p, __m512 v) {
    if constexpr (How == stores::streaming) _mm512_stream_ps(p, v);
    else _mm512_storeu_ps(p, v);
}

// A value used several times stays in a register: g++ would read it from memory again for each use.
inline __m512 keep(__m512 v) {
    asm("" : "+v"(v));
    return v;
}

// y[i] = body(load) for all i; body reads its operands through load(pointer). Four vectors at a time, masked tail.
template <stores How, class Body>
inline void each_with(float* y, std::size_t n, const Body& body) {
    std::size_t i = 0;
    const auto load_at = [](std::size_t at) { return [at](const float* p) { return _mm512_loadu_ps(p + at); }; };
    for (; i + 4 * lanes <= n; i += 4 * lanes) {
        const __m512 r0 = body(load_at(i));
        const __m512 r1 = body(load_at(i + lanes));
        const __m512 r2 = body(load_at(i + 2 * lanes));
        const __m512 r3 = body(load_at(i + 3 * lanes));
        store<How>(y + i, r0);
        store<How>(y + i + lanes, r1);
        store<How>(y + i + 2 * lanes, r2);
        store<How>(y + i + 3 * lanes, r3);
    }
    for (; i + lanes <= n; i += lanes) store<How>(y + i, body(load_at(i)));
    if (i < n) {
        const auto mask = static_cast<__mmask16>((1u << (n - i)) - 1u);
        _mm512_mask_storeu_ps(y + i, mask, body([mask, i](const float* p) { return _mm512_maskz_loadu_ps(mask, p + i); }));
    }
    if constexpr (How == stores::streaming) _mm_sfence();
}

template <class Body>
inline void each(float* y, std::size_t n, stores how, const Body& body) {
    if (how == stores::streaming) each_with<stores::streaming>(y, n, body);
    else each_with<stores::ordinary>(y, n, body);
}

// exp after Cephes' single-precision one (S. L. Moshier, netlib.org/cephes).
inline __m512 exp_of(__m512 x) {
    const __m512 k = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m512 r = _mm512_fnmadd_ps(k, _mm512_set1_ps(0.693359375f), x);
    r = _mm512_fnmadd_ps(k, _mm512_set1_ps(-2.12194440e-4f), r);
    __m512 p = _mm512_set1_ps(1.9875691500e-4f);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.3981999507e-3f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(8.3334519073e-3f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(4.1665795894e-2f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.6666665459e-1f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(5.0000001201e-1f));
    p = _mm512_fmadd_ps(p, _mm512_mul_ps(r, r), _mm512_add_ps(r, _mm512_set1_ps(1.0f)));
    return _mm512_scalef_ps(p, k);
}

// log, x positive and normal, likewise.
inline __m512 log_of(__m512 x) {
    __m512 e = _mm512_getexp_ps(x);
    __m512 m = _mm512_getmant_ps(x, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_zero);
    const __mmask16 upper = _mm512_cmp_ps_mask(m, _mm512_set1_ps(1.41421356f), _CMP_GT_OQ);
    m = _mm512_mask_mul_ps(m, upper, m, _mm512_set1_ps(0.5f));
    e = _mm512_mask_add_ps(e, upper, e, _mm512_set1_ps(1.0f));
    const __m512 f = _mm512_sub_ps(m, _mm512_set1_ps(1.0f));
    const __m512 f2 = _mm512_mul_ps(f, f);
    __m512 p = _mm512_set1_ps(7.0376836292e-2f);
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(-1.1514610310e-1f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.1676998740e-1f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(-1.2420140846e-1f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.4249322787e-1f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(-1.6668057665e-1f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(2.0000714765e-1f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(-2.4999993993e-1f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(3.3333331174e-1f));
    p = _mm512_mul_ps(p, _mm512_mul_ps(f, f2));
    p = _mm512_fmadd_ps(e, _mm512_set1_ps(-2.12194440e-4f), p);
    p = _mm512_fnmadd_ps(f2, _mm512_set1_ps(0.5f), p);
    return _mm512_fmadd_ps(e, _mm512_set1_ps(0.693359375f), _mm512_add_ps(f, p));
}

}
