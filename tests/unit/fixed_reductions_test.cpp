#include <sinter/fixed.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>

// Reductions of arrays of static shape that need no library, by what they must give. That their bits are those of other arrays: api/fixed_arrays.cpp.

namespace {

namespace sn = sinter;
using sn::index_t;

BOOST_AUTO_TEST_SUITE(fixed_reductions)

BOOST_AUTO_TEST_CASE(conditions) {
    const sn::array<int, 2, 3> x{{1, 0, 2}, {3, 4, 5}};
    BOOST_TEST(!sn::all(x).item());
    BOOST_TEST(sn::all(x(1, 2) < x + 10).item());
    BOOST_TEST(sn::count_nonzero(x).item() == 5);
    BOOST_TEST(sn::array_equal(sn::count_nonzero<1>(x > 2), sn::array<std::int64_t, 2>{0, 3}));
    BOOST_TEST(sn::all(sn::array<float, 0>{}).item());
}

BOOST_AUTO_TEST_CASE(norms) {
    const sn::array<float, 2, 2> x{{3, 4}, {0, -5}};
    BOOST_TEST(sn::norm(x).item() == std::sqrt(50.0f));
    BOOST_TEST(sn::array_equal(sn::norm<1>(x), sn::array<float, 2>{5, 5}));
    BOOST_TEST(sn::norm(sn::array<int, 2>{3, 4}).item() == 5.0);
    BOOST_TEST(sn::norm(sn::array<std::complex<float>, 2>{std::complex<float>(0, 3), 4}).item() == 5);
}

BOOST_AUTO_TEST_CASE(sums_of_exponentials) {
    const sn::array<double, 3> x{1000, 1000, -1000};
    BOOST_TEST(sn::logsumexp(x).item() == 1000 + std::log(2.0), boost::test_tools::tolerance(1e-15));
    const sn::array<float, 2, 2> m{{0, 0}, {-std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}};
    const auto rows = sn::logsumexp<-1>(m);
    BOOST_TEST(rows(0) == std::log(2.0f));
    BOOST_TEST(rows(1) == -std::numeric_limits<float>::infinity());
}

BOOST_AUTO_TEST_CASE(functions) {
    sn::array<int, 5, 40> x;
    for (index_t i = 0; i < x.size(); ++i) x.mutable_data()[i] = static_cast<int>(i * 37 % 101);
    const int bound = 90;
    const auto below = [=](auto p, auto q) { return select((q > p) & (q < bound), q, p); };
    BOOST_TEST(sn::reduce(below, 0, x).item() == 89);
    const auto columns = sn::reduce<0>(below, 0, x);
    const auto rows = sn::reduce<1>(below, 0, x);
    for (index_t j = 0; j < 40; ++j) {
        int most = 0;
        for (index_t i = 0; i < 5; ++i) most = x(i, j) < bound ? std::max(most, x(i, j)) : most;
        BOOST_TEST(columns(j) == most);
    }
    for (index_t i = 0; i < 5; ++i) {
        int most = 0;
        for (index_t j = 0; j < 40; ++j) most = x(i, j) < bound ? std::max(most, x(i, j)) : most;
        BOOST_TEST(rows(i) == most);
    }
    const sn::array<std::complex<float>, 3> z{1, std::complex<float>(0, 1), 2};
    BOOST_TEST((sn::reduce([](auto p, auto q) { return p * q; }, 1, z).item() == std::complex<float>(0, 2)));
}

BOOST_AUTO_TEST_CASE(members) {
    const sn::array<int, 2, 3> x{{1, 2, 3}, {4, 5, 6}};
    BOOST_TEST(sn::array_equal(x.transpose(), sn::array<int, 3, 2>{{1, 4}, {2, 5}, {3, 6}}));
    BOOST_TEST(sn::array_equal((x + 1).reshape<3, 2>(), sn::array<int, 3, 2>{{2, 3}, {4, 5}, {6, 7}}));
    BOOST_TEST(sn::array_equal(x.flatten(), sn::array<int, 6>{1, 2, 3, 4, 5, 6}));
    int total = 0;
    for (const int v : x * 2) total += v;
    BOOST_TEST(total == 42);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
