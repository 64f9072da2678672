#pragma once

#include <sinter/detail/scalar_lane.hpp>

#include <boost/test/unit_test.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <sstream>
#include <string>
#include <vector>

// How far a function is from its exact value, over special values, numbers of every size and a range where it does something.

namespace math_tests {

using sinter::lane;

template <class T>
using wider = std::conditional_t<std::same_as<T, float>, double, long double>;

template <class Op, class T>
constexpr double bound = std::same_as<T, float> ? Op::ulp : Op::ulp_double;

template <class Op, class T, class... A>
[[nodiscard]] T compute(T x, A... a) {
    return Op::apply(lane<T>(x), lane<T>(a)...).raw();
}

/// The largest error seen, and where.
template <class T>
struct errors {
    double worst = 0;
    std::string worst_at{};
    long wrong = 0;
    std::string first_wrong{};
    bool relative_to_one = false;    // where the exact value is smaller

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
            right = relative_to_one || std::signbit(rounded) == std::signbit(result);
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
    [[nodiscard]] double error_of(T result, wider<T> exact) const {
        using limits = std::numeric_limits<T>;
        int exponent = 0;
        std::frexp(static_cast<T>(exact), &exponent);
        const int unit = std::max(exponent, relative_to_one ? 1 : limits::min_exponent) - limits::digits;
        return static_cast<double>(std::fabs(std::ldexp(static_cast<wider<T>>(result) - exact, -unit)));
    }
    template <class... A>
    [[nodiscard]] static std::string text(A... numbers) {
        std::ostringstream out;
        ((out << std::hexfloat << numbers << ' '), ...);
        return out.str();
    }
};

template <class Op, class T>
void judge(const errors<T>& e) {
    BOOST_TEST_MESSAGE(Op::name << (sizeof(T) == 4 ? " float: " : " double: ") << e.worst << " ulp at " << e.worst_at);
    BOOST_TEST(e.wrong == 0, Op::name << ": " << e.wrong << " results of the wrong kind, first: " << e.first_wrong);
    if (bound<Op, T> == 0.5) {
        BOOST_TEST(e.worst == 0.0, Op::name << ": not exact at " << e.worst_at);
    } else {
        BOOST_TEST(e.worst > 0.0);
        BOOST_TEST(e.worst <= (bound<Op, T>), Op::name << ": " << e.worst << " ulp at " << e.worst_at);
    }
}

template <class T>
[[nodiscard]] std::vector<T> special_values() {
    using limits = std::numeric_limits<T>;
    std::vector<T> values{T(0), T(1), T(2), T(3), T(0.5), T(1.5), T(7), T(1) / 3, T(1e10), T(1e-10), T(16777215), T(16777217),
                          T(0x1p31), T(0x1p31) - 1, T(0x1p52) + 1, T(0x1p52) - T(0.5), T(0x1p53) - 1, T(0x1p53), T(1e19),
                          1 - limits::epsilon() / 2, 1 + limits::epsilon(), T(87.3), T(88.72), T(88.73), T(89.41), T(89.42), T(103.9), T(104), T(708.4),
                          T(709.78), T(709.79), T(710.47), T(710.48), T(745.13), T(745.14), T(0.9375), T(9.01), T(19.06), T(10.05), T(26.54),
                          T(127), T(128), T(149), T(150), T(1022), T(1024), T(1074), T(1075), T(2.5), T(4), T(5), T(34), T(35.04), T(35.05), T(170.5),
                          T(171.62), T(171.63), T(1.5707963267948966), T(3.141592653589793), T(12799.9), T(12800.1), T(1.6e6), T(1.7e6), T(1e22), T(0x1p120),
                          limits::min(), limits::denorm_min(), 3 * limits::denorm_min(), limits::max(), limits::infinity(), limits::quiet_NaN()};
    if constexpr (std::same_as<T, float>) {
        // Where some function is furthest from its value, of all floats (tests/exhaustive).
        values.insert(values.end(), {0x1.765026p+2f, 0x1.f9fc6ap+6f, 0x1.6dae54p-2f, 0x1.7f0fccp-2f, 0x1.7ecf36p-1f, 0x1.72b80ap-1f, 0x1.7ff77cp-1f, 0x1.7ffc2p-1f, 0x1.c5b32ep-2f,
                                     0x1.3c3ecap+13f, 0x1.2e0302p+13f, 0x1.04e7e6p+68f, 0x1.0f738cp-1f, 0x1.164afp-1f, 0x1.ff0398p-1f, 0x1.fe38bcp+2f, 0x1.156b76p+3f, 0x1.e1ae62p-1f,
                                     0x1.a0165p-2f, 0x1.11e842p+0f, 0x1.6ebe98p-3f, 0x1.fd5b1ap-1f, 0x1.26abc4p+3f, 0x1.6b5e26p-124f, 0x1.c76e64p+3f});
    }
    const std::size_t n = values.size();
    for (std::size_t i = 0; i < n; ++i) values.push_back(-values[i]);
    return values;
}

template <class T>
using bits_of = std::conditional_t<std::same_as<T, float>, std::uint32_t, std::uint64_t>;

/// Any number, infinity or NaN.
template <class T>
[[nodiscard]] T anything(std::mt19937_64& random) {
    return std::bit_cast<T>(static_cast<bits_of<T>>(random()));
}

/// Of 2^-low to 2^high, of either sign.
template <class T>
[[nodiscard]] T of_size(std::mt19937_64& random, T low, T high) {
    const T size = std::exp2(std::uniform_real_distribution<T>{low, high}(random));
    return random() % 2 == 0 ? size : -size;
}

/// One-argument functions. Floats: every so many of all there are.
template <class Op, class T, class F>
void try_function(F reference, T low, T high, bool relative_to_one = false) {
    errors<T> e{.relative_to_one = relative_to_one};
    const auto check = [&](T x) { e.check(compute<Op>(x), reference(static_cast<wider<T>>(x)), x); };
    for (const T x : special_values<T>()) check(x);
    std::mt19937_64 random{42};
    std::uniform_real_distribution<T> uniform{low, high};
    for (int i = 0; i < 150'000; ++i) {
        check(uniform(random));
        if constexpr (std::same_as<T, double>) {
            check(of_size<T>(random, -40, 10));
            if (i % 2 == 0) check(anything<T>(random));
        }
    }
    if constexpr (std::same_as<T, float>) {
        for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += 8191) check(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    }
    judge<Op>(e);
}

/// Two-argument functions: special values with each other, what `make` makes of random numbers, and anything.
template <class Op, class T, class F, class Make>
void try_pairs(F reference, Make make) {
    errors<T> e;
    const auto check = [&](T x, T y) { e.check(compute<Op>(x, y), reference(static_cast<wider<T>>(x), static_cast<wider<T>>(y)), x, y); };
    for (const T x : special_values<T>()) {
        for (const T y : special_values<T>()) check(x, y);
    }
    std::mt19937_64 random{42};
    for (int i = 0; i < 200'000; ++i) {
        const auto [x, y] = make(random);
        check(x, y);
        if (i % 2 == 0) check(anything<T>(random), anything<T>(random));
    }
    judge<Op>(e);
}

}  // namespace math_tests
