#pragma once

#include <sinter/detail/operations.hpp>

#include <limits>

// What operations do with complex numbers: on their two parts, as part of the statement. Beside a complex operand a real one stays real: it has no imaginary part that would be multiplied.
// Nothing is recovered where infinities and NaN meet (Annex G of C): a product with an infinite part may be NaN. Bounds are in epsilons, 2^-23 or 2^-52, of the part itself or of the size of the number.

namespace sinter::inline v1::detail {

/// An operation on complex operands; without a form it has no meaning there, or Sinter does not know it.
template <class Op>
struct complex_form {
    static constexpr bool is_defined = false;
};
struct complex_defined {
    static constexpr bool is_defined = true;
};

template <class V>
using whole = complex_lane<V>;

namespace complex_math {

template <class M, class V>
[[nodiscard]] constexpr V choose(M mask, V a, V b) {
    return detail::primitive<op::select>(mask, a, b);
}
template <class V>
[[nodiscard]] constexpr V number(double x) {
    return V(static_cast<element_of<V>>(x));
}
template <class V>
[[nodiscard]] constexpr V scaled(V x, double by) {
    return x * complex_math::number<V>(by);
}

/// a / b by Smith's method ("Algorithm 116", 1962): one part of b is divided by the larger one, so that no square overflows. By zero it is what the parts of a divided by zero are.
template <class V>
[[nodiscard]] constexpr whole<V> quotient(whole<V> a, whole<V> b) {
    const auto real_is_larger = abs(b.im) <= abs(b.re);
    const V large = choose(real_is_larger, b.re, b.im), small = choose(real_is_larger, b.im, b.re);
    const V ratio = choose(large == V(0), V(0), small / large);
    const V divisor = small * ratio + large;
    const V p = choose(real_is_larger, a.re, a.im), q = choose(real_is_larger, a.im, a.re);
    const V re = (q * ratio + p) / divisor, im = (q - p * ratio) / divisor;
    return {re, choose(real_is_larger, im, -im)};
}
template <class V>
[[nodiscard]] constexpr whole<V> quotient(V a, whole<V> b) {
    return quotient(whole<V>{a, V(0)}, b);
}

/// A number times a power of four that keeps its size within range where its parts are huge or tiny; the power, as its base 2 logarithm, and one over its root.
template <class V>
struct in_range {
    whole<V> z;
    V exponent, back;
};
template <class V>
[[nodiscard]] constexpr in_range<V> into_range(whole<V> z) {
    using limits = std::numeric_limits<element_of<V>>;
    constexpr int up = 2 * limits::digits;
    constexpr double root = static_cast<double>(std::uint64_t{1} << limits::digits);
    const V size = maximum(abs(z.re), abs(z.im));
    const auto huge = number<V>(limits::max() / 8) <= size, tiny = size < number<V>(limits::min() / limits::epsilon());
    const V by = choose(huge, V(0.25), choose(tiny, number<V>(root * root), V(1)));
    return {{z.re * by, z.im * by}, choose(huge, V(-2), choose(tiny, V(up), V(0))), choose(huge, V(2), choose(tiny, number<V>(1 / root), V(1)))};
}

}  // namespace complex_math

template <>
struct complex_form<op::add> : complex_defined {
    template <class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(whole<V> a, whole<V> b) {
        return {a.re + b.re, a.im + b.im};
    }
    template <class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(whole<V> a, V b) {
        return {a.re + b, a.im};
    }
    template <class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(V a, whole<V> b) {
        return {a + b.re, b.im};
    }
};

template <>
struct complex_form<op::subtract> : complex_defined {
    template <class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(whole<V> a, whole<V> b) {
        return {a.re - b.re, a.im - b.im};
    }
    template <class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(whole<V> a, V b) {
        return {a.re - b, a.im};
    }
    template <class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(V a, whole<V> b) {
        return {a - b.re, -b.im};
    }
};

/// Each part within 2 epsilons of the size of the product.
template <>
struct complex_form<op::multiply> : complex_defined {
    template <class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(whole<V> a, whole<V> b) {
        const V re = a.re * b.re - a.im * b.im;
        return {re, a.re * b.im + a.im * b.re};
    }
    template <class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(whole<V> a, V b) {
        return {a.re * b, a.im * b};
    }
    template <class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(V a, whole<V> b) {
        return {a * b.re, a * b.im};
    }
};

/// Each part within 6 epsilons of the size of the quotient.
template <>
struct complex_form<op::divide> : complex_defined {
    template <class A, class B>
    static constexpr auto apply(A a, whole<B> b) {
        return complex_math::quotient(a, b);
    }
    template <class V>
    static constexpr whole<V> apply(whole<V> a, V b) {
        return {a.re / b, a.im / b};
    }
};

template <>
struct complex_form<op::negative> : complex_defined {
    template <class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(whole<V> a) {
        return {-a.re, -a.im};
    }
};

template <>
struct complex_form<op::equal> : complex_defined {
    template <class V>
    [[gnu::always_inline]] static constexpr auto apply(whole<V> a, whole<V> b) {
        return (a.re == b.re) & (a.im == b.im);
    }
    template <class V>
    [[gnu::always_inline]] static constexpr auto apply(whole<V> a, V b) {
        return (a.re == b) & (a.im == V(0));
    }
    template <class V>
    [[gnu::always_inline]] static constexpr auto apply(V a, whole<V> b) {
        return (a == b.re) & (b.im == V(0));
    }
};

template <>
struct complex_form<op::not_equal> : complex_defined {
    template <class V>
    [[gnu::always_inline]] static constexpr auto apply(whole<V> a, whole<V> b) {
        return (a.re != b.re) | (a.im != b.im);
    }
    template <class V>
    [[gnu::always_inline]] static constexpr auto apply(whole<V> a, V b) {
        return (a.re != b) | (a.im != V(0));
    }
    template <class V>
    [[gnu::always_inline]] static constexpr auto apply(V a, whole<V> b) {
        return (a != b.re) | (b.im != V(0));
    }
};

template <>
struct complex_form<op::select> : complex_defined {
    template <class M, class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(M mask, whole<V> a, whole<V> b) {
        return {complex_math::choose(mask, a.re, b.re), complex_math::choose(mask, a.im, b.im)};
    }
    template <class M, class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(M mask, whole<V> a, V b) {
        return apply(mask, a, whole<V>{b, V(0)});
    }
    template <class M, class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(M mask, V a, whole<V> b) {
        return apply(mask, whole<V>{a, V(0)}, b);
    }
};

template <>
struct complex_form<op::square> : complex_defined {
    template <class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(whole<V> z) {
        const V product = z.re * z.im;
        return {z.re * z.re - z.im * z.im, product + product};
    }
};

template <>
struct complex_form<op::reciprocal> : complex_defined {
    template <class V>
    static constexpr whole<V> apply(whole<V> z) {
        return complex_math::quotient(V(1), z);
    }
};

/// The distance from zero: as hypot.
template <>
struct complex_form<op::abs> : complex_defined {
    template <class V>
    static constexpr V apply(whole<V> z) {
        return hypot(z.re, z.im);
    }
};

template <>
struct complex_form<op::isnan> : complex_defined {
    template <class V>
    static constexpr auto apply(whole<V> z) {
        return isnan(z.re) | isnan(z.im);
    }
};
template <>
struct complex_form<op::isinf> : complex_defined {
    template <class V>
    static constexpr auto apply(whole<V> z) {
        return isinf(z.re) | isinf(z.im);
    }
};
template <>
struct complex_form<op::isfinite> : complex_defined {
    template <class V>
    static constexpr auto apply(whole<V> z) {
        return isfinite(z.re) & isfinite(z.im);
    }
};

/// Each part within 4 epsilons of itself; also where e^re is too large and the product with the sine or cosine is not.
template <>
struct complex_form<op::exp> : complex_defined {
    template <class V>
    static constexpr whole<V> apply(whole<V> z) {
        constexpr bool singles = std::same_as<element_of<V>, float>;
        constexpr double limit = singles ? 88.0 : 709.0, less = singles ? 64.0 : 512.0, e_to_less = singles ? 6.2351490808116168829e27 : 2.2844135865397565e222;
        const auto high = complex_math::number<V>(limit) < z.re;
        const V size = exp(complex_math::choose(high, z.re - complex_math::number<V>(less), z.re));
        const V more = complex_math::choose(high, complex_math::number<V>(e_to_less), V(1));
        const V im = size * sin(z.im) * more;
        return {size * cos(z.im) * more, complex_math::choose(z.im == V(0), z.im, im)};
    }
};

/// The principal value: the imaginary part is from -pi to pi. Each part within 4 epsilons of the size of the logarithm. Near the unit circle, where it vanishes, too.
template <>
struct complex_form<op::log> : complex_defined {
    template <class V>
    static constexpr whole<V> apply(whole<V> z) {
        // Near the unit circle |z|^2 - 1 is exact enough, and log1p of it; elsewhere log |z|.
        const V large = maximum(abs(z.re), abs(z.im)), small = minimum(abs(z.re), abs(z.im));
        const auto near = (V(0.5) <= large) & (large < V(2));
        const V rest = (large - V(1)) * (large + V(1)) + small * small;
        const auto in = complex_math::into_range(z);
        const V far = log(hypot(in.z.re, in.z.im)) - complex_math::scaled(in.exponent, 0.693147180559945309417);
        return {complex_math::choose(near, V(0.5) * log1p(rest), far), atan2(z.im, z.re)};
    }
};

/// The principal value: the real part is not negative. Each part within 4 epsilons of itself.
template <>
struct complex_form<op::sqrt> : complex_defined {
    template <class V>
    static constexpr whole<V> apply(whole<V> z) {
        const auto in = complex_math::into_range(z);
        const V t = sqrt(V(0.5) * (abs(in.z.re) + hypot(in.z.re, in.z.im)));
        const V other = complex_math::choose(t == V(0), in.z.im, V(0.5) * in.z.im / t);
        const auto right = V(0) <= z.re;
        return {in.back * complex_math::choose(right, t, abs(other)), in.back * complex_math::choose(right, other, copysign(t, z.im))};
    }
};

/// e^(w log z); 0 to a power with a positive real part is 0, to the power 0 it is 1. Each part within |w log z| + 8 epsilons of the size of the result.
template <>
struct complex_form<op::pow> : complex_defined {
    template <class V>
    static constexpr whole<V> apply(whole<V> z, whole<V> w) {
        const whole<V> power = complex_form<op::exp>::apply(complex_form<op::multiply>::apply(w, complex_form<op::log>::apply(z)));
        const auto zero = (z.re == V(0)) & (z.im == V(0));
        const auto one = (w.re == V(0)) & (w.im == V(0));
        const V nan = complex_math::number<V>(std::numeric_limits<double>::quiet_NaN());
        const V of_zero = complex_math::choose(one, V(1), complex_math::choose(V(0) < w.re, V(0), nan));
        return {complex_math::choose(zero, of_zero, power.re), complex_math::choose(zero, of_zero - of_zero * of_zero, power.im)};
    }
    template <class V>
    static constexpr whole<V> apply(whole<V> z, V w) {
        const V size = pow(hypot(z.re, z.im), w), angle = w * atan2(z.im, z.re);
        return {size * cos(angle), complex_math::choose(angle == V(0), angle, size * sin(angle))};
    }
    template <class V>
    static constexpr whole<V> apply(V z, whole<V> w) {
        // The zero comes from an operation on z: bodies need one operand that is no constant.
        return apply(whole<V>{z, complex_math::choose(z == z, V(0), V(0))}, w);
    }
};

/// Each part within 4 epsilons of itself, as are those of cos, sinh and cosh.
template <>
struct complex_form<op::sin> : complex_defined {
    template <class V>
    static constexpr whole<V> apply(whole<V> z) {
        return {sin(z.re) * cosh(z.im), cos(z.re) * sinh(z.im)};
    }
};
template <>
struct complex_form<op::cos> : complex_defined {
    template <class V>
    static constexpr whole<V> apply(whole<V> z) {
        return {cos(z.re) * cosh(z.im), -(sin(z.re) * sinh(z.im))};
    }
};
template <>
struct complex_form<op::sinh> : complex_defined {
    template <class V>
    static constexpr whole<V> apply(whole<V> z) {
        return {sinh(z.re) * cos(z.im), cosh(z.re) * sin(z.im)};
    }
};
template <>
struct complex_form<op::cosh> : complex_defined {
    template <class V>
    static constexpr whole<V> apply(whole<V> z) {
        return {cosh(z.re) * cos(z.im), sinh(z.re) * sin(z.im)};
    }
};

// What only complex numbers have; no operations of their own for kernels, which see parts.
namespace complex_op {

struct real {
    static constexpr const char* name = "real";
};
struct imag {
    static constexpr const char* name = "imag";
};
struct conj {
    static constexpr const char* name = "conj";
};
struct arg {
    static constexpr const char* name = "arg";
};
struct squares {
    static constexpr const char* name = "norm";
};
struct of_parts {
    static constexpr const char* name = "complex";
};
struct polar {
    static constexpr const char* name = "polar";
};
/// To complex numbers of parts P.
template <class P>
struct cast {
    static constexpr const char* name = "cast";
};

}  // namespace complex_op

template <>
struct complex_form<complex_op::real> : complex_defined {
    template <class V>
    [[gnu::always_inline]] static constexpr V apply(whole<V> z) {
        return z.re;
    }
};
template <>
struct complex_form<complex_op::imag> : complex_defined {
    template <class V>
    [[gnu::always_inline]] static constexpr V apply(whole<V> z) {
        return z.im;
    }
};
template <>
struct complex_form<complex_op::conj> : complex_defined {
    template <class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(whole<V> z) {
        return {z.re, -z.im};
    }
};
template <>
struct complex_form<complex_op::arg> : complex_defined {
    template <class V>
    static constexpr V apply(whole<V> z) {
        return atan2(z.im, z.re);
    }
    template <class V>
    static constexpr V apply(V x) {
        return atan2(V(0), x);
    }
};
template <>
struct complex_form<complex_op::squares> : complex_defined {
    template <class V>
    [[gnu::always_inline]] static constexpr V apply(whole<V> z) {
        return z.re * z.re + z.im * z.im;
    }
};
template <>
struct complex_form<complex_op::of_parts> : complex_defined {
    template <class V>
    [[gnu::always_inline]] static constexpr whole<V> apply(V re, V im) {
        return {re, im};
    }
};
template <>
struct complex_form<complex_op::polar> : complex_defined {
    template <class V>
    static constexpr whole<V> apply(V size, V angle) {
        return {size * cos(angle), size * sin(angle)};
    }
};
template <class P>
struct complex_form<complex_op::cast<P>> : complex_defined {
    template <class V>
    static constexpr auto apply(whole<V> z) {
        return whole<lane_as<P, V>>{detail::convert<P>(z.re), detail::convert<P>(z.im)};
    }
    template <class V>
    static constexpr auto apply(V x) {
        return whole<lane_as<P, V>>{detail::convert<P>(x), lane_as<P, V>(P(0))};
    }
};

}  // namespace sinter::inline v1::detail
