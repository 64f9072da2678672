#pragma once

#include <sinter/views.hpp>

#include <initializer_list>
#include <span>
#include <vector>

namespace sinter::inline v1 {

// Arrays made of pieces of others. The result takes memory of its own, into which each piece is written once; statements that compute the pieces
// are part of the kernels that write them.

/// Along which axis; a negative one counts from the end.
struct axis_option {
    index_t axis = 0;
};

namespace detail {

/// Numbers in braces, or a list made at run time, one for each axis; Name has the function's name.
template <class Name>
class number_each {
public:
    number_each(std::initializer_list<braced_extent> numbers) : number_each(numbers.begin(), numbers.size()) {}
    template <class R>
        requires(std::convertible_to<const R&, std::span<const index_t>> && !std::same_as<R, number_each>)
    number_each(const R& numbers) : number_each(std::span<const index_t>(numbers).data(), std::span<const index_t>(numbers).size()) {}

    extents list;

private:
    template <class E>
    number_each(const E* from, std::size_t count) {
        if (count > static_cast<std::size_t>(max_rank)) throw shape_error(std::string(Name::text) + ": more than 8 numbers are given, one for each axis");
        for (std::size_t i = 0; i < count; ++i) {
            if constexpr (std::same_as<E, index_t>) list.push_back(from[i]);
            else list.push_back(from[i].value);
        }
    }
};
struct shifts_of_roll {
    static constexpr const char* text = "roll";
};
struct times_of_tile {
    static constexpr const char* text = "tile";
};

}  // namespace detail

/// Shifted along the axes, by as many places each; what leaves at one end comes in at the other. Shifts of an axis that is given twice add up. Without axes the elements are shifted in row-major order, and the shape is kept.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> roll(X&& x, const detail::number_each<detail::shifts_of_roll>& shifts, const axes_option& o = {}, detail::source where = detail::source::current()) {
    return array<detail::value_of<X>>(detail::handle{detail::record_roll(detail::reading_of(x, where).release(), shifts.list, o.axis.argument(), where)});
}
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> roll(X&& x, index_t shift, const axes_option& o = {}, detail::source where = detail::source::current()) {
    return array<detail::value_of<X>>(detail::handle{detail::record_roll(detail::reading_of(x, where).release(), extents{shift}, o.axis.argument(), where)});
}

/// How many elements pad puts before and after an axis.
struct pad_width {
    index_t before = 0, after = 0;
};

/// The same for every axis, or a list in braces with one for each.
class pad_widths {
public:
    pad_widths(index_t each) : list_{{each, each}}, count_{1} {}
    pad_widths(index_t before, index_t after) : list_{{before, after}}, count_{1} {}
    pad_widths(std::initializer_list<pad_width> axes) : pad_widths(std::span(axes.begin(), axes.size())) {}
    /// As many as the program finds out while it runs.
    template <class R>
        requires(std::convertible_to<const R&, std::span<const pad_width>>)
    pad_widths(const R& axes) {
        const std::span<const pad_width> given = axes;
        if (given.size() > static_cast<std::size_t>(max_rank)) throw shape_error("pad: widths for more than 8 axes");
        for (const pad_width& w : given) list_[count_++] = {w.before, w.after};
    }
    [[nodiscard]] const detail::margin* data() const noexcept { return list_; }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }

private:
    detail::margin list_[max_rank] = {};
    std::size_t count_ = 0;
};

/// The array with elements around it: pad(x, 1), pad(x, {1, 2}) before and after each axis, pad(x, {{1, 2}, {0, 0}}) for one axis after the other. reflect does not repeat the
/// elements at the ends. Throws value_error for widths below 0, and where there is nothing to repeat.
template <class X, class V = detail::value_of<X>>
    requires(detail::array_like<X> && (detail::number_type<V> || detail::is_complex<V>))
[[nodiscard]] array<detail::value_of<X>> pad(X&& x, const pad_widths& widths, pad_mode mode = pad_mode::constant, V value = {},
                                             detail::source where = detail::source::current()) {
    using T = detail::value_of<X>;
    static_assert(!(detail::floating<V> && !detail::floating<T> && !detail::is_complex<T>),
                  "sinter: pad: a floating-point number around integers: cast<float>(x) the array first, or cast the number");
    static_assert(!detail::is_complex<V> || detail::is_complex<T>, "sinter: pad: a complex number around real ones: take its real(), or cast the array");
    const array<T> fill = detail::filled<T>({}, detail::number_as<T>(value));
    return array<T>(detail::handle{detail::record_pad(detail::reading_of(x, where).release(), widths.data(), widths.size(), mode, fill.reading().release(), where)});
}

namespace detail {

template <class T>
[[nodiscard]] array<T> joined(std::span<const array<T>> arrays, index_t axis, bool along_new, source where) try {
    std::vector<node*> parts;
    parts.reserve(arrays.size());
    for (const array<T>& a : arrays) parts.push_back(a.reading().release());
    return array<T>(handle{detail::record_joined(parts.data(), parts.size(), axis, along_new, where)});
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("concatenate");
}

template <class X>
concept in_pieces = array_like<X> && !std::derived_from<X, array<typename X::value_type>>;

template <class X, std::size_t N>
[[nodiscard]] std::vector<array<typename X::value_type>> each_as_array(const X (&arrays)[N], source where) try {
    std::vector<array<typename X::value_type>> result;
    result.reserve(N);
    for (const X& x : arrays) result.emplace_back(detail::reading_of(x, where));
    return result;
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("concatenate");
}

}  // namespace detail

/// The arrays one after the other along an axis; their other extents are the same, or it is a shape_error.
template <class T>
[[nodiscard]] array<T> concatenate(std::initializer_list<array<T>> arrays, const axis_option& o = {}, detail::source where = detail::source::current()) {
    return detail::joined<T>({arrays.begin(), arrays.size()}, o.axis, false, where);
}
template <class T>
[[nodiscard]] array<T> concatenate(const std::vector<array<T>>& arrays, const axis_option& o = {}, detail::source where = detail::source::current()) {
    return detail::joined<T>(arrays, o.axis, false, where);
}
/// Of expressions, views or arrays of static shape, all of one type.
template <class X, std::size_t N>
    requires detail::in_pieces<X>
[[nodiscard]] array<typename X::value_type> concatenate(const X (&arrays)[N], const axis_option& o = {}, detail::source where = detail::source::current()) {
    return detail::joined<typename X::value_type>(detail::each_as_array(arrays, where), o.axis, false, where);
}

/// The arrays, of one shape, along a new axis.
template <class T>
[[nodiscard]] array<T> stack(std::initializer_list<array<T>> arrays, const axis_option& o = {}, detail::source where = detail::source::current()) {
    return detail::joined<T>({arrays.begin(), arrays.size()}, o.axis, true, where);
}
template <class T>
[[nodiscard]] array<T> stack(const std::vector<array<T>>& arrays, const axis_option& o = {}, detail::source where = detail::source::current()) {
    return detail::joined<T>(arrays, o.axis, true, where);
}
/// Of expressions, views or arrays of static shape, all of one type.
template <class X, std::size_t N>
    requires detail::in_pieces<X>
[[nodiscard]] array<typename X::value_type> stack(const X (&arrays)[N], const axis_option& o = {}, detail::source where = detail::source::current()) {
    return detail::joined<typename X::value_type>(detail::each_as_array(arrays, where), o.axis, true, where);
}

/// The array so many times along each axis; counts for fewer or more axes are those of the last ones, as shapes broadcast.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> tile(X&& x, const detail::number_each<detail::times_of_tile>& times, detail::source where = detail::source::current()) {
    return array<detail::value_of<X>>(detail::handle{detail::record_tile(detail::reading_of(x, where).release(), times.list, where)});
}
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> tile(X&& x, index_t times, detail::source where = detail::source::current()) {
    return array<detail::value_of<X>>(detail::handle{detail::record_tile(detail::reading_of(x, where).release(), extents{times}, where)});
}

/// Each element so many times along an axis; without one, of the flattened array.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> repeat(X&& x, index_t times, const axes_option& o = {}, detail::source where = detail::source::current()) {
    return array<detail::value_of<X>>(detail::handle{detail::record_repeat(detail::reading_of(x, where).release(), times, o.axis.argument(), where)});
}

}  // namespace sinter::inline v1
