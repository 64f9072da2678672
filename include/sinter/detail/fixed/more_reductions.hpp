#pragma once

#include <sinter/detail/all.hpp>
#include <sinter/detail/fixed/complex_reductions.hpp>
#include <sinter/detail/fixed/contracting.hpp>

// Reductions of arrays of static shape that are made of others, and by the user's own functions. As for arrays of any shape, statement by statement, so that the bits are the same.

namespace sinter::inline v1 {

/// How many elements are not zero, as std::int64_t.
template <detail::static_like X>
[[nodiscard]] inline auto count_nonzero(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::reduced<detail::op::add, std::int64_t>(cast<bool>(x), at);
}
template <index_t Axis, detail::static_like X>
[[nodiscard]] inline auto count_nonzero(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::reduced_over<detail::op::add, std::int64_t, Axis>(cast<bool>(x), at);
}

/// The Euclidean norm: the root of the sum of squares; 0 over nothing. Integers give double. Squares that overflow make it infinite.
template <detail::static_like X>
[[nodiscard]] inline auto norm(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using T = detail::fixed::mean_of<typename X::value_type>;
    using C = detail::computed_t<T>;
    const C size = sqrt(detail::fixed::one_of<C>(detail::fixed::reduced<detail::op::add, C>(square(cast<C>(x)), at).item())).item();
    return detail::fixed::express([&] { return detail::fixed::number<T>{static_cast<T>(size)}; });
}
template <index_t Axis, detail::static_like X>
[[nodiscard]] inline auto norm(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using T = detail::fixed::mean_of<typename X::value_type>;
    using C = detail::computed_t<T>;
    if constexpr (X::shape_type::rank == 1) {
        static_assert(Axis == 0 || Axis == -1, "sinter: the axis of a reduction is out of range");
        return sinter::norm(x, at);
    } else {
        return cast<T>(sqrt(detail::fixed::reduced_over<detail::op::add, C, Axis>(square(cast<C>(x)), at))).eval();
    }
}

/// log(sum(exp(x))), without overflow: the greatest value is taken out first. Minus infinity over nothing; NaN if there is one. Integers give double.
template <detail::static_like X>
[[nodiscard]] inline auto logsumexp(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using T = detail::fixed::mean_of<typename X::value_type>;
    using C = detail::computed_t<T>;
    if constexpr (detail::fixed::check_order<X>()) {
        const auto values = cast<C>(x).eval(at);
        const auto found = detail::fixed::one_of<C>(detail::fixed::reduced<detail::op::maximum, C>(values, {}).item());
        const auto most = where(isfinite(found), found, C(0)).eval();
        const auto total = detail::fixed::one_of<C>(detail::fixed::reduced<detail::op::add, C>(exp(values - most.data()[0]), {}).item());
        const C result = (log(total) + most).item();
        return detail::fixed::express([&] { return detail::fixed::number<T>{static_cast<T>(result)}; });
    } else {
        return x;
    }
}
template <index_t Axis, detail::static_like X>
[[nodiscard]] inline auto logsumexp(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using T = detail::fixed::mean_of<typename X::value_type>;
    using C = detail::computed_t<T>;
    using S = typename X::shape_type;
    if constexpr (!detail::fixed::check_order<X>()) {
        return x;
    } else if constexpr (S::rank == 1) {
        static_assert(Axis == 0 || Axis == -1, "sinter: the axis of a reduction is out of range");
        return sinter::logsumexp(x, at);
    } else {
        constexpr index_t axis = Axis < 0 ? Axis + S::rank : Axis;
        const auto values = cast<C>(x).eval(at);
        const auto found = detail::fixed::reduced_over<detail::op::maximum, C, Axis>(values, {});
        const auto most = where(isfinite(found), found, C(0)).eval();
        typename detail::fixed::array_with_one<C, S, axis>::type kept(detail::fixed::uninitialized);
        std::copy_n(most.data(), most.size(), kept.mutable_data());
        const auto total = detail::fixed::reduced_over<detail::op::add, C, Axis>(exp(values - kept), {});
        return cast<T>(log(total) + most).eval();
    }
}

namespace detail {

template <static_like X>
[[nodiscard]] inline auto over_all(all_object, const X& x, place_of_call<X> at) {
    return cast<bool>(fixed::reduced<op::minimum, std::uint8_t>(cast<bool>(x), at));
}

namespace fixed {

/// A user's function of two elements of T, as what reduces.
template <class T, class F, class Target>
struct user_combination {
    const F& f;
    computed_t<T> nothing;

    template <class V>
    [[gnu::always_inline]] V combine(V a, V b) const {
        using B = std::remove_cvref_t<decltype(a.raw())>;
        const auto result = f(detail::typed_lane<T>(fixed::unfactored<B, Target>(a.raw())), detail::typed_lane<T>(fixed::unfactored<B, Target>(b.raw())));
        using R = std::remove_cvref_t<decltype(result)>;
        static_assert(std::same_as<typename result_element<R>::type, T>, "sinter: reduce: the function must return a value of the elements' type");
        if constexpr (is_lane<R>) return V(detail::computed_lane(result).raw().value);
        else return V(carrier<B>::constant(static_cast<computed_t<T>>(result)));
    }
};

/// What reduce is given, checked as that of other arrays is.
template <class F, class I, class X>
constexpr void check_reduce() {
    using T = typename X::value_type;
    static_assert(!std::same_as<T, bool>, "sinter: reduce: of bool there are all, any and count_nonzero; cast to an integer type for others");
    static_assert(std::is_invocable_v<const F&, typename single<T>::type, typename single<T>::type>, "sinter: reduce: the function takes two generic parameters (auto)");
    static_assert(!is_complex<I> || is_complex<T>, "sinter: reduce: the identity of real numbers is a real number");
    static_assert(!(floating<I> && !floating<T> && !is_complex<T>), "sinter: reduce: a floating-point identity for integers: cast<float>(x) the array first, or cast the number");
}

}  // namespace fixed
}  // namespace detail

/// Reduces the elements by the user's own function of two elements, which must be associative, with its identity. In the type of the elements; the identity over nothing. The order is that of
/// sum; complex numbers are combined half with half, as prod does it.
template <class F, class I, detail::static_like X>
    requires(detail::number_type<I> || detail::is_complex<I>)
[[nodiscard]] auto reduce(const F& f, I identity, const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using T = typename X::value_type;
    detail::fixed::check_reduce<F, I, X>();
    if constexpr (detail::is_complex<T>) {
        detail::fixed::storage<T, X::size()> values;
        detail::fixed::assign<detail::fixed::this_target>(values.element, x.node(), at);
        const T result = detail::fixed::product_of_halves<detail::fixed::this_target>(values.element, X::size(), detail::number_as<T>(identity), f);
        return detail::fixed::complex_number_of<T>(result.real(), result.imag());
    } else {
        using combination = detail::fixed::user_combination<T, F, detail::fixed::this_target>;
        return detail::fixed::reduced<combination, T>(x, at, combination{f, static_cast<detail::computed_t<T>>(identity)});
    }
}
template <index_t Axis, class F, class I, detail::static_like X>
    requires((detail::number_type<I> || detail::is_complex<I>) && !detail::is_complex<typename X::value_type>)
[[nodiscard]] auto reduce(const F& f, I identity, const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using T = typename X::value_type;
    detail::fixed::check_reduce<F, I, X>();
    using combination = detail::fixed::user_combination<T, F, detail::fixed::this_target>;
    return detail::fixed::reduced_over<combination, T, Axis>(x, at, combination{f, static_cast<detail::computed_t<T>>(identity)});
}

}  // namespace sinter::inline v1
