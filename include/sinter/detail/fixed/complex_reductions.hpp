#pragma once

#include <sinter/detail/fixed/complex.hpp>
#include <sinter/detail/fixed/reductions.hpp>


// Reductions of complex numbers, as those of arrays of any shape have it (complex.hpp): sums are sums of the parts, products go half by half.

namespace sinter::inline v1 {

namespace detail::fixed {

/// An array as it is, an expression computed: its parts are read one after the other.
template <class X>
[[nodiscard, gnu::always_inline]] inline decltype(auto) computed(const X& x, [[maybe_unused]] place_of_call<X> at) {
    if constexpr (is_array<X>::value || X::shape_type::rank == 0) return (x);
    else return x.eval(at);
}

template <class T>
[[nodiscard, gnu::always_inline]] inline auto complex_number_of(part_t<T> re, part_t<T> im) {
    return fixed::express([&] { return number<T>{T(re, im)}; });
}

/// How the halves of a product are combined.
struct times {
    template <class V>
    [[gnu::always_inline]] auto operator()(V a, V b) const noexcept {
        return complex_form<op::multiply>::apply(a, b);
    }
};

/// The first n numbers combined with n others, into the first ones.
template <class Target, class T, class F>
inline void combine_into(T* z, const T* by, index_t n, const F& f) noexcept {
    const auto step = [&]<std::size_t Count>(index_t k) __attribute__((always_inline)) {
        using L = lanes<Target, part_t<T>, Count>;
        L::store(z + k, fixed::as_result<L>(f(fixed::as_argument<Target>(L::load(z + k)), fixed::as_argument<Target>(L::load(by + k)))));
    };
    constexpr auto width = widest_register<Target> / sizeof(part_t<T>);
    index_t k = 0;
    for (; k + static_cast<index_t>(width) <= n; k += static_cast<index_t>(width)) step.template operator()<width>(k);
    for (; k < n; ++k) step.template operator()<1>(k);
}

/// n numbers combined, halves with halves, in their memory.
template <class Target, class T, class F = times>
[[nodiscard]] inline T product_of_halves(T* z, index_t n, T rest = T(1), const F& f = {}) noexcept {
    for (bool has_rest = false; n > 0; n /= 2) {
        if (n % 2 != 0) {
            if (has_rest) fixed::combine_into<Target>(&rest, z + (n - 1), 1, f);
            else rest = z[n - 1];
            has_rest = true;
        }
        fixed::combine_into<Target>(z, z + n / 2, n / 2, f);
    }
    return rest;
}

template <bool Root, class X, class S, class F>
[[nodiscard]] inline auto complex_variance(const X& z, const S& re, const S& im, index_t count, const static_variance& o, const F& over) {
    using P = part_t<typename X::value_type>;
    const auto n = static_cast<P>(count);
    const auto re_away = (real(z) - re / n).eval(), im_away = (imag(z) - im / n).eval();
    const auto squares = over(square(re_away) + square(im_away));
    const auto re_rest = over(re_away), im_rest = over(im_away);
    const P divisor = count > o.ddof ? static_cast<P>(count - o.ddof) : P(0);
    const auto result = (maximum(squares - re_rest * (re_rest / n) - im_rest * (im_rest / n), P(0)) / divisor).eval();
    if constexpr (Root) return sqrt(result).eval();
    else return result;
}

template <bool Root, class X>
[[nodiscard]] inline auto complex_variance_of_all(const X& x, const static_variance& o, place_of_call<X> at) {
    using P = part_t<typename X::value_type>;
    const auto& z = fixed::computed(x, at);
    const auto over = [](const auto& v) { return fixed::one_of<P>(fixed::reduced<op::add, P>(v, {}).item()); };
    const P spread = fixed::complex_variance<Root>(z, over(real(z)), over(imag(z)), X::size(), o, over).data()[0];
    return fixed::express([&] { return number<P>{spread}; });
}
template <bool Root, index_t Given, class X>
[[nodiscard]] inline auto complex_variance_over(const X& x, const static_variance& o, place_of_call<X> at) {
    using S = typename X::shape_type;
    constexpr index_t axis = Given < 0 ? Given + S::rank : Given;
    static_assert(axis >= 0 && axis < S::rank, "sinter: the axis of a reduction is out of range");
    if constexpr (S::rank == 1) {
        return fixed::complex_variance_of_all<Root>(x, o, at);
    } else {
        using P = part_t<typename X::value_type>;
        const auto& z = fixed::computed(x, at);
        const auto over = [](const auto& v) { return fixed::reduced_over<op::add, P, axis>(v, {}); };
        const auto kept = [&](const auto& v) {
            const auto sums = over(v);
            typename array_with_one<P, S, axis>::type total(uninitialized);
            std::copy_n(sums.data(), sums.size(), total.mutable_data());
            return total;
        };
        return fixed::complex_variance<Root>(z, kept(real(z)), kept(imag(z)), S::extent(axis, S::rank), o, over);
    }
}

}  // namespace detail::fixed

/// The sum, of each part as of real numbers; 0 over nothing.
template <detail::static_complex X>
[[nodiscard]] inline auto sum(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using T = typename X::value_type;
    using P = detail::part_t<T>;
    const auto& z = detail::fixed::computed(x, at);
    return detail::fixed::complex_number_of<T>(detail::fixed::reduced<detail::op::add, P>(real(z), {}).item(), detail::fixed::reduced<detail::op::add, P>(imag(z), {}).item());
}
template <index_t Axis, detail::static_complex X>
[[nodiscard]] inline auto sum(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using P = detail::part_t<typename X::value_type>;
    if constexpr (X::shape_type::rank == 1) {
        static_assert(Axis == 0 || Axis == -1, "sinter: the axis of a reduction is out of range");
        return sinter::sum(x, at);
    } else {
        const auto& z = detail::fixed::computed(x, at);
        return complex(detail::fixed::reduced_over<detail::op::add, P, Axis>(real(z), {}), detail::fixed::reduced_over<detail::op::add, P, Axis>(imag(z), {})).eval();
    }
}

/// The sum divided by the number of elements; NaN over nothing.
template <detail::static_complex X>
[[nodiscard]] inline auto mean(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using T = typename X::value_type;
    const T total = sinter::sum(x, at).item();
    const auto count = static_cast<detail::part_t<T>>(X::size());
    return detail::fixed::complex_number_of<T>(total.real() / count, total.imag() / count);
}
template <index_t Axis, detail::static_complex X>
[[nodiscard]] inline auto mean(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    if constexpr (X::shape_type::rank == 1) {
        static_assert(Axis == 0 || Axis == -1, "sinter: the axis of a reduction is out of range");
        return sinter::mean(x, at);
    } else {
        return (sinter::sum<Axis>(x, at) / static_cast<detail::part_t<typename X::value_type>>(X::extent(Axis))).eval();
    }
}

/// The Euclidean norm: the root of the sum of the squares of the sizes. Squares that overflow make it infinite.
template <detail::static_complex X>
[[nodiscard]] inline auto norm(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using P = detail::part_t<typename X::value_type>;
    const P squares = detail::fixed::reduced<detail::op::add, P>(detail::fixed::complex_call<detail::complex_op::squares>::of(x), at).item();
    const P size = sqrt(detail::fixed::one_of<P>(squares)).item();
    return detail::fixed::express([&] { return detail::fixed::number<P>{size}; });
}
template <index_t Axis, detail::static_complex X>
[[nodiscard]] inline auto norm(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using P = detail::part_t<typename X::value_type>;
    if constexpr (X::shape_type::rank == 1) {
        static_assert(Axis == 0 || Axis == -1, "sinter: the axis of a reduction is out of range");
        return sinter::norm(x, at);
    } else {
        return sqrt(detail::fixed::reduced_over<detail::op::add, P, Axis>(detail::fixed::complex_call<detail::complex_op::squares>::of(x), at)).eval();
    }
}

/// The product; 1 over nothing. Halves are multiplied with halves, whatever the instruction set.
template <detail::static_complex X>
[[nodiscard]] inline auto prod(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using T = typename X::value_type;
    detail::fixed::storage<T, X::size()> values;
    detail::fixed::assign<detail::fixed::this_target>(values.element, x.node(), at);
    const T product = detail::fixed::product_of_halves<detail::fixed::this_target>(values.element, X::size());
    return detail::fixed::complex_number_of<T>(product.real(), product.imag());
}
template <index_t Axis, detail::static_complex X>
[[nodiscard]] inline auto prod(const X& x, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    using T = typename X::value_type;
    using S = typename X::shape_type;
    constexpr index_t axis = Axis < 0 ? Axis + S::rank : Axis;
    static_assert(axis >= 0 && axis < S::rank, "sinter: the axis of a reduction is out of range");
    if constexpr (S::rank == 1) {
        return sinter::prod(x, at);
    } else {
        constexpr index_t n = S::extent(axis, S::rank);
        typename detail::fixed::array_without<T, S, axis>::type result(detail::fixed::uninitialized);
        index_t step = 1;
        for (index_t d = axis + 1; d < S::rank; ++d) step *= S::extent(d, S::rank);
        detail::fixed::storage<T, n> line;
        x.with_elements([&](const T* v) {
            for (index_t i = 0; i < result.size(); ++i) {
                for (index_t k = 0; k < n; ++k) line.element[k] = v[(i / step * n + k) * step + i % step];
                result.mutable_data()[i] = detail::fixed::product_of_halves<detail::fixed::this_target>(line.element, n);
            }
            return 0;
        }, at);
        return result;
    }
}

/// The variance, a real number: that of the sizes of what is away from the mean. Otherwise as of real arrays.
template <detail::static_complex X>
[[nodiscard]] inline auto var(const X& x, const static_variance& o = {}, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::complex_variance_of_all<false>(x, o, at);
}
template <index_t Axis, detail::static_complex X>
[[nodiscard]] inline auto var(const X& x, const static_variance& o = {}, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::complex_variance_over<false, Axis>(x, o, at);
}

/// The standard deviation: the root of var.
template <detail::static_complex X>
[[nodiscard]] inline auto std(const X& x, const static_variance& o = {}, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::complex_variance_of_all<true>(x, o, at);
}
template <index_t Axis, detail::static_complex X>
[[nodiscard]] inline auto std(const X& x, const static_variance& o = {}, detail::place_of_call<X> at = detail::place_of_call<X>::current()) {
    return detail::fixed::complex_variance_over<true, Axis>(x, o, at);
}

}  // namespace sinter::inline v1
