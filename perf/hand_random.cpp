// Philox4x32-10 after Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
#include "vectors.hpp"

namespace perf::hand {

namespace {

// A vector has eight counters, one in 64 bits: so a product needs one instruction, and what is above the lower half of a word costs nothing, as
// products do not look at it.
constexpr std::size_t counters = 8, together = 4, rounds = 10;
constexpr std::uint64_t factor0 = 0xd2511f53, factor1 = 0xcd9e8d57, step0 = 0x9e3779b9, step1 = 0xbb67ae85;

inline __m512i all(std::uint64_t v) { return _mm512_set1_epi64(static_cast<long long>(v)); }

inline __m512i exclusive_or(__m512i a, __m512i b, __m512i c) { return _mm512_ternarylogic_epi64(a, b, c, 0x96); }

struct words {
    __m512i first[together], second[together];
};

// The first two words of the counters from `first` on.
inline words philox(std::uint64_t key, std::uint64_t first) {
    const std::uint64_t key0 = key & 0xffffffff, key1 = key >> 32;
    const __m512i m0 = all(factor0), m1 = all(factor1);
    __m512i w0[together], w1[together], w2[together], w3[together];
    // Of the first round half is known: two of a counter's words are 0.
    unrolled<together>([&](auto k) {
        const __m512i at = _mm512_add_epi64(all(first + k * counters), _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0));
        const __m512i p = _mm512_mul_epu32(at, m0);
        w0[k] = _mm512_xor_si512(all(key0), _mm512_srli_epi64(at, 32));
        w1[k] = _mm512_setzero_si512();
        w2[k] = _mm512_xor_si512(_mm512_srli_epi64(p, 32), all(key1));
        w3[k] = p;
    });
    unrolled<rounds - 2>([&](auto r) {
        const __m512i k0 = all(key0 + (r + 1) * step0), k1 = all(key1 + (r + 1) * step1);
        unrolled<together>([&](auto k) {
            const __m512i p = _mm512_mul_epu32(w0[k], m0), q = _mm512_mul_epu32(w2[k], m1);
            w0[k] = exclusive_or(_mm512_srli_epi64(q, 32), k0, w1[k]);
            w1[k] = q;
            w2[k] = exclusive_or(_mm512_srli_epi64(p, 32), k1, w3[k]);
            w3[k] = p;
        });
    });
    // Of the last round half is not asked for.
    words last;
    const __m512i k0 = all(key0 + (rounds - 1) * step0);
    unrolled<together>([&](auto k) {
        const __m512i q = _mm512_mul_epu32(w2[k], m1);
        last.first[k] = exclusive_or(_mm512_srli_epi64(q, 32), k0, w1[k]);
        last.second[k] = q;
    });
    return last;
}

// The lower halves, side by side.
inline __m512i lower(__m512i a, __m512i b) {
    return _mm512_permutex2var_epi32(a, _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0), b);
}

// The sine of pi t for |t| <= 1/2, by its series: the first term that is left out is below 6e-8 of the sum.
inline __m512 sine_of_pi(__m512 t) {
    const __m512 x = _mm512_mul_ps(t, _mm512_set1_ps(3.14159265f)), x2 = _mm512_mul_ps(x, x);
    __m512 p = _mm512_set1_ps(-1.0f / 39916800);
    p = _mm512_fmadd_ps(p, x2, _mm512_set1_ps(1.0f / 362880));
    p = _mm512_fmadd_ps(p, x2, _mm512_set1_ps(-1.0f / 5040));
    p = _mm512_fmadd_ps(p, x2, _mm512_set1_ps(1.0f / 120));
    p = _mm512_fmadd_ps(p, x2, _mm512_set1_ps(-1.0f / 6));
    return _mm512_fmadd_ps(_mm512_mul_ps(p, x2), x, x);
}

// body(first words, second words) of sixteen elements.
template <stores How, class Body>
inline void draw_with(float* y, std::uint64_t key, std::size_t first, std::size_t n, const Body& body) {
    constexpr std::size_t block = together * counters;
    std::size_t i = 0;
    for (; i + block <= n; i += block) {
        const words w = philox(key, first + i);
        unrolled<together / 2>([&](auto k) {
            store<How>(y + i + k * lanes, body(lower(w.first[2 * k], w.first[2 * k + 1]), lower(w.second[2 * k], w.second[2 * k + 1])));
        });
    }
    if (i < n) {
        const words w = philox(key, first + i);
        unrolled<together / 2>([&](auto k) {
            const std::size_t at = i + k * lanes;
            if (at >= n) return;
            const auto mask = static_cast<__mmask16>(n - at < lanes ? (1u << (n - at)) - 1u : 0xffffu);
            _mm512_mask_storeu_ps(y + at, mask, body(lower(w.first[2 * k], w.first[2 * k + 1]), lower(w.second[2 * k], w.second[2 * k + 1])));
        });
    }
    if constexpr (How == stores::streaming) _mm_sfence();
}

template <class Body>
inline void draw(float* y, std::uint64_t key, std::size_t first, std::size_t n, stores how, const Body& body) {
    if (how == stores::streaming) draw_with<stores::streaming>(y, key, first, n, body);
    else draw_with<stores::ordinary>(y, key, first, n, body);
}

}

void uniform(float* y, std::uint64_t key, std::size_t first, std::size_t n, stores how) {
    draw(y, key, first, n, how, [](__m512i w0, __m512i) { return _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_srli_epi32(w0, 8)), _mm512_set1_ps(0x1p-24f)); });
}

void normal(float* y, std::uint64_t key, std::size_t first, std::size_t n, stores how) {
    draw(y, key, first, n, how, [](__m512i w0, __m512i w1) {
        const __m512 u = _mm512_fmadd_ps(_mm512_cvtepu32_ps(w0), _mm512_set1_ps(0x1p-32f), _mm512_set1_ps(0x1p-33f));
        const __m512i odd = _mm512_sub_epi32(_mm512_slli_epi32(_mm512_srli_epi32(w1, 8), 1), _mm512_set1_epi32(0xffffff));
        const __m512 t = _mm512_mul_ps(_mm512_cvtepi32_ps(odd), _mm512_set1_ps(0x1p-25f));
        return _mm512_mul_ps(_mm512_sqrt_ps(_mm512_mul_ps(_mm512_set1_ps(-2.0f), log_of(u))), sine_of_pi(t));
    });
}

}
