#pragma once

#include <sinter/detail/math/fast.hpp>

// What stands for some functions under precision::fast. The others keep their bodies: looser bounds would not make them faster.

namespace sinter::inline v1::detail::op {

/// log, of double.
struct fast_log : fast_operation<80, 1> {
    static constexpr const char* name = "fast_log";
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 3.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::fast_log(x);
    }
};

struct fast_sin : fast_operation<81, 1> {
    static constexpr const char* name = "fast_sin";
    static constexpr double ulp = 3.0;
    static constexpr double ulp_double = 3.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::fast_sine<false>(x);
    }
};

struct fast_cos : fast_operation<82, 1> {
    static constexpr const char* name = "fast_cos";
    static constexpr double ulp = 3.0;
    static constexpr double ulp_double = 3.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::fast_sine<true>(x);
    }
};

struct fast_tan : fast_operation<83, 1> {
    static constexpr const char* name = "fast_tan";
    static constexpr double ulp = 4.0;
    static constexpr double ulp_double = 4.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::fast_tangent(x);
    }
};

/// tanh, of float.
struct fast_tanh : fast_operation<84, 1> {
    static constexpr const char* name = "fast_tanh";
    static constexpr double ulp = 2.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::fast_tanh(x);
    }
};

}  // namespace sinter::inline v1::detail::op

SINTER_REGISTER(fast_log)
SINTER_REGISTER(fast_sin)
SINTER_REGISTER(fast_cos)
SINTER_REGISTER(fast_tan)
SINTER_REGISTER(fast_tanh)
