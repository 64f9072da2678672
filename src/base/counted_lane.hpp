#pragma once

#include <sinter/detail/lookup.hpp>
#include <sinter/detail/operations.hpp>

// Lanes that count: around these the body of an operation leaves what it costs. A value that a body computes twice is counted twice.

namespace sinter::inline v1::detail {

namespace base {

/// Where the cost goes; null for constants, and for what follows from them alone.
template <element T, bool Assistance>
struct counted {
    op_cost* into;
};

}  // namespace base

template <class T, bool Assistance>
struct carrier<base::counted<T, Assistance>> {
    using value_type = T;
    template <class U>
    using rebind = base::counted<U, Assistance>;
    static constexpr bool expands = true;
    [[nodiscard]] static constexpr bool has_assistance() noexcept { return Assistance; }

    static constexpr base::counted<T, Assistance> constant(T) { return {nullptr}; }
    template <class U>
    static constexpr base::counted<U, Assistance> convert(base::counted<T, Assistance> x) {
        add(op::convert::cost, x.into);
        return {x.into};
    }
    template <class U>
    static constexpr base::counted<U, Assistance> bitcast(base::counted<T, Assistance> x) {
        return {x.into};
    }
    template <class Op, class... A>
    static constexpr auto apply(A... a) {
        op_cost* into = nullptr;
        ((into = a.into != nullptr ? a.into : into), ...);
        add(Op::cost, into);
        using result = std::conditional_t<Op::rule == type_rule::compare, bool, T>;
        return base::counted<result, Assistance>{into};
    }

    static constexpr base::counted<T, Assistance> lookup(base::counted<T, Assistance> x, const table_of<T>&) {
        // It runs beside the product that waits for it.
        add({.instructions = 0.5F}, x.into);
        return x;
    }

    /// Asking whether it is needed.
    template <class F, class X>
    static constexpr base::counted<T, Assistance> rare(base::counted<bool, Assistance>, base::counted<T, Assistance> otherwise, X) {
        if (otherwise.into == nullptr) return otherwise;
        op_cost body{.instructions = 0};
        static_cast<void>(F::apply(lane<base::counted<T, Assistance>>{base::counted<T, Assistance>{&body}}, lane<X>{X{&body}}));
        add({.instructions = 2, .rare = body.instructions + body.products + body.divisions + body.roots + body.rare}, otherwise.into);
        return otherwise;
    }

private:
    static constexpr void add(op_cost cost, op_cost* into) {
        if (into == nullptr) return;
        into->instructions += cost.instructions;
        into->products += cost.products;
        into->divisions += cost.divisions;
        into->roots += cost.roots;
        into->rare += cost.rare;
    }
};

namespace base {

/// What Op does to lanes of T.
template <class Op, class T, bool Assistance>
[[nodiscard]] constexpr op_cost count_body() {
    op_cost cost{.instructions = 0};
    const auto argument = [&](int) { return lane<counted<T, Assistance>>{counted<T, Assistance>{&cost}}; };
    if constexpr (Op::arity == 1) {
        static_cast<void>(detail::apply_to_lanes<Op>(argument(0)));
    } else if constexpr (Op::arity == 2) {
        static_cast<void>(detail::apply_to_lanes<Op>(argument(0), argument(1)));
    } else {
        static_cast<void>(detail::apply_to_lanes<Op>(argument(0), argument(1), argument(2)));
    }
    return cost;
}

}  // namespace base
}  // namespace sinter::inline v1::detail
