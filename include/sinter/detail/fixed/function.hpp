#pragma once

#include <sinter/detail/fixed/array.hpp>

// The user's functions on arrays of static shape.

namespace sinter::inline v1 {

namespace detail::fixed {

/// A carrier that remembers the factors of a product, so that a later sum contracts them, as statements do. After inlining
/// nothing of this is left.
template <class B, class Target>
struct contracting {
    B value;
    B left = value;
    B right = value;
    bool is_product = false;
};

template <class B, class Target>
[[gnu::always_inline]] inline contracting<B, Target> unfactored(B value) noexcept {
    return {value, value, value, false};
}

}  // namespace detail::fixed

template <class B, class Target>
class lane<detail::fixed::contracting<B, Target>> {
public:
    using carrier_type = detail::fixed::contracting<B, Target>;
    using value_type = typename detail::carrier<B>::value_type;

    [[gnu::always_inline]] explicit lane(carrier_type raw) noexcept : raw_(raw) {}
    /// A literal, converted to the element type of the lane.
    template <class S>
        requires std::is_arithmetic_v<S>
    [[gnu::always_inline]] lane(S literal) noexcept
        : raw_(detail::fixed::unfactored<B, Target>(detail::carrier<B>::constant(static_cast<value_type>(literal)))) {}
    /// A mask that was compared from another type.
    template <class M>
        requires(!std::same_as<M, B> && std::same_as<value_type, bool> && std::convertible_to<lane<M>, lane<B>>)
    [[gnu::always_inline]] lane(lane<detail::fixed::contracting<M, Target>> other) noexcept
        : raw_(detail::fixed::unfactored<B, Target>(lane<B>(lane<M>(other.raw().value)).raw())) {}

    /// The carrier. Not for user code.
    [[nodiscard, gnu::always_inline]] carrier_type raw() const noexcept { return raw_; }

private:
    carrier_type raw_;
};

namespace detail {

template <class B, class Target>
struct carrier<fixed::contracting<B, Target>> {
    using value_type = typename carrier<B>::value_type;
    using self = fixed::contracting<B, Target>;
    template <class U>
    using rebind = fixed::contracting<typename carrier<B>::template rebind<U>, Target>;
    // Operations with a body run it on the plain carrier, where nothing is contracted.
    static constexpr bool expands = false;

    [[gnu::always_inline]] static self constant(value_type x) noexcept { return plain(carrier<B>::constant(x)); }
    template <class U>
    [[gnu::always_inline]] static rebind<U> convert(self x) noexcept {
        return plain(carrier<B>::template convert<U>(x.value));
    }
    template <class U>
    [[gnu::always_inline]] static rebind<U> bitcast(self x) noexcept {
        return plain(carrier<B>::template bitcast<U>(x.value));
    }

    template <class Op, class... A>
    [[gnu::always_inline]] static auto apply(A... a) noexcept {
        if constexpr (Target::contracts && std::floating_point<value_type> && std::same_as<Op, op::multiply>) {
            return product(a...);
        } else if constexpr (Target::contracts && std::floating_point<value_type> && std::same_as<Op, op::add>) {
            return sum<op::fma, op::fma, op::add>(a...);
        } else if constexpr (Target::contracts && std::floating_point<value_type> && std::same_as<Op, op::subtract>) {
            return sum<op::fms, op::fnma, op::subtract>(a...);
        } else {
            return plain(detail::apply_to_lanes<Op>(detail::lane_of_raw(a.value)...).raw());
        }
    }

private:
    template <class C>
    [[gnu::always_inline]] static fixed::contracting<C, Target> plain(C value) noexcept {
        return fixed::unfactored<C, Target>(value);
    }
    [[gnu::always_inline]] static self product(self a, self b) noexcept {
        return {carrier<B>::template apply<op::multiply>(a.value, b.value), a.value, b.value, true};
    }
    template <class Left, class Right, class Neither>
    [[gnu::always_inline]] static self sum(self a, self b) noexcept {
        if (a.is_product) return plain(carrier<B>::template apply<Left>(a.left, a.right, b.value));
        if (b.is_product) return plain(carrier<B>::template apply<Right>(b.left, b.right, a.value));
        return plain(carrier<B>::template apply<Neither>(a.value, b.value));
    }
};

namespace fixed {

template <class Target, class V>
[[gnu::always_inline]] inline auto as_argument(V v) noexcept {
    using B = typename V::carrier_type;
    return lane<contracting<B, Target>>(fixed::unfactored<B, Target>(v.raw()));
}

/// A result of the user's function as plain lanes; a number, as it is.
template <class L, class V>
[[gnu::always_inline]] inline auto as_result(V v) noexcept {
    if constexpr (is_lane<V>) return detail::lane_of_raw(v.raw().value);
    else return L::constant(v);
}

template <class T>
inline constexpr bool is_tuple = false;
template <class... R>
inline constexpr bool is_tuple<std::tuple<R...>> = true;

template <class V>
struct result_type {
    using type = V;
};
template <class B>
struct result_type<lane<B>> {
    using type = typename lane<B>::value_type;
};

/// What the function returns for single elements.
template <class F, class... N>
using returned = std::remove_cvref_t<std::invoke_result_t<
    const F&, lane<contracting<element_value<typename N::value_type, this_target>, this_target>>...>>;

/// The function on nodes: one result.
template <class F, class... N>
struct call_of {
    using value_type = typename result_type<returned<F, N...>>::type;
    using shape_type = typename broadcast_all<typename N::shape_type...>::type;
    using widest = typename widest_of<value_type, typename N::widest...>::type;
    static constexpr bool is_product = false;
    template <class Space>
    static constexpr bool fits = (N::template fits<Space> && ...);
    F f;
    std::tuple<N...> nodes;

    template <class L, class Space>
    [[gnu::always_inline]] auto at(index_t row, index_t i) const noexcept {
        return std::apply(
            [&](const N&... n) __attribute__((always_inline)) {
                return fixed::as_result<L>(f(fixed::as_argument<typename L::target_type>(n.template at<L, Space>(row, i))...));
            },
            nodes);
    }
};

template <class F, class... N>
struct divisions<call_of<F, N...>> {
    static constexpr bool any = (divisions<N>::any || ...);
    template <class Target>
    static void check(const call_of<F, N...>& node) {
        std::apply([](const N&... n) { (fixed::check_divisors<Target>(n), ...); }, node.nodes);
    }
};

/// The same with a tuple of results, which are stored as they are computed.
template <class F, class Out, class... N>
struct call_job;
template <class F, class... T, class... N>
struct call_job<F, std::tuple<T...>, N...> {
    using shape_type = typename broadcast_all<typename N::shape_type...>::type;
    using widest = typename widest_of<T..., typename N::widest...>::type;
    template <class Space>
    static constexpr bool fits = (N::template fits<Space> && ...);
    const F& f;
    std::tuple<N...> nodes;
    std::tuple<T*...> out;

    template <class L>
    [[gnu::always_inline]] auto compute(index_t row, index_t i) const noexcept {
        using Space = space_of<call_job>;
        const auto results = std::apply(
            [&](const N&... n) __attribute__((always_inline)) {
                return f(fixed::as_argument<typename L::target_type>(n.template at<L, Space>(row, i))...);
            },
            nodes);
        return std::apply([](auto... r) __attribute__((always_inline)) { return std::tuple{fixed::as_result<L>(r)...}; }, results);
    }
    template <class L, class V>
    [[gnu::always_inline]] void store(index_t at, const V& values) const noexcept {
        [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
            (L::store(std::get<K>(out) + at, std::get<K>(values)), ...);
        }(std::index_sequence_for<T...>{});
    }
};

template <class T, class S>
struct array_of;
template <class T, index_t... E>
struct array_of<T, static_shape<E...>> {
    using type = array<T, E...>;
};

/// The node of an argument of a function; a number keeps its type.
template <class A>
[[nodiscard, gnu::always_inline]] constexpr auto argument_node(A&& a) noexcept {
    if constexpr (std::is_arithmetic_v<std::remove_cvref_t<A>>) return number<std::remove_cvref_t<A>>{a};
    else return fixed::own_node(static_cast<A&&>(a));
}

}  // namespace fixed
}  // namespace detail

/// The user's function on arrays of static shape and numbers: an expression, or a tuple of arrays if it returns a tuple. For fn.
template <class F, class... A>
[[nodiscard, gnu::always_inline]] inline auto apply_fn(const F& f, A&&... a) {
    namespace fixed = detail::fixed;
    using result = fixed::returned<F, decltype(fixed::argument_node(static_cast<A&&>(a)))...>;
    if constexpr (!fixed::is_tuple<result>) {
        using node = fixed::call_of<F, decltype(fixed::argument_node(static_cast<A&&>(a)))...>;
        return fixed::express([&]() __attribute__((always_inline)) {
            return node{f, std::tuple<decltype(fixed::argument_node(static_cast<A&&>(a)))...>{fixed::argument_node(static_cast<A&&>(a))...}};
        });
    } else {
        return [&]<class... R>(std::type_identity<std::tuple<R...>>) __attribute__((always_inline)) {
            using job = fixed::call_job<F, std::tuple<typename fixed::result_type<R>::type...>,
                                        decltype(fixed::argument_node(static_cast<A&&>(a)))...>;
            using shape = typename job::shape_type;
            std::tuple<typename fixed::array_of<typename fixed::result_type<R>::type, shape>::type...> results{
                (static_cast<void>(sizeof(R)), fixed::uninitialized)...};
            std::apply(
                [&](auto&... out) __attribute__((always_inline)) {
                    fixed::run<fixed::this_target, fixed::space_of<job>, typename job::widest>(
                        job{f, {fixed::argument_node(static_cast<A&&>(a))...}, {out.mutable_data()...}});
                },
                results);
            return results;
        }(std::type_identity<result>{});
    }
}

}  // namespace sinter::inline v1
