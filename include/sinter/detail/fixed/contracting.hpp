#pragma once

#include <sinter/detail/fixed/target.hpp>

// Lanes of the user's functions on arrays of static shape.

namespace sinter::inline v1 {

namespace detail::fixed {

/// A carrier that remembers the factors of a product, so that a later sum contracts them, as statements do. After inlining
/// nothing of this is left.
template <class B, class Target>
struct contracting {
    B value;
    B left = value;
    B right = value;
    bool is_product = false;
};

template <class B, class Target>
[[gnu::always_inline]] inline contracting<B, Target> unfactored(B value) noexcept {
    return {value, value, value, false};
}

}  // namespace detail::fixed

template <class B, class Target>
class lane<detail::fixed::contracting<B, Target>> {
public:
    using carrier_type = detail::fixed::contracting<B, Target>;
    using value_type = typename detail::carrier<B>::value_type;

    [[gnu::always_inline]] explicit lane(carrier_type raw) noexcept : raw_(raw) {}
    /// A literal, converted to the element type of the lane.
    template <class S>
        requires detail::number_type<S>
    [[gnu::always_inline]] lane(S literal) noexcept
        : raw_(detail::fixed::unfactored<B, Target>(detail::carrier<B>::constant(static_cast<value_type>(literal)))) {
        static_assert(detail::check_literal<value_type, S>());
    }
    /// A mask that was compared from another type.
    template <class M>
        requires(!std::same_as<M, B> && std::same_as<value_type, bool> && std::convertible_to<lane<M>, lane<B>>)
    [[gnu::always_inline]] lane(lane<detail::fixed::contracting<M, Target>> other) noexcept
        : raw_(detail::fixed::unfactored<B, Target>(lane<B>(lane<M>(other.raw().value)).raw())) {}

    /// The carrier. Not for user code.
    [[nodiscard, gnu::always_inline]] carrier_type raw() const noexcept { return raw_; }

private:
    carrier_type raw_;
};

namespace detail {

/// Copied part by part: g++ keeps in memory what is larger and copied as a whole.
template <class B, class Target>
struct complex_lane<lane<fixed::contracting<B, Target>>> {
    using part_lane = lane<fixed::contracting<B, Target>>;
    part_lane re, im;

    [[gnu::always_inline]] complex_lane(part_lane real, part_lane imag) noexcept : re(real), im(imag) {}
    [[gnu::always_inline]] complex_lane(const complex_lane& other) noexcept : re(other.re), im(other.im) {}
    [[gnu::always_inline]] complex_lane& operator=(const complex_lane& other) noexcept {
        re = other.re;
        im = other.im;
        return *this;
    }
};

template <class B, class Target>
struct carrier<fixed::contracting<B, Target>> {
    using value_type = typename carrier<B>::value_type;
    using self = fixed::contracting<B, Target>;
    template <class U>
    using rebind = fixed::contracting<typename carrier<B>::template rebind<U>, Target>;
    // Operations with a body run it on the plain carrier, where nothing is contracted.
    static constexpr bool expands = false;

    [[gnu::always_inline]] static self constant(value_type x) noexcept { return plain(carrier<B>::constant(x)); }
    template <class U>
    [[gnu::always_inline]] static rebind<U> convert(self x) noexcept {
        return plain(carrier<B>::template convert<U>(x.value));
    }
    /// No product that a later sum contracts.
    [[gnu::always_inline]] static self apart(self x) noexcept { return plain(x.value); }
    template <class U>
    [[gnu::always_inline]] static rebind<U> bitcast(self x) noexcept {
        return plain(carrier<B>::template bitcast<U>(x.value));
    }

    template <class Op, class... A>
    [[gnu::always_inline]] static auto apply(A... a) noexcept {
        if constexpr (Target::contracts && std::floating_point<value_type> && std::same_as<Op, op::multiply>) {
            return product(a...);
        } else if constexpr (Target::contracts && std::floating_point<value_type> && std::same_as<Op, op::add>) {
            return sum<op::fma, op::fma, op::add>(a...);
        } else if constexpr (Target::contracts && std::floating_point<value_type> && std::same_as<Op, op::subtract>) {
            return sum<op::fms, op::fnma, op::subtract>(a...);
        } else {
            return plain(detail::apply_to_lanes<Op>(detail::lane_of_raw(a.value)...).raw());
        }
    }

private:
    template <class C>
    [[gnu::always_inline]] static fixed::contracting<C, Target> plain(C value) noexcept {
        return fixed::unfactored<C, Target>(value);
    }
    [[gnu::always_inline]] static self product(self a, self b) noexcept {
        return {carrier<B>::template apply<op::multiply>(a.value, b.value), a.value, b.value, true};
    }
    template <class Left, class Right, class Neither>
    [[gnu::always_inline]] static self sum(self a, self b) noexcept {
        if (a.is_product) return plain(carrier<B>::template apply<Left>(a.left, a.right, b.value));
        if (b.is_product) return plain(carrier<B>::template apply<Right>(b.left, b.right, a.value));
        return plain(carrier<B>::template apply<Neither>(a.value, b.value));
    }
};

namespace fixed {

/// An operand as a function's body takes it.
template <class Target, class V>
[[nodiscard, gnu::always_inline]] inline auto as_argument(V v) noexcept {
    if constexpr (is_complex_lane<V>) {
        const auto re = fixed::as_argument<Target>(v.re);
        return complex_lane<std::remove_const_t<decltype(re)>>{re, fixed::as_argument<Target>(v.im)};
    } else {
        const auto x = detail::computed_lane(v).raw();
        using B = std::remove_const_t<decltype(x)>;
        return detail::typed_lane<element_of<V>>(fixed::unfactored<B, Target>(x));
    }
}

/// A result of the user's function as plain lanes; a number, as it is.
template <class L, class V>
[[nodiscard, gnu::always_inline]] inline auto as_result(V v) noexcept {
    if constexpr (is_complex_lane<V>) {
        const auto re = fixed::as_result<L>(v.re);
        return complex_lane<std::remove_const_t<decltype(re)>>{re, fixed::as_result<L>(v.im)};
    } else if constexpr (is_lane<V>) {
        return detail::typed_lane<element_of<V>>(detail::computed_lane(v).raw().value);
    } else {
        return fixed::constant_of<L, V>(v);
    }
}

/// How a function's body sees a single element of T.
template <class T>
struct single {
    using type = lane_as<T, lane<contracting<element_value<float, this_target>, this_target>>>;
};
template <complex_number T>
struct single<T> {
    using type = complex_lane<typename single<part_t<T>>::type>;
};

}  // namespace fixed
}  // namespace detail
}  // namespace sinter::inline v1
