#include "support/check.hpp"

#include <sinter/detail/functions.hpp>
#include <sinter/detail/scalar_lane.hpp>

#include <algorithm>
#include <cmath>

// Functions that look their coefficients up (erf of double), wherever code may stand: beside other types, in tails, loops, reductions and the trees
// that end them, whose registers get shorter.

namespace {

namespace sn = sinter;
using sn::index_t;

[[nodiscard]] double erf_of(double x) { return sn::detail::op::erf::apply(sn::lane<double>(x)).raw(); }

/// In no order, from about -3.5 to 3.5: erf of any two is different.
[[nodiscard]] std::vector<double> spread(index_t n) {
    std::vector<double> v(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<double>((i * 7919 + 13) % 7001) / 1000 - 3.5;
    return v;
}

template <class F>
[[nodiscard]] std::vector<double> each(const std::vector<double>& x, F f) {
    std::vector<double> y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = f(x[i]);
    return y;
}

constexpr index_t lengths[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 127, 1000, 4099};

BOOST_AUTO_TEST_SUITE(lookups)

BOOST_AUTO_TEST_CASE(elements_find_their_own_coefficients) {
    for (const index_t n : lengths) {
        const std::vector<double> v = spread(n);
        const sn::array<double> x = sn::from(v, {n});
        support::check_equal(erf(x), {n}, each(v, erf_of));
        support::check_equal(erf(x(sn::range({}, {}, 2))), {(n + 1) / 2}, [&] {
            std::vector<double> some;
            for (std::size_t i = 0; i < v.size(); i += 2) some.push_back(erf_of(v[i]));
            return some;
        }());
    }
}

BOOST_AUTO_TEST_CASE(numbers_of_all_kinds) {
    constexpr double infinity = std::numeric_limits<double>::infinity(), least = std::numeric_limits<double>::denorm_min();
    const std::vector<double> v{0.0, -0.0, infinity, -infinity, std::nan(""), least, -least, 1e-310, 5.9, -5.97, 6, -6, 1e300, 0.3984375, 1.1953125, -5.1796875};
    const sn::array<double> x = sn::from(v, {16});
    support::check_equal(erf(x), {16}, each(v, erf_of));
    const std::vector<double> y = erf(x).to_vector();
    BOOST_TEST((y[2] == 1 && y[3] == -1 && y[4] != y[4] && y[9] == -1 && y[10] == 1 && y[11] == -1 && y[12] == 1));
    BOOST_TEST((!std::signbit(y[0]) && std::signbit(y[1])));
}

BOOST_AUTO_TEST_CASE(beside_narrower_types) {
    for (const index_t n : lengths) {
        const std::vector<double> v = spread(n);
        const sn::array<double> x = sn::from(v, {n});
        const sn::array<float> f = sn::cast<float>(x);
        const sn::array<std::int8_t> byte = sn::cast<std::int8_t>(x);
        const sn::array<double> y = erf(x + sn::cast<double>(byte) * 0.0) + sn::cast<double>(f) * 0.0;
        const sn::array<std::int8_t> positive = sn::cast<std::int8_t>(erf(sn::cast<double>(f)) > 0.0);
        sn::eval(y, positive);
        support::check_equal(y, {n}, each(v, erf_of));
        const std::vector<std::int8_t> got = positive.to_vector();
        for (std::size_t i = 0; i < v.size(); ++i) BOOST_TEST_REQUIRE((got[i] != 0) == (v[i] > 0));
    }
}

BOOST_AUTO_TEST_CASE(within_loops) {
    const auto thrice = sn::fn([](auto x) {
        auto [y, k] = sn::loop(3, std::tuple{x, std::int64_t{0}}, [](auto, auto n) { return n < 3; }, [](auto a, auto n) { return std::tuple{erf(a), n + 1}; });
        return y;
    });
    for (const index_t n : lengths) {
        const std::vector<double> v = spread(n);
        support::check_equal(thrice(sn::from(v, {n})), {n}, each(v, [](double x) { return erf_of(erf_of(erf_of(x))); }));
    }
}

BOOST_AUTO_TEST_CASE(what_combines_elements) {
    // The one whose erf is larger.
    const auto larger = [](auto a, auto b) { return sn::where(erf(a) < erf(b), b, a); };
    for (const index_t n : lengths) {
        const std::vector<double> v = spread(n);
        const sn::array<double> x = sn::from(v, {n});
        const double largest = *std::max_element(v.begin(), v.end());
        BOOST_TEST(sn::reduce(larger, -4.0, x).item() == largest);
        const sn::array<double> rows = sn::broadcast_to(x, {5, n}) * sn::from(std::vector<double>{1, 0.5, 0.25, 1, -1}, {5, 1});
        support::check_equal(sn::reduce(larger, -4.0, rows, {.axis = 1}), {5}, max(rows, {.axis = 1}).to_vector());
        support::check_equal(sn::reduce(larger, -4.0, rows, {.axis = 0}), {n}, max(rows, {.axis = 0}).to_vector());
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
