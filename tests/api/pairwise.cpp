#include "support/check.hpp"

#include <array>
#include <cmath>

// Every row against every row, by metrics of the user's own.

namespace {

namespace sn = sinter;
using floats = sn::array<float>;

/// Numbers between 0 and 1, different for each seed.
[[nodiscard]] floats numbers(sn::index_t rows, sn::index_t d, int seed) {
    return (sn::cast<float>((sn::arange<std::int32_t>(rows * d) * 37 + seed * 11) % 1009) * (1 / 1009.0f)).reshape({rows, d});
}

template <class F>
void check_pairs(const floats& got, const floats& a, const floats& b, F f, float tolerance) {
    BOOST_REQUIRE(got.shape() == (sn::extents{a.extent(0), b.extent(0)}));
    const auto d = static_cast<std::size_t>(a.extent(1));
    for (sn::index_t i = 0; i < a.extent(0); ++i) {
        for (sn::index_t j = 0; j < b.extent(0); ++j) {
            const double expected = f(a.data() + static_cast<std::size_t>(i) * d, b.data() + static_cast<std::size_t>(j) * d, d);
            BOOST_TEST(std::abs(static_cast<double>(got(i, j)) - expected) <= static_cast<double>(tolerance) * (1 + std::abs(expected)), i << ", " << j);
        }
    }
}

template <class E>
[[nodiscard]] auto summed(E element) {
    return [element](const float* x, const float* y, std::size_t d) {
        double s = 0;
        for (std::size_t k = 0; k < d; ++k) s += element(static_cast<double>(x[k]), static_cast<double>(y[k]));
        return s;
    };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pairs_of_rows)

BOOST_AUTO_TEST_CASE(metrics_by_name) {
    using sizes = std::array<sn::index_t, 3>;
    for (const auto& [n, k, d] : {sizes{1, 1, 1}, sizes{3, 5, 7}, sizes{5, 9, 64}, sizes{2, 33, 100}, sizes{17, 4, 768}}) {
        const floats a = numbers(n, d, 1), b = numbers(k, d, 2);
        check_pairs(sn::pairwise(sn::metrics::squared_euclidean, a, b), a, b, summed([](double x, double y) { return (x - y) * (x - y); }), 1e-5f);
        check_pairs(sn::pairwise(sn::metrics::manhattan, a, b), a, b, summed([](double x, double y) { return std::abs(x - y); }), 1e-5f);
        check_pairs(sn::pairwise(sn::metrics::inner_product, a, b), a, b, summed([](double x, double y) { return x * y; }), 1e-5f);
        const auto sums = summed([](double x, double y) { return (x - y) * (x - y); });
        check_pairs(sn::pairwise(sn::metrics::euclidean, a, b), a, b, [&](const float* x, const float* y, std::size_t m) { return std::sqrt(sums(x, y, m)); }, 1e-5f);
        check_pairs(sn::pairwise(sn::metrics::cosine, a, b), a, b,
                    [](const float* x, const float* y, std::size_t m) {
                        double xy = 0, xx = 0, yy = 0;
                        for (std::size_t e = 0; e < m; ++e) {
                            const double p = static_cast<double>(x[e]), q = static_cast<double>(y[e]);
                            xy += p * q;
                            xx += p * p;
                            yy += q * q;
                        }
                        return 1 - xy / std::sqrt(xx * yy);
                    },
                    1e-5f);
    }
}

BOOST_AUTO_TEST_CASE(metrics_of_the_users_own) {
    const floats a = numbers(6, 40, 3) + 0.1f, b = numbers(8, 40, 4) + 0.1f;
    // Jensen-Shannon, without logarithms of more than one number at a time.
    const auto jensen_shannon = sn::metric{[](auto p, auto q) {
                                               const auto m = 0.5f * (p + q);
                                               return 0.5f * (p * log(p / m) + q * log(q / m));
                                           },
                                           [](auto s) { return sqrt(s); }};
    check_pairs(sn::pairwise(jensen_shannon, a, b), a, b,
                [](const float* x, const float* y, std::size_t d) {
                    double s = 0;
                    for (std::size_t e = 0; e < d; ++e) {
                        const double p = static_cast<double>(x[e]), q = static_cast<double>(y[e]), m = 0.5 * (p + q);
                        s += 0.5 * (p * std::log(p / m) + q * std::log(q / m));
                    }
                    return std::sqrt(s);
                },
                1e-4f);
    // Weights are a further operand.
    const floats w = numbers(1, 40, 5).reshape({40});
    const float* const weights = w.data();
    check_pairs(sn::pairwise([](auto x, auto y, auto weight) { return weight * square(x - y); }, a, b, w), a, b,
                [weights](const float* x, const float* y, std::size_t d) {
                    double s = 0;
                    for (std::size_t e = 0; e < d; ++e) s += static_cast<double>(weights[e]) * std::pow(static_cast<double>(x[e]) - static_cast<double>(y[e]), 2.0);
                    return s;
                },
                1e-5f);
    // The largest difference: another reduction.
    const sn::metric chebyshev{[](auto x, auto y) { return abs(x - y); }, [](auto s) { return s; },
                               sn::reduction{[](auto p, auto q) { return maximum(p, q); }, 0.0f}};
    check_pairs(sn::pairwise(chebyshev, a, b), a, b,
                [](const float* x, const float* y, std::size_t d) {
                    double s = 0;
                    for (std::size_t e = 0; e < d; ++e) s = std::max(s, std::abs(static_cast<double>(x[e]) - static_cast<double>(y[e])));
                    return s;
                },
                1e-6f);
}

// However many rows are taken at once, each has the bits that it has alone.
BOOST_AUTO_TEST_CASE(rows_do_not_depend_on_each_other) {
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        for (const sn::index_t n : {2, 3, 4, 5, 8, 11}) {
            for (const auto& [k, d] : {std::pair<sn::index_t, sn::index_t>{8, 100}, {33, 768}, {1000, 65}}) {
                const floats a = numbers(n, d, 1), b = numbers(k, d, 2), w = numbers(1, d, 3).reshape({d});
                const auto expect = [&](const auto& metric, const auto&... further) {
                    const floats all = sn::pairwise(metric, a, b, further...);
                    for (sn::index_t i = 0; i < n; ++i) {
                        const floats row = a(i, sn::all), alone = sn::pairwise(metric, row, b, further...);
                        BOOST_TEST(sn::array_equal(alone, all(i, sn::all)), n << " x " << k << " x " << d << ", row " << i);
                    }
                };
                expect(sn::metrics::squared_euclidean);
                expect(sn::metrics::cosine);
                expect([](auto x, auto y, auto weight) { return weight * abs(x - y); }, w);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(vectors_stand_for_a_row) {
    const floats a = numbers(1, 12, 1), b = numbers(4, 12, 2);
    const floats whole = sn::pairwise(sn::metrics::euclidean, a, b), row = sn::pairwise(sn::metrics::euclidean, a.reshape({12}), b);
    BOOST_TEST((row.shape() == sn::extents{4}));
    BOOST_TEST(sn::array_equal(row, whole.reshape({4})));
    BOOST_TEST(sn::pairwise(sn::metrics::euclidean, a.reshape({12}), a.reshape({12})).rank() == 0);
    BOOST_TEST((sn::pairwise(sn::metrics::euclidean, sn::zeros<float>({0, 3}), sn::zeros<float>({2, 3})).shape() == sn::extents{0, 2}));
}

BOOST_AUTO_TEST_CASE(no_array_of_all_pairs_of_elements) {
    const floats a = numbers(50, 256, 1), b = numbers(300, 256, 2);
    const sn::plan_report r = sn::explain(sn::pairwise(sn::metrics::cosine, a, b));
    BOOST_TEST(r.peak_bytes < 50.0 * 300 * 256 * 4 / 8);
}

BOOST_AUTO_TEST_SUITE_END()
