#pragma once

#include <sinter/detail/operation.hpp>

// The operations that every backend has code for. All others are bodies over these.

namespace sinter::inline v1::detail {

namespace op {

struct add : primitive_operation<0, 2> {
    static constexpr const char* name = "add";
    static constexpr bool commutative = true;
    template <class T>
    static constexpr T identity = T(0);
};

struct subtract : primitive_operation<1, 2> {
    static constexpr const char* name = "subtract";
};

struct multiply : primitive_operation<2, 2> {
    static constexpr const char* name = "multiply";
    static constexpr op_cost cost{.instructions = 0, .products = 1};
    static constexpr bool commutative = true;
    template <class T>
    static constexpr T identity = T(1);
};

/// Integers truncate; INT_MIN / -1 wraps; a zero divisor is found before the kernel runs.
struct divide : primitive_operation<3, 2> {
    static constexpr const char* name = "divide";
    static constexpr op_cost cost{.instructions = 0, .divisions = 1};
    static constexpr bool divides = true;
};

struct negative : primitive_operation<4, 1> {
    static constexpr const char* name = "negative";
};

/// a * b + c, rounded once. Integers wrap.
struct fma : primitive_operation<5, 3> {
    static constexpr const char* name = "fma";
    static constexpr op_cost cost{.instructions = 0, .products = 1};
};

/// a * b - c, rounded once.
struct fms : primitive_operation<6, 3> {
    static constexpr const char* name = "fms";
    static constexpr op_cost cost{.instructions = 0, .products = 1};
};

/// c - a * b, rounded once.
struct fnma : primitive_operation<7, 3> {
    static constexpr const char* name = "fnma";
    static constexpr op_cost cost{.instructions = 0, .products = 1};
};

struct less : primitive_operation<8, 2> {
    static constexpr const char* name = "less";
    static constexpr type_rule rule = type_rule::compare;
};

struct less_equal : primitive_operation<9, 2> {
    static constexpr const char* name = "less_equal";
    static constexpr type_rule rule = type_rule::compare;
};

struct equal : primitive_operation<10, 2> {
    static constexpr const char* name = "equal";
    static constexpr type_rule rule = type_rule::compare;
    static constexpr bool commutative = true;
};

/// True where an operand is NaN.
struct not_equal : primitive_operation<11, 2> {
    static constexpr const char* name = "not_equal";
    static constexpr type_rule rule = type_rule::compare;
    static constexpr bool commutative = true;
};

/// a < b ? a : b exactly: b when an operand is NaN or both are zeros.
struct lesser : primitive_operation<12, 2> {
    static constexpr const char* name = "lesser";
};

/// a > b ? a : b exactly: b when an operand is NaN or both are zeros.
struct larger : primitive_operation<13, 2> {
    static constexpr const char* name = "larger";
    template <class T>
    static constexpr T identity = std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
};

/// Clears the sign of a floating value; wraps for the least integer.
struct abs : primitive_operation<14, 1> {
    static constexpr const char* name = "abs";
};

struct sqrt : primitive_operation<15, 1> {
    static constexpr const char* name = "sqrt";
    static constexpr type_rule rule = type_rule::floating;
    static constexpr op_cost cost{.instructions = 0, .roots = 1};
};

struct floor : primitive_operation<16, 1> {
    static constexpr const char* name = "floor";
    static constexpr type_rule rule = type_rule::floating;
};

struct ceil : primitive_operation<17, 1> {
    static constexpr const char* name = "ceil";
    static constexpr type_rule rule = type_rule::floating;
};

struct trunc : primitive_operation<18, 1> {
    static constexpr const char* name = "trunc";
    static constexpr type_rule rule = type_rule::floating;
};

/// To the nearest integer, ties to even.
struct rint : primitive_operation<19, 1> {
    static constexpr const char* name = "rint";
    static constexpr type_rule rule = type_rule::floating;
};

struct bitwise_and : primitive_operation<20, 2> {
    static constexpr const char* name = "bitwise_and";
    static constexpr type_rule rule = type_rule::integral;
    static constexpr bool commutative = true;
};

struct bitwise_or : primitive_operation<21, 2> {
    static constexpr const char* name = "bitwise_or";
    static constexpr type_rule rule = type_rule::integral;
    static constexpr bool commutative = true;
};

struct bitwise_xor : primitive_operation<22, 2> {
    static constexpr const char* name = "bitwise_xor";
    static constexpr type_rule rule = type_rule::integral;
    static constexpr bool commutative = true;
};

/// Of bool: logical not.
struct bitwise_not : primitive_operation<23, 1> {
    static constexpr const char* name = "bitwise_not";
    static constexpr type_rule rule = type_rule::integral;
};

/// Counts outside [0, bits) give 0.
struct left_shift : primitive_operation<24, 2> {
    static constexpr const char* name = "left_shift";
    static constexpr type_rule rule = type_rule::integral;
};

/// Arithmetic for signed types: counts outside [0, bits) give 0 or -1.
struct right_shift : primitive_operation<25, 2> {
    static constexpr const char* name = "right_shift";
    static constexpr type_rule rule = type_rule::integral;
};

/// select(c, a, b) is a where c, else b.
struct select : primitive_operation<26, 3> {
    static constexpr const char* name = "select";
    static constexpr type_rule rule = type_rule::select;
};

/// To another element type. Floating to integer: toward zero; out of range and NaN give the type's lowest value.
/// To bool: is not zero. From bool: 0 or 1. Integers wrap.
struct convert : primitive_operation<27, 1> {
    static constexpr const char* name = "convert";
    static constexpr type_rule rule = type_rule::convert;
};

/// The same bits as another type of the same width.
struct bitcast : primitive_operation<28, 1> {
    static constexpr const char* name = "bitcast";
    static constexpr op_cost cost{.instructions = 0};
    static constexpr type_rule rule = type_rule::convert;
};

}  // namespace op

}  // namespace sinter::inline v1::detail

SINTER_OPERATOR2(+, add)
SINTER_OPERATOR2(-, subtract)
SINTER_OPERATOR2(*, multiply)
SINTER_OPERATOR2(/, divide)
SINTER_OPERATOR1(-, negative)
SINTER_FUNCTION(fma)
SINTER_REGISTER(fms)
SINTER_REGISTER(fnma)
SINTER_OPERATOR2(<, less)
SINTER_OPERATOR2(<=, less_equal)
SINTER_OPERATOR2(==, equal)
SINTER_OPERATOR2(!=, not_equal)
SINTER_REGISTER(lesser)
SINTER_REGISTER(larger)
SINTER_FUNCTION(abs)
SINTER_FUNCTION(sqrt)
SINTER_FUNCTION(floor)
SINTER_FUNCTION(ceil)
SINTER_FUNCTION(trunc)
SINTER_FUNCTION(rint)
SINTER_OPERATOR2(&, bitwise_and)
SINTER_OPERATOR2(|, bitwise_or)
SINTER_OPERATOR2(^, bitwise_xor)
SINTER_OPERATOR1(~, bitwise_not)
SINTER_OPERATOR2(<<, left_shift)
SINTER_OPERATOR2(>>, right_shift)
SINTER_FUNCTION(select)
SINTER_REGISTER(convert)
SINTER_REGISTER(bitcast)

namespace sinter::inline v1 {

/// Elementwise not: of bool the other one, of numbers whether they are zero.
template <class A>
    requires detail::operands<A>
[[nodiscard]] constexpr auto operator!(A&& a) {
    if constexpr (std::same_as<typename std::remove_cvref_t<A>::value_type, bool>) {
        return detail::call<detail::op::bitwise_not>(static_cast<A&&>(a));
    } else {
        return detail::call<detail::op::equal>(static_cast<A&&>(a), 0);
    }
}

// Inside fn, a value may be changed in place, as long as it keeps its type.
#define SINTER_COMPOUND(SYMBOL)                                                                                                     \
    template <class L, class V>                                                                                                     \
        requires(detail::kind_of<L> == detail::kind_lane && detail::operands<L, V>)                                                 \
    constexpr L& operator SYMBOL##=(L& a, const V& b) {                                                                             \
        static_assert(std::same_as<std::remove_cvref_t<decltype(a SYMBOL b)>, L>,                                                   \
                      "sinter: compound assignment inside fn would change the element type: cast the right-hand side");             \
        a = a SYMBOL b;                                                                                                             \
        return a;                                                                                                                   \
    }
SINTER_COMPOUND(+)
SINTER_COMPOUND(-)
SINTER_COMPOUND(*)
SINTER_COMPOUND(/)
#undef SINTER_COMPOUND

template <class A, class B>
    requires detail::operands<A, B>
[[nodiscard]] constexpr auto operator>(A&& a, B&& b) {
    return detail::call<detail::op::less>(static_cast<B&&>(b), static_cast<A&&>(a));
}

template <class A, class B>
    requires detail::operands<A, B>
[[nodiscard]] constexpr auto operator>=(A&& a, B&& b) {
    return detail::call<detail::op::less_equal>(static_cast<B&&>(b), static_cast<A&&>(a));
}

/// Another name of select.
template <class C, class A, class B>
    requires detail::operands<C, A, B>
[[nodiscard]] constexpr auto where(C&& condition, A&& a, B&& b) {
    return detail::call<detail::op::select>(static_cast<C&&>(condition), static_cast<A&&>(a), static_cast<B&&>(b));
}

namespace detail {

// For bodies of operations: primitives that are not public functions.

template <class V>
[[nodiscard]] constexpr V fms(V a, V b, V c) {
    return detail::primitive<op::fms>(a, b, c);
}
template <class V>
[[nodiscard]] constexpr V fnma(V a, V b, V c) {
    return detail::primitive<op::fnma>(a, b, c);
}
template <class V>
[[nodiscard]] constexpr V lesser(V a, V b) {
    return detail::primitive<op::lesser>(a, b);
}
template <class V>
[[nodiscard]] constexpr V larger(V a, V b) {
    return detail::primitive<op::larger>(a, b);
}

}  // namespace detail
}  // namespace sinter::inline v1
