#include "plan/cost.hpp"

#include "other_machines.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace other_machines;

/// A machine with rates by direction.
[[nodiscard]] pl::machine with_directions() {
    pl::machine m = read(two_nodes);
    m.memory_one = {.read = 20e9, .columns = 10e9, .triad = 14e9, .copy = 12e9, .write = 8e9};
    m.streaming_one = {.read = 20e9, .columns = 10e9, .triad = 19e9, .copy = 18e9, .write = 16e9};
    return m;
}

constexpr double far = 1e9;

}  // namespace

BOOST_AUTO_TEST_SUITE(cost)

BOOST_AUTO_TEST_CASE(farther_is_never_faster) {
    for (const std::string_view text : {two_nodes, small_board}) {
        const pl::machine m = read(text);
        for (const int threads : {1, m.threads}) {
            double before = pl::bandwidth(m, 1, threads, {});
            for (double bytes = 1024; bytes < 4e9; bytes *= 1.1) {
                const double now = pl::bandwidth(m, bytes, threads, {});
                BOOST_TEST(now <= before * (1 + 1e-12));
                before = now;
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(directions_meet_what_was_measured) {
    const pl::machine m = with_directions();
    const auto at = [&](double share) { return pl::bandwidth(m, far, 1, {.read_share = share}); };
    BOOST_TEST(at(1) == 20e9, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(at(2.0 / 3) == 14e9, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(at(0.5) == 12e9, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(at(0) == 8e9, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(at(0.9) < at(1));
    BOOST_TEST(at(0.9) > at(2.0 / 3));
    BOOST_TEST(pl::bandwidth(m, far, 1, {.across = true}) == 10e9, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(what_goes_past_the_caches_takes_as_long_as_was_measured) {
    const pl::machine m = with_directions();
    const auto seconds = [&](double written, double read, double distance) { return pl::streaming_seconds(m, written, std::vector<pl::reading>{{read, distance}}, 1); };
    BOOST_TEST(seconds(1e9, 1e9, far) == 2e9 / 18e9, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(seconds(1e9, 0, 0) == 1e9 / 16e9, boost::test_tools::tolerance(1e-12));
    // What comes from a cache comes beside.
    BOOST_TEST(seconds(1e9, 1e5, 1e5) == 1e9 / 16e9, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(seconds(1e5, 1e9, far) >= 1e9 / 20e9);
}

BOOST_AUTO_TEST_CASE(what_is_read_from_a_cache_waits_for_what_goes_past_it) {
    pl::machine m = with_directions();
    const double bytes = 8.0 * 1024 * 1024;  // in the last cache
    const auto seconds = [&] { return pl::streaming_seconds(m, bytes, std::vector<pl::reading>{{bytes, bytes}}, 1); };
    const double beside = seconds(), reads = bytes / pl::bandwidth(m, bytes, 1, {}), writes = pl::streaming_seconds(m, bytes, {}, 1);
    BOOST_TEST(beside == std::max(reads, writes), boost::test_tools::tolerance(1e-12));
    m.streaming_loss = 0.5;
    BOOST_TEST(seconds() == std::max(reads, writes) + 0.5 * std::min(reads, writes), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_cache_holds_what_was_measured) {
    pl::machine m = with_directions();
    const double bytes = static_cast<double>(m.l3.bytes) / 2;
    const double as_told = pl::bandwidth(m, bytes, 1, {});
    BOOST_TEST(!pl::beyond_caches(m, bytes));
    m.l3.usable = m.l3.bytes / 4;
    BOOST_TEST(pl::beyond_caches(m, bytes));
    BOOST_TEST(pl::bandwidth(m, bytes, 1, {}) < as_told);
    BOOST_TEST(pl::bandwidth(m, bytes, 1, {}) == pl::bandwidth(m, far, 1, {}));
    BOOST_TEST(pl::bandwidth(m, bytes / 8, 1, {}) == as_told);
}

BOOST_AUTO_TEST_CASE(a_later_reader_misses_what_a_cache_has_before_memory) {
    pl::machine m = with_directions();
    pl::work w;
    w.bytes_written = w.footprint = 8.0 * 1024 * 1024;
    const double missed = pl::missed_later(m, w, 1);
    BOOST_TEST(missed > 0);
    BOOST_TEST(missed < w.bytes_written / pl::bandwidth(m, far, 1, {}));
    // What is no quicker than memory is not missed.
    m.l3.one = m.memory_one;
    m.l3.bandwidth = m.memory_bandwidth_one;
    BOOST_TEST(pl::missed_later(m, w, 1) == 0);
    w.footprint = far;
    BOOST_TEST(pl::missed_later(with_directions(), w, 1) == 0);
}

BOOST_AUTO_TEST_CASE(several_threads_move_no_more_than_all_of_them) {
    const pl::machine m = read(two_nodes);
    for (int threads = 1; threads <= 64; threads *= 2) {
        const double rate = pl::bandwidth(m, far, threads, {});
        BOOST_TEST(rate <= m.memory_bandwidth_all);
        BOOST_TEST(rate <= threads * m.memory_bandwidth_one);
    }
    BOOST_TEST(pl::bandwidth(m, far, 64, {}) == m.memory_bandwidth_all);
}

BOOST_AUTO_TEST_CASE(streaming_loses_in_the_caches_and_gains_beyond) {
    const pl::machine m = with_directions();
    const auto work = [](double bytes) { return pl::work{.elements = 1, .bytes_read = bytes / 2, .bytes_written = bytes / 2, .footprint = bytes}; };
    for (const double bytes : {1e4, 1e5, 1e6, 1e7}) BOOST_TEST(pl::predict(m, work(bytes), 1, true).seconds > pl::predict(m, work(bytes), 1, false).seconds);
    BOOST_TEST(pl::predict(m, work(far), 1, true).seconds < pl::predict(m, work(far), 1, false).seconds);
}

BOOST_AUTO_TEST_CASE(each_flow_comes_from_its_own_level) {
    const pl::machine m = with_directions();
    pl::work w{.elements = 1, .bytes_read = 2e7, .footprint = 2e7};
    const double near = pl::predict(m, w, 1, false).seconds;
    w.flows = {{.bytes = 1e7, .distance = far}, {.bytes = 1e7, .distance = 2e7}};
    const double half = pl::predict(m, w, 1, false).seconds;
    for (pl::work::flow& f : w.flows) f.distance = far;
    const double all = pl::predict(m, w, 1, false).seconds;
    BOOST_TEST(near < half);
    BOOST_TEST(half < all);
    BOOST_TEST(all == m.kernel_call_seconds + 2e7 / 20e9, boost::test_tools::tolerance(1e-9));
    BOOST_TEST(half == (near + all) / 2, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(what_does_not_overlap_is_added) {
    pl::machine m = with_directions();
    const pl::work w{.elements = 16e6, .lanes = 16, .cycles = 4, .bytes_read = far, .footprint = far};
    const pl::estimate perfect = pl::predict(m, w, 1, false);
    m.memory_overlap_loss = 0.5;
    const pl::estimate half = pl::predict(m, w, 1, false);
    BOOST_TEST(half.seconds - perfect.seconds == 0.5 * std::min(perfect.compute_seconds, perfect.memory_seconds), boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(memory_that_several_views_share_is_read_once) {
    const pl::machine m = read(two_nodes);
    const auto u = in_memory({1000, 1000});
    using sn::range;
    // Views of memory, as slices of a value that is there are.
    sn::array<float> up = u(range(0, -2), sn::all), down = u(range(2, {}), sn::all);
    up.eval();
    down.eval();
    const pl::plan p = plan_of({up + down}, m);
    BOOST_REQUIRE(p.launches.size() == 1U);
    BOOST_TEST(p.launches[0].kernel.inputs.size() == 2U);
    BOOST_TEST(p.launches[0].does.bytes_read == 4e6);
    // Halves that do not meet are two memories' worth.
    sn::array<float> first = u(range(0, 500), sn::all), second = u(range(500, {}), sn::all);
    first.eval();
    second.eval();
    BOOST_TEST(plan_of({first * second}, m).launches[0].does.bytes_read == 4e6);
}

BOOST_AUTO_TEST_SUITE_END()
