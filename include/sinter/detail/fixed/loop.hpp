#pragma once

#include <sinter/detail/fixed/nodes.hpp>

namespace sinter::inline v1::detail::fixed {

/// A row of at most `short_loop` bytes: as many of the widest registers as fit, then of the next, and single elements last.
template <class Target, class Space, class Widest, index_t First, class Job>
[[gnu::always_inline]] inline void run_short_row(const Job& job, index_t row) {
    constexpr auto n = static_cast<std::size_t>(Space::inner - First);
    if constexpr (n > 0) {
        constexpr std::size_t width = fixed::lanes_for<Target>(n, sizeof(Widest));
        using L = lanes<Target, Widest, width>;
        [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
            (job.template store<L>(row * Space::inner + First + static_cast<index_t>(K * width),
                                   job.template compute<L>(row, First + static_cast<index_t>(K * width))),
             ...);
        }
        (std::make_index_sequence<n / width>{});
        fixed::run_short_row<Target, Space, Widest, First + static_cast<index_t>(n - n % width)>(job, row);
    }
}

/// A longer row. What is left over at its end is done by lanes that reach back over elements that are done anyway; they are
/// computed before anything of the row is stored, as an operand may be what is written to.
template <class Target, class Space, class Widest, class Job>
[[gnu::always_inline]] inline void run_long_row(const Job& job, index_t row) {
    constexpr auto n = static_cast<std::size_t>(Space::inner);
    constexpr std::size_t width = fixed::lanes_for<Target>(n, sizeof(Widest));
    constexpr std::size_t steps = n / width, left = n % width;
    constexpr std::size_t together = steps <= 16 ? steps : 4;
    constexpr auto last = static_cast<index_t>(n - width);
    using L = lanes<Target, Widest, width>;
    const auto several = [&]<std::size_t... J>(std::size_t k, std::index_sequence<J...>) __attribute__((always_inline)) {
        (job.template store<L>(row * Space::inner + static_cast<index_t>((k + J) * width),
                               job.template compute<L>(row, static_cast<index_t>((k + J) * width))),
         ...);
    };
    const auto whole = [&]() __attribute__((always_inline)) {
        if constexpr (together == steps) {
            several(0, std::make_index_sequence<steps>{});
        } else {
            for (std::size_t k = 0; k + together <= steps; k += together) several(k, std::make_index_sequence<together>{});
            several(steps - steps % together, std::make_index_sequence<steps % together>{});
        }
    };
    if constexpr (left == 0) {
        whole();
    } else {
        const auto end = job.template compute<L>(row, last);
        whole();
        job.template store<L>(row * Space::inner + last, end);
    }
}

/// Runs a job over a space. The job has
///     compute<L>(row, i)          some value of the lanes L from i on
///     store<L>(at, value)         puts it where it belongs; at counts elements of the whole space
template <class Target, class Space, class Widest, class Job>
[[gnu::always_inline]] inline void run(const Job& job) {
    constexpr auto n = static_cast<std::size_t>(Space::inner);
    const auto row = [&](index_t r) __attribute__((always_inline)) {
        if constexpr (n * sizeof(Widest) <= short_loop)
            fixed::run_short_row<Target, Space, Widest, 0>(job, r);
        else
            fixed::run_long_row<Target, Space, Widest>(job, r);
    };
    if constexpr (n > 0 && Space::rows <= 8) {
        [&]<std::size_t... R>(std::index_sequence<R...>) __attribute__((always_inline)) { (row(static_cast<index_t>(R)), ...); }
        (std::make_index_sequence<static_cast<std::size_t>(Space::rows)>{});
    } else if constexpr (n > 0) {
        for (index_t r = 0; r < Space::rows; ++r) row(r);
    }
}

/// A node's values into memory.
template <class Node>
struct assign_job {
    using T = typename Node::value_type;
    using Space = space_of<Node>;
    const Node& node;
    T* out;

    template <class L>
    [[gnu::always_inline]] auto compute(index_t row, index_t i) const noexcept {
        return node.template at<L, Space>(row, i);
    }
    template <class L, class V>
    [[gnu::always_inline]] void store(index_t at, V v) const noexcept {
        L::store(out + at, v);
    }
};

}  // namespace sinter::inline v1::detail::fixed
