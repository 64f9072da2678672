#include "vectors.hpp"

namespace perf::limit {

namespace {

// The quickest that was found: one vector after the other, and lines asked for that far ahead.
constexpr std::size_t floats_ahead = 8192 / sizeof(float);

template <hand::stores How, class... From, class Body>
void stream(float* y, std::size_t n, const Body& body, const From*... from) {
    std::size_t i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes)
        unrolled<4>([&](auto k) {
            const std::size_t at = i + k * lanes;
            (_mm_prefetch(reinterpret_cast<const char*>(from + at + floats_ahead), _MM_HINT_T0), ...);
            store<How>(y + at, body(_mm512_loadu_ps(from + at)...));
            asm volatile("" : : : "memory");
        });
    for (; i < n; ++i) y[i] = _mm512_cvtss_f32(body(_mm512_set1_ps(from[i])...));
    if constexpr (How == hand::stores::streaming) _mm_sfence();
}

}

void read(const float* p, std::size_t n) {
    std::size_t i = 0;
    // Loads whose values nobody waits for.
    const auto touch = [p](std::size_t at) { asm volatile("vmovups %0, %%zmm0" : : "m"(*reinterpret_cast<const __m512_u*>(p + at)) : "xmm0"); };
    for (; i + 8 * lanes <= n; i += 8 * lanes)
        unrolled<8>([&](auto k) {
            _mm_prefetch(reinterpret_cast<const char*>(p + i + k * lanes + floats_ahead), _MM_HINT_T0);
            touch(i + k * lanes);
        });
    for (; i + lanes <= n; i += lanes) touch(i);
}

void write(float* y, std::size_t n, hand::stores how) {
    const __m512 v = _mm512_set1_ps(0.5f);
    each(y, n, how, [=](auto) { return v; });
}

void copy(float* y, const float* x, std::size_t n, hand::stores how) {
    const auto body = [](__m512 v) { return v; };
    if (how == hand::stores::streaming) stream<hand::stores::streaming>(y, n, body, x);
    else stream<hand::stores::ordinary>(y, n, body, x);
}

void triad(float* y, const float* x, const float* z, float a, std::size_t n, hand::stores how) {
    const __m512 va = _mm512_set1_ps(a);
    const auto body = [va](__m512 v, __m512 w) { return _mm512_fmadd_ps(va, v, w); };
    if (how == hand::stores::streaming) stream<hand::stores::streaming>(y, n, body, x, z);
    else stream<hand::stores::ordinary>(y, n, body, x, z);
}

double multiply_add(std::size_t rounds) {
    constexpr std::size_t chains = 16;
    __m512 a[chains];
    // Opaque, or the chains would be one and the same to the compiler.
    unrolled<chains>([&](auto k) { a[k] = keep(_mm512_set1_ps(1.0f)); });
    const __m512 factor = _mm512_set1_ps(0.999f), term = _mm512_set1_ps(0.001f);
    for (std::size_t i = 0; i < rounds; ++i)
        unrolled<chains>([&](auto k) { a[k] = _mm512_fmadd_ps(a[k], factor, term); });
    unrolled<chains>([&](auto k) {
        const __m512 v = a[k];
        asm volatile("" : : "v"(v));
    });
    return static_cast<double>(rounds) * chains * lanes * 2;
}

}
