#pragma once

#include <sinter/array.hpp>

// What is written to arrays and parts of them.

namespace sinter::inline v1 {
namespace detail {

/// What x(i) gives of an array of another type: a number, as which it converts.
template <class V, class T>
inline constexpr bool is_other_element = false;
template <class V, class T>
    requires is_element<V>
inline constexpr bool is_other_element<V, T> = !std::same_as<typename V::value_type, T>;

/// A value as elements of T, as a statement of that place.
template <class T, class V>
[[nodiscard]] array<T> cast_at(V&& value, source where) {
    if constexpr (kind_of<std::remove_cvref_t<V>> == kind_static) return array<T>(reading_of(cast<T>(static_cast<V&&>(value)), where));
    else return array<T>(cast<T>(static_cast<V&&>(value)), where.file, where.line);
}

/// The value of an assignment to part of an array of T.
template <class T, class V>
[[nodiscard]] edge value_to_write(V&& value, source where = {}) {
    using plain = std::remove_cvref_t<V>;
    if constexpr (number_type<plain> || is_complex<plain>) {
        static_assert(!(floating<plain> && std::is_integral_v<T>),
                      "sinter: a floating-point number written to an array of integers: cast it first");
        static_assert(!is_complex<plain> || is_complex<T>, "sinter: a complex number written to an array of real ones: write its real(), or its abs()");
        return detail::filled<T>({}, detail::number_as<T>(value)).reading();
    } else if constexpr (is_other_element<plain, T>) {
        return detail::value_to_write<T>(static_cast<typename plain::value_type>(value), where);
    } else if constexpr (array_like<plain>) {
        static_assert(std::same_as<typename plain::value_type, T>,
                      "sinter: the value has another element type than the array that is written to: cast<T>(value) it");
        return reading_of(value, where);
    } else {
        static_assert(requires { array<T>(static_cast<V&&>(value)); }, "sinter: this is no value for an element of an array");
        if constexpr (requires { array<T>(static_cast<V&&>(value), where.file, where.line); }) {
            return array<T>(static_cast<V&&>(value), where.file, where.line).reading();
        } else {
            return array<T>(static_cast<V&&>(value)).reading();
        }
    }
}

/// The value of `x(...) = value`, and where that stands: an operator's parameter can know it where the operator itself cannot.
template <class T>
struct written {
    template <class V>
        requires(!std::same_as<std::remove_cvref_t<V>, written>)
    written(V&& from, source at = source::current()) : value{value_to_write<T>(static_cast<V&&>(from), at)}, where{at} {}

    edge value;
    source where;
};

/// The same of `x /= value` for integers, which fails where the value is zero: a number, or an array with the promoted type.
template <class T>
struct divisor {
    template <class V>
        requires operands<array<T>, V>
    divisor(V&& from, source at = source::current()) : where{at} {
        using plain = std::remove_cvref_t<V>;
        static_assert(std::same_as<typename decltype(std::declval<const array<T>&>() / static_cast<V&&>(from))::value_type, T>,
                      "sinter: compound assignment would change the element type; cast the right-hand side");
        if constexpr (number_type<plain>) {
            number = number_as<T>(from);
        } else if constexpr (requires { cast<T>(static_cast<V&&>(from)); }) {
            value = detail::cast_at<T>(static_cast<V&&>(from), at).reading();
        } else {  // an element
            value = array<T>(cast<T>(array<typename plain::value_type>(from)), at.file, at.line).reading();
        }
    }

    /// use(x / value)
    template <class X, class F>
    decltype(auto) divide(const X& x, F&& use) const {
        return value ? use(x / array<T>(edge{value})) : use(x / number);
    }

    edge value;
    T number{};
    source where;
};

/// Values in braces, to be written; one value goes wherever a number does.
template <class T>
[[nodiscard]] edge values_to_write(std::initializer_list<literal<T>> values) {
    const array<T> given(values);
    return given.size() == 1 ? given.reshape({}).reading() : given.reading();
}

/// What a compound assignment takes that divides integers, as a statement of that line.
template <class T>
struct quotient {
    template <class V>
        requires may_fail_for<V, T>
    quotient(V&& from, source at = source::current()) : value(detail::cast_at<T>(static_cast<V&&>(from), at)), where{at} {
        static_assert(std::same_as<typename decltype(std::declval<const array<T>&>() + static_cast<V&&>(from))::value_type, T>,
                      "sinter: compound assignment would change the element type; cast the right-hand side");
    }

    array<T> value;
    source where;
};

}  // namespace detail

template <class T>
void slice<T>::assign(detail::edge value, detail::source where) const {
    if (target_ == nullptr) throw value_error("assignment: to a view of an array that is const or temporary");
    detail::edge& base = const_cast<slice*>(this)->base_;
    base.reset();  // so that the array's memory can be written in place
    target_->assign_part(items_, count_, static_cast<detail::edge&&>(value), where);
}

template <class T>
void slice<T>::operator=(detail::written<T> value) && {
    assign(static_cast<detail::edge&&>(value.value), value.where);
}
template <class T>
void slice<T>::operator=(const slice& value) && {
    assign(value.reading());
}
template <class T>
void slice<T>::operator=(std::initializer_list<detail::literal<T>> values) && {
    assign(detail::values_to_write(values));
}
template <class T>
template <class V>
void slice<T>::operator+=(V&& value) &&
    requires(!detail::may_fail_for<V, T>)
{
    assign(detail::value_to_write<T>(*this + static_cast<V&&>(value)));
}
template <class T>
void slice<T>::operator+=(detail::quotient<T> value) && {
    assign(detail::value_to_write<T>(*this + value.value, value.where), value.where);
}
template <class T>
template <class V>
void slice<T>::operator-=(V&& value) &&
    requires(!detail::may_fail_for<V, T>)
{
    assign(detail::value_to_write<T>(*this - static_cast<V&&>(value)));
}
template <class T>
void slice<T>::operator-=(detail::quotient<T> value) && {
    assign(detail::value_to_write<T>(*this - value.value, value.where), value.where);
}
template <class T>
template <class V>
void slice<T>::operator*=(V&& value) &&
    requires(!detail::may_fail_for<V, T>)
{
    assign(detail::value_to_write<T>(*this * static_cast<V&&>(value)));
}
template <class T>
void slice<T>::operator*=(detail::quotient<T> value) && {
    assign(detail::value_to_write<T>(*this * value.value, value.where), value.where);
}
template <class T>
template <class V>
void slice<T>::operator/=(V&& value) &&
    requires(!std::is_integral_v<T>)
{
    assign(detail::value_to_write<T>(*this / static_cast<V&&>(value)));
}
template <class T>
void slice<T>::operator/=(detail::divisor<T> value) &&
    requires std::is_integral_v<T>
{
    value.divide(*this, [&](auto&& quotient) { assign(detail::value_to_write<T>(quotient, value.where), value.where); });
}

}  // namespace sinter::inline v1
