#pragma once

#include <sinter/detail/array_fwd.hpp>
#include <sinter/detail/extents.hpp>
#include <sinter/detail/fixed/divisors.hpp>
#include <sinter/detail/fixed/text.hpp>
#include <sinter/detail/source.hpp>

#include <algorithm>
#include <iosfwd>
#include <iterator>
#include <memory>
#include <span>
#include <vector>

namespace sinter::inline v1::detail {

template <class T>
struct array_operand;
template <class T>
struct number_operand;
/// What an array gives as its node: a type that is not known here.
template <class Dynamic>
struct edge_of;

namespace fixed {

[[noreturn, gnu::cold]] inline void throw_index(index_t index, index_t axis, index_t extent) {
    throw index_error("element: index " + std::to_string(index) + " is out of range on axis " + std::to_string(axis) + " of extent " +
                      std::to_string(extent));
}

/// The place of an element in row-major order; negative indices count from the end.
template <index_t... E, class... I>
[[nodiscard, gnu::always_inline]] inline index_t place_of(I... indices) {
    static_assert(sizeof...(I) == sizeof...(E), "sinter: an element of an array of static shape takes one index for each axis");
    index_t at = 0, axis = 0;
    [[maybe_unused]] const auto step = [&](index_t index, index_t extent) __attribute__((always_inline)) {
        const index_t i = index < 0 ? index + extent : index;
        if (i < 0 || i >= extent) fixed::throw_index(index, axis, extent);
        at = at * extent + i;
        ++axis;
    };
    (step(static_cast<index_t>(indices), E), ...);
    return at;
}

/// The first index of several, and where it stands: a parameter can know it where a function of any number of them cannot.
struct placed_index {
    template <class I>
        requires std::is_integral_v<I>
    placed_index(I i, source at = source::current()) noexcept : index{static_cast<index_t>(i)}, where{at} {}

    index_t index;
    source where;
};

/// Calls f with the values as an array whose shape is known at run time: for what is not compiled in place. Where that comes from is not included here, so it is asked for when it is needed.
template <class X, class F, class Dynamic = array<typename X::value_type>>
[[nodiscard]] auto with_dynamic(const X& x, F f, source where = {}) {
    constexpr bool is_known = requires { sizeof(Dynamic); };
    static_assert(is_known, "sinter: on an array of static shape this takes the library's arrays: #include <sinter/sinter.hpp> (in place there are sum<1>(x) and so on along one axis, reshape<2, 3>(), transpose())");
    if constexpr (is_known) return f(Dynamic(x.template reading<Dynamic>(where)));
}

/// Arrays up to this size are held by value.
inline constexpr std::size_t largest_copy = 64;

/// The elements of an expression, one after the other; keeps them, together with its copies where there are many.
template <class T, index_t... E>
class element_iterator {
    using values = array<T, E...>;
    static constexpr bool shares = sizeof(values) > largest_copy;

public:
    using value_type = T;
    using difference_type = index_t;
    using pointer = const T*;
    using reference = T;
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::forward_iterator_tag;

    /// The end of any.
    element_iterator() noexcept = default;
    template <class X>
    element_iterator(const X& x, source where) : values_(held_of(x, where)), at_{0} {}

    [[nodiscard]] T operator*() const noexcept {
        if constexpr (shares) return values_->data()[at_];
        else return values_.data()[at_];
    }
    element_iterator& operator++() noexcept {
        ++at_;
        return *this;
    }
    element_iterator operator++(int) noexcept {
        element_iterator before = *this;
        ++*this;
        return before;
    }
    [[nodiscard]] friend bool operator==(const element_iterator& a, const element_iterator& b) noexcept { return a.at_ == b.at_; }

private:
    using held = std::conditional_t<shares, std::shared_ptr<const values>, values>;
    template <class X>
    [[nodiscard]] static held held_of(const X& x, [[maybe_unused]] source where) {
        if constexpr (!shares) return x.values_at(where);
        else if constexpr (requires { x.data(); }) return std::make_shared<const values>(x);
        else return std::make_shared<const values>(x, where.file, where.line);
    }

    held values_;
    index_t at_ = static_shape<E...>::size;
};

template <class T, class S>
struct array_of;
template <class T, index_t... E>
struct array_of<T, static_shape<E...>> {
    using type = array<T, E...>;
};

/// Indices that give one element.
template <index_t Rank, class... I>
inline constexpr bool one_for_each = sizeof...(I) == static_cast<std::size_t>(Rank) && (std::is_integral_v<I> && ...);

/// What arrays and expressions of static shape have in common: the members that read.
template <class Derived, class T, index_t... E>
class reader {
    using place = place_of_call<Derived>;
    static constexpr bool fails = may_fail<Derived>;

public:
    using shape_type = static_shape<E...>;
    static constexpr std::array<index_t, sizeof...(E)> shape_v{E...};
    static constexpr bool is_static_array = true;

    [[nodiscard]] static constexpr extents shape() noexcept { return extents{E...}; }
    /// The extent of an axis; a negative axis counts from the end.
    [[nodiscard]] static constexpr index_t extent(index_t axis) {
        const index_t d = axis < 0 ? axis + rank() : axis;
        if (d < 0 || d >= rank()) throw index_error("extent: axis " + std::to_string(axis) + " is out of range for an array of rank " + std::to_string(rank()));
        return shape_v[static_cast<std::size_t>(d)];
    }
    [[nodiscard]] static constexpr index_t rank() noexcept { return sizeof...(E); }
    /// The number of elements.
    [[nodiscard]] static constexpr index_t size() noexcept { return shape_type::size; }

    /// The one element.
    [[nodiscard, gnu::always_inline]] T item(place where = place::current()) const {
        static_assert(shape_type::size == 1, "sinter: item: the array does not have exactly one element");
        return item_at(where);
    }

    /// x(i, j, ...): an element by value, checked; negative indices count from the end. Throws index_error.
    template <class... I>
        requires(fixed::one_for_each<sizeof...(E), I...> && !(fails && sizeof...(E) > 0))
    [[nodiscard, gnu::always_inline]] T operator()(I... indices) const {
        const index_t at = fixed::place_of<E...>(indices...);
        return with_elements([&](const T* x) { return x[at]; });
    }
    template <class... I>
        requires(fixed::one_for_each<sizeof...(E), I...> && !(fails && sizeof...(E) > 0))
    [[nodiscard, gnu::always_inline]] T at(I... indices) const {
        return (*this)(indices...);
    }
    template <class... I>
        requires(fixed::one_for_each<sizeof...(E), index_t, I...> && fails)
    [[nodiscard, gnu::always_inline]] T operator()(placed_index first, I... others) const {
        const index_t at = fixed::place_of<E...>(first.index, others...);
        return with_elements([&](const T* x) { return x[at]; }, first.where);
    }
    template <class... I>
        requires(fixed::one_for_each<sizeof...(E), index_t, I...> && fails)
    [[nodiscard, gnu::always_inline]] T at(placed_index first, I... others) const {
        return (*this)(first, others...);
    }
    /// Fewer indices, range, all, newaxis, ellipsis, a mask or an array of indices: as of an array of run-time shape, which the result is.
    template <class... I>
        requires(sizeof...(I) > 0 && !fixed::one_for_each<sizeof...(E), I...>)
    [[nodiscard]] auto operator()(const I&... indices) const {
        static_assert(!(sizeof...(I) > sizeof...(E) && (std::is_integral_v<I> && ...)), "sinter: more indices than the array of static shape has axes");
        return fixed::with_dynamic(self(), [&](auto x) { return decltype(x)(static_cast<decltype(x)&&>(x)(indices...)); });
    }

    /// The last two of these: their errors name the user's line.
    template <class A>
        requires(kind_of<A> == kind_dynamic || kind_of<A> == kind_static)
    [[nodiscard]] auto operator()(const A& mask_or_indices, source where = source::current()) const {
        return fixed::with_dynamic(self(), [&](auto x) { return decltype(x)(static_cast<decltype(x)&&>(x)(mask_or_indices, where)); }, where);
    }

    /// The values as an array.
    [[nodiscard, gnu::always_inline]] auto eval([[maybe_unused]] place where = place::current()) const {
        if constexpr (sizeof...(E) > 0) return values_at(where);
        else return self();
    }

    /// A copy of the elements in row-major order.
    [[nodiscard, gnu::always_inline]] std::vector<T> to_vector(place where = place::current()) const {
        return with_elements([](const T* x) { return std::vector<T>(x, x + size()); }, where);
    }

    /// Copies the elements in row-major order into a contiguous range of as many.
    template <class R>
        requires requires(R& r) { requires std::same_as<std::remove_cvref_t<decltype(*std::data(r))>, T>; }
    void copy_to(R&& out, place where = place::current()) const {
        if (static_cast<index_t>(std::size(out)) != size()) throw shape_error("copy_to: a range of " + std::to_string(std::size(out)) + " elements for an array of " + std::to_string(size()));
        with_elements([&](const T* x) { std::copy_n(x, size(), std::data(out)); }, where);
    }

    /// Steps between neighbours along each axis, in elements.
    [[nodiscard]] static constexpr extents strides() noexcept {
        extents steps{E...};
        index_t step = 1;
        for (std::size_t d = sizeof...(E); d-- > 0; step *= shape_v[d]) steps[d] = step;
        return steps;
    }
    /// Nothing of static shape waits to be computed.
    [[nodiscard]] static constexpr bool is_pending() noexcept { return false; }

    /// The same elements in row-major order in another static shape.
    template <index_t... F>
        requires(sizeof...(F) > 0)
    [[nodiscard]] array<T, F...> reshape(place where = place::current()) const {
        static_assert(static_shape<F...>::size == shape_type::size, "sinter: reshape: the new shape has another number of elements");
        array<T, F...> result(uninitialized);
        with_elements([&](const T* x) { std::copy_n(x, size(), result.mutable_data()); }, where);
        return result;
    }
    /// All elements in row-major order as one axis.
    [[nodiscard]] auto flatten(place where = place::current()) const { return reshape<shape_type::size>(where); }
    /// In a shape that is known at run time, where one extent may be -1 and is worked out: an array of run-time shape.
    [[nodiscard]] auto reshape(const extents& shape, place where = place::current()) const {
        return fixed::with_dynamic(self(), [&](const auto& x) { return x.reshape(shape); }, where);
    }
    /// The axes in reverse order.
    [[nodiscard]] auto transpose(place where = place::current()) const {
        typename array_of<T, reversed_shape>::type result(uninitialized);
        with_elements([&](const T* x) {
            T* const to = result.mutable_data();
            // Where an element goes: its last index counts most.
            for (index_t i = 0; i < size(); ++i) {
                index_t at = 0, rest = i, step = size();
                for (std::size_t d = sizeof...(E); d-- > 0; rest /= shape_v[d]) at += rest % shape_v[d] * (step /= shape_v[d]);
                to[at] = x[i];
            }
        }, where);
        return result;
    }
    /// The axes in another order: an array of run-time shape.
    [[nodiscard]] auto transpose(const extents& axes, place where = place::current()) const {
        return fixed::with_dynamic(self(), [&](const auto& x) { return x.transpose(axes); }, where);
    }

    /// The elements by value in row-major order; begin computes, and its iterator keeps them.
    [[nodiscard]] auto begin(place where = place::current()) const { return element_iterator<T, E...>(self(), where); }
    [[nodiscard]] auto end() const noexcept { return element_iterator<T, E...>(); }

    /// Writes the values, NumPy's way.
    template <class Traits>
    friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, printed<Derived> x) {
        return out << x.value.with_elements([](const T* e) { return text<T>::of(e, shape_v); }, x.where).c_str();
    }

    /// Does not compile: indices stand in parentheses.
    template <class I>
    T operator[](const I&) const {
        static_assert(!std::same_as<I, I>, "sinter: x(i), not x[i]; to write an element, x.at(i, j) = v");
        return {};
    }
    /// Does not compile: an array is not a condition.
    template <class U = Derived>
    explicit operator bool() const {
        static_assert(!std::same_as<U, Derived>,
                      "sinter: an array is not a condition: use all(x) or any(x), array_equal(x, y), where(c, a, b), or & and | "
                      "instead of && and ||");
        return false;
    }

    // Not for users.
    /// The values, computed for a statement of that place.
    [[nodiscard, gnu::always_inline]] auto values_at([[maybe_unused]] source where) const {
        if constexpr (requires { self().data(); }) return self();
        else return array<T, E...>(self(), where.file, where.line);
    }
    /// As an operand among arrays whose shape is known at run time.
    template <class Dynamic = array<T>>
    [[nodiscard]] auto operand() const {
        if constexpr (sizeof...(E) == 0) return number_operand<T>{item_at({})};
        else return array_operand<T>{Dynamic(values_at({})).reading()};
    }
    /// Its node among arrays of run-time shape.
    template <class Dynamic = array<T>>
    [[nodiscard]] typename edge_of<Dynamic>::type reading(source where = {}) const {
        if constexpr (sizeof...(E) == 0) return Dynamic{item_at(where)}.reshape({}).reading();
        else return Dynamic(values_at(where)).reading();
    }
    /// Calls f with the address of the elements.
    template <class F>
    [[gnu::always_inline]] auto with_elements(F f, [[maybe_unused]] source where = {}) const {
        if constexpr (requires { self().data(); }) {
            return f(self().data());
        } else {
            storage<T, shape_type::size> values;
            fixed::assign<this_target>(values.element, self().node(), where);
            return f(static_cast<const T*>(values.element));
        }
    }

private:
    [[nodiscard, gnu::always_inline]] T item_at(source where) const {
        T value;
        fixed::assign<this_target>(&value, self().node(), where);
        return value;
    }

    template <std::size_t... D>
    static auto reverse(std::index_sequence<D...>) -> static_shape<shape_v[sizeof...(E) - 1 - D]...>;
    using reversed_shape = decltype(reverse(std::make_index_sequence<sizeof...(E)>{}));

    [[nodiscard, gnu::always_inline]] const Derived& self() const noexcept { return static_cast<const Derived&>(*this); }
};

}  // namespace fixed
}  // namespace sinter::inline v1::detail
