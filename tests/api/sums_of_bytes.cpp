#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <type_traits>
#include <vector>

// Sums and counts of bytes, which are added in whole vectors, against plain loops: lengths around those of vectors, turns and blocks, rows that begin anywhere.

namespace {

namespace sn = sinter;
using sn::index_t;

template <class T>
[[nodiscard]] std::vector<T> bytes(std::mt19937& random, index_t n, bool extreme) {
    std::vector<T> v(static_cast<std::size_t>(n));
    for (T& x : v) x = extreme ? std::numeric_limits<T>::lowest() : static_cast<T>(random() % 3 == 0 ? 0U : static_cast<unsigned>(random()));
    return v;
}

template <class T>
void check_rows(const std::vector<T>& v, index_t rows, index_t columns, index_t offset) {
    using total = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
    std::vector<total> sums;
    std::vector<index_t> counts;
    for (index_t r = 0; r < rows; ++r) {
        const T* const row = v.data() + offset + r * columns;
        sums.push_back(std::accumulate(row, row + columns, total{0}));
        counts.push_back(columns - std::count(row, row + columns, T(0)));
    }
    for (const int threads : {1, 2}) {
        const sn::scoped_options o{.threads = threads};
        const sn::array<T> x = sn::borrow(v.data() + offset, {rows, columns});
        BOOST_TEST((sn::sum(x, {.axis = 1}).to_vector() == sums), rows << " rows of " << columns);
        BOOST_TEST((sn::count_nonzero(x, {.axis = 1}).to_vector() == counts), rows << " rows of " << columns);
        BOOST_TEST((sn::count_nonzero(x != T(0), {.axis = 1}).to_vector() == counts), rows << " rows of " << columns);
        const sn::array<bool> mask = (x != T(0)).eval();
        BOOST_TEST((sn::count_nonzero(mask, {.axis = 1}).to_vector() == counts), rows << " rows of " << columns);
        BOOST_TEST(sn::sum(mask).item() == std::accumulate(counts.begin(), counts.end(), index_t{0}));
        BOOST_TEST(sn::sum(x).item() == std::accumulate(sums.begin(), sums.end(), total{0}));
    }
}

BOOST_AUTO_TEST_SUITE(sums_of_bytes)

BOOST_AUTO_TEST_CASE(rows_of_every_length) {
    std::mt19937 random(5);
    const auto check = [&](index_t rows, index_t columns) {
        const auto offset = static_cast<index_t>(random() % 64);
        for (const bool extreme : {false, true}) {
            check_rows(bytes<std::int8_t>(random, offset + rows * columns, extreme), rows, columns, offset);
            check_rows(bytes<std::uint8_t>(random, offset + rows * columns, extreme), rows, columns, offset);
        }
    };
    for (const index_t columns : {1, 7, 31, 32, 33, 95, 96, 97, 127, 128, 129, 159, 160, 255, 256, 257, 288, 511, 512, 513, 1023, 1024, 1025}) check(3, columns);
    for (const index_t columns : {65535, 65536, 65537, 131072 + 300, 1000003}) check(2, columns);
    check(1, 5000001);
}

/// What is fused with the sum, or lies elsewhere, is not added as bytes.
BOOST_AUTO_TEST_CASE(others) {
    std::mt19937 random(6);
    const std::vector<std::int8_t> v = bytes<std::int8_t>(random, 6000, false);
    const sn::array<std::int8_t> x = sn::from(v, {2, 3000});
    std::int64_t second = 0, twice = 0;
    std::vector<std::int64_t> columns(3000);
    for (std::size_t i = 0; i < v.size(); ++i) {
        second += i % 2 == 0 ? v[i] : 0;
        twice += static_cast<std::int8_t>(v[i] + v[i]);
        columns[i % 3000] += v[i];
    }
    BOOST_TEST(sn::sum(x(sn::all, sn::range({}, {}, 2))).item() == second);
    BOOST_TEST(sn::sum(x + x).item() == twice);
    BOOST_TEST((sn::sum(x, {.axis = 0}).to_vector() == columns));
    BOOST_TEST(sn::sum(sn::broadcast_to(x(0, sn::range(0, 1)), {1000})).item() == 1000 * v[0]);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
