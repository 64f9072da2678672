#include <sinter/detail/scalar_lane.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdlib>
#include <random>
#include <sstream>
#include <vector>

// The bodies of the mathematical functions against glibc in a wider type. Every operation says how many units in the last place
// it may be off; float functions of one argument can be tried on all 2^32 arguments: set SINTER_EXHAUSTIVE=1 (minutes).

namespace {

using namespace sinter;
namespace op = sinter::detail::op;

template <class T>
using wider = std::conditional_t<std::same_as<T, float>, double, long double>;

template <class Op, class T>
constexpr double bound = std::same_as<T, float> ? Op::ulp : Op::ulp_double;

template <class Op, class T, class... A>
T compute(T x, A... a) {
    return Op::apply(lane<T>(x), lane<T>(a)...).raw();
}

/// The largest error seen, and where.
template <class T>
struct errors {
    double worst = 0;
    std::string worst_at;
    long wrong = 0;
    std::string first_wrong;

    template <class... A>
    void check(T result, wider<T> exact, A... arguments) {
        const T rounded = static_cast<T>(exact);
        bool right = false;
        if (std::isnan(rounded) || std::isnan(result)) {
            right = std::isnan(rounded) && std::isnan(result);
        } else if (std::isinf(rounded) || std::isinf(result) || rounded == T(0)) {
            right = rounded == result ? std::signbit(rounded) == std::signbit(result)
                                      : std::isinf(rounded) == std::isinf(result) && error_of(result, exact) <= 1;
        } else {
            right = std::signbit(rounded) == std::signbit(result);
            const double error = error_of(result, exact);
            if (error > worst) {
                worst = error;
                worst_at = text(arguments...);
            }
        }
        if (!right && wrong++ == 0) first_wrong = text(arguments..., result, rounded);
    }

private:
    /// In units in the last place of the exact result.
    static double error_of(T result, wider<T> exact) {
        using limits = std::numeric_limits<T>;
        int exponent = 0;
        std::frexp(static_cast<T>(exact), &exponent);
        const int unit = std::max(exponent, limits::min_exponent) - limits::digits;
        return static_cast<double>(std::fabs(std::ldexp(static_cast<wider<T>>(result) - exact, -unit)));
    }
    template <class... A>
    static std::string text(A... numbers) {
        std::ostringstream out;
        ((out << std::hexfloat << numbers << ' '), ...);
        return out.str();
    }
};

template <class Op, class T>
void judge(const errors<T>& e) {
    BOOST_TEST_MESSAGE(Op::name << (sizeof(T) == 4 ? " float: " : " double: ") << e.worst << " ulp at " << e.worst_at);
    BOOST_TEST(e.wrong == 0, Op::name << ": " << e.wrong << " results of the wrong kind, first: " << e.first_wrong);
    BOOST_TEST(e.worst > 0.0);
    BOOST_TEST(e.worst <= (bound<Op, T>), Op::name << ": " << e.worst << " ulp at " << e.worst_at);
}

template <class T>
std::vector<T> special_values() {
    using limits = std::numeric_limits<T>;
    std::vector<T> values{T(0), T(1), T(2), T(3), T(0.5), T(1.5), T(7), T(1) / 3, T(1e10), T(1e-10), T(16777215), T(16777217),
                          T(0x1p31), T(0x1p31) - 1, T(0x1p52) + 1, T(0x1p52) - T(0.5), T(0x1p53) - 1, T(0x1p53), T(1e19),
                          1 - limits::epsilon() / 2, 1 + limits::epsilon(), T(87.3), T(88.72), T(88.73), T(103.9), T(104), T(708.4),
                          T(709.78), T(709.79), T(745.13), T(745.14), T(0.9375), T(9.01), T(19.06), limits::min(), limits::denorm_min(),
                          3 * limits::denorm_min(), limits::max(), limits::infinity(), limits::quiet_NaN()};
    const std::size_t n = values.size();
    for (std::size_t i = 0; i < n; ++i) values.push_back(-values[i]);
    return values;
}

/// One-argument functions: special values, numbers of every size, and a range where they do something.
template <class Op, class T, class F>
void try_function(F reference, T low, T high) {
    errors<T> e;
    const auto check = [&](T x) { e.check(compute<Op>(x), reference(static_cast<wider<T>>(x)), x); };
    for (const T x : special_values<T>()) check(x);
    std::mt19937_64 random{42};
    std::uniform_real_distribution<T> uniform{low, high};
    for (int i = 0; i < 200'000; ++i) {
        check(uniform(random));
        if constexpr (std::same_as<T, double>) check(std::bit_cast<double>(random()));
    }
    if constexpr (std::same_as<T, float>) {
        const std::uint64_t step = std::getenv("SINTER_EXHAUSTIVE") != nullptr ? 1 : 8191;
        for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += step) {
            check(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
        }
    }
    judge<Op>(e);
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
    using bits = std::conditional_t<std::same_as<T, float>, std::uint32_t, std::uint64_t>;
    std::mt19937_64 random{42};
    std::uniform_real_distribution<T> uniform{-1, 1};
    const T widest = std::same_as<T, float> ? T(104) : T(746);
    for (int i = 0; i < 100'000; ++i) {
        const T any = std::fabs(std::bit_cast<T>(static_cast<bits>(random())));
        check(any, std::bit_cast<T>(static_cast<bits>(random())));
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

BOOST_AUTO_TEST_SUITE(math)

BOOST_AUTO_TEST_CASE(exp_is_within_its_bound) {
    try_function<op::exp>([](double x) { return std::exp(x); }, -104.0f, 89.0f);
    try_function<op::exp>([](long double x) { return std::exp(x); }, -746.0, 710.0);
}

BOOST_AUTO_TEST_CASE(log_is_within_its_bound) {
    try_function<op::log>([](double x) { return std::log(x); }, 0.0f, 3.0f);
    try_function<op::log>([](long double x) { return std::log(x); }, 0.0, 3.0);
}

BOOST_AUTO_TEST_CASE(tanh_is_within_its_bound) {
    try_function<op::tanh>([](double x) { return std::tanh(x); }, -10.0f, 10.0f);
    try_function<op::tanh>([](long double x) { return std::tanh(x); }, -3.0, 3.0);
}

BOOST_AUTO_TEST_CASE(rsqrt_is_within_its_bound) {
    try_function<op::rsqrt>([](double x) { return 1 / std::sqrt(x); }, 0.0f, 3.0f);
    try_function<op::rsqrt>([](long double x) { return 1 / std::sqrt(x); }, 0.0, 3.0);
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
