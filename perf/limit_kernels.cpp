#include "vectors.hpp"

namespace perf::limit {

void read(const float* p, std::size_t n) {
    std::size_t i = 0;
    // Loads whose values nobody waits for.
    const auto touch = [p](std::size_t at) { asm volatile("vmovups %0, %%zmm0" : : "m"(*reinterpret_cast<const __m512_u*>(p + at)) : "xmm0"); };
    for (; i + 8 * lanes <= n; i += 8 * lanes)
        unrolled<8>([&](auto k) { touch(i + k * lanes); });
    for (; i + lanes <= n; i += lanes) touch(i);
}

void write(float* y, std::size_t n, hand::stores how) {
    const __m512 v = _mm512_set1_ps(0.5f);
    each(y, n, how, [=](auto) { return v; });
}

void copy(float* y, const float* x, std::size_t n, hand::stores how) {
    each(y, n, how, [=](auto load) { return load(x); });
}

void triad(float* y, const float* x, const float* z, float a, std::size_t n, hand::stores how) {
    const __m512 va = _mm512_set1_ps(a);
    each(y, n, how, [=](auto load) { return _mm512_fmadd_ps(va, load(x), load(z)); });
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
