#include "support/check.hpp"

#include <sinter/detail/reduction_order.hpp>

#include <algorithm>
#include <bit>
#include <limits>
#include <random>

// min and max of long rows to the bit: which NaN stays, and the sign of zeros, in the order of every reduction.

namespace {

namespace sn = sinter;
using sn::index_t;

template <class T>
using bits_of = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

/// The first NaN if there is one; of two zeros, the second.
template <class T>
[[nodiscard]] T better(T a, T b, bool least) {
    if (a != a) return a;
    return least ? (a < b ? a : b) : a > b ? a : b;
}

template <class T>
[[nodiscard]] T expected(const std::vector<T>& v, bool least) {
    namespace order = sn::detail::reduction_order;
    constexpr std::size_t lanes = order::row_lanes(sizeof(T));
    const T identity = least ? std::numeric_limits<T>::infinity() : -std::numeric_limits<T>::infinity();
    std::vector<T> row = v;
    for (bool again = true; again;) {
        std::vector<T> blocks;
        for (std::size_t from = 0; from < row.size(); from += order::row_block) {
            std::array<T, lanes> lane;
            lane.fill(identity);
            const std::size_t past = std::min(row.size(), from + order::row_block);
            for (std::size_t i = from; i < past; ++i) lane[(i - from) % lanes] = better(lane[(i - from) % lanes], row[i], least);
            for (std::size_t h = lanes / 2; h > 0; h /= 2) {
                for (std::size_t l = 0; l < h; ++l) lane[l] = better(lane[l], lane[l + h], least);
            }
            blocks.push_back(lane[0]);
        }
        again = row.size() > order::row_block;
        row = blocks;
    }
    return row[0];
}

template <class T>
[[nodiscard]] std::vector<T> values(std::size_t n, std::mt19937& random, unsigned kind) {
    std::vector<T> v(n);
    for (T& x : v) {
        switch (kind) {
            case 0: x = static_cast<T>(random() % 1000) - T(500); break;
            case 1: x = random() % 2 == 0 ? T(0) : -T(0); break;
            default: x = random() % 3 == 0 ? T(0) : -static_cast<T>(random() % 2); break;
        }
    }
    if (kind < 3) return v;
    // NaN of many kinds: few, or nothing else.
    const std::size_t gap = kind == 3 ? n / 3 + 1 : kind == 4 ? 17 : 1;
    for (std::size_t i = random() % gap; i < n; i += 1 + random() % gap) {
        const auto nan = std::bit_cast<bits_of<T>>(std::numeric_limits<T>::quiet_NaN());
        v[i] = std::bit_cast<T>(static_cast<bits_of<T>>(nan | (random() & 0xffffU) | (random() % 2 == 0 ? bits_of<T>{1} << (8 * sizeof(T) - 1) : 0)));
    }
    return v;
}

template <class T>
void check(const char* what) {
    std::mt19937 random(11);
    const auto same = [](T a, T b) { return std::bit_cast<bits_of<T>>(a) == std::bit_cast<bits_of<T>>(b); };
    for (const std::size_t n : {1U, 20U, 63U, 64U, 511U, 512U, 513U, 575U, 577U, 1023U, 2047U, 4100U, 65535U, 65536U, 66000U, 150'001U}) {
        for (unsigned kind = 0; kind < 6; ++kind) {
            const std::vector<T> v = values<T>(n, random, kind);
            const std::string name = std::string(what) + " " + std::to_string(n) + " kind " + std::to_string(kind);
            const T most = expected(v, false), least = expected(v, true);
            const sn::array<T> x = sn::from(v);
            BOOST_TEST(same(sn::max(x).item(), most), name);
            BOOST_TEST(same(sn::min(x).item(), least), name);
            // Several of one value, of several values, and beside conditions.
            const sn::array<T> a = sn::max(x), b = sn::min(x), c = sn::max(-x), d = sn::sum(sn::where(x > T(3), x, T(0)));
            const sn::array<index_t> at = sn::argmax(x), lowest = sn::argmin(x);
            const sn::array<bool> any = sn::any(x > T(400));
            sn::eval(a, b, c, d, at, lowest, any);
            BOOST_TEST(same(a.item(), most), name);
            BOOST_TEST(same(b.item(), least), name);
            std::vector<T> negative = v;
            for (T& y : negative) y = -y;
            BOOST_TEST(same(c.item(), expected(negative, false)), name);
            BOOST_TEST(at.item() == sn::argmax(x).item(), name);
            BOOST_TEST(lowest.item() == sn::argmin(x).item(), name);
            if (n > 5000) continue;
            std::vector<T> twice = v;
            twice.insert(twice.end(), v.rbegin(), v.rend());
            const sn::array<T> rows = sn::from(twice, {2, static_cast<index_t>(n)});
            const std::vector<T> reversed(v.rbegin(), v.rend());
            if (n < static_cast<std::size_t>(sn::detail::reduction_order::merged_row)) continue;
            BOOST_TEST(same(sn::max(rows, {.axis = 1})(0), most), name);
            BOOST_TEST(same(sn::max(rows, {.axis = 1})(1), expected(reversed, false)), name);
            BOOST_TEST(same(sn::min(rows, {.axis = 1})(1), expected(reversed, true)), name);
        }
    }
}

BOOST_AUTO_TEST_SUITE(extremes)

BOOST_AUTO_TEST_CASE(which_nan_and_which_zero) {
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        check<float>("float");
        check<double>("double");
    }
}

/// Of wide values there are fewer accumulators than vectors that go side by side for conditions, or for narrower values.
BOOST_AUTO_TEST_CASE(beside_what_has_more_accumulators) {
    constexpr index_t rows = 24;
    const sn::reduce_options o{.axis = 1};
    for (const index_t n : {32, 64, 96, 111, 200}) {
        const sn::array<double> x = sn::random::uniform<double>(sn::random::key{1}, {rows, n});
        const auto check = [&](const sn::array<double>& w, double limit) {
            w.eval();
            std::vector<double> most, least;
            for (index_t r = 0; r < rows; ++r) {
                const double* const row = w.data() + r * n;
                most.push_back(*std::max_element(row, row + n));
                least.push_back(*std::min_element(row, row + n));
            }
            return [=](const sn::array<double>& again) {
                const std::string name = std::to_string(n) + " to a row";
                const sn::array<double> high = sn::max(again, o), low = sn::min(again, o);
                const sn::array<bool> any = sn::any(again > limit, o), all = sn::all(again < limit, o);
                const sn::array<float> narrow = sn::max(sn::cast<float>(again) * 0.5f, o);
                sn::eval(high, any);
                BOOST_TEST(high.to_vector() == most, name);
                sn::eval(low, all);
                BOOST_TEST(low.to_vector() == least, name);
                const sn::array<double> beside = sn::max(again * 1.0, o);
                sn::eval(beside, narrow);
                BOOST_TEST(beside.to_vector() == most, name);
                for (index_t r = 0; r < rows; ++r) BOOST_TEST(any(r) == (most[static_cast<std::size_t>(r)] > limit), name);
                for (index_t r = 0; r < rows; ++r) BOOST_TEST(all(r) == (most[static_cast<std::size_t>(r)] < limit), name);
            };
        };
        const auto exponential = [&] { return sn::array<double>(sn::exp(x)); };
        const auto mixed = [&] { return sn::array<double>(sn::sqrt(sn::abs(x * x - 0.3)) + sn::clip(x, 0.25, 0.75) * x); };
        check(exponential(), 2.7)(exponential());
        check(mixed(), 1.4)(mixed());
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
