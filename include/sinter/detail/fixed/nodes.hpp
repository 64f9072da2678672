#pragma once

#include <sinter/detail/fixed/shape.hpp>
#include <sinter/detail/fixed/target.hpp>

#include <tuple>

// The parts of an expression of static shape. Every node has its element type, its shape, the widest type in it, and
//     at<L, Space>(row, i)    the lanes L of the elements from i on, in a row of the space.

namespace sinter::inline v1::detail::fixed {

/// The alignment of n elements in place: as much as divides their size, at most a cache line.
template <class T>
[[nodiscard]] constexpr std::size_t alignment_of(index_t n) noexcept {
    const std::size_t bytes = sizeof(T) * static_cast<std::size_t>(n);
    std::size_t a = alignof(T);
    while (a < 64 && bytes > 0 && bytes % (2 * a) == 0) a *= 2;
    return a;
}

struct uninitialized_t {};
inline constexpr uninitialized_t uninitialized{};

template <class A, class... Rest>
struct widest_of {
    using type = wider_type<A, typename widest_of<Rest...>::type>;
};
template <class A>
struct widest_of<A> {
    using type = A;
};

/// Elements in place.
template <class T, index_t N>
struct storage {
    alignas(fixed::alignment_of<T>(N)) T element[N > 0 ? N : 1];
};
/// Complex numbers have no values before they are given some.
template <complex_number T, index_t N>
struct storage<T, N> {
    union {
        alignas(fixed::alignment_of<T>(N)) T element[N > 0 ? N : 1];
    };
    [[gnu::always_inline]] storage() noexcept {}
};

template <class L, class Space, class S, class T>
[[gnu::always_inline]] inline auto load_at(const T* data, index_t row, index_t i) noexcept {
    const T* start = data + Space::template offset<S>(row);
    if constexpr (Space::template constant<S>)
        return fixed::constant_of<L, T>(*start);
    else
        return L::load(start + i);
}

template <class T, std::size_t Width>
struct piece_of {
    using type = native_vector_t<T, Width * sizeof(T)>;
};
template <class T>
struct piece_of<T, 1> {
    using type = T;
};

/// N elements as the registers and single elements that a short loop over them takes (see run in loop.hpp): compilers then keep
/// them in registers, which they do not with arrays. In memory they are contiguous.
template <class T, class Target, std::size_t N>
struct pieces {
    static constexpr std::size_t width = fixed::lanes_for<Target>(N, sizeof(T));
    static constexpr std::size_t rest = N % width;
    using piece = typename piece_of<T, width>::type;
    piece head[N / width];
    pieces<T, Target, rest> tail;

    [[gnu::always_inline]] explicit pieces(const T* from) noexcept : tail(from + (N - rest)) {
        [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
            (__builtin_memcpy(&head[K], from + K * width, sizeof(piece)), ...);
        }
        (std::make_index_sequence<N / width>{});
    }

    /// Whether lanes of so many elements are a piece, and those from i on one.
    static constexpr bool has(std::size_t count) noexcept { return count == width || pieces<T, Target, rest>::has(count); }
    [[gnu::always_inline]] static constexpr bool has(std::size_t count, index_t i) noexcept {
        const auto at = static_cast<std::size_t>(i);
        if (at >= N - rest) return pieces<T, Target, rest>::has(count, i - static_cast<index_t>(N - rest));
        return count == width && at % width == 0;
    }
    template <class L>
    [[gnu::always_inline]] auto get(index_t i) const noexcept {
        using V = typename L::template lane_type<T>;
        if constexpr (L::count == width) {
            const piece& p = head[i / static_cast<index_t>(width)];
            if constexpr (width > 1)
                return V(batch_ops<T, typename L::arch>::from_native(p));
            else
                return V(element_value<T, Target>{p});
        } else {
            return tail.template get<L>(i - static_cast<index_t>(N - rest));
        }
    }
};
template <class T, class Target>
struct pieces<T, Target, 0> {
    [[gnu::always_inline]] explicit pieces(const T*) noexcept {}
    static constexpr bool has(std::size_t) noexcept { return false; }
    static constexpr bool has(std::size_t, index_t) noexcept { return false; }
};

/// Loops over so many bytes are taken apart into registers of several sizes.
inline constexpr std::size_t short_loop = 64;

/// A small or unnamed array.
template <class T, class S, class Target>
struct array_by_value {
    using value_type = T;
    using shape_type = S;
    using widest = held_t<T>;
    static constexpr bool is_product = false;
    template <class Space>
    static constexpr bool fits = Space::template fits<S>;

    static constexpr auto size = static_cast<std::size_t>(S::size);
    static constexpr bool in_pieces = size > 0 && size * sizeof(T) <= short_loop && !std::same_as<T, bool> && !half<T> && !is_complex<T>;
    using data_type = typename std::conditional_t<in_pieces, std::type_identity<pieces<T, Target, in_pieces ? size : 0>>,
                                                  std::type_identity<storage<T, S::size>>>::type;
    data_type data;

    [[gnu::always_inline]] explicit array_by_value(const storage<T, S::size>& from) noexcept : data(start(from)) {}

    template <class L, class Space>
    [[gnu::always_inline]] auto at(index_t row, index_t i) const noexcept {
        if constexpr (in_pieces && Space::rows == 1 && Space::inner == S::size && L::widest_bytes == sizeof(T)) {
            if constexpr (data_type::has(L::count)) {
                if (data_type::has(L::count, i)) return data.template get<L>(i);
            }
        }
        return fixed::load_at<L, Space, S>(reinterpret_cast<const T*>(&data), row, i);
    }

private:
    [[gnu::always_inline]] static decltype(auto) start(const storage<T, S::size>& from) noexcept {
        if constexpr (in_pieces)
            return static_cast<const T*>(from.element);
        else
            return (from);
    }
};

/// A large array that has a name.
template <class T, class S>
struct array_by_reference {
    using value_type = T;
    using shape_type = S;
    using widest = held_t<T>;
    static constexpr bool is_product = false;
    template <class Space>
    static constexpr bool fits = Space::template fits<S>;
    const T* data;

    template <class L, class Space>
    [[gnu::always_inline]] auto at(index_t row, index_t i) const noexcept {
        return fixed::load_at<L, Space, S>(data, row, i);
    }
};

/// A number.
template <class T>
struct number {
    using value_type = T;
    using shape_type = static_shape<>;
    using widest = held_t<T>;
    static constexpr bool is_product = false;
    template <class Space>
    static constexpr bool fits = true;
    computed_t<T> value;

    template <class L, class Space>
    [[gnu::always_inline]] auto at(index_t, index_t) const noexcept {
        return fixed::constant_of<L, T>(value);
    }
};

/// A value as another element type.
template <class U, class A>
struct converted {
    using value_type = U;
    using shape_type = typename A::shape_type;
    using widest = wider_type<computed_t<U>, typename A::widest>;
    static constexpr bool is_product = false;
    template <class Space>
    static constexpr bool fits = A::template fits<Space>;
    A a;

    template <class L, class Space>
    [[gnu::always_inline]] auto at(index_t row, index_t i) const noexcept {
        return detail::convert<U>(a.template at<L, Space>(row, i));
    }
};

/// A value that the program casts to a type of 16 bits, rounded there.
template <half U, class A>
struct rounded {
    using value_type = U;
    using shape_type = typename A::shape_type;
    using widest = wider_type<float, typename A::widest>;
    static constexpr bool is_product = false;
    template <class Space>
    static constexpr bool fits = A::template fits<Space>;
    A a;

    template <class L, class Space>
    [[gnu::always_inline]] auto at(index_t row, index_t i) const noexcept {
        return detail::cast_lane<U>(a.template at<L, Space>(row, i));
    }
};

template <class Op, class T, class... E>
struct operation_on;

template <class Op, class T, class A>
struct operation_on<Op, T, A> {
    using value_type = T;
    using shape_type = typename A::shape_type;
    using widest = wider_type<held_t<T>, typename A::widest>;
    static constexpr bool is_product = false;
    template <class Space>
    static constexpr bool fits = A::template fits<Space>;
    A a;

    template <class L, class Space>
    [[gnu::always_inline]] auto at(index_t row, index_t i) const noexcept {
        return fixed::operate<Op>(a.template at<L, Space>(row, i));
    }
};

template <class Op, class T, class A, class B>
struct operation_on<Op, T, A, B> {
    using value_type = T;
    using shape_type = typename broadcast_of<typename A::shape_type, typename B::shape_type>::type;
    using widest = wider_type<held_t<T>, wider_type<typename A::widest, typename B::widest>>;
    static constexpr bool is_product = std::same_as<Op, op::multiply> && floating<T>;
    template <class Space>
    static constexpr bool fits = A::template fits<Space>&& B::template fits<Space>;
    A a;
    B b;

    /// A product that is added or subtracted is one fma; the left one when both sides are products.
    template <class L, class Space>
    [[gnu::always_inline]] auto at(index_t row, index_t i) const noexcept {
        constexpr bool sum = std::same_as<Op, op::add>;
        constexpr bool contracts = (sum || std::same_as<Op, op::subtract>)&&L::target_type::contracts;
        if constexpr (contracts && A::is_product) {
            return fixed::operate<std::conditional_t<sum, op::fma, op::fms>>(a.a.template at<L, Space>(row, i), a.b.template at<L, Space>(row, i),
                                                                                b.template at<L, Space>(row, i));
        } else if constexpr (contracts && B::is_product) {
            return fixed::operate<std::conditional_t<sum, op::fma, op::fnma>>(b.a.template at<L, Space>(row, i), b.b.template at<L, Space>(row, i),
                                                                                 a.template at<L, Space>(row, i));
        } else {
            return fixed::operate<Op>(a.template at<L, Space>(row, i), b.template at<L, Space>(row, i));
        }
    }
};

template <class Op, class T, class A, class B, class C>
struct operation_on<Op, T, A, B, C> {
    using value_type = T;
    using shape_type = typename broadcast_all<typename A::shape_type, typename B::shape_type, typename C::shape_type>::type;
    using widest = wider_type<held_t<T>, wider_type<typename A::widest, wider_type<typename B::widest, typename C::widest>>>;
    static constexpr bool is_product = false;
    template <class Space>
    static constexpr bool fits = A::template fits<Space>&& B::template fits<Space>&& C::template fits<Space>;
    A a;
    B b;
    C c;

    template <class L, class Space>
    [[gnu::always_inline]] auto at(index_t row, index_t i) const noexcept {
        return fixed::operate<Op>(a.template at<L, Space>(row, i), b.template at<L, Space>(row, i), c.template at<L, Space>(row, i));
    }
};

/// The space of a node: as many axes in the inner loop as all operands allow.
template <class Node, index_t Split = 0>
[[nodiscard]] constexpr auto find_space() noexcept {
    using found = space<typename Node::shape_type, Split>;
    if constexpr (Node::template fits<found>)
        return found{};
    else
        return fixed::find_space<Node, Split + 1>();
}
template <class Node>
using space_of = decltype(fixed::find_space<Node>());

}  // namespace sinter::inline v1::detail::fixed
