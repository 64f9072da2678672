#pragma once

#include <sinter/detail/fixed/array.hpp>
#include <sinter/detail/fixed/complex.hpp>
#include <sinter/detail/fixed/watched.hpp>

// The user's functions on arrays of static shape.

namespace sinter::inline v1 {

namespace detail {
namespace fixed {

template <class T>
inline constexpr bool is_tuple = false;
template <class... R>
inline constexpr bool is_tuple<std::tuple<R...>> = true;

/// What the function returns for single elements.
template <class F, class... N>
using returned = std::remove_cvref_t<std::invoke_result_t<const F&, typename single<typename N::value_type>::type...>>;

/// The function on nodes: one result.
template <class F, class... N>
struct call_of {
    using value_type = typename result_element<returned<F, N...>>::type;
    using shape_type = typename broadcast_all<typename N::shape_type...>::type;
    using widest = typename widest_of<held_t<value_type>, typename N::widest...>::type;
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
    static constexpr bool may_here = may_divide<F, typename N::value_type...>;
    static constexpr bool any = may_here || (divisions<N>::any || ...);
    // What captures something is known when it runs. Of floating-point numbers it hardly divides integers.
    static constexpr bool expected = (may_here && (known_at_once<F, typename N::value_type...> || (std::integral<typename N::value_type> || ...))) || (divisions<N>::expected || ...);
    template <class Target>
    static void check(const call_of<F, N...>& node, source where) {
        fixed::check_function<Target, call_of<F, N...>>(node.f, node.nodes, where);
    }
};

/// The same with a tuple of results, which are stored as they are computed.
template <class F, class Out, class... N>
struct call_job;
template <class F, class... T, class... N>
struct call_job<F, std::tuple<T...>, N...> {
    using shape_type = typename broadcast_all<typename N::shape_type...>::type;
    using widest = typename widest_of<held_t<T>..., typename N::widest...>::type;
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

/// The node of an argument of a function; a number keeps its type.
template <class A>
[[nodiscard, gnu::always_inline]] constexpr auto argument_node(A&& a) noexcept {
    if constexpr (number_type<std::remove_cvref_t<A>> || is_complex<std::remove_cvref_t<A>>) return number<std::remove_cvref_t<A>>{a};
    else return fixed::own_node(static_cast<A&&>(a));
}

}  // namespace fixed
}  // namespace detail

/// The user's function on arrays of static shape and numbers: an expression, or a tuple of arrays if it returns a tuple, whose errors name that place. For fn.
template <class F, class... A>
[[nodiscard, gnu::always_inline]] inline auto apply_fn_at([[maybe_unused]] detail::source where, const F& f, A&&... a) {
    namespace fixed = detail::fixed;
    using result = fixed::returned<F, decltype(fixed::argument_node(static_cast<A&&>(a)))...>;
    if constexpr (!fixed::is_tuple<result>) {
        using node = fixed::call_of<F, decltype(fixed::argument_node(static_cast<A&&>(a)))...>;
        return fixed::express([&]() __attribute__((always_inline)) {
            return node{f, std::tuple<decltype(fixed::argument_node(static_cast<A&&>(a)))...>{fixed::argument_node(static_cast<A&&>(a))...}};
        });
    } else {
        return [&]<class... R>(std::type_identity<std::tuple<R...>>) __attribute__((always_inline)) {
            using job = fixed::call_job<F, std::tuple<typename detail::result_element<R>::type...>,
                                        decltype(fixed::argument_node(static_cast<A&&>(a)))...>;
            using shape = typename job::shape_type;
            std::tuple<typename fixed::array_of<typename detail::result_element<R>::type, shape>::type...> results{
                (static_cast<void>(sizeof(R)), fixed::uninitialized)...};
            std::apply(
                [&](auto&... out) __attribute__((always_inline)) {
                    const job whole{f, {fixed::argument_node(static_cast<A&&>(a))...}, {out.mutable_data()...}};
                    fixed::check_function<fixed::this_target, job>(f, whole.nodes, where);
                    fixed::run<fixed::this_target, fixed::space_of<job>, typename job::widest>(whole);
                },
                results);
            return results;
        }(std::type_identity<result>{});
    }
}
template <class F, class... A>
[[nodiscard, gnu::always_inline]] inline auto apply_fn(const F& f, A&&... a) {
    return sinter::apply_fn_at({}, f, static_cast<A&&>(a)...);
}

}  // namespace sinter::inline v1
