#pragma once

#include <sinter/detail/fixed/expression.hpp>
#include <sinter/detail/fixed/views.hpp>
#include <sinter/detail/literal.hpp>

#include <algorithm>
#include <cstring>

namespace sinter::inline v1 {

namespace detail::fixed {

/// More than a stack is asked for on the way.
template <class T, index_t... E>
inline constexpr bool is_large = (sizeof(T) * ... * static_cast<std::size_t>(E)) > std::size_t{64} << 10;

/// Whether x op= value may divide integers by zero.
template <class Op, class X, class V>
concept change_may_fail = may_fail<V> || (std::same_as<Op, op::divide> && std::integral<typename X::value_type>);

/// What `x op= value` takes where it may fail: an operator's parameter can know its line where the operator itself cannot.
template <class Op, class X>
class change {
public:
    template <class V>
        requires(operands<X, V> && change_may_fail<Op, X, V>)
    [[gnu::always_inline]] change(V&& value, source at = source::current()) noexcept : value_{const_cast<const void*>(static_cast<const volatile void*>(&value))}, where_{at}, apply_{&run<std::remove_reference_t<V>>} {}

    [[gnu::always_inline]] X& apply(X& x) const { return apply_(x, value_, where_); }

private:
    template <class V>
    static X& run(X& x, const void* value, source where) {
        return x.take(detail::call<Op>(x, *static_cast<const V*>(value)), where);
    }

    const void* value_;
    source where_;
    X& (*apply_)(X&, const void*, source);
};

}  // namespace detail::fixed

/// An array whose extents are all known to the compiler: its elements lie in place, in row-major order, and its operations are
/// compiled in place with the vector instructions that the program is compiled for. Filled with zeros unless given values.
/// Converts to and from arrays of run-time shape.
template <class T, index_t... E>
    requires(sizeof...(E) > 0 && ((E >= 0) && ...))
class array<T, E...> : public detail::fixed::reader<array<T, E...>, T, E...> {
    static_assert(detail::element<T>, "sinter: an array holds bool, integers of 8 to 64 bits, float16, bfloat16, float, double, or std::complex of the last two");
    static_assert(sizeof...(E) <= static_cast<std::size_t>(max_rank), "sinter: an array has at most 8 dimensions");

public:
    using value_type = T;

    [[gnu::always_inline]] array() noexcept : elements_{} {
        if constexpr (detail::is_complex<T>) std::fill_n(elements_.element, array::size(), T());
    }

    /// Not for users: for results that are stored next.
    [[gnu::always_inline]] explicit array(detail::fixed::uninitialized_t) noexcept {}

    /// The values in braces, to any depth. Throws shape_error if they are ragged or of another shape.
    array(std::initializer_list<detail::literal<T>> values) { fill(values); }

    /// Computes the expression. Its shape and element type must be this array's.
    template <class N, class U, index_t... F>
    [[gnu::always_inline]] array(const static_expression<N, U, F...>& e, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
        assign(e, {file, line});
    }

    /// An array of run-time shape, an expression or a view, copied. Throws shape_error if it has another shape.
    template <class A>
        requires(detail::kind_of<std::remove_cvref_t<A>> == detail::kind_dynamic || (!detail::static_like<A> && requires(const A& a) { a.reading(); }))
    array(A&& dynamic, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
        copy(static_cast<A&&>(dynamic), file, line);
    }

    /// What may fail becomes an array first, which knows the line; a large one does not, as the stack may have no room for it.
    template <class N, class U, index_t... F>
        requires(!detail::may_fail<static_expression<N, U, F...>> || detail::fixed::is_large<T, E...>)
    [[gnu::always_inline]] array& operator=(const static_expression<N, U, F...>& e) {
        assign(e, {});
        return *this;
    }
    array& operator=(std::initializer_list<detail::literal<T>> values) {
        if (values.size() == 0) return *this = array();
        return *this = array(values);
    }

    template <class V>
        requires(detail::operands<array, V> && !detail::fixed::change_may_fail<detail::op::add, array, V>)
    [[gnu::always_inline]] array& operator+=(V&& value) {
        return *this = *this + static_cast<V&&>(value);
    }
    template <class V>
        requires(detail::operands<array, V> && !detail::fixed::change_may_fail<detail::op::subtract, array, V>)
    [[gnu::always_inline]] array& operator-=(V&& value) {
        return *this = *this - static_cast<V&&>(value);
    }
    template <class V>
        requires(detail::operands<array, V> && !detail::fixed::change_may_fail<detail::op::multiply, array, V>)
    [[gnu::always_inline]] array& operator*=(V&& value) {
        return *this = *this * static_cast<V&&>(value);
    }
    template <class V>
        requires(detail::operands<array, V> && !detail::fixed::change_may_fail<detail::op::divide, array, V>)
    [[gnu::always_inline]] array& operator/=(V&& value) {
        return *this = *this / static_cast<V&&>(value);
    }

    // What may fail names its line.
    [[gnu::always_inline]] array& operator+=(detail::fixed::change<detail::op::add, array> by) { return by.apply(*this); }
    [[gnu::always_inline]] array& operator-=(detail::fixed::change<detail::op::subtract, array> by) { return by.apply(*this); }
    [[gnu::always_inline]] array& operator*=(detail::fixed::change<detail::op::multiply, array> by) { return by.apply(*this); }
    [[gnu::always_inline]] array& operator/=(detail::fixed::change<detail::op::divide, array> by) { return by.apply(*this); }

    /// The elements in row-major order.
    [[nodiscard, gnu::always_inline]] const T* data() const noexcept { return elements_.element; }
    [[nodiscard, gnu::always_inline]] T* mutable_data() noexcept { return elements_.element; }
    [[nodiscard, gnu::always_inline]] const T* begin() const noexcept { return data(); }
    [[nodiscard, gnu::always_inline]] const T* end() const noexcept { return data() + array::size(); }

    /// The element at these indices, checked; negative ones count from the end. Throws index_error.
    template <class... I>
        requires(std::is_integral_v<I> && ...)
    [[nodiscard, gnu::always_inline]] T& at(I... indices) & {
        return elements_.element[detail::fixed::place_of<E...>(indices...)];
    }
    template <class... I>
        requires(std::is_integral_v<I> && ...)
    [[nodiscard, gnu::always_inline]] T at(I... indices) const& {
        return elements_.element[detail::fixed::place_of<E...>(indices...)];
    }

    using detail::fixed::reader<array<T, E...>, T, E...>::operator();
    /// Of an array that has a name, fewer indices, range, all, newaxis and ellipsis give a view to which can be assigned.
    template <class... I>
        requires(sizeof...(I) > 0 && !detail::fixed::one_for_each<sizeof...(E), I...>)
    [[nodiscard]] auto operator()(const I&... indices) & {
        static_assert(!(sizeof...(I) > sizeof...(E) && (std::is_integral_v<I> && ...)), "sinter: more indices than the array of static shape has axes");
        return detail::fixed::with_dynamic(*this, [&](auto&& whole) { return part_of<std::remove_cvref_t<decltype(whole)>>(static_cast<decltype(whole)&&>(whole)(indices...), indices...); });
    }
    template <class A>
        requires(detail::kind_of<A> == detail::kind_dynamic || detail::kind_of<A> == detail::kind_static)
    [[nodiscard]] auto operator()(const A& mask_or_indices, detail::source where = detail::source::current()) & {
        return detail::fixed::with_dynamic(*this, [&](auto&& whole) { return part_of<std::remove_cvref_t<decltype(whole)>>(static_cast<decltype(whole)&&>(whole)(mask_or_indices, where), mask_or_indices); });
    }

    // Not for users.
    /// The value of a statement of that place.
    template <class V>
    [[gnu::always_inline]] array& take(const V& value, detail::source where) {
        if constexpr (detail::static_like<V>) assign(value, where);
        else copy(value, where.file, where.line);
        return *this;
    }
    using storage_type = detail::fixed::storage<T, detail::fixed::static_shape<E...>::size>;
    [[nodiscard, gnu::always_inline]] const storage_type& elements() const noexcept { return elements_; }
    [[nodiscard, gnu::always_inline]] auto node() const noexcept {
        return detail::fixed::array_by_reference<T, detail::fixed::static_shape<E...>>{data()};
    }

private:
    /// What is assigned to a part that is a view goes to this array.
    template <class Whole, class Part, class... I>
    [[nodiscard]] auto part_of(Part part, const I&... indices) {
        using view = typename detail::view_of<Part, T>::type;
        if constexpr (std::same_as<view, Whole>) return part;
        else return static_view<view, I...>(elements_.element, array::shape(), static_cast<view&&>(part), indices...);
    }

    template <class N, class U, index_t... F>
    [[gnu::always_inline]] void assign(const static_expression<N, U, F...>& e, detail::source where) {
        static_assert(std::same_as<T, U>, "sinter: the value has another element type than the array: cast<T>(value) it");
        static_assert(std::same_as<detail::fixed::static_shape<E...>, detail::fixed::static_shape<F...>>,
                      "sinter: the value has another shape than this array of static shape");
        detail::fixed::assign<detail::fixed::this_target>(elements_.element, e.node(), where);
    }

    void fill(std::initializer_list<detail::literal<T>> values) {
        using literal = detail::literal<T>;
        const extents found = literal::shape(values.begin(), values.size());
        if (found != array::shape()) throw shape_error("array: values of shape " + detail::text_of_shape(found) + " in braces, for an array of shape " + detail::text_of_shape(array::shape()));
        T* out = elements_.element;
        literal::write(values.begin(), values.size(), found, 0, out);
    }

    template <class A>
    void copy(A&& value, const char* file, unsigned line) {
        using dynamic = array<std::remove_cvref_t<typename std::remove_cvref_t<A>::value_type>>;
        static_assert(std::same_as<typename dynamic::value_type, T>,
                      "sinter: the value has another element type than the array: cast<T>(value) it");
        const dynamic whole = [&] {
            if constexpr (requires { dynamic(static_cast<A&&>(value), file, line); }) return dynamic(static_cast<A&&>(value), file, line);
            else return dynamic(static_cast<A&&>(value));
        }();
        if (whole.shape() != array::shape()) throw shape_error("array: a value of shape " + detail::text_of_shape(whole.shape()) + " for an array of shape " + detail::text_of_shape(array::shape()));
        if constexpr (array::size() > 0) std::memcpy(elements_.element, whole.data(), sizeof(T) * static_cast<std::size_t>(array::size()));
    }

    storage_type elements_;
};

template <class N, class T, index_t... E>
array(const static_expression<N, T, E...>&) -> array<T, E...>;

}  // namespace sinter::inline v1
