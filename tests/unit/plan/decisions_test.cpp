#include "plan/alternatives.hpp"
#include "plan/report.hpp"
#include "prepare.hpp"
#include "support/digest.hpp"

#include <sinter/sinter.hpp>

#include "runtime/execute.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <set>

namespace sn = sinter;
namespace gr = sinter::detail::graph;
namespace pl = sinter::detail::plan;
namespace base = sinter::detail::base;

namespace {

using kind = pl::decision_kind;

sn::array<float> in_memory(const sn::extents& shape) {
    sn::array<float> x = sn::ones<float>(shape);
    x.eval();
    return x;
}

/// What is to be planned, captured as evaluation would.
class captured {
public:
    explicit captured(std::initializer_list<sn::array<float>> wanted) : keep_{wanted}, roots_{roots_of(keep_)}, capture_(roots_.data(), roots_.size()) {}

    [[nodiscard]] pl::plan plan(const std::vector<pl::forced_choice>& forced = {}, int threads = 2) const {
        return sn::detail::make_plans(sn::detail::simplify(capture_), request(forced, threads)).steps;
    }
    [[nodiscard]] pl::plan plan_on(const pl::machine& m, int threads = 1, base::compile_use compiling = base::compile_use::now) const {
        pl::request r = request({}, threads);
        r.target = &m;
        r.compiling = compiling;
        return sn::detail::make_plans(sn::detail::simplify(capture_), r).steps;
    }
    [[nodiscard]] std::string told(const pl::plan& p) const { return pl::report(p, capture_).to_string(); }
    [[nodiscard]] std::vector<pl::alternative> alternatives(std::size_t most) const {
        return pl::alternatives(sn::detail::simplify(capture_).simple, request({}, 2), most);
    }

private:
    [[nodiscard]] pl::request request(const std::vector<pl::forced_choice>& forced, int threads) const {
        pl::request r = sn::detail::make_request(capture_);
        r.max_threads = threads;
        r.compiling = base::compile_use::now;
        r.no_background = threads == 1 ? "one thread is allowed" : "";
        r.forced = forced;
        r.keep_decisions = true;
        return r;
    }
    [[nodiscard]] static std::vector<gr::capture::root> roots_of(const std::vector<sn::array<float>>& all) {
        std::vector<gr::capture::root> roots;
        for (const auto& x : all) roots.push_back({x.node(), false, nullptr});
        return roots;
    }

    std::vector<sn::array<float>> keep_;
    std::vector<gr::capture::root> roots_;
    gr::capture capture_;
};

[[nodiscard]] bool has(const std::string& text, const std::string& word) { return text.find(word) != std::string::npos; }

/// The first decision of a kind that could have gone another way.
[[nodiscard]] const pl::decision* find(const pl::plan& p, kind k) {
    for (const pl::decision& d : p.decisions) {
        if (d.kind != k) continue;
        for (std::size_t o = 0; o < d.options.size(); ++o) {
            if (o != d.taken && d.options[o].refused.empty()) return &d;
        }
    }
    return nullptr;
}

/// Forces every other option of that decision in turn: it is taken, it shows, and it changes what runs in the way that `changed` tells.
void check_forced(const captured& c, kind k, const std::function<bool(const pl::plan& chosen, const pl::plan& forced)>& changed) {
    const pl::plan chosen = c.plan();
    const pl::decision* const d = find(chosen, k);
    BOOST_REQUIRE_MESSAGE(d != nullptr, "there is no " << pl::name_of(k) << " decision");
    BOOST_TEST(!has(c.told(chosen), "(forced)"));
    for (std::size_t o = 0; o < d->options.size(); ++o) {
        if (o == d->taken || !d->options[o].refused.empty()) continue;
        const pl::plan forced = c.plan({{k, d->value, d->options[o].key}});
        bool found = false;
        for (const pl::decision& e : forced.decisions) {
            if (e.kind != k || e.value != d->value) continue;
            found = true;
            BOOST_TEST(e.forced);
            BOOST_TEST(e.options[e.taken].key == d->options[o].key);
            BOOST_TEST(e.launch < forced.launches.size());
        }
        BOOST_TEST(found);
        BOOST_TEST(changed(chosen, forced), pl::name_of(k) << ": " << d->options[o].name << "\n" << c.told(forced));
        BOOST_TEST(has(c.told(forced), "(forced)"), c.told(forced));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decisions)

BOOST_AUTO_TEST_CASE(fusing) {
    const auto x = in_memory({100000});
    const captured c{x + 1.0f, x * 2.0f};
    check_forced(c, kind::fuse, [](const pl::plan& chosen, const pl::plan& forced) { return chosen.launches.size() == 1 && forced.launches.size() == 2; });
    BOOST_TEST(has(c.told(c.plan()), "fused with kernel 0: alone it would take"), c.told(c.plan()));
}

BOOST_AUTO_TEST_CASE(storing_shared_values) {
    const auto x = in_memory({100000});
    const sn::array<float> t = x + 1.0f, y = t * t;
    check_forced(captured{y}, kind::store, [](const pl::plan& chosen, const pl::plan& forced) { return forced.slots.size() == chosen.slots.size() + 1; });
    // Costly and seen shifted: stored, and it may be computed again instead.
    const sn::array<float> e = pow(x, 2.2f);
    const sn::array<float> s = e(sn::range(0, -2)) + e(sn::range(1, -1)) + e(sn::range(2, {}));
    const captured c{s};
    const pl::plan chosen = c.plan();
    bool again = false;
    for (const pl::decision& d : chosen.decisions) {
        if (d.kind != kind::store || d.options[d.taken].key == 0) continue;
        BOOST_TEST(d.options[0].seconds > d.options[1].seconds);
        BOOST_TEST(c.plan({{kind::store, d.value, 0}}).launches.size() < chosen.launches.size());
        again = true;
    }
    BOOST_TEST(again);
}

BOOST_AUTO_TEST_CASE(a_stored_value_that_is_cut_off_has_its_readers_elsewhere) {
    const auto x = in_memory({100000});
    const sn::array<float> t = x + 1.0f, y = t * t;
    const captured c{y};
    const pl::plan chosen = c.plan();
    const pl::decision* const d = find(chosen, kind::store);
    BOOST_REQUIRE(d != nullptr);
    const pl::plan stored = c.plan({{kind::store, d->value, 1}}), cut = c.plan({{kind::store, d->value, 2}});
    BOOST_TEST(stored.launches.size() == 1);
    BOOST_TEST(cut.launches.size() == 2);
    BOOST_TEST(has(c.told(cut), "not fused with kernel 0: a value is stored before anything reads it"), c.told(cut));
}

BOOST_AUTO_TEST_CASE(holding) {
    const auto x = in_memory({100000});
    const sn::array<float> t = sqrt(x), y = t + 1.0f;
    check_forced(captured{y}, kind::hold, [](const pl::plan& chosen, const pl::plan& forced) { return forced.results.size() == chosen.results.size() + 1; });
}

BOOST_AUTO_TEST_CASE(loops) {
    const auto a = in_memory({1000, 2000}), b = in_memory({2000, 1000});
    check_forced(captured{a + b.transpose()}, kind::loops,
                 [](const pl::plan& chosen, const pl::plan& forced) { return chosen.launches[0].n == forced.launches[0].rows; });
}

BOOST_AUTO_TEST_CASE(tiles) {
    const auto a = in_memory({1000, 2000}), b = in_memory({2000, 1000});
    check_forced(captured{a + b.transpose()}, kind::tile, [](const pl::plan& chosen, const pl::plan& forced) {
        const pl::launch& l = chosen.launches[0];
        const pl::launch& m = forced.launches[0];
        return l.tile_rows > 0 && (l.tile_rows != m.tile_rows || l.tile_n != m.tile_n) && pl::tile_bytes(l) != pl::tile_bytes(m);
    });
}

BOOST_AUTO_TEST_CASE(pipelines) {
    if (sn::detail::target_isa() == pl::isa::portable) return;
    const auto x = in_memory({4096, 2048});
    const sn::reduce_options o{.axis = 1, .keepdims = true};
    check_forced(captured{x * (1.0F / sqrt(sn::mean(x * x, o)))}, kind::pipeline, [](const pl::plan& chosen, const pl::plan& forced) {
        return chosen.chains.size() == 1 && forced.chains.size() == 1 && chosen.chains[0].pipelined != forced.chains[0].pipelined;
    });
}

BOOST_AUTO_TEST_CASE(streaming_stores) {
    const auto x = in_memory({1 << 20});
    check_forced(captured{x + 1.0f}, kind::stream,
                 [](const pl::plan& chosen, const pl::plan& forced) { return chosen.launches[0].predicted.streaming != forced.launches[0].predicted.streaming; });
}

BOOST_AUTO_TEST_CASE(threads) {
    const auto x = in_memory({1 << 20});
    check_forced(captured{x + 1.0f}, kind::threads, [](const pl::plan& chosen, const pl::plan& forced) { return chosen.launches[0].threads != forced.launches[0].threads; });
    // What cannot be shared is not.
    const captured small{in_memory({100}) + 1.0f};
    BOOST_TEST(find(small.plan(), kind::threads) == nullptr);
    const pl::plan p = small.plan({{kind::threads, 2, 2}});
    BOOST_TEST(p.launches[0].threads == 1);
}

BOOST_AUTO_TEST_CASE(backends) {
    if (sn::detail::target_isa() == pl::isa::portable) return;
    const auto x = in_memory({1 << 20});
    check_forced(captured{x + 1.0f}, kind::backend, [](const pl::plan& chosen, const pl::plan& forced) {
        return chosen.launches[0].backend != pl::isa::portable && forced.launches[0].backend == pl::isa::portable;
    });
}

BOOST_AUTO_TEST_CASE(collapsing) {
    const auto x = in_memory({100, 200, 50});
    check_forced(captured{x + 1.0f}, kind::collapse, [](const pl::plan& chosen, const pl::plan& forced) {
        const pl::launch& l = forced.launches[0];
        return chosen.launches[0].n == 1000000 && l.n == 50 && l.rows == 200 && l.outer.count() == 100;
    });
}

BOOST_AUTO_TEST_CASE(unrolling) {
    if (sn::detail::target_isa() == pl::isa::portable) return;
    const auto x = in_memory({100000});
    const captured c{x + 1.0f};
    for (const int vectors : {1, 2, 4, 8}) {
        const pl::plan chosen = c.plan();
        const pl::decision* const d = find(chosen, kind::unroll);
        BOOST_REQUIRE(d != nullptr);
        BOOST_TEST(chosen.launches[0].kernel.vectors == 0);
        BOOST_TEST(c.plan({{kind::unroll, d->value, static_cast<std::uint64_t>(vectors)}}).launches[0].kernel.vectors == vectors);
    }
}

BOOST_AUTO_TEST_CASE(compiling_where_it_pays) {
    if (sn::detail::target_isa() == pl::isa::portable) return;
    const auto x = in_memory({16});
    check_forced(captured{x + 1.0f}, kind::compile, [](const pl::plan& chosen, const pl::plan& forced) {
        return chosen.launches[0].compiled_after == 0 && forced.launches[0].compiled_after > 1;
    });
    // Once it has run so often it is machine code.
    const captured c{x * 2.0f};
    const pl::plan now = c.plan();
    const pl::decision* const d = find(now, kind::compile);
    BOOST_REQUIRE(d != nullptr);
    const pl::plan later = c.plan({{kind::compile, d->value, 1}});
    const auto ready = sn::detail::runtime::make_ready(later);
    for (int run = 1; run < later.launches[0].compiled_after; ++run) BOOST_REQUIRE(&sn::detail::runtime::compiled_when_it_pays(*ready) == ready.get());
    const auto& compiled = sn::detail::runtime::compiled_when_it_pays(*ready);
    BOOST_TEST(std::string(ready->code[0]->backend()) == "portable");
    BOOST_TEST(has(compiled.code[0]->backend(), "jit-"));
    BOOST_TEST(&sn::detail::runtime::compiled_when_it_pays(*ready) == &compiled);
    // A kernel that takes long to compile and has little to do runs on the portable backend first, but not one that has more to do.
    pl::machine slow = sn::detail::target_machine(), quick = slow;
    slow.compile_seconds = 1;
    quick.compile_seconds = quick.compile_seconds_per_instruction = 0;
    const captured little{sqrt(in_memory({4}))}, much{sqrt(in_memory({1 << 16}))};
    BOOST_TEST(little.plan_on(slow).launches[0].compiled_after > 0);
    BOOST_TEST(little.plan_on(quick).launches[0].compiled_after == 0);
    BOOST_TEST(much.plan_on(slow).launches[0].compiled_after == 0);
}

BOOST_AUTO_TEST_CASE(formulas_of_some_thousand_elements_are_compiled_at_once) {
    if (sn::detail::target_isa() != pl::isa::avx512) return;
    // On one thread, so that no other one compiles meanwhile: portable code takes two to four times as long, with half as many elements to a vector.
    pl::machine m = sn::detail::target_machine();
    m.compile_seconds = 0;
    m.compile_seconds_per_instruction = 0.16e-6;
    const auto x = in_memory({4096}), y = in_memory({4096});
    for (const captured& c : {captured{sn::tgamma(x)}, captured{sn::lgamma(x)}, captured{sn::pow(x, y)}, captured{sin(x) * cos(x) + tan(x)}}) {
        const pl::plan p = c.plan_on(m);
        BOOST_TEST(p.launches[0].compiled_after == 0);
        const pl::decision* const d = find(p, kind::compile);
        BOOST_REQUIRE(d != nullptr);
        BOOST_TEST(d->options[1].seconds > 1.5 * 256 * p.launches[0].predicted.seconds);
    }
}

BOOST_AUTO_TEST_CASE(what_each_next_statement_reads_twice_is_priced_once) {
    const auto x = in_memory({4096});
    sn::array<float> y = x;
    for (int i = 0; i < 90; ++i) y = i % 3 == 0 ? sn::array<float>(y / (x + y)) : i % 3 == 1 ? sn::array<float>(sqrt(y * x + x)) : sn::array<float>(y * x - y);
    const pl::plan p = captured{y}.plan({}, 1);
    for (const pl::decision& d : p.decisions) {
        for (const pl::option& o : d.options) BOOST_REQUIRE(o.seconds < 0.1);
    }
    // Several vectors under way wait little, so there is nothing to gain by cutting it.
    if (sn::detail::target_isa() == pl::isa::avx512) BOOST_TEST(p.launches.size() == 1U);
}

BOOST_AUTO_TEST_CASE(compiling_in_the_background) {
    if (sn::detail::target_isa() == pl::isa::portable) return;
    const auto x = in_memory({100});
    const captured little{x + 2.0f}, long_code{sin(x) * cos(x) + tan(x)}, large{sin(in_memory({1 << 16})) * 2.0f};
    pl::machine m = sn::detail::target_machine();
    m.compile_seconds = 0;
    m.compile_seconds_per_instruction = 0.2e-6;
    // Long code of little use is made by another thread; short code, and what large arrays need, before it runs.
    const auto plan_of = [&](const captured& c, int threads) { return c.plan_on(m, threads, base::compile_use::by_cost).launches[0]; };
    BOOST_TEST(plan_of(long_code, 2).in_background);
    BOOST_TEST(plan_of(long_code, 2).compiled_after > 1);
    BOOST_TEST(!plan_of(little, 2).in_background);
    BOOST_TEST(!plan_of(large, 2).in_background);
    BOOST_TEST(!plan_of(long_code, 1).in_background);
    BOOST_TEST(!long_code.plan_on(m, 2, base::compile_use::now).launches[0].in_background);
    BOOST_TEST(little.plan_on(m, 2, base::compile_use::background).launches[0].in_background);
    // The code of what rare elements need counts.
    BOOST_TEST(plan_of(long_code, 2).does.rare > 100);
    BOOST_TEST(has(little.told(little.plan({}, 1)), "one thread is allowed"));
}

BOOST_AUTO_TEST_CASE(what_is_refused_says_why) {
    const auto x = in_memory({400, 300});
    const sn::array<float> total = sn::named(sn::array<float>(sn::sum(x, {.axis = 1, .keepdims = true})), "total");
    const captured c{x / total, sn::sum(x, {.axis = 0})};
    const std::string text = c.told(c.plan());
    BOOST_TEST(has(text, "'total'"), text);
    BOOST_TEST(has(text, "needs the whole reduction"), text);
    BOOST_TEST(has(text, "reduces other axes than it"), text);
    BOOST_TEST(!has(text, "#"), text);
}

BOOST_AUTO_TEST_CASE(what_is_said_of_several_is_said_once) {
    const auto x = in_memory({400, 300});
    // Both sums are needed as a whole by the last kernel, and nothing but the kernel tells these apart.
    const sn::array<float> a = sn::sum(x, {.axis = 1, .keepdims = true}), b = sn::max(x, {.axis = 0, .keepdims = true});
    const captured c{x / a + b};
    const std::string text = c.told(c.plan());
    BOOST_TEST(has(text, "not fused with kernels "), text);
    const auto count = [&](const std::string& word) {
        std::size_t n = 0;
        for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
        return n;
    };
    // Each line that says the same of all its options has them in a list, and what makes no difference comes last.
    const std::size_t last = text.find("what would make no difference");
    BOOST_REQUIRE(last != std::string::npos);
    BOOST_TEST(last > text.find("what was chosen"));
    BOOST_TEST(text.find("[kernel", last) != std::string::npos, text);
    std::set<std::string> lines;
    std::size_t all = 0;
    for (std::size_t at = text.find("what was chosen"); at != std::string::npos; at = text.find('\n', at + 1)) {
        lines.insert(text.substr(at, text.find('\n', at + 1) - at));
        ++all;
    }
    BOOST_TEST(lines.size() == all, text);
    BOOST_TEST(count("needs the whole reduction") >= 1U, text);
    BOOST_TEST(count("vector at a time would take as long; ") == 0U, text);
}

BOOST_AUTO_TEST_CASE(nothing_is_kept_unless_asked_for) {
    const auto x = in_memory({1000});
    const sn::array<float> y = x + 1.0f;
    const gr::capture::root root{y.node(), false, nullptr};
    const gr::capture c(&root, 1);
    const pl::plan p = sn::detail::make_plans(sn::detail::simplify(c), sn::detail::make_request(c)).steps;
    BOOST_TEST(p.decisions.empty());
    BOOST_TEST(p.drawn.empty());
}

BOOST_AUTO_TEST_CASE(alternatives_are_all_different) {
    const auto x = in_memory({1 << 20});
    const sn::array<float> t = sqrt(x), u = t + 1.0f;
    const captured c{u * t, sn::sum(u)};
    const auto all = c.alternatives(200);
    BOOST_TEST(all.size() >= 20U);
    BOOST_TEST(all.size() <= 200U);
    BOOST_TEST(all[0].forced.empty());
    std::set<std::string> names;
    std::set<std::size_t> launches;
    for (const pl::alternative& a : all) {
        names.insert(a.name);
        launches.insert(a.steps.launches.size());
    }
    BOOST_TEST(names.size() == all.size());
    BOOST_TEST(launches.size() >= 2U);
    BOOST_TEST(c.alternatives(7).size() == 7U);
}

BOOST_AUTO_TEST_SUITE_END()
