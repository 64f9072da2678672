// tanh, and exp and log in vectors.hpp, after Cephes' single-precision functions (S. L. Moshier, netlib.org/cephes); pow by double precision.
#include "vectors.hpp"

namespace perf::hand {

namespace {

inline __m512 set(float v) { return _mm512_set1_ps(v); }
inline __m512d set(double v) { return _mm512_set1_pd(v); }

inline __m512 tanh_of(__m512 x) {
    const __m512 x2 = _mm512_mul_ps(x, x);
    __m512 p = set(-5.70498872745e-3f);
    p = _mm512_fmadd_ps(p, x2, set(2.06390887954e-2f));
    p = _mm512_fmadd_ps(p, x2, set(-5.37397155531e-2f));
    p = _mm512_fmadd_ps(p, x2, set(1.33314422036e-1f));
    p = _mm512_fmadd_ps(p, x2, set(-3.33332819422e-1f));
    p = _mm512_fmadd_ps(p, _mm512_mul_ps(x2, x), x);
    const __m512 size = _mm512_abs_ps(x);
    const __m512 e = exp_of(_mm512_add_ps(size, size));
    __m512 q = _mm512_sub_ps(set(1.0f), _mm512_div_ps(set(2.0f), _mm512_add_ps(e, set(1.0f))));
    const __m512 sign = _mm512_and_ps(x, set(-0.0f));
    q = _mm512_or_ps(q, sign);
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(size, set(0.625f), _CMP_LT_OQ), q, p);
}

inline __m512d pow_of(__m512d x, __m512d w) {
    __m512d e = _mm512_getexp_pd(x);
    __m512d m = _mm512_getmant_pd(x, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_zero);
    const __mmask8 upper = _mm512_cmp_pd_mask(m, set(1.4142135623730951), _CMP_GT_OQ);
    m = _mm512_mask_mul_pd(m, upper, m, set(0.5));
    e = _mm512_mask_add_pd(e, upper, e, set(1.0));
    // log2(m) = 2/ln 2 * atanh(s), |s| < 0.172: six terms leave 5e-11.
    const __m512d s = _mm512_div_pd(_mm512_sub_pd(m, set(1.0)), _mm512_add_pd(m, set(1.0)));
    const __m512d s2 = _mm512_mul_pd(s, s);
    constexpr double two_over_ln2 = 2.8853900817779268;
    __m512d p = set(two_over_ln2 / 11);
    p = _mm512_fmadd_pd(p, s2, set(two_over_ln2 / 9));
    p = _mm512_fmadd_pd(p, s2, set(two_over_ln2 / 7));
    p = _mm512_fmadd_pd(p, s2, set(two_over_ln2 / 5));
    p = _mm512_fmadd_pd(p, s2, set(two_over_ln2 / 3));
    p = _mm512_fmadd_pd(p, s2, set(two_over_ln2));
    const __m512d t = _mm512_mul_pd(w, _mm512_fmadd_pd(p, s, e));
    const __m512d k = _mm512_roundscale_pd(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    // exp(r) by its series to r^8, |r| < 0.347: 2e-10.
    const __m512d r = _mm512_mul_pd(_mm512_sub_pd(t, k), set(0.6931471805599453));
    __m512d q = set(1.0 / 40320);
    q = _mm512_fmadd_pd(q, r, set(1.0 / 5040));
    q = _mm512_fmadd_pd(q, r, set(1.0 / 720));
    q = _mm512_fmadd_pd(q, r, set(1.0 / 120));
    q = _mm512_fmadd_pd(q, r, set(1.0 / 24));
    q = _mm512_fmadd_pd(q, r, set(1.0 / 6));
    q = _mm512_fmadd_pd(q, r, set(0.5));
    q = _mm512_fmadd_pd(q, r, set(1.0));
    q = _mm512_fmadd_pd(q, r, set(1.0));
    return _mm512_scalef_pd(q, k);
}

inline __m512 pow_of(__m512 x, __m512 w) {
    const __m512d low = pow_of(_mm512_cvtps_pd(_mm512_castps512_ps256(x)), _mm512_cvtps_pd(_mm512_castps512_ps256(w)));
    const __m512d high = pow_of(_mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1)), _mm512_cvtps_pd(_mm512_extractf32x8_ps(w, 1)));
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low)), _mm512_cvtpd_ps(high), 1);
}

}

void exp(float* y, const float* x, std::size_t n, stores how) {
    each(y, n, how, [=](auto load) { return exp_of(load(x)); });
}

void log(float* y, const float* x, std::size_t n, stores how) {
    each(y, n, how, [=](auto load) { return log_of(load(x)); });
}

void tanh(float* y, const float* x, std::size_t n, stores how) {
    each(y, n, how, [=](auto load) { return tanh_of(load(x)); });
}

void pow(float* y, const float* x, const float* w, std::size_t n, stores how) {
    each(y, n, how, [=](auto load) { return pow_of(load(x), load(w)); });
}

}
