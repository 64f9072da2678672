// precision::fast: the bounds it states, and that it is chosen where statements are recorded under it and nowhere else.

#include <sinter/detail/scalar_lane.hpp>
#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <tuple>
#include <vector>

namespace {

namespace sn = sinter;
namespace op = sinter::detail::op;

/// Of all sizes and signs, many near multiples of pi / 2, and special values.
template <class T>
std::vector<T> angles() {
    std::mt19937_64 random{11};
    std::uniform_real_distribution<double> unit{-1, 1};
    std::vector<T> v{T(0), T(-0.0), std::numeric_limits<T>::infinity(), -std::numeric_limits<T>::infinity(), std::numeric_limits<T>::quiet_NaN(),
                     std::numeric_limits<T>::denorm_min(), std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), T(1), T(12800), T(1.6e6)};
    for (int i = 0; i < 60000; ++i) {
        const double u = unit(random);
        const double k = std::round(unit(random) * 8000);
        v.push_back(static_cast<T>(u * 7));
        v.push_back(static_cast<T>(u * 12000));
        v.push_back(static_cast<T>(std::copysign(std::exp2(60 * unit(random)), u)));
        v.push_back(static_cast<T>(k * 1.5707963267948966));
        v.push_back(static_cast<T>(k * 1.5707963267948966 * (1 + u * 0x1p-40)));
    }
    return v;
}

template <class T>
double error_in_units(T got, long double exact) {
    const auto rounded = static_cast<T>(exact);
    if (std::isnan(rounded) || std::isnan(got)) return std::isnan(rounded) && std::isnan(got) ? 0 : HUGE_VAL;
    if (std::isinf(rounded) || rounded == 0) return got == rounded && std::signbit(got) == std::signbit(rounded) ? 0 : HUGE_VAL;
    int exponent = 0;
    std::frexp(rounded, &exponent);
    const int unit = std::max(exponent, std::numeric_limits<T>::min_exponent) - std::numeric_limits<T>::digits;
    return static_cast<double>(std::fabs(std::ldexp(static_cast<long double>(got) - exact, -unit)));
}

template <class T, class F>
void stays_within(double bound, const char* name, F ours, long double (*exact)(long double)) {
    const std::vector<T> x = angles<T>();
    std::vector<T> got;
    {
        const sn::scoped_options o{.precision = sn::precision::fast};
        got = ours(sn::from(x)).to_vector();
    }
    double worst = 0;
    T at = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double e = error_in_units(got[i], exact(static_cast<long double>(x[i])));
        if (e > worst) {
            worst = e;
            at = x[i];
        }
    }
    BOOST_TEST_INFO(name << " of " << sizeof(T) << " bytes, worst at " << static_cast<double>(at));
    BOOST_TEST(worst <= bound);
}

template <class Op, class F>
void stays_within(F ours, long double (*exact)(long double)) {
    stays_within<float>(Op::ulp, Op::name, ours, exact);
    stays_within<double>(Op::ulp_double, Op::name, ours, exact);
}

const auto sine = []<class T>(const sn::array<T>& x) -> sn::array<T> { return sn::sin(x); };
const auto cosine = []<class T>(const sn::array<T>& x) -> sn::array<T> { return sn::cos(x); };
const auto tangent = []<class T>(const sn::array<T>& x) -> sn::array<T> { return sn::tan(x); };
const auto hyperbolic_tangent = []<class T>(const sn::array<T>& x) -> sn::array<T> { return sn::tanh(x); };
const auto logarithm = []<class T>(const sn::array<T>& x) -> sn::array<T> { return sn::log(x); };

template <class Op, class F, class T>
void same_as_body(F ours, const std::vector<T>& x) {
    const std::vector<T> got = ours(sn::from(x)).to_vector();
    std::size_t others = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const T wanted = Op::apply(sn::lane<T>{x[i]}).raw();
        others += std::isnan(wanted) ? !std::isnan(got[i]) : got[i] != wanted || std::signbit(got[i]) != std::signbit(wanted);
    }
    BOOST_TEST(others == 0U);
}

template <class Op, class F>
void chosen(F ours) {
    const std::vector<float> x = angles<float>();
    const std::vector<double> y = angles<double>();
    same_as_body<Op>(ours, x);
    same_as_body<Op>(ours, y);
    const sn::scoped_options o{.precision = sn::precision::fast};
    same_as_body<typename Op::fast>(ours, x);
    same_as_body<typename Op::fast>(ours, y);
    {
        const sn::scoped_options strict{.precision = sn::precision::strict};
        same_as_body<Op>(ours, x);
    }
    same_as_body<typename Op::fast>(ours, y);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(precisions)

BOOST_AUTO_TEST_CASE(fast_bounds) {
    stays_within<op::fast_sin>(sine, [](long double x) { return std::sin(x); });
    stays_within<op::fast_cos>(cosine, [](long double x) { return std::cos(x); });
    stays_within<op::fast_tan>(tangent, [](long double x) { return std::tan(x); });
    stays_within<op::fast_tanh>(hyperbolic_tangent, [](long double x) { return std::tanh(x); });
    stays_within<op::fast_log>(logarithm, [](long double x) { return std::log(x); });
}

// As near to 1 as floats come, and no further; the same on both sides.
BOOST_AUTO_TEST_CASE(fast_tanh_ends_at_one) {
    const sn::scoped_options o{.precision = sn::precision::fast};
    constexpr std::size_t part = 1 << 20;
    std::vector<float> x(part);
    double worst = 0;
    std::size_t above = 0, odd = 0, below = 0;
    for (float from = 4; from < 16;) {
        for (float& v : x) {
            v = from;
            from = std::nextafter(from, HUGE_VALF);
        }
        const sn::array<float> v = sn::from(x);
        const std::vector<float> got = sn::tanh(v).to_vector(), other = sn::tanh(-v).to_vector();
        for (std::size_t i = 0; i < part; ++i) {
            worst = std::max(worst, error_in_units(got[i], std::tanh(static_cast<double>(x[i]))));
            above += got[i] > 1;
            odd += got[i] != -other[i];
            below += x[i] > 9.02f && got[i] != 1;
        }
    }
    BOOST_TEST(worst <= op::fast_tanh::ulp);
    BOOST_TEST(above == 0U);
    BOOST_TEST(odd == 0U);
    BOOST_TEST(below == 0U);
}

BOOST_AUTO_TEST_CASE(fast_where_recorded) {
    chosen<op::sin>(sine);
    chosen<op::cos>(cosine);
    chosen<op::tan>(tangent);
    chosen<op::tanh>(hyperbolic_tangent);
    chosen<op::log>(logarithm);
}

// Two precisions in one plan; a small array, evaluated again as it was the last time.
BOOST_AUTO_TEST_CASE(fast_beside_standard) {
    const std::vector<double> values{0.5, 1.0, 2.0, 3.0, 40.0};
    const sn::array<double> x = sn::from(values);
    for (int again = 0; again < 4; ++again) {
        const sn::array<double> standard = sn::sin(x) * 2.0;
        const sn::array<double> fast = [&] {
            const sn::scoped_options o{.precision = sn::precision::fast};
            return sn::array<double>(sn::sin(x) * 2.0);
        }();
        if (again % 2 == 0) sn::eval(standard, fast);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto at = static_cast<sn::index_t>(i);
            BOOST_TEST(standard(at).item() == 2 * op::sin::apply(sn::lane<double>{values[i]}).raw());
            BOOST_TEST(fast(at).item() == 2 * op::fast_sin::apply(sn::lane<double>{values[i]}).raw());
        }
    }
}

BOOST_AUTO_TEST_CASE(fast_within_functions) {
    const sn::array<float> x{0.25f, 7.0f, -300.0f, 1e20f};
    const auto both = sn::fn([](auto v) { return std::tuple{sin(v), cos(v) + 1.0f}; });
    const auto walk = sn::fn([](auto v) {
        auto [w] = sn::loop(3, std::tuple{v}, [](auto) { return true; }, [](auto u) { return std::tuple{sin(u) + 1.0f}; });
        return w;
    });
    const sn::scoped_options o{.precision = sn::precision::fast};
    const auto [s, c] = both(x);
    const sn::array<float> first = s, second = c;
    BOOST_TEST(sn::array_equal(first, sn::array<float>(sn::sin(x))));
    BOOST_TEST(sn::array_equal(second, sn::array<float>(sn::cos(x) + 1.0f)));
    const sn::array<float> walked = walk(x);
    sn::array<float> stepped = x;
    for (int i = 0; i < 3; ++i) stepped = sn::sin(stepped) + 1.0f;
    BOOST_TEST(sn::array_equal(walked, stepped));
}

BOOST_AUTO_TEST_CASE(fast_is_listed) {
    int looser = 0;
    for (const sn::operation_report& r : sn::operations()) {
        BOOST_TEST(r.fast_ulp >= r.ulp);
        BOOST_TEST(r.fast_ulp_double >= r.ulp_double);
        looser += r.fast_ulp > r.ulp || r.fast_ulp_double > r.ulp_double ? 1 : 0;
    }
    BOOST_TEST(looser == 5);
}

BOOST_AUTO_TEST_SUITE_END()
