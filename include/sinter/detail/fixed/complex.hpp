#pragma once

#include <sinter/detail/complex_lane.hpp>
#include <sinter/detail/fixed/array.hpp>
#include <sinter/detail/fixed/contracting.hpp>

// Complex numbers in arrays of static shape: in memory their parts in turn, in registers two lanes, which operations take in the bodies that statements have.

namespace sinter::inline v1 {

namespace detail {
namespace fixed {

/// An operand as the body of an operation on complex numbers takes it: a product that the statement spells stays one, so that a sum contracts it.
template <class L, class Space, class N>
[[nodiscard, gnu::always_inline]] inline auto body_argument(const N& n, index_t row, index_t i) noexcept {
    using Target = typename L::target_type;
    if constexpr (requires { n.template factored<L, Space>(row, i); }) {
        return n.template factored<L, Space>(row, i);
    } else if constexpr (N::is_product) {
        return fixed::as_argument<Target>(n.a.template at<L, Space>(row, i)) * fixed::as_argument<Target>(n.b.template at<L, Space>(row, i));
    } else {
        return fixed::as_argument<Target>(n.template at<L, Space>(row, i));
    }
}

/// An operation with a complex operand or result.
template <class Op, class... N>
struct complex_on {
    using value_type = typename result_element<decltype(complex_form<Op>::apply(std::declval<typename single<typename N::value_type>::type>()...))>::type;
    using shape_type = typename broadcast_all<typename N::shape_type...>::type;
    using widest = typename widest_of<held_t<value_type>, typename N::widest...>::type;
    static constexpr bool is_product = false;
    template <class Space>
    static constexpr bool fits = (N::template fits<Space> && ...);
    std::tuple<N...> nodes;

    template <class L, class Space>
    [[gnu::always_inline]] auto factored(index_t row, index_t i) const noexcept {
        // Not by std::apply, which compilers leave as a call where there are many.
        return [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
            return detail::apart_from<Op>(complex_form<Op>::apply(fixed::body_argument<L, Space>(std::get<K>(nodes), row, i)...));
        }
        (std::index_sequence_for<N...>{});
    }
    template <class L, class Space>
    [[gnu::always_inline]] auto at(index_t row, index_t i) const noexcept {
        return fixed::as_result<L>(factored<L, Space>(row, i));
    }
};

template <class Op, class... N>
struct divisions<complex_on<Op, N...>> {
    static constexpr bool any = (divisions<N>::any || ...), expected = (divisions<N>::expected || ...);
    template <class Target>
    static void check(const complex_on<Op, N...>& node, source where) {
        std::apply([where](const N&... n) { (fixed::check_divisors<Target>(n, where), ...); }, node.nodes);
    }
};

/// An argument as a node with parts P: real ones stay real.
template <class P, class A>
[[nodiscard, gnu::always_inline]] constexpr auto node_of_parts(A&& a) noexcept {
    using plain = std::remove_cvref_t<A>;
    if constexpr (is_complex<plain>) {
        return number<std::complex<P>>{detail::number_as<std::complex<P>>(a)};
    } else if constexpr (!involves_complex<plain>) {
        return fixed::as_node<P>(static_cast<A&&>(a));
    } else if constexpr (std::same_as<part_t<typename plain::value_type>, P>) {
        return fixed::own_node(static_cast<A&&>(a));
    } else {
        return complex_on<complex_op::cast<P>, decltype(fixed::own_node(static_cast<A&&>(a)))>{{fixed::own_node(static_cast<A&&>(a))}};
    }
}

/// Op on nodes, which the functions make.
template <class Op, class... F>
[[nodiscard, gnu::always_inline]] constexpr auto make_complex(F... make) noexcept {
    using Node = complex_on<Op, std::invoke_result_t<F>...>;
    return fixed::express([&]() __attribute__((always_inline)) { return Node{std::tuple<std::invoke_result_t<F>...>{make()...}}; });
}
template <class Op, class P, class... A>
[[nodiscard, gnu::always_inline]] constexpr auto on_parts(A&&... a) noexcept {
    static_assert(std::floating_point<P>, "sinter: a complex number with an array of integers: cast<float>(x) the array first");
    return fixed::make_complex<Op>([&]() __attribute__((always_inline)) { return fixed::node_of_parts<P>(static_cast<A&&>(a)); }...);
}

template <class Op>
struct complex_call {
    template <class... A>
    [[nodiscard, gnu::always_inline]] static constexpr auto of(A&&... a) noexcept {
        if constexpr (!detail::check_complex<Op>()) {
            return fixed::express([] { return number<double>{}; });
        } else if constexpr (requires { requires Op::rule == type_rule::select; }) {
            return choice(static_cast<A&&>(a)...);
        } else {
            return fixed::on_parts<Op, typename common_part<std::remove_cvref_t<A>...>::type>(static_cast<A&&>(a)...);
        }
    }

private:
    template <class C, class A, class B>
    [[nodiscard, gnu::always_inline]] static constexpr auto choice(C&& c, A&& a, B&& b) noexcept {
        static_assert(std::same_as<typename array_value<std::remove_cvref_t<C>>::type, bool> || std::same_as<std::remove_cvref_t<C>, bool>,
                      "sinter: the condition of where is an array of bool: compare first");
        using P = typename common_part<std::remove_cvref_t<A>, std::remove_cvref_t<B>>::type;
        static_assert(std::floating_point<P>, "sinter: a complex number with an array of integers: cast<float>(x) the array first");
        return fixed::make_complex<Op>([&]() __attribute__((always_inline)) { return fixed::as_node<bool>(static_cast<C&&>(c)); },
                                       [&]() __attribute__((always_inline)) { return fixed::node_of_parts<P>(static_cast<A&&>(a)); },
                                       [&]() __attribute__((always_inline)) { return fixed::node_of_parts<P>(static_cast<B&&>(b)); });
    }
};

template <class U>
struct complex_cast {
    template <class A>
    [[nodiscard, gnu::always_inline]] static constexpr auto of(A&& a) noexcept {
        using T = typename std::remove_cvref_t<A>::value_type;
        if constexpr (std::same_as<U, bool>) {
            return complex_call<op::not_equal>::of(static_cast<A&&>(a), 0);
        } else if constexpr (is_complex<T>) {
            static_assert(is_complex<U>, "sinter: complex numbers do not become real ones on their own: take real(z), imag(z) or abs(z)");
            return fixed::express([&]() __attribute__((always_inline)) { return fixed::node_of_parts<part_t<U>>(static_cast<A&&>(a)); });
        } else {
            return fixed::on_parts<complex_op::cast<part_t<U>>, part_t<U>>(static_cast<A&&>(a));
        }
    }
};

}  // namespace fixed

template <class X>
concept static_complex = static_like<X> && is_complex<typename std::remove_cvref_t<X>::value_type>;
template <class X>
concept static_real = static_like<X> && std::floating_point<typename std::remove_cvref_t<X>::value_type>;

namespace fixed {

template <class Op, class... A>
[[nodiscard, gnu::always_inline]] constexpr auto complex_from(A&&... a) noexcept {
    using P = typename common_part<std::remove_cvref_t<A>...>::type;
    static_assert(std::floating_point<P>, "sinter: complex numbers of float and double only: cast<float>(x) the integers first");
    static_assert(!(involves_complex<std::remove_cvref_t<A>> || ...), "sinter: a part of a complex number is a real number");
    return fixed::on_parts<Op, P>(static_cast<A&&>(a)...);
}

}  // namespace fixed
}  // namespace detail

/// The real parts. Of real arrays: the values.
template <detail::static_complex X>
[[nodiscard, gnu::always_inline]] constexpr auto real(X&& x) noexcept {
    return detail::fixed::complex_call<detail::complex_op::real>::of(static_cast<X&&>(x));
}
template <detail::static_real X>
[[nodiscard, gnu::always_inline]] constexpr auto real(X&& x) noexcept {
    return cast<typename std::remove_cvref_t<X>::value_type>(static_cast<X&&>(x));
}

/// The imaginary parts. Of real arrays: zeros.
template <detail::static_complex X>
[[nodiscard, gnu::always_inline]] constexpr auto imag(X&& x) noexcept {
    return detail::fixed::complex_call<detail::complex_op::imag>::of(static_cast<X&&>(x));
}
template <detail::static_real X>
[[nodiscard]] constexpr auto imag(X&&) noexcept {
    using T = typename std::remove_cvref_t<X>::value_type;
    using S = typename std::remove_cvref_t<X>::shape_type;
    if constexpr (S::rank == 0) return detail::fixed::express([] { return detail::fixed::number<T>{0}; });
    else return typename detail::fixed::array_of<T, S>::type();
}

/// The conjugates: the imaginary parts with the other sign. Of real arrays: the values.
template <detail::static_complex X>
[[nodiscard, gnu::always_inline]] constexpr auto conj(X&& x) noexcept {
    return detail::fixed::complex_call<detail::complex_op::conj>::of(static_cast<X&&>(x));
}
template <detail::static_real X>
[[nodiscard, gnu::always_inline]] constexpr auto conj(X&& x) noexcept {
    return cast<typename std::remove_cvref_t<X>::value_type>(static_cast<X&&>(x));
}

/// The angles in the plane, in radians from -pi to pi: atan2(imag(z), real(z)).
template <class X>
    requires(detail::static_complex<X> || detail::static_real<X>)
[[nodiscard, gnu::always_inline]] constexpr auto arg(X&& x) noexcept {
    return detail::fixed::complex_call<detail::complex_op::arg>::of(static_cast<X&&>(x));
}
/// NumPy's name for arg.
template <class X>
    requires(detail::static_complex<X> || detail::static_real<X>)
[[nodiscard, gnu::always_inline]] constexpr auto angle(X&& x) noexcept {
    return detail::fixed::complex_call<detail::complex_op::arg>::of(static_cast<X&&>(x));
}

/// Complex numbers of their real and imaginary parts: arrays of float or double, or an array and a number.
template <class R, class I>
    requires(detail::call_kind<R, I> == detail::kind_static)
[[nodiscard, gnu::always_inline]] constexpr auto complex(R&& re, I&& im) noexcept {
    return detail::fixed::complex_from<detail::complex_op::of_parts>(static_cast<R&&>(re), static_cast<I&&>(im));
}

/// Complex numbers of their sizes and angles, in radians. Each part within 4 epsilons (2^-23, 2^-52) of itself.
template <class R, class A>
    requires(detail::call_kind<R, A> == detail::kind_static)
[[nodiscard, gnu::always_inline]] constexpr auto polar(R&& size, A&& angle) noexcept {
    return detail::fixed::complex_from<detail::complex_op::polar>(static_cast<R&&>(size), static_cast<A&&>(angle));
}

}  // namespace sinter::inline v1
