#pragma once

#include <sinter/detail/operations.hpp>
#include <sinter/detail/record.hpp>

namespace sinter::inline v1 {

template <class T, index_t... Extents>
class array;

namespace detail {

/// Gathers the instructions of a statement while the compiler runs.
template <int Code, int Arrays, int Scalars, int Constants = 0>
struct tape_builder {
    tape_instruction code[Code > 0 ? Code : 1]{};
    dtype arrays[Arrays > 0 ? Arrays : 1]{};
    dtype scalars[Scalars > 0 ? Scalars : 1]{};
    std::uint64_t constants[Constants > 0 ? Constants : 1]{};
    dtype constant_types[Constants > 0 ? Constants : 1]{};
    std::uint16_t n_code = 0, n_arrays = 0, n_scalars = 0, n_constants = 0;
    tape_ref result = 0;

    constexpr tape_ref add_array(dtype t) {
        arrays[n_arrays] = t;
        return static_cast<tape_ref>(ref_array | n_arrays++);
    }
    constexpr tape_ref add_scalar(dtype t) {
        scalars[n_scalars] = t;
        return static_cast<tape_ref>(ref_scalar | n_scalars++);
    }
    constexpr tape_ref add_constant(dtype t, std::uint64_t bits) {
        constants[n_constants] = bits;
        constant_types[n_constants] = t;
        return static_cast<tape_ref>(ref_constant | n_constants++);
    }
    /// Of a product that is there.
    [[nodiscard]] constexpr std::pair<tape_ref, tape_ref> factors(tape_ref product) const { return {code[product & ref_index].a, code[product & ref_index].b}; }
    constexpr tape_ref add(std::uint16_t op, dtype t, bool contracted, tape_ref a, tape_ref b = 0, tape_ref c = 0) {
        code[n_code] = {op, t, contracted, a, b, c, 0};
        return static_cast<tape_ref>(ref_instruction | n_code++);
    }
};

/// How many constants the operands of an expression have; most have none, and say nothing of it.
template <class... E>
inline constexpr int constants_of = [] {
    const auto of = []<class X>(std::type_identity<X>) {
        if constexpr (requires { X::n_constants; }) {
            return X::n_constants;
        } else {
            return 0;
        }
    };
    return (0 + ... + of(std::type_identity<E>{}));
}();

/// An array in an expression. Elements of 16 bits become float as they are loaded.
template <class T>
struct array_operand {
    using value_type = T;
    static constexpr int n_code = half<T> ? 1 : 0, n_arrays = 1, n_scalars = 0;
    static constexpr bool is_product = false;
    edge reference;

    [[nodiscard]] const node* like() const noexcept { return reference.get(); }
    [[nodiscard]] static constexpr bool is_number() noexcept { return false; }
    template <class B>
    static constexpr tape_ref emit(B& b) {
        const tape_ref stored = b.add_array(dtype_of<T>);
        if constexpr (half<T>) return b.add(op::convert::code, dtype::f32, false, stored);
        else return stored;
    }
    template <class B>
    static constexpr tape_ref emit_stored(B& b) {
        return b.add_array(dtype_of<T>);
    }
    void collect(node**& arrays, std::uint64_t*&) { *arrays++ = reference.release(); }
};

/// A number in an expression.
template <class T>
struct number_operand {
    using value_type = T;
    static constexpr int n_code = 0, n_arrays = 0, n_scalars = 1;
    static constexpr bool is_product = false;
    computed_t<T> value;

    [[nodiscard]] const node* like() const noexcept { return nullptr; }
    [[nodiscard]] static constexpr bool is_number() noexcept { return true; }
    template <class B>
    static constexpr tape_ref emit(B& b) {
        return b.add_scalar(dtype_of<computed_t<T>>);
    }
    void collect(node**&, std::uint64_t*& scalars) { *scalars++ = detail::to_bits(value); }
};

/// One operation on operands that are held by value.
template <class Op, class T, class... E>
struct operation_node;

template <class Op, class T, class A>
struct operation_node<Op, T, A> {
    using value_type = T;
    // A conversion between types that are computed with as the same one is none.
    static constexpr bool is_free = std::same_as<Op, op::convert> && std::same_as<computed_t<T>, computed_t<typename A::value_type>>;
    static constexpr int n_code = (is_free ? 0 : 1) + A::n_code, n_arrays = A::n_arrays, n_scalars = A::n_scalars, n_constants = constants_of<A>;
    static constexpr bool is_product = false;
    A a;

    [[nodiscard]] static constexpr bool is_number() noexcept { return false; }
    [[nodiscard]] const node* like() const noexcept { return a.like(); }
    template <class B>
    static constexpr tape_ref emit(B& b) {
        const tape_ref x = A::emit(b);
        if constexpr (is_free) return x;
        else return b.add(Op::code, dtype_of<computed_t<T>>, false, x);
    }
    void collect(node**& arrays, std::uint64_t*& scalars) { a.collect(arrays, scalars); }
};

template <class Op, class T, class A, class B>
struct operation_node<Op, T, A, B> {
    using value_type = T;
    static constexpr int n_code = 1 + A::n_code + B::n_code;
    static constexpr int n_arrays = A::n_arrays + B::n_arrays;
    static constexpr int n_scalars = A::n_scalars + B::n_scalars;
    static constexpr int n_constants = constants_of<A, B>;
    static constexpr bool is_product = std::same_as<Op, op::multiply> && floating<T>;
    A a;
    B b;
    const node* shape_like;

    [[nodiscard]] static constexpr bool is_number() noexcept { return false; }
    [[nodiscard]] const node* like() const noexcept { return shape_like; }

    /// A product that is added or subtracted is one fma; the left one when both sides are products.
    template <class Builder>
    static constexpr tape_ref emit(Builder& t) {
        constexpr bool sum = std::same_as<Op, op::add>;
        constexpr bool difference = std::same_as<Op, op::subtract>;
        if constexpr ((sum || difference) && A::is_product) {
            const auto [x, y] = A::emit_factors(t);
            const tape_ref z = B::emit(t);
            return t.add(sum ? op::fma::code : op::fms::code, dtype_of<computed_t<T>>, true, x, y, z);
        } else if constexpr ((sum || difference) && B::is_product) {
            const tape_ref z = A::emit(t);
            const auto [x, y] = B::emit_factors(t);
            return t.add(sum ? op::fma::code : op::fnma::code, dtype_of<computed_t<T>>, true, x, y, z);
        } else {
            const tape_ref x = A::emit(t);
            const tape_ref y = B::emit(t);
            return t.add(Op::code, dtype_of<computed_t<T>>, false, x, y);
        }
    }
    template <class Builder>
    static constexpr std::pair<tape_ref, tape_ref> emit_factors(Builder& t) {
        const tape_ref x = A::emit(t);
        const tape_ref y = B::emit(t);
        return {x, y};
    }
    void collect(node**& arrays, std::uint64_t*& scalars) {
        a.collect(arrays, scalars);
        b.collect(arrays, scalars);
    }
};

template <class Op, class T, class A, class B, class C>
struct operation_node<Op, T, A, B, C> {
    using value_type = T;
    static constexpr int n_code = 1 + A::n_code + B::n_code + C::n_code;
    static constexpr int n_arrays = A::n_arrays + B::n_arrays + C::n_arrays;
    static constexpr int n_scalars = A::n_scalars + B::n_scalars + C::n_scalars;
    static constexpr int n_constants = constants_of<A, B, C>;
    static constexpr bool is_product = false;
    A a;
    B b;
    C c;
    const node* shape_like;

    [[nodiscard]] static constexpr bool is_number() noexcept { return false; }
    [[nodiscard]] const node* like() const noexcept { return shape_like; }
    template <class Builder>
    static constexpr tape_ref emit(Builder& t) {
        const tape_ref x = A::emit(t);
        const tape_ref y = B::emit(t);
        const tape_ref z = C::emit(t);
        return t.add(Op::code, dtype_of<computed_t<T>>, false, x, y, z);
    }
    void collect(node**& arrays, std::uint64_t*& scalars) {
        a.collect(arrays, scalars);
        b.collect(arrays, scalars);
        c.collect(arrays, scalars);
    }
};

/// A value rounded to 16 bits within a statement, where the program casts it.
template <half T, class A>
struct rounded_operand {
    using value_type = T;
    static constexpr int n_code = 2 + A::n_code, n_arrays = A::n_arrays, n_scalars = A::n_scalars;
    static constexpr bool is_product = false;
    A a;

    [[nodiscard]] static constexpr bool is_number() noexcept { return false; }
    [[nodiscard]] const node* like() const noexcept { return a.like(); }
    template <class B>
    static constexpr tape_ref emit_stored(B& b) {
        return b.add(op::convert::code, dtype_of<T>, false, A::emit(b));
    }
    template <class B>
    static constexpr tape_ref emit(B& b) {
        return b.add(op::convert::code, dtype::f32, false, emit_stored(b));
    }
    void collect(node**& arrays, std::uint64_t*& scalars) { a.collect(arrays, scalars); }
};

/// Whether an operand divides integers, which fails where the divisor is zero.
template <class E>
inline constexpr bool divides_integers = false;
template <class Op, class T, class... E>
inline constexpr bool divides_integers<operation_node<Op, T, E...>> = (Op::divides && std::integral<T>) || (divides_integers<E> || ...);
template <class T, class A>
inline constexpr bool divides_integers<rounded_operand<T, A>> = divides_integers<A>;

template <class E>
inline constexpr bool is_array_operand = false;
template <class T>
inline constexpr bool is_array_operand<array_operand<T>> = true;

/// The value of a statement as it is stored: the one place where what is computed as float is rounded to 16 bits.
template <class E, class B>
constexpr tape_ref emit_result(B& b) {
    if constexpr (requires { E::emit_stored(b); }) {
        return E::emit_stored(b);
    } else if constexpr (half<typename E::value_type>) {
        return b.add(op::convert::code, dtype_of<typename E::value_type>, false, E::emit(b));
    } else {
        return E::emit(b);
    }
}

/// The tape of an expression type, made by the compiler.
template <class E>
struct SINTER_LOCAL tape_of {
    static_assert(E::n_code < 0x3fff, "sinter: this statement has too many operations; split it in two");
    static constexpr auto parts = [] {
        tape_builder<E::n_code + (half<typename E::value_type> ? 1 : 0), E::n_arrays, E::n_scalars, constants_of<E>> b;
        b.result = detail::emit_result<E>(b);
        return b;
    }();
    static constinit inline tape value{.code = parts.code,
                                       .array_types = parts.arrays,
                                       .scalar_types = parts.scalars,
                                       .constants = parts.constants,
                                       .constant_types = parts.constant_types,
                                       .n_code = parts.n_code,
                                       .n_arrays = parts.n_arrays,
                                       .n_scalars = parts.n_scalars,
                                       .n_constants = parts.n_constants,
                                       .result = parts.result,
                                       .type = dtype_of<typename E::value_type>};
};

/// Room for what an expression holds, in the order of its tape.
template <class E>
struct collected {
    node* arrays[E::n_arrays > 0 ? E::n_arrays : 1];
    std::uint64_t scalars[E::n_scalars > 0 ? E::n_scalars : 1];

    explicit collected(E&& e) {
        if constexpr (E::n_arrays == 0) arrays[0] = nullptr;
        if constexpr (E::n_scalars == 0) scalars[0] = 0;
        node** a = arrays;
        std::uint64_t* s = scalars;
        e.collect(a, s);
    }
};

/// Records an expression as one statement. An array alone stays what it is.
template <class E>
[[nodiscard]] edge record(E&& e, source where) {
    collected<E> parts{static_cast<E&&>(e)};
    if constexpr (is_array_operand<E>) {
        return edge{parts.arrays[0]};
    } else {
        return edge{detail::record_map(tape_of<E>::value, parts.arrays, parts.scalars, where)};
    }
}

template <class T>
[[nodiscard]] const node* like_of(const array_operand<T>& a) noexcept {
    return a.reference.get();
}

// The shape of the operands of one operation; numbers do not count.

template <class A, class B>
[[nodiscard]] const node* merge_like(const A& a, const B& b, const char* name) {
    if constexpr (A::is_number()) {
        return b.like();
    } else if constexpr (B::is_number()) {
        return a.like();
    } else {
        return detail::broadcast(a.like(), b.like(), name);
    }
}
template <class A, class B, class C>
[[nodiscard]] const node* merge_like(const A& a, const B& b, const C& c, const char* name) {
    const node* ab = detail::merge_like(a, b, name);
    if constexpr (C::is_number()) {
        return ab;
    } else if constexpr (A::is_number() && B::is_number()) {
        return c.like();
    } else {
        return detail::broadcast(ab, c.like(), name);
    }
}

}  // namespace detail
}  // namespace sinter::inline v1
