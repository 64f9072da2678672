#pragma once

#include <sinter/detail/fixed/reader.hpp>
#include <sinter/detail/may_fail.hpp>

#include <tuple>

// Parts of arrays of static shape. They are those of the library's arrays, which are not included here: their names are looked up where a part is asked for.

namespace sinter::inline v1 {

template <class T>
class slice;

namespace detail {
template <class T>
struct written;
template <class T>
struct divisor;
template <class T>
class literal;
}

/// A part of a static array that has a name, through indices or a mask: it reads what was there when it was taken; assigning to it, while it has no name, writes that part.
template <class View, class... I>
class static_view : public View {
    using T = typename View::value_type;

public:
    static_view(T* memory, const extents& shape, View part, const I&... indices) : View(static_cast<View&&>(part)), memory_{memory}, shape_(shape), indices_(indices...) {}
    static_view(const static_view&) = default;
    ~static_view() = default;

    void operator=(detail::written<T> value) && {
        change([&](auto&& part) { static_cast<decltype(part)&&>(part) = value; });
    }
    void operator=(const static_view& value) && {
        change([&](auto&& part) { static_cast<decltype(part)&&>(part) = value.eval(); });
    }
    /// Of another part, or one of another array: the base's own assignment knows no memory here.
    void operator=(const View& value) && {
        change([&](auto&& part) { static_cast<decltype(part)&&>(part) = value.eval(); });
    }
    void operator=(std::initializer_list<detail::literal<T>> values) && {
        change([&](auto&& part) { static_cast<decltype(part)&&>(part) = values; });
    }
    template <class V>
    void operator+=(V&& value) &&
        requires(!detail::may_fail_for<V, T>)
    {
        change([&](auto&& part) { static_cast<decltype(part)&&>(part) += static_cast<V&&>(value); });
    }
    void operator+=(detail::quotient<T> value) && {
        change([&](auto&& part) { static_cast<decltype(part)&&>(part) += static_cast<detail::quotient<T>&&>(value); });
    }
    template <class V>
    void operator-=(V&& value) &&
        requires(!detail::may_fail_for<V, T>)
    {
        change([&](auto&& part) { static_cast<decltype(part)&&>(part) -= static_cast<V&&>(value); });
    }
    void operator-=(detail::quotient<T> value) && {
        change([&](auto&& part) { static_cast<decltype(part)&&>(part) -= static_cast<detail::quotient<T>&&>(value); });
    }
    template <class V>
    void operator*=(V&& value) &&
        requires(!detail::may_fail_for<V, T>)
    {
        change([&](auto&& part) { static_cast<decltype(part)&&>(part) *= static_cast<V&&>(value); });
    }
    void operator*=(detail::quotient<T> value) && {
        change([&](auto&& part) { static_cast<decltype(part)&&>(part) *= static_cast<detail::quotient<T>&&>(value); });
    }
    template <class V>
    void operator/=(V&& value) &&
        requires(!std::is_integral_v<T>)
    {
        change([&](auto&& part) { static_cast<decltype(part)&&>(part) /= static_cast<V&&>(value); });
    }
    void operator/=(detail::divisor<T> value) &&
        requires std::is_integral_v<T>
    {
        change([&](auto&& part) { static_cast<decltype(part)&&>(part) /= static_cast<detail::divisor<T>&&>(value); });
    }
    using View::operator=, View::operator+=, View::operator-=, View::operator*=, View::operator/=;

private:
    /// f of the part of an array that borrows the memory: what is written to it is written there.
    template <class F>
    void change(F f) const {
        auto whole = borrow(memory_, shape_);
        std::apply([&](const I&... i) { f(whole(i...)); }, indices_);
    }

    T* memory_;
    extents shape_;
    std::tuple<I...> indices_;
};

namespace detail {
template <class View, class... I>
inline constexpr int kind_of<static_view<View, I...>> = kind_dynamic;

/// What a part of an array of T is, as the base of the above.
template <class Part, class T>
struct view_of {
    using type = std::conditional_t<std::derived_from<Part, slice<T>>, slice<T>, Part>;
};

}  // namespace detail
}  // namespace sinter::inline v1
