#pragma once

#include <sinter/detail/complex_functions.hpp>
#include <sinter/detail/complex_types.hpp>

// Complex numbers in the user's functions: an element is its two parts, and operations are the same bodies that statements have.

namespace sinter::inline v1::detail {

/// Operations that compare sizes; those of other functions that complex numbers do not have here.
template <class Op>
inline constexpr bool needs_order =
    std::same_as<Op, op::less> || std::same_as<Op, op::less_equal> || std::same_as<Op, op::minimum> || std::same_as<Op, op::maximum> || std::same_as<Op, op::fmin> ||
    std::same_as<Op, op::fmax> || std::same_as<Op, op::clip> || std::same_as<Op, op::sign> || std::same_as<Op, op::copysign>;

/// Said at compile time of an operation that complex numbers do not have.
template <class Op>
constexpr bool check_complex() {
    static_assert(complex_form<Op>::is_defined || !needs_order<Op>, "sinter: complex numbers have no order: compare abs(z), real(z) or imag(z)");
    static_assert(complex_form<Op>::is_defined || needs_order<Op>,
                  "sinter: this operation is not there for complex numbers: take real(z), imag(z), abs(z) or arg(z), and complex(re, im) of the results");
    return complex_form<Op>::is_defined;
}

/// What of an argument's type its parts are; void for real numbers, which take the others' type.
template <class A>
using argument_part = std::conditional_t<std::is_arithmetic_v<A>, void, part_t<std::conditional_t<is_complex<A>, A, typename array_value<A>::type>>>;

template <class A, class B>
struct part_with : promoted<A, B> {};
template <class B>
struct part_with<void, B> {
    using type = B;
};
template <class A>
struct part_with<A, void> {
    using type = A;
};
template <>
struct part_with<void, void> {
    using type = void;
};
template <class... P>
struct all_parts {
    using type = void;
};
template <class P, class... Rest>
struct all_parts<P, Rest...> : part_with<P, typename all_parts<Rest...>::type> {};

/// The type of the parts that an operation is carried out in: that of the arrays; that of the complex numbers, if no operand is an array (but where's condition).
template <class... A>
struct common_part {
    using of_arrays = typename all_parts<std::conditional_t<is_complex<A>, void, argument_part<A>>...>::type;
    using type = typename std::conditional_t<std::is_void_v<of_arrays>, all_parts<argument_part<A>...>, std::type_identity<of_arrays>>::type;
};

/// What a function makes is no product that the user spells: carriers that remember products are told.
template <class Op, class R>
[[nodiscard]] constexpr R apart_from(R result) {
    if constexpr (!std::same_as<Op, op::multiply>) {
        const auto mark = [](auto& part) {
            using V = std::remove_cvref_t<decltype(part)>;
            using C = carrier<typename V::carrier_type>;
            if constexpr (requires { C::apart(part.raw()); }) part = V(C::apart(part.raw()));
        };
        if constexpr (is_complex_lane<R>) {
            mark(result.re);
            mark(result.im);
        } else {
            mark(result);
        }
    }
    return result;
}

template <class Op>
struct complex_lane_call {
    template <class... A>
    [[nodiscard]] static constexpr auto of(A... a) {
        if constexpr (detail::check_complex<Op>()) {
            if constexpr (requires { requires Op::rule == type_rule::select; }) return choice(a...);
            else return detail::apart_from<Op>(complex_form<Op>::apply(part<lanes<A...>>(a)...));
        }
    }

private:
    /// The lane of the parts.
    template <class... A>
    struct checked {
        using type = typename common_lane<A...>::type;
        static_assert(std::floating_point<element_of<type>>, "sinter: a complex number with integers: cast<float>(x) them first");
    };
    template <class... A>
    using lanes = typename checked<A...>::type;

    template <class V, class A>
    [[nodiscard]] static constexpr auto part(A a) {
        using T = element_of<V>;
        if constexpr (is_complex_lane<A>) return complex_lane<V>{detail::convert<T>(a.re), detail::convert<T>(a.im)};
        else if constexpr (is_complex<A>) return complex_lane<V>{V(static_cast<T>(a.real())), V(static_cast<T>(a.imag()))};
        else return detail::to_lane<V>(a);
    }
    /// Two numbers beside a condition have the precision of the first.
    template <class C, class A, class B>
    [[nodiscard]] static constexpr auto chosen_lane() {
        if constexpr (std::same_as<typename common_lane<A, B>::type, no_lane>) return std::type_identity<lane_as<part_t<std::conditional_t<is_complex<A>, A, B>>, C>>{};
        else return std::type_identity<lanes<A, B>>{};
    }
    template <class C, class A, class B>
    [[nodiscard]] static constexpr auto choice(C condition, A a, B b) {
        static_assert(is_lane_of_bool<C>, "sinter: the condition of select is a comparison");
        using V = typename decltype(chosen_lane<C, A, B>())::type;
        return complex_form<Op>::apply(condition, part<V>(a), part<V>(b));
    }
};

}  // namespace sinter::inline v1::detail
