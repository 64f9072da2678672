#include "support/complex.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <random>
#include <string>

// Complex elements in the user's own functions: what fn makes of a formula has the bits of the statement that spells it, on every backend and in every layout.

namespace {

namespace sn = sinter;
using sn::index_t;
using support::same;

template <class T>
using complex_array = sn::array<std::complex<T>>;

constexpr index_t lengths[] = {0, 1, 3, 4, 7, 8, 9, 16, 17, 33, 65, 1001, 20000};

template <class T>
[[nodiscard]] complex_array<T> numbers(index_t count, std::uint32_t seed) {
    std::mt19937 engine(seed);
    std::uniform_real_distribution<T> part(-2, 2);
    std::vector<std::complex<T>> v(static_cast<std::size_t>(count));
    for (auto& z : v) {
        const T re = part(engine);
        z = {re, part(engine)};
    }
    return sn::from(v);
}

template <class X>
void expect_same(const X& got, const X& wanted, const std::string& what) {
    const auto a = got.to_vector(), b = wanted.to_vector();
    BOOST_REQUIRE_EQUAL(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) BOOST_REQUIRE_MESSAGE(same(a[i], b[i]), what << ", element " << i << " of " << a.size() << ": " << a[i] << " instead of " << b[i]);
}

template <class T>
void formulas(const complex_array<T>& z, const complex_array<T>& w, const std::string& where) {
    using C = std::complex<T>;
    using C_array = complex_array<T>;
    using reals = sn::array<T>;
    const reals x = real(w);
    const auto complex_result = [&](const char* what, auto formula) { expect_same(C_array(sn::fn(formula)(z, w, x)), C_array(formula(z, w, x)), what + where); };
    const auto real_result = [&](const char* what, auto formula) { expect_same(reals(sn::fn(formula)(z, w, x)), reals(formula(z, w, x)), what + where); };
    complex_result("product and sum", [](auto a, auto b, auto) { return a * b + a; });
    complex_result("quotient", [](auto a, auto b, auto) { return (a - b) / (b + T(3)); });
    complex_result("with real ones", [](auto a, auto b, auto r) { return a * r - r / b + r; });
    complex_result("with numbers", [](auto a, auto, auto) { return a * C(0, 1) + T(2) - C(1, 3) / a; });
    complex_result("functions", [](auto a, auto b, auto) { return exp(a) + sqrt(b) * conj(a) - log(b + T(5)); });
    complex_result("sines", [](auto a, auto b, auto) { return sin(a) * cosh(b) + pow(a, T(2)) + square(b) + reciprocal(a); });
    complex_result("made of parts", [](auto a, auto b, auto r) { return complex(real(a) * r, imag(b)) + polar(abs(b), r); });
    complex_result("where", [](auto a, auto b, auto r) { return select(r > T(0), a, b * T(2)); });
    complex_result("where of real and complex", [](auto a, auto, auto r) { return select(abs(a) < T(1), r, a); });
    real_result("sizes and angles", [](auto a, auto b, auto r) { return abs(a * b) + arg(b) * r - imag(a); });
    const sn::array<bool> equal = sn::fn([](auto a, auto b) { return (a == b) | (a != a) | isnan(b); })(z, z);
    BOOST_TEST(sn::all(equal).item());
}

template <class T>
void all_layouts(index_t n) {
    const complex_array<T> a = numbers<T>(2 * n, 1), b = numbers<T>(2 * n, 2);
    const std::string of = ", " + std::to_string(n);
    const sn::range first(0, n), second(n, {}), every_other({}, {}, 2);
    formulas<T>(complex_array<T>(a(first)), complex_array<T>(b(second)), of);
    formulas<T>(complex_array<T>(a(every_other)), sn::flip(complex_array<T>(b(first))), of + " strided, mirrored");
    formulas<T>(complex_array<T>(a(first) * T(2)), complex_array<T>(b(first) + T(1)), of + " pending");
}

BOOST_AUTO_TEST_SUITE(complex_in_functions)

BOOST_DATA_TEST_CASE(have_the_bits_of_statements, boost::unit_test::data::make(lengths), n) {
    all_layouts<float>(n);
    all_layouts<double>(n);
}

BOOST_AUTO_TEST_CASE(several_results_and_captures) {
    const complex_array<float> z = numbers<float>(1000, 3);
    const auto [product, part] = sn::fn([](auto a) { return std::tuple{a * a, imag(a)}; })(z);
    expect_same(complex_array<float>(product), complex_array<float>(z * z), "first");
    expect_same(sn::array<float>(part), sn::array<float>(imag(z)), "second");
    for (const std::complex<float> k : {std::complex<float>(2, 3), std::complex<float>(-4, 5), std::complex<float>(2, 3)}) {
        expect_same(complex_array<float>(sn::fn([k](auto a) { return a * k; })(z)), complex_array<float>(z * k), "captured");
        expect_same(complex_array<float>(sn::fn([](auto a, auto b) { return b - a; })(z, k)), complex_array<float>(k - z), "argument");
    }
    // A function within a function, and one kernel with what is around it.
    const auto inner = sn::fn([](auto a) { return a * a + 1.0f; });
    const complex_array<float> y = sn::fn([&](auto a) { return inner(inner(a)); })(z) * z;
    BOOST_TEST(sn::explain(y).kernels.size() == 1U);
    const complex_array<float> once = z * z + 1.0f;
    expect_same(y, complex_array<float>((once * once + 1.0f) * z), "within");
}

BOOST_AUTO_TEST_CASE(states_of_loops) {
    const sn::array<float> x = sn::linspace<float>(-2, 1, 301).reshape({1, 301}), y = sn::linspace<float>(-1, 1, 97).reshape({97, 1});
    const complex_array<float> c = complex(x, y);
    const auto by_complex = sn::fn([](auto k) {
        const auto [z, n] = sn::loop(
            100, std::tuple{std::complex<float>(0, 0), std::int32_t{0}}, [](auto p, auto) { return real(p) * real(p) + imag(p) * imag(p) <= 4.0f; },
            [&](auto p, auto turns) { return std::tuple{p * p + k, turns + 1}; });
        return std::tuple{n, z};
    });
    const auto by_parts = sn::fn([](auto cx, auto cy) {
        const auto [p, q, n] = sn::loop(
            100, std::tuple{0.0f, 0.0f, std::int32_t{0}}, [](auto a, auto b, auto) { return a * a + b * b <= 4.0f; },
            [&](auto a, auto b, auto turns) { return std::tuple{a * a - b * b + cx, a * b + b * a + cy, turns + 1}; });
        return std::tuple{n, p, q};
    });
    const auto [turns, z] = by_complex(c);
    const auto [wanted, re, im] = by_parts(x, y);
    BOOST_TEST(sn::array_equal(turns, wanted));
    expect_same(sn::array<float>(real(z)), sn::array<float>(re), "real part");
    expect_same(sn::array<float>(imag(z)), sn::array<float>(im), "imaginary part");
    // Newton's method for the third roots of one: every state a lane from the beginning.
    const auto root = sn::fn([](auto start) {
        const auto [r] = sn::loop(
            60, std::tuple{start}, [](auto s) { return abs(s * s * s - 1.0f) > 1e-5f; }, [](auto s) { return s - (s * s * s - 1.0f) / (3.0f * s * s); });
        return r;
    });
    const complex_array<float> roots = root(complex_array<float>(c + 0.013f));
    BOOST_TEST(sn::max(abs(roots * roots * roots - 1.0f)).item() < 1e-4f);
    BOOST_TEST(sn::about().declined == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
