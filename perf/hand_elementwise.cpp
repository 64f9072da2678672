#include "vectors.hpp"

namespace perf::hand {

void axpy(float* y, const float* x, const float* z, float a, std::size_t n, stores how) {
    const __m512 va = _mm512_set1_ps(a);
    each(y, n, how, [=](auto load) { return _mm512_fmadd_ps(va, load(x), load(z)); });
}

void ten(float* y, const float* x, const float* w, const float* z, float a, float b, float c, std::size_t n, stores how) {
    const __m512 va = _mm512_set1_ps(a), vb = _mm512_set1_ps(b), vc = _mm512_set1_ps(c);
    each(y, n, how, [=](auto load) {
        const __m512 vx = keep(load(x)), vw = keep(load(w)), vz = keep(load(z));
        const __m512 larger = _mm512_max_ps(_mm512_fmadd_ps(vx, vw, vz), _mm512_fmsub_ps(va, vx, vw));
        const __m512 quotient = _mm512_div_ps(larger, _mm512_add_ps(vz, vb));
        return _mm512_fnmadd_ps(_mm512_min_ps(vx, vw), vc, quotient);
    });
}

void chain(float* y, const float* x, const float* z, float a, float b, std::size_t n, stores how) {
    const __m512 va = _mm512_set1_ps(a), vb = _mm512_set1_ps(b);
    each(y, n, how, [=](auto load) {
        const __m512 vx = keep(load(x)), vz = keep(load(z));
        const __m512 t1 = _mm512_fmadd_ps(va, vx, vz);
        const __m512 t2 = _mm512_fmsub_ps(t1, vx, vz);
        const __m512 t3 = _mm512_mul_ps(_mm512_max_ps(t1, t2), vb);
        return _mm512_fnmadd_ps(t1, t2, t3);
    });
}

void where_above(float* y, const float* x, const float* w, float bound, std::size_t n, stores how) {
    const __m512 least = _mm512_set1_ps(bound);
    each(y, n, how, [=](auto load) {
        const __m512 vx = keep(load(x));
        return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(vx, least, _CMP_GT_OQ), load(w), vx);
    });
}

// Real and imaginary parts stay side by side: the even lanes of fmaddsub subtract, the odd ones add.
void complex(float* y, const float* x, const float* w, const float* z, std::size_t n, stores how) {
    each(y, n, how, [=](auto load) {
        const __m512 vx = keep(load(x)), vw = keep(load(w));
        const __m512 crossed = _mm512_mul_ps(_mm512_movehdup_ps(vx), _mm512_permute_ps(vw, 0xb1));
        return _mm512_add_ps(_mm512_fmaddsub_ps(_mm512_moveldup_ps(vx), vw, crossed), load(z));
    });
}

}
