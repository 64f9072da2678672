#pragma once

#include <sinter/reductions.hpp>

namespace sinter::inline v1 {

namespace detail {

template <class Op, class X>
[[nodiscard]] auto accumulated(X&& x, const axes_option& o, const char* name, source where) {
    using R = sum_type<value_of<X>>;
    using T = computed_t<R>;
    const auto record = [&]<class E>(E&& operand, const axis_list& axis) {
        using plain = std::remove_cvref_t<E>;
        collected<plain> parts{static_cast<E&&>(operand)};
        return detail::stored_as<R>(array<T>(edge{detail::record_scan(tape_of<plain>::value, parts.arrays, parts.scalars, Op::code, name, axis.argument(), where)}), where);
    };
    if (o.axis.argument().given || x.rank() == 1) return record(detail::as_operand<T>(static_cast<X&&>(x)), o.axis.argument().given ? o.axis : axis_list(0));
    return record(detail::as_operand<T>(array<value_of<X>>(detail::reading_of(x, where)).flatten()), axis_list(0));
}

}  // namespace detail

/// The sums of the elements up to and with each one, along an axis; without one, of the flattened array, which takes a copy of a pending array of several axes. Integers give 64 bits; float16 and bfloat16 are added as float, and each sum is rounded once. Along a
/// last axis of n elements the error is that of n / 64 + 64 roundings; along another one, of as many as there are elements.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] auto cumsum(X&& x, const axes_option& o = {}, detail::source where = detail::source::current()) {
    return detail::accumulated<detail::op::add>(static_cast<X&&>(x), o, "cumsum", where);
}

/// The products, likewise.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] auto cumprod(X&& x, const axes_option& o = {}, detail::source where = detail::source::current()) {
    return detail::accumulated<detail::op::multiply>(static_cast<X&&>(x), o, "cumprod", where);
}

}  // namespace sinter::inline v1
