// PERF_TARGET names the namespace: the build compiles this file once for each target.
#include "fixed_kernels.hpp"

#include <immintrin.h>
#include <sinter/fixed.hpp>

namespace perf::PERF_TARGET {

namespace {

// Whatever is at p may have been read, and may have changed.
void touch(const void* p) { asm volatile("" : : "r"(p) : "memory"); }

struct alignas(64) sixteen { float v[16]; };

}

void ours(float* y, const float* x, const float* z, float a, std::size_t repetitions) {
    using array = sinter::array<float, 16>;
    array ax, az, ay;
    for (sinter::index_t i = 0; i < 16; ++i) {
        ax.at(i) = x[i];
        az.at(i) = z[i];
    }
    for (; repetitions > 0; --repetitions) {
        touch(&ax);
        touch(&az);
        ay = a * ax + az;
        touch(&ay);
    }
    for (sinter::index_t i = 0; i < 16; ++i) y[i] = ay.at(i);
}

void hand(float* y, const float* x, const float* z, float a, std::size_t repetitions) {
    sixteen hx, hz, hy;
    for (int i = 0; i < 16; ++i) {
        hx.v[i] = x[i];
        hz.v[i] = z[i];
        hy.v[i] = 0;
    }
    for (; repetitions > 0; --repetitions) {
        touch(&hx);
        touch(&hz);
#ifdef __AVX512F__
        _mm512_store_ps(hy.v, _mm512_fmadd_ps(_mm512_set1_ps(a), _mm512_load_ps(hx.v), _mm512_load_ps(hz.v)));
#else
        const __m128 va = _mm_set1_ps(a);
        for (int i = 0; i < 16; i += 4) _mm_store_ps(hy.v + i, _mm_add_ps(_mm_mul_ps(va, _mm_load_ps(hx.v + i)), _mm_load_ps(hz.v + i)));
#endif
        touch(&hy);
    }
    for (int i = 0; i < 16; ++i) y[i] = hy.v[i];
}

}
