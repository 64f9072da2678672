#pragma once

// Loops in plain C++ over integers, in vectors as wide as AVX2 has them where the machine does. The library is compiled for plain x86-64.

namespace sinter::inline v1::detail::base {

template <class F>
[[gnu::target("avx2"), gnu::noinline]] auto run_for_avx2(const F& f) noexcept {
    return f();
}

/// What f returns. For lambdas marked always_inline that call nothing which is not: each is compiled twice.
template <class F>
[[nodiscard]] auto in_wide_vectors(const F& f) noexcept {
    static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
    return has_avx2 ? base::run_for_avx2(f) : f();
}

}  // namespace sinter::inline v1::detail::base
