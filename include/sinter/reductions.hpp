#pragma once

#include <sinter/array.hpp>
#include <sinter/detail/all.hpp>
#include <sinter/detail/composed.hpp>
#include <sinter/detail/moments.hpp>

namespace sinter::inline v1 {

namespace detail {

template <class T, class X>
[[nodiscard]] array<T> reduce_by(std::uint16_t code, X&& x, const reduce_options& options, const char* name, source where,
                                 over_nothing nothing = over_nothing::identity) {
    auto operand = detail::as_operand<T>(static_cast<X&&>(x));
    using E = decltype(operand);
    collected<E> parts{static_cast<E&&>(operand)};
    return array<T>(edge{detail::record_reduction(tape_of<E>::value, parts.arrays, parts.scalars,
                                                  {code, name, nothing, options.axis.argument(), options.keepdims}, where)});
}

/// What was computed as float, in its 16 bits.
template <class T>
[[nodiscard]] array<T> stored_as(array<computed_t<T>> x, [[maybe_unused]] source where) {
    if constexpr (half<T>) return array<T>(cast<T>(x), where.file, where.line);
    else return x;
}

template <class Op, class T, class X>
[[nodiscard]] array<T> reduce(X&& x, const reduce_options& options, const char* name, source where, over_nothing nothing = over_nothing::identity) {
    return detail::reduce_by<T>(Op::code, static_cast<X&&>(x), options, name, where, nothing);
}

/// The element type of a sum or product: 64 bits for integers.
template <class T>
using sum_type = std::conditional_t<floating<T>, T,
                                    std::conditional_t<std::is_unsigned_v<T> && !std::same_as<T, bool>, std::uint64_t, std::int64_t>>;

template <class X>
using value_of = typename std::remove_cvref_t<X>::value_type;

/// The element type of a mean: double for integers.
template <class T>
using mean_type = std::conditional_t<floating<T>, T, double>;

/// The argument as one statement, for those that look at it more than once.
template <class T, class X>
[[nodiscard]] array<T> values_as(X&& x, source where) {
    auto operand = detail::as_operand<T>(static_cast<X&&>(x));
    return array<T>(detail::record(std::move(operand), where));
}

/// For what compares elements.
template <class X>
constexpr void check_order() {
    static_assert(!is_complex<value_of<X>>, "sinter: complex numbers have no order: compare abs(z), real(z) or imag(z)");
}

/// The least or greatest value; of bool by way of bytes.
template <class Op, class X>
[[nodiscard]] auto extreme(X&& x, const reduce_options& options, const char* name, source where) {
    detail::check_order<X>();
    if constexpr (std::same_as<value_of<X>, bool>) {
        return array<bool>(detail::reduce<Op, std::uint8_t>(static_cast<X&&>(x), options, name, where, over_nothing::error) != 0, where.file, where.line);
    } else {
        using T = value_of<X>;
        return detail::stored_as<T>(detail::reduce<Op, computed_t<T>>(static_cast<X&&>(x), options, name, where, over_nothing::error), where);
    }
}

}  // namespace detail

/// The sum over the axes; 0 over nothing. Integers give 64 bits; float16 and bfloat16 are added as float, and the sum is rounded once.
template <class X>
    requires detail::dynamic_like<X>
[[nodiscard]] auto sum(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    using T = detail::sum_type<detail::value_of<X>>;
    return detail::stored_as<T>(detail::reduce<detail::op::add, detail::computed_t<T>>(static_cast<X&&>(x), options, "sum", where), where);
}

/// The product over the axes; 1 over nothing. Integers give 64 bits; float16 and bfloat16 as for sum.
template <class X>
    requires detail::dynamic_like<X>
[[nodiscard]] auto prod(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    using T = detail::sum_type<detail::value_of<X>>;
    return detail::stored_as<T>(detail::reduce<detail::op::multiply, detail::computed_t<T>>(static_cast<X&&>(x), options, "prod", where), where);
}

/// The least value over the axes; NaN if there is one. Throws value_error over nothing.
template <class X>
    requires detail::dynamic_like<X>
[[nodiscard]] auto min(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    return detail::extreme<detail::op::minimum>(static_cast<X&&>(x), options, "min", where);
}

/// The greatest value over the axes; NaN if there is one. Throws value_error over nothing.
template <class X>
    requires detail::dynamic_like<X>
[[nodiscard]] auto max(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    return detail::extreme<detail::op::maximum>(static_cast<X&&>(x), options, "max", where);
}

/// The sum over the axes divided by their count; NaN over nothing. Integers give double; float16 and bfloat16 are rounded once, at the end.
template <class X>
    requires detail::dynamic_like<X>
[[nodiscard]] auto mean(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    using V = detail::value_of<X>;
    using T = detail::mean_type<V>;
    using C = detail::computed_t<T>;
    const auto values = detail::values_as<detail::computed_t<V>>(x, where);
    if constexpr (std::same_as<C, detail::computed_t<V>>) {
        if (!detail::shares_blocks(values, options.axis.argument())) return detail::record_composed<detail::composed_mean<C, T>, T>(values, options.axis.argument(), options.keepdims, "mean", where);
    }
    const array<C> total = detail::total_of<C>(values, options.axis.argument(), options.keepdims, "mean", where);
    const index_t count = total.size() > 0 ? values.size() / total.size() : 0;
    return array<T>(detail::cast_if_half<T>(total / static_cast<C>(count)), where.file, where.line);
}

/// How many elements over the axes are not zero, as std::int64_t.
template <class X>
    requires detail::dynamic_like<X>
[[nodiscard]] auto count_nonzero(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    return detail::reduce<detail::op::add, std::int64_t>(cast<bool>(static_cast<X&&>(x)), options, "count_nonzero", where);
}

/// The Euclidean norm: the root of the sum of squares over the axes; 0 over nothing. Integers give double. Squares that overflow make it infinite.
template <class X>
    requires detail::dynamic_like<X>
[[nodiscard]] auto norm(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    using T = detail::mean_type<detail::value_of<X>>;
    using C = detail::computed_t<T>;
    return array<T>(detail::cast_if_half<T>(sqrt(detail::reduce<detail::op::add, C>(square(cast<C>(static_cast<X&&>(x))), options, "norm", where))), where.file, where.line);
}

namespace detail {

/// The place of the least or greatest value; of bool by way of bytes.
template <class Op, class X>
[[nodiscard]] array<index_t> place_of_extreme(X&& x, const reduce_options& options, const char* name, source where) {
    detail::check_order<X>();
    using T = std::conditional_t<std::same_as<value_of<X>, bool>, std::uint8_t, computed_t<value_of<X>>>;
    auto operand = detail::as_operand<T>(static_cast<X&&>(x));
    using E = decltype(operand);
    collected<E> parts{static_cast<E&&>(operand)};
    constexpr auto code = static_cast<std::uint16_t>(Op::code | node::gives_index);
    return array<index_t>(edge{detail::record_reduction(tape_of<E>::value, parts.arrays, parts.scalars,
                                                        {code, name, over_nothing::error, options.axis.argument(), options.keepdims}, where)});
}

}  // namespace detail

/// The index of the least value along one axis, or among all elements in row-major order without one: the first of several, and that of the first NaN if there is
/// one. Throws value_error over nothing, and for more than one axis.
template <class X>
    requires detail::dynamic_like<X>
[[nodiscard]] array<index_t> argmin(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    return detail::place_of_extreme<detail::op::minimum>(static_cast<X&&>(x), options, "argmin", where);
}

/// The index of the greatest value, as argmin.
template <class X>
    requires detail::dynamic_like<X>
[[nodiscard]] array<index_t> argmax(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    return detail::place_of_extreme<detail::op::maximum>(static_cast<X&&>(x), options, "argmax", where);
}

namespace detail {

/// The variance. Both passes (composed.hpp) are ordinary reductions, so their order is fixed; the planner runs them together, tile by tile, where rows stay in a cache. Of what near caches
/// do not hold, row by row: moments.hpp.
template <bool Root, class X>
[[nodiscard]] auto variance(X&& x, const variance_options& options, const char* name, source where) {
    using R = mean_type<value_of<X>>;
    using T = computed_t<R>;
    const array<T> values = detail::values_as<T>(static_cast<X&&>(x), where);
    if (const std::optional<long_rows> r = detail::find_long_rows(values, options.axis.argument(), beyond_near_caches)) {
        auto result = detail::in_shape(detail::squares_of_rows(values, *r, options.axis.argument(), name, where), r->shape(options.keepdims), where) /
                      (r->count > options.ddof ? static_cast<T>(r->count - options.ddof) : T(0));
        if constexpr (Root) return array<R>(detail::cast_if_half<R>(sqrt(std::move(result))), where.file, where.line);
        else return array<R>(detail::cast_if_half<R>(std::move(result)), where.file, where.line);
    }
    return detail::record_composed<composed_variance<T, R, Root>, R>(values, options.axis.argument(), options.keepdims, name, where, options.ddof);
}

template <class X>
    requires dynamic_like<X>
[[nodiscard]] array<bool> over_all(all_object, X&& x, const reduce_options& options, source where) {
    return array<bool>(detail::reduce<op::minimum, std::uint8_t>(cast<bool>(static_cast<X&&>(x)), options, "all", where) != 0, where.file, where.line);
}

template <>
struct index_traits<all_object> {
    static constexpr bool valid = true;
    static constexpr index_item item(all_object) noexcept { return {.kind = index_kind::range}; }
};

}  // namespace detail

/// The variance over the axes: the sum of the squares of what is away from the mean, divided by the count less ddof. NaN over nothing and, as
/// for NumPy, NaN or infinite where ddof is the count or more. Integers give double. Safe for large means: relative error some 300 ULP at most, and
/// hardly ever more than some, however many values there are, as long as they spread over more than a few ULP of their mean. (Of more than 262144 values, 16 times that at most, where one in
/// 16 has been chosen to be unlike all others.)
template <class X>
    requires detail::dynamic_like<X>
[[nodiscard]] auto var(X&& x, const variance_options& options = {}, detail::source where = detail::source::current()) {
    return detail::variance<false>(static_cast<X&&>(x), options, "var", where);
}

/// The standard deviation over the axes: the root of var.
template <class X>
    requires detail::dynamic_like<X>
[[nodiscard]] auto std(X&& x, const variance_options& options = {}, detail::source where = detail::source::current()) {
    return detail::variance<true>(static_cast<X&&>(x), options, "std", where);
}

/// log(sum(exp(x))) over the axes, without overflow: the greatest value is taken out first. Minus infinity over nothing, which is the logarithm
/// of 0; NaN if there is one. Integers give double.
template <class X>
    requires detail::dynamic_like<X>
[[nodiscard]] auto logsumexp(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    detail::check_order<X>();
    using R = detail::mean_type<detail::value_of<X>>;
    using T = detail::computed_t<R>;
    const array<T> values = detail::values_as<T>(static_cast<X&&>(x), where);
    if (const std::optional<detail::long_rows> r = detail::find_long_rows(values, options.axis.argument(), detail::beyond_caches)) {
        return detail::stored_as<R>(detail::in_shape(detail::logsumexp_of_rows(values, *r, options.axis.argument(), where), r->shape(options.keepdims), where), where);
    }
    return detail::record_composed<detail::composed_logsumexp<T, R>, R>(values, options.axis.argument(), options.keepdims, "logsumexp", where);
}

/// True where any element over the axes is.
template <class X>
    requires detail::dynamic_like<X>
[[nodiscard]] array<bool> any(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    return array<bool>(detail::reduce<detail::op::maximum, std::uint8_t>(cast<bool>(static_cast<X&&>(x)), options, "any", where) != 0, where.file,
                       where.line);
}

}  // namespace sinter::inline v1
