#pragma once

#include <sinter/detail/source.hpp>

#include <concepts>
#include <type_traits>

namespace sinter::inline v1::detail {

/// What a compound assignment takes of such an expression, as a statement of that line.
template <class T>
struct quotient;

/// An expression that divides integers, and that nothing contracts with.
template <class V>
inline constexpr bool is_failing = false;
template <class V>
concept may_fail = is_failing<std::remove_cvref_t<V>>;
/// And that is the same number as a T as it is in an operation with one: complex numbers and short floats are not.
template <class V, class T>
concept may_fail_for = may_fail<V> && (std::is_integral_v<T> || std::same_as<T, float> || std::same_as<T, double>);

/// Where a call stands that cannot fail: nothing, and nothing is passed. As call_place, it is not made of braces.
struct no_place {
    struct key {};
    constexpr explicit no_place(key) noexcept {}
    [[nodiscard]] static constexpr no_place current() noexcept { return no_place(key{}); }
    constexpr operator source() const noexcept { return {}; }
};
template <class... X>
struct place_for {
    using type = std::conditional_t<(may_fail<X> || ...), call_place, no_place>;
};
/// The caller's place, as a default argument of what computes these.
template <class... X>
using place_of_call = typename place_for<X...>::type;

}  // namespace sinter::inline v1::detail
