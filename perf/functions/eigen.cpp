#include <Eigen/Core>

#include "peers.hpp"

namespace perf {

namespace {

template <class T>
using values = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;
template <class T>
using arguments = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;

#define PERF_FUNCTION(NAME, ...)                                                       \
    template <class T>                                                                 \
    void NAME(T* const* out, const T* const* in, std::size_t n) {                      \
        const auto size = static_cast<Eigen::Index>(n);                                \
        const arguments<T> a(in[0], size), b(in[1], size);                             \
        values<T>(out[0], size) = __VA_ARGS__;                                         \
    }
PERF_FUNCTION(exp, a.exp())
PERF_FUNCTION(log, a.log())
PERF_FUNCTION(sin, a.sin())
PERF_FUNCTION(cos, a.cos())
PERF_FUNCTION(tanh, a.tanh())
PERF_FUNCTION(pow, a.pow(b))
PERF_FUNCTION(sigmoid, T(1) / (T(1) + (-a).exp()))
PERF_FUNCTION(silu, a / (T(1) + (-a).exp()))
#undef PERF_FUNCTION

#define PERF_PEER(NAME) {"eigen", #NAME, &NAME<float>, &NAME<double>}
constexpr peer all[] = {PERF_PEER(exp), PERF_PEER(log), PERF_PEER(sin), PERF_PEER(cos), PERF_PEER(tanh), PERF_PEER(pow), PERF_PEER(sigmoid), PERF_PEER(silu)};
#undef PERF_PEER

}  // namespace

std::span<const peer> eigen_peers() { return all; }

}  // namespace perf
