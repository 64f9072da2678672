#pragma once

#include <sinter/detail/fixed/contracting.hpp>
#include <sinter/detail/fixed/divisors.hpp>
#include <sinter/loop.hpp>

// Lanes that watch for divisions of integers in the user's functions.

namespace sinter::inline v1::detail {

namespace fixed {

/// A value of which nothing is known but what looks at it: where to note the name of an operation that divides integers.
template <class T>
struct unknown {
    const char** divides;
};

/// A value, and where to note the name of an operation that divides an integer by zero.
template <class B>
struct watched {
    B value;
    const char** by_zero;
};

[[nodiscard]] constexpr const char** first_of(const char** place) noexcept { return place; }
template <class... P>
[[nodiscard]] constexpr const char** first_of(const char** place, P... others) noexcept {
    return place != nullptr ? place : fixed::first_of(others...);
}

}  // namespace fixed

template <class T>
struct carrier<fixed::unknown<T>> {
    using value_type = T;
    template <class U>
    using rebind = fixed::unknown<U>;
    static constexpr bool expands = false;

    static constexpr fixed::unknown<T> constant(T) noexcept { return {nullptr}; }
    template <class U>
    static constexpr fixed::unknown<U> convert(fixed::unknown<T> x) noexcept {
        return {x.divides};
    }
    template <class U>
    static constexpr fixed::unknown<U> bitcast(fixed::unknown<T> x) noexcept {
        return {x.divides};
    }
    template <class Op, class... A>
    static constexpr auto apply(A... a) noexcept {
        const char** const place = fixed::first_of(a.divides...);
        if constexpr (Op::divides && std::integral<T>) {
            if (place != nullptr) *place = Op::name;
        }
        return fixed::unknown<std::conditional_t<Op::rule == type_rule::compare, bool, T>>{place};
    }
};

/// Nothing is known of how often a loop runs: its body is looked at once.
template <class T>
struct loop_on<fixed::unknown<T>> {
    template <class... L, class C, class F>
    static constexpr std::tuple<L...> run(std::int64_t, const std::tuple<L...>& initial, C& condition, F& step) {
        static_cast<void>(std::apply(condition, initial));
        return detail::as_states_of(std::type_identity<std::tuple<L...>>{}, detail::as_states(std::apply(step, initial)), std::index_sequence_for<L...>{});
    }
};

template <class B>
struct carrier<fixed::watched<B>> {
    using value_type = typename carrier<B>::value_type;
    template <class U>
    using rebind = fixed::watched<typename carrier<B>::template rebind<U>>;
    static constexpr bool expands = false;

    static fixed::watched<B> constant(value_type x) noexcept { return {carrier<B>::constant(x), nullptr}; }
    template <class U>
    static rebind<U> convert(fixed::watched<B> x) noexcept {
        return {carrier<B>::template convert<U>(x.value), x.by_zero};
    }
    template <class U>
    static rebind<U> bitcast(fixed::watched<B> x) noexcept {
        return {carrier<B>::template bitcast<U>(x.value), x.by_zero};
    }
    template <class Op, class... A>
    static auto apply(A... a) noexcept {
        const char** const place = fixed::first_of(a.by_zero...);
        if constexpr (Op::divides && std::integral<value_type>) {
            const auto divisor = std::get<sizeof...(A) - 1>(std::tuple{a...});
            if (place != nullptr && divisor.value.value.value == value_type(0)) *place = Op::name;
        }
        const auto result = carrier<B>::template apply<Op>(a.value...);
        return fixed::watched<std::remove_const_t<decltype(result)>>{result, place};
    }
};

namespace fixed {

/// What f makes of a lane; of both parts of a complex one.
template <class V, class F>
[[nodiscard]] constexpr auto with_parts(V v, const F& f) {
    if constexpr (is_complex_lane<V>) {
        const auto re = f(v.re);
        return complex_lane<std::remove_const_t<decltype(re)>>{re, f(v.im)};
    } else {
        return f(v);
    }
}
template <class T>
[[nodiscard]] constexpr auto unknown_element(const char** divides) {
    using V = lane<unknown<held_t<T>>>;
    if constexpr (is_complex<T>) return complex_lane<V>{V(unknown<part_t<T>>{divides}), V(unknown<part_t<T>>{divides})};
    else return detail::typed_lane<T>(unknown<computed_t<T>>{divides});
}

/// What divides integers in a function of elements of types T, or null.
template <class... T, class F>
[[nodiscard]] constexpr const char* what_divides(const F& f) {
    const char* name = nullptr;
    static_cast<void>(f(fixed::unknown_element<T>(&name)...));
    return name;
}

template <class F, class... T>
concept known_at_once = std::is_empty_v<F> && std::is_default_constructible_v<F> &&
                        requires { typename std::bool_constant<fixed::what_divides<T...>(F{}) != nullptr>; };

/// Whether the function may divide integers: it is known while compiling unless it captures something.
template <class F, class... T>
inline constexpr bool may_divide = true;
template <class F, class... T>
    requires known_at_once<F, T...>
inline constexpr bool may_divide<F, T...> = fixed::what_divides<T...>(F{}) != nullptr;

/// Throws value_error where the function, or one of the nodes that it is called on, divides integers by zero. Call has the space and the
/// widest type of the call.
template <class Target, class Call, class F, class... N>
inline void check_function(const F& f, const std::tuple<N...>& nodes, source where) {
    std::apply([where](const N&... n) { (fixed::check_divisors<Target>(n, where), ...); }, nodes);
    if constexpr (may_divide<F, typename N::value_type...>) {
        if (fixed::what_divides<typename N::value_type...>(f) == nullptr) return;
        using L = lanes<Target, typename Call::widest, 1>;
        using Space = space_of<Call>;
        const char* by_zero = nullptr;
        const auto watch = [&](auto v) {
            const auto x = detail::computed_lane(v).raw();
            const auto plain = fixed::unfactored<std::remove_const_t<decltype(x)>, Target>(x);
            return detail::typed_lane<element_of<decltype(v)>>(watched<std::remove_const_t<decltype(plain)>>{plain, &by_zero});
        };
        for (index_t row = 0; row < Space::rows; ++row) {
            for (index_t i = 0; i < Space::inner; ++i) {
                std::apply([&](const N&... n) { static_cast<void>(f(fixed::with_parts(n.template at<L, Space>(row, i), watch)...)); }, nodes);
            }
        }
        if (by_zero != nullptr) fixed::throw_divided_by_zero(by_zero, Call::shape_type::extents, where);
    }
}

}  // namespace fixed
}  // namespace sinter::inline v1::detail
