#pragma once

#include <sinter/detail/types.hpp>

#include <cmath>

namespace sinter::inline v1 {
namespace detail {

/// What a lane holds: a scalar, an xsimd::batch, a value of the kernel's code, or a value of a recorded function.
/// A specialisation has
///     using value_type = T;                         the element type
///     template <class U> using rebind = ...;        the carrier of U with as many lanes; of bool: the mask
///     static B constant(T);
///     template <class Op, class... A> static auto apply(A... carriers);      the primitive Op
///     template <class U> static rebind<U> convert(B);        value conversion, as cast<U>
///     template <class U> static rebind<U> bitcast(B);        same bits, same width
///     static constexpr bool expands;      whether composite operations run their body (true) or are recorded whole
template <class B>
struct carrier;

}  // namespace detail

namespace detail {

/// A number beside a lane of T.
template <class T, class S>
consteval bool check_literal() {
    static_assert(!(floating<S> && !floating<T>),
                  "sinter: a floating-point number with integers or conditions inside fn: cast<float>(v) them first, or cast the number; select(condition, a, b) chooses between numbers");
    return true;
}

}  // namespace detail

/// One element, or one vector of elements, in the body of an operation or of a user's function. Literals convert to it;
/// operators and Sinter's functions apply to it. It has no conversion to bool: use select instead of a branch.
template <class B>
class lane {
public:
    using carrier_type = B;
    using value_type = typename detail::carrier<B>::value_type;

    constexpr explicit(!std::is_arithmetic_v<B>) lane(B raw) noexcept : raw_{raw} {}

    /// A literal, converted to the element type of the lane.
    template <class S>
        requires(detail::number_type<S> && !std::same_as<S, B>)
    constexpr lane(S literal) : raw_{detail::carrier<B>::constant(static_cast<detail::computed_t<value_type>>(literal))} {
        static_assert(detail::check_literal<value_type, S>());
    }

    /// Does not compile: both sides of a branch would have to run.
    template <class U = B>
    explicit operator bool() const {
        static_assert(!std::same_as<U, B>, "sinter: a branch on a value inside fn: use select(condition, a, b), and & and | instead of && and ||");
        return false;
    }

    /// The carrier. Not for user code.
    [[nodiscard]] constexpr B raw() const noexcept { return raw_; }

private:
    B raw_;
};

namespace detail {

template <class T>
inline constexpr bool is_lane = false;
template <class B>
inline constexpr bool is_lane<lane<B>> = true;

/// A float, carried by B, that stands for an element of T, which has 16 bits: operations compute with the float.
template <half T, class B>
struct stands_for {
    B value;
};

template <class T>
inline constexpr bool is_half_lane = false;
template <class T, class B>
inline constexpr bool is_half_lane<lane<stands_for<T, B>>> = true;

template <class U, class B>
struct rebound {
    using type = typename carrier<B>::template rebind<U>;
};
template <half U, class B>
struct rebound<U, B> {
    using type = stands_for<U, typename carrier<B>::template rebind<float>>;
};
template <class U, class T, class B>
struct rebound<U, stands_for<T, B>> : rebound<U, B> {};
template <half U, class T, class B>
struct rebound<U, stands_for<T, B>> : rebound<U, B> {};

/// The lane of element type U that goes with V.
template <class U, class V>
using lane_as = lane<typename rebound<U, typename V::carrier_type>::type>;

/// A carrier as a lane of T: of the float that stands for it where T has 16 bits.
template <class T, class B>
[[nodiscard, gnu::always_inline]] constexpr auto typed_lane(B raw) {
    if constexpr (half<T>) return lane<stands_for<T, B>>({raw});
    else return lane<B>(raw);
}

/// The lane that is computed with: that of float for elements of 16 bits.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr auto computed_lane(V v) {
    if constexpr (is_half_lane<V>) return lane<decltype(v.raw().value)>{v.raw().value};
    else return v;
}

/// The C++ element type of lane V.
template <class V>
using element_of = typename V::value_type;

/// Converts the value of each element to U, as cast does; to a type of 16 bits without rounding it: see rounded.
template <class U, class V>
[[nodiscard]] constexpr auto convert(V v) {
    if constexpr (std::same_as<U, element_of<V>>) {
        return v;
    } else if constexpr (is_half_lane<V>) {
        return detail::convert<U>(detail::computed_lane(v));
    } else if constexpr (half<U>) {
        const auto x = detail::convert<float>(v);
        return lane_as<U, V>{stands_for<U, std::remove_cvref_t<decltype(x.raw())>>{x.raw()}};
    } else {
        return lane_as<U, V>{carrier<typename V::carrier_type>::template convert<U>(v.raw())};
    }
}

/// The same bits as another type of the same width.
template <class U, class V>
[[nodiscard]] constexpr auto bitcast(V v) {
    if constexpr (std::same_as<U, element_of<V>>) {
        return v;
    } else {
        return lane_as<U, V>{carrier<typename V::carrier_type>::template bitcast<U>(v.raw())};
    }
}

}  // namespace detail
}  // namespace sinter::inline v1
