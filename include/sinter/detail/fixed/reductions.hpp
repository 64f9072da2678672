#pragma once

#include <sinter/detail/fixed/array.hpp>
#include <sinter/detail/fixed/reduce.hpp>
#include <sinter/options.hpp>

#include <algorithm>

namespace sinter::inline v1 {

namespace detail::fixed {

/// The element type of a sum: 64 bits for integers.
template <class T>
using sum_of = std::conditional_t<floating<T>, T,
                                  std::conditional_t<std::is_unsigned_v<T> && !std::same_as<T, bool>, std::uint64_t, std::int64_t>>;
template <class T>
using mean_of = std::conditional_t<floating<T>, T, double>;

template <class X>
using element_of_argument = typename std::remove_cvref_t<X>::value_type;
template <class X>
using shape_of_argument = typename std::remove_cvref_t<X>::shape_type;

/// Over all axes: an expression of rank 0 that holds the value, computed as float and rounded where T has 16 bits.
template <class Op, class T, class X>
[[nodiscard, gnu::always_inline]] inline auto reduced(const X& x, source at, const Op& op = {}) {
    using S = typename without_ones<typename X::shape_type>::type;
    using C = computed_t<T>;
    const C value = fixed::with_source<this_target, C>(
        x.node(), at, [&](const auto& values) { return fixed::reduce_all<Op, this_target, C, S>(op, values); });
    return fixed::express([&] { return number<T>{static_cast<T>(value)}; });
}

template <class T>
[[nodiscard]] inline array<T, 1> one_of(T value) {
    array<T, 1> held(uninitialized);
    held.mutable_data()[0] = value;
    return held;
}

template <class T, class S, index_t Axis>
struct array_without {
    template <std::size_t... D>
    static auto pick(std::index_sequence<D...>)
        -> array<T, S::extent(static_cast<index_t>(D) < Axis ? static_cast<index_t>(D) : static_cast<index_t>(D) + 1, S::rank)...>;
    using type = decltype(pick(std::make_index_sequence<static_cast<std::size_t>(S::rank - 1)>{}));
};

/// With an extent of 1 along the axis.
template <class T, class S, index_t Axis>
struct array_with_one {
    template <std::size_t... D>
    static auto pick(std::index_sequence<D...>) -> array<T, (static_cast<index_t>(D) == Axis ? 1 : S::extent(static_cast<index_t>(D), S::rank))...>;
    using type = decltype(pick(std::make_index_sequence<static_cast<std::size_t>(S::rank)>{}));
};

/// Over one axis: an array without it; of an array of rank 1, as over all.
template <class Op, class T, index_t Given, class X>
[[nodiscard, gnu::always_inline]] inline auto reduced_over(const X& x, source at, const Op& op = {}) {
    using S = typename X::shape_type;
    constexpr index_t axis = Given < 0 ? Given + S::rank : Given;
    static_assert(axis >= 0 && axis < S::rank, "sinter: the axis of a reduction is out of range");
    if constexpr (S::rank == 1) {
        return fixed::reduced<Op, T>(x, at, op);
    } else {
        using C = computed_t<T>;
        typename array_without<C, S, axis>::type result(uninitialized);
        fixed::with_source<this_target, C>(x.node(), at, [&](const auto& values) {
            fixed::reduce_axis<Op, this_target, C, S, axis>(op, result.mutable_data(), values);
        });
        if constexpr (half<T>) return cast<T>(result).eval();
        else return result;
    }
}

/// Said at compile time of what compares sizes.
template <class X>
constexpr bool check_order() {
    constexpr bool has_order = !is_complex<typename X::value_type>;
    static_assert(has_order, "sinter: complex numbers have no order: compare abs(z), real(z) or imag(z)");
    return has_order;
}

/// The least or greatest; of bool by way of bytes.
template <class Op, class X>
[[nodiscard, gnu::always_inline]] inline auto extreme(const X& x, source at) {
    if constexpr (!fixed::check_order<X>()) return x;
    else if constexpr (std::same_as<typename X::value_type, bool>) return cast<bool>(fixed::reduced<Op, std::uint8_t>(x, at));
    else return fixed::reduced<Op, typename X::value_type>(x, at);
}
template <class Op, index_t Axis, class X>
[[nodiscard, gnu::always_inline]] inline auto extreme_over(const X& x, source at) {
    if constexpr (!fixed::check_order<X>()) return x;
    else if constexpr (std::same_as<typename X::value_type, bool>) return cast<bool>(fixed::reduced_over<Op, std::uint8_t, Axis>(x, at)).eval();
    else return fixed::reduced_over<Op, typename X::value_type, Axis>(x, at);
}

/// The index of the extreme among n elements that are `step` apart: the first, and that of the first NaN.
template <bool Least, class T>
[[nodiscard]] inline index_t first_extreme(const T* v, index_t n, index_t step) noexcept {
    index_t at = 0;
    for (index_t i = 0; i < n; ++i) {
        const T x = v[i * step], best = v[at * step];
        if (x != x) return i;
        if (Least ? x < best : x > best) at = i;
    }
    return at;
}

template <bool Least, class X>
[[nodiscard]] inline auto place_of_extreme(const X& x, place_of_call<X> at) {
    static_assert(X::shape_type::size > 0, "sinter: the index of an extreme of no elements");
    if constexpr (fixed::check_order<X>()) {
        const index_t found = x.with_elements([](const auto* v) { return fixed::first_extreme<Least>(v, X::size(), 1); }, at);
        return fixed::express([&] { return number<index_t>{found}; });
    } else {
        return x;
    }
}
template <bool Least, index_t Given, class X>
[[nodiscard]] inline auto place_of_extreme_over(const X& x, place_of_call<X> at) {
    using S = typename X::shape_type;
    constexpr index_t axis = Given < 0 ? Given + S::rank : Given;
    static_assert(axis >= 0 && axis < S::rank, "sinter: the axis of a reduction is out of range");
    static_assert(S::size > 0, "sinter: the index of an extreme of no elements");
    if constexpr (!fixed::check_order<X>()) {
        return x;
    } else if constexpr (S::rank == 1) {
        return fixed::place_of_extreme<Least>(x, at);
    } else {
        typename array_without<index_t, S, axis>::type result(uninitialized);
        constexpr index_t n = S::extent(axis, S::rank);
        index_t step = 1;
        for (index_t d = axis + 1; d < S::rank; ++d) step *= S::extent(d, S::rank);
        x.with_elements([&](const auto* v) {
            index_t* const to = result.mutable_data();
            for (index_t i = 0; i < S::size / n; ++i) to[i] = fixed::first_extreme<Least>(v + i / step * step * n + i % step, n, step);
            return 0;
        }, at);
        return result;
    }
}

}  // namespace detail::fixed

// Reductions of arrays of static shape: over all axes, giving an expression of rank 0 (use item()), or over the axis that is
// given as a template argument, sum<1>(x), giving an array. They are computed at once.

/// The sum; 0 over nothing. Integers give 64 bits.
template <detail::static_like X>
[[nodiscard, gnu::always_inline]] inline auto sum(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::reduced<detail::op::add, detail::fixed::sum_of<typename X::value_type>>(x, at);
}
template <index_t Axis, detail::static_like X>
[[nodiscard, gnu::always_inline]] inline auto sum(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::reduced_over<detail::op::add, detail::fixed::sum_of<typename X::value_type>, Axis>(x, at);
}

/// The product; 1 over nothing. Integers give 64 bits.
template <detail::static_like X>
[[nodiscard, gnu::always_inline]] inline auto prod(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::reduced<detail::op::multiply, detail::fixed::sum_of<typename X::value_type>>(x, at);
}
template <index_t Axis, detail::static_like X>
[[nodiscard, gnu::always_inline]] inline auto prod(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::reduced_over<detail::op::multiply, detail::fixed::sum_of<typename X::value_type>, Axis>(x, at);
}

/// Whether any element is true, or not zero; false over nothing.
template <detail::static_like X>
[[nodiscard, gnu::always_inline]] inline auto any(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return cast<bool>(detail::fixed::reduced<detail::op::maximum, std::uint8_t>(cast<bool>(x), at));
}
template <index_t Axis, detail::static_like X>
[[nodiscard, gnu::always_inline]] inline auto any(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return cast<bool>(detail::fixed::reduced_over<detail::op::maximum, std::uint8_t, Axis>(cast<bool>(x), at)).eval();
}

/// The least value; NaN if there is one. There must be at least one element.
template <detail::static_like X>
[[nodiscard, gnu::always_inline]] inline auto min(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    static_assert(X::shape_type::size > 0, "sinter: min of no elements");
    return detail::fixed::extreme<detail::op::minimum>(x, at);
}
template <index_t Axis, detail::static_like X>
[[nodiscard, gnu::always_inline]] inline auto min(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    static_assert(X::shape_type::size > 0, "sinter: min of no elements");
    return detail::fixed::extreme_over<detail::op::minimum, Axis>(x, at);
}

/// The greatest value; NaN if there is one. There must be at least one element.
template <detail::static_like X>
[[nodiscard, gnu::always_inline]] inline auto max(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    static_assert(X::shape_type::size > 0, "sinter: max of no elements");
    return detail::fixed::extreme<detail::op::maximum>(x, at);
}
template <index_t Axis, detail::static_like X>
[[nodiscard, gnu::always_inline]] inline auto max(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    static_assert(X::shape_type::size > 0, "sinter: max of no elements");
    return detail::fixed::extreme_over<detail::op::maximum, Axis>(x, at);
}

/// The index of the least value, among all elements in row-major order or along an axis: the first of several, and that of the first NaN if there is one. There must be at least
/// one element.
template <detail::static_like X>
[[nodiscard]] inline auto argmin(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::place_of_extreme<true>(x, at);
}
template <index_t Axis, detail::static_like X>
[[nodiscard]] inline auto argmin(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::place_of_extreme_over<true, Axis>(x, at);
}

/// The index of the greatest value, likewise.
template <detail::static_like X>
[[nodiscard]] inline auto argmax(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::place_of_extreme<false>(x, at);
}
template <index_t Axis, detail::static_like X>
[[nodiscard]] inline auto argmax(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::place_of_extreme_over<false, Axis>(x, at);
}

/// The sum divided by the number of elements; NaN over nothing. Integers give double.
template <detail::static_like X>
[[nodiscard, gnu::always_inline]] inline auto mean(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using T = detail::fixed::mean_of<typename X::value_type>;
    using C = detail::computed_t<T>;
    const C total = detail::fixed::reduced<detail::op::add, C>(x, at).item();
    return detail::fixed::express([&] { return detail::fixed::number<T>{static_cast<T>(total / static_cast<C>(X::size()))}; });
}
template <index_t Axis, detail::static_like X>
[[nodiscard, gnu::always_inline]] inline auto mean(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using T = detail::fixed::mean_of<typename X::value_type>;
    using C = detail::computed_t<T>;
    const auto total = detail::fixed::reduced_over<detail::op::add, C, Axis>(x, at);
    if constexpr (detail::half<T>) return cast<T>(total / static_cast<C>(X::extent(Axis))).eval();
    else return (total / static_cast<T>(X::extent(Axis))).eval();
}

/// The sum of squares is divided by the count less ddof.
struct static_variance {
    index_t ddof = 0;
};

namespace detail::fixed {

/// As for arrays of any shape (reductions.hpp), statement by statement, so that the bits are the same. total: the sums in a shape that broadcasts against x. over(x): sums of x.
template <bool Root, class T, class X, class S, class F>
[[nodiscard]] inline auto variance(const X& x, const S& total, index_t count, const static_variance& o, const F& over) {
    const auto away = (x - total / static_cast<T>(count)).eval();
    const auto squares = over(square(away));
    const auto rest = over(away);
    const T divisor = count > o.ddof ? static_cast<T>(count - o.ddof) : T(0);
    const auto result = (maximum(squares - rest * (rest / static_cast<T>(count)), T(0)) / divisor).eval();
    if constexpr (Root) {
        return sqrt(result).eval();
    } else {
        return result;
    }
}

template <bool Root, class X>
[[nodiscard]] inline auto variance_of_all(const X& x, const static_variance& o, place_of_call<X> at) {
    using T = mean_of<typename X::value_type>;
    const auto values = cast<T>(x).eval(at);
    const auto over = [&](const auto& v) { return fixed::one_of<T>(fixed::reduced<op::add, T>(v, {}).item()); };
    const T spread = fixed::variance<Root, T>(values, over(values), X::size(), o, over).data()[0];
    return fixed::express([&] { return number<T>{spread}; });
}

template <bool Root, index_t Given, class X>
[[nodiscard]] inline auto variance_over(const X& x, const static_variance& o, place_of_call<X> at) {
    using S = typename X::shape_type;
    constexpr index_t axis = Given < 0 ? Given + S::rank : Given;
    static_assert(axis >= 0 && axis < S::rank, "sinter: the axis of a reduction is out of range");
    if constexpr (S::rank == 1) {
        return fixed::variance_of_all<Root>(x, o, at);
    } else {
        using T = mean_of<typename X::value_type>;
        const auto values = cast<T>(x).eval(at);
        const auto sums = fixed::reduced_over<op::add, T, axis>(values, {});
        typename array_with_one<T, S, axis>::type total(uninitialized);
        std::copy_n(sums.data(), sums.size(), total.mutable_data());
        return fixed::variance<Root, T>(values, total, S::extent(axis, S::rank), o, [](const auto& v) { return fixed::reduced_over<op::add, T, axis>(v, {}); });
    }
}

}  // namespace detail::fixed

/// The variance: the sum of the squares of what is away from the mean, divided by the count less ddof; NaN over nothing. Integers give double. Safe for large means. The bits are those of
/// dynamic arrays for up to 1 Mi elements, from where on those take blocks.
template <detail::static_like X>
[[nodiscard]] inline auto var(const X& x, const static_variance& o = {}, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::variance_of_all<false>(x, o, at);
}
template <index_t Axis, detail::static_like X>
[[nodiscard]] inline auto var(const X& x, const static_variance& o = {}, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::variance_over<false, Axis>(x, o, at);
}

/// The standard deviation: the root of var.
template <detail::static_like X>
[[nodiscard]] inline auto std(const X& x, const static_variance& o = {}, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::variance_of_all<true>(x, o, at);
}
template <index_t Axis, detail::static_like X>
[[nodiscard]] inline auto std(const X& x, const static_variance& o = {}, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::variance_over<true, Axis>(x, o, at);
}

/// Same shape and equal elements; NaN equals nothing.
template <detail::static_like A, detail::static_like B>
    requires std::same_as<typename A::value_type, typename B::value_type>
[[nodiscard]] bool array_equal(const A& x, const B& y, detail::place_of_call<A, B> at = detail::place_of_call<A, B>::current()) {
    if constexpr (!std::same_as<typename A::shape_type, typename B::shape_type>) {
        return false;
    } else {
        return x.with_elements([&](const auto* a) {
            return y.with_elements([&](const auto* b) {
                bool equal = true;
                for (index_t i = 0; i < A::size(); ++i) equal &= a[i] == b[i];
                return equal;
            }, at);
        }, at);
    }
}

/// Same shape and |x - y| <= atol + rtol * |y| everywhere; infinities of one sign are close, NaN is close to nothing.
template <detail::static_like A, detail::static_like B>
    requires std::same_as<typename A::value_type, typename B::value_type>
[[nodiscard]] bool allclose(const A& x, const B& y, const tolerance& t = {}, detail::place_of_call<A, B> at = detail::place_of_call<A, B>::current()) {
    if constexpr (!std::same_as<typename A::shape_type, typename B::shape_type>) {
        return false;
    } else {
        return x.with_elements([&](const auto* a) {
            return y.with_elements([&](const auto* b) {
                bool close = true;
                for (index_t i = 0; i < A::size(); ++i) {
                    if constexpr (detail::is_complex<typename A::value_type>) {
                        const std::complex<double> p(a[i]), q(b[i]);
                        const double apart = std::hypot(p.real() - q.real(), p.imag() - q.imag()), size = std::hypot(q.real(), q.imag());
                        close &= p == q || (apart <= t.atol + t.rtol * size && std::isfinite(size));
                    } else {
                        const auto p = static_cast<double>(a[i]), q = static_cast<double>(b[i]);
                        close &= p == q || (std::fabs(p - q) <= t.atol + t.rtol * std::fabs(q) && std::isfinite(q));
                    }
                }
                return close;
            }, at);
        }, at);
    }
}

}  // namespace sinter::inline v1
