#pragma once

#include <sinter/detail/array_fwd.hpp>
#include <sinter/detail/fixed/reader.hpp>

namespace sinter::inline v1 {

/// An operation on arrays of static shape and numbers, still to be computed. It holds its operands by value, large named arrays
/// by reference; it is computed in place, wherever an array is made from it.
template <class Node, class T, index_t... E>
class static_expression : public detail::fixed::reader<static_expression<Node, T, E...>, T, E...> {
public:
    using value_type = T;

    /// From a function that makes the node, which then is never copied.
    template <class F>
        requires std::same_as<std::invoke_result_t<F>, Node>
    [[gnu::always_inline]] constexpr explicit static_expression(F make) noexcept : node_(make()) {}

    // Not for users.
    [[nodiscard, gnu::always_inline]] constexpr const Node& node() const noexcept { return node_; }

private:
    Node node_;
};

namespace detail {

template <class Node, class T, index_t... E>
inline constexpr int kind_of<static_expression<Node, T, E...>> = kind_static;
template <class T, index_t... E>
    requires(sizeof...(E) > 0 && ((E >= 0) && ...))
inline constexpr int kind_of<array<T, E...>> = kind_static;

template <class Node, class T, index_t... E>
inline constexpr bool is_failing<static_expression<Node, T, E...>> = fixed::divisions<Node>::expected;

/// Arrays and expressions of static shape.
template <class A>
concept static_like = kind_of<std::remove_cvref_t<A>> == kind_static;

template <class A>
    requires(kind_of<A> == kind_static)
struct array_value<A> {
    using type = typename A::value_type;
};

namespace fixed {

template <class Node, class S>
struct expression_of;
template <class Node, index_t... E>
struct expression_of<Node, static_shape<E...>> {
    using type = static_expression<Node, typename Node::value_type, E...>;
};

/// The expression whose node make returns.
template <class F>
[[nodiscard, gnu::always_inline]] constexpr auto express(F make) noexcept {
    using Node = std::invoke_result_t<F>;
    return typename expression_of<Node, typename Node::shape_type>::type(make);
}

template <class A>
struct is_array : std::false_type {};
template <class T, index_t... E>
struct is_array<array<T, E...>> : std::true_type {
    using shape_type = static_shape<E...>;
};

/// An argument as a node of its own element type.
template <class A>
[[nodiscard, gnu::always_inline]] constexpr auto own_node(A&& a) noexcept {
    using plain = std::remove_cvref_t<A>;
    if constexpr (!is_array<plain>::value) {
        return a.node();
    } else {
        using T = typename plain::value_type;
        using S = typename is_array<plain>::shape_type;
        if constexpr (std::is_lvalue_reference_v<A> && sizeof(plain) > largest_copy) return array_by_reference<T, S>{a.data()};
        else return array_by_value<T, S, this_target>{a.elements()};
    }
}

/// An argument as a node of element type T.
template <class T, class A>
[[nodiscard, gnu::always_inline]] constexpr auto as_node(A&& a) noexcept {
    using plain = std::remove_cvref_t<A>;
    if constexpr (number_type<plain>) {
        static_assert(!(floating<plain> && !floating<T>),
                      "sinter: a floating-point number with an array of integers: cast<float>(x) the array first, or cast the number");
        return number<T>{static_cast<computed_t<T>>(a)};
    } else if constexpr (std::same_as<typename plain::value_type, T>) {
        return fixed::own_node(static_cast<A&&>(a));
    } else {
        return converted<T, decltype(fixed::own_node(static_cast<A&&>(a)))>{fixed::own_node(static_cast<A&&>(a))};
    }
}

/// An argument that the program casts to U: to 16 bits, it is rounded there, unless it is stored so.
template <class U, class A>
[[nodiscard, gnu::always_inline]] constexpr auto cast_node(A&& a) noexcept {
    using plain = std::remove_cvref_t<A>;
    if constexpr (!half<U> || (is_array<plain>::value && std::same_as<typename plain::value_type, U>)) return fixed::as_node<U>(static_cast<A&&>(a));
    else return rounded<U, decltype(fixed::own_node(static_cast<A&&>(a)))>{fixed::own_node(static_cast<A&&>(a))};
}

/// The type of an operation on the array arguments among A; void for numbers.
template <class A, class... Rest>
struct common_value {
    static constexpr auto own() {
        if constexpr (number_type<A>) return std::type_identity<void>{};
        else return std::type_identity<typename A::value_type>{};
    }
    static constexpr auto pick() {
        using first = typename decltype(own())::type;
        if constexpr (sizeof...(Rest) == 0) {
            return std::type_identity<first>{};
        } else {
            using others = typename common_value<Rest...>::type;
            if constexpr (std::is_void_v<first>) return std::type_identity<others>{};
            else if constexpr (std::is_void_v<others>) return std::type_identity<first>{};
            else return std::type_identity<typename promoted<first, others>::type>{};
        }
    }
    using type = typename decltype(pick())::type;
};

/// Op on arguments taken as T, with results of type R.
template <class Op, class R, class... T, class... A>
[[nodiscard, gnu::always_inline]] constexpr auto operation(A&&... a) noexcept {
    using Node = operation_on<Op, R, decltype(fixed::as_node<T>(static_cast<A&&>(a)))...>;
    return fixed::express([&]() __attribute__((always_inline)) { return Node{fixed::as_node<T>(static_cast<A&&>(a))...}; });
}

template <class T, class>
using same_for = T;

/// Operations where complex numbers take part, and casts to and from them: complex.hpp.
template <class Op>
struct complex_call;
template <class U>
struct complex_cast;

}  // namespace fixed

template <>
struct caller<kind_static> {
    template <class Op, class... A>
    [[nodiscard, gnu::always_inline]] static constexpr auto call(A&&... a) noexcept {
        if constexpr ((involves_complex<std::remove_cvref_t<A>> || ...)) {
            return fixed::complex_call<Op>::of(static_cast<A&&>(a)...);
        } else if constexpr (Op::rule == type_rule::select) {
            return choose<Op>(static_cast<A&&>(a)...);
        } else {
            using found = typename fixed::common_value<std::remove_cvref_t<A>...>::type;
            using T = operand_type<Op, found, (std::same_as<typename fixed::common_value<std::remove_cvref_t<A>>::type, bool> || ...)>;
            static_assert(detail::check_operands<Op, T>());
            using R = std::conditional_t<Op::rule == type_rule::compare, bool, T>;
            return fixed::operation<Op, R, fixed::same_for<T, A>...>(static_cast<A&&>(a)...);
        }
    }

private:
    template <class Op, class C, class A, class B>
    [[nodiscard, gnu::always_inline]] static constexpr auto choose(C&& c, A&& a, B&& b) noexcept {
        using condition = typename fixed::common_value<std::remove_cvref_t<C>>::type;
        static_assert(std::same_as<condition, bool> || std::same_as<std::remove_cvref_t<C>, bool>,
                      "sinter: the condition of where is an array of bool: compare first");
        using found = typename fixed::common_value<std::remove_cvref_t<A>, std::remove_cvref_t<B>>::type;
        using T = typename std::conditional_t<std::is_void_v<found>, std::common_type<std::remove_cvref_t<A>, std::remove_cvref_t<B>>,
                                              std::type_identity<found>>::type;
        return fixed::operation<Op, T, bool, T, T>(static_cast<C&&>(c), static_cast<A&&>(a), static_cast<B&&>(b));
    }
};

}  // namespace detail

/// The values as another element type. Floating to integer: toward zero; out of range and NaN give the type's lowest value.
template <class U, detail::static_like A>
[[nodiscard, gnu::always_inline]] constexpr auto cast(A&& a) noexcept {
    static_assert(detail::element<U>, "sinter: cast<U>: U is not a type that an array can hold");
    if constexpr (detail::is_complex<U> || detail::involves_complex<std::remove_cvref_t<A>>) return detail::fixed::complex_cast<U>::of(static_cast<A&&>(a));
    else return detail::fixed::express([&]() __attribute__((always_inline)) { return detail::fixed::cast_node<U>(static_cast<A&&>(a)); });
}

}  // namespace sinter::inline v1
