#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

// Rows of a few elements are combined by operations where there are many of them: with the bits of reductions of one row.

namespace sn = sinter;

namespace {

template <class T>
using bits_of = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

template <class T>
std::uint64_t bits(T x) {
    if constexpr (std::floating_point<T>) return std::isnan(x) ? 1 : std::bit_cast<bits_of<T>>(x);
    else return static_cast<std::uint64_t>(x);
}

/// Each row by itself, which is too few rows for anything but a reduction.
template <class T, class F>
void same_as_one_row(const std::vector<T>& values, sn::index_t columns, F&& reduce) {
    const auto rows = static_cast<sn::index_t>(values.size()) / columns;
    const sn::array<T> m = sn::array<T>(sn::from(values).reshape({rows, columns}));
    const auto all = reduce(m, sn::reduce_options{.axis = 1}).to_vector();
    for (sn::index_t r = 0; r < rows; ++r) {
        const sn::array<T> row = m(sn::range(r, r + 1), sn::all);
        BOOST_TEST(bits(all[static_cast<std::size_t>(r)]) == bits(reduce(row, sn::reduce_options{.axis = 1}).to_vector()[0]), "row " << r << " of " << columns);
    }
}

template <class T>
std::vector<T> numbers(std::size_t n) {
    std::vector<T> x(n);
    std::uint64_t state = 88172645463325252U;
    for (T& v : x) {
        state ^= state << 13U;
        state ^= state >> 7U;
        state ^= state << 17U;
        v = static_cast<T>(static_cast<std::int64_t>(state >> 40U) - (1 << 23));
    }
    if constexpr (std::floating_point<T>) {
        const std::array special{T(0), -T(0), std::numeric_limits<T>::infinity(), -std::numeric_limits<T>::infinity(), std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::denorm_min()};
        for (std::size_t i = 0; i < n; ++i) {
            x[i] /= T(7919);
            if (i % 3 != 0) x[i] = special[(i * 7 + i / 11) % special.size()];
            if (i < 24) x[i] = -T(0);
        }
    }
    return x;
}

template <class T>
void all_reductions() {
    for (const sn::index_t columns : {1, 2, 3, 4, 5}) {
        const std::vector<T> x = numbers<T>(static_cast<std::size_t>(columns) * 50);
        same_as_one_row(x, columns, [](const auto& m, const auto& o) { return sn::array(sn::sum(m, o)); });
        same_as_one_row(x, columns, [](const auto& m, const auto& o) { return sn::array(sn::prod(m, o)); });
        same_as_one_row(x, columns, [](const auto& m, const auto& o) { return sn::array(sn::max(m, o)); });
        same_as_one_row(x, columns, [](const auto& m, const auto& o) { return sn::array(sn::min(m, o)); });
        same_as_one_row(x, columns, [](const auto& m, const auto& o) { return sn::array(sn::mean(m, o)); });
        same_as_one_row(x, columns, [](const auto& m, const auto& o) { return sn::array(sn::var(m, {.axis = o.axis})); });
        same_as_one_row(x, columns, [](const auto& m, const auto& o) { return sn::array(sn::sum(m * m, o)); });
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(short_rows)

BOOST_AUTO_TEST_CASE(floats) { all_reductions<float>(); }
BOOST_AUTO_TEST_CASE(doubles) { all_reductions<double>(); }
BOOST_AUTO_TEST_CASE(integers) {
    all_reductions<std::int32_t>();
    all_reductions<std::uint8_t>();
    all_reductions<std::int64_t>();
}

BOOST_AUTO_TEST_CASE(several_short_axes) {
    const std::vector<float> x = numbers<float>(2400);
    const sn::array<float> m = sn::array<float>(sn::from(x).reshape({600, 2, 2}));
    const std::vector<float> both = sn::array<float>(sn::sum(m, {.axis = {1, 2}})).to_vector(), rows = sn::array<float>(sn::sum(m.reshape({600, 4}), {.axis = 1})).to_vector();
    for (std::size_t i = 0; i < both.size(); ++i) BOOST_TEST(bits(both[i]) == bits(rows[i]));
    const std::vector<float> last = sn::array<float>(sn::max(m.transpose(), {.axis = 2})).to_vector();
    BOOST_TEST(last.size() == 4U);
}

BOOST_AUTO_TEST_CASE(go_in_whole_vectors) {
    const sn::array<float> m = sn::ones<float>({1000, 3});
    m.eval();
    const sn::array<float> length = sn::sqrt(sn::sum(m * m, {.axis = 1}));
    const sn::plan_report p = sn::explain(length);
    BOOST_REQUIRE(p.kernels.size() == 1U);
    BOOST_TEST(p.kernels[0].kind == "map");
}

BOOST_AUTO_TEST_SUITE_END()
