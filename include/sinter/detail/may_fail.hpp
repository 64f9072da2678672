#pragma once

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

}  // namespace sinter::inline v1::detail
