#include "math_errors.hpp"

// The bodies of the mathematical functions against glibc in a wider type. Every operation says how many units in the last place it may be off.

namespace {

using namespace math_tests;
namespace op = sinter::detail::op;

BOOST_AUTO_TEST_SUITE(math)

// The range is one where the function is neither 0 nor infinite nor 1; numbers of all sizes are tried as well.
#define SINTER_TEST(NAME, REFERENCE, LOW, HIGH, LOW_DOUBLE, HIGH_DOUBLE)                                   \
    BOOST_AUTO_TEST_CASE(NAME##_is_within_its_bound) {                                                     \
        try_function<op::NAME>([](double x) { return REFERENCE; }, float{LOW}, float{HIGH});               \
        try_function<op::NAME>([](long double x) { return REFERENCE; }, double{LOW_DOUBLE}, double{HIGH_DOUBLE}); \
    }

SINTER_TEST(exp, std::exp(x), -104, 89, -746, 710)
SINTER_TEST(exp2, std::exp2(x), -150, 129, -1075, 1025)
SINTER_TEST(expm1, std::expm1(x), -3, 3, -3, 3)
SINTER_TEST(log, std::log(x), 0, 3, 0, 3)
SINTER_TEST(log2, std::log2(x), 0, 3, 0, 3)
SINTER_TEST(log10, std::log10(x), 0, 3, 0, 3)
SINTER_TEST(log1p, std::log1p(x), -1, 3, -1, 3)
SINTER_TEST(sin, std::sin(x), -100, 100, -100, 100)
SINTER_TEST(cos, std::cos(x), -100, 100, -100, 100)
SINTER_TEST(tan, std::tan(x), -100, 100, -100, 100)
SINTER_TEST(asin, std::asin(x), -1, 1, -1, 1)
SINTER_TEST(acos, std::acos(x), -1, 1, -1, 1)
SINTER_TEST(atan, std::atan(x), -3, 3, -3, 3)
SINTER_TEST(sinh, std::sinh(x), -3, 3, -3, 3)
SINTER_TEST(cosh, std::cosh(x), -3, 3, -3, 3)
SINTER_TEST(tanh, std::tanh(x), -10, 10, -3, 3)
SINTER_TEST(asinh, std::asinh(x), -3, 3, -3, 3)
SINTER_TEST(acosh, std::acosh(x), 1, 3, 1, 3)
SINTER_TEST(atanh, std::atanh(x), -1, 1, -1, 1)
SINTER_TEST(erf, std::erf(x), -4, 4, -6, 6)
SINTER_TEST(erfc, std::erfc(x), -4, 11, -6, 28)
SINTER_TEST(tgamma, std::tgamma(x), -10, 36, -10, 172)
SINTER_TEST(cbrt, std::cbrt(x), -3, 3, -3, 3)
SINTER_TEST(rsqrt, 1 / std::sqrt(x), 0, 3, 0, 3)

#undef SINTER_TEST

// Angles that are close to multiples of pi / 2 lose most of their digits in the reduction.
template <class T>
void try_multiples_of_a_quarter_turn() {
    errors<T> sine, cosine, tangent;
    std::mt19937_64 random{42};
    for (int i = 0; i < 100'000; ++i) {
        const T largest = std::same_as<T, float> ? T(127) : T(1022);
        const wider<T> k = std::floor(static_cast<wider<T>>(std::exp2(std::uniform_real_distribution<T>{0, largest}(random))));
        const T x = static_cast<T>(k * static_cast<wider<T>>(1.57079632679489661923132169163975144L));
        sine.check(compute<op::sin>(x), std::sin(static_cast<wider<T>>(x)), x);
        cosine.check(compute<op::cos>(x), std::cos(static_cast<wider<T>>(x)), x);
        tangent.check(compute<op::tan>(x), std::tan(static_cast<wider<T>>(x)), x);
    }
    judge<op::sin>(sine);
    judge<op::cos>(cosine);
    judge<op::tan>(tangent);
}

BOOST_AUTO_TEST_CASE(large_angles_are_reduced_properly) {
    try_multiples_of_a_quarter_turn<float>();
    try_multiples_of_a_quarter_turn<double>();
    // The double closest to a multiple of pi / 2, and two more of its kind (J.-M. Muller, "Elementary Functions", 3rd edition, table 11.1).
    BOOST_TEST(std::fabs(compute<op::cos>(0x1.6ac5b262ca1ffp+849)) < 0x1p-60);
    BOOST_TEST(compute<op::cos>(0x1.6ac5b262ca1ffp+849) == static_cast<double>(std::cos(0x1.6ac5b262ca1ffp+849L)));
    BOOST_TEST(compute<op::sin>(0x1.6ac5b262ca1ffp+849) == 1.0);
    BOOST_TEST(compute<op::sin>(1e22) == -0.8522008497671888);
}

// Two numbers of sizes that are not too far from each other.
template <class T>
constexpr auto alike = [](std::mt19937_64& random) {
    const T size = of_size<T>(random, std::same_as<T, float> ? T(-100) : T(-900), std::same_as<T, float> ? T(100) : T(900));
    return std::pair{size * of_size<T>(random, T(-1), T(1)), size * of_size<T>(random, T(-12), T(12))};
};

#define SINTER_TEST(NAME, REFERENCE)                                                                      \
    BOOST_AUTO_TEST_CASE(NAME##_is_within_its_bound) {                                                    \
        try_pairs<op::NAME, float>([](double x, double y) { return REFERENCE; }, alike<float>);           \
        try_pairs<op::NAME, double>([](long double x, long double y) { return REFERENCE; }, alike<double>); \
    }

SINTER_TEST(hypot, std::hypot(x, y))
SINTER_TEST(atan2, std::atan2(x, y))
SINTER_TEST(fmod, std::fmod(x, y))
SINTER_TEST(remainder, std::remainder(x, y))
SINTER_TEST(copysign, std::copysign(x, y))

#undef SINTER_TEST

struct lgamma_of_size : op::lgamma {
    template <class V>
    static V apply(V x) {
        return op::lgamma::apply(sinter::detail::math::abs(x));
    }
};

// Close to its zeros at negative x, in units of the last place of 1.
BOOST_AUTO_TEST_CASE(lgamma_is_within_its_bound) {
    try_function<lgamma_of_size>([](double x) { return std::lgamma(std::fabs(x)); }, 0.0f, 4.0f);
    try_function<lgamma_of_size>([](long double x) { return std::lgamma(std::fabs(x)); }, 0.0, 4.0);
    try_function<op::lgamma>([](double x) { return std::lgamma(x); }, -10.0f, 4.0f, true);
    try_function<op::lgamma>([](long double x) { return std::lgamma(x); }, -10.0, 4.0, true);
}

// Quotients that end in a half or in nothing, and long ones.
template <class T>
void try_remainders() {
    std::mt19937_64 random{42};
    for (int i = 0; i < 100'000; ++i) {
        const T y = static_cast<T>(random() % 65536 + 1);
        const T half_turns = static_cast<T>(random() % 4000) / 2;
        const T x = i % 2 == 0 ? y * half_turns : of_size<T>(random, 0, std::same_as<T, float> ? T(127) : T(1023));
        BOOST_REQUIRE_EQUAL(compute<op::fmod>(x, y), std::fmod(x, y));
        BOOST_REQUIRE_EQUAL(compute<op::remainder>(x, y), std::remainder(x, y));
    }
}

BOOST_AUTO_TEST_CASE(remainders_are_exact) {
    try_remainders<float>();
    try_remainders<double>();
}

/// Pairs whose power is in range: bases of every size, near 1, very near 1; exponents up to where the power overflows.
template <class T>
void try_pow() {
    errors<T> e;
    const auto check = [&](T x, T y) {
        e.check(compute<op::pow>(x, y), std::pow(static_cast<wider<T>>(x), static_cast<wider<T>>(y)), x, y);
    };
    for (const T x : special_values<T>()) {
        for (const T y : special_values<T>()) check(x, y);
    }
    std::mt19937_64 random{42};
    std::uniform_real_distribution<T> uniform{-1, 1};
    const T widest = std::same_as<T, float> ? T(104) : T(746);
    for (int i = 0; i < 100'000; ++i) {
        const T any = std::fabs(anything<T>(random));
        check(any, anything<T>(random));
        for (const T x : {any, std::exp(uniform(random) / 2), std::exp(uniform(random) / 2000), uniform(random) + 1}) {
            check(x, uniform(random) * widest / std::log(x));
        }
        // Where the logarithm's error counts most: mantissas close to 3/2, powers close to the ends of the range and between powers of two.
        const T edge = std::ldexp(T(1.5) - std::fabs(uniform(random)) / 16, static_cast<int>(random() % 3) - 1);
        const T exponent = (std::same_as<T, float> ? T(90) : T(980)) + static_cast<T>(random() % 38) + T(0.5) + uniform(random) / 32;
        check(edge, (i % 2 == 0 ? exponent : -exponent) / std::log2(edge));
        check(-any, std::floor(uniform(random) * 40));
        check(-any, uniform(random) * 3);
    }
    judge<op::pow>(e);
}

BOOST_AUTO_TEST_CASE(pow_is_within_its_bound) {
    try_pow<float>();
    try_pow<double>();
}

BOOST_AUTO_TEST_CASE(pow_keeps_annex_f) {
    constexpr float inf = std::numeric_limits<float>::infinity();
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    const auto pow = [](float x, float y) { return compute<op::pow>(x, y); };
    BOOST_TEST(pow(nan, 0.0f) == 1.0f);
    BOOST_TEST(pow(1.0f, nan) == 1.0f);
    BOOST_TEST(pow(-1.0f, inf) == 1.0f);
    BOOST_TEST(pow(-1.0f, -inf) == 1.0f);
    BOOST_TEST(pow(-inf, 3.0f) == -inf);
    BOOST_TEST(pow(-0.0f, -3.0f) == -inf);
    BOOST_TEST(pow(-0.0f, -2.0f) == inf);
    BOOST_TEST(std::signbit(pow(-0.0f, 3.0f)));
    BOOST_TEST(!std::signbit(pow(-0.0f, 2.5f)));
    BOOST_TEST(pow(-2.0f, 3.0f) == -8.0f);
    BOOST_TEST(std::isnan(pow(-2.0f, 0.5f)));
    BOOST_TEST(pow(0.5f, -inf) == inf);
    BOOST_TEST(std::isnan(pow(nan, 2.0f)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
