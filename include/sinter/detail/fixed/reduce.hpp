#pragma once

#include <sinter/detail/fixed/divisors.hpp>
#include <sinter/detail/reduction_order.hpp>

#include <algorithm>
#include <bit>

// Reductions, in the order of reduction_order.hpp.

namespace sinter::inline v1::detail::fixed {

using namespace reduction_order;

/// Elements of a node that one loop can run over, taken as T.
template <class T, class Node>
struct node_source {
    using widest = wider_type<T, typename Node::widest>;
    const Node& node;
    template <class L>
    [[gnu::always_inline]] auto at(index_t i) const noexcept {
        return detail::convert<T>(node.template at<L, space_of<Node>>(0, i));
    }
};

template <class T>
struct memory_source {
    using widest = T;
    const T* data;
    template <class L>
    [[gnu::always_inline]] auto at(index_t i) const noexcept {
        return L::load(data + i);
    }
};

template <class Source>
struct part_source {
    using widest = typename Source::widest;
    const Source& whole;
    index_t start;
    template <class L>
    [[gnu::always_inline]] auto at(index_t i) const noexcept {
        return whole.template at<L>(start + i);
    }
};

/// As a source, for values that no single loop computes.
template <class Target, class T, class Node, class F>
[[gnu::always_inline]] inline auto with_source(const Node& node, source where, F f) {
    if constexpr (space_of<Node>::rows == 1) {
        fixed::check_divisors<Target>(node, where);
        return f(node_source<T, Node>{node});
    } else {
        const converted<T, Node> values{node};
        storage<T, Node::shape_type::size> elements;
        fixed::assign<Target>(elements.element, values, where);
        return f(memory_source<T>{elements.element});
    }
}

/// What a reduction combines by, and what changes nothing: an operation here, or a type of its own with both.
template <class T, class Op>
[[nodiscard, gnu::always_inline]] inline T identity_of(const Op& op) noexcept {
    if constexpr (requires { op.nothing; }) return op.nothing;
    else return Op::template identity<T>;
}
template <class Op, class V>
[[nodiscard, gnu::always_inline]] inline V combined(const Op& op, V a, V b) noexcept {
    if constexpr (requires { op.combine(a, b); }) return op.combine(a, b);
    else return detail::apply_to_lanes<Op>(a, b);
}

/// Lane l with lane l + h, for h = E/2, E/4, ..., 1.
template <class Op, class Target, class T, std::size_t E, class V>
[[nodiscard, gnu::always_inline]] inline T combine_lanes(const Op& op, V v) noexcept {
    using one = lanes<Target, T, 1>;
    if constexpr (E == 1) {
        return v.raw().value;
    } else {
        using L = lanes<Target, T, E>;
        using A = typename L::arch;
        using half = lanes<Target, T, E / 2>;
        if constexpr (E * sizeof(T) > widest_register<Target>) {
            using B = typename half::template carrier_of<T>;
            constexpr std::size_t parts = batch_traits<B>::count;
            const auto low = detail::build<B>([&]<std::size_t K>() __attribute__((always_inline)) { return detail::part_of<K>(v.raw()); });
            const auto high = detail::build<B>([&]<std::size_t K>() __attribute__((always_inline)) { return detail::part_of<K + parts>(v.raw()); });
            return fixed::combine_lanes<Op, Target, T, E / 2>(op, fixed::combined(op, lane<B>(low), lane<B>(high)));
        } else if constexpr (E * sizeof(T) > narrowest_register) {
            using to = batch_ops<T, typename half::arch>;
            using V2 = typename half::template lane_type<T>;
            const auto whole = batch_ops<T, A>::native(v.raw());
            return fixed::combine_lanes<Op, Target, T, E / 2>(
                op, fixed::combined(op, V2(to::from_native(detail::half_of<0>(whole))), V2(to::from_native(detail::half_of<1>(whole)))));
        } else {
            T each[E];
            L::store(each, v);
            for (std::size_t h = E / 2; h > 0; h /= 2) {
                for (std::size_t l = 0; l < h; ++l) {
                    one::store(each + l, fixed::combined(op, one::load(each + l), one::load(each + l + h)));
                }
            }
            return each[0];
        }
    }
}

/// Fewer elements than lanes: computed by powers of two of them.
template <class Target, class T, std::size_t Left, class Source>
[[gnu::always_inline]] inline void fill_lanes(T* to, const Source& source, index_t i) {
    if constexpr (Left > 0) {
        constexpr std::size_t widest = sizeof(typename Source::widest);
        constexpr std::size_t power = std::bit_floor(Left);
        constexpr std::size_t width = power * widest >= narrowest_register ? power : 1;
        using L = lanes<Target, typename Source::widest, width>;
        L::store(to, source.template at<L>(i));
        fixed::fill_lanes<Target, T, Left - width>(to + width, source, i + static_cast<index_t>(width));
    }
}

/// N elements from i on, as one row.
template <class Op, class Target, class T, index_t N, class Source>
[[nodiscard, gnu::always_inline]] inline T reduce_row(const Op& op, const Source& source, index_t i) {
    constexpr std::size_t all = static_cast<std::size_t>(reduction_order::row_lanes(sizeof(T)));
    // Lanes that get no element hold the identity, and change nothing.
    constexpr auto n = static_cast<std::size_t>(N);
    constexpr std::size_t used = std::min(all, std::bit_ceil(n > 0 ? n : 1));
    constexpr std::size_t E = used * sizeof(T) >= narrowest_register ? used : narrowest_register / sizeof(T);
    using L = lanes<Target, typename Source::widest, E>;
    using R = lanes<Target, T, E>;
    auto acc = R::constant(fixed::identity_of<T>(op));
    if constexpr (sizeof(T) == sizeof(typename Source::widest)) {
        for (std::size_t k = 0; k + E <= n; k += E) {
            acc = fixed::combined(op, acc, source.template at<L>(i + static_cast<index_t>(k)));
        }
    } else {
        for (std::size_t k = 0; k + E <= n; k += E) {
            alignas(64) T values[E];
            L::store(values, source.template at<L>(i + static_cast<index_t>(k)));
            acc = fixed::combined(op, acc, R::load(values));
        }
    }
    if constexpr (n % E > 0) {
        alignas(64) T values[E];
        for (T& v : values) v = fixed::identity_of<T>(op);
        fixed::fill_lanes<Target, T, n % E>(values, source, i + static_cast<index_t>(n - n % E));
        acc = fixed::combined(op, acc, R::load(values));
    }
    return fixed::combine_lanes<Op, Target, T, E>(op, acc);
}

/// The extents without those of 1.
template <class S, class Out = static_shape<>>
struct without_ones {
    using type = Out;
};
template <index_t E, index_t... Rest, index_t... Out>
struct without_ones<static_shape<E, Rest...>, static_shape<Out...>> {
    using type = typename without_ones<static_shape<Rest...>, std::conditional_t<E == 1, static_shape<Out...>, static_shape<Out..., E>>>::type;
};

/// How many of the last axes make one row.
template <class S>
[[nodiscard]] constexpr index_t axes_of_row() noexcept {
    index_t from = S::rank, length = 1;
    while (from > 0 && (from == S::rank || length < merged_row)) length *= S::extent(--from, S::rank);
    return S::rank - from;
}

template <class S, index_t Keep, index_t... More>
struct leading {
    template <std::size_t... D>
    static auto pick(std::index_sequence<D...>) -> static_shape<S::extent(static_cast<index_t>(D), S::rank)..., More...>;
    using type = decltype(pick(std::make_index_sequence<static_cast<std::size_t>(Keep)>{}));
};

/// All elements of shape S, which has no extent of 1.
template <class Op, class Target, class T, class S, class Source>
[[nodiscard]] inline T reduce_all(const Op& op, const Source& source) {
    if constexpr (S::rank == 0) {
        using L = lanes<Target, typename Source::widest, 1>;
        return source.template at<L>(0).raw().value;
    } else {
        constexpr index_t axes = fixed::axes_of_row<S>();
        constexpr index_t length = [] {
            index_t n = 1;
            for (index_t d = S::rank - axes; d < S::rank; ++d) n *= S::extent(d, S::rank);
            return n;
        }();
        constexpr index_t rows = length > 0 ? S::size / length : 0;
        constexpr index_t blocks = length > row_block ? (length + row_block - 1) / row_block : 1;
        if constexpr (rows == 1 && blocks == 1) {
            return fixed::reduce_row<Op, Target, T, length>(op, source, 0);
        } else if constexpr (S::size == 0) {
            return fixed::identity_of<T>(op);
        } else {
            storage<T, rows * blocks> results;
            T* out = results.element;
            for (index_t r = 0; r < rows; ++r) {
                constexpr index_t full = length / row_block;
                if constexpr (blocks == 1) {
                    *out++ = fixed::reduce_row<Op, Target, T, length>(op, source, r * length);
                } else {
                    for (index_t b = 0; b < full; ++b) *out++ = fixed::reduce_row<Op, Target, T, row_block>(op, source, r * length + b * row_block);
                    if constexpr (blocks > full) *out++ = fixed::reduce_row<Op, Target, T, length % row_block>(op, source, r * length + full * row_block);
                }
            }
            using kept = typename leading<S, S::rank - axes>::type;
            using next = typename std::conditional_t<blocks == 1, std::type_identity<kept>, leading<kept, kept::rank, blocks>>::type;
            return fixed::reduce_all<Op, Target, T, next>(op, memory_source<T>{results.element});
        }
    }
}

/// Rows [first, first + count) of n, `inner` elements wide, into out.
template <class Op, class T, index_t Inner, class Source>
struct column_job {
    const Op& op;
    const Source& source;
    index_t start;
    index_t count;
    T* out;

    template <class L>
    [[gnu::always_inline]] auto compute(index_t, index_t i) const noexcept {
        auto acc = L::constant(fixed::identity_of<T>(op));
        for (index_t k = 0; k < count; ++k) acc = fixed::combined(op, acc, source.template at<L>(start + k * Inner + i));
        return acc;
    }
    template <class L, class V>
    [[gnu::always_inline]] void store(index_t at, V v) const noexcept {
        L::store(out + at, v);
    }
};

/// The middle one of Outer x N x Inner elements reduced, into Outer x Inner.
template <class Op, class Target, class T, index_t Outer, index_t N, index_t Inner, class Source>
inline void reduce_column(const Op& op, T* out, const Source& source) {
    constexpr index_t blocks = N > column_block ? (N + column_block - 1) / column_block : 1;
    const auto columns = [&](T* to) {
        for (index_t p = 0; p < Outer; ++p) {
            for (index_t b = 0; b < blocks; ++b, to += Inner) {
                const index_t first = b * column_block;
                fixed::run<Target, space<static_shape<Inner>, 0>, typename Source::widest>(
                    column_job<Op, T, Inner, Source>{op, source, (p * N + first) * Inner, blocks == 1 ? N : std::min(column_block, N - first), to});
            }
        }
    };
    if constexpr (blocks == 1) {
        columns(out);
    } else {
        storage<T, Outer * blocks * Inner> results;
        columns(results.element);
        fixed::reduce_column<Op, Target, T, Outer, blocks, Inner>(op, out, memory_source<T>{results.element});
    }
}

/// One axis of shape S.
template <class Op, class Target, class T, class S, index_t Axis, class Source>
inline void reduce_axis(const Op& op, T* out, const Source& source) {
    constexpr index_t n = S::extent(Axis, S::rank);
    constexpr index_t outer = [] {
        index_t p = 1;
        for (index_t d = 0; d < Axis; ++d) p *= S::extent(d, S::rank);
        return p;
    }();
    constexpr index_t inner = [] {
        index_t p = 1;
        for (index_t d = Axis + 1; d < S::rank; ++d) p *= S::extent(d, S::rank);
        return p;
    }();
    if constexpr (inner == 1) {
        for (index_t p = 0; p < outer; ++p) {
            if constexpr (n == 1) {
                out[p] = source.template at<lanes<Target, typename Source::widest, 1>>(p).raw().value;
            } else if constexpr (n <= row_block) {
                out[p] = fixed::reduce_row<Op, Target, T, n>(op, source, p * n);
            } else {
                out[p] = fixed::reduce_all<Op, Target, T, static_shape<n>>(op, part_source<Source>{source, p * n});
            }
        }
    } else {
        fixed::reduce_column<Op, Target, T, outer, n, inner>(op, out, source);
    }
}

}  // namespace sinter::inline v1::detail::fixed
