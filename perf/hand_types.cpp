// Elements that are not float.
#include "vectors.hpp"

namespace perf::hand {

namespace {

template <stores How>
inline void store(void* p, __m512i v) {
    if constexpr (How == stores::streaming) _mm512_stream_si512(static_cast<__m512i*>(p), v);
    else _mm512_storeu_si512(p, v);
}

// y[i] = body(of x, of z) in whole vectors, `each` of one element, for what is left.
template <stores How, class T, class Body, class Each>
inline void each_with(T* y, const T* x, const T* z, std::size_t n, const Body& body, const Each& each) {
    constexpr std::size_t width = sizeof(__m512i) / sizeof(T);
    std::size_t i = 0;
    for (; i + 4 * width <= n; i += 4 * width)
        unrolled<4>([&](auto k) {
            const std::size_t at = i + k * width;
            store<How>(y + at, body(_mm512_loadu_si512(x + at), _mm512_loadu_si512(z + at)));
        });
    for (; i < n; ++i) y[i] = each(x[i], z[i]);
    if constexpr (How == stores::streaming) _mm_sfence();
}

template <class T, class Body, class Each>
inline void each(T* y, const T* x, const T* z, std::size_t n, stores how, const Body& body, const Each& one) {
    if (how == stores::streaming) each_with<stores::streaming>(y, x, z, n, body, one);
    else each_with<stores::ordinary>(y, x, z, n, body, one);
}

}

void axpy(double* y, const double* x, const double* z, double a, std::size_t n, stores how) {
    const __m512d va = _mm512_set1_pd(a);
    each(y, x, z, n, how, [=](__m512i vx, __m512i vz) { return _mm512_castpd_si512(_mm512_fmadd_pd(va, _mm512_castsi512_pd(vx), _mm512_castsi512_pd(vz))); },
         [=](double vx, double vz) { return __builtin_fma(a, vx, vz); });
}

void axpy(std::int32_t* y, const std::int32_t* x, const std::int32_t* z, std::int32_t a, std::size_t n, stores how) {
    const __m512i va = _mm512_set1_epi32(a);
    each(y, x, z, n, how, [=](__m512i vx, __m512i vz) { return _mm512_add_epi32(_mm512_mullo_epi32(va, vx), vz); },
         [=](std::int32_t vx, std::int32_t vz) { return a * vx + vz; });
}

// There is no product of bytes: those at even and at odd places are multiplied as 16 bits, of which the lower half counts.
void axpy(std::int8_t* y, const std::int8_t* x, const std::int8_t* z, std::int8_t a, std::size_t n, stores how) {
    const __m512i va = _mm512_set1_epi16(a), raised = _mm512_slli_epi16(va, 8);
    constexpr __mmask64 odd = 0xaaaaaaaaaaaaaaaa;
    each(y, x, z, n, how, [=](__m512i vx, __m512i vz) {
        const __m512i upper = _mm512_mullo_epi16(_mm512_srli_epi16(vx, 8), raised);
        return _mm512_add_epi8(_mm512_mask_mov_epi8(_mm512_mullo_epi16(vx, va), odd, upper), vz);
    }, [=](std::int8_t vx, std::int8_t vz) { return static_cast<std::int8_t>(a * vx + vz); });
}

// double has every int32, and its quotients are cut off at the same whole numbers.
bool divide(std::int32_t* y, const std::int32_t* x, const std::int32_t* w, std::size_t n, stores how) {
    __mmask16 zero = 0;
    bool none = true;
    each(y, x, w, n, how, [&](__m512i vx, __m512i vw) {
        zero = static_cast<__mmask16>(zero | _mm512_testn_epi32_mask(vw, vw));
        const auto half = [](__m256i a, __m256i b) { return _mm512_cvttpd_epi32(_mm512_div_pd(_mm512_cvtepi32_pd(a), _mm512_cvtepi32_pd(b))); };
        const __m256i low = half(_mm512_castsi512_si256(vx), _mm512_castsi512_si256(vw));
        const __m256i high = half(_mm512_extracti64x4_epi64(vx, 1), _mm512_extracti64x4_epi64(vw, 1));
        return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
    }, [&](std::int32_t vx, std::int32_t vw) {
        none = none && vw != 0;
        return vw == 0 ? 0 : vx / vw;
    });
    return none && zero == 0;
}

void convert(float* y, const std::uint8_t* x, std::size_t n, stores how) {
    const auto pass = [&](auto kind) {
        std::size_t i = 0;
        for (; i + 4 * lanes <= n; i += 4 * lanes)
            unrolled<4>([&](auto k) {
                const std::size_t at = i + k * lanes;
                ::store<decltype(kind)::value>(y + at, _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(x + at)))));
            });
        for (; i < n; ++i) y[i] = x[i];
    };
    if (how == stores::streaming) pass(std::integral_constant<stores, stores::streaming>{});
    else pass(std::integral_constant<stores, stores::ordinary>{});
    if (how == stores::streaming) _mm_sfence();
}

std::int64_t sum(const std::int32_t* x, std::size_t n) {
    constexpr std::size_t ways = 8, width = 8;
    __m512i s[ways];
    unrolled<ways>([&](auto k) { s[k] = _mm512_setzero_si512(); });
    std::size_t i = 0;
    for (; i + ways * width <= n; i += ways * width)
        unrolled<ways>([&](auto k) {
            s[k] = _mm512_add_epi64(s[k], _mm512_cvtepi32_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + i + k * width))));
        });
    unrolled<ways - 1>([&](auto k) { s[0] = _mm512_add_epi64(s[0], s[k + 1]); });
    std::int64_t total = _mm512_reduce_add_epi64(s[0]);
    for (; i < n; ++i) total += x[i];
    return total;
}

std::int64_t count(const bool* mask, std::size_t n) {
    constexpr std::size_t ways = 4, width = 64;
    std::int64_t counts[ways] = {};
    std::size_t i = 0;
    for (; i + ways * width <= n; i += ways * width)
        unrolled<ways>([&](auto k) {
            const __m512i v = _mm512_loadu_si512(mask + i + k * width);
            counts[k] += __builtin_popcountll(_mm512_test_epi8_mask(v, v));
        });
    for (; i < n; ++i) counts[0] += mask[i];
    return counts[0] + counts[1] + counts[2] + counts[3];
}

}
