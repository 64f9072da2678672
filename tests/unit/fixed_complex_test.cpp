#include "support/complex.hpp"

#include <sinter/fixed.hpp>

#include <random>
#include <sstream>

// Complex numbers in arrays of static shape: the same bits as in others.

namespace {

namespace sn = sinter;
using sn::index_t;

// A program that is compiled without FMA does not contract in arrays of static shape.
#if defined(__FMA__)
constexpr sn::precision as_compiled = sn::precision::standard;
#else
constexpr sn::precision as_compiled = sn::precision::strict;
#endif

template <class X, class Y>
void check_same(const std::string& what, const X& fixed, const Y& dynamic) {
    using T = typename X::value_type;
    static_assert(std::same_as<T, typename Y::value_type>);
    BOOST_REQUIRE_MESSAGE(support::shape_of(fixed) == support::shape_of(dynamic), what << ": shape");
    const std::vector<T> a = fixed.to_vector(), b = dynamic.to_vector();
    BOOST_REQUIRE_EQUAL(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!support::same(a[i], b[i])) {
            BOOST_ERROR(what << ": " << a[i] << " instead of " << b[i] << " at " << i << " of " << a.size());
            return;
        }
    }
}

/// Mostly numbers of moderate size; now and then zeros, infinities, NaN, huge and tiny ones.
template <class T>
[[nodiscard]] sn::array<std::complex<T>> numbers(index_t n, unsigned seed, bool special) {
    std::mt19937 engine(seed);
    using limits = std::numeric_limits<T>;
    const T odd[] = {0, T(-0.0), 1, -1, limits::infinity(), -limits::infinity(), limits::quiet_NaN(), limits::max(), limits::min(), limits::denorm_min()};
    std::uniform_real_distribution<T> part(-2, 2);
    const auto one = [&] { return special && engine() % 4 == 0 ? odd[engine() % std::size(odd)] : part(engine); };
    std::vector<std::complex<T>> v(static_cast<std::size_t>(n));
    for (auto& z : v) {
        const T re = one();
        z = {re, one()};
    }
    return sn::from(v);
}

template <class P, class Z, class W, class DZ, class DW>
void check_operators(const std::string& of, const Z& z, const W& w, const DZ& dz, const DW& dw) {
    using C = std::complex<P>;
    const auto both = [&](const char* what, auto f) { check_same(what + of, f(z, w), f(dz, dw)); };
    both("product and sum", [](const auto& a, const auto& b) { return a * b + a; });
    both("difference of products", [](const auto& a, const auto& b) { return a * P(3) - b * P(5); });
    both("real products", [](const auto& a, const auto& b) { return real(a) * imag(b) + b; });
    both("a real one less a complex one", [](const auto& a, const auto& b) { return abs(a) * P(0.3) - b; });
    both("quotient", [](const auto& a, const auto& b) { return a / b; });
    both("quotient of parts", [](const auto& a, const auto& b) { return P(1) / a + a / real(b); });
    both("numbers", [](const auto& a, const auto& b) { return C(1, 2) * a - b / C(0, 3) + 2 - a; });
    both("negative", [](const auto& a, const auto& b) { return -(a * P(2)) + b; });
    both("conjugate", [](const auto& a, const auto& b) { return conj(a * P(2)) - conj(b) * a; });
    both("equal", [](const auto& a, const auto& b) { return (a == b) | (a == P(0)) | (a == a); });
    both("not equal", [](const auto& a, const auto& b) { return (a != b) & (b != C(1, 1)); });
    both("parts", [](const auto& a, const auto& b) { return real(a) - imag(b) * real(b); });
    both("of parts", [](const auto& a, const auto& b) { return sn::complex(real(a) * P(2), imag(b)) + sn::complex(P(1), imag(a)); });
    both("kinds", [](const auto& a, const auto& b) { return isnan(a) | isinf(b) | !isfinite(a); });
    both("where", [](const auto& a, const auto& b) { return sn::where(real(a) > 0, a * b, b); });
    both("where with real ones", [](const auto& a, const auto& b) { return sn::where(abs(a) < P(1), real(b), a) + sn::where(imag(b) > 0, a, C(2, 3)); });
    both("of real ones", [](const auto& a, const auto&) { return real(real(a)) + imag(imag(a)) * conj(imag(a)); });
    both("to the other precision", [](const auto& a, const auto& b) {
        using other = std::conditional_t<std::same_as<P, float>, double, float>;
        return sn::cast<std::complex<other>>(a) * sn::cast<std::complex<other>>(real(b));
    });
    both("mixed precision", [](const auto& a, const auto& b) { return sn::cast<std::complex<double>>(a) * sn::cast<std::complex<float>>(b) + sn::cast<float>(real(b)); });
    both("to bool", [](const auto& a, const auto&) { return sn::cast<bool>(a - a); });
    both("beside integers", [](const auto& a, const auto& b) { return sn::where(sn::cast<std::int64_t>(sn::where(isfinite(a), real(a), P(0))) / 2 == 0, a, b); });
    both("fn of a number", [](const auto& a, const auto&) { return sn::fn([](auto p, auto q) { return sn::select(real(p) < P(0), p * q, q); })(a, C(2, -1)); });
}

template <class P, class Z, class W, class DZ, class DW>
void check_functions(const std::string& of, const Z& z, const W& w, const DZ& dz, const DW& dw) {
    using C = std::complex<P>;
    const auto both = [&](const char* what, auto f) { check_same(what + of, f(z, w), f(dz, dw)); };
    both("sizes and angles", [](const auto& a, const auto& b) { return abs(a) + arg(b) - angle(real(a)); });
    both("polar", [](const auto& a, const auto& b) { return sn::polar(abs(a), imag(b)); });
    both("functions", [](const auto& a, const auto& b) { return exp(a) + sqrt(b) * square(a); });
    both("logarithm", [](const auto& a, const auto& b) { return log(a) - reciprocal(b); });
    both("powers", [](const auto& a, const auto& b) { return pow(a, b) + pow(a, P(2.5)) + pow(real(a), b); });
    both("sines", [](const auto& a, const auto& b) { return sin(a) * cosh(b) + cos(b) - sinh(a); });
    both("fn", [](const auto& a, const auto& b) { return sn::fn([](auto p, auto q) { return p * q * P(0.5) + exp(q) * p - conj(p) / q; })(a, b); });
    both("fn of parts", [](const auto& a, const auto& b) { return sn::fn([](auto p, auto q) { return sn::complex(abs(p) * real(q), arg(q)) * C(0, 1); })(a, b); });
    both("loop", [](const auto& a, const auto& b) {
        return sn::fn([](auto p, auto q) {
            const auto [last, n] = sn::loop(12, std::tuple{p, 0}, [](auto s, auto) { return abs(s) < P(4); }, [&](auto s, auto k) { return std::tuple{s * s + q, k + 1}; });
            return last * sn::cast<P>(n);
        })(a, b);
    });
}

enum class formulas : std::uint8_t { none, operators, functions };

template <class P, formulas Which, index_t... E>
void check_shape(unsigned seed, bool special) {
    const sn::extents shape{E...};
    std::string of = ", ";
    for (const index_t e : shape) of += std::to_string(e) + " ";
    of += std::same_as<P, float> ? "floats, seed " : "doubles, seed ";
    of += std::to_string(seed);
    using fixed = sn::array<std::complex<P>, E...>;
    const sn::array<std::complex<P>> dz = numbers<P>((E * ... * 1), seed, special).reshape(shape), dw = numbers<P>((E * ... * 1), seed + 1, special).reshape(shape);
    const fixed z = dz, w = dw;
    if constexpr (Which == formulas::operators) check_operators<P>(of, z, w, dz, dw);
    if constexpr (Which == formulas::functions) check_functions<P>(of, z, w, dz, dw);
    check_same("there and back" + of, fixed(sn::array<std::complex<P>>(z)), dz);
    check_same("beside an array of any shape" + of, sn::array<std::complex<P>>(z * dw), sn::array<std::complex<P>>(dz * dw));

    fixed x = z;
    sn::array<std::complex<P>> y = dz;
    x += w * P(2), y += dw * P(2);
    x -= x * w, y -= y * dw;
    x *= std::complex<P>(0, 1), y *= std::complex<P>(0, 1);
    x /= real(w), y /= real(dw);
    check_same("in place" + of, x, y);

    check_same("sum" + of, sn::sum(z), sn::sum(dz));
    check_same("sum of an expression" + of, sn::sum(z * w), sn::sum(dz * dw));
    check_same("mean" + of, sn::mean(z), sn::mean(dz));
    check_same("prod" + of, sn::prod(z), sn::prod(dz));
    check_same("prod of an expression" + of, sn::prod(z + w * P(2)), sn::prod(dz + dw * P(2)));
    check_same("var" + of, sn::var(z, {.ddof = 1}), sn::var(dz, {.ddof = 1}));
    check_same("std" + of, sn::std(z), sn::std(dz));
    check_same("any" + of, sn::any(z), sn::any(dz));
}

template <class P, index_t Axis, class X, class Y>
void check_axis(const X& x, const Y& y) {
    const std::string of = " over axis " + std::to_string(Axis);
    check_same("sum" + of, sn::sum<Axis>(x), sn::sum(y, {.axis = Axis}));
    check_same("mean" + of, sn::mean<Axis>(x), sn::mean(y, {.axis = Axis}));
    check_same("prod" + of, sn::prod<Axis>(x), sn::prod(y, {.axis = Axis}));
    check_same("var" + of, sn::var<Axis>(x), sn::var(y, {.axis = Axis}));
    check_same("std" + of, sn::std<Axis>(x * P(2), {.ddof = 1}), sn::std(y * P(2), {.axis = Axis, .ddof = 1}));
    check_same("any" + of, sn::any<Axis>(x), sn::any(y, {.axis = Axis}));
}

template <class P>
void check_all(unsigned seed) {
    BOOST_TEST_MESSAGE("seed " << seed);
    const sn::scoped_options options{.precision = as_compiled};
    // Short rows, of registers of several sizes and single elements, and a long one. The bodies of both types are the same: of double some will do.
    constexpr bool all = std::same_as<P, float>;
    check_shape<P, all ? formulas::none : formulas::operators, 7>(seed, false);
    check_shape<P, all ? formulas::operators : formulas::none, 37>(seed, true);
    check_shape<P, all ? formulas::functions : formulas::none, 16>(seed, true);
    check_shape<P, formulas::none, 1>(seed, false);
    check_shape<P, formulas::none, 133>(seed, true);
    check_shape<P, formulas::none, 3, 5>(seed, false);
    const sn::array<std::complex<P>> d = numbers<P>(3 * 5 * 70, seed, false), m = d.reshape({3, 5, 70}), row = numbers<P>(70, seed + 9, false);
    const sn::array<std::complex<P>, 3, 5, 70> f = m;
    const sn::array<std::complex<P>, 70> fr = row;
    check_same("broadcast", f * fr - fr, sn::array<std::complex<P>>(m * row - row));
    check_axis<P, 0>(f, m);
    check_axis<P, 1>(f, m);
    check_axis<P, -1>(f, m);
    check_same("one axis", sn::sum<0>(fr), sn::sum(row, {.axis = 0}));
    check_same("a product of one axis", sn::prod<-1>(fr), sn::prod(row, {.axis = -1}));
    const auto [twice, size] = sn::fn([](auto v) { return std::tuple{v + v, abs(v)}; })(fr);
    check_same("two results", twice, sn::array<std::complex<P>>(row + row));
    check_same("the other result", size, sn::array<P>(abs(row)));
}

BOOST_AUTO_TEST_SUITE(fixed_complex)

BOOST_AUTO_TEST_CASE(of_float_are_as_in_other_arrays) { check_all<float>(1); }
BOOST_AUTO_TEST_CASE(of_double_are_as_in_other_arrays) { check_all<double>(2); }

BOOST_AUTO_TEST_CASE(reading_and_printing) {
    using C = std::complex<double>;
    sn::array<C, 2, 2> z{{1, C(0, -2)}, {C(0.5, 1), -3}};
    std::ostringstream text, as_others;
    text << z << sn::sum(z);
    as_others << sn::array<C>(z) << sn::sum(sn::array<C>(z));
    BOOST_TEST(text.str() == as_others.str());
    BOOST_TEST((z(0, 1) == C(0, -2) && z.at(-1, -1) == C(-3)));
    z.at(1, 0) = C(4, 4);
    BOOST_TEST((z.data()[2] == C(4, 4) && sn::array_equal(z, z) && sn::allclose(z, z + C(0, 1e-9)) && !sn::allclose(z, z + C(0, 1e-3))));
    BOOST_TEST((sn::array<C, 3>{}(1) == C() && sn::sum(sn::array<C, 0>{}).item() == C() && sn::prod(sn::array<C, 0>{}).item() == C(1)));
    BOOST_TEST((z(0, 1) == sn::array<C, 1>{C(0, -2)}.item()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
