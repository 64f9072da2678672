#include "support/check.hpp"

#include <random>

// cumsum and cumprod against plain code in the documented order, which no backend and no number of threads may change.

namespace {

namespace sn = sinter;
using sn::index_t;
using sn::range;
using support::same;

/// The order along a row: pieces of 64, each in order, then combined with what came before.
template <class T, class F>
[[nodiscard]] std::vector<T> along_row(const std::vector<T>& v, F combine) {
    std::vector<T> out(v.size());
    T before{};
    for (std::size_t first = 0; first < v.size(); first += 64) {
        const std::size_t past = std::min(v.size(), first + 64);
        out[first] = v[first];
        for (std::size_t i = first + 1; i < past; ++i) out[i] = combine(out[i - 1], v[i]);
        for (std::size_t i = first; i < past && first > 0; ++i) out[i] = combine(before, out[i]);
        before = out[past - 1];
    }
    return out;
}

template <class T>
[[nodiscard]] std::vector<T> fractions(index_t n, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<T> v(static_cast<std::size_t>(n));
    for (T& x : v) x = static_cast<T>(random()) * static_cast<T>(0x1p-31) - 1;
    return v;
}

template <class T>
void expect(const sn::array<T>& got, const std::vector<T>& expected, const std::string& what) {
    const std::vector<T> values = got.to_vector();
    BOOST_REQUIRE_EQUAL(values.size(), expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (same(values[i], expected[i])) continue;
        BOOST_ERROR(what << ": element " << i << " is " << values[i] << " instead of " << expected[i]);
        return;
    }
}

template <class T>
[[nodiscard]] T sum(T a, T b) {
    return a + b;
}
template <class T>
[[nodiscard]] T product(T a, T b) {
    return a * b;
}

template <class T>
void check_matrix(index_t rows, index_t columns) {
    const std::string what = std::to_string(rows) + "x" + std::to_string(columns);
    const auto r = static_cast<std::size_t>(rows), c = static_cast<std::size_t>(columns);
    const std::vector<T> v = fractions<T>(rows * columns, 3);
    const sn::array<T> m = sn::from(v, {rows, columns});
    std::vector<T> across, products, down(v);
    for (std::size_t i = 0; i < r; ++i) {
        const std::vector<T> row(v.begin() + static_cast<index_t>(i * c), v.begin() + static_cast<index_t>((i + 1) * c));
        const std::vector<T> sums = along_row(row, sum<T>), multiplied = along_row(row, product<T>);
        across.insert(across.end(), sums.begin(), sums.end());
        products.insert(products.end(), multiplied.begin(), multiplied.end());
    }
    if (columns > 1) {
        for (std::size_t i = c; i < down.size(); ++i) down[i] = down[i - c] + down[i];
    } else {
        down = along_row(v, sum<T>);
    }
    if (rows == 1) down = v;
    if (columns == 1) across = products = v;
    expect<T>(sn::cumsum(m, {.axis = 1}), across, "rows of " + what);
    expect<T>(sn::cumsum(m, {.axis = -2}), down, "columns of " + what);
    expect<T>(sn::cumprod(m, {.axis = 1}), products, "products of " + what);
    expect<T>(sn::cumsum(m), along_row(v, sum<T>), "all of " + what);
    // From other layouts, and of a statement.
    const sn::array<T> turned = sn::array<T>(m.transpose().eval()).transpose();
    expect<T>(sn::cumsum(turned, {.axis = 1}), across, "rows of turned " + what);
    expect<T>(sn::cumsum(turned, {.axis = 0}), down, "columns of turned " + what);
    const sn::array<T> copied = sn::from(m.transpose().to_vector(), {columns, rows});
    expect<T>(sn::cumsum(m.transpose(), {.axis = 0}), sn::cumsum(copied, {.axis = 0}).to_vector(), "columns of a view of " + what);
    const sn::array<T> backwards = sn::flip(m, 1).eval();
    expect<T>(sn::cumsum(sn::flip(backwards, 1), {.axis = 1}), across, "rows backwards of " + what);
    expect<T>(sn::cumsum(m * T(2) - m, {.axis = 1}), across, "statement of " + what);
    std::vector<T> shifted = across;
    for (T& x : shifted) x = x + T(1);
    expect<T>(sn::cumsum(m, {.axis = 1}) + T(1), shifted, "after rows of " + what);
}

/// The same of each row of a matrix.
template <class T, class F>
[[nodiscard]] std::vector<T> along_rows(const sn::array<T>& x, F combine) {
    const std::vector<T> v = x.to_vector();
    std::vector<T> out;
    for (auto row = v.begin(); row != v.end(); row += x.extent(1)) {
        const std::vector<T> one = along_row(std::vector<T>(row, row + x.extent(1)), combine);
        out.insert(out.end(), one.begin(), one.end());
    }
    return out;
}

// Threads take blocks of one row in turn, and finish each when what comes before it is known. Two of them gain nothing, so many do.
constexpr int threads_in_turns = 6;

template <class T>
void check_long_rows(index_t rows, index_t n) {
    const std::vector<T> v = fractions<T>(rows * n, 8);
    const std::string what = std::to_string(rows) + "x" + std::to_string(n);
    const sn::array<T> x = sn::from(v, {rows, n});
    const std::vector<T> sums = along_rows(x, sum<T>);
    for (const int threads : {1, 2, threads_in_turns}) {
        sn::set_threads(threads);
        expect<T>(sn::cumsum(x, {.axis = 1}), sums, "long rows of " + what);
        const sn::array<T> factors = (x * T(0.5) + T(1)).eval();
        expect<T>(sn::cumprod(factors, {.axis = 1}), along_rows(factors, product<T>), "products of " + what);
        // From other layouts, over what it reads, and beyond an unaligned start.
        const sn::array<T> backwards = sn::flip(x, 1).eval();
        expect<T>(sn::cumsum(sn::flip(backwards, 1), {.axis = 1}), sums, "backwards");
        sn::array<T> over = sn::from(v, {rows, n});
        over = sn::cumsum(over, {.axis = 1});
        expect<T>(over, sums, "in place");
        const sn::array<T> shifted = x(sn::all, range(3, {}));
        expect<T>(sn::cumsum(shifted, {.axis = 1}), along_rows(shifted, sum<T>), "unaligned");
        const sn::array<T> column = sn::from(std::vector<T>(v.begin(), v.begin() + rows), {rows, 1});
        expect<T>(sn::cumsum(x + column, {.axis = 1}), along_rows(sn::array<T>(x + column), sum<T>), "with a number of each row");
    }
}

/// Down columns several rows are stored at once, strip by strip of what the columns came to: the same as row by row.
template <class T>
void check_columns(index_t rows, index_t columns) {
    const std::string what = std::to_string(rows) + "x" + std::to_string(columns);
    const sn::array<T> a = sn::from(fractions<T>(rows * columns, 11), {rows, columns}), b = sn::from(fractions<T>(rows * columns, 12), {rows, columns});
    const sn::array<T> row = sn::from(fractions<T>(columns, 13)), column = sn::from(fractions<T>(rows, 14), {rows, 1});
    const auto check = [&](const sn::array<T>& values, const sn::array<T>& got, const std::string& of) {
        const std::vector<T> v = values.to_vector();
        std::vector<T> sums = v;
        for (std::size_t i = static_cast<std::size_t>(columns); i < sums.size(); ++i) sums[i] = sums[i - static_cast<std::size_t>(columns)] + v[i];
        expect<T>(got, sums, of + " " + what);
    };
    for (const int threads : {1, 3}) {
        sn::set_threads(threads);
        const sn::axes_option down{.axis = 0};
        check(a, sn::cumsum(a, down), "an array");
        check((a * b).eval(), sn::cumsum(a * b, down), "products");
        check((a * row + column).eval(), sn::cumsum(a * row + column, down), "a row and a column");
        check((a * row * b + column * T(2) - b * a).eval(), sn::cumsum(a * row * b + column * T(2) - b * a, down), "four inputs");
        check(sn::array<T>(sn::flip(a, 0)), sn::cumsum(sn::flip(a, 0), down), "from the last row");
        check(sn::array<T>(sn::flip(a, 1) + b), sn::cumsum(sn::flip(a, 1) + b, down), "from the last column");
        check(sn::array<T>(sn::broadcast_to(row, {rows, columns})), sn::cumsum(sn::broadcast_to(row, {rows, columns}), down), "one row");
        check(sn::array<T>(sn::broadcast_to(column, {rows, columns})), sn::cumsum(sn::broadcast_to(column, {rows, columns}), down), "one column");
        sn::array<T> over = (a + T(0)).eval();
        over = sn::cumsum(over, down);
        check(a, over, "in place");
        // Into the caller's memory, which begins within a line, and as a part of another array.
        std::vector<T> out(static_cast<std::size_t>(rows * columns + 1));
        sn::eval(sn::to(std::span(out).subspan(1), sn::cumsum(a, down)));
        check(a, sn::from(std::vector<T>(out.begin() + 1, out.end()), {rows, columns}), "to memory");
        sn::array<T> wide = sn::zeros<T>({rows, columns + 3});
        wide(sn::all, range(1, columns + 1)) = sn::cumsum(a + b, down);
        check((a + b).eval(), sn::array<T>(wide(sn::all, range(1, columns + 1))), "to a part");
        BOOST_TEST(sn::all(sn::array<bool>(wide(sn::all, range(columns + 1, {})) == T(0))).item());
    }
}

BOOST_AUTO_TEST_SUITE(scans)

BOOST_AUTO_TEST_CASE(down_columns_several_rows_at_once) {
    for (const auto& [rows, columns] : {std::pair<index_t, index_t>{2, 15}, {3, 16}, {4, 17}, {5, 64}, {9, 100}, {31, 1000}, {7, 4096}, {6, 4097}, {13, 9001}, {600, 1024}}) {
        check_columns<float>(rows, columns);
        check_columns<double>(rows, columns);
    }
}

BOOST_AUTO_TEST_CASE(down_columns_of_more_than_caches_hold) {
    // Rows that are asked for one by one, within a line too; long ones, and some that are longer than the strip of their sums.
    for (const auto& [rows, columns] : {std::pair<index_t, index_t>{5003, 1024}, {2001, 2503}, {151, 32768}, {19, 270'001}}) {
        check_columns<float>(rows, columns);
    }
    check_columns<double>(2503, 1000);
}

BOOST_AUTO_TEST_CASE(values_have_machine_code) {
    if (sn::about().isa == "portable") return;  // there is none
    sn::set_threads(1);
    const sn::array<float> m = sn::ones<float>({300, 300});
    for (const int axis : {0, 1}) {
        const sn::plan_report r = sn::explain(sn::cumsum(exp(m) * 2.0f, {.axis = axis}));
        BOOST_TEST(r.kernels.size() == 1U);
        BOOST_TEST(r.kernels[0].backend.starts_with("jit"));
    }
}

BOOST_AUTO_TEST_CASE(in_the_documented_order) {
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        for (const auto& [rows, columns] : {std::pair<index_t, index_t>{1, 1}, {1, 5}, {5, 1}, {3, 63}, {3, 64}, {4, 65}, {65, 4}, {7, 200}, {200, 7}, {2, 511}, {2, 512}, {3, 513}, {1, 1024},
                                            {2, 1025}, {1000, 3}, {3, 5000}, {1, 100'003}, {100'003, 1}, {70'000, 2}, {400, 900}}) {
            check_matrix<float>(rows, columns);
            check_matrix<double>(rows, columns);
        }
    }
}

BOOST_AUTO_TEST_CASE(long_rows_from_several_threads) {
    for (const auto& [rows, n] : {std::pair<index_t, index_t>{1, 16384 * 4}, {1, 16384 * 5 + 17}, {3, 16384 * 7 + 1}, {1, 1'000'003}, {2, 300'000}}) {
        check_long_rows<float>(rows, n);
        check_long_rows<double>(rows, n);
    }
}

BOOST_AUTO_TEST_CASE(long_rows_of_integers) {
    std::mt19937 random(5);
    std::vector<std::int32_t> v(700'001);
    for (std::int32_t& x : v) x = static_cast<std::int32_t>(random());
    std::vector<std::int64_t> sums, products;
    std::int64_t total = 0;
    std::uint64_t factor = 1;
    for (const std::int32_t x : v) {
        sums.push_back(total += x);
        products.push_back(static_cast<std::int64_t>(factor *= static_cast<std::uint64_t>(x) | 1U));
    }
    const sn::array<std::int32_t> x = sn::from(v);
    for (const int threads : {1, threads_in_turns}) {
        sn::set_threads(threads);
        BOOST_TEST((sn::cumsum(x).to_vector() == sums));
        BOOST_TEST((sn::cumprod(sn::cast<std::int64_t>(x) | std::int64_t{1}).to_vector() == products));
    }
    BOOST_TEST(sn::explain(sn::cumsum(x)).kernels[0].threads == threads_in_turns);
}

BOOST_AUTO_TEST_CASE(integers_are_exact) {
    std::mt19937 random(4);
    std::vector<std::int32_t> v(3000);
    for (std::int32_t& x : v) x = static_cast<std::int32_t>(random());
    const sn::array<std::int64_t> sums = sn::cumsum(sn::from(v));
    std::int64_t total = 0;
    std::vector<std::int64_t> expected;
    for (const std::int32_t x : v) expected.push_back(total += x);
    BOOST_TEST(sums.to_vector() == expected);
    const sn::array<std::uint64_t> bytes = sn::cumprod(sn::array<std::uint8_t>{200, 200, 200});
    BOOST_TEST(bytes.to_vector() == std::vector<std::uint64_t>({200, 40'000, 8'000'000}));
    support::check_ints(sn::cumsum(sn::array<bool>{true, false, true}), {3}, {1, 1, 2});
    const sn::array<std::int64_t> wraps = sn::cumsum(sn::array<std::int64_t>{std::numeric_limits<std::int64_t>::max(), 1});
    BOOST_TEST(wraps.to_vector().back() == std::numeric_limits<std::int64_t>::min());
}

BOOST_AUTO_TEST_CASE(of_three_axes_and_views) {
    const std::vector<float> v = fractions<float>(6 * 70 * 9, 5);
    const sn::array<float> a = sn::from(v, {6, 70, 9});
    for (int axis = 0; axis < 3; ++axis) {
        const sn::array<float> view = a(range(1, {}), range({}, {}, -1), range({}, {}, 2));
        const sn::array<float> dense = sn::from(view.to_vector(), view.shape());
        const std::vector<float> got = sn::cumsum(view, {.axis = axis}).to_vector();
        BOOST_TEST(got == sn::cumsum(dense, {.axis = axis}).to_vector());
        // Each line by itself.
        const sn::array<float> lines = sn::moveaxis(dense, axis, 2);
        const sn::array<float> sums = sn::moveaxis(sn::cumsum(dense, {.axis = axis}), axis, 2);
        const sn::array<float> first = lines(1, 1, sn::all);
        std::vector<float> expected = first.to_vector();
        if (axis == 2) {
            expected = along_row(expected, sum<float>);
        } else {
            for (std::size_t i = 1; i < expected.size(); ++i) expected[i] = expected[i - 1] + expected[i];
        }
        BOOST_TEST(sums(1, 1, sn::all).to_vector() == expected);
    }
}

BOOST_AUTO_TEST_CASE(special_values_and_nothing) {
    const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    support::check(sn::cumsum(sn::array<float>{-0.0f, -0.0f, 1}), {3}, {-0.0f, -0.0f, 1});
    support::check(sn::cumsum(sn::array<float>{1, inf, 2, -inf, 3}), {5}, {1, inf, inf, nan, nan});
    support::check(sn::cumprod(sn::array<float>{2, -0.0f, 3}), {3}, {2, -0.0f, -0.0f});
    support::check(sn::cumsum(sn::array<float>()), {0}, {});
    support::check(sn::cumsum(sn::zeros<float>({0, 3}), {.axis = 1}), {0, 3}, {});
    support::check(sn::cumsum(sn::array<float>{7}(0).eval()), {1}, {7});
    support::check(sn::cumsum(sn::ones<float>({2, 2}) + 1.0f), {4}, {2, 4, 6, 8});
    support::check(sn::cumsum(sn::sum(sn::ones<float>({3, 4}), {.axis = 1}) * 2.0f), {3}, {8, 16, 24});
}

BOOST_AUTO_TEST_CASE(a_moving_mean_in_two_kernels) {
    const sn::array<float> x = sn::from(fractions<float>(100'000, 6));
    const sn::array<float> total = sn::cumsum(x * 2.0f);
    const sn::array<float> mean = (total(range(100, {})) - total(range({}, -100))) / 100.0f;
    const sn::plan_report r = sn::explain(mean);
    BOOST_TEST(r.kernels.size() == 2U);
    const sn::array<float> stored = sn::cumsum((x * 2.0f).eval()).eval();
    BOOST_TEST(mean.to_vector() == ((stored(range(100, {})) - stored(range({}, -100))) / 100.0f).to_vector());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
