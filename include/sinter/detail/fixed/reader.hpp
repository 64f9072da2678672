#pragma once

#include <sinter/detail/array_fwd.hpp>
#include <sinter/detail/extents.hpp>
#include <sinter/detail/fixed/divisors.hpp>
#include <sinter/detail/fixed/text.hpp>

#include <iosfwd>
#include <span>
#include <vector>

namespace sinter::inline v1::detail {

template <class T>
struct array_operand;
template <class T>
struct number_operand;

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
    const auto step = [&](index_t index, index_t extent) __attribute__((always_inline)) {
        const index_t i = index < 0 ? index + extent : index;
        if (i < 0 || i >= extent) fixed::throw_index(index, axis, extent);
        at = at * extent + i;
        ++axis;
    };
    (step(static_cast<index_t>(indices), E), ...);
    return at;
}

/// What arrays and expressions of static shape have in common: the members that read.
template <class Derived, class T, index_t... E>
class reader {
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
    [[nodiscard, gnu::always_inline]] T item() const {
        static_assert(shape_type::size == 1, "sinter: item: the array does not have exactly one element");
        T value;
        fixed::assign<this_target>(&value, self().node());
        return value;
    }

    /// x(i, j, ...): an element by value, checked; negative indices count from the end. Throws index_error.
    template <class... I>
        requires(sizeof...(I) > 0 && (std::is_integral_v<I> && ...))
    [[nodiscard, gnu::always_inline]] T operator()(I... indices) const {
        const index_t at = fixed::place_of<E...>(indices...);
        return with_elements([&](const T* x) { return x[at]; });
    }

    /// The values as an array.
    [[nodiscard, gnu::always_inline]] auto eval() const {
        if constexpr (sizeof...(E) > 0) return array<T, E...>(self());
        else return self();
    }

    /// A copy of the elements in row-major order.
    [[nodiscard, gnu::always_inline]] std::vector<T> to_vector() const {
        return with_elements([](const T* x) { return std::vector<T>(x, x + size()); });
    }

    /// Writes the values, NumPy's way.
    template <class Traits>
    friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const Derived& x) {
        return out << x.with_elements([](const T* e) { return text<T>::of(e, shape_v); }).c_str();
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
    /// As an operand among arrays whose shape is known at run time.
    template <class Dynamic = array<T>>
    [[nodiscard]] auto operand() const {
        if constexpr (sizeof...(E) == 0) return number_operand<T>{self().item()};
        else return array_operand<T>{Dynamic(array<T, E...>(self())).reading()};
    }
    /// Calls f with the address of the elements.
    template <class F>
    [[gnu::always_inline]] auto with_elements(F f) const {
        if constexpr (requires { self().data(); }) {
            return f(self().data());
        } else {
            storage<T, shape_type::size> values;
            fixed::assign<this_target>(values.element, self().node());
            return f(static_cast<const T*>(values.element));
        }
    }

private:
    [[nodiscard, gnu::always_inline]] const Derived& self() const noexcept { return static_cast<const Derived&>(*this); }
};

}  // namespace fixed
}  // namespace sinter::inline v1::detail
