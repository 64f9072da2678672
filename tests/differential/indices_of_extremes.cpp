#include "support/check.hpp"

#include <random>

// argmin and argmax against plain code: every type, rows and columns of every length, ties and NaN anywhere.

namespace {

namespace sn = sinter;
using sn::all;
using sn::index_t;
using sn::range;

template <class T>
[[nodiscard]] bool is_nan(T x) {
    return x != x;
}

/// The place of the extreme among n values that are `step` apart.
template <class T>
[[nodiscard]] index_t expected(const std::vector<T>& v, std::size_t from, std::size_t n, std::size_t step, bool least) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const T x = v[from + i * step], best = v[from + at * step];
        if (is_nan(best)) break;
        if (is_nan(x) || (least ? x < best : x > best)) at = i;
    }
    return static_cast<index_t>(at);
}

template <class T>
void check_matrix(const std::vector<T>& v, std::size_t rows, std::size_t columns, const char* what) {
    const auto r = static_cast<index_t>(rows), c = static_cast<index_t>(columns);
    const sn::array<T> m = sn::from(v, {r, c});
    for (const bool least : {false, true}) {
        const auto find = [&](const sn::array<T>& x, const sn::reduce_options& o) { return least ? sn::argmin(x, o) : sn::argmax(x, o); };
        std::vector<index_t> along(rows), down(columns);
        for (std::size_t i = 0; i < rows; ++i) along[i] = expected(v, i * columns, columns, 1, least);
        for (std::size_t j = 0; j < columns; ++j) down[j] = expected(v, j, rows, columns, least);
        const index_t whole = expected(v, 0, v.size(), 1, least);
        const std::string name = std::string(what) + (least ? " least " : " greatest ") + std::to_string(r) + "x" + std::to_string(c);
        BOOST_TEST(find(m, {.axis = 1}).to_vector() == along, name);
        BOOST_TEST(find(m, {.axis = 0}).to_vector() == down, name);
        BOOST_TEST(find(m, {}).item() == whole, name);
        BOOST_TEST(find(m, {.axis = -1, .keepdims = true}).to_vector() == along, name);
        BOOST_TEST(find(sn::array<T>(m.transpose()), {.axis = 0}).to_vector() == along, name);
        BOOST_TEST(find(sn::array<T>(m.transpose()), {.axis = 1}).to_vector() == down, name);
        const sn::array<T> copy = sn::array<T>(m.transpose().eval()).transpose();
        BOOST_TEST(find(copy, {}).item() == whole, name + " of columns");
    }
}

template <class T>
void check_type(const char* what) {
    std::mt19937 random(7);
    for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{1, 1}, {1, 7}, {7, 1}, {3, 63}, {3, 64}, {5, 65}, {130, 30}, {40, 300}, {300, 40}, {2, 1030}, {1030, 2},
                                        {3, 2100}, {600, 70}, {70, 1100}}) {
        std::vector<T> v(rows * columns);
        for (T& x : v) x = static_cast<T>(random() % 23);  // many ties
        check_matrix(v, rows, columns, what);
        for (T& x : v) x = static_cast<T>(random() >> 3U);
        check_matrix(v, rows, columns, what);
        if constexpr (std::floating_point<T>) {
            constexpr T nan = std::numeric_limits<T>::quiet_NaN(), inf = std::numeric_limits<T>::infinity();
            for (std::size_t i = 0; i < v.size(); i += 1 + random() % 97) v[i] = nan;
            check_matrix(v, rows, columns, what);
            for (const T special : {-inf, inf, nan, T(0)}) {
                std::fill(v.begin(), v.end(), special);
                check_matrix(v, rows, columns, what);
            }
            for (T& x : v) x = random() % 2 == 0 ? T(0) : -T(0);
            check_matrix(v, rows, columns, what);
        }
    }
    std::vector<T> ramp(5000);
    for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<T>(i / (5000 / 100));
    check_matrix(ramp, 5, 1000, what);
    std::reverse(ramp.begin(), ramp.end());
    check_matrix(ramp, 5, 1000, what);
}

BOOST_AUTO_TEST_SUITE(indices_of_extremes)

BOOST_AUTO_TEST_CASE(every_type) {
    check_type<float>("float");
    check_type<double>("double");
    check_type<std::int8_t>("int8");
    check_type<std::int16_t>("int16");
    check_type<std::int32_t>("int32");
    check_type<std::int64_t>("int64");
    check_type<std::uint8_t>("uint8");
    check_type<std::uint16_t>("uint16");
    check_type<std::uint32_t>("uint32");
    check_type<std::uint64_t>("uint64");
    const sn::array<bool> m{{false, true, true}, {false, false, false}};
    support::check_ints(sn::argmax(m, {.axis = 1}), {2}, {1, 0});
    support::check_ints(sn::argmin(m, {.axis = 0}), {3}, {0, 1, 1});
    support::check_ints(sn::argmax(m), {}, {1});
}

BOOST_AUTO_TEST_CASE(long_rows_and_columns_on_any_threads) {
    std::mt19937 random(8);
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{1, 1'000'003}, {1'000'003, 1}, {3, 200'000}, {200'000, 3}, {1500, 1100}}) {
            std::vector<float> v(rows * columns);
            for (float& x : v) x = static_cast<float>(random() % 100'000);
            check_matrix(v, rows, columns, "float");
            v[v.size() - 3] = std::numeric_limits<float>::quiet_NaN();
            v[v.size() / 2] = std::numeric_limits<float>::quiet_NaN();
            check_matrix(v, rows, columns, "NaN");
        }
    }
}

BOOST_AUTO_TEST_CASE(of_views_and_statements) {
    std::mt19937 random(9);
    std::vector<float> v(60 * 70 * 50);
    for (float& x : v) x = static_cast<float>(random() % 1000) - 500;
    const sn::array<float> a = sn::from(v, {60, 70, 50});
    for (int axis = 0; axis < 3; ++axis) {
        const sn::array<float> view = a(range(5, 55), range({}, {}, -1), range(1, {}, 2));
        const sn::array<float> dense = sn::from(view.to_vector(), view.shape());
        BOOST_TEST(sn::argmax(view, {.axis = axis}).to_vector() == sn::argmax(dense, {.axis = axis}).to_vector());
        BOOST_TEST(sn::argmin(view * view, {.axis = axis}).to_vector() == sn::argmin((dense * dense).eval(), {.axis = axis}).to_vector());
        BOOST_TEST(sn::argmax(view).item() == expected(dense.to_vector(), 0, static_cast<std::size_t>(dense.size()), 1, false));
        const sn::array<float> row = sn::arange<float>(50);
        BOOST_TEST(sn::argmax(a - row, {.axis = axis}).to_vector() == sn::argmax((a - row).eval(), {.axis = axis}).to_vector());
    }
    BOOST_TEST(sn::argmax(a - sn::arange<float>(50)).item() == sn::argmax((a - sn::arange<float>(50)).eval()).item());
}

BOOST_AUTO_TEST_CASE(together_with_other_values) {
    std::mt19937 random(10);
    for (const index_t n : {10, 100, 5000, 200'001}) {
        std::vector<float> v(static_cast<std::size_t>(n));
        for (float& x : v) x = static_cast<float>(random() >> 8U);
        const sn::array<float> x = sn::from(v);
        const sn::array<float> y = x * 0.5f + 1.0f, most = sn::max(y), total = sn::sum(y), least = sn::min(y);
        const sn::array<index_t> at = sn::argmax(y), lowest = sn::argmin(y);
        sn::eval(y, most, total, at, lowest, least);
        BOOST_TEST(y.at(at.item()) == most.item());
        BOOST_TEST(y.at(lowest.item()) == least.item());
        BOOST_TEST(at.item() == expected(y.to_vector(), 0, v.size(), 1, false));
        BOOST_TEST(total.item() == sn::sum(y).item());
        // In memory that is written over.
        sn::array<float> z = sn::from(v);
        const sn::array<index_t> before = sn::argmax(z);
        z += 3.0f;
        z(range(0, n / 2)) = 0.0f;
        const sn::array<index_t> after = sn::argmax(z);
        sn::eval(z, before, after);
        BOOST_TEST(before.item() == expected(v, 0, v.size(), 1, false));
        BOOST_TEST(after.item() == expected(z.to_vector(), 0, v.size(), 1, false));
    }
}

BOOST_AUTO_TEST_CASE(extents_of_one_and_nothing) {
    support::check_ints(sn::argmax(sn::ones<float>({3, 1}), {.axis = 1}), {3}, {0, 0, 0});
    support::check_ints(sn::argmin(sn::ones<float>({1, 3}), {.axis = 0, .keepdims = true}), {1, 3}, {0, 0, 0});
    support::check_ints(sn::argmax(sn::array<float>{7}), {}, {0});
    support::check_ints(sn::argmax(sn::zeros<float>({0, 3}), {.axis = 1}), {0}, {});
    support::check_throws<sn::value_error>([] { static_cast<void>(sn::argmax(sn::array<float>()).item()); }, {"argmax: nothing to reduce in shape (0)"});
    support::check_throws<sn::value_error>([] { static_cast<void>(sn::argmin(sn::zeros<float>({2, 0}), {.axis = 1}).eval()); }, {"argmin", "(2, 0)"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
