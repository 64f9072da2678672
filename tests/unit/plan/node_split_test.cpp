#include "plan/node_split.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <vector>

using namespace sinter::detail::plan;
using sinter::index_t;

namespace {

/// Two nodes alike, 100 GB/s each, half of it between them.
[[nodiscard]] node_machine two_nodes(int cpus) {
    node_machine m;
    m.cpus = {cpus, cpus};
    m.home = {0, 1};
    m.bandwidth = {100e9, 100e9};
    m.reach = {{100e9, 50e9}, {50e9, 100e9}};
    m.thread_bandwidth = 20e9;
    m.wake_seconds = 3e-6;
    return m;
}

constexpr double gigabyte = 1e9;

}  // namespace

BOOST_AUTO_TEST_SUITE(node_split_test)

BOOST_AUTO_TEST_CASE(every_unit_belongs_to_one_part) {
    for (const std::vector<int>& cpus : {std::vector<int>{4}, {2, 2}, {1, 1, 1, 1}, {3, 1}, {1, 7, 2}, {64, 64}}) {
        for (const int parts : {1, 2, 3, 4, 5, 8, 13, 128}) {
            const node_split s = node_split::over(cpus, parts);
            BOOST_REQUIRE_EQUAL(s.parts(), parts);
            for (const index_t units : {index_t{0}, index_t{1}, index_t{7}, index_t{1000}, index_t{1} << 44}) {
                BOOST_REQUIRE_EQUAL(s.low(units, 0), 0);
                BOOST_REQUIRE_EQUAL(s.low(units, parts), units);
                int node = 0;
                for (int p = 0; p < parts; ++p) {
                    BOOST_REQUIRE(s.low(units, p) <= s.low(units, p + 1));
                    BOOST_REQUIRE(s.share_of(p).node >= node);
                    node = s.share_of(p).node;
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_map_is_the_same_for_any_number_of_threads) {
    const std::vector<int> cpus{3, 1, 4};
    const index_t rows = 8000;
    for (const int parts : {8, 16, 24, 31, 80}) {
        const node_split s = node_split::over(cpus, parts);
        BOOST_REQUIRE_EQUAL(s.shares().size(), 3U);
        BOOST_TEST(s.low(rows, s.shares()[1].first) == 3000);
        BOOST_TEST(s.low(rows, s.shares()[2].first) == 4000);
    }
    // With as many threads as processors each node has as many.
    const node_split all = node_split::over(cpus, 8);
    BOOST_TEST(all.shares()[0].past == 3);
    BOOST_TEST(all.shares()[1].past == 4);
    // Too few for the small node: its rows go to a neighbour.
    const node_split few = node_split::over(cpus, 2);
    BOOST_REQUIRE_EQUAL(few.shares().size(), 2U);
    BOOST_TEST(few.shares()[0].node == 0);
    BOOST_TEST(few.shares()[1].node == 2);
    BOOST_TEST(few.low(rows, 1) == 4000);
    const node_split one = node_split::on(1, 4);
    BOOST_TEST(one.parts() == 4);
    BOOST_TEST(one.share_of(3).node == 1);
    BOOST_TEST(one.low(100, 1) == 25);
}

BOOST_AUTO_TEST_CASE(one_node_splits_as_without) {
    for (const int parts : {1, 3, 8}) {
        const node_split s = node_split::over({8}, parts);
        for (const index_t units : {index_t{5}, index_t{1001}}) {
            for (int p = 0; p <= parts; ++p) BOOST_TEST(s.low(units, p) == units * p / parts);
        }
    }
}

BOOST_AUTO_TEST_CASE(placements_are_told_apart) {
    BOOST_TEST(placement::anywhere().memory() == -1);
    BOOST_TEST(placement::by_rows().memory() == -1);
    BOOST_TEST(placement::interleaved().memory() == -1);
    BOOST_TEST(placement::in_memory(0).memory() == 0);
    BOOST_TEST(placement::in_memory(252).memory() == 252);
    BOOST_TEST((placement::in_memory(253) == placement::anywhere()));
    BOOST_TEST((placement::in_memory(0) != placement::interleaved()));
}

BOOST_AUTO_TEST_CASE(what_lies_by_rows_is_computed_by_rows) {
    const node_machine m = two_nodes(64);
    const std::vector<placed_bytes> operands{{gigabyte, placement::by_rows(), false}, {gigabyte, {}, true}};
    const node_choice c = choose_nodes(m, operands, 1e-3, 128, 1);
    BOOST_TEST(c.node == -1);
    BOOST_TEST((c.fresh(m) == placement::by_rows()));
    // Both memories at once: half of 2 GB at 100 GB/s.
    BOOST_TEST(c.seconds == 10e-3, boost::test_tools::tolerance(1e-3));
    BOOST_TEST(on_node(m, operands, 1e-3, 128, 0).seconds > c.seconds);
}

BOOST_AUTO_TEST_CASE(what_lies_on_one_node_is_shared_only_where_that_pays) {
    const node_machine m = two_nodes(64);
    // Nothing but reading what is there: its memory is the limit, and other nodes would not make it faster.
    const std::vector<placed_bytes> reads{{gigabyte, placement::in_memory(1), false}};
    const node_choice stays = choose_nodes(m, reads, 1e-3, 128, 0);
    BOOST_TEST(stays.node == 1);
    BOOST_TEST(stays.threads == 64);
    // Computing is the limit: idle nodes help.
    BOOST_TEST(choose_nodes(m, reads, 10.0, 128, 0).node == -1);
    // What it writes may be elsewhere: two memories do more than one.
    const std::vector<placed_bytes> writes{{gigabyte, placement::in_memory(1), false}, {gigabyte, {}, true}};
    const node_choice spread = choose_nodes(m, writes, 1e-3, 128, 0);
    BOOST_TEST(spread.node == -1);
    BOOST_TEST((spread.fresh(m) == placement::by_rows()));
    // The same with a way between the nodes that is too narrow.
    node_machine narrow = m;
    narrow.reach = {{100e9, 10e9}, {10e9, 100e9}};
    BOOST_TEST(choose_nodes(narrow, writes, 1e-3, 128, 0).node == 1);
}

BOOST_AUTO_TEST_CASE(a_choice_tells_what_it_was_made_from) {
    const node_machine m = two_nodes(64);
    std::vector<node_choice> from;
    const std::vector<placed_bytes> reads{{gigabyte, placement::in_memory(1), false}};
    const node_choice best = choose_nodes(m, reads, 1e-3, 128, 0, &from);
    BOOST_REQUIRE(from.size() == 3U);
    BOOST_TEST(from[0].node == -1);
    BOOST_TEST(from[1].node == 0);
    BOOST_TEST(from[2].node == 1);
    BOOST_TEST(from[2].seconds == best.seconds);
    BOOST_TEST(from[1].seconds > best.seconds);
    // The caller's own node once, and nothing of the last time.
    static_cast<void>(choose_nodes(m, reads, 1e-3, 128, 1, &from));
    BOOST_TEST(from.size() == 2U);
}

BOOST_AUTO_TEST_CASE(little_work_stays_with_the_caller) {
    const node_machine m = two_nodes(4);
    const std::vector<placed_bytes> little{{50e3, {}, false}, {50e3, {}, true}};
    BOOST_TEST(choose_nodes(m, little, 1e-6, 4, 1).node == 1);
    const std::vector<placed_bytes> much{{gigabyte, {}, true}};
    BOOST_TEST(choose_nodes(m, much, 1e-6, 8, 1).node == -1);
}

BOOST_AUTO_TEST_CASE(memory_without_processors) {
    node_machine m = two_nodes(4);
    m.bandwidth.push_back(30e9);
    for (auto& ways : m.reach) ways.push_back(30e9);
    // Nobody is at home there: all nodes read it.
    const std::vector<placed_bytes> far{{gigabyte, placement::in_memory(2), false}};
    const node_choice c = choose_nodes(m, far, 1e-3, 8, 0);
    BOOST_TEST(c.seconds == 1.0 / 30, boost::test_tools::tolerance(1e-2));
    const std::vector<placed_bytes> everywhere{{3 * gigabyte, placement::interleaved(), false}};
    BOOST_TEST(choose_nodes(m, everywhere, 1e-3, 8, 0).node == -1);
}

BOOST_AUTO_TEST_SUITE_END()
