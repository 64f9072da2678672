#include "support/check.hpp"

#include <sinter/detail/functions.hpp>
#include <sinter/detail/scalar_lane.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <type_traits>

// Functions that look their coefficients up (erf of both types, tanh of float), wherever code may stand: beside other types, in tails, loops, reductions and the trees
// that end them, whose registers get shorter.

namespace {

namespace sn = sinter;
using sn::index_t;

using types = std::tuple<float, double>;

template <class T>
[[nodiscard]] T erf_of(T x) {
    return sn::detail::op::erf::apply(sn::lane<T>(x)).raw();
}
template <class T>
[[nodiscard]] T tanh_of(T x) {
    return sn::detail::op::tanh::apply(sn::lane<T>(x)).raw();
}

/// In no order, from about -3.5 to 3.5 (float: 2.45): erf of any two is different.
template <class T>
[[nodiscard]] std::vector<T> spread(index_t n) {
    constexpr T width = sizeof(T) == 8 ? T(1) : T(0.7);
    std::vector<T> v(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = width * (static_cast<T>((i * 7919 + 13) % 7001) / 1000 - T(3.5));
    return v;
}

template <class T, class F>
[[nodiscard]] std::vector<T> each(const std::vector<T>& x, F f) {
    std::vector<T> y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = f(x[i]);
    return y;
}

constexpr index_t lengths[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 127, 1000, 4099};

BOOST_AUTO_TEST_SUITE(lookups)

BOOST_AUTO_TEST_CASE_TEMPLATE(elements_find_their_own_coefficients, T, types) {
    for (const index_t n : lengths) {
        const std::vector<T> v = spread<T>(n);
        const sn::array<T> x = sn::from(v, {n});
        support::check_equal(erf(x), {n}, each(v, erf_of<T>));
        support::check_equal(tanh(x), {n}, each(v, tanh_of<T>));
        support::check_equal(erf(x(sn::range({}, {}, 2))), {(n + 1) / 2}, [&] {
            std::vector<T> some;
            for (std::size_t i = 0; i < v.size(); i += 2) some.push_back(erf_of(v[i]));
            return some;
        }());
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(numbers_of_all_kinds, T, types) {
    constexpr T infinity = std::numeric_limits<T>::infinity(), least = std::numeric_limits<T>::denorm_min(), small = std::numeric_limits<T>::min() / 100;
    const std::vector<T> v{T(0), T(-0.0), infinity, -infinity, std::numeric_limits<T>::quiet_NaN(), least, -least, small, T(5.9), T(-5.97), 6, -6, T(1e30), T(0.3984375), T(1.1953125), T(-5.1796875)};
    const sn::array<T> x = sn::from(v, {16});
    support::check_equal(erf(x), {16}, each(v, erf_of<T>));
    support::check_equal(tanh(x), {16}, each(v, tanh_of<T>));
    for (const std::vector<T>& y : {erf(x).to_vector(), tanh(T(4) * x).to_vector()}) {
        BOOST_TEST((y[2] == 1 && y[3] == -1 && y[4] != y[4] && y[9] == -1 && y[10] == 1 && y[11] == -1 && y[12] == 1));
        BOOST_TEST((!std::signbit(y[0]) && std::signbit(y[1])));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(beside_other_types, T, types) {
    using other_type = std::conditional_t<sizeof(T) == 8, float, double>;
    for (const index_t n : lengths) {
        const std::vector<T> v = spread<T>(n);
        const sn::array<T> x = sn::from(v, {n});
        const sn::array<other_type> f = sn::cast<other_type>(x);
        const sn::array<std::int8_t> byte = sn::cast<std::int8_t>(x);
        const sn::array<std::int64_t> wide = sn::cast<std::int64_t>(x);
        const sn::array<T> y = erf(x + sn::cast<T>(byte) * T(0)) + sn::cast<T>(f) * T(0), z = tanh(x) + sn::cast<T>(wide) * T(0);
        const sn::array<std::int8_t> positive = sn::cast<std::int8_t>(erf(sn::cast<T>(f)) > T(0));
        const sn::array<double> both = sn::cast<double>(erf(sn::cast<float>(x))) + erf(sn::cast<double>(x));
        sn::eval(y, z, positive, both);
        support::check_equal(y, {n}, each(v, erf_of<T>));
        support::check_equal(z, {n}, each(v, tanh_of<T>));
        const std::vector<std::int8_t> got = positive.to_vector();
        const std::vector<double> sums = both.to_vector();
        for (std::size_t i = 0; i < v.size(); ++i) {
            BOOST_TEST_REQUIRE((got[i] != 0) == (v[i] > 0));
            BOOST_TEST_REQUIRE(sums[i] == static_cast<double>(erf_of(static_cast<float>(v[i]))) + erf_of(static_cast<double>(v[i])));
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(within_loops, T, types) {
    const auto thrice = sn::fn([](auto x) {
        auto [y, k] = sn::loop(3, std::tuple{x, std::int64_t{0}}, [](auto, auto n) { return n < 3; }, [](auto a, auto n) { return std::tuple{erf(a), n + 1}; });
        return y;
    });
    for (const index_t n : lengths) {
        const std::vector<T> v = spread<T>(n);
        support::check_equal(thrice(sn::from(v, {n})), {n}, each(v, [](T x) { return erf_of(erf_of(erf_of(x))); }));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_combines_elements, T, types) {
    // The one whose erf is larger.
    const auto larger = [](auto a, auto b) { return sn::where(erf(a) < erf(b), b, a); };
    for (const index_t n : lengths) {
        const std::vector<T> v = spread<T>(n);
        const sn::array<T> x = sn::from(v, {n});
        const T largest = *std::max_element(v.begin(), v.end());
        BOOST_TEST(erf_of(sn::reduce(larger, T(-4), x).item()) == erf_of(largest));
        const sn::array<T> rows = sn::broadcast_to(x, {5, n}) * sn::from(std::vector<T>{1, T(0.5), T(0.25), 1, -1}, {5, 1});
        support::check_equal(erf(sn::reduce(larger, T(-4), rows, {.axis = 1})), {5}, each(max(rows, {.axis = 1}).to_vector(), erf_of<T>));
        support::check_equal(erf(sn::reduce(larger, T(-4), rows, {.axis = 0})), {n}, each(max(rows, {.axis = 0}).to_vector(), erf_of<T>));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
