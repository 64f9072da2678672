#pragma once

#include <sinter/detail/extents.hpp>
#include <sinter/detail/fixed/errors.hpp>
#include <sinter/detail/fixed/loop.hpp>
#include <sinter/detail/may_fail.hpp>
#include <sinter/detail/source.hpp>

// Where integers are divided, whether any divisor is zero is found before anything is stored.

namespace sinter::inline v1::detail::fixed {

[[noreturn, gnu::cold]] inline void throw_divided_by_zero(const char* operation, std::span<const index_t> shape, source where) {
    throw value_error(detail::text_of_place(where) + operation + ": an integer is divided by zero, in shape " + detail::text_of_shape(shape));
}

/// Computes a node's values, in row-major order, without a look at divisors.
template <class Target, class Node>
[[gnu::always_inline]] inline void assign_unchecked(typename Node::value_type* out, const Node& node) {
    fixed::run<Target, space_of<Node>, typename Node::widest>(assign_job<Node>{node, out});
}

/// The divisions of integers within a node: whether there may be any, and whether to expect them, so that errors name a line.
template <class Node>
struct divisions {
    static constexpr bool any = false, expected = false;
};
template <class U, class A>
struct divisions<converted<U, A>> {
    static constexpr bool any = divisions<A>::any, expected = divisions<A>::expected;
    template <class Target>
    static void check(const converted<U, A>& node, source where) {
        divisions<A>::template check<Target>(node.a, where);
    }
};
template <class U, class A>
struct divisions<rounded<U, A>> : divisions<converted<U, A>> {
    template <class Target>
    static void check(const rounded<U, A>& node, source where) {
        divisions<A>::template check<Target>(node.a, where);
    }
};
template <class Op, class T, class... E>
struct divisions<operation_on<Op, T, E...>> {
    static constexpr bool here = Op::divides && std::integral<T>;
    static constexpr bool any = here || (divisions<E>::any || ...), expected = here || (divisions<E>::expected || ...);
    template <class Target>
    static void check(const operation_on<Op, T, E...>& node, source where) {
        const auto within = [where]<class N>(const N& n) {
            if constexpr (divisions<N>::any) divisions<N>::template check<Target>(n, where);
        };
        within(node.a);
        if constexpr (sizeof...(E) > 1) within(node.b);
        if constexpr (sizeof...(E) > 2) within(node.c);
        if constexpr (here) {
            using B = std::remove_cvref_t<decltype(node.b)>;
            storage<T, B::shape_type::size> divisors;
            fixed::assign_unchecked<Target>(divisors.element, node.b);
            bool zero = false;
            for (index_t i = 0; i < B::shape_type::size; ++i) zero |= divisors.element[i] == T(0);
            if (zero) fixed::throw_divided_by_zero(Op::name, B::shape_type::extents, where);
        }
    }
};

/// Throws value_error, with the place, where a node divides integers by zero.
template <class Target, class Node>
[[gnu::always_inline]] inline void check_divisors(const Node& node, [[maybe_unused]] source where) {
    if constexpr (divisions<Node>::any) divisions<Node>::template check<Target>(node, where);
}

/// Computes a node's values, in row-major order.
template <class Target, class Node>
[[gnu::always_inline]] inline void assign(typename Node::value_type* out, const Node& node, source where) {
    fixed::check_divisors<Target>(node, where);
    fixed::assign_unchecked<Target>(out, node);
}

}  // namespace sinter::inline v1::detail::fixed
