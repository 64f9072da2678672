#pragma once

#include <sinter/detail/may_fail.hpp>
#include <sinter/detail/members.hpp>

namespace sinter::inline v1 {

/// A recorded-to-be statement: an operation on arrays and numbers. It holds what it refers to, so it may be kept and reused;
/// it becomes an array, pending, when one is made from it.
template <class E>
class expression : public detail::parts_reader<expression<E>, typename E::value_type> {
public:
    using value_type = typename E::value_type;

    constexpr explicit expression(E node) noexcept : node_{static_cast<E&&>(node)} {}

    /// Computes the values and returns them as an array.
    [[nodiscard]] array<value_type> eval(detail::source where = detail::source::current()) const;

    /// Writes the values, NumPy's way; evaluates.
    template <class Traits>
    friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, detail::printed<expression> x) {
        const detail::edge values = x.value.reading(x.where);
        detail::evaluate_at(*values, x.where);
        return out << detail::to_text(*values).c_str();
    }

    // Not for users.
    [[nodiscard]] detail::edge reading(detail::source where = {}) const { return detail::record(E{node_}, where); }
    [[nodiscard]] E& operand() & noexcept { return node_; }
    [[nodiscard]] const E& operand() const& noexcept { return node_; }
    [[nodiscard]] E&& operand() && noexcept { return static_cast<E&&>(node_); }

private:
    E node_;
};

namespace detail {

template <class T>
struct written;
template <class T>
struct divisor;

template <class E>
inline constexpr bool is_failing<expression<E>> = divides_integers<E> && !E::is_product;

}  // namespace detail

/// What named views say to whoever assigns to them.
#define SINTER_NAMED_VIEW "sinter: a view that has been given a name cannot be assigned to: write x(...) = y, x(...) += y"

namespace detail {

/// What does not compile of a view that has been given a name.
template <class T>
struct named_view {
    template <class V>
    void operator+=(V&&) const&
        requires(!may_fail_for<V, T>)
    {
        static_assert(!std::same_as<T, T>, SINTER_NAMED_VIEW);
    }
    void operator+=(quotient<T>) const& {
        static_assert(!std::same_as<T, T>, SINTER_NAMED_VIEW);
    }
    template <class V>
    void operator-=(V&&) const&
        requires(!may_fail_for<V, T>)
    {
        static_assert(!std::same_as<T, T>, SINTER_NAMED_VIEW);
    }
    void operator-=(quotient<T>) const& {
        static_assert(!std::same_as<T, T>, SINTER_NAMED_VIEW);
    }
    template <class V>
    void operator*=(V&&) const&
        requires(!may_fail_for<V, T>)
    {
        static_assert(!std::same_as<T, T>, SINTER_NAMED_VIEW);
    }
    void operator*=(quotient<T>) const& {
        static_assert(!std::same_as<T, T>, SINTER_NAMED_VIEW);
    }
    template <class V>
    void operator/=(V&&) const&
        requires(!std::is_integral_v<T>)
    {
        static_assert(!std::same_as<T, T>, SINTER_NAMED_VIEW);
    }
    void operator/=(detail::divisor<T>) const&
        requires std::is_integral_v<T>
    {
        static_assert(!std::same_as<T, T>, SINTER_NAMED_VIEW);
    }
};

}  // namespace detail

/// A part of an array, through indices. It reads as an array does; assigning to it, while it has no name, writes that part.
template <class T>
class slice : public detail::parts_reader<slice<T>, T>, public detail::named_view<T> {
public:
    using value_type = T;

    slice(array<T>* target, detail::edge base, const detail::index_item* items, std::size_t count) : target_{target}, base_{static_cast<detail::edge&&>(base)}, count_{count} {
        for (std::size_t i = 0; i < count; ++i) items_[i] = items[i];
    }
    slice(const slice&) = default;
    slice(slice&&) noexcept = default;
    ~slice() = default;

    /// Writes into the array that the view was taken from: only that array changes.
    void operator=(detail::written<T> value) &&;
    void operator=(const slice& value) &&;
    void operator=(std::initializer_list<detail::literal<T>> values) &&;
    /// Does not compile: a view that has been given a name cannot be assigned to.
    void operator=(detail::written<T>) const& {
        static_assert(!std::same_as<T, T>, SINTER_NAMED_VIEW);
    }
    void operator=(const slice& value) const& = delete;   // a view that has been given a name cannot be assigned to
    template <class V>
    void operator+=(V&& value) &&
        requires(!detail::may_fail_for<V, T>);
    void operator+=(detail::quotient<T> value) &&;
    template <class V>
    void operator-=(V&& value) &&
        requires(!detail::may_fail_for<V, T>);
    void operator-=(detail::quotient<T> value) &&;
    template <class V>
    void operator*=(V&& value) &&
        requires(!detail::may_fail_for<V, T>);
    void operator*=(detail::quotient<T> value) &&;
    template <class V>
    void operator/=(V&& value) &&
        requires(!std::is_integral_v<T>);
    void operator/=(detail::divisor<T> value) &&
        requires std::is_integral_v<T>;
    using detail::named_view<T>::operator+=, detail::named_view<T>::operator-=, detail::named_view<T>::operator*=, detail::named_view<T>::operator/=;

    /// Computes the values and returns them as an array.
    array<T> eval() const;

    // Not for users.
    [[nodiscard]] detail::edge reading() const {
        return detail::edge{detail::record_view(detail::edge{base_}.release(), items_, count_, {})};
    }

protected:
    void assign(detail::edge value, detail::source where = {}) const;

    array<T>* target_;
    detail::edge base_;
    std::size_t count_;
    detail::index_item items_[detail::max_indices];
};

/// x(i): an element of an array of rank 1, by value wherever a number is wanted; a view of one of higher rank.
template <class T>
class element_view : public slice<T> {
public:
    using slice<T>::slice;
    using slice<T>::operator=;
    void operator=(const element_view& value) && { static_cast<slice<T>&&>(*this) = static_cast<const slice<T>&>(value); }
    element_view(const element_view&) = default;
    element_view(element_view&&) noexcept = default;
    ~element_view() = default;

    /// The element; evaluates. Throws shape_error if the view has a rank.
    operator T() const { return detail::one_element<T>(this->base_, this->items_, 1); }
    /// A number of 16 bits is a float in arithmetic.
    operator float() const
        requires detail::half<T>
    {
        return static_cast<T>(*this);
    }
    /// In braces, the element.
    template <class U>
        requires std::constructible_from<detail::literal<U>, T>
    operator detail::literal<U>() const {
        return detail::literal<U>(static_cast<T>(*this));
    }
};

namespace detail {

/// What x(i) gives.
template <class A>
inline constexpr bool is_element = false;
template <class T>
inline constexpr bool is_element<element_view<T>> = true;
template <class T>
inline constexpr bool is_element<element_array<T>> = true;

template <class E>
inline constexpr int kind_of<expression<E>> = kind_dynamic;
template <class T>
inline constexpr int kind_of<slice<T>> = kind_dynamic;
// Between numbers an element is a number, so that the compiler's own operators apply; beside an array it is a view.
template <class T>
inline constexpr int kind_of<element_view<T>> = is_complex<T> ? kind_dynamic : kind_literal;  // std::complex has no operators for what converts to it

template <class A>
    requires dynamic_like<A>
struct array_value<A> {
    using type = typename A::value_type;
};

/// The type of an operation on the array arguments among A.
template <class A, class... Rest>
struct common_value {
    using first = typename array_value<std::remove_cvref_t<A>>::type;
    using others = typename common_value<Rest...>::type;
    static constexpr auto pick() {
        if constexpr (std::is_void_v<first>) {
            return std::type_identity<others>{};
        } else if constexpr (std::is_void_v<others>) {
            return std::type_identity<first>{};
        } else {
            return std::type_identity<typename promoted<first, others>::type>{};
        }
    }
    using type = typename decltype(pick())::type;
};
template <class A>
struct common_value<A> {
    using type = typename array_value<std::remove_cvref_t<A>>::type;
};

/// Operations and operands where complex numbers take part: complex_operations.hpp.
template <class Op>
struct complex_call;
template <class T>
struct complex_operand;

/// An argument as an operand of element type T.
template <class T, class A>
[[nodiscard]] auto as_operand(A&& a) {
    using plain = std::remove_cvref_t<A>;
    if constexpr (is_complex<T> || involves_complex<plain>) {
        return complex_operand<T>::of(static_cast<A&&>(a));
    } else if constexpr (number_type<plain>) {
        static_assert(!(floating<plain> && !floating<T>),
                      "sinter: a floating-point number with an array of integers: cast<float>(x) the array first, or cast the number");
        return number_operand<T>{static_cast<computed_t<T>>(a)};
    } else {
        auto own = [&] {
            if constexpr (requires { a.operand(); }) {
                return static_cast<A&&>(a).operand();
            } else {
                return array_operand<typename plain::value_type>{static_cast<A&&>(a).reading()};
            }
        };
        using E = std::remove_cvref_t<decltype(own())>;
        if constexpr (std::same_as<typename E::value_type, T>) {
            return E{own()};
        } else {
            return operation_node<op::convert, T, E>{own()};
        }
    }
}

/// An argument that the program casts to U: to 16 bits, it is rounded there, unless it is stored so.
template <class U, class A>
[[nodiscard]] auto cast_operand(A&& a) {
    auto own = [&] {
        using T = typename std::remove_cvref_t<A>::value_type;
        return detail::as_operand<T>(static_cast<A&&>(a));
    };
    using E = decltype(own());
    if constexpr (!half<U> || std::same_as<E, array_operand<U>>) return detail::as_operand<U>(static_cast<A&&>(a));
    else return rounded_operand<U, E>{own()};
}

template <class Op, class R, class... E>
[[nodiscard]] auto make_expression(E&&... e) {
    using node_type = operation_node<Op, R, E...>;
    if constexpr (sizeof...(E) == 1) {
        return expression<node_type>{node_type{static_cast<E&&>(e)...}};
    } else {
        const node* like = detail::merge_like(e..., Op::name);
        return expression<node_type>{node_type{static_cast<E&&>(e)..., like}};
    }
}

template <>
struct caller<kind_dynamic> {
    template <class Op, class... A>
    [[nodiscard]] static auto call(A&&... a) {
        if constexpr (((number_type<std::remove_cvref_t<A>> || is_complex<std::remove_cvref_t<A>> || is_element<std::remove_cvref_t<A>>) && ...)) {
            auto result = record_call<Op>(static_cast<A&&>(a)...);   // of elements alone: an element
            return element_array<typename decltype(result)::value_type>(result.reading());
        } else {
            return record_call<Op>(static_cast<A&&>(a)...);
        }
    }

private:
    template <class Op, class... A>
    [[nodiscard]] static auto record_call(A&&... a) {
        if constexpr ((involves_complex<std::remove_cvref_t<A>> || ...)) {
            return complex_call<Op>::of(static_cast<A&&>(a)...);
        } else {
            return choose<Op>(static_cast<A&&>(a)...);
        }
    }
    template <class Op, class A>
    [[nodiscard]] static auto choose(A&& a) {
        return apply<Op>(static_cast<A&&>(a));
    }
    template <class Op, class A, class B>
    [[nodiscard]] static auto choose(A&& a, B&& b) {
        return apply<Op>(static_cast<A&&>(a), static_cast<B&&>(b));
    }
    template <class Op, class A, class B, class C>
    [[nodiscard]] static auto choose(A&& a, B&& b, C&& c) {
        if constexpr (Op::rule == type_rule::select) {
            static_assert(std::same_as<typename common_value<A>::type, bool> || std::same_as<std::remove_cvref_t<A>, bool>,
                          "sinter: the condition of where is an array of bool: compare first");
            using found = typename common_value<B, C>::type;
            using T = typename std::conditional_t<std::is_void_v<found>, std::common_type<std::remove_cvref_t<B>, std::remove_cvref_t<C>>,
                                                  std::type_identity<found>>::type;
            return detail::make_expression<Op, T>(detail::as_operand<bool>(static_cast<A&&>(a)),
                                                  detail::as_operand<T>(static_cast<B&&>(b)),
                                                  detail::as_operand<T>(static_cast<C&&>(c)));
        } else {
            return apply<Op>(static_cast<A&&>(a), static_cast<B&&>(b), static_cast<C&&>(c));
        }
    }

    template <class Op, class... A>
    static auto apply(A&&... a) {
        using found = typename common_value<A...>::type;
        using T = operand_type<Op, found, (std::same_as<typename common_value<A>::type, bool> || ...)>;
        static_assert(detail::check_operands<Op, T>());
        using R = std::conditional_t<Op::rule == type_rule::compare, bool, T>;
        return detail::make_expression<Op, R>(detail::as_operand<T>(static_cast<A&&>(a))...);
    }
};

}  // namespace detail
}  // namespace sinter::inline v1
