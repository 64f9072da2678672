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

template <class Op>
struct complex_lane_call {
    template <class... A>
    [[nodiscard]] static constexpr auto of(A... a) {
        if constexpr (detail::check_complex<Op>()) {
            if constexpr (requires { requires Op::rule == type_rule::select; }) return choice(a...);
            else return apart(complex_form<Op>::apply(part<lanes<A...>>(a)...));
        }
    }

private:
    /// What a function makes is no product that the user spells.
    template <class R>
    [[nodiscard]] static constexpr R apart(R result) {
        if constexpr (!std::same_as<Op, op::multiply>) {
            const auto mark = [](auto part) {
                if constexpr (requires { carrier<decltype(part.raw())>::apart(part.raw()); }) carrier<decltype(part.raw())>::apart(part.raw());
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
    template <class C, class A, class B>
    [[nodiscard]] static constexpr auto choice(C condition, A a, B b) {
        static_assert(is_lane_of_bool<C>, "sinter: the condition of select is a comparison");
        // Two numbers beside a condition have the precision of the first.
        using found = typename common_lane<A, B>::type;
        using V = typename std::conditional_t<std::same_as<found, no_lane>, std::type_identity<lane_as<part_t<std::conditional_t<is_complex<A>, A, B>>, C>>, checked<A, B>>::type;
        return complex_form<Op>::apply(condition, part<V>(a), part<V>(b));
    }
};

}  // namespace sinter::inline v1::detail
