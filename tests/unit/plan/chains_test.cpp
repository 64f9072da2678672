#include "unit/plan/plan_of.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace plan_tests;

namespace {

sn::array<float> softmax(const sn::array<float>& x, sn::index_t axis) {
    const sn::reduce_options o{.axis = axis, .keepdims = true};
    const sn::array<float> m = sn::max(x, o), e = sn::exp(x - m);
    return e / sn::sum(e, o);
}

int tile_slots(const pl::plan& p) {
    return static_cast<int>(std::count_if(p.slots.begin(), p.slots.end(), [](const pl::slot& s) { return s.from == pl::slot::source::tile; }));
}

sn::array<float> layer_norm(const sn::array<float>& x) {
    const sn::reduce_options o{.axis = 1, .keepdims = true};
    const sn::array<float> d = x - sn::mean(x, o);
    return d * (1.0F / sn::sqrt(sn::mean(d * d, o) + 1e-5F));
}

const pl::decision* pipeline_decision(const pl::plan& p) {
    const auto d = std::find_if(p.decisions.begin(), p.decisions.end(), [](const pl::decision& x) { return x.kind == pl::decision_kind::pipeline; });
    return d == p.decisions.end() ? nullptr : &*d;
}

/// With all decisions, none of which is another one for it.
pl::plan told(const sn::array<float>& y, const pl::machine& m) {
    return plan_of_roots({{y.node(), false, nullptr}}, m, pl::chaining::by_cost, {{pl::decision_kind::store, ~0U, 2}});
}

/// Its chain tile by tile, or as a pipeline.
pl::plan forced(const sn::array<float>& y, const pl::machine& m, bool pipelined) {
    const pl::plan p = told(y, m);
    const pl::decision* const d = pipeline_decision(p);
    BOOST_REQUIRE(d != nullptr);
    return plan_of_roots({{y.node(), false, nullptr}}, m, pl::chaining::by_cost, {{pl::decision_kind::pipeline, d->value, pipelined ? 1U : 0U}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(chains)

BOOST_AUTO_TEST_CASE(softmax_reads_its_rows_once) {
    const auto x = in_memory({8192, 1024});
    const pl::machine m = described(2);
    const pl::plan p = plan_of({softmax(x, 1)}, m);
    BOOST_REQUIRE(p.chains.size() == 1U);
    const pl::chain& c = p.chains[0];
    BOOST_TEST((c.first == 0U && c.past == 3U));
    BOOST_TEST(c.units == 8192);
    BOOST_TEST(c.threads == 2);
    // The largest of a row, exp and its sum live in a tile.
    BOOST_TEST(tile_slots(p) == 3);
    BOOST_TEST(c.bytes < m.l2.bytes);
    BOOST_TEST(p.peak_bytes == 8192U * 1024 * 4 + 2 * c.bytes);
    double read = 0, written = 0;
    for (const pl::launch& l : p.launches) {
        read += l.does.bytes_read;
        written += l.does.bytes_written;
    }
    BOOST_TEST(read == 8192.0 * 1024 * 4);
    BOOST_TEST(written == 8192.0 * 1024 * 4);
    BOOST_TEST(p.launches[2].predicted.streaming);
    // Only what is stored for good goes past the caches.
    BOOST_TEST(!p.launches[1].predicted.streaming);
    BOOST_TEST(p.predicted_seconds < plan_of({softmax(x, 1)}, m, pl::chaining::never).predicted_seconds);
}

BOOST_AUTO_TEST_CASE(what_is_small_or_asked_not_to_runs_one_by_one) {
    const auto small = in_memory({8, 16}), large = in_memory({4096, 1024});
    BOOST_TEST(plan_of({softmax(small, 1)}, described(1)).chains.empty());
    BOOST_TEST(plan_of({softmax(large, 1)}, described(1), pl::chaining::never).chains.empty());
    BOOST_TEST(plan_of({softmax(small, 1)}, described(1), pl::chaining::always).chains.size() == 1U);
    // One row has nothing to cut.
    BOOST_TEST(plan_of({softmax(in_memory({1, 1000}), 1)}, described(1), pl::chaining::always).chains.empty());
}

BOOST_AUTO_TEST_CASE(rows_that_no_cache_holds_are_no_chain) {
    const auto x = in_memory({16, 300000});
    pl::machine m = described(1);
    m.l3.bytes = 0;
    const pl::plan p = plan_of({softmax(x, 1)}, m);
    BOOST_TEST(p.chains.empty());
    BOOST_TEST(std::any_of(p.launches.begin(), p.launches.end(), [](const pl::launch& l) { return l.apart.find("too large") != std::string::npos; }));
}

BOOST_AUTO_TEST_CASE(what_is_a_result_too_is_stored_as_one) {
    const auto x = in_memory({4096, 1024});
    const sn::reduce_options o{.axis = 1, .keepdims = true};
    const sn::array<float> m = sn::max(x, o), e = sn::exp(x - m), y = e / sn::sum(e, o);
    const pl::plan p = plan_of({y, m}, described(1));
    BOOST_REQUIRE(p.chains.size() == 1U);
    BOOST_TEST(tile_slots(p) == 2);
    // exp is held by the program, but nobody has asked for it yet: a tile's memory does.
    BOOST_TEST(p.results.size() == 2U);
    BOOST_TEST(p.passed_over.size() == 1U);
}

BOOST_AUTO_TEST_CASE(columns_go_by_tiles_of_columns) {
    const auto x = in_memory({200, 65536});
    const pl::plan p = plan_of({softmax(x, 0)}, described(2));
    BOOST_REQUIRE(p.chains.size() == 1U);
    const pl::chain& c = p.chains[0];
    BOOST_TEST((c.of == pl::chain::unit::column));
    BOOST_TEST(c.units == 65536);
    BOOST_TEST(c.tile % c.grain == 0);
    BOOST_TEST(c.grain % 16 == 0);
    // A tile of longer columns would have to stay in the last level, which gains nothing.
    BOOST_TEST(c.level < 3);
    BOOST_TEST(plan_of({softmax(in_memory({4096, 4096}), 0)}, described(2)).chains.empty());
}

BOOST_AUTO_TEST_CASE(one_loop_over_all_goes_by_the_rows_of_who_reads_it) {
    using sn::all;
    using sn::range;
    const auto x = in_memory({512, 1024});
    const auto three_columns = [](sn::array<float> e) -> sn::array<float> { return e(all, range(0, -2)) + e(all, range(1, -1)) + e(all, range(2, {})); };
    const sn::array<float> y = three_columns(sn::sqrt(x));
    const pl::plan p = plan_of({y}, described(1), pl::chaining::always);
    BOOST_REQUIRE(p.chains.size() == 1U);
    BOOST_TEST(p.chains[0].units == 512);
    BOOST_TEST(tile_slots(p) == 1);
    BOOST_REQUIRE(p.launches.size() == 2U);
    BOOST_TEST((p.launches[0].along == pl::split_dim::inner && p.launches[0].n == 512 * 1024 && p.launches[0].per_unit == 1024));
    BOOST_TEST((p.launches[1].along == pl::split_dim::rows && p.launches[1].per_unit == 1));
    // Where the next rows are read, no row's reader can run before those are made.
    const sn::array<float> f = sn::tgamma(x), z = f(range(0, 256), all) + f(range(1, 257), all) + f(range(2, 258), all) + f(range(3, 259), all);
    const pl::plan apart = plan_of({z}, described(1), pl::chaining::always);
    BOOST_TEST(apart.chains.empty());
    BOOST_TEST(apart.launches.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_chain_asks_for_the_next_tile) {
    const auto x = in_memory({4096, 1024});
    const pl::plan p = forced(softmax(x, 1), described(1), false);
    BOOST_REQUIRE(p.chains.size() == 1U);
    int asked = 0;
    for (const pl::launch& l : p.launches) {
        BOOST_REQUIRE(l.places.size() == l.kernel.inputs.size() + l.kernel.outputs.size() + l.kernel.reductions.size());
        BOOST_TEST(l.block_step.size() == l.places.size());
        for (std::size_t i = 0; i < l.kernel.inputs.size(); ++i) {
            if (!l.kernel.inputs[i].ahead) continue;
            ++asked;
            BOOST_TEST(l.places[i].leaf);
            BOOST_TEST(l.places[i].offset == p.chains[0].tile * 1024);
        }
    }
    BOOST_TEST(asked == 1);
}

BOOST_AUTO_TEST_CASE(long_rows_of_which_a_part_has_been_read_ask_for_what_comes_next) {
    const auto x = in_memory({1 << 24});
    const pl::plan p = plan_of({sn::var(x)}, described(1), pl::chaining::always);
    BOOST_REQUIRE(p.chains.size() == 1U);
    for (const pl::launch& l : p.launches) {
        const bool all = l.outer.count() * l.rows * l.n == 1 << 24;
        BOOST_TEST(l.kernel.asks_ahead == (all ? 2048 : 0));
    }
    // Here the sums ask for what the greatest values of the next tile will read.
    for (const pl::launch& l : plan_of({softmax(in_memory({256, 65536}), 1)}, described(1)).launches) BOOST_TEST(l.kernel.asks_ahead == 0);
}

BOOST_AUTO_TEST_CASE(memory_never_rests_while_results_go_past_the_caches) {
    const auto x = in_memory({8192, 1024});
    const pl::plan p = forced(layer_norm(x), described(1), false);
    BOOST_REQUIRE(p.chains.size() == 1U);
    // What is one number for a row has no launch of its own.
    BOOST_REQUIRE(p.launches.size() == 3U);
    BOOST_TEST(p.chains[0].tile == 2);
    BOOST_TEST(p.launches[2].predicted.streaming);
    for (std::size_t k = 0; k < 3; ++k) {
        const pl::launch& l = p.launches[k];
        for (std::size_t i = 0; i < l.kernel.inputs.size(); ++i) {
            if (l.kernel.inputs[i].ahead == 0) continue;
            BOOST_TEST(k == 2U);
            BOOST_TEST(l.kernel.inputs[i].ahead == 0b1111);
            BOOST_TEST(l.places[i].offset == 2 * 2 * 1024);
        }
    }
    BOOST_TEST(p.launches[2].kernel.inputs.size() == 4U);
}

BOOST_AUTO_TEST_CASE(rows_go_side_by_side_where_memory_decides) {
    const auto x = in_memory({8192, 1024});
    const pl::machine m = described(1);
    const pl::plan p = plan_of({layer_norm(x)}, m);
    BOOST_REQUIRE(p.chains.size() == 1U);
    const pl::chain& c = p.chains[0];
    BOOST_TEST(c.pipelined);
    for (std::size_t k = 0; k < 3; ++k) BOOST_TEST(c.lags[k] == k);
    // The mean of a row is read again two rows later.
    BOOST_TEST(c.tile == 4);
    BOOST_TEST(p.predicted_seconds < forced(layer_norm(x), m, false).predicted_seconds);
    // The last launch asks for what the first one reads 8 KiB later.
    const pl::launch& last = p.launches[2];
    BOOST_REQUIRE(last.kernel.inputs.size() == 4U);
    BOOST_TEST(last.kernel.inputs[3].ahead == 0b1111);
    BOOST_TEST(last.places[3].offset == (2 + 2) * 1024);
    // One kernel has all of it.
    const sinter::detail::codegen::kernel k = pl::pipeline_kernel(p.launches, c);
    BOOST_CHECK_NO_THROW(sinter::detail::codegen::verify(k));
    std::size_t inputs = 0, outputs = 0, reductions = 0, params = 0;
    for (const pl::launch& l : p.launches) {
        inputs += l.kernel.inputs.size();
        outputs += l.kernel.outputs.size();
        reductions += l.kernel.reductions.size();
        params += l.kernel.params.size();
    }
    BOOST_TEST((k.inputs.size() == inputs && k.outputs.size() == outputs && k.reductions.size() == reductions && k.params.size() == params));
    BOOST_TEST(std::count_if(k.inputs.begin(), k.inputs.end(), [](const auto& i) { return i.to_second; }) == 1);
    // What lives from one row to the next only has memory for two.
    const pl::plan two = forced(softmax(x, 1), m, true);
    BOOST_REQUIRE(two.chains.size() == 1U);
    BOOST_TEST(two.chains[0].pipelined);
    BOOST_TEST(two.chains[0].tile == 2);
    // Threads write lines that are not in the same page.
    const pl::plan shared = plan_of({layer_norm(x)}, described(2));
    BOOST_REQUIRE(shared.chains.size() == 1U);
    BOOST_TEST(shared.chains[0].bytes % 4096 == 0U);
}

BOOST_AUTO_TEST_CASE(a_number_for_each_row_that_is_kept_is_part_of_a_pipeline) {
    const auto x = in_memory({4096, 1024});
    const sn::reduce_options o{.axis = 1, .keepdims = true};
    const sn::array<float> factor = 1.0F / sn::sqrt(sn::mean(x * x, o) + 1e-5F), y = x * factor;
    const pl::plan p = forced(y, described(1), true);
    BOOST_REQUIRE(p.chains.size() == 1U);
    const pl::chain& c = p.chains[0];
    BOOST_REQUIRE(c.past - c.first == 3U);
    BOOST_TEST(c.pipelined);
    BOOST_TEST(p.launches[1].rows * p.launches[1].n == 4096);
    // It is not there in time for the next row, behind stores that wait for memory.
    BOOST_TEST((c.lags[0] == 0 && c.lags[1] == 1 && c.lags[2] == 3));
    const sinter::detail::codegen::kernel k = pl::pipeline_kernel(p.launches, c);
    BOOST_CHECK_NO_THROW(sinter::detail::codegen::verify(k));
    BOOST_TEST(k.outputs.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_asks_for_lines_leaves_room_for_operands) {
    for (const std::size_t n : {4U, 8U, 10U, 12U}) {
        std::vector<sn::array<float>> xs;
        for (std::size_t i = 0; i < n; ++i) xs.push_back(in_memory({512, 4096}));
        sn::array<float> all = xs[0], again = xs[0];
        for (std::size_t i = 1; i < n; ++i) {
            all = all * 0.5F + xs[i];
            again = again + xs[i] * 0.25F;
        }
        const sn::array<float> y = again / sn::sum(all, {.axis = 1, .keepdims = true});
        const pl::plan p = plan_of_roots({{y.node(), false, nullptr}}, described(1), pl::chaining::pipelined);
        BOOST_REQUIRE(p.chains.size() == 1U);
        BOOST_TEST(p.chains[0].pipelined);
        std::size_t places = 0;
        for (const pl::launch& l : p.launches) places += l.places.size();
        BOOST_TEST(places > 2 * n);
        BOOST_TEST(places <= pl::most_pipeline_places);
    }
}

BOOST_AUTO_TEST_CASE(why_there_is_no_pipeline) {
    const auto refused = [](const sn::array<float>& y, const pl::machine& m) -> std::string {
        const pl::plan p = told(y, m);
        const pl::decision* const d = pipeline_decision(p);
        return d == nullptr ? "there is no chain" : d->options.at(1).refused;
    };
    const auto x = in_memory({4096, 1024});
    BOOST_TEST(refused(layer_norm(x), described(1)).empty());
    BOOST_TEST(refused(softmax(in_memory({200, 65536}), 0), described(1)) == "not all of its kernels go along the same rows");
    BOOST_TEST(refused(layer_norm(in_memory({7, 65536})), described(1)) == "there are too few rows");
    // A mean of each row, from sums that are there, and what goes along the rows.
    const sn::array<float> m = in_memory({4096, 1}) / 1024.0F, y = sn::sum(sn::square(x - m), {.axis = 1});
    const std::vector<gr::capture::root> both{{m.node(), false, nullptr}, {y.node(), false, nullptr}};
    for (const pl::decision& d : plan_of_roots(both, described(1), pl::chaining::by_cost, {{pl::decision_kind::store, ~0U, 2}}).decisions) {
        if (d.kind == pl::decision_kind::pipeline) BOOST_TEST(d.options.at(1).refused == "fewer than two of its kernels go along rows");
    }
    pl::machine narrow = described(1);
    narrow.best = pl::isa::avx2;
    narrow.vector_bytes = 32;
    BOOST_TEST(refused(layer_norm(x), narrow) == "its sums would fill the registers");
    narrow.best = pl::isa::portable;
    narrow.vector_bytes = 16;
    BOOST_TEST(refused(layer_norm(x), narrow) == "only machine code can");
}

BOOST_AUTO_TEST_CASE(maps_go_by_tiles_of_elements) {
    constexpr sn::index_t n = 1 << 23;
    const auto x = in_memory({n}), y = in_memory({n});
    const sn::array<float> e = [&] {
        const sn::array<float> d = sn::log(x / y) / sn::sqrt(y);
        return sn::exp(d) * sn::tanh(d) + x * y;
    }();
    // Whatever is stored and cut: the second kernel reads it, and what the first one read.
    const pl::forced_choice none{pl::decision_kind::store, ~0U, 2};
    int cut = 0;
    for (const pl::decision& way : plan_of_roots({{e.node(), false, nullptr}}, described(1), pl::chaining::by_cost, {none}).decisions) {
        if (way.kind != pl::decision_kind::store) continue;
        const pl::plan p = plan_of_roots({{e.node(), false, nullptr}}, described(1), pl::chaining::by_cost, {{pl::decision_kind::store, way.value, 2}});
        if (p.launches.size() != 2) continue;
        ++cut;
        BOOST_REQUIRE(p.chains.size() == 1U);
        const pl::chain& c = p.chains[0];
        BOOST_TEST((c.of == pl::chain::unit::element));
        BOOST_TEST(c.units == n);
        BOOST_TEST(c.tile < n);
        BOOST_TEST(c.tile % 128 == 0);
        BOOST_TEST(c.level < 3);
        BOOST_TEST(tile_slots(p) == 1);
    }
    BOOST_TEST(cut > 0);
}

BOOST_AUTO_TEST_CASE(rows_in_another_order_are_not_of_the_same_tile) {
    const auto x = in_memory({4096, 1024});
    const sn::array<float> s = sn::sum(x, {.axis = 1, .keepdims = true});
    const sn::array<float> turned = s(sn::range({}, {}, -1), sn::all);
    BOOST_TEST(plan_of({x * turned}, described(1), pl::chaining::always).chains.empty());
}

BOOST_AUTO_TEST_CASE(launches_in_between_make_way) {
    // Two of the same shape, recorded in turns: each reads its own rows once.
    const auto x = in_memory({4096, 1024}), z = in_memory({2048, 4096});
    const sn::array<float> a = sn::max(x, {.axis = 1, .keepdims = true}), b = sn::max(z, {.axis = 1, .keepdims = true});
    const sn::array<float> y = x - a, w = z - b;
    const pl::plan p = plan_of({y, w}, described(1), pl::chaining::always);
    BOOST_TEST(p.chains.size() == 2U);
    for (std::size_t k = 0; k < p.launches.size(); ++k) {
        for (const std::uint32_t d : p.launches[k].after) BOOST_TEST(d < k);
    }
}

BOOST_AUTO_TEST_SUITE_END()
