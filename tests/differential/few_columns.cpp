#include "support/check.hpp"

#include <sinter/detail/reduction_order.hpp>

#include <bit>
#include <random>

// Columns of so few elements that several blocks of their rows are reduced side by side: the same bits as one after the other.

namespace {

namespace sn = sinter;
using sn::index_t;

/// The rows in order, in blocks, then the blocks' results.
template <class T, class F>
[[nodiscard]] std::vector<T> expected(std::vector<T> v, std::size_t columns, T identity, F combine) {
    constexpr std::size_t block = sn::detail::reduction_order::column_block;
    for (bool again = true; again;) {
        const std::size_t rows = v.size() / columns;
        std::vector<T> blocks;
        for (std::size_t from = 0; from < rows; from += block) {
            std::vector<T> sums(columns, identity);
            for (std::size_t r = from; r < std::min(rows, from + block); ++r) {
                for (std::size_t c = 0; c < columns; ++c) sums[c] = combine(sums[c], v[r * columns + c]);
            }
            blocks.insert(blocks.end(), sums.begin(), sums.end());
        }
        again = rows > block;
        v = std::move(blocks);
    }
    return v;
}

template <class T>
void check(const char* what) {
    std::mt19937 random(5);
    const auto add = [](T a, T b) { return static_cast<T>(a + b); };
    const auto greater = [](T a, T b) { return a > b ? a : b; };
    for (const std::size_t rows : {256U, 4096U, 4097U, 8191U, 20'000U, 70'001U}) {
        for (const std::size_t columns : {2U, 3U, 7U, 16U, 17U, 64U, 100U, 129U}) {
            if (rows * columns > 3'000'000) continue;
            std::vector<T> v(rows * columns), squares, moved;
            for (T& x : v) x = static_cast<T>(static_cast<T>(random() % 2001) / T(7)) - T(100);
            std::vector<T> row(columns);
            for (T& x : row) x = static_cast<T>(random() % 13);
            for (std::size_t i = 0; i < v.size(); ++i) {
                squares.push_back(v[i] * v[i]);
                moved.push_back(v[i] - row[i % columns]);
            }
            const std::string name = std::string(what) + " " + std::to_string(rows) + "x" + std::to_string(columns);
            const sn::array<T> x = sn::from(v, {static_cast<index_t>(rows), static_cast<index_t>(columns)}), r = sn::from(row);
            const std::vector<T> sums = expected(v, columns, T(0), add), most = expected(v, columns, std::numeric_limits<T>::lowest(), greater);
            BOOST_TEST(sn::cast<T>(sn::sum(x, {.axis = 0})).to_vector() == sums, name);
            BOOST_TEST(sn::max(x, {.axis = 0}).to_vector() == most, name);
            BOOST_TEST(sn::reduce([](auto p, auto q) { return p + q; }, 0, x, {.axis = 0}).to_vector() == sums, name);
            BOOST_TEST(sn::cast<T>(sn::sum(x - r, {.axis = 0})).to_vector() == expected(moved, columns, T(0), add), name);
            // A statement of its own, so that the product is rounded.
            const sn::array<T> of_squares = x * x;
            const sn::array<T> a = sn::cast<T>(sn::sum(of_squares, {.axis = 0})), b = sn::max(x, {.axis = 0}), c = sn::cast<T>(sn::sum(x, {.axis = 0}));
            sn::eval(a, b, c);
            BOOST_TEST(a.to_vector() == expected(squares, columns, T(0), add), name);
            BOOST_TEST(b.to_vector() == most, name);
            BOOST_TEST(c.to_vector() == sums, name);
        }
    }
}

BOOST_AUTO_TEST_SUITE(few_columns)

BOOST_AUTO_TEST_CASE(in_blocks_side_by_side) {
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        check<float>("float");
        check<double>("double");
        check<std::int64_t>("int64");
    }
}

// Of three axes, and with what lies between the rows.
BOOST_AUTO_TEST_CASE(of_parts_of_arrays) {
    const index_t outer = 3, rows = 5000, columns = 6;
    std::mt19937 random(6);
    std::vector<float> v(static_cast<std::size_t>(outer * rows * columns));
    for (float& x : v) x = static_cast<float>(random() % 1000) / 3;
    const sn::array<float> x = sn::from(v, {outer, rows, columns});
    const sn::array<float> narrow = x(sn::all, sn::all, sn::range(1, 5));
    for (index_t o = 0; o < outer; ++o) {
        std::vector<float> part, inner;
        for (index_t i = o * rows * columns; i < (o + 1) * rows * columns; ++i) {
            part.push_back(v[static_cast<std::size_t>(i)]);
            if (i % columns >= 1 && i % columns < 5) inner.push_back(part.back());
        }
        const auto add = [](float a, float b) { return a + b; };
        BOOST_TEST(sn::array<float>(sn::sum(x, {.axis = 1})(o)).to_vector() == expected(part, 6, 0.0f, add));
        BOOST_TEST(sn::array<float>(sn::sum(narrow, {.axis = 1})(o)).to_vector() == expected(inner, 4, 0.0f, add));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
