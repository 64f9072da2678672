#pragma once

#include <sinter/detail/functions.hpp>
#include <sinter/detail/primitives.hpp>

// The operations that are bodies over the primitives, one struct each; functions of mathematics are in functions.hpp.

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

/// x x.
struct square : operation<43, 1> {
    static constexpr const char* name = "square";
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return detail::primitive<multiply>(x, x);
    }
};

/// 1 / x.
struct reciprocal : operation<44, 1> {
    static constexpr const char* name = "reciprocal";
    static constexpr type_rule rule = type_rule::floating;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        return detail::primitive<divide>(V(1), x);
    }
};

/// 1 / sqrt(x): infinite at zero, with its sign, and NaN below.
struct rsqrt : operation<45, 1> {
    static constexpr const char* name = "rsqrt";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr double ulp = 1.0;
    static constexpr double ulp_double = 1.0;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        // y has two roundings. What x y y misses of one is found with x y in two parts, which hold all of it, and a step of Newton's mends it.
        const V y = detail::primitive<divide>(V(1), detail::primitive<sqrt>(x));
        const V upper = detail::primitive<multiply>(x, y);
        const V lower = detail::primitive<fms>(x, y, upper);
        const V missed = detail::primitive<fnma>(lower, y, detail::primitive<fnma>(upper, y, V(1)));
        const V mended = detail::primitive<fma>(detail::primitive<multiply>(y, V(0.5)), missed, y);
        return detail::primitive<select>(mended != mended, y, mended);
    }
};

/// -1, 0 or 1; zeros keep their sign, and NaN is NaN.
struct sign : operation<46, 1> {
    static constexpr const char* name = "sign";
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        using T = element_of<V>;
        const V positive = detail::primitive<select>(V(0) < x, V(1), x);
        if constexpr (std::is_unsigned_v<T>) {
            return positive;
        } else {
            return detail::primitive<select>(x < V(0), V(T(-1)), positive);
        }
    }
};

/// The lesser one; of a number and NaN, the number.
struct fmin : operation<47, 2> {
    static constexpr const char* name = "fmin";
    static constexpr type_rule rule = type_rule::floating;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V a, V b) {
        return detail::primitive<select>(b != b, a, detail::primitive<lesser>(a, b));
    }
};

/// The greater one; of a number and NaN, the number.
struct fmax : operation<48, 2> {
    static constexpr const char* name = "fmax";
    static constexpr type_rule rule = type_rule::floating;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V a, V b) {
        return detail::primitive<select>(b != b, a, detail::primitive<larger>(a, b));
    }
};

/// x between low and high: high where low is the greater one. NaN if an operand is NaN.
struct clip : operation<49, 3> {
    static constexpr const char* name = "clip";
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x, V low, V high) {
        return minimum::apply(maximum::apply(x, low), high);
    }
};

struct isnan : operation<50, 1> {
    static constexpr const char* name = "isnan";
    static constexpr type_rule rule = type_rule::compare;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr auto apply(V x) {
        return detail::primitive<not_equal>(x, x);
    }
};

struct isinf : operation<51, 1> {
    static constexpr const char* name = "isinf";
    static constexpr type_rule rule = type_rule::compare;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr auto apply(V x) {
        using T = element_of<V>;
        if constexpr (std::floating_point<T>) {
            return detail::primitive<equal>(detail::primitive<abs>(x), V(std::numeric_limits<T>::infinity()));
        } else {
            return detail::primitive<not_equal>(x, x);
        }
    }
};

struct isfinite : operation<52, 1> {
    static constexpr const char* name = "isfinite";
    static constexpr type_rule rule = type_rule::compare;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr auto apply(V x) {
        using T = element_of<V>;
        if constexpr (std::floating_point<T>) {
            return detail::primitive<less>(detail::primitive<abs>(x), V(std::numeric_limits<T>::infinity()));
        } else {
            return detail::primitive<equal>(x, x);
        }
    }
};

/// To the nearest integer, halves away from zero.
struct round : operation<53, 1> {
    static constexpr const char* name = "round";
    static constexpr type_rule rule = type_rule::floating;
    template <class V>
    [[nodiscard, gnu::always_inline]] static constexpr V apply(V x) {
        // What truncation cuts off is exact. Adding a zero would lose the sign of a zero.
        const V whole = detail::primitive<trunc>(x);
        const V rest = detail::primitive<subtract>(x, whole);
        const V away = detail::primitive<select>(x < V(0), detail::primitive<subtract>(whole, V(1)), detail::primitive<add>(whole, V(1)));
        return detail::primitive<select>(detail::primitive<less_equal>(V(0.5), detail::primitive<abs>(rest)), away, whole);
    }
};

}  // namespace op

}  // namespace sinter::inline v1::detail

SINTER_FUNCTION(minimum)
SINTER_FUNCTION(maximum)
SINTER_OPERATOR2(%, modulo)
SINTER_FUNCTION(square)
SINTER_FUNCTION(reciprocal)
SINTER_FUNCTION(rsqrt)
SINTER_FUNCTION(sign)
SINTER_FUNCTION(fmin)
SINTER_FUNCTION(fmax)
SINTER_FUNCTION(clip)
SINTER_FUNCTION(isnan)
SINTER_FUNCTION(isinf)
SINTER_FUNCTION(isfinite)
SINTER_FUNCTION(round)
