#include "support/check.hpp"

#include <cmath>
#include <limits>

namespace {

namespace sn = sinter;
using support::check;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float inf = std::numeric_limits<float>::infinity();

/// The variance of what is in [from, from + n * step), in long double.
template <class T>
[[nodiscard]] long double variance(const std::vector<T>& v, std::size_t from, std::size_t n, std::size_t step, std::size_t ddof) {
    long double mean = 0, squares = 0;
    for (std::size_t i = 0; i < n; ++i) mean += static_cast<long double>(v[from + i * step]);
    mean /= static_cast<long double>(n);
    for (std::size_t i = 0; i < n; ++i) squares += (static_cast<long double>(v[from + i * step]) - mean) * (static_cast<long double>(v[from + i * step]) - mean);
    return squares / static_cast<long double>(n - ddof);
}

template <class T>
[[nodiscard]] std::vector<T> values(std::size_t n, T mean) {
    std::vector<T> v(n);
    std::uint32_t state = 12345;
    for (T& x : v) {
        state = state * 1664525U + 1013904223U;
        x = mean + static_cast<T>(state >> 8U) / static_cast<T>(1U << 24U);
    }
    return v;
}

template <class T>
[[nodiscard]] bool close(T got, long double exact, double rounding) {
    return std::fabs(static_cast<long double>(got) - exact) <= exact * static_cast<long double>(rounding);
}

BOOST_AUTO_TEST_SUITE(statistics)

BOOST_AUTO_TEST_CASE(variance_and_deviation) {
    const sn::array<float> m{{1, 2, 6}, {4, 5, 6}};
    check(sn::var(m, {.axis = 0}), {3}, {2.25f, 2.25f, 0});
    check(sn::var(m, {.axis = 1, .ddof = 1}), {2}, {7, 1});
    check(sn::var(m, {.axis = -1, .keepdims = true, .ddof = 1}), {2, 1}, {7, 1});
    check(sn::var(m, {.axis = {0, 1}, .keepdims = true}), {1, 1}, {sn::var(m).item()});
    check(sn::std(m, {.axis = 0}), {3}, {1.5f, 1.5f, 0});
    check(sn::std(sn::array<float>{3, 5}), {}, {1});
    check(sn::var(m * 2.0f, {.axis = 0}), {3}, {9, 9, 0});
}

BOOST_AUTO_TEST_CASE(of_integers_is_double) {
    const sn::array<std::int32_t> k{2'000'000'001, 2'000'000'003, 2'000'000'005, 2'000'000'007};
    const sn::array<double> v = sn::var(k);
    BOOST_TEST(v.item() == 5.0);
    BOOST_TEST(sn::std(sn::array<std::uint8_t>{0, 200}).item() == 100.0);
    BOOST_TEST(sn::var(sn::array<bool>{true, false}).item() == 0.25);
    BOOST_TEST(sn::logsumexp(sn::array<std::int16_t>{0, 0}).item() == std::log(2.0));
}

BOOST_AUTO_TEST_CASE(too_few_values) {
    const sn::array<float> two{1, 3};
    BOOST_TEST(sn::var(two, {.ddof = 2}).item() == inf);
    BOOST_TEST(sn::var(two, {.ddof = 5}).item() == inf);
    BOOST_TEST(std::isnan(sn::var(sn::array<float>{1, 1}, {.ddof = 2}).item()));
    BOOST_TEST(std::isnan(sn::var(sn::array<float>()).item()));
    BOOST_TEST(std::isnan(sn::std(sn::array<float>()).item()));
    check(sn::var(sn::zeros<float>({0, 3}), {.axis = 0}), {3}, {nan, nan, nan});
    check(sn::var(sn::zeros<float>({0, 3}), {.axis = 1}), {0}, {});
    BOOST_TEST(sn::var(sn::array<float>{7}).item() == 0.0f);
    BOOST_TEST(std::isnan(sn::var(sn::array<float>{1, inf}).item()));
    BOOST_TEST(std::isnan(sn::std(sn::array<float>{1, nan}).item()));
}

BOOST_AUTO_TEST_CASE(large_means_and_long_rows) {
    for (const std::size_t n : {std::size_t{5}, std::size_t{1000}, std::size_t{70'001}, std::size_t{1'000'003}}) {
        for (const float mean : {0.0f, 1e3f, 1e6f, -3e6f}) {
            const std::vector<float> v = values<float>(n, mean);
            const float got = sn::var(sn::from(v)).item();
            BOOST_TEST(close(got, variance(v, 0, n, 1, 0), 1e-5), n << " about " << mean << ": " << got);
        }
        for (const double mean : {0.0, 1e9}) {
            const std::vector<double> v = values<double>(n, mean);
            BOOST_TEST(close(sn::var(sn::from(v), {.ddof = 1}).item(), variance(v, 0, n, 1, 1), 1e-13), n << " about " << mean);
        }
    }
    const std::vector<float> v = values<float>(700 * 301, 1e5f);
    const sn::array<float> m = sn::from(v, {700, 301});
    const std::vector<float> columns = sn::var(m, {.axis = 0}).to_vector(), rows = sn::var(m, {.axis = 1}).to_vector();
    for (std::size_t c = 0; c < 301; ++c) BOOST_TEST(close(columns[c], variance(v, c, 700, 301, 0), 1e-5));
    for (std::size_t r = 0; r < 700; ++r) BOOST_TEST(close(rows[r], variance(v, r * 301, 301, 1, 0), 1e-5));
}

BOOST_AUTO_TEST_CASE(of_values_that_are_alike) {
    for (const sn::index_t n : {3, 100, 70'000, 1 << 20}) {
        for (const float x : {0.1f, 1e6f, -7e-3f}) {
            const float v = sn::var(sn::full({n}, x)).item();
            BOOST_TEST(v >= 0);
            BOOST_TEST(v <= 1e-14f * x * x);
            BOOST_TEST(!std::isnan(sn::std(sn::full({n}, x)).item()));
        }
    }
}

BOOST_AUTO_TEST_CASE(one_pass_where_rows_are_short) {
    const sn::array<float> m = sn::from(values<float>(1 << 24, 1), {1 << 14, 1 << 10});
    const sn::plan_report together = sn::explain(sn::var(m, {.axis = 1}));
    double bytes = 0;
    for (const sn::kernel_report& k : together.kernels) bytes += k.bytes_read;
    // Twice at most, and nothing as large as the matrix is written.
    BOOST_TEST(bytes < 2.1 * 4 * (1 << 24));
    BOOST_TEST(together.peak_bytes < 1U << 20U);
}

BOOST_AUTO_TEST_CASE(numbers_between_kernels_are_computed_where_they_are_read) {
    sn::array<float> x = sn::from(values<float>(4096, 1));
    // The greatest value, the sum, and the result: whether the first is finite needs no kernel of its own.
    BOOST_TEST(sn::explain(sn::logsumexp(x)).kernels.size() == 3U);
}

BOOST_AUTO_TEST_CASE(log_of_a_sum_of_exponentials) {
    const sn::array<float> m{{0, 0}, {1000, 1000}, {-1000, -1000}};
    const float two = std::log(2.0f);
    check(sn::logsumexp(m, {.axis = 1}), {3}, {two, 1000 + two, -1000 + two});
    check(sn::logsumexp(m, {.axis = 1, .keepdims = true}), {3, 1}, {two, 1000 + two, -1000 + two});
    check(sn::logsumexp(m), {}, {1000 + two});
    check(sn::logsumexp(m, {.axis = 0}), {2}, {1000, 1000});
    BOOST_TEST(sn::logsumexp(sn::array<float>{-inf, -inf}).item() == -inf);
    BOOST_TEST(sn::logsumexp(sn::array<float>{1, inf}).item() == inf);
    BOOST_TEST(sn::logsumexp(sn::array<float>{-inf, 3}).item() == 3.0f);
    BOOST_TEST(std::isnan(sn::logsumexp(sn::array<float>{1, nan, inf}).item()));
    BOOST_TEST(sn::logsumexp(sn::array<float>()).item() == -inf);
    check(sn::logsumexp(sn::zeros<float>({2, 0}), {.axis = 1}), {2}, {-inf, -inf});
    BOOST_TEST(sn::logsumexp(sn::full({1 << 20}, 2.0f)).item() == 2.0f + std::log(1048576.0f));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
