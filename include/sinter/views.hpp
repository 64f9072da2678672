#pragma once

#include <sinter/reductions.hpp>

namespace sinter::inline v1 {

// Other ways to look at an array. Nothing is copied: what reads a view reads the array's elements where they are.

/// The elements in reverse order along the axes; without axes, along all.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> flip(X&& x, const axis_list& axis = {}, detail::source where = detail::source::current()) {
    return array<detail::value_of<X>>(detail::edge{detail::record_flip(detail::reading_of(x, where).release(), axis.argument(), where)});
}

/// Two axes in each other's place.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> swapaxes(X&& x, index_t a, index_t b, detail::source where = detail::source::current()) {
    return array<detail::value_of<X>>(detail::edge{detail::record_swapped_axes(detail::reading_of(x, where).release(), a, b, where)});
}

/// Axes moved to other places; the others stay in order. Throws value_error unless there is a place for each.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> moveaxis(X&& x, const axis_list& from, const axis_list& to, detail::source where = detail::source::current()) {
    return array<detail::value_of<X>>(detail::edge{detail::record_moved_axes(detail::reading_of(x, where).release(), "moveaxis", from.argument(), to.argument(), where)});
}

/// Without the axes that are given, or all axes of extent 1. Throws shape_error if another extent is not 1.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> squeeze(X&& x, const axis_list& axis = {}, detail::source where = detail::source::current()) {
    return array<detail::value_of<X>>(detail::edge{detail::record_squeeze(detail::reading_of(x, where).release(), axis.argument(), where)});
}

/// With new axes of extent 1 at these places of the result.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> expand_dims(X&& x, const axis_list& axis, detail::source where = detail::source::current()) {
    return array<detail::value_of<X>>(detail::edge{detail::record_expanded(detail::reading_of(x, where).release(), axis.argument(), where)});
}

/// Repeated along new axes and axes of extent 1, as operands of an operation are. Throws shape_error if it does not fit.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> broadcast_to(X&& x, const extents& shape, detail::source where = detail::source::current()) {
    return array<detail::value_of<X>>(detail::edge{detail::record_broadcast(detail::reading_of(x, where).release(), shape, where)});
}

/// Which diagonal: so many columns to the right of the main one, of the matrices along two axes.
struct diagonal_options {
    index_t offset = 0;
    index_t axis1 = 0, axis2 = 1;
};

/// The diagonals of the matrices along two axes, as a last axis. Throws shape_error for fewer axes than two.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> diagonal(X&& x, const diagonal_options& o = {}, detail::source where = detail::source::current()) {
    return array<detail::value_of<X>>(detail::edge{detail::record_diagonal(detail::reading_of(x, where).release(), o.offset, o.axis1, o.axis2, where)});
}

}  // namespace sinter::inline v1
