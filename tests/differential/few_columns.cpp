#include "support/check.hpp"

#include <sinter/detail/reduction_order.hpp>

#include <bit>
#include <random>

// Columns so few that several blocks of their rows are reduced side by side, and so many that several rows at once are added to what they have come to: the same
// bits as row by row.

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

struct sizes {
    std::vector<std::size_t> rows, columns;
};

template <class T>
void check(const char* what, const sizes& all) {
    std::mt19937 random(5);
    const auto add = [](T a, T b) { return static_cast<T>(a + b); };
    const auto greater = [](T a, T b) { return a > b ? a : b; };
    for (const std::size_t rows : all.rows) {
        for (const std::size_t columns : all.columns) {
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
        const sizes few{{256, 4096, 4097, 8191, 20'000, 70'001}, {2, 3, 7, 16, 17, 64, 100, 129}};
        check<float>("float", few);
        check<double>("double", few);
        check<std::int64_t>("int64", few);
    }
}

// Past the second cache.
BOOST_AUTO_TEST_CASE(several_rows_at_once) {
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        const sizes many{{259, 1037, 2048}, {600, 1024, 5003}};
        check<float>("float", many);
        check<double>("double", many);
        check<std::int64_t>("int64", many);
    }
}

BOOST_AUTO_TEST_CASE(several_rows_at_once_of_parts_of_arrays) {
    const index_t outer = 3, rows = 301, columns = 1100;
    std::mt19937 random(7);
    std::vector<float> v(static_cast<std::size_t>(outer * rows * columns));
    for (float& x : v) x = static_cast<float>(random() % 1000) / 3;
    const sn::array<float> x = sn::from(v, {outer, rows, columns});
    const sn::array<float> sums = sn::sum(x(sn::all, sn::range({}, {}, -1), sn::range(3, 1003)), {.axis = 1});
    for (index_t o = 0; o < outer; ++o) {
        std::vector<float> part;
        for (index_t r = rows; r-- > 0;) {
            const auto from = v.begin() + (o * rows + r) * columns;
            part.insert(part.end(), from + 3, from + 1003);
        }
        BOOST_TEST(sn::array<float>(sums(o)).to_vector() == expected(part, 1000, 0.0f, [](float a, float b) { return a + b; }));
    }
}

// What is promised to be quick is not quietly done in another way.
BOOST_AUTO_TEST_CASE(long_rows_are_added_several_at_once) {
    if (sn::about().isa == "portable") return;
    const sn::array<float> x = sn::ones<float>({2048, 1024}).eval();
    BOOST_TEST(sn::explain(sn::sum(x, {.axis = 0})).to_string().find("8 rows at once") != std::string::npos);
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
