#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

// Means, variances and logarithms of sums over more elements than caches hold, which are taken in rows and blocks: variances above a quarter of the elements of the others.

namespace sn = sinter;

namespace {

constexpr sn::index_t many = 1 << 20;
constexpr sn::index_t some = many / 4;
constexpr sn::index_t block = 65536;

template <class T>
std::vector<T> numbers(sn::index_t n, T mean, T width) {
    std::vector<T> x(static_cast<std::size_t>(n));
    std::uint64_t state = 88172645463325252U;
    for (T& v : x) {
        state ^= state << 13U;
        state ^= state >> 7U;
        state ^= state << 17U;
        v = mean + width * (static_cast<T>(state >> 44U) / T(1 << 19) - T(1));
    }
    return x;
}

struct reference {
    long double mean = 0, variance = 0, log_sum = 0;
};

/// Of count values from `first` on, each `step` elements after the one before.
template <class T>
reference plain(const std::vector<T>& x, std::size_t first, std::size_t count, std::size_t step = 1) {
    reference r;
    const auto at = [&](std::size_t i) { return static_cast<long double>(x[first + i * step]); };
    const auto n = static_cast<long double>(count);
    long double most = at(0), off = 0;
    for (std::size_t i = 0; i < count; ++i) {
        off += (at(i) - at(0)) / n;
        most = std::max(most, at(i));
    }
    for (std::size_t i = 0; i < count; ++i) {
        const long double d = at(i) - at(0) - off;
        r.variance += d * d / n;
        r.log_sum += std::exp(static_cast<double>(at(i) - most));
    }
    r.mean = at(0) + off;
    r.log_sum = std::log(r.log_sum) + most;
    return r;
}

template <class T>
void near(T got, long double wanted, double ulps, const std::string& what) {
    const long double off = std::abs(static_cast<long double>(got) - wanted) / (std::abs(wanted) * std::numeric_limits<T>::epsilon());
    BOOST_TEST(static_cast<double>(off) <= ulps, what << ": " << got << ", not " << static_cast<double>(wanted) << ", " << static_cast<double>(off) << " ULP off");
}

template <class T>
void check_flat(sn::index_t n, T mean, T width) {
    const std::vector<T> v = numbers<T>(n, mean, width);
    const sn::array<T> x = sn::from(v);
    const reference r = plain(v, 0, v.size());
    const std::string of = std::to_string(n) + " around " + std::to_string(mean);
    near(sn::var(x).item(), r.variance, 120, "var of " + of);
    near(sn::std(x).item(), std::sqrt(r.variance), 120, "std of " + of);
    near(sn::var(x, {.ddof = 5}).item(), r.variance * static_cast<long double>(n) / static_cast<long double>(n - 5), 120, "var, ddof 5, of " + of);
    near(sn::mean(x).item(), r.mean, 120, "mean of " + of);
    near(sn::logsumexp(x).item(), r.log_sum, 8, "logsumexp of " + of);
    // The same sum, whatever takes it.
    BOOST_TEST(sn::mean(x).item() == sn::sum(x).item() / static_cast<T>(n), of);
    // Computed on the way.
    const sn::array<T> y = (x - T(1)) + T(1);
    near(sn::var(y).item(), r.variance, mean > T(1000) ? 100000 : 1000, "var of what is computed, " + of);
    BOOST_TEST(sn::mean(x * T(2)).item() == T(2) * sn::mean(x).item(), of);
    BOOST_TEST(sn::var(x * T(2)).item() == T(4) * sn::var(x).item(), of);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(long_rows)

BOOST_AUTO_TEST_CASE(of_all) {
    for (const sn::index_t n : {some, some + 1, some + block - 1, some + block, many, many + 1, many + block - 1, many + block, 3 * many + 777}) {
        check_flat<float>(n, 0.25F, 1.0F);
        check_flat<double>(n, 0.25, 1.0);
    }
}

BOOST_AUTO_TEST_CASE(large_means) {
    check_flat<float>(2 * many + 5, 1e6F, 8.0F);
    check_flat<double>(2 * many + 5, 1e12, 1.0);
    // All alike.
    const float nothing = sn::var(sn::full<float>({many + 99}, 1.1F)).item();
    BOOST_TEST((nothing >= 0 && nothing < 1e-15F), nothing);
    // A slope: each block has a mean of its own.
    const sn::array<double> slope = sn::arange<double>(2 * many + 10);
    const long double n = 2.0L * many + 10;
    near(sn::var(slope).item(), (n * n - 1) / 12, 120, "var of a slope");
    near(sn::var(slope + 1e9).item(), (n * n - 1) / 12, 120, "var of a slope, far away");
}

BOOST_AUTO_TEST_CASE(along_axes) {
    const std::vector<float> v = numbers<float>(6 * 1200 * 1024, 2.0F, 1.0F);
    const sn::array<float> x = sn::from(v).reshape({6, 1200, 1024});
    const std::size_t each = 1200 * 1024;
    for (const bool keepdims : {false, true}) {
        const sn::array<float> a = sn::var(x, {.axis = {1, 2}, .keepdims = keepdims}), m = sn::mean(x, {.axis = {1, 2}, .keepdims = keepdims}), l = sn::logsumexp(x, {.axis = {-1, 1}, .keepdims = keepdims});
        BOOST_TEST((a.shape() == (keepdims ? sn::extents{6, 1, 1} : sn::extents{6})));
        BOOST_TEST((m.shape() == a.shape() && l.shape() == a.shape()));
        for (std::size_t k = 0; k < 6; ++k) {
            const reference r = plain(v, k * each, each);
            near(a.data()[k], r.variance, 120, "var of axes 1 and 2");
            near(m.data()[k], r.mean, 120, "mean of axes 1 and 2");
            near(l.data()[k], r.log_sum, 8, "logsumexp of axes 1 and 2");
        }
        // The first and the last one: the rows of each of those between.
        const sn::array<float> b = sn::std(x, {.axis = {0, 2}, .keepdims = keepdims});
        BOOST_TEST((b.shape() == (keepdims ? sn::extents{1, 1200, 1} : sn::extents{1200})));
        const sn::array<float> whole = sn::var(x, {.axis = {0, 1, 2}, .keepdims = keepdims});
        BOOST_TEST((whole.shape() == (keepdims ? sn::extents{1, 1, 1} : sn::extents{})));
        near(whole.data()[0], plain(v, 0, v.size()).variance, 120, "var of all axes");
    }
    const std::vector<float> w = numbers<float>(2 * (many + block), 2.0F, 1.0F);
    for (const sn::index_t length : {many + block, many + 1}) {
        const sn::array<float> rows = sn::from(w)(sn::range(0, 2 * length)).reshape({2, length});
        const sn::array<float> a = sn::var(rows, {.axis = 1}), m = sn::mean(rows, {.axis = 1, .keepdims = true}), s = sn::sum(rows, {.axis = 1, .keepdims = true});
        BOOST_TEST(sn::array_equal(m, s / static_cast<float>(length)));
        for (std::size_t k = 0; k < 2; ++k) near(a.data()[k], plain(w, k * static_cast<std::size_t>(length), static_cast<std::size_t>(length)).variance, 120, "var of long rows");
    }
    // Columns, and rows of few elements.
    const sn::array<float> tall = sn::from(w)(sn::range(0, 2 * many)).reshape({many / 4, 8});
    const sn::array<float> down = sn::var(tall, {.axis = 0});
    for (std::size_t k = 0; k < 8; ++k) near(down.data()[k], plain(w, k, many / 4, 8).variance, 120, "var of columns");
    near(sn::var(tall).item(), plain(w, 0, 2 * many).variance, 120, "var of short rows");
    const sn::array<float> turned = tall.transpose();
    near(sn::var(turned).item(), plain(w, 0, 2 * many).variance, 120, "var of a transposed array");
}

BOOST_AUTO_TEST_CASE(other_types) {
    const sn::array<std::int32_t> n = sn::arange<std::int32_t>(many + 3);
    const long double count = many + 3;
    near(sn::var(n).item(), (count * count - 1) / 12, 120, "var of integers");
    BOOST_TEST(sn::mean(n).item() == static_cast<double>(many + 2) / 2);
    const sn::array<sn::float16> h = sn::full<sn::float16>({many + 70000}, sn::float16(1.5F));
    BOOST_TEST(static_cast<float>(sn::mean(h).item()) == 1.5F);
    BOOST_TEST(static_cast<float>(sn::var(h).item()) == 0.0F);
}

BOOST_AUTO_TEST_CASE(values_that_are_not_finite) {
    const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    const auto with = [](float all, sn::index_t at, float one) {
        sn::array<float> x = sn::full<float>({many + 4 * block + 9}, all);
        x.at(at) = one;
        return x;
    };
    // A block without anything in it counts nothing, and neither does one far below.
    BOOST_TEST(sn::logsumexp(with(-inf, block + 5, -1000.0F)).item() == -1000.0F);
    BOOST_TEST(sn::logsumexp(with(-inf, many + 4 * block + 8, 1000.0F)).item() == 1000.0F);
    BOOST_TEST(sn::logsumexp(with(-3e38F, 7, 3e38F)).item() == 3e38F);
    BOOST_TEST(sn::logsumexp(with(-inf, 0, -inf)).item() == -inf);
    BOOST_TEST(sn::logsumexp(with(1.0F, 99, inf)).item() == inf);
    BOOST_TEST(sn::logsumexp(with(-inf, 99, inf)).item() == inf);
    BOOST_TEST(std::isnan(sn::logsumexp(with(1.0F, 3 * block, nan)).item()));
    BOOST_TEST(std::isnan(sn::logsumexp(with(-inf, 3 * block, nan)).item()));
    BOOST_TEST(std::isnan(sn::var(with(1.0F, 3 * block, nan)).item()));
    BOOST_TEST(std::isnan(sn::var(with(1.0F, 3 * block, inf)).item()));
    BOOST_TEST(std::isnan(sn::mean(with(inf, 5, -inf)).item()));
    BOOST_TEST(sn::mean(with(1.0F, 5, -inf)).item() == -inf);
}

BOOST_AUTO_TEST_CASE(wrong_axes) {
    const sn::array<float> x = sn::zeros<float>({2 * many});
    BOOST_CHECK_THROW(sn::var(x, {.axis = 1}), sn::index_error);
    BOOST_CHECK_THROW(sn::mean(x, {.axis = -2}), sn::index_error);
    BOOST_CHECK_THROW(sn::logsumexp(x, {.axis = 7}), sn::index_error);
    const auto twice = [](const sn::error& e) { return std::string(e.what()).find("is given twice for shape (2097152)") != std::string::npos; };
    BOOST_CHECK_EXCEPTION(sn::mean(x, {.axis = {0, 0}}), sn::error, twice);
    BOOST_CHECK_EXCEPTION(sn::var(x, {.axis = {0, -1}}), sn::error, twice);
    BOOST_CHECK_EXCEPTION(sn::logsumexp(x, {.axis = {0, 0}}), sn::error, twice);
}

BOOST_AUTO_TEST_CASE(axes_of_one_element_do_not_count) {
    const sn::array<float> x = sn::from(numbers<float>(3 * many + 17, 100.0F, 1.0F));
    const float wanted = sn::var(x).item();
    for (const sn::extents& shape : {sn::extents{1, -1}, sn::extents{-1, 1}, sn::extents{1, 1, 1, 1, 1, 1, 1, -1}, sn::extents{1, 1, 1, -1, 1, 1, 1, 1}}) BOOST_TEST(sn::var(x.reshape(shape)).item() == wanted);
    const sn::array<float> y = x(sn::range(0, 3000 * 512)).reshape({3000, 1, 512});
    BOOST_TEST(sn::var(y).item() == sn::var(y, {.axis = {0, 2}}).to_vector()[0]);
}

BOOST_AUTO_TEST_CASE(memory_is_not_copied) {
    // Reversed, with gaps, transposed: other strides are enough.
    const sn::array<float> x = sn::from(numbers<float>(6 * many, 2.0F, 1.0F));
    const sn::array<float> reversed = x(sn::range({}, {}, -1)), gaps = x(sn::range(0, {}, 3));
    for (const sn::array<float>& each : {reversed, gaps}) {
        for (const auto& a : {sn::array<float>(sn::var(each)), sn::array<float>(sn::mean(each)), sn::array<float>(sn::logsumexp(each))}) {
            BOOST_TEST(sn::explain(a).peak_bytes < 100000, sn::explain(a).to_string());
        }
        BOOST_TEST(sn::var(each).item() == sn::var(sn::from(each.to_vector())).item());
    }
    // What is stored anyway is not computed a second time.
    sn::array<float> y = sn::exp(x * 0.1F);
    sn::array<float> v = sn::var(y);
    std::size_t functions = 0;
    for (const auto& k : sn::explain(y, v).kernels) functions += static_cast<std::size_t>(std::count(k.ops.begin(), k.ops.end(), "exp"));
    BOOST_TEST(functions == 1);
}

BOOST_AUTO_TEST_CASE(sources) {
    sn::array<float> x = sn::full<float>({2 * many + 5}, 1.5F);
    x.eval();
    for (const auto& a : {sn::array<float>(sn::var(x)), sn::array<float>(sn::mean(x)), sn::array<float>(sn::logsumexp(x))}) {
        for (const auto& k : sn::explain(a).kernels) BOOST_TEST(k.source.find("long_rows.cpp") != std::string::npos, k.source);
    }
}

BOOST_AUTO_TEST_CASE(one_pass) {
    // A sixteenth of the elements, then all of them once, whether they are in memory or computed on the way.
    const auto read = [](const sn::plan_report& r) {
        double bytes = 0;
        for (const auto& k : r.kernels) bytes += static_cast<double>(k.bytes_read);
        return bytes;
    };
    for (const sn::index_t n : {some + block, many, 16 * many}) {
        const sn::array<float> x = sn::full<float>({n}, 1.5F).eval();
        const double once = 4.0 * static_cast<double>(n);
        const sn::array<float> m = sn::mean(x), v = sn::var(x), u = sn::var(x * 3.0F + 1.0F);
        for (const sn::plan_report& r : {sn::explain(m, v), sn::explain(v), sn::explain(u)}) BOOST_TEST((read(r) > 1.05 * once && read(r) < 1.08 * once), r.to_string());
    }
    // Rows that stay in a cache are read from memory once, and then from there.
    const sn::array<float> rows = sn::full<float>({8192, 2048}, 1.5F).eval();
    const std::string plan = sn::explain(sn::mean(rows), sn::var(rows)).to_string();
    const bool once = plan.find("runs in tiles of ") != std::string::npos || plan.find("runs side by side with ") != std::string::npos;
    BOOST_TEST((once && plan.find("its rows stay in L") != std::string::npos), plan);
}

BOOST_AUTO_TEST_CASE(some_elements_stand_for_all) {
    // Which of them do is no matter, unless values have been made for it: where all of these are alike and no others are, four bits are lost.
    const auto check = [](const char* what, double ulps, auto value) {
        std::vector<float> v(some + 2 * block);
        for (std::size_t i = 0; i < v.size(); ++i) v[i] = value(i);
        near(sn::var(sn::from(v)).item(), plain(v, 0, v.size()).variance, ulps, what);
    };
    const auto step = [](bool low) { return low ? 0.1F : 0.3F; };
    check("a step between blocks", 500, [&](std::size_t i) { return step(i < 3 * block); });
    for (const std::size_t at : {1, 100, 256, 1000, 4096, 4352, 40000}) {
        check("a step in the first block", 500, [&](std::size_t i) { return step(i < at); });
        check("a step in each block", 500, [&](std::size_t i) { return step(i % block < at); });
        check("a single value", 500, [&](std::size_t i) { return i == at ? 1000.0F : 0.3F; });
    }
    for (const std::size_t period : {2, 16, 256, 272, 1024, 4096, 5000}) check("a period", 500, [&](std::size_t i) { return step(i % period < (period + 15) / 16); });
    check("made for it", 5000, [&](std::size_t i) { return step(i % block / 4096 == i % 4096 / 256); });
    check("a period made for it", 5000, [&](std::size_t i) { return step(i % 4352 < 272); });
}

BOOST_AUTO_TEST_SUITE_END()
