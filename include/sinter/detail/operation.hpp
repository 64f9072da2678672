#pragma once

#include <sinter/detail/lane.hpp>

#include <complex>
#include <initializer_list>
#include <limits>

namespace sinter::inline v1::detail {

/// How the element types of an operation's operands give the type of its result. Operands of one operation have
/// one type T, but for the condition of select and the operand of convert.
enum class type_rule : std::uint8_t {
    same,       // T -> T
    floating,   // T -> T, T is a floating type
    integral,   // T -> T, T is an integer or bool
    integer,    // T -> T, T is an integer
    compare,    // T -> bool
    select,     // bool, T, T -> T
    convert,    // any -> the type that the instruction names
};

/// What an operation costs on one vector: simple vector instructions, products (fused ones too), divisions, square roots; and instructions that are in its code but
/// hardly ever run.
struct op_cost {
    float instructions = 1;
    float products = 0;
    float divisions = 0;
    float roots = 0;
    float rare = 0;
};

/// The common part of every operation. Code numbers are part of the ABI: new operations take the next free one.
template <int Code, int Arity>
struct operation {
    static constexpr std::uint16_t code = Code;
    static constexpr int arity = Arity;
    static constexpr type_rule rule = type_rule::same;
    static constexpr op_cost cost{};            // of primitives, and of the instructions of assisted operations; that of bodies is counted
    static constexpr bool primitive = false;    // a backend has code for it; the others run their body
    static constexpr bool assisted = false;     // its body, but one instruction of the same bits where code is made for AVX-512
    static constexpr bool commutative = false;
    static constexpr bool divides = false;      // integers: an error where the last operand is zero
    static constexpr double ulp = 0.5;          // largest error of float in units in the last place
    static constexpr double ulp_double = 0.5;   // and of double
};

/// The looser and faster form of an operation, which stands for it under precision::fast: its `fast`.
template <int Code, int Arity>
struct fast_operation : operation<Code, Arity> {
    static constexpr type_rule rule = type_rule::floating;
    static constexpr bool looser = true;
};

template <class Op>
concept has_fast = requires { typename Op::fast; };
template <class Op>
concept is_looser = requires { Op::looser; };

/// The operation whose code is Code; specialised beside each operation's struct.
template <int Code>
struct operation_at;

/// Hands a primitive to the carrier of its last operand (the first may be a mask).
template <class Op, class... V>
[[nodiscard]] constexpr auto primitive(V... v) {
    using last = std::remove_cvref_t<decltype((v, ...))>;
    auto raw = carrier<typename last::carrier_type>::template apply<Op>(v.raw()...);
    return lane<decltype(raw)>{raw};
}

template <int Code, int Arity>
struct primitive_operation : operation<Code, Arity> {
    static constexpr bool primitive = true;
};

template <int Code, int Arity>
struct assisted_operation : operation<Code, Arity> {
    static constexpr bool assisted = true;
};

/// Carriers that record code for one machine say whether it has the instructions of assisted operations.
template <class C>
concept knows_machine = requires {
    { C::has_assistance() } -> std::same_as<bool>;
};

/// Applies Op to lanes of the right types: a carrier that records keeps composite operations whole, the others run the body.
template <class Op, class... V>
[[nodiscard]] constexpr auto apply_to_lanes(V... v) {
    using last = std::remove_cvref_t<decltype((v, ...))>;
    using C = carrier<typename last::carrier_type>;
    if constexpr (Op::primitive || !C::expands) {
        return detail::primitive<Op>(v...);
    } else if constexpr (Op::assisted && knows_machine<C>) {
        return C::has_assistance() ? detail::primitive<Op>(v...) : Op::apply(v...);
    } else {
        return Op::apply(v...);
    }
}

/// A complex number in registers, or in the body of a user's function.
template <class V>
struct complex_lane {
    V re, im;
};

template <class A>
inline constexpr bool is_complex_lane = false;
template <class V>
inline constexpr bool is_complex_lane<complex_lane<V>> = true;

/// The element type of what a function returns.
template <class V>
struct result_element {
    using type = V;  // a literal
};
template <class B>
struct result_element<lane<B>> {
    using type = typename lane<B>::value_type;
};
template <class V>
struct result_element<complex_lane<V>> {
    using type = std::complex<element_of<V>>;
};

/// Operations on lanes of which one is complex: see complex_lane.hpp.
template <class Op>
struct complex_lane_call;

// Finding the lane type that a mix of lanes and literals is meant in.

struct no_lane {};

template <class A>
struct lane_of {
    using type = no_lane;
};
template <class B>
struct lane_of<lane<B>> {
    using type = lane<B>;
};
template <class V>
struct lane_of<complex_lane<V>> {
    using type = V;
};

template <class A, class B>
struct wider_lane {
    using type = lane_as<typename promoted<element_of<A>, element_of<B>>::type, A>;
};
template <class A>
struct wider_lane<A, no_lane> {
    using type = A;
};
template <class B>
struct wider_lane<no_lane, B> {
    using type = B;
};
template <>
struct wider_lane<no_lane, no_lane> {
    using type = no_lane;
};

template <class A, class... Rest>
struct common_lane {
    using type = typename wider_lane<typename lane_of<A>::type, typename common_lane<Rest...>::type>::type;
};
template <class A>
struct common_lane<A> {
    using type = typename lane_of<A>::type;
};

template <class V, class A>
[[nodiscard]] constexpr V to_lane(A a) {
    if constexpr (is_lane<A>) {
        return detail::convert<element_of<V>>(a);
    } else {
        return V{a};
    }
}

/// The operation on lanes, those of 16-bit floats computed as float.
template <class Op, class V, class... A>
[[nodiscard]] constexpr auto apply_computed(A... a) {
    if constexpr (is_half_lane<V>) {
        const auto result = detail::apply_to_lanes<Op>(detail::computed_lane(a)...);
        if constexpr (Op::rule == type_rule::compare) return result;
        else return V{typename V::carrier_type{result.raw()}};
    } else {
        return detail::apply_to_lanes<Op>(a...);
    }
}

/// The type that an operation takes its operands as: T, their common type, but arithmetic takes bool as int32.
template <class Op, class T, bool HasBool>
using operand_type = typename std::conditional_t<HasBool && (Op::rule == type_rule::same || Op::rule == type_rule::integer),
                                                 promoted<T, std::int32_t>, std::type_identity<T>>::type;

/// Said at compile time of operands that an operation does not take.
template <class Op, class T>
constexpr bool check_operands() {
    static_assert(Op::rule != type_rule::floating || floating<T>,
                  "sinter: this function takes arrays of floating types: cast<float>(x) the integers first");
    static_assert(Op::rule != type_rule::integral || !floating<T>, "sinter: bit operations take arrays of integers or bool");
    static_assert(Op::rule != type_rule::integer || !floating<T>, "sinter: % takes arrays of integers");
    return true;
}

template <class A>
inline constexpr bool is_lane_of_bool = false;
template <class B>
inline constexpr bool is_lane_of_bool<lane<B>> = std::same_as<typename lane<B>::value_type, bool>;

/// The lane that the operands of an operation are taken as; V is their common one.
template <class Op, class V, bool HasBool>
using operand_lane = lane_as<operand_type<Op, element_of<V>, HasBool>, V>;

/// An operation on lanes and literals, at least one of them a lane.
template <class Op, class A>
[[nodiscard]] constexpr auto call_lanes(A a) {
    using V = operand_lane<Op, A, is_lane_of_bool<A>>;
    static_assert(detail::check_operands<Op, element_of<V>>());
    return detail::apply_computed<Op, V>(detail::to_lane<V>(a));
}
template <class Op, class A, class... B>
    requires(sizeof...(B) > 0)
[[nodiscard]] constexpr auto call_lanes(A a, B... b) {
    if constexpr (Op::rule == type_rule::select) {
        using found = typename common_lane<B...>::type;
        using V = typename std::conditional_t<
            std::same_as<found, no_lane>,
            std::type_identity<lane_as<std::common_type_t<std::conditional_t<is_lane<B>, float, B>...>, A>>,
            std::type_identity<found>>::type;
        return detail::apply_computed<Op, V>(a, detail::to_lane<V>(b)...);
    } else {
        using V = operand_lane<Op, typename common_lane<A, B...>::type, (is_lane_of_bool<A> || ... || is_lane_of_bool<B>)>;
        static_assert(detail::check_operands<Op, element_of<V>>());
        return detail::apply_computed<Op, V>(detail::to_lane<V>(a), detail::to_lane<V>(b)...);
    }
}

// The kinds of arguments. Plain numbers: an enumeration would be compared by our own operators while they are looked up.
inline constexpr int kind_none = 0;
inline constexpr int kind_literal = 1;
inline constexpr int kind_lane = 2;
inline constexpr int kind_static = 3;     // arrays of static shape
inline constexpr int kind_dynamic = 4;    // arrays, expressions, views

template <class A>
inline constexpr int kind_of = number_type<A> ? kind_literal : kind_none;
template <class B>
inline constexpr int kind_of<lane<B>> = kind_lane;
template <class V>
inline constexpr int kind_of<complex_lane<V>> = kind_lane;

/// The element type of an argument: void for plain numbers.
template <class A>
struct array_value {
    using type = void;
};

/// Complex numbers, and arrays of them.
template <class A>
inline constexpr bool involves_complex = is_complex<A> || is_complex<typename array_value<A>::type>;

/// The kind of a call: the highest of its arguments' (a static array beside a dynamic one is taken as dynamic), or none.
template <class... A>
inline constexpr int call_kind = [] {
    int best = kind_literal;
    for (const int k : {kind_of<std::remove_cvref_t<A>>...}) best = (k == kind_none || best == kind_none) ? kind_none : (k > best ? k : best);
    return best;
}();

/// True when Sinter's functions take these arguments: numbers, and at least one that is ours.
template <class... A>
concept operands = (detail::call_kind<A...> > kind_literal);

/// Applies Op to arguments of one kind; specialised for lanes here, for arrays in expression.hpp, for static ones in fixed.hpp.
template <int Kind>
struct caller;

template <>
struct caller<kind_lane> {
    template <class Op, class... A>
    [[nodiscard]] static constexpr auto call(A... a) {
        if constexpr ((is_complex_lane<A> || ...) || (is_complex<A> || ...)) return complex_lane_call<Op>::of(a...);
        else return detail::call_lanes<Op>(a...);
    }
};

template <class Op, class... A>
[[nodiscard]] constexpr auto call(A&&... a) {
    return caller<detail::call_kind<A...>>::template call<Op>(static_cast<A&&>(a)...);
}

}  // namespace sinter::inline v1::detail

/// Registers sinter::detail::op::NAME under its code. Stands at the global scope, after the struct.
#define SINTER_REGISTER(NAME)                                 \
    namespace sinter::inline v1::detail {                     \
    template <>                                               \
    struct operation_at<op::NAME::code> {                     \
        using type = op::NAME;                                \
    };                                                        \
    }

/// Registers the operation and declares the public function of its name, for arrays, expressions, lanes and numbers.
#define SINTER_FUNCTION(NAME)                                                        \
    SINTER_REGISTER(NAME)                                                            \
    namespace sinter::inline v1 {                                                    \
    template <class... A>                                                            \
        requires(detail::operands<A...> && sizeof...(A) == detail::op::NAME::arity)  \
    [[nodiscard]] constexpr auto NAME(A&&... a) {                                    \
        return detail::call<detail::op::NAME>(static_cast<A&&>(a)...);               \
    }                                                                                \
    }

/// The same for an operator with two operands, and with one.
#define SINTER_OPERATOR2(SYMBOL, NAME)                                                      \
    SINTER_REGISTER(NAME)                                                                   \
    namespace sinter::inline v1 {                                                           \
    template <class A, class B>                                                             \
        requires detail::operands<A, B>                                                     \
    [[nodiscard]] constexpr auto operator SYMBOL(A&& a, B&& b) {                            \
        return detail::call<detail::op::NAME>(static_cast<A&&>(a), static_cast<B&&>(b));    \
    }                                                                                       \
    }
#define SINTER_OPERATOR1(SYMBOL, NAME)                                                      \
    SINTER_REGISTER(NAME)                                                                   \
    namespace sinter::inline v1 {                                                           \
    template <class A>                                                                      \
        requires detail::operands<A>                                                        \
    [[nodiscard]] constexpr auto operator SYMBOL(A&& a) {                                   \
        return detail::call<detail::op::NAME>(static_cast<A&&>(a));                         \
    }                                                                                       \
    }
