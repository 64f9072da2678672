#include "peers.hpp"

#if PERF_HAVE_SLEEF

#include <immintrin.h>
#include <sleef.h>

namespace perf {

namespace {

struct singles {
    using element = float;
    using vector = __m512;
    static constexpr std::size_t lanes = 16;
    static vector load(const float* p) { return _mm512_loadu_ps(p); }
    static void store(float* p, vector v) { _mm512_storeu_ps(p, v); }
    static vector all(double x) { return _mm512_set1_ps(static_cast<float>(x)); }
    static vector root(vector x) { return _mm512_sqrt_ps(x); }
};
struct doubles {
    using element = double;
    using vector = __m512d;
    static constexpr std::size_t lanes = 8;
    static vector load(const double* p) { return _mm512_loadu_pd(p); }
    static void store(double* p, vector v) { _mm512_storeu_pd(p, v); }
    static vector all(double x) { return _mm512_set1_pd(x); }
    static vector root(vector x) { return _mm512_sqrt_pd(x); }
};

// The library's names, by type.
#define PERF_NAMES(NAME, SUFFIX)                                                              \
    __m512 NAME##_##SUFFIX(__m512 x) { return Sleef_##NAME##f16_##SUFFIX##avx512f(x); }        \
    __m512d NAME##_##SUFFIX(__m512d x) { return Sleef_##NAME##d8_##SUFFIX##avx512f(x); }
PERF_NAMES(exp, u10)
PERF_NAMES(log, u10)
PERF_NAMES(sin, u10)
PERF_NAMES(cos, u10)
PERF_NAMES(tan, u10)
PERF_NAMES(tanh, u10)
PERF_NAMES(erf, u10)
PERF_NAMES(log, u35)
PERF_NAMES(sin, u35)
PERF_NAMES(cos, u35)
PERF_NAMES(tan, u35)
PERF_NAMES(tanh, u35)
#undef PERF_NAMES
__m512 pow_u10(__m512 x, __m512 y) { return Sleef_powf16_u10avx512f(x, y); }
__m512d pow_u10(__m512d x, __m512d y) { return Sleef_powd8_u10avx512f(x, y); }

// n is a multiple of the vectors' lengths.
#define PERF_FUNCTION(NAME, ...)                                                                                 \
    template <class S>                                                                                           \
    void NAME(typename S::element* const* out, const typename S::element* const* in, std::size_t n) {            \
        for (std::size_t i = 0; i < n; i += S::lanes) {                                                          \
            const auto a = S::load(in[0] + i);                                                                   \
            S::store(out[0] + i, __VA_ARGS__);                                                                   \
        }                                                                                                        \
    }
PERF_FUNCTION(exp, exp_u10(a))
PERF_FUNCTION(log, log_u10(a))
PERF_FUNCTION(sin, sin_u10(a))
PERF_FUNCTION(cos, cos_u10(a))
PERF_FUNCTION(tan, tan_u10(a))
PERF_FUNCTION(tanh, tanh_u10(a))
PERF_FUNCTION(erf, erf_u10(a))
PERF_FUNCTION(log_loose, log_u35(a))
PERF_FUNCTION(sin_loose, sin_u35(a))
PERF_FUNCTION(cos_loose, cos_u35(a))
PERF_FUNCTION(tan_loose, tan_u35(a))
PERF_FUNCTION(tanh_loose, tanh_u35(a))
PERF_FUNCTION(pow, pow_u10(a, S::load(in[1] + i)))
PERF_FUNCTION(sigmoid, S::all(1) / (S::all(1) + exp_u10(-a)))
PERF_FUNCTION(silu, a / (S::all(1) + exp_u10(-a)))
PERF_FUNCTION(gelu, S::all(0.5) * a * (S::all(1) + erf_u10(a * S::all(0.70710678118654752440))))
#undef PERF_FUNCTION

template <class S>
void black_scholes(typename S::element* const* out, const typename S::element* const* in, std::size_t n) {
    const auto normal = [](auto x) { return S::all(0.5) + S::all(0.5) * erf_u10(x * S::all(0.70710678118654752440)); };
    for (std::size_t i = 0; i < n; i += S::lanes) {
        const auto s = S::load(in[0] + i), k = S::load(in[1] + i), t = S::load(in[2] + i), r = S::load(in[3] + i), v = S::load(in[4] + i);
        const auto w = v * S::root(t);
        const auto d = (log_u10(s / k) + (r + S::all(0.5) * v * v) * t) / w;
        const auto e = k * exp_u10(-r * t);
        const auto call = s * normal(d) - e * normal(d - w);
        S::store(out[0] + i, call);
        S::store(out[1] + i, call - s + e);
    }
}

#define PERF_PEER(NAME) {"sleef 1.0", #NAME, &NAME<singles>, &NAME<doubles>}
#define PERF_LOOSE(NAME) {"sleef 3.5", #NAME, &NAME##_loose<singles>, &NAME##_loose<doubles>}
constexpr peer all[] = {PERF_PEER(exp),  PERF_PEER(log),  PERF_PEER(sin),  PERF_PEER(cos),     PERF_PEER(tan),     PERF_PEER(tanh), PERF_PEER(erf),
                        PERF_PEER(pow),  PERF_LOOSE(log), PERF_LOOSE(sin), PERF_LOOSE(cos),    PERF_LOOSE(tan),    PERF_LOOSE(tanh), PERF_PEER(sigmoid),
                        PERF_PEER(silu), PERF_PEER(gelu), PERF_PEER(black_scholes)};
#undef PERF_PEER
#undef PERF_LOOSE

}  // namespace

std::span<const peer> sleef_peers() {
    if (__builtin_cpu_supports("avx512f") == 0) return {};
    return all;
}

}  // namespace perf

#else

namespace perf {

std::span<const peer> sleef_peers() { return {}; }

}  // namespace perf

#endif
