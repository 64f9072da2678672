#pragma once

#include <sinter/detail/expression.hpp>
#include <sinter/detail/index.hpp>

#include <cstring>
#include <iosfwd>
#include <iterator>

// The members of arrays, expressions and views that read.

namespace sinter::inline v1 {

template <class E>
class expression;
template <class T>
class slice;
template <class T>
class element_view;
template <class T>
class element_array;
template <class T>
class masked;
template <class Node, class T, index_t... E>
class static_expression;

namespace detail {

template <class T>
class literal;

template <class Dynamic>
struct edge_of {
    using type = edge;
};

/// A contiguous range of elements: std::vector, std::span, std::array, a C array, ...
template <class R>
concept contiguous_numbers = requires(R& r) {
    { std::size(r) } -> std::convertible_to<std::size_t>;
    requires element<std::remove_cvref_t<decltype(*std::data(r))>>;
};
template <contiguous_numbers R>
using range_element = std::remove_cvref_t<decltype(*std::data(std::declval<R&>()))>;

/// An argument's node, for functions that are carried out at once; an expression becomes a statement of that place.
template <class X>
[[nodiscard]] edge reading_of(const X& x, [[maybe_unused]] source where) {
    if constexpr (requires { x.reading(where); }) return x.reading(where);
    else return x.reading();
}

/// Arrays, expressions and views, those of static shape among them.
template <class A>
concept array_like = kind_of<std::remove_cvref_t<A>> == kind_dynamic || requires(const std::remove_cvref_t<A>& a) {
    { a.reading() } -> std::same_as<edge>;
};

/// The same without arrays of static shape: for functions that those have of their own.
template <class A>
concept dynamic_like = array_like<A> && kind_of<std::remove_cvref_t<A>> != kind_static;

/// Arrays, expressions and views of bool, to be masks; of integers, to be indices.
template <class A, class T>
concept array_of_type = array_like<A> && std::same_as<typename std::remove_cvref_t<A>::value_type, T>;
template <class A>
concept array_of_integers = array_like<A> && std::integral<typename std::remove_cvref_t<A>::value_type> && !std::same_as<typename std::remove_cvref_t<A>::value_type, bool>;

template <class X>
inline constexpr bool is_expression = false;
template <class E>
inline constexpr bool is_expression<expression<E>> = true;

/// What arrays, expressions and views have in common: the members that read. Derived gives its node by reading().
template <class Derived, class T>
class reader {
public:
    using value_type = T;

    /// The extents.
    [[nodiscard]] extents shape() const { return look()->shape(); }
    /// The extent of an axis; a negative axis counts from the end.
    [[nodiscard]] index_t extent(index_t axis) const {
        const auto n = look();
        const index_t d = axis < 0 ? axis + n->rank : axis;
        if (d < 0 || d >= n->rank) throw index_error("extent: axis " + std::to_string(axis) + " is out of range for an array of rank " + std::to_string(n->rank));
        return n->extent[d];
    }
    [[nodiscard]] index_t rank() const { return look()->rank; }
    /// The number of elements.
    [[nodiscard]] index_t size() const { return look()->size; }
    /// True while nothing has computed the values.
    [[nodiscard]] bool is_pending() const { return !look()->is_done(); }

    /// The one element; evaluates. Throws shape_error if there is not exactly one.
    [[nodiscard]] T item(source where = source::current()) const try {
        return detail::item_of<T>(*look(where));
    } catch (const error&) {
        detail::tell_place(where);
    }

    /// A copy of the elements in row-major order; evaluates.
    [[nodiscard]] std::vector<T> to_vector(source where = source::current()) const try {
        const auto n = look(where);
        std::vector<T> out(static_cast<std::size_t>(n->size));
        if constexpr (std::same_as<T, bool>) {
            const bool* from = reinterpret_cast<const bool*>(detail::contiguous_data(*n));
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = from[i];
        } else if (!out.empty()) {
            std::memcpy(out.data(), detail::contiguous_data(*n), out.size() * sizeof(T));
        }
        return out;
    } catch (const std::bad_alloc&) {
        detail::throw_no_memory("to_vector");
    } catch (const error&) {
        detail::tell_place(where);
    }

    /// Copies the elements in row-major order into a contiguous range of as many; evaluates.
    template <contiguous_numbers R>
        requires std::same_as<range_element<R>, T>
    void copy_to(R&& out, source where = source::current()) const {
        const auto n = look(where);
        if (static_cast<index_t>(std::size(out)) != n->size) {
            throw shape_error("copy_to: a range of " + std::to_string(std::size(out)) + " elements for an array of " +
                              std::to_string(n->size));
        }
        detail::evaluate_at(*n, where);
        if (n->size > 0) std::memcpy(std::data(out), detail::contiguous_data(*n), static_cast<std::size_t>(n->size) * sizeof(T));
    }

    /// The same elements in row-major order in another shape; one extent may be -1 and is worked out.
    [[nodiscard]] array<T> reshape(const extents& shape, source where = source::current()) const;
    /// The axes in reverse order, or in the given one.
    [[nodiscard]] array<T> transpose(call_place where = call_place::current()) const;
    [[nodiscard]] array<T> transpose(const extents& axes, source where = source::current()) const;
    /// All elements in row-major order as one axis.
    [[nodiscard]] array<T> flatten(source where = source::current()) const { return reshape({-1}, where); }

    /// Writes the values, NumPy's way; evaluates.
    template <class Traits>
        requires(!is_expression<Derived>)
    friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const Derived& x) {
        return out << detail::to_text(*x.reading()).c_str();
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

protected:
    [[nodiscard]] const Derived& self() const noexcept { return static_cast<const Derived&>(*this); }

private:
    /// The node; only with a reference where nothing else keeps it.
    [[nodiscard]] auto look([[maybe_unused]] source where = {}) const {
        if constexpr (requires { self().looking(); }) {
            return self().looking();
        } else if constexpr (requires { self().reading(where); }) {
            return self().reading(where);
        } else {
            return self().reading();
        }
    }
};

/// The first index of several, and where it stands: a parameter can know it where a function of any number of them cannot.
struct placed_integer {
    template <integer_index I>
    placed_integer(I i, source at = source::current()) noexcept : item{index_traits<I>::item(i)}, where{at} {}

    index_item item;
    source where;
};
/// The same of ranges, all, newaxis and ellipsis.
struct placed_part {
    template <index_argument I>
        requires(!integer_index<I>)
    placed_part(I i, source at = source::current()) noexcept : item{index_traits<I>::item(i)}, where{at} {}

    index_item item;
    source where;
};

/// One element; evaluates. Of a pending node that nothing else can ask for, only what that element needs.
template <class T>
[[nodiscard]] T one_element(const edge& n, const index_item* items, std::size_t count, source where = {}) {
    index_t list[max_indices];
    for (std::size_t i = 0; i < count; ++i) list[i] = items[i].start;
    if (n->is_done() || n->is_held() || n->rank != count) return detail::element_at<T>(*n, list, count);
    const edge alone{detail::record_view(edge{n}.release(), items, count, where)};
    return detail::element_at<T>(*alone, nullptr, 0);
}

/// Goes through the elements of an expression or a view, which were computed when it began; keeps them.
template <class T>
class reading_iterator {
public:
    using value_type = T;
    using difference_type = index_t;
    using pointer = const T*;
    using reference = T;
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::forward_iterator_tag;

    /// The end of any.
    reading_iterator() noexcept = default;
    explicit reading_iterator(array<T> values) : values_{static_cast<array<T>&&>(values)}, at_{values_.data()}, left_{values_.size()} {}

    [[nodiscard]] T operator*() const noexcept { return *at_; }
    reading_iterator& operator++() noexcept {
        ++at_;
        --left_;
        return *this;
    }
    reading_iterator operator++(int) {
        reading_iterator before = *this;
        ++*this;
        return before;
    }
    [[nodiscard]] friend bool operator==(const reading_iterator& a, const reading_iterator& b) noexcept { return a.left_ == b.left_; }

private:
    array<T> values_;
    const T* at_ = nullptr;
    index_t left_ = 0;   // elements from here on
};

/// What expressions and views have besides: the members of an array that look at parts of it.
template <class Derived, class T>
class parts_reader : public reader<Derived, T> {
public:
    /// x(i): an array of one axis less; of an array of rank 1 the element, by value wherever a number is wanted.
    [[nodiscard]] element_array<T> operator()(placed_integer i) const { return element_array<T>(view(i.where, i.item)); }
    /// x(i, j, ...): an element by value; evaluates. As many indices as the rank; for a view, write all for the other axes.
    template <integer_index J, integer_index... K>
    [[nodiscard]] T operator()(placed_integer i, J j, K... k) const {
        return element(i.where, i.item, index_traits<J>::item(j), index_traits<K>::item(k)...);
    }
    /// x(): the element of an array of rank 0.
    [[nodiscard]] T operator()(source where = source::current()) const { return element(where); }
    /// Indices, range, all, newaxis and ellipsis, one for each axis; missing ones mean all.
    template <index_argument... I>
        requires(sizeof...(I) > 0 && !(integer_index<I> && ...))
    [[nodiscard]] array<T> operator()(placed_integer first, I... indices) const {
        return array<T>(view(first.where, first.item, index_traits<I>::item(indices)...));
    }
    template <index_argument... I>
    [[nodiscard]] array<T> operator()(placed_part first, I... indices) const {
        return array<T>(view(first.where, first.item, index_traits<I>::item(indices)...));
    }
    /// x(mask) and x(indices), as of an array.
    template <class M>
        requires array_of_type<M, bool>
    [[nodiscard]] array<T> operator()(const M& mask, source where = source::current()) const {
        const masked<T> chosen(nullptr, detail::reading_of(this->self(), where), array<bool>(detail::reading_of(mask, where)));
        return array<T>(chosen.reading(where));
    }
    template <class I>
        requires array_of_integers<I>
    [[nodiscard]] array<T> operator()(const I& indices, source where = source::current()) const {
        return array<T>(detail::reading_of(this->self(), where))(indices, where);
    }

    /// The element at these indices, by value.
    template <integer_index... I>
    [[nodiscard]] T at(placed_integer i, I... indices) const {
        return element(i.where, i.item, index_traits<I>::item(indices)...);
    }
    [[nodiscard]] T at(source where = source::current()) const { return element(where); }

    /// Steps between neighbours along each axis, in elements, of the array that eval gives; evaluates.
    [[nodiscard]] extents strides(source where = source::current()) const { return array<T>(detail::reading_of(this->self(), where)).strides(); }

    /// The elements by value in row-major order; begin evaluates, and its iterator keeps them.
    [[nodiscard]] reading_iterator<T> begin(source where = source::current()) const {
        return reading_iterator<T>(array<T>(detail::reading_of(this->self(), where)));
    }
    [[nodiscard]] reading_iterator<T> end() const noexcept { return {}; }

private:
    template <class... Items>
    [[nodiscard]] edge view(source where, Items... list) const {
        static_assert(sizeof...(Items) <= max_indices);
        const index_item items[] = {list...};
        return edge{detail::record_view(detail::reading_of(this->self(), where).release(), items, sizeof...(Items), where)};
    }
    template <class... Items>
    [[nodiscard]] T element(source where, Items... list) const {
        static_assert(sizeof...(Items) <= max_indices);
        const index_item items[] = {list..., {}};
        return detail::one_element<T>(detail::reading_of(this->self(), where), items, sizeof...(Items), where);
    }
};

}  // namespace detail
}  // namespace sinter::inline v1
