#pragma once

#include <sinter/array.hpp>

namespace sinter::inline v1 {

/// One axis, or several in braces; negative ones count from the end.
class axis_list {
public:
    constexpr axis_list() noexcept = default;
    constexpr axis_list(index_t axis) noexcept : argument_{.list = {axis}, .count = 1, .given = true} {}
    constexpr axis_list(std::initializer_list<index_t> axes) {
        if (axes.size() > static_cast<std::size_t>(max_rank)) throw index_error("axis: more than 8 axes are given");
        for (const index_t a : axes) argument_.list[argument_.count++] = a;
        argument_.given = true;
    }
    [[nodiscard]] constexpr const detail::axes_argument& argument() const noexcept { return argument_; }

private:
    detail::axes_argument argument_;
};

/// What a reduction runs over. Without axes, over all. keepdims leaves the reduced axes with extent 1.
struct reduce_options {
    axis_list axis{};
    bool keepdims = false;
};

namespace detail {

template <class Op, class T, class X>
[[nodiscard]] array<T> reduce(X&& x, const reduce_options& options, const char* name, source where) {
    auto operand = detail::as_operand<T>(static_cast<X&&>(x));
    using E = decltype(operand);
    collected<E> parts{static_cast<E&&>(operand)};
    return array<T>(edge{detail::record_reduction(tape_of<E>::value, parts.arrays, parts.scalars, Op::code, name,
                                                  options.axis.argument(), options.keepdims, where)});
}

/// The element type of a sum or product: 64 bits for integers.
template <class T>
using sum_type = std::conditional_t<std::floating_point<T>, T,
                                    std::conditional_t<std::is_unsigned_v<T> && !std::same_as<T, bool>, std::uint64_t, std::int64_t>>;

template <class X>
using value_of = typename std::remove_cvref_t<X>::value_type;

}  // namespace detail

/// The sum over the axes; 0 over nothing. Integers give 64 bits.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] auto sum(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    return detail::reduce<detail::op::add, detail::sum_type<detail::value_of<X>>>(static_cast<X&&>(x), options, "sum", where);
}

/// The product over the axes; 1 over nothing. Integers give 64 bits.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] auto prod(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    return detail::reduce<detail::op::multiply, detail::sum_type<detail::value_of<X>>>(static_cast<X&&>(x), options, "prod", where);
}

/// The least value over the axes; NaN if there is one. Throws value_error over nothing.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] auto min(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    if constexpr (std::same_as<detail::value_of<X>, bool>) {
        return array<bool>(detail::reduce<detail::op::minimum, std::uint8_t>(static_cast<X&&>(x), options, "min", where) != 0, where.file, where.line);
    } else {
        return detail::reduce<detail::op::minimum, detail::value_of<X>>(static_cast<X&&>(x), options, "min", where);
    }
}

/// The greatest value over the axes; NaN if there is one. Throws value_error over nothing.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] auto max(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    if constexpr (std::same_as<detail::value_of<X>, bool>) {
        return array<bool>(detail::reduce<detail::op::maximum, std::uint8_t>(static_cast<X&&>(x), options, "max", where) != 0, where.file, where.line);
    } else {
        return detail::reduce<detail::op::maximum, detail::value_of<X>>(static_cast<X&&>(x), options, "max", where);
    }
}

/// The sum over the axes divided by their count; NaN over nothing. Integers give double.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] auto mean(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    using V = detail::value_of<X>;
    using T = std::conditional_t<std::floating_point<V>, V, double>;
    const array<V> values(x);
    const array<T> total = detail::reduce<detail::op::add, T>(values, options, "mean", where);
    const index_t count = total.size() > 0 ? values.size() / total.size() : 0;
    return array<T>(total / static_cast<T>(count), where.file, where.line);
}

/// How many elements over the axes are not zero, as std::int64_t.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] auto count_nonzero(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    return detail::reduce<detail::op::add, std::int64_t>(cast<bool>(static_cast<X&&>(x)), options, "count_nonzero", where);
}

/// The Euclidean norm: the root of the sum of squares over the axes; 0 over nothing. Integers give double. Squares that overflow make it infinite.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] auto norm(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    using V = detail::value_of<X>;
    using T = std::conditional_t<std::floating_point<V>, V, double>;
    return array<T>(sqrt(detail::reduce<detail::op::add, T>(square(cast<T>(static_cast<X&&>(x))), options, "norm", where)), where.file, where.line);
}

namespace detail {

/// As an index: the whole axis. Called on an array: true where all elements over the axes are.
struct all_object {
    template <class X>
        requires array_like<X>
    [[nodiscard]] array<bool> operator()(X&& x, const reduce_options& options = {}, source where = source::current()) const {
        return array<bool>(detail::reduce<op::minimum, std::uint8_t>(cast<bool>(static_cast<X&&>(x)), options, "all", where) != 0, where.file,
                           where.line);
    }
};

template <>
struct index_traits<all_object> {
    static constexpr bool valid = true;
    static constexpr index_item item(all_object) noexcept { return {.kind = index_kind::range}; }
};

}  // namespace detail

inline constexpr detail::all_object all{};

/// True where any element over the axes is.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<bool> any(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    return array<bool>(detail::reduce<detail::op::maximum, std::uint8_t>(cast<bool>(static_cast<X&&>(x)), options, "any", where) != 0, where.file,
                       where.line);
}

}  // namespace sinter::inline v1
