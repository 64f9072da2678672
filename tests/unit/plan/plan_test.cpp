#include "unit/plan/plan_of.hpp"

#include "plan/cost.hpp"

#include <boost/test/unit_test.hpp>

using namespace plan_tests;

BOOST_AUTO_TEST_SUITE(plan)

BOOST_AUTO_TEST_CASE(statements_fuse_and_temporaries_vanish) {
    const auto x = in_memory({100000});
    sn::array<float> d;
    {
        const sn::array<float> a = x + 1.0f, b = a * x, c = sqrt(b);
        d = c - a;
    }
    const pl::plan p = plan_of({d}, described(1));
    BOOST_TEST(p.launches.size() == 1);
    BOOST_TEST(p.slots.size() == 1);
    BOOST_TEST(p.peak_bytes == 400000);
}

BOOST_AUTO_TEST_CASE(several_sums_take_one_pass) {
    const auto x = in_memory({50000}), y = in_memory({50000});
    const sn::array<float> a = sn::sum(x * y), b = sn::sum(x * x), c = sn::sum(y * y);
    const pl::plan p = plan_of({a, b, c}, described(1));
    BOOST_TEST(p.launches.size() == 1);
    BOOST_TEST(p.launches[0].kernel.reductions.size() == 3);
    BOOST_TEST(p.launches[0].kernel.inputs.size() == 2);
}

BOOST_AUTO_TEST_CASE(costly_values_that_are_seen_shifted_are_stored) {
    const auto x = in_memory({100000});
    const sn::array<float> costly = pow(x, 2.2f);
    const sn::array<float> s = costly(sn::range(0, -2)) + costly(sn::range(1, -1)) + costly(sn::range(2, {}));
    BOOST_TEST(plan_of({s}, described(1)).launches.size() == 2);
    const sn::array<float> cheap = x + 1.0f;
    const sn::array<float> t = cheap(sn::range(0, -2)) + cheap(sn::range(1, -1)) + cheap(sn::range(2, {}));
    BOOST_TEST(plan_of({t}, described(1)).launches.size() == 1);
}

BOOST_AUTO_TEST_CASE(assignments_write_in_place_when_nothing_else_looks) {
    auto u = in_memory({64, 64});
    u(sn::range(1, -1), sn::range(1, -1)) = 2.0f;
    const pl::plan p = plan_of({u}, described(1));
    BOOST_TEST(p.launches.size() == 1);
    BOOST_TEST(p.peak_bytes == 0);
    // Reading shifted elements of the same array: the old values are needed, and only the rim is copied.
    auto w = in_memory({64, 64});
    w(sn::range(1, -1), sn::all) = w(sn::range(0, -2), sn::all) + w(sn::range(2, {}), sn::all);
    const pl::plan q = plan_of({w}, described(1));
    BOOST_TEST(q.launches.size() == 3);
    double copied = 0;
    for (std::size_t i = 0; i + 1 < q.launches.size(); ++i) copied += q.launches[i].does.bytes_written;
    BOOST_TEST(copied == 2 * 64 * 4);
}

BOOST_AUTO_TEST_CASE(a_value_that_replaces_a_dying_one_takes_its_memory) {
    auto x = in_memory({5000});
    x = x * 2.0f + 1.0f;
    BOOST_TEST(plan_of({x}, described(1)).peak_bytes == 0);
    const auto kept = in_memory({5000});
    const sn::array<float> y = kept * 2.0f;
    BOOST_TEST(plan_of({y}, described(1)).peak_bytes == 20000);
}

BOOST_AUTO_TEST_CASE(temporaries_share_memory) {
    sn::array<float> x = in_memory({1000, 50});
    for (int i = 0; i < 6; ++i) {
        const sn::array<float> shifted = x(sn::all, sn::range({}, {}, -1)).reshape({50, 1000}).reshape({1000, 50});
        x = sqrt(shifted) + 1.0f;
    }
    const pl::plan p = plan_of({x}, described(1));
    BOOST_TEST(p.launches.size() >= 6);
    BOOST_TEST(p.peak_bytes <= 3 * 200000);
}

BOOST_AUTO_TEST_CASE(threads_and_streaming_stores_where_they_pay) {
    const auto small = in_memory({1000});
    const auto large = in_memory({16 << 20});
    const sn::array<float> a = small + 1.0f, b = large + 1.0f;
    const pl::plan p = plan_of({a}, described(16));
    BOOST_TEST(p.launches[0].threads == 1);
    BOOST_TEST(!p.launches[0].predicted.streaming);
    const pl::plan q = plan_of({b}, described(16));
    BOOST_TEST(q.launches[0].threads == 16);
    BOOST_TEST(q.launches[0].predicted.streaming);
}

BOOST_AUTO_TEST_CASE(operands_that_lie_along_the_rows_go_through_tiles) {
    const auto a = in_memory({1000, 2000}), b = in_memory({2000, 1000});
    const pl::machine m = described(1);
    const pl::plan p = plan_of({a + b.transpose()}, m);
    BOOST_REQUIRE(p.launches.size() == 1);
    const pl::launch& l = p.launches[0];
    BOOST_TEST((l.tile_rows > 0 && l.tile_rows < 1000 && l.tile_n > 0 && l.tile_n < 2000));
    BOOST_TEST(pl::tile_bytes(l) < m.l2.bytes);
    int turned = 0;
    for (const pl::place& x : l.places) turned += x.turned ? 1 : 0;
    BOOST_TEST(turned == 1);
    for (const auto& i : l.kernel.inputs) BOOST_TEST((i.inner == sinter::detail::codegen::access::unit));
    // A reduction down columns has its whole columns in one call, one of rows has lanes in memory.
    const pl::plan down = plan_of({sn::max(b(sn::all, sn::range(0, 200)).transpose(), {.axis = 0})}, m);
    BOOST_TEST(down.launches[0].tile_rows == down.launches[0].rows);
    BOOST_TEST(down.launches[0].tile_n < 1000);
    BOOST_TEST(plan_of({sn::sum(b(sn::all, sn::range(0, 200)).transpose(), {.axis = 0})}, m).launches[0].sums_columns);
    const pl::plan sums = plan_of({sn::sum(b.transpose(), {.axis = 1})}, m);
    BOOST_TEST(sums.launches[0].lanes == 64);
    BOOST_TEST(pl::tile_bytes(sums.launches[0]) < m.l2.bytes);
    // In the order of memory there is nothing to turn.
    BOOST_TEST(pl::tile_bytes(plan_of({a + a}, m).launches[0]) == 0U);
}

BOOST_AUTO_TEST_CASE(tiles_of_squares_have_a_run_of_lines_for_each) {
    // Half as many lines of a row as a square has rows, and four lines of each row of results.
    const pl::launch floats = plan_of({in_memory({2048, 1024}).transpose() * 2.0f}, described(1)).launches[0];
    BOOST_TEST((floats.squares && floats.tile_rows == 16 * 8 && floats.tile_n == 64));
    const sn::array<double> x = sn::ones<double>({2048, 1024}), w = sn::ones<double>({1024, 2048});
    sn::eval(x, w);
    const sn::array<double> sum = x + w.transpose();
    const pl::launch doubles = plan_of_roots({{sum.node(), false, nullptr}}, described(1)).launches[0];
    BOOST_TEST((doubles.squares && doubles.tile_rows == 8 * 4 && doubles.tile_n == 32));
}

BOOST_AUTO_TEST_CASE(interleaved_rows_go_together) {
    const auto colours = in_memory({1 << 20, 3}), light = in_memory({1 << 20});
    const pl::plan p = plan_of({colours * light(sn::all, sn::newaxis)}, described(2));
    const pl::launch& l = p.launches[0];
    BOOST_TEST(l.rows == 3);
    BOOST_TEST((l.tile_n > 0 && l.tile_n < l.n));
    BOOST_TEST((l.split == pl::split_dim::inner));
    BOOST_TEST(int{l.kernel.outputs[0].stride} == 3);
    BOOST_TEST(plan_of({in_memory({1000, 3}) * in_memory({1000, 1})}, described(2)).launches[0].tile_n == 0);
}

BOOST_AUTO_TEST_CASE(outer_steps_share_what_a_cache_holds) {
    const auto rows = in_memory({3, 1 << 20}), weights = in_memory({16, 3, 1}), narrow = in_memory({3, 1000});
    const pl::machine m = described(1);
    const sn::array<float> seen = rows(sn::newaxis, sn::all, sn::all);
    const pl::launch sums = plan_of({sn::sum(seen * weights, {.axis = 2})}, m).launches[0];
    BOOST_TEST(sums.outer.count() == 16);
    // The rest of a block's rows would push out what the next step reads.
    BOOST_TEST((sums.shared_rows >= 1 && sums.shared_rows <= 3));
    BOOST_TEST(sums.shared_n == sums.n);
    const pl::launch products = plan_of({seen * weights}, m).launches[0];
    BOOST_TEST(products.shared_rows == 1);
    BOOST_TEST((products.shared_n > 0 && products.shared_n * 8 <= static_cast<sn::index_t>(m.l2.bytes)));
    BOOST_TEST(products.shared_n % 1024 == 0);
    // What stays there anyway, or is of each step's own.
    BOOST_TEST(plan_of({sn::sum(narrow(sn::newaxis, sn::all, sn::all) * weights, {.axis = 2})}, m).launches[0].shared_rows == 0);
    BOOST_TEST(plan_of({sn::sum(in_memory({16, 3, 1 << 18}) * weights, {.axis = 2})}, m).launches[0].shared_rows == 0);
}

BOOST_AUTO_TEST_CASE(pairs_of_rows_that_fill_lanes_go_in_squares) {
    const auto launch_of = [](sn::index_t n, sn::index_t k, sn::index_t d) {
        const sn::array<float> apart = sn::pairwise(sn::metrics::squared_euclidean, in_memory({n, d}), in_memory({k, d}));
        return plan_of({apart}, described(1)).launches[0];
    };
    const pl::launch squares = launch_of(100, 200, 64), longer = launch_of(100, 200, 128), left_over = launch_of(13, 2000, 64), few = launch_of(100, 62, 64);
    BOOST_TEST((squares.together == 4 && squares.beside == 4));
    BOOST_TEST((longer.together > 4 && longer.beside == 2));
    BOOST_TEST((left_over.together > 0 && left_over.beside == 2));
    BOOST_TEST((few.together > 0 && few.beside == 2));
}

BOOST_AUTO_TEST_CASE(units_work_side_by_side_on_pairs_of_rows) {
    pl::machine shared_units = described(1), own_units = described(1);
    own_units.vector_ops_per_cycle = 4;  // two for products, two for sums
    const auto cycles_of_step = [](const pl::machine& m, sn::index_t n) {
        const sn::array<float> apart = sn::pairwise(sn::metrics::squared_euclidean, in_memory({n, 768}), in_memory({n, 768}));
        const pl::plan p = plan_of({apart}, m);
        const pl::launch& l = p.launches[0];
        return pl::step_cycles(m, l.does);
    };
    BOOST_TEST(cycles_of_step(shared_units, 200) >= 1);
    BOOST_TEST((cycles_of_step(own_units, 200) >= 0.5 && cycles_of_step(own_units, 200) < 0.75));
    // Too few pairs to go side by side.
    BOOST_TEST(cycles_of_step(own_units, 8) >= 0.75);
    // Operations were measured one by one.
    pl::machine measured = own_units;
    for (auto& of_type : measured.cycles) of_type.fill(0.5F);
    BOOST_TEST(cycles_of_step(measured, 200) == cycles_of_step(own_units, 200));
    BOOST_TEST(pl::pair_cycles(own_units, 1, 64, 4, 64) < pl::pair_cycles(own_units, 1, 64, 4, 128));
    BOOST_TEST(pl::pair_cycles(own_units, 1, 64, 4, 128) < pl::pair_cycles(own_units, 1, 64, 4, 100));
}

BOOST_AUTO_TEST_CASE(scans_down_columns_of_more_than_caches_hold_go_row_by_row) {
    const auto scan_of = [](const sn::array<float>& x, int threads) {
        const pl::plan p = plan_of({sn::cumsum(x, {.axis = 0})}, described(threads));
        BOOST_REQUIRE(p.launches.size() == 1U);
        return p.launches[0];
    };
    const pl::launch near = scan_of(in_memory({512, 1024}), 1);
    BOOST_TEST((near.scan_rows == 4 && near.scan_strip == 16 << 10 && near.kernel.asks_ahead == 0));
    // Whole rows, of which the next begins where one ends.
    const pl::launch far = scan_of(in_memory({1024, 8192}), 1);
    BOOST_TEST((far.scan_rows == 1 && far.scan_strip == 8192 * 4 && far.kernel.asks_ahead == 8192));
    // Parts of rows, long ones, and such as no cache has room for.
    const sn::array<float> wide = in_memory({1024, 8192 + 64});
    const pl::launch parts = scan_of(wide(sn::all, sn::range(0, 8192)), 1);
    BOOST_TEST((parts.scan_rows == 4 && parts.scan_strip == 8192 * 4 && parts.kernel.asks_ahead == 2048));
    const pl::launch halves = scan_of(in_memory({1024, 8192}), 2);
    BOOST_TEST((halves.threads == 2 && halves.scan_rows == 4 && halves.kernel.asks_ahead == 2048));
    const pl::launch longest = scan_of(in_memory({8, 1 << 20}), 1);
    BOOST_TEST((longest.scan_rows == 4 && longest.scan_strip == 512 << 10 && longest.kernel.asks_ahead == 2048));
    // Too short to ask for.
    BOOST_TEST(scan_of(in_memory({1 << 19, 16}), 1).kernel.asks_ahead == 0);
}

BOOST_AUTO_TEST_CASE(strided_operands_cost_what_they_take) {
    for (const sn::index_t stride : {0, 1}) BOOST_TEST(pl::pieces(stride, 16) == 1);
    BOOST_TEST(pl::pieces(3, 16) == 3);
    BOOST_TEST(pl::pieces(-4, 16) == 4);
    BOOST_TEST(pl::pieces(8, 4) == 4);
    BOOST_TEST(pl::pieces(1000, 16) == 16);
    const auto x = in_memory({300000});
    // The gaps are read, too.
    BOOST_TEST(plan_of({x(sn::range({}, {}, 3)) + 1.0f}, described(1)).launches[0].does.bytes_read > 1e6);
}

BOOST_AUTO_TEST_CASE(costs_are_counted_from_bodies) {
    namespace op = sinter::detail::op;
    pl::machine m = described(1);
    const auto instructions = [&](std::uint16_t code, sinter::detail::dtype t) { return pl::instructions_of(m, code, t); };
    BOOST_TEST(instructions(op::add::code, sinter::detail::dtype::f32) == 1U);
    BOOST_TEST(instructions(op::fma::code, sinter::detail::dtype::f32) == 1U);
    BOOST_TEST(instructions(op::minimum::code, sinter::detail::dtype::f32) == 3U);
    BOOST_TEST(instructions(op::minimum::code, sinter::detail::dtype::i32) == 1U);
    BOOST_TEST(instructions(op::exp::code, sinter::detail::dtype::f64) > instructions(op::exp::code, sinter::detail::dtype::f32));
    BOOST_TEST(pl::cost_of(m, op::pow::code, sinter::detail::dtype::f32).divisions == 1.0F);
    const std::size_t with_assistance = instructions(op::pow::code, sinter::detail::dtype::f32);
    m.best = pl::isa::avx2;
    BOOST_TEST(instructions(op::pow::code, sinter::detail::dtype::f32) > with_assistance);
}

BOOST_AUTO_TEST_CASE(more_work_never_costs_less) {
    const pl::machine m = described(8);
    double before = 0;
    for (double n = 16; n < 1e9; n *= 2) {
        const pl::work w{
            .elements = n, .lanes = 16, .instructions = 4, .loads = 2, .stores = 1, .bytes_read = 8 * n, .bytes_written = 4 * n, .footprint = 12 * n};
        const double now = pl::predict(m, w, 1, false).seconds;
        BOOST_TEST(now >= before);
        BOOST_TEST(pl::choose(m, w, 8, true).seconds <= now);
        before = now;
    }
}

BOOST_AUTO_TEST_SUITE_END()
