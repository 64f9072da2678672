#include <cmath>

#include "peers.hpp"

namespace perf {

namespace {

template <class T>
[[gnu::always_inline]] inline T normal(T x) {
    return T(0.5) + T(0.5) * std::erf(x * T(0.70710678118654752440));
}

#define PERF_FUNCTION(NAME, ...)                                          \
    template <class T>                                                    \
    void NAME(T* const* out, const T* const* in, std::size_t n) {         \
        T* __restrict const y = out[0];                                   \
        const T* __restrict const a = in[0];                              \
        const T* __restrict const b = in[1];                              \
        static_cast<void>(b);                                             \
        for (std::size_t i = 0; i < n; ++i) y[i] = __VA_ARGS__;           \
    }
PERF_FUNCTION(exp, std::exp(a[i]))
PERF_FUNCTION(log, std::log(a[i]))
PERF_FUNCTION(sin, std::sin(a[i]))
PERF_FUNCTION(cos, std::cos(a[i]))
PERF_FUNCTION(tan, std::tan(a[i]))
PERF_FUNCTION(tanh, std::tanh(a[i]))
PERF_FUNCTION(erf, std::erf(a[i]))
PERF_FUNCTION(pow, std::pow(a[i], b[i]))
PERF_FUNCTION(sigmoid, T(1) / (T(1) + std::exp(-a[i])))
PERF_FUNCTION(silu, a[i] / (T(1) + std::exp(-a[i])))
PERF_FUNCTION(gelu, T(0.5) * a[i] * (T(1) + std::erf(a[i] * T(0.70710678118654752440))))
#undef PERF_FUNCTION

template <class T>
void prices(T* __restrict call, T* __restrict put, const T* __restrict s, const T* __restrict k, const T* __restrict t, const T* __restrict r,
            const T* __restrict v, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        const T w = v[i] * std::sqrt(t[i]);
        const T d = (std::log(s[i] / k[i]) + (r[i] + T(0.5) * v[i] * v[i]) * t[i]) / w;
        const T e = k[i] * std::exp(-r[i] * t[i]);
        const T c = s[i] * normal(d) - e * normal(d - w);
        call[i] = c;
        put[i] = c - s[i] + e;
    }
}

template <class T>
void black_scholes(T* const* out, const T* const* in, std::size_t n) {
    prices(out[0], out[1], in[0], in[1], in[2], in[3], in[4], n);
}

#define PERF_PEER(NAME) {"libmvec", #NAME, &NAME<float>, &NAME<double>}
constexpr peer all[] = {PERF_PEER(exp),  PERF_PEER(log),     PERF_PEER(sin),  PERF_PEER(cos),  PERF_PEER(tan),          PERF_PEER(tanh), PERF_PEER(erf),
                        PERF_PEER(pow),  PERF_PEER(sigmoid), PERF_PEER(silu), PERF_PEER(gelu), PERF_PEER(black_scholes)};
#undef PERF_PEER

}  // namespace

std::span<const peer> libmvec_peers() { return all; }

}  // namespace perf
