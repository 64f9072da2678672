#pragma once

#include <sinter/detail/complex_lane.hpp>
#include <sinter/detail/reader.hpp>
#include <sinter/detail/taped_lane.hpp>

#include <tuple>

// Expressions with complex operands. On the tape of a statement there are only their parts: of an array they are taken at the beginning, a complex result is made of them at the end.

namespace sinter::inline v1::detail {

/// A complex number in an expression.
template <class T>
struct number_operand<std::complex<T>> {
    using value_type = std::complex<T>;
    static constexpr int n_code = 0, n_arrays = 0, n_scalars = 2;
    static constexpr bool is_product = false;
    value_type value;

    [[nodiscard]] const node* like() const noexcept { return nullptr; }
    [[nodiscard]] static constexpr bool is_number() noexcept { return true; }
    template <class B>
    static constexpr auto parts(B& b) {
        const tape_ref re = b.add_scalar(dtype_of<T>);
        return whole<lane<taped<T, B>>>{lane<taped<T, B>>{{&b, re}}, lane<taped<T, B>>{{&b, b.add_scalar(dtype_of<T>)}}};
    }
    void collect(node**&, std::uint64_t*& scalars) {
        *scalars++ = detail::to_bits(value.real());
        *scalars++ = detail::to_bits(value.imag());
    }
};

/// An operand of an operation on parts: its lanes, and what it takes to get them.
template <class E>
struct operand_parts {
    using T = typename E::value_type;
    static constexpr bool from_memory = is_complex<T> && !requires { requires E::has_parts; } && E::n_arrays > 0;
    static constexpr int n_code = E::n_code + (from_memory ? 2 : 0);

    template <class B>
    static constexpr auto emit(B& b) {
        if constexpr (!is_complex<T>) {
            return lane<taped<T, B>>{{.builder = &b, .ref = E::emit(b), .is_product = E::is_product}};
        } else if constexpr (from_memory) {
            using P = part_t<T>;
            const tape_ref z = E::emit(b);
            const tape_ref re = b.add(code_real, dtype_of<P>, false, z);
            return whole<lane<taped<P, B>>>{lane<taped<P, B>>{{&b, re}}, lane<taped<P, B>>{{&b, b.add(code_imag, dtype_of<P>, false, z)}}};
        } else {
            return E::parts(b);
        }
    }
    /// The same, for counting.
    static constexpr auto count(tape_counter& b) {
        using L = lane<taped<part_t<T>, tape_counter>>;
        if constexpr (is_complex<T>) {
            return whole<L>{L{{&b}}, L{{&b}}};
        } else {
            return L{{&b}};
        }
    }
};

template <class Op, class... E>
[[nodiscard]] constexpr tape_counter counted_parts() {
    tape_counter b;
    auto result = complex_form<Op>::apply(operand_parts<E>::count(b)...);
    const auto put = [&](auto part) { static_cast<void>(part.raw().on(b)); };
    if constexpr (requires { result.re; }) {
        put(result.re);
        put(result.im);
        ++b.n_code;
    } else {
        put(result);
    }
    return b;
}

template <class R>
struct parts_result {
    using type = element_of<R>;
};
template <class V>
struct parts_result<whole<V>> {
    using type = std::complex<element_of<V>>;
};

/// One operation with a complex operand or result, on operands that are held by value.
template <class Op, class... E>
struct complex_node {
    using value_type =
        typename parts_result<decltype(complex_form<Op>::apply(operand_parts<E>::count(std::declval<tape_counter&>())...))>::type;
    static constexpr tape_counter own = counted_parts<Op, E...>();
    static constexpr int n_code = own.n_code + (0 + ... + operand_parts<E>::n_code);
    static constexpr int n_arrays = (0 + ... + E::n_arrays), n_scalars = (0 + ... + E::n_scalars);
    static constexpr int n_constants = own.n_constants + constants_of<E...>;
    static constexpr bool is_product = false, has_parts = is_complex<value_type>;
    std::tuple<E...> operands;
    const node* shape_like;

    [[nodiscard]] static constexpr bool is_number() noexcept { return false; }
    [[nodiscard]] const node* like() const noexcept { return shape_like; }
    template <class B>
    static constexpr auto parts(B& b) {
        // Braces, so that the operands are put on the tape from left to right.
        const std::tuple<decltype(operand_parts<E>::emit(b))...> lanes{operand_parts<E>::emit(b)...};
        auto result = std::apply([](auto... x) { return complex_form<Op>::apply(x...); }, lanes);
        const auto put = [&](auto part) {
            auto raw = part.raw();
            raw.ref = raw.on(b);
            raw.builder = &b;
            // What a function makes is no product that the statement spells.
            raw.is_product = raw.is_product && std::same_as<Op, op::multiply>;
            return decltype(part){raw};
        };
        if constexpr (has_parts) {
            const auto re = put(result.re);
            return decltype(result){re, put(result.im)};
        } else {
            return put(result);
        }
    }
    template <class B>
    static constexpr tape_ref emit(B& b) {
        const auto result = parts(b);
        if constexpr (has_parts) {
            return b.add(code_complex, dtype_of<value_type>, false, result.re.raw().ref, result.im.raw().ref);
        } else {
            return result.raw().ref;
        }
    }
    void collect(node**& arrays, std::uint64_t*& scalars) {
        std::apply([&](auto&... e) { (e.collect(arrays, scalars), ...); }, operands);
    }
};

template <class Op, class... E>
[[nodiscard]] auto make_complex(E&&... e) {
    using node_type = complex_node<Op, std::remove_cvref_t<E>...>;
    const node* like = nullptr;
    if constexpr (sizeof...(E) == 1) {
        like = (e.like(), ...);
    } else {
        like = detail::merge_like(e..., Op::name);
    }
    return expression<node_type>{node_type{{static_cast<E&&>(e)...}, like}};
}

/// The operand that an array, expression or view is.
template <class A>
[[nodiscard]] auto own_operand(A&& a) {
    using plain = std::remove_cvref_t<A>;
    if constexpr (requires { a.operand(); }) {
        return std::remove_cvref_t<decltype(a.operand())>{static_cast<A&&>(a).operand()};
    } else {
        return array_operand<typename plain::value_type>{static_cast<A&&>(a).reading()};
    }
}

/// An argument as an operand with parts P: real ones stay real.
template <class P, class A>
[[nodiscard]] auto operand_of_parts(A&& a) {
    using plain = std::remove_cvref_t<A>;
    if constexpr (is_complex<plain>) {
        return number_operand<std::complex<P>>{detail::number_as<std::complex<P>>(a)};
    } else if constexpr (std::is_arithmetic_v<plain>) {
        return number_operand<P>{static_cast<P>(a)};
    } else if constexpr (!involves_complex<plain>) {
        return detail::as_operand<P>(static_cast<A&&>(a));
    } else if constexpr (std::same_as<part_t<typename plain::value_type>, P>) {
        return detail::own_operand(static_cast<A&&>(a));
    } else {
        return detail::make_complex<complex_op::cast<P>>(detail::own_operand(static_cast<A&&>(a))).operand();
    }
}

template <class T>
struct complex_operand {
    template <class A>
    [[nodiscard]] static auto of(A&& a) {
        using plain = std::remove_cvref_t<A>;
        if constexpr (is_complex<T>) {
            using P = part_t<T>;
            if constexpr (is_complex<plain> || std::is_arithmetic_v<plain>) {
                return number_operand<T>{detail::number_as<T>(a)};
            } else if constexpr (involves_complex<plain>) {
                return detail::operand_of_parts<P>(static_cast<A&&>(a));
            } else {
                return detail::make_complex<complex_op::cast<P>>(detail::as_operand<P>(static_cast<A&&>(a))).operand();
            }
        } else if constexpr (std::same_as<T, bool>) {
            return complex_call<std::conditional_t<is_complex<T>, void, op::not_equal>>::of(static_cast<A&&>(a), 0).operand();
        } else {
            static_assert(is_complex<T>, "sinter: complex numbers do not become real ones on their own: take real(z), imag(z) or abs(z)");
            return number_operand<T>{};
        }
    }
};

template <class Op>
struct complex_call {
    template <class... A>
    [[nodiscard]] static auto of(A&&... a) {
        if constexpr (!detail::check_complex<Op>()) {
            return expression<number_operand<double>>{{}};
        } else if constexpr (requires { requires Op::rule == type_rule::select; }) {
            return choice(static_cast<A&&>(a)...);
        } else {
            using P = typename common_part<std::remove_cvref_t<A>...>::type;
            static_assert(std::floating_point<P>, "sinter: a complex number with an array of integers: cast<float>(x) the array first");
            return detail::make_complex<Op>(detail::operand_of_parts<P>(static_cast<A&&>(a))...);
        }
    }

private:
    template <class C, class A, class B>
    [[nodiscard]] static auto choice(C&& c, A&& a, B&& b) {
        static_assert(std::same_as<typename common_value<C>::type, bool> || std::same_as<std::remove_cvref_t<C>, bool>,
                      "sinter: the condition of where is an array of bool: compare first");
        using P = typename common_part<std::remove_cvref_t<A>, std::remove_cvref_t<B>>::type;
        static_assert(std::floating_point<P>, "sinter: a complex number with an array of integers: cast<float>(x) the array first");
        return detail::make_complex<Op>(detail::as_operand<bool>(static_cast<C&&>(c)), detail::operand_of_parts<P>(static_cast<A&&>(a)),
                                        detail::operand_of_parts<P>(static_cast<B&&>(b)));
    }
};

}  // namespace sinter::inline v1::detail
