// Vectorised functions of other libraries. Plain pointers only: the files behind this header are compiled for the machine at hand.
#pragma once

#include <cstddef>
#include <span>

namespace perf {

/// n elements of each input into each output.
template <class T>
using kernel = void (*)(T* const* out, const T* const* in, std::size_t n);

struct peer {
    const char* library;
    const char* function;
    kernel<float> single;
    kernel<double> twice;
};

/// Loops over <cmath> that the compiler vectorises with glibc's libmvec, under -ffast-math: at most 4 ULP.
[[nodiscard]] std::span<const peer> libmvec_peers();

/// SLEEF's functions for AVX-512 within 1 ULP ("sleef 1.0") and within 3.5 ("sleef 3.5"); none where it was not found at build time.
[[nodiscard]] std::span<const peer> sleef_peers();

[[nodiscard]] std::span<const peer> eigen_peers();

}  // namespace perf
