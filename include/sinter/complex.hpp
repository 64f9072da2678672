#pragma once

#include <sinter/detail/complex_operations.hpp>
#include <sinter/reductions.hpp>
#include <sinter/scans.hpp>
#include <sinter/views.hpp>

// Arrays of std::complex<float> and std::complex<double>. Their operators and functions are those of other arrays; a float array with one of complex<float> gives complex<float>, a number takes the
// array's precision. What needs an order does not compile. In products and quotients infinities and NaN are not recovered as Annex G of C has it.

namespace sinter::inline v1 {

namespace detail {

template <class X>
concept complex_array_like = array_like<X> && is_complex<value_of<X>>;
template <class X>
concept dynamic_complex = dynamic_like<X> && is_complex<value_of<X>>;
template <class X>
concept dynamic_real = dynamic_like<X> && std::floating_point<value_of<X>>;

template <class Op, class... A>
[[nodiscard]] auto complex_from(A&&... a) {
    using P = typename common_part<std::remove_cvref_t<A>...>::type;
    static_assert(std::floating_point<P>, "sinter: complex numbers of float and double only: cast<float>(x) the integers first");
    static_assert(!(involves_complex<std::remove_cvref_t<A>> || ...), "sinter: a part of a complex number is a real number");
    return detail::make_complex<Op>(detail::operand_of_parts<P>(static_cast<A&&>(a))...);
}

}  // namespace detail

/// The real parts. Of real arrays: the values.
template <detail::dynamic_complex X>
[[nodiscard]] auto real(X&& x) {
    return detail::complex_call<detail::complex_op::real>::of(static_cast<X&&>(x));
}
template <detail::dynamic_real X>
[[nodiscard]] array<detail::value_of<X>> real(X&& x) {
    return array<detail::value_of<X>>(static_cast<X&&>(x));
}

/// The imaginary parts. Of real arrays: zeros.
template <detail::dynamic_complex X>
[[nodiscard]] auto imag(X&& x) {
    return detail::complex_call<detail::complex_op::imag>::of(static_cast<X&&>(x));
}
template <detail::dynamic_real X>
[[nodiscard]] array<detail::value_of<X>> imag(X&& x) {
    return detail::filled<detail::value_of<X>>(x.shape(), 0);
}

/// The conjugates: the imaginary parts with the other sign. Of real arrays: the values.
template <detail::dynamic_complex X>
[[nodiscard]] auto conj(X&& x) {
    return detail::complex_call<detail::complex_op::conj>::of(static_cast<X&&>(x));
}
template <detail::dynamic_real X>
[[nodiscard]] array<detail::value_of<X>> conj(X&& x) {
    return array<detail::value_of<X>>(static_cast<X&&>(x));
}

/// The angles in the plane, in radians from -pi to pi: atan2(imag(z), real(z)).
template <class X>
    requires(detail::dynamic_complex<X> || detail::dynamic_real<X>)
[[nodiscard]] auto arg(X&& x) {
    return detail::complex_call<detail::complex_op::arg>::of(static_cast<X&&>(x));
}
/// NumPy's name for arg.
template <class X>
    requires(detail::dynamic_complex<X> || detail::dynamic_real<X>)
[[nodiscard]] auto angle(X&& x) {
    return sinter::arg(static_cast<X&&>(x));
}

/// Complex numbers of their real and imaginary parts: arrays of float or double, or an array and a number.
template <class R, class I>
    requires(detail::call_kind<R, I> == detail::kind_dynamic)
[[nodiscard]] auto complex(R&& re, I&& im) {
    return detail::complex_from<detail::complex_op::of_parts>(static_cast<R&&>(re), static_cast<I&&>(im));
}

/// Complex numbers of their sizes and angles, in radians. Each part within 4 epsilons (2^-23, 2^-52) of itself.
template <class R, class A>
    requires(detail::call_kind<R, A> == detail::kind_dynamic)
[[nodiscard]] auto polar(R&& size, A&& angle) {
    return detail::complex_from<detail::complex_op::polar>(static_cast<R&&>(size), static_cast<A&&>(angle));
}

// The same in functions of fn, of one element.

template <class V>
[[nodiscard]] constexpr V real(detail::complex_lane<V> z) {
    return z.re;
}
template <class V>
[[nodiscard]] constexpr V imag(detail::complex_lane<V> z) {
    return z.im;
}
template <class V>
[[nodiscard]] constexpr auto conj(detail::complex_lane<V> z) {
    return detail::complex_form<detail::complex_op::conj>::apply(z);
}
template <class V>
[[nodiscard]] constexpr V arg(detail::complex_lane<V> z) {
    return detail::complex_form<detail::complex_op::arg>::apply(z);
}
template <class V>
[[nodiscard]] constexpr V angle(detail::complex_lane<V> z) {
    return sinter::arg(z);
}
template <class R, class I>
    requires(detail::call_kind<R, I> == detail::kind_lane)
[[nodiscard]] constexpr auto complex(R re, I im) {
    return detail::complex_lane_call<detail::complex_op::of_parts>::of(re, im);
}
template <class R, class A>
    requires(detail::call_kind<R, A> == detail::kind_lane)
[[nodiscard]] constexpr auto polar(R size, A angle) {
    return detail::complex_lane_call<detail::complex_op::polar>::of(size, angle);
}

/// The sum over the axes, of each part as of real numbers; 0 over nothing.
template <detail::dynamic_complex X>
[[nodiscard]] auto sum(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    using T = detail::value_of<X>;
    using P = detail::part_t<T>;
    const array<T> z(detail::reading_of(x, where));
    return array<T>(sinter::complex(detail::reduce<detail::op::add, P>(real(z), options, "sum", where), detail::reduce<detail::op::add, P>(imag(z), options, "sum", where)),
                    where.file, where.line);
}

/// The sum over the axes divided by their count; NaN over nothing.
template <detail::dynamic_complex X>
[[nodiscard]] auto mean(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    using T = detail::value_of<X>;
    using P = detail::part_t<T>;
    const array<T> z(detail::reading_of(x, where));
    const array<P> re = detail::reduce<detail::op::add, P>(real(z), options, "mean", where), im = detail::reduce<detail::op::add, P>(imag(z), options, "mean", where);
    const index_t count = re.size() > 0 ? z.size() / re.size() : 0;
    return array<T>(sinter::complex(re / static_cast<P>(count), im / static_cast<P>(count)), where.file, where.line);
}

/// The Euclidean norm: the root of the sum of the squares of the sizes. Squares that overflow make it infinite.
template <detail::dynamic_complex X>
[[nodiscard]] auto norm(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    using P = detail::part_t<detail::value_of<X>>;
    auto squares = detail::complex_call<detail::complex_op::squares>::of(static_cast<X&&>(x));
    return array<P>(sqrt(detail::reduce<detail::op::add, P>(std::move(squares), options, "norm", where)), where.file, where.line);
}

namespace detail {

/// Levels of products of fewer elements than this are left to be computed when they are needed.
inline constexpr index_t small_level = 1024;

template <class T>
[[nodiscard]] array<T> level_of(array<T> products) {
    if (products.size() >= small_level) products.eval();
    return products;
}

/// The elements along the last axis combined, halves with halves, so that their order is that of the shape only.
template <class T, class F>
[[nodiscard]] array<T> halves_of_last(array<T> z, T identity, const F& combine) {
    index_t n = z.extent(-1);
    if (n == 0) {
        extents shape;
        for (index_t d = 0; d + 1 < z.rank(); ++d) shape.push_back(z.extent(d));
        return detail::filled<T>(shape, identity);
    }
    array<T> rest;
    for (bool has_rest = false; true; n /= 2) {
        if (n % 2 != 0) {
            array<T> last = z(ellipsis, n - 1);
            rest = has_rest ? array<T>(combine(rest, last)) : last;
            has_rest = true;
        }
        if (n == 1) return rest;
        z = detail::level_of(array<T>(combine(array<T>(z(ellipsis, range(0, n / 2))), array<T>(z(ellipsis, range(n / 2, n / 2 * 2))))));
    }
}

/// The products of the elements up to and with each one along the last axis: of pairs first, then of what is before each pair with its first one.
template <class T>
[[nodiscard]] array<T> products_along_last(const array<T>& z) {
    const index_t n = z.extent(-1);
    if (n < 2) return z;
    const array<T> even = z(ellipsis, range({}, {}, 2)), odd = z(ellipsis, range(1, {}, 2));
    const array<T> pairs = detail::products_along_last(detail::level_of(array<T>(even(ellipsis, range(0, n / 2)) * odd)));
    array<T> out = detail::filled<T>(z.shape(), T(0));
    out(ellipsis, range(1, {}, 2)) = pairs;
    out(ellipsis, range(0, 1)) = z(ellipsis, range(0, 1));
    if (n > 2) out(ellipsis, range(2, {}, 2)) = pairs(ellipsis, range(0, (n - 1) / 2)) * even(ellipsis, range(1, {}));
    return out;
}

template <class T>
[[nodiscard]] array<T> with_last(const array<T>& z, const char* name, const axes_argument& axes, source where) {
    axes_argument last{.count = axes.count, .given = true};
    for (std::size_t i = 0; i < axes.count; ++i) last.list[i] = static_cast<index_t>(i) - static_cast<index_t>(axes.count);
    return array<T>(edge{detail::record_moved_axes(z.reading().release(), name, axes, last, where)});
}

}  // namespace detail

namespace detail {

template <class T, class F>
[[nodiscard]] array<T> halves_over(const array<T>& z, T identity, const reduce_options& options, const F& combine, const char* name, source where) {
    const axes_argument& axes = options.axis.argument();
    if (!axes.given) {
        const array<T> all_of_it = detail::halves_of_last(z.flatten(), identity, combine);
        extents ones;
        for (index_t d = 0; options.keepdims && d < z.rank(); ++d) ones.push_back(1);
        return all_of_it.reshape(ones);
    }
    array<T> result = detail::with_last(z, name, axes, where);
    for (std::size_t i = 0; i < axes.count; ++i) result = detail::halves_of_last(std::move(result), identity, combine);
    return options.keepdims ? array<T>(edge{detail::record_expanded(result.reading().release(), axes, where)}) : result;
}

}  // namespace detail

/// The product over the axes; 1 over nothing. Of n elements it takes up to log2(n) kernels; those of large levels are run when this is called.
template <detail::dynamic_complex X>
[[nodiscard]] auto prod(X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    using T = detail::value_of<X>;
    return detail::halves_over(array<T>(detail::reading_of(x, where)), T(1), options, [](const array<T>& a, const array<T>& b) { return a * b; }, "prod", where);
}

/// The sums of the elements up to and with each one, along an axis: of each part as of real numbers.
template <detail::complex_array_like X>
[[nodiscard]] auto cumsum(X&& x, const axes_option& o = {}, detail::source where = detail::source::current()) {
    using T = detail::value_of<X>;
    const array<T> z(detail::reading_of(x, where));
    return array<T>(sinter::complex(detail::accumulated<detail::op::add>(real(z), o, "cumsum", where), detail::accumulated<detail::op::add>(imag(z), o, "cumsum", where)),
                    where.file, where.line);
}

/// The products, likewise, in log2(n) kernels for an axis of n elements; those of large levels are run when this is called.
template <detail::complex_array_like X>
[[nodiscard]] auto cumprod(X&& x, const axes_option& o = {}, detail::source where = detail::source::current()) {
    using T = detail::value_of<X>;
    const array<T> z(detail::reading_of(x, where));
    const detail::axes_argument& axes = o.axis.argument();
    if (!axes.given) return detail::products_along_last(z.flatten());
    if (axes.count != 1) throw value_error("cumprod: one axis or none is needed, " + std::to_string(axes.count) + " are given");
    const array<T> along = detail::products_along_last(detail::with_last(z, "cumprod", axes, where));
    detail::axes_argument last{.list = {-1}, .count = 1, .given = true};
    return array<T>(detail::edge{detail::record_moved_axes(along.reading().release(), "cumprod", last, axes, where)});
}

namespace detail {

/// As variance of real numbers, with the squares of what is away from the mean in the plane.
template <bool Root, class X>
[[nodiscard]] auto complex_variance(X&& x, const variance_options& options, const char* name, source where) {
    using T = value_of<X>;
    using P = part_t<T>;
    const array<T> z(detail::reading_of(x, where));
    const reduce_options kept{options.axis, true}, asked{options.axis, options.keepdims};
    const array<P> re = detail::reduce<op::add, P>(real(z), kept, name, where), im = detail::reduce<op::add, P>(imag(z), kept, name, where);
    const index_t count = re.size() > 0 ? z.size() / re.size() : 0;
    const auto n = static_cast<P>(count);
    const array<P> re_away(real(z) - re / n, where.file, where.line), im_away(imag(z) - im / n, where.file, where.line);
    const array<P> squares = detail::reduce<op::add, P>(square(re_away) + square(im_away), asked, name, where);
    const array<P> re_rest = detail::reduce<op::add, P>(re_away, asked, name, where), im_rest = detail::reduce<op::add, P>(im_away, asked, name, where);
    const P divisor = count > options.ddof ? static_cast<P>(count - options.ddof) : P(0);
    auto result = maximum(squares - re_rest * (re_rest / n) - im_rest * (im_rest / n), P(0)) / divisor;
    if constexpr (Root) {
        return array<P>(sqrt(std::move(result)), where.file, where.line);
    } else {
        return array<P>(std::move(result), where.file, where.line);
    }
}

}  // namespace detail

/// The variance over the axes, a real number: that of the sizes of what is away from the mean. Otherwise as of real arrays.
template <detail::dynamic_complex X>
[[nodiscard]] auto var(X&& x, const variance_options& options = {}, detail::source where = detail::source::current()) {
    return detail::complex_variance<false>(static_cast<X&&>(x), options, "var", where);
}

/// The standard deviation over the axes: the root of var.
template <detail::dynamic_complex X>
[[nodiscard]] auto std(X&& x, const variance_options& options = {}, detail::source where = detail::source::current()) {
    return detail::complex_variance<true>(static_cast<X&&>(x), options, "std", where);
}

}  // namespace sinter::inline v1
