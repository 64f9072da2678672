#pragma once

#include <sinter/complex.hpp>
#include <sinter/detail/indexing.hpp>
#include <sinter/eval.hpp>
#include <sinter/reductions.hpp>

namespace sinter::inline v1 {

// Arrays as indices: of integers, where negative ones count from the end, and of bool, masks. An index that is out of range is an index_error that names it, its place and the extent, before anything is stored.

/// Along which axis a value is looked up for each index; without, in the flattened array.
struct take_options {
    axis_list axis{};
};

namespace detail {

/// Integers as an array; a single one as an array of rank 0.
template <class I>
[[nodiscard]] edge indices_of(const I& indices, source where) {
    if constexpr (std::is_integral_v<I>) {
        static_assert(!std::same_as<I, bool>, "sinter: an index is an integer; for a mask write x(mask)");
        return detail::filled<I>({}, indices).reading();
    } else {
        using T = typename I::value_type;
        static_assert(std::integral<T> && !std::same_as<T, bool>, "sinter: indices are an array of integers; for a mask write x(mask)");
        return detail::reading_of(indices, where);
    }
}

/// Complex numbers part by part. each: of an array of real numbers, the node of the result.
template <class T, class F>
[[nodiscard]] array<T> by_parts(const array<T>& x, source where, const F& each) {
    if constexpr (is_complex<T>) {
        const auto part = [&](const array<part_t<T>>& p) { return array<part_t<T>>(edge{each(p.reading())}); };
        return array<T>(sinter::complex(part(array<part_t<T>>(real(x))), part(array<part_t<T>>(imag(x)))), where.file, where.line);
    } else {
        return array<T>(edge{each(x.reading())});
    }
}

template <class T>
array<T> taken(const array<T>& x, const edge& indices, const axes_argument& axis, source where) {
    return detail::by_parts(x, where, [&](edge part) { return detail::record_taken(part.release(), edge{indices}.release(), axis, false, where); });
}

template <class I>
concept indices_like = array_like<I> || std::is_integral_v<std::remove_cvref_t<I>>;

}  // namespace detail

/// The elements at indices along an axis: the result has the indices' axes in its place. Without an axis, of the flattened array, in the indices' shape. It is part of the kernel that uses it: nothing is copied on the
/// way, and where whole rows are taken they are read as rows. The indices are checked when it is evaluated.
template <class X, class I>
    requires(detail::array_like<X> && detail::indices_like<I>)
[[nodiscard]] array<detail::value_of<X>> take(const X& x, const I& indices, const take_options& o = {}, detail::source where = detail::source::current()) {
    return detail::taken(array<detail::value_of<X>>(detail::reading_of(x, where)), detail::indices_of(indices, where), o.axis.argument(), where);
}

/// At indices in braces, to any depth.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> take(const X& x, std::initializer_list<detail::literal<index_t>> indices, const take_options& o = {}, detail::source where = detail::source::current()) {
    return sinter::take(x, array<index_t>(indices), o, where);
}

/// The element at an index along an axis, for each index: the indices have as many axes as x, and broadcast against x along the others. argsort, argmin with keepdims and so on give such indices. Without an axis x counts
/// as flattened, and the indices are of rank 1.
template <class X, class I>
    requires(detail::array_like<X> && detail::array_like<I>)
[[nodiscard]] array<detail::value_of<X>> take_along_axis(const X& x, const I& indices, const take_options& o, detail::source where = detail::source::current()) {
    const detail::edge at = detail::indices_of(indices, where);
    return detail::by_parts(array<detail::value_of<X>>(detail::reading_of(x, where)), where,
                            [&](detail::edge part) { return detail::record_taken_along(part.release(), detail::edge{at}.release(), o.axis.argument(), where); });
}

/// Writes values to the elements at these indices of the flattened array, one after the other, so that of equal indices the last one stays; values are repeated as often as it takes. Carried out at once;
/// only x changes, not what was copied from it.
template <class T, class I, class V>
    requires detail::indices_like<I>
void put(array<T>& x, const I& indices, const V& values, detail::source where = detail::source::current()) {
    const detail::edge at = detail::indices_of(indices, where), from = detail::value_to_write<T>(values, where);
    x.rewrite([&](detail::handle& n, bool in_place) { detail::put_elements(n, in_place, *at, *from, where); });
}

/// Writes to the element at each index along an axis, as take_along_axis reads it; values broadcast to the indices.
template <class T, class I, class V>
    requires detail::array_like<I>
void put_along_axis(array<T>& x, const I& indices, const V& values, const take_options& o, detail::source where = detail::source::current()) {
    const detail::edge at = detail::indices_of(indices, where), from = detail::value_to_write<T>(values, where);
    x.rewrite([&](detail::handle& n, bool in_place) { detail::put_elements_along(n, in_place, *at, *from, o.axis.argument(), where); });
}

/// x(mask): the elements where a mask is true, in row-major order; for a mask of x's first axes, what the other axes hold there. How many there are is known when they are read, so the mask is evaluated then. Assigning to it, while it
/// has no name, writes there: a number, or an array of x's own shape, as where() would, within the kernel that uses x; any other array has a value for each element, broadcast, and is written at once.
template <class T>
class masked : public detail::parts_reader<masked<T>, T>, public detail::named_view<T> {
public:
    using value_type = T;

    masked(array<T>* target, detail::edge base, array<bool> mask) : target_{target}, base_{static_cast<detail::edge&&>(base)}, mask_{static_cast<array<bool>&&>(mask)} {}
    masked(const masked&) = default;
    masked(masked&&) noexcept = default;
    ~masked() = default;

    void operator=(detail::written<T> value) && { assign(static_cast<detail::edge&&>(value.value), value.where); }
    void operator=(const masked& value) && { assign(value.reading()); }
    void operator=(std::initializer_list<detail::literal<T>> values) && { assign(detail::values_to_write(values)); }
    template <class V>
    void operator+=(V&& value) &&
        requires(!detail::may_fail_for<V, T>)
    {
        change(static_cast<V&&>(value), [](const auto& a, const auto& b) { return a + b; });
    }
    void operator+=(detail::quotient<T> value) && {
        change(value.value, [](const auto& a, const auto& b) { return a + b; }, value.where);
    }
    template <class V>
    void operator-=(V&& value) &&
        requires(!detail::may_fail_for<V, T>)
    {
        change(static_cast<V&&>(value), [](const auto& a, const auto& b) { return a - b; });
    }
    void operator-=(detail::quotient<T> value) && {
        change(value.value, [](const auto& a, const auto& b) { return a - b; }, value.where);
    }
    template <class V>
    void operator*=(V&& value) &&
        requires(!detail::may_fail_for<V, T>)
    {
        change(static_cast<V&&>(value), [](const auto& a, const auto& b) { return a * b; });
    }
    void operator*=(detail::quotient<T> value) && {
        change(value.value, [](const auto& a, const auto& b) { return a * b; }, value.where);
    }
    template <class V>
    void operator/=(V&& value) &&
        requires(!std::is_integral_v<T>)
    {
        change(static_cast<V&&>(value), [](const auto& a, const auto& b) { return a / b; });
    }
    void operator/=(detail::divisor<T> value) &&
        requires std::is_integral_v<T>
    {
        const auto ratio = [](const auto& a, const auto& b) { return a / b; };
        value.value ? change(array<T>(detail::edge{value.value}), ratio, value.where) : change(value.number, ratio, value.where);
    }
    /// Does not compile: a view that has been given a name cannot be assigned to.
    void operator=(detail::written<T>) const& {
        static_assert(!std::same_as<T, T>, SINTER_NAMED_VIEW);
    }
    void operator=(const masked& value) const& = delete;   // a view that has been given a name cannot be assigned to
    using detail::named_view<T>::operator+=, detail::named_view<T>::operator-=, detail::named_view<T>::operator*=, detail::named_view<T>::operator/=;

    /// Computes the values and returns them as an array.
    array<T> eval() const {
        array<T> result(reading());
        result.eval();
        return result;
    }

    // Not for users.
    [[nodiscard]] detail::edge reading(detail::source where = {}) const {
        if (detail::node* const copied = detail::masked_elements(*base_, *mask_.looking()); copied != nullptr) return array<T>(detail::handle{copied}).reading();
        const detail::handle places{detail::masked_places(*mask_.looking(), base_->shape())};
        return detail::by_parts(array<T>(detail::edge{base_}), where, [&](detail::edge part) {
                   return detail::record_masked(part.release(), *places, static_cast<std::size_t>(mask_.rank()), where);
               }).reading();
    }

private:
    void check() const {
        if (target_ == nullptr) throw value_error("assignment: to a view of an array that is const or temporary");
    }
    [[nodiscard]] bool fits_whole(const detail::node& value) const { return value.rank == 0 || value.shape() == base_->shape(); }

    void assign(detail::edge value, detail::source at = {}) {
        check();
        if (fits_whole(*value)) return choose(array<T>(static_cast<detail::edge&&>(value)), at);
        base_.reset();  // so that the array's memory can be written in place
        target_->rewrite([&](detail::handle& n, bool in_place) { detail::put_masked(n, in_place, *mask_.looking(), *value, at); });
    }

    /// value where the mask is true, as one statement.
    void choose(const array<T>& value, detail::source at) {
        const array<bool> where_true(detail::edge{detail::record_mask(mask_.reading().release(), base_->shape(), at)});
        base_.reset();
        target_->replace(array<T>(sinter::where(where_true, value, *target_), at.file, at.line));
    }

    template <class V, class F>
    void change(V&& value, F&& combine, detail::source at = {}) {
        check();
        if constexpr (detail::number_type<std::remove_cvref_t<V>> || detail::is_complex<std::remove_cvref_t<V>>) {
            choose(array<T>(combine(*target_, value), at.file, at.line), at);
        } else {
            const detail::edge given = detail::value_to_write<T>(static_cast<V&&>(value), at);
            const array<T> by(detail::edge{given});
            if (fits_whole(*given)) return choose(array<T>(combine(*target_, by), at.file, at.line), at);
            assign(array<T>(combine(array<T>(reading()), by), at.file, at.line).reading(), at);
        }
    }

    array<T>* target_;
    detail::edge base_;
    array<bool> mask_;
};

template <class T>
array(const masked<T>&) -> array<T>;

namespace detail {

template <class T>
inline constexpr int kind_of<masked<T>> = kind_dynamic;

}  // namespace detail

}  // namespace sinter::inline v1
