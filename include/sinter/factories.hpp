#pragma once

#include <sinter/array.hpp>

#include <limits>
#include <memory>

namespace sinter::inline v1 {

namespace detail {

[[nodiscard]] SINTER_API node* borrow_node(dtype type, void* data, bool writable, const extents& shape, const extents& strides,
                                           std::shared_ptr<void> owner);

}  // namespace detail

/// Memory without values yet; undefined contents.
template <class T>
[[nodiscard]] array<T> empty(const extents& shape) {
    detail::check_shape("empty", shape);
    return array<T>(detail::handle{detail::allocate_node(detail::dtype_of<T>, shape)});
}

/// Every element is value.
template <class T>
    requires detail::element<T>
[[nodiscard]] array<T> full(const extents& shape, T value) {
    detail::check_shape("full", shape);
    return detail::filled<T>(shape, value);
}
template <class T>
[[nodiscard]] array<T> zeros(const extents& shape) {
    detail::check_shape("zeros", shape);
    return detail::filled<T>(shape, T(0));
}
template <class T>
[[nodiscard]] array<T> ones(const extents& shape) {
    detail::check_shape("ones", shape);
    return detail::filled<T>(shape, T(1));
}

/// The n x n unit matrix.
template <class T>
[[nodiscard]] array<T> eye(index_t n) {
    detail::check_shape("eye", {n, n});
    array<T> out(detail::handle{detail::allocate_node(detail::dtype_of<T>, {n, n})});
    T* p = reinterpret_cast<T*>(out.node()->data);
    for (index_t i = 0; i < n; ++i) {
        for (index_t j = 0; j < n; ++j) p[i * n + j] = i == j ? T(1) : T(0);
    }
    return out;
}

/// start, start + step, ... up to and without stop. Throws value_error for a step of zero, and where NaN or infinities leave no number of steps.
template <class T>
[[nodiscard]] array<T> arange(T start, T stop, T step = T(1)) {
    static_assert(!detail::is_complex<T>, "sinter: arange of complex numbers, which have no order: cast what arange of real ones gives");
    if (step == T(0)) throw value_error("arange: the step is zero");
    constexpr index_t most = std::numeric_limits<index_t>::max();   // more than any memory
    index_t n = 0;
    if constexpr (detail::floating<T>) {
        const double steps = (static_cast<double>(stop) - static_cast<double>(start)) / static_cast<double>(step);
        if (!(steps > 0 || steps <= 0)) {
            throw value_error("arange: no number of steps leads from " + std::to_string(static_cast<double>(start)) + " to " + std::to_string(static_cast<double>(stop)) +
                              " in steps of " + std::to_string(static_cast<double>(step)));
        }
        n = steps >= 0x1p63 ? most : steps > 0 ? static_cast<index_t>(steps) : 0;
        if (static_cast<double>(n) < steps && n < most) ++n;
    } else if (step > T(0) ? stop > start : stop < start) {
        // Differences of two T need not fit into it.
        using wide = std::uint64_t;
        const wide from = static_cast<wide>(start), to = static_cast<wide>(stop), by = static_cast<wide>(step);
        const wide count = step > T(0) ? (to - from - 1) / by : (from - to - 1) / (wide{0} - by);
        n = count < static_cast<wide>(most) ? static_cast<index_t>(count) + 1 : most;
    }
    detail::check_shape("arange", {n});
    array<T> out(detail::handle{detail::allocate_node(detail::dtype_of<T>, {n})});
    T* p = reinterpret_cast<T*>(out.node()->data);
    for (index_t i = 0; i < n; ++i) {
        if constexpr (detail::floating<T>) p[i] = start + static_cast<detail::computed_t<T>>(i) * step;
        else p[i] = static_cast<T>(static_cast<std::uint64_t>(start) + static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(step));
    }
    return out;
}
/// 0, 1, ... n - 1.
template <class T>
[[nodiscard]] array<T> arange(index_t n) {
    static_assert(!detail::is_complex<T>, "sinter: arange of complex numbers, which have no order: cast what arange of real ones gives");
    if (n < 0) n = 0;
    detail::check_shape("arange", {n});
    array<T> out(detail::handle{detail::allocate_node(detail::dtype_of<T>, {n})});
    T* p = reinterpret_cast<T*>(out.node()->data);
    for (index_t i = 0; i < n; ++i) p[i] = static_cast<T>(i);
    return out;
}
/// count values from start to stop, both included.
template <class T>
[[nodiscard]] array<T> linspace(T start, T stop, index_t count) {
    static_assert(!detail::is_complex<T>, "sinter: linspace of complex numbers: start + linspace<float>(0, 1, n) * (stop - start) is one");
    if (count < 0) throw value_error("linspace: the count is negative");
    detail::check_shape("linspace", {count});
    array<T> out(detail::handle{detail::allocate_node(detail::dtype_of<T>, {count})});
    T* p = reinterpret_cast<T*>(out.node()->data);
    const double step = count > 1 ? (static_cast<double>(stop) - static_cast<double>(start)) / static_cast<double>(count - 1) : 0.0;
    for (index_t i = 0; i < count; ++i) p[i] = static_cast<T>(static_cast<double>(start) + static_cast<double>(i) * step);
    if (count > 1) p[count - 1] = stop;
    return out;
}

/// A copy of a contiguous range, in row-major order. Throws shape_error if the counts differ.
template <detail::contiguous_numbers R>
[[nodiscard]] array<detail::range_element<R>> from(const R& values, const extents& shape) {
    using T = detail::range_element<R>;
    detail::check_shape("from", shape);
    if (shape.count() != static_cast<index_t>(std::size(values))) {
        const index_t n = shape.count();
        throw shape_error("from: " + std::to_string(std::size(values)) + " values for a shape of " + std::to_string(n) + (n == 1 ? " element" : " elements"));
    }
    array<T> out(detail::handle{detail::allocate_node(detail::dtype_of<T>, shape)});
    if (std::size(values) > 0) std::memcpy(out.node()->data, std::data(values), static_cast<std::size_t>(std::size(values)) * sizeof(T));
    return out;
}
/// The same with a shape in braces; without one, or with nothing in them, one axis of all values. Another array's shape is taken as it is: of rank 0 it has one value.
template <detail::contiguous_numbers R>
[[nodiscard]] array<detail::range_element<R>> from(const R& values, std::initializer_list<detail::braced_extent> shape = {}) {
    return sinter::from(values, shape.size() > 0 ? extents(shape) : extents{std::size(values)});
}

/// The user's own memory as an array, without a copy. Strides in elements; without them row-major. owner keeps the memory
/// alive. Writing to the array that borrow returns is carried out at once in that memory; a copy of it that is written to takes
/// memory of its own.
template <class T>
    requires(!std::is_const_v<T>)
[[nodiscard]] array<T> borrow(T* data, const extents& shape, const extents& strides = {}, std::shared_ptr<void> owner = {}) {
    return array<T>(detail::handle{detail::borrow_node(detail::dtype_of<T>, data, true, shape, strides,
                                                       static_cast<std::shared_ptr<void>&&>(owner))},
                    true);
}
/// The same of memory that is only read: writing takes memory of its own.
template <class T>
[[nodiscard]] array<T> borrow(const T* data, const extents& shape, const extents& strides = {}, std::shared_ptr<void> owner = {}) {
    return array<T>(detail::handle{detail::borrow_node(detail::dtype_of<T>, const_cast<T*>(data), false, shape, strides,
                                                       static_cast<std::shared_ptr<void>&&>(owner))});
}

}  // namespace sinter::inline v1
