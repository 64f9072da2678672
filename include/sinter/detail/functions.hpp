#pragma once

#include <sinter/detail/fast_functions.hpp>
#include <sinter/detail/math/arcs.hpp>
#include <sinter/detail/math/erf.hpp>
#include <sinter/detail/math/exp.hpp>
#include <sinter/detail/math/exponentials.hpp>
#include <sinter/detail/math/gamma.hpp>
#include <sinter/detail/math/log.hpp>
#include <sinter/detail/math/logarithms.hpp>
#include <sinter/detail/math/pow.hpp>
#include <sinter/detail/math/remainders.hpp>
#include <sinter/detail/math/roots.hpp>
#include <sinter/detail/math/tanh.hpp>
#include <sinter/detail/math/trigonometry.hpp>

// The functions of mathematics, one struct each. Special values as in C's Annex F. The largest error is `ulp` for float and `ulp_double` for double,
// in units in the last place of the exact result.

namespace sinter::inline v1::detail::op {

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
    using fast = fast_log;
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
    using fast = fast_tanh;
    static constexpr const char* name = "tanh";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::tanh(x);
    }
};

struct cbrt : operation<54, 1> {
    static constexpr const char* name = "cbrt";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::cbrt(x);
    }
};

struct exp2 : operation<55, 1> {
    static constexpr const char* name = "exp2";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::exp2(x);
    }
};

/// exp(x) - 1.
struct expm1 : operation<56, 1> {
    static constexpr const char* name = "expm1";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::expm1(x);
    }
};

/// NaN below zero.
struct log2 : operation<57, 1> {
    static constexpr const char* name = "log2";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::log2(x);
    }
};

/// NaN below zero.
struct log10 : operation<58, 1> {
    static constexpr const char* name = "log10";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::log10(x);
    }
};

/// log(1 + x): NaN below -1.
struct log1p : operation<59, 1> {
    static constexpr const char* name = "log1p";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::log1p(x);
    }
};

/// Of radians, of any size: NaN for infinities.
struct sin : operation<60, 1> {
    using fast = fast_sin;
    static constexpr const char* name = "sin";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 1.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::sin(x);
    }
};

/// Of radians, of any size: NaN for infinities.
struct cos : operation<61, 1> {
    using fast = fast_cos;
    static constexpr const char* name = "cos";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 1.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::cos(x);
    }
};

/// Of radians, of any size: NaN for infinities.
struct tan : operation<62, 1> {
    using fast = fast_tan;
    static constexpr const char* name = "tan";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::tan(x);
    }
};

/// In radians; NaN outside [-1, 1].
struct asin : operation<63, 1> {
    static constexpr const char* name = "asin";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::asin(x);
    }
};

/// In radians, from 0 to pi; NaN outside [-1, 1].
struct acos : operation<64, 1> {
    static constexpr const char* name = "acos";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::acos(x);
    }
};

/// In radians.
struct atan : operation<65, 1> {
    static constexpr const char* name = "atan";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::atan(x);
    }
};

/// The angle of the point (x, y), in radians from -pi to pi: atan2(y, x).
struct atan2 : operation<66, 2> {
    static constexpr const char* name = "atan2";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V y, V x) {
        return math::atan2(y, x);
    }
};

struct sinh : operation<67, 1> {
    static constexpr const char* name = "sinh";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::sinh(x);
    }
};

struct cosh : operation<68, 1> {
    static constexpr const char* name = "cosh";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::cosh(x);
    }
};

struct asinh : operation<69, 1> {
    static constexpr const char* name = "asinh";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::asinh(x);
    }
};

/// NaN below 1.
struct acosh : operation<70, 1> {
    static constexpr const char* name = "acosh";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::acosh(x);
    }
};

/// NaN outside [-1, 1].
struct atanh : operation<71, 1> {
    static constexpr const char* name = "atanh";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::atanh(x);
    }
};

struct erf : operation<72, 1> {
    static constexpr const char* name = "erf";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::erf(x);
    }
};

/// 1 - erf(x), accurate where that is small.
struct erfc : operation<73, 1> {
    static constexpr const char* name = "erfc";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::erfc(x);
    }
};

/// The gamma function: NaN for negative integers and -inf, infinite for zeros, with their sign.
struct tgamma : operation<74, 1> {
    static constexpr const char* name = "tgamma";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::tgamma(x);
    }
};

/// log(|tgamma(x)|). Close to its zeros at negative x the bounds are in units of the last place of 1.
struct lgamma : operation<75, 1> {
    static constexpr const char* name = "lgamma";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 4.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return math::lgamma(x);
    }
};

/// sqrt(x^2 + y^2), without overflow on the way; infinite if an operand is, even beside NaN.
struct hypot : operation<76, 2> {
    static constexpr const char* name = "hypot";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 2.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x, V y) {
        return math::hypot(x, y);
    }
};

/// What truncated division leaves, exactly, for quotients of any length: it has the sign of x. NaN for infinite x and for y = 0.
struct fmod : operation<77, 2> {
    static constexpr const char* name = "fmod";
    static constexpr type_rule rule = type_rule::floating;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x, V y) {
        return math::fmod(x, y);
    }
};

/// x less the nearest multiple of y, of two the even one, exactly. NaN for infinite x and for y = 0.
struct remainder : operation<78, 2> {
    static constexpr const char* name = "remainder";
    static constexpr type_rule rule = type_rule::floating;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x, V y) {
        return math::remainder(x, y);
    }
};

/// The size of x with the sign of y.
struct copysign : operation<79, 2> {
    static constexpr const char* name = "copysign";
    static constexpr type_rule rule = type_rule::floating;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x, V y) {
        return math::with_sign(math::abs(x), y);
    }
};

}  // namespace sinter::inline v1::detail::op

SINTER_FUNCTION(exp)
SINTER_FUNCTION(log)
SINTER_FUNCTION(pow)
SINTER_FUNCTION(tanh)
SINTER_FUNCTION(cbrt)
SINTER_FUNCTION(exp2)
SINTER_FUNCTION(expm1)
SINTER_FUNCTION(log2)
SINTER_FUNCTION(log10)
SINTER_FUNCTION(log1p)
SINTER_FUNCTION(sin)
SINTER_FUNCTION(cos)
SINTER_FUNCTION(tan)
SINTER_FUNCTION(asin)
SINTER_FUNCTION(acos)
SINTER_FUNCTION(atan)
SINTER_FUNCTION(atan2)
SINTER_FUNCTION(sinh)
SINTER_FUNCTION(cosh)
SINTER_FUNCTION(asinh)
SINTER_FUNCTION(acosh)
SINTER_FUNCTION(atanh)
SINTER_FUNCTION(erf)
SINTER_FUNCTION(erfc)
SINTER_FUNCTION(tgamma)
SINTER_FUNCTION(lgamma)
SINTER_FUNCTION(hypot)
SINTER_FUNCTION(fmod)
SINTER_FUNCTION(remainder)
SINTER_FUNCTION(copysign)
