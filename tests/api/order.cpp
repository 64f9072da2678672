#include "support/check.hpp"

#include <xmmintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

// sort, argsort, partition, topk, median, quantile, unique, searchsorted, histogram, bincount and nonzero as a program calls them.

namespace {

namespace sn = sinter;
using sn::index_t;
using sn::range;
using support::check;
using support::check_equal;
using support::check_ints;
using support::shape_of;

constexpr float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
const sn::array<float> m{{3, 1, 2}, {9, 8, 7}, {4, 6, 5}};

BOOST_AUTO_TEST_SUITE(order)

BOOST_AUTO_TEST_CASE(sorting) {
    check(sn::sort(m), {3, 3}, {1, 2, 3, 7, 8, 9, 4, 5, 6});
    check(sn::sort(m, {.axis = 0}), {3, 3}, {3, 1, 2, 4, 6, 5, 9, 8, 7});
    check(sn::sort(m, {.axis = -2}), {3, 3}, {3, 1, 2, 4, 6, 5, 9, 8, 7});
    check(sn::sort(m, {.axis = {}}), {9}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
    check_ints(sn::argsort(m), {3, 3}, {1, 2, 0, 2, 1, 0, 0, 2, 1});
    check_ints(sn::argsort(m, {.axis = 0}), {3, 3}, {0, 0, 0, 2, 2, 2, 1, 1, 1});
    check_ints(sn::argsort(m, {.axis = {}}), {9}, {1, 2, 0, 6, 8, 7, 5, 4, 3});
    check_ints(sn::sort(sn::array<std::int8_t>{3, -128, 127, 0, -1}), {5}, {-128, -1, 0, 3, 127});
    check_ints(sn::sort(sn::array<bool>{true, false, true}), {3}, {0, 1, 1});
    check(sn::sort(m * -1.0f)(0), {3}, {-3, -2, -1});
    check(sn::sort(m(range({}, {}, -1), 1)), {3}, {1, 6, 8});
}

BOOST_AUTO_TEST_CASE(the_result_is_an_array_of_its_own) {
    sn::array<float> x{3, 1, 2};
    sn::array<float> y = sn::sort(x);
    BOOST_CHECK(!y.is_pending());
    x.at(0) = 7;
    check(y, {3}, {1, 2, 3});
    y += 1.0f;
    y.at(0) = 0;
    check(y, {3}, {0, 3, 4});
    check(x, {3}, {7, 1, 2});
    float memory[] = {5, 4};
    sn::array<float> borrowed = sn::borrow(memory, {2});
    const sn::array<float> sorted = sn::sort(borrowed);
    borrowed.at(0) = 1;
    check(sorted, {2}, {4, 5});
}

BOOST_AUTO_TEST_CASE(nan_is_last_and_equal_elements_stay_in_order) {
    const sn::array<float> x{nan, 2, -inf, -0.0f, 0, -nan, inf, -0.0f};
    check(sn::sort(x), {8}, {-inf, -0.0f, 0, -0.0f, 2, inf, nan, nan});
    check_ints(sn::argsort(x), {8}, {2, 3, 4, 7, 1, 6, 0, 5});
    check(sn::unique(x), {5}, {-inf, -0.0f, 2, inf, nan});
    check(sn::topk(x, 3).values, {3}, {inf, 2, -0.0f});
    check_ints(sn::topk(x, 8).indices, {8}, {6, 1, 3, 4, 7, 2, 0, 5});
    check_ints(sn::topk(x, 3, {.largest = false}).indices, {3}, {2, 3, 4});
    check(sn::partition(x, 4), {8}, {-inf, -0.0f, 0, -0.0f, 2, nan, -nan, inf});
    check(sn::median(x), {}, {nan});
}

BOOST_AUTO_TEST_CASE(partitions) {
    check(sn::partition(m, 1), {3, 3}, {1, 2, 3, 7, 8, 9, 4, 5, 6});
    check(sn::partition(sn::array<float>{5, 1, 4, 2, 3, 4, 0}, 4), {7}, {1, 2, 3, 0, 4, 4, 5});
    check_ints(sn::argpartition(sn::array<float>{5, 1, 4, 2, 3, 4, 0}, -3), {7}, {1, 3, 4, 6, 2, 5, 0});
    check(sn::partition(m, 0, {.axis = 0}), {3, 3}, {3, 1, 2, 9, 8, 7, 4, 6, 5});
}

BOOST_AUTO_TEST_CASE(the_first_k) {
    const auto [values, indices] = sn::topk(m, 2);
    check(values, {3, 2}, {3, 2, 9, 8, 6, 5});
    check_ints(indices, {3, 2}, {0, 2, 0, 1, 1, 2});
    check(sn::topk(m, 1, {.axis = 0}).values, {1, 3}, {9, 8, 7});
    check(sn::topk(m, 2, {.axis = {}, .largest = false}).values, {2}, {1, 2});
    check_ints(sn::topk(sn::array<std::uint8_t>{1, 7, 7, 0, 7}, 2).indices, {2}, {1, 2});
    check_ints(sn::topk(sn::array<std::int64_t>{std::numeric_limits<std::int64_t>::min(), -1}, 2).values, {2}, {-1, std::numeric_limits<std::int64_t>::min()});
    BOOST_CHECK(shape_of(sn::topk(m, 0).values) == (std::vector<index_t>{3, 0}));
}

BOOST_AUTO_TEST_CASE(medians_and_quantiles) {
    check(sn::median(m), {}, {5});
    check(sn::median(m, {.axis = 1}), {3}, {2, 8, 5});
    check(sn::median(m, {.axis = 0, .keepdims = true}), {1, 3}, {4, 6, 5});
    check(sn::median(m(range(0, 2)), {.axis = {0, 1}, .keepdims = true}), {1, 1}, {5});
    check_equal<sn::array<double>, double>(sn::median(sn::array<int>{4, 1, 2, 3}), {}, {2.5});
    check_equal<sn::array<double>, double>(sn::median(sn::array<bool>{true, false}), {}, {0.5});
    check(sn::quantile(sn::array<float>{40, 10, 20, 30, 50}, 0.1), {}, {14});
    check(sn::quantile(sn::array<float>{40, 10, 20, 30, 50}, {0, 0.5, 1}), {3}, {10, 30, 50});
    check(sn::quantile(m, {0.5}, {.axis = 1}), {1, 3}, {2, 8, 5});
    check(sn::quantile(m, std::vector<double>{0.25, 1}, {.axis = 0, .keepdims = true}), {2, 1, 3}, {3.5f, 3.5f, 3.5f, 9, 8, 7});
    const sn::array<float> four{4, 1, 2, 3};
    using sn::quantile_method;
    check(sn::quantile(four, 0.4, {.method = quantile_method::lower}), {}, {2});
    check(sn::quantile(four, 0.4, {.method = quantile_method::higher}), {}, {3});
    check(sn::quantile(four, 0.4, {.method = quantile_method::midpoint}), {}, {2.5f});
    check(sn::quantile(four, 0.4, {.method = quantile_method::nearest}), {}, {2});
    check(sn::quantile(four, 0.5, {.method = quantile_method::nearest}), {}, {3});
    check(sn::quantile(sn::array<float>{-inf, 0, inf}, {0.25, 0.5, 0.75}), {3}, {-inf, 0, inf});
    // Of any range of numbers, and of an array, whose axes come first.
    const sn::array<float> five{40, 10, 20, 30, 50};
    check(sn::quantile(five, std::array<float, 2>{0.5f, 1}), {2}, {30, 50});
    const double some[] = {0, 0.25};
    check(sn::quantile(m, some, {.axis = 1}), {2, 3}, sn::quantile(m, {0, 0.25}, {.axis = 1}).to_vector());
    check(sn::quantile(five, sn::array<double>{{0, 1}, {0.5, 0.25}}), {2, 2}, {10, 50, 30, 20});
    check(sn::quantile(five, sn::full<float>({}, 0.5f)), {}, {30});
    check(sn::quantile(m, sn::array<float>{0, 1} * 0.5f, {.axis = 1, .keepdims = true}), {2, 3, 1}, sn::quantile(m, {0, 0.5}, {.axis = 1}).to_vector());
    // Their sum is past the greatest double.
    check_equal<sn::array<double>, double>(sn::median(sn::array<double>{1.5e308, 1.7e308}), {}, {1.6e308});
}

BOOST_AUTO_TEST_CASE(distinct_values) {
    const sn::array<int> x{{5, 2, 5}, {9, 2, 2}};
    check_ints(sn::unique(x), {3}, {2, 5, 9});
    const auto all = sn::unique_all(x);
    check_ints(all.values, {3}, {2, 5, 9});
    check_ints(all.indices, {3}, {1, 0, 3});
    check_ints(all.inverse, {2, 3}, {1, 0, 1, 2, 0, 0});
    check_ints(all.counts, {3}, {3, 2, 1});
}

BOOST_AUTO_TEST_CASE(searching) {
    const sn::array<int> s{1, 3, 3, 5};
    check_ints(sn::searchsorted(s, sn::array<int>{{0, 1}, {3, 9}}), {2, 2}, {0, 0, 1, 4});
    check_ints(sn::searchsorted(s, sn::array<int>{1, 3}, {.side = sn::search_side::right}), {2}, {1, 3});
    check_ints(sn::searchsorted(s, 3), {}, {1});
    check_ints(sn::searchsorted(s, {0, 3, 9}), {3}, {0, 1, 4});
    check_ints(sn::searchsorted(sn::array<float>{1, 2}, {{1.5, 1}}, {.side = sn::search_side::right}), {1, 2}, {1, 1});
    check_ints(sn::searchsorted(s, 3.5), {}, {3});
    check_ints(sn::searchsorted(s, sn::array<double>{2.5, 5.5}), {2}, {1, 4});
    check_ints(sn::searchsorted(sn::array<float>{1, 2, nan}, sn::array<float>{nan, 5}), {2}, {2, 2});
    check_ints(sn::searchsorted(s + 1, s * 2), {4}, {0, 3, 3, 4});
}

BOOST_AUTO_TEST_CASE(histograms) {
    const sn::array<float> x{0, 1, 2, 3, 4, nan, -1, 5, 2.5f};
    const auto [counts, edges] = sn::histogram(x, 4, {0, 4});
    check_ints(counts, {4}, {1, 1, 2, 2});
    check(edges, {5}, {0, 1, 2, 3, 4});
    const auto whole = sn::histogram(sn::array<int>{1, 2, 2, 5}, 2);
    check_ints(whole.counts, {2}, {3, 1});
    check_equal<sn::array<double>, double>(whole.edges, {3}, {1, 3, 5});
    check_ints(sn::histogram(sn::array<bool>{true, false, true}, 2).counts, {2}, {1, 2});
    // Weights: in shape of the elements, which stay in their bins.
    const auto [sums, of_edges] = sn::histogram(sn::array<int>{1, 2, 2, 5}, 2, {}, {.weights = {1, 2, 4, 8}});
    check_equal<sn::array<double>, double>(sums, {2}, {7, 8});
    check_equal<sn::array<double>, double>(of_edges, {3}, {1, 3, 5});
    check_equal<sn::array<double>, double>(sn::histogram(sn::array<float>{0, 9, 0.5f, 1}, sn::array<double>{0, 0.5, 1}, {.weights = {1, 2, 4, 8}}).sums, {2}, {1, 12});
    check_equal<sn::array<double>, double>(sn::histogram(sn::array<float>{}, 2, {0, 1}, {.weights = {}}).sums, {2}, {0, 0});
    check(sn::histogram(sn::array<float>{3, 3}, 2).edges, {3}, {2.5f, 3, 3.5f});
    check_ints(sn::histogram(sn::array<float>{}, 2).counts, {2}, {0, 0});
    BOOST_CHECK(sn::histogram(x(range(0, 5))).counts.size() == 10);
    const auto given = sn::histogram(x, sn::array<double>{0, 0.5, 2, 4});
    check_ints(given.counts, {3}, {1, 1, 4});
    check_equal<sn::array<double>, double>(given.edges, {4}, {0, 0.5, 2, 4});
    check_ints(sn::histogram(sn::array<double>{1e300, 1e300}, 3).counts, {3}, {0, 0, 2});
    // Edges decide, however the widths are rounded.
    const sn::array<double> tenths = sn::linspace<double>(0, 1, 11);
    check_ints(sn::histogram(tenths, 10, {0, 1}).counts, {10}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 2});
}

BOOST_AUTO_TEST_CASE(counting) {
    const sn::array<std::uint8_t> x{3, 1, 3, 0};
    check_ints(sn::bincount(x), {4}, {1, 1, 0, 2});
    check_ints(sn::bincount(x, {.minlength = 6}), {6}, {1, 1, 0, 2, 0, 0});
    check_ints(sn::bincount(x, {.minlength = 2}), {4}, {1, 1, 0, 2});
    check_equal<sn::array<double>, double>(sn::bincount(x, sn::array<float>{0.5f, 2, 0.25f, 4}), {4}, {4, 2, 0, 0.75});
    check_ints(sn::bincount(sn::array<int>{100000, 7, 7})(range(7, {}, 99993)), {2}, {2, 1});
    check_ints(sn::bincount(sn::array<int>{}), {0}, {});
}

BOOST_AUTO_TEST_CASE(places_of_what_is_not_zero) {
    const sn::array<float> x{{0, 1, -0.0f}, {nan, 0, 2}};
    const auto at = sn::nonzero(x);
    BOOST_REQUIRE(at.size() == 2);
    check_ints(at[0], {3}, {0, 1, 1});
    check_ints(at[1], {3}, {1, 0, 2});
    check_ints(sn::flatnonzero(x), {3}, {1, 3, 5});
    check_ints(sn::nonzero(m > 5.0f)[0], {4}, {1, 1, 1, 2});
    check_ints(sn::flatnonzero(sn::sum(m)), {1}, {0});
    BOOST_CHECK(sn::nonzero(sn::zeros<int>({2, 0, 3})).size() == 3);
}

BOOST_AUTO_TEST_CASE(nothing_at_all) {
    const sn::array<float> none = sn::zeros<float>({2, 0, 3});
    using shape = std::vector<index_t>;
    BOOST_CHECK(shape_of(sn::sort(none)) == (shape{2, 0, 3}) && shape_of(sn::argsort(none, {.axis = 1})) == (shape{2, 0, 3}));
    BOOST_CHECK(shape_of(sn::sort(none, {.axis = {}})) == shape{0} && shape_of(sn::partition(none, 0, {.axis = 1})) == (shape{2, 0, 3}));
    BOOST_CHECK(shape_of(sn::topk(none, 0, {.axis = 1}).indices) == (shape{2, 0, 3}) && shape_of(sn::unique(none)) == shape{0});
    BOOST_CHECK(shape_of(sn::unique_all(none).inverse) == (shape{2, 0, 3}));
    check(sn::median(none, {.axis = 1}), {2, 3}, {nan, nan, nan, nan, nan, nan});
    check(sn::quantile(none, {0.1, 0.2}), {2}, {nan, nan});
    BOOST_CHECK(shape_of(sn::quantile(none, {0.1, 0.2}, {.axis = 0})) == (shape{2, 0, 3}));
    BOOST_CHECK(shape_of(sn::median(none, {.axis = {0, 2}})) == shape{0});
    check_ints(sn::searchsorted(sn::array<float>{}, sn::array<float>{1, 2}), {2}, {0, 0});
    check(sn::sort(sn::array<float>(sn::sum(m)), {.axis = {}}), {1}, {45});
}

// Whatever the caller has set, on however many threads.
BOOST_AUTO_TEST_CASE(the_callers_rounding_changes_nothing) {
    const sn::array<double> zeros{0.0, -0.0, 1.0, -0.0, 0.0}, small{0.0, 5e-324, -5e-324, 1e-310, -1e-310, 0.0}, tenths{0.1, 0.7};
    std::vector<double> many(300'000);
    for (std::size_t i = 0; i < many.size(); ++i) many[i] = i % 3 == 0 ? 0.0 : i % 3 == 1 ? -0.0 : static_cast<double>(i % 7);
    const sn::array<double> large = sn::from(many);
    const auto all_of_it = [&] {
        std::vector<index_t> seen;
        const auto add = [&](const sn::array<index_t>& x) {
            for (const index_t i : x.to_vector()) seen.push_back(i);
        };
        for (const auto& x : {zeros, small}) {
            add(sn::argsort(x));
            add(sn::topk(x, 3).indices);
            add(sn::argpartition(x, 1));
            add(sn::flatnonzero(x));
            seen.push_back(sn::unique(x).size());
        }
        add(sn::searchsorted(sn::array<double>{-1.0, -0.0, 0.0}, sn::array<double>{0.0, -0.0}));
        add(sn::histogram(tenths, 7).counts);
        seen.push_back(std::bit_cast<index_t>(sn::quantile(tenths, 0.3).item()));
        for (const int threads : {1, 2}) {
            const sn::scoped_options o{.threads = threads};
            add(sn::argsort(large));
        }
        return seen;
    };
    const std::vector<index_t> wanted = all_of_it();
    const unsigned before = _mm_getcsr();
    for (const unsigned mode : {0x2000U, 0x4000U, 0x6000U, 0x8040U}) {
        _mm_setcsr((before & ~0xe040U) | mode);
        const std::vector<index_t> got = all_of_it();
        _mm_setcsr(before);
        BOOST_TEST((got == wanted));
    }
}

BOOST_AUTO_TEST_CASE(counts_of_many) {
    // Neighbours that are equal, all of them, and none; within the bins or not; any number of threads.
    const auto n = static_cast<std::size_t>(300'007);
    for (const std::size_t run : {std::size_t{1}, std::size_t{50}, n}) {
        std::vector<int> v(n);
        for (std::size_t i = 0; i < n; ++i) v[i] = static_cast<int>(i / run * 7919 % 1000);
        std::vector<index_t> counts(1000), inner(500);
        std::vector<double> weights(n), sums(500), block(500);
        for (std::size_t i = 0; i < n; ++i) {
            const auto at = static_cast<std::size_t>(v[i]);
            ++counts[at];
            weights[i] = 0.1 * static_cast<double>(i % 1013);
            if (at >= 250 && at < 750) {
                ++inner[at - 250];
                block[at - 250] += weights[i];
            }
            if (i % 65536 != 65535 && i + 1 != n) continue;
            for (std::size_t b = 0; b < 500; ++b) sums[b] += std::exchange(block[b], 0.0);
        }
        for (const int threads : {1, 2}) {
            const sn::scoped_options o{.threads = threads};
            const sn::array<int> x = sn::from(v);
            BOOST_TEST(sn::bincount(x, {.minlength = 1000}).to_vector() == counts);
            BOOST_TEST(sn::histogram(x, 500, {249.5, 749.5}).counts.to_vector() == inner);
            BOOST_TEST(sn::histogram(x, 500, {249.5, 749.5}, {.weights = sn::from(weights)}).sums.to_vector() == sums);
            BOOST_TEST(sn::histogram(x, sn::linspace<double>(249.5, 749.5, 501), {.weights = sn::from(weights)}).sums.to_vector() == sums);
        }
    }
}

BOOST_AUTO_TEST_CASE(numbers_below_every_unsigned_one) {
    BOOST_TEST(sn::searchsorted(sn::array<std::uint32_t>{1, 2, 3}, -1).item() == 0);
    BOOST_TEST(sn::searchsorted(sn::array<std::uint64_t>{0, 2, 3}, -1, {.side = sn::search_side::right}).item() == 0);
    BOOST_TEST(sn::searchsorted(sn::array<std::uint64_t>{0, 2, 3}, 0, {.side = sn::search_side::right}).item() == 1);
}

// Bins so narrow that many edges are the same number.
BOOST_AUTO_TEST_CASE(narrow_bins) {
    std::vector<float> v;
    for (int i = 0; i < 20'000; ++i) v.push_back(1e8f + static_cast<float>(i % 41));
    const auto h = sn::histogram(sn::from(v), 20'000);
    const std::vector<float> edges = h.edges.to_vector();
    std::vector<index_t> wanted(20'000);
    for (const float x : v) {
        const auto at = std::upper_bound(edges.begin(), edges.end() - 1, x) - edges.begin() - 1;
        ++wanted[static_cast<std::size_t>(at)];
    }
    BOOST_TEST((h.counts.to_vector() == wanted));
    BOOST_CHECK_THROW(static_cast<void>(sn::histogram(sn::array<float>{1, 2}, 4, {-1e40, 1e40})), sn::value_error);
    BOOST_CHECK_THROW(static_cast<void>(sn::histogram(sn::array<float>{1, 2}, std::numeric_limits<index_t>::max())), sn::memory_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
