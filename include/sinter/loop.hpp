#pragma once

#include <sinter/detail/complex_types.hpp>
#include <sinter/detail/primitives.hpp>
#include <sinter/detail/rare.hpp>

#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>

namespace sinter::inline v1 {

namespace detail {

/// What step returns, as a tuple.
template <class... R>
[[nodiscard]] constexpr std::tuple<R...> as_states(std::tuple<R...> next) {
    return next;
}
template <class A, class B>
[[nodiscard]] constexpr std::tuple<A, B> as_states(std::pair<A, B> next) {
    return next;
}
template <class R>
[[nodiscard]] constexpr std::tuple<R> as_states(R next) {
    return {next};
}

/// The first lane among types, or no_lane.
template <class... A>
struct first_lane {
    using type = no_lane;
};
template <class A, class... Rest>
struct first_lane<A, Rest...> {
    using type = std::conditional_t<is_lane<A>, A, typename first_lane<Rest...>::type>;
};
template <class... A>
struct first_lane<std::tuple<A...>> : first_lane<A...> {};

template <class V>
struct state_element {
    using type = V;
};
template <class B>
struct state_element<lane<B>> {
    using type = typename lane<B>::value_type;
};

/// The lane of V's kind that holds an A.
template <class V, class A>
using lane_for = lane_as<typename state_element<A>::type, V>;

template <class F, class... A>
using loop_result = std::remove_cvref_t<std::invoke_result_t<F&, A...>>;

template <class F, class... A>
using next_states = decltype(detail::as_states(std::declval<loop_result<F, A...>>()));

/// A lane of the kind that the loop computes with: one of its values, or one that its functions capture.
template <class C, class F, class... S>
[[nodiscard]] consteval auto loop_lane() {
    using given = typename first_lane<S...>::type;
    if constexpr (!std::same_as<given, no_lane>) {
        return std::type_identity<given>{};
    } else if constexpr (!std::is_invocable_v<F&, S...>) {
        return std::type_identity<void>{};
    } else if constexpr (!std::same_as<typename first_lane<next_states<F, S...>>::type, no_lane>) {
        return std::type_identity<typename first_lane<next_states<F, S...>>::type>{};
    } else if constexpr (!std::is_invocable_v<C&, S...>) {
        return std::type_identity<void>{};
    } else {
        return std::type_identity<typename first_lane<loop_result<C, S...>>::type>{};
    }
}

/// Whether step takes the state. The condition takes what that becomes, which may be of other types.
template <class F, class V, class... S>
inline constexpr bool takes_state = std::is_invocable_v<F&, lane_for<V, S>...>;
template <class F, class... S>
inline constexpr bool takes_state<F, void, S...> = false;
template <class F, class... S>
inline constexpr bool takes_state<F, no_lane, S...> = true;

/// The lanes of V's kind for a tuple of lanes and numbers.
template <class V, class States>
struct lanes_for;
template <class V, class... R>
struct lanes_for<V, std::tuple<R...>> {
    using type = std::tuple<lane_for<V, R>...>;
};

template <class F, class States>
struct stepped;
template <class F, class... S>
struct stepped<F, std::tuple<S...>> {
    using type = next_states<F, S...>;
};

/// A number, or a lane that may be a mask of another width, as a lane of type L.
template <class L, class A>
[[nodiscard, gnu::always_inline]] constexpr L as_state(A a) {
    if constexpr (std::same_as<A, L>) {
        return a;
    } else if constexpr (is_lane<A>) {
        const auto same = detail::convert<element_of<L>>(a);
        if constexpr (std::same_as<std::remove_cvref_t<decltype(same)>, L>) return same;
        else return L(same);
    } else {
        return L(a);
    }
}

template <class... L, class... A, std::size_t... I>
[[nodiscard, gnu::always_inline]] constexpr auto as_states_of(std::type_identity<std::tuple<L...>>, const std::tuple<A...>& from, std::index_sequence<I...>) {
    return std::tuple<L...>{detail::as_state<L>(std::get<I>(from))...};
}

/// Whether a mask has any element set; carriers may be around others.
template <class B>
[[nodiscard, gnu::always_inline]] constexpr bool any_set(const B& raw) {
    if constexpr (std::same_as<B, bool>) return raw;
    else if constexpr (computes_masks<carrier<B>, B>) return carrier<B>::any(raw);
    else return detail::any_set(raw.value);
}

/// A state is not a product that a sum could contract with, whatever it was computed by.
template <class B>
[[nodiscard, gnu::always_inline]] constexpr B without_factors(const B& raw) {
    if constexpr (is_half_lane<lane<B>>) return B{detail::without_factors(raw.value)};
    else if constexpr (requires { raw.is_product; }) return B{raw.value};
    else if constexpr (requires { raw.by_zero; }) return B{detail::without_factors(raw.value), raw.by_zero};
    else return raw;
}

/// How lanes of a carrier repeat; this one is for those that compute. Carriers that record, or only look at what is computed, have their own.
template <class B>
struct loop_on {
    template <class... L, class C, class F>
    [[gnu::always_inline]] static constexpr std::tuple<L...> run(std::int64_t limit, const std::tuple<L...>& initial, C& condition, F& step) {
        return repeat(limit, initial, condition, step, std::index_sequence_for<L...>{});
    }

private:
    template <class... L, class C, class F, std::size_t... I>
    [[gnu::always_inline]] static constexpr std::tuple<L...> repeat(std::int64_t limit, const std::tuple<L...>& initial, C& condition, F& step,
                                                                    std::index_sequence<I...>) {
        using M = lane_as<bool, lane<B>>;
        std::tuple<L...> state{L(detail::without_factors(std::get<I>(initial).raw()))...};
        M active(true);
        for (std::int64_t turn = 0; turn < limit; ++turn) {
            active = M(active & detail::as_state<M>(condition(std::get<I>(state)...)));
            if (!detail::any_set(active.raw())) break;
            const std::tuple<L...> next = detail::as_states_of(std::type_identity<std::tuple<L...>>{}, detail::as_states(step(std::get<I>(state)...)),
                                                               std::index_sequence<I...>{});
            ((std::get<I>(state) = detail::primitive<op::select>(active, std::get<I>(next), std::get<I>(state))), ...);
        }
        return state;
    }
};

template <class V, class C, class F, class... S>
[[nodiscard, gnu::always_inline]] constexpr auto run_loop(std::int64_t limit, const std::tuple<S...>& state, C& condition, F& step) {
    using first = typename stepped<F, std::tuple<lane_for<V, S>...>>::type;
    static_assert(std::tuple_size_v<first> == sizeof...(S), "sinter: loop: step returns another number of values than the state has");
    if constexpr (std::tuple_size_v<first> == sizeof...(S)) {
        using lanes = typename lanes_for<V, first>::type;
        using again = typename lanes_for<V, typename stepped<F, lanes>::type>::type;
        static_assert(std::same_as<lanes, again>,
                      "sinter: loop: step returns other types for the types that it returned before: cast<T> what it computes, or begin with values of those types");
        return [&]<class... L>(std::type_identity<std::tuple<L...>>) __attribute__((always_inline)) {
            constexpr bool fits = std::is_invocable_v<C&, L...>;
            static_assert(fits, "sinter: loop: condition and step take one generic parameter (auto) for each element of the state");
            if constexpr (fits) {
                using tested = loop_result<C, L...>;
                constexpr bool is_condition = std::same_as<typename state_element<tested>::type, bool>;
                static_assert(is_condition, "sinter: loop: the condition must give bool: a comparison, or several combined with & and |");
                if constexpr (is_condition) {
                    return loop_on<typename V::carrier_type>::run(
                        limit, detail::as_states_of(std::type_identity<std::tuple<L...>>{}, state, std::index_sequence_for<S...>{}), condition, step);
                }
            }
        }(std::type_identity<lanes>{});
    }
}

template <half T, class B>
struct loop_on<stands_for<T, B>> : loop_on<B> {};

// A complex state is two: its parts.

template <class S>
inline constexpr bool is_complex_state = is_complex_lane<S> || is_complex<S>;

template <class S>
[[nodiscard, gnu::always_inline]] constexpr auto parts_of(const S& s) {
    if constexpr (is_complex_lane<S>) return std::tuple{s.re, s.im};
    else if constexpr (is_complex<S>) return std::tuple{s.real(), s.imag()};
    else return std::tuple<S>{s};
}
template <class... S>
[[nodiscard, gnu::always_inline]] constexpr auto all_parts_of(const std::tuple<S...>& states) {
    return std::apply([](const S&... s) __attribute__((always_inline)) { return std::tuple_cat(detail::parts_of(s)...); }, states);
}

/// The states, of which some are complex, put together from parts.
template <class... S>
struct states_from_parts {
    static constexpr std::size_t width(bool complex) { return complex ? 2 : 1; }
    static constexpr std::size_t begin(std::size_t k) {
        const bool is_pair[] = {is_complex_state<S>...};
        std::size_t at = 0;
        for (std::size_t i = 0; i < k; ++i) at += width(is_pair[i]);
        return at;
    }
    template <class... P>
    [[nodiscard, gnu::always_inline]] static constexpr auto make(const std::tuple<P...>& parts) {
        return [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
            return std::tuple{one<is_complex_state<S>, begin(K)>(parts)...};
        }(std::index_sequence_for<S...>{});
    }

private:
    template <bool Complex, std::size_t At, class Parts>
    [[nodiscard, gnu::always_inline]] static constexpr auto one(const Parts& parts) {
        if constexpr (Complex) {
            using P = std::tuple_element_t<At, Parts>;
            if constexpr (is_lane<P>) return complex_lane<P>{std::get<At>(parts), std::get<At + 1>(parts)};
            else return typename complex_type<P>::type(std::get<At>(parts), std::get<At + 1>(parts));
        } else {
            return std::get<At>(parts);
        }
    }
};

}  // namespace detail

/// Iteration within a function of fn: each element repeats state = step(state) as long as its own condition(state) holds, at most limit times (a limit below
/// one: never). Elements that are done keep their state while others go on; a block of elements ends when all of its are done. state is a tuple of
/// lanes and numbers, complex ones among them; it takes the types that step returns for it, numbers those of C++. Both functions are generic, free of branches on values, and take the
/// state's elements one by one; what they capture may be lanes of the function around them. Gives the last state as a tuple of lanes. The limit is a
/// number like any other that a function captures: another one does not compile again. value_error: a loop within a loop, or an integer that is divided
/// by what changes in the loop, as both are not known in time in arrays of any shape. Where the state is of numbers only, the functions are looked at with
/// numbers first, to find what they capture.
template <class N, class... S, class C, class F>
[[nodiscard, gnu::always_inline]] constexpr auto loop(N limit, std::tuple<S...> state, C condition, F step) {
    constexpr bool has_limit = std::integral<N> && !std::same_as<N, bool>;
    static_assert(has_limit, "sinter: loop: the limit is an integer number, which all elements have in common");
    static_assert(sizeof...(S) > 0, "sinter: loop: the state is empty");
    if constexpr ((detail::is_complex_state<S> || ...)) {
        using whole = detail::states_from_parts<S...>;
        const auto with = [](auto& f) { return [&f](auto... p) { return std::apply(f, whole::make(std::tuple{p...})); }; };
        const auto next = with(step);
        return whole::make(sinter::loop(limit, detail::all_parts_of(state), with(condition), [&next](auto... p) { return detail::all_parts_of(detail::as_states(next(p...))); }));
    } else if constexpr (has_limit && sizeof...(S) > 0) {
        using V = typename decltype(detail::loop_lane<C, F, S...>())::type;
        constexpr bool fits = detail::takes_state<F, V, S...>;
        static_assert(fits, "sinter: loop: condition and step take one generic parameter (auto) for each element of the state");
        constexpr bool has_lane = !std::same_as<V, detail::no_lane>;
        static_assert(has_lane, "sinter: loop: neither the state nor what step returns nor the condition is a value of the function around it");
        const auto most = std::cmp_less(std::numeric_limits<std::int64_t>::max(), limit) ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(limit);
        if constexpr (fits && has_lane) return detail::run_loop<V>(most, state, condition, step);
    }
}

}  // namespace sinter::inline v1
