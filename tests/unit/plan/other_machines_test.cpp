#include "other_machines.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

using namespace other_machines;

BOOST_AUTO_TEST_SUITE(plans_for_other_machines)

BOOST_AUTO_TEST_CASE(threads_are_worth_it_at_different_sizes) {
    const pl::machine server = read(two_nodes), board = read(small_board);
    const auto threads = [](const pl::machine& m, sn::index_t n) { return plan_of({in_memory({n}) * 2.0F + 1.0F}, m).launches[0].threads; };
    BOOST_TEST(threads(server, 4096) == 1);
    BOOST_TEST(threads(board, 4096) == 1);
    BOOST_TEST(threads(server, 16 << 20) == 64);
    // Its memory was busy with one thread when it was measured, which may change; what is not as large has to gain.
    BOOST_TEST(threads(board, 16 << 20) == 2);
    pl::machine busy = board;
    busy.memory_bandwidth_all = busy.memory_bandwidth_one;
    busy.l2.bytes = busy.l3.bytes = 0;
    BOOST_TEST(threads(busy, 16 << 20) == 2);
    BOOST_TEST(threads(busy, 32 << 10) == 1);
    // Arithmetic is shared there, too.
    const sn::array<float> costly = pow(in_memory({1 << 20}), 1.5F);
    BOOST_TEST(plan_of({costly}, board).launches[0].threads == 2);
    BOOST_TEST(plan_of({costly}, server).launches[0].threads == 64);
}

BOOST_AUTO_TEST_CASE(stores_go_past_the_caches_where_that_helps) {
    const pl::machine server = read(two_nodes), board = read(small_board);
    const auto streams = [](const pl::machine& m, sn::index_t n) { return plan_of({in_memory({n}) * 2.0F + 1.0F}, m).launches[0].predicted.streaming; };
    BOOST_TEST(!streams(server, 1 << 20));
    BOOST_TEST(streams(server, 64 << 20));
    BOOST_TEST(!streams(board, 16 << 20));
    // A machine on which they help a little is another one.
    pl::machine better = board;
    better.streaming_gain = 1.2;
    BOOST_TEST(streams(better, 16 << 20));
}

BOOST_AUTO_TEST_CASE(what_a_later_kernel_reads_does_not_go_past_the_caches) {
    const pl::machine server = read(two_nodes);
    // The sum needs all of y before the last kernel divides by it. 48 MiB of y and x: too much for the caches with the rest, but y alone stays.
    const auto x = in_memory({6 << 20});
    sn::array<float> y = x * 2.0F + 1.0F, s = sn::sum(y), z = y / s;
    const pl::plan p = plan_of({y, z}, server);
    BOOST_REQUIRE(p.launches.size() >= 2U);
    BOOST_TEST(!p.launches[0].predicted.streaming);
    BOOST_TEST(p.launches[0].read_soon);
    BOOST_TEST(p.launches.back().may_stream);
}

BOOST_AUTO_TEST_CASE(kernels_are_fed_by_what_the_whole_plan_leaves_in_the_caches) {
    // By one thread, as 64 have more in the caches of their own.
    pl::machine m = read(two_nodes);
    m.threads = 1;
    // Each kernel alone fits the last cache of 64 MiB, the two together do not: what they read comes from memory.
    const auto a = in_memory({3 << 20}), b = in_memory({3 << 20}), c = in_memory({3 << 20}), d = in_memory({3 << 20});
    const sn::array<float> ab = a + b, cd = c * d;
    const pl::plan one = plan_of({ab}, m), other = plan_of({cd}, m), both = plan_of({ab, cd}, m);
    BOOST_REQUIRE(both.launches.size() == 2U);
    for (const pl::launch& l : both.launches) {
        BOOST_TEST(l.does.footprint < static_cast<double>(m.l3.bytes));
        for (const pl::work::flow& f : l.does.flows) BOOST_TEST(f.distance > static_cast<double>(m.l3.bytes));
    }
    BOOST_TEST(both.predicted_seconds > 1.3 * (one.predicted_seconds + other.predicted_seconds));
    // What a kernel has just written is near.
    const sn::array<float> s = sn::sum(ab), t = ab - s;
    const pl::plan follows = plan_of({ab, cd, t}, m);
    const pl::launch& last = follows.launches.back();
    double nearest = last.does.flows[0].distance;
    for (const pl::work::flow& f : last.does.flows) nearest = std::min(nearest, f.distance);
    BOOST_TEST(nearest < 0.75 * static_cast<double>(m.l3.bytes));
}

BOOST_AUTO_TEST_CASE(tiles_follow_the_caches) {
    const auto a = in_memory({3000, 2000}), b = in_memory({2000, 3000});
    const auto bytes = [&](const pl::machine& m) { return pl::tile_bytes(plan_of({a + b.transpose()}, m).launches[0]); };
    const pl::machine server = read(two_nodes), board = read(small_board);
    BOOST_TEST(bytes(server) > 0U);
    BOOST_TEST(bytes(server) < server.l2.bytes);
    BOOST_TEST(bytes(board) > 0U);
    BOOST_TEST(bytes(board) < board.l2.bytes);
    // Sums of the rows of a transposed matrix keep their lanes in the second cache: of fewer rows in a smaller one.
    const sn::array<float> sums = sn::sum(in_memory({3000, 12000}).transpose(), {.axis = 1});
    const auto rows = [&](const pl::machine& m) { return plan_of({sums}, m).launches[0]; };
    BOOST_TEST(rows(board).lanes == 64);
    BOOST_TEST(rows(board).tile_n < rows(server).tile_n);
    BOOST_TEST(pl::tile_bytes(rows(board)) < board.l2.bytes);
}

BOOST_AUTO_TEST_CASE(costly_values_are_computed_again_or_stored_by_what_they_cost_there) {
    const pl::machine server = read(two_nodes);
    const pl::machine slow = read(std::string(two_nodes) + std::string(slow_functions));
    const auto x = in_memory({1 << 20});
    const sn::array<float> e = exp(x);
    const sn::array<float> twice = e(sn::range(0, -1)) + e(sn::range(1, {}));
    // Exponentials are cheaper than a pass over memory on the one, not on the other.
    BOOST_TEST(plan_of({twice}, server).launches.size() == 1U);
    BOOST_TEST(plan_of({twice}, slow).launches.size() == 2U);
}

BOOST_AUTO_TEST_CASE(measured_operations_count) {
    pl::machine server = read(two_nodes), slow = read(std::string(two_nodes) + std::string(slow_functions));
    server.threads = slow.threads = 1;
    const auto x = in_memory({4096});
    const double fast = plan_of({exp(x)}, server).predicted_seconds, measured = plan_of({exp(x)}, slow).predicted_seconds;
    BOOST_TEST(measured > 5 * fast);
    // 400 cycles for each of 256 vectors.
    BOOST_TEST(measured > 400 * 256 / 3.2e9);
    BOOST_TEST(measured < 1.2 * 400 * 256 / 3.2e9);
}

BOOST_AUTO_TEST_SUITE_END()
