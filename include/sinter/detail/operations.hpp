#pragma once

#include <sinter/detail/math/exp.hpp>
#include <sinter/detail/math/log.hpp>
#include <sinter/detail/math/pow.hpp>
#include <sinter/detail/math/tanh.hpp>

// The operations that are bodies over the primitives, one struct each.

namespace sinter::inline v1::detail {

namespace op {

/// NaN if an operand is NaN. Of two zeros, the second.
struct minimum : operation<32, 2> {
    static constexpr const char* name = "minimum";
    template <class T>
    static constexpr T identity = std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V a, V b) {
        if constexpr (std::floating_point<element_of<V>>) {
            return detail::primitive<select>(a != a, a, detail::primitive<lesser>(a, b));
        } else {
            return detail::primitive<lesser>(a, b);
        }
    }
};

/// NaN if an operand is NaN. Of two zeros, the second.
struct maximum : operation<33, 2> {
    static constexpr const char* name = "maximum";
    template <class T>
    static constexpr T identity = std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V a, V b) {
        if constexpr (std::floating_point<element_of<V>>) {
            return detail::primitive<select>(a != a, a, detail::primitive<larger>(a, b));
        } else {
            return detail::primitive<larger>(a, b);
        }
    }
};

/// Special values, here and below, as in C's Annex F. The largest error is `ulp` for float and `ulp_double` for double.
struct exp : operation<34, 1> {
    static constexpr const char* name = "exp";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 1.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::exp(x);
    }
};

/// NaN below zero.
struct log : operation<35, 1> {
    static constexpr const char* name = "log";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 1.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::log(x);
    }
};

/// NaN for a negative base with an exponent that is not an integer.
struct pow : operation<36, 2> {
    static constexpr const char* name = "pow";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x, V y) {
        return math::pow(x, y);
    }
};

struct tanh : operation<37, 1> {
    static constexpr const char* name = "tanh";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::tanh(x);
    }
};

/// What integer division leaves: it has the sign of a. INT_MIN % -1 is 0; a zero divisor is found before the kernel runs.
struct modulo : operation<38, 2> {
    static constexpr const char* name = "modulo";
    static constexpr type_rule rule = type_rule::integer;
    static constexpr bool divides = true;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V a, V b) {
        return detail::primitive<fnma>(detail::primitive<divide>(a, b), b, a);
    }
};

}  // namespace op

}  // namespace sinter::inline v1::detail

SINTER_FUNCTION(minimum)
SINTER_FUNCTION(maximum)
SINTER_FUNCTION(exp)
SINTER_FUNCTION(log)
SINTER_FUNCTION(pow)
SINTER_FUNCTION(tanh)
SINTER_OPERATOR2(%, modulo)
