#pragma once

#include <sinter/detail/config.hpp>

#include <array>
#include <type_traits>
#include <utility>

namespace sinter::inline v1::detail::fixed {

/// The extents of an array of static shape.
template <index_t... E>
struct static_shape {
    static constexpr index_t rank = sizeof...(E);
    static constexpr index_t size = (index_t{1} * ... * E);
    static constexpr std::array<index_t, sizeof...(E)> extents{E...};

    /// The extent of axis d of `rank` ones, where missing axes at the front are 1.
    [[nodiscard]] static constexpr index_t extent(index_t d, index_t rank_of_all) noexcept {
        const index_t own = d - (rank_of_all - rank);
        return own < 0 ? 1 : extents[static_cast<std::size_t>(own)];
    }
    /// The stride of that axis; 0 where it is broadcast.
    [[nodiscard]] static constexpr index_t stride(index_t d, index_t rank_of_all) noexcept {
        if (extent(d, rank_of_all) == 1) return 0;
        index_t s = 1;
        for (index_t k = d + 1; k < rank_of_all; ++k) s *= extent(k, rank_of_all);
        return s;
    }
};

template <class A, class B>
[[nodiscard]] constexpr bool can_broadcast() noexcept {
    const index_t rank = A::rank > B::rank ? A::rank : B::rank;
    for (index_t d = 0; d < rank; ++d) {
        const index_t a = A::extent(d, rank), b = B::extent(d, rank);
        if (a != b && a != 1 && b != 1) return false;
    }
    return true;
}

/// The shape of two operands, NumPy's way.
template <class A, class B>
struct broadcast_of {
    static_assert(fixed::can_broadcast<A, B>(), "sinter: these static shapes do not broadcast: extents must be equal, or one of them 1");
    static constexpr index_t rank = A::rank > B::rank ? A::rank : B::rank;
    template <std::size_t... D>
    static auto pick(std::index_sequence<D...>)
        -> static_shape<(A::extent(static_cast<index_t>(D), rank) == 1 ? B::extent(static_cast<index_t>(D), rank)
                                                                       : A::extent(static_cast<index_t>(D), rank))...>;
    using type = decltype(pick(std::make_index_sequence<static_cast<std::size_t>(rank)>{}));
};

template <class S, class... Rest>
struct broadcast_all {
    using type = typename broadcast_of<S, typename broadcast_all<Rest...>::type>::type;
};
template <class S>
struct broadcast_all<S> {
    using type = S;
};

/// The iteration space of a result: axes [Split, rank) are one inner loop, on which every operand is contiguous or constant.
template <class Shape, index_t Split>
struct space {
    using shape_type = Shape;
    static constexpr index_t split = Split;
    static constexpr index_t inner = [] {
        index_t n = 1;
        for (index_t d = Split; d < Shape::rank; ++d) n *= Shape::extent(d, Shape::rank);
        return n;
    }();
    static constexpr index_t rows = [] {
        index_t n = 1;
        for (index_t d = 0; d < Split; ++d) n *= Shape::extent(d, Shape::rank);
        return n;
    }();

    /// Whether an operand of shape S has one element for the whole inner loop.
    template <class S>
    static constexpr bool constant = [] {
        for (index_t d = Split; d < Shape::rank; ++d) {
            if (S::extent(d, Shape::rank) != 1) return false;
        }
        return true;
    }();
    template <class S>
    static constexpr bool fits = [] {
        if (constant<S>) return true;
        for (index_t d = Split; d < Shape::rank; ++d) {
            if (S::extent(d, Shape::rank) != Shape::extent(d, Shape::rank)) return false;
        }
        return true;
    }();

    /// Where a row of an operand of shape S starts.
    template <class S>
    [[gnu::always_inline]] static constexpr index_t offset(index_t row) noexcept {
        if constexpr (S::size == 1 || Split == 0) {
            return 0;
        } else if constexpr (S::size == Shape::size) {
            return row * inner;
        } else {
            index_t at = 0;
            for (index_t d = Split - 1; d >= 0; --d) {
                const index_t extent = Shape::extent(d, Shape::rank);
                at += (row % extent) * S::stride(d, Shape::rank);
                row /= extent;
            }
            return at;
        }
    }
};

}  // namespace sinter::inline v1::detail::fixed
