#include "plan/planner.hpp"

#include "graph/graph.hpp"

#include <algorithm>
#include <unordered_map>

// What is decided for each kernel once its loops are known, and what becomes of the record of all decisions.

namespace sinter::inline v1::detail::plan {

using graph::value_id;

namespace {

/// A portable kernel runs each operation over a block in the nearest cache: two loads and a store for each.
[[nodiscard]] double portable_seconds(const machine& m, work w, int threads, bool streaming) {
    const double operations = w.instructions + w.products + w.divisions + w.roots + w.looped;
    w.loads += 2 * operations;
    w.stores += operations;
    // It is there for AVX2, too.
    const int lanes = std::max(1, w.lanes * (m.best == isa::portable ? 16 : 32) / m.vector_bytes);
    w.steps *= static_cast<double>(w.lanes) / lanes;
    w.lanes = lanes;
    return predict(m, w, threads, streaming).seconds;
}

/// A step for several vectors, one for what is left of them, one under masks, and the loops around them. Where vectors go on from turn to turn (`emitter::rotate`), those several are there twice.
[[nodiscard]] double instructions_emitted(const launch& l, bool goes_on) {
    constexpr double around = 60, copies = 3.5, going_on = 10;
    const double vectors = l.kernel.vectors != 0 ? 2.0 + l.kernel.vectors : goes_on ? going_on : copies;
    return around + (l.does.length + l.does.loads + l.does.stores) * vectors + l.does.rare;
}

}  // namespace

const char* backend_name(isa set) noexcept { return set == isa::portable ? "portable" : set == isa::avx2 ? "jit-avx2" : "jit-avx512"; }

std::size_t planner::decide(decision_kind kind, value_id about, std::vector<option> options, std::size_t wanted) {
    return log_.choose(kind, about, g_.values[about].captured, std::move(options), wanted);
}

/// What a launch would take whose loops and tiles are there.
double planner::priced(launch& l) const {
    set_accesses(l);
    estimate_work(l);
    return choose(m_, l.does, l.most_threads, l.may_stream).seconds;
}

/// The cheapest of the likely loops; the first if they cost the same. Other pairs of axes are priced where somebody looks.
planner::axes planner::choose_axes(const launch& l, const loop_space& s, const std::vector<index_t>& result_step, const std::vector<axes>& likely) {
    constexpr std::size_t most_axes = 4;
    const auto key_of = [](axes a) { return static_cast<std::uint64_t>(a.inner * 16 + a.rows); };
    std::vector<option> ways;
    const auto add = [&](axes a) {
        launch t = l;
        lay_out(t, s, result_step, a);
        place_tiles(t);
        std::string name = "rows of " + std::to_string(t.n) + " along axis " + std::to_string(a.inner) + ", " + std::to_string(t.rows) + " along axis " + std::to_string(a.rows);
        ways.push_back({.key = key_of(a), .name = std::move(name), .seconds = priced(t), .refused = {}});
    };
    for (const axes a : likely) add(a);
    std::size_t best = 0;
    for (std::size_t i = 1; i < ways.size(); ++i) {
        if (ways[i].seconds < 0.9 * ways[best].seconds) best = i;
    }
    if (!log_.asks() || s.extent.size() > most_axes) return likely[best];
    for (std::size_t inner = 0; inner < s.extent.size(); ++inner) {
        if (l.kernel.kind == codegen::kernel_kind::row_reduce && inner != likely[0].inner) continue;
        for (std::size_t rows = 0; rows < s.extent.size(); ++rows) {
            const axes a{inner, rows};
            if (rows != inner && std::find(likely.begin(), likely.end(), a) == likely.end()) add(a);
        }
    }
    const std::uint64_t key = ways[decide(decision_kind::loops, l.about, ways, best)].key;
    return {static_cast<std::size_t>(key / 16), static_cast<std::size_t>(key % 16)};
}

/// Whether a map goes axis by axis although memory would allow fewer loops.
bool planner::keeps_axes_apart(const launch& l, const loop_space& one, axes of_one, const loop_space& apart, axes of_apart) {
    const std::vector<index_t> no_results(l.places.size(), 0);
    const auto seconds = [&](const loop_space& s, axes a) {
        launch t = l;
        lay_out(t, s, no_results, a);
        place_tiles(t);
        return priced(t);
    };
    std::vector<option> ways;
    ways.push_back({.key = 0, .name = one.extent.size() == 1 ? "one loop" : std::to_string(one.extent.size()) + " loops", .seconds = seconds(one, of_one), .refused = {}});
    ways.push_back({.key = 1, .name = "a loop for each of " + std::to_string(apart.extent.size()) + " axes", .seconds = seconds(apart, of_apart), .refused = {}});
    return decide(decision_kind::collapse, l.about, std::move(ways), 0) == 1;
}

/// Vectors that the inner loop of a map takes at a time.
void planner::choose_vectors(launch& l) {
    if (!log_.asks() || l.kernel.kind != codegen::kernel_kind::map || !l.kernel.loop.empty() || l.backend == isa::portable) return;
    // The more at a time, the less the loop itself takes and the fewer wait for each other, until the code gets long and registers short.
    constexpr double loop_instructions = 2, longest = 400, longest_step = 800, crowded = 1.1;
    std::vector<option> ways;
    for (const int vectors : {1, 2, 4, 8}) {
        const double length = (l.does.length + l.does.loads + l.does.stores) * vectors;
        if (length > longest_step) break;
        work w = l.does;
        w.instructions += loop_instructions / vectors;
        // So many all end with the turn.
        w.path /= goes_on(l) ? waiting_of_several * vectors : vectors;
        const double seconds = predict(m_, w, l.threads, l.predicted.streaming).seconds * (length > longest ? crowded : 1);
        ways.push_back({.key = static_cast<std::uint64_t>(vectors), .name = std::to_string(vectors) + (vectors == 1 ? " vector" : " vectors") + " at a time", .seconds = seconds, .refused = {}});
    }
    if (ways.empty()) return;
    double best = ways[0].seconds;
    for (const option& o : ways) best = std::min(best, o.seconds);
    ways.insert(ways.begin(), {.key = 0, .name = "as many vectors at a time as registers allow", .seconds = best, .refused = {}});
    l.kernel.vectors = static_cast<std::uint8_t>(ways[decide(decision_kind::unroll, l.about, ways, 0)].key);
}

/// Machine code pays when a kernel has run so often that what it saves has made up for compiling it. Small arrays and long kernels may
/// never come there: such a kernel first runs on the portable backend, and is compiled when it has. Or another thread compiles it at once, and
/// the portable backend runs it until then.
void planner::choose_compiling(launch& l) {
    constexpr double most_elements = 4096;
    // A statement that is evaluated at all is likely to be evaluated about so often.
    constexpr double likely_runs = 256;
    // Some are evaluated a few times only.
    constexpr double few_runs = 16;
    // What it takes to wake another thread, and until that has begun.
    constexpr double hand_over_seconds = 4e-6, background_seconds = 30e-6;
    // What each operation takes to begin its block, and what a statement loses that does not find its code at once.
    constexpr double block_seconds = 15e-9, statement_seconds = 0.4e-6;
    if (l.backend == isa::portable || l.does.elements > most_elements) return;
    const double compile = m_.compile_seconds + m_.compile_seconds_per_instruction * instructions_emitted(l, goes_on(l));
    const double portable = portable_seconds(m_, l.does, l.threads, false) + block_seconds * static_cast<double>(l.kernel.code.size()) + statement_seconds;
    const double gain = std::max(portable - l.predicted.seconds, 1e-9);
    const auto in_background = [&](double runs) {
        const double until_then = std::min(runs, (compile + background_seconds) / portable);
        return hand_over_seconds + until_then * portable + (runs - until_then) * l.predicted.seconds;
    };
    std::vector<option> ways;
    ways.push_back({.key = 0, .name = "compiled before it runs", .seconds = compile + likely_runs * l.predicted.seconds, .refused = {}});
    ways.push_back({.key = 1, .name = "portable until its code pays", .seconds = likely_runs * portable, .refused = {}});
    ways.push_back({.key = 2, .name = "portable while another thread compiles it", .seconds = in_background(likely_runs), .refused = r_.no_background});
    // What these keep for themselves is not there while portable code runs.
    if (l.at_once > 0 || l.scan_rows > 0) ways[2].refused = "its loops are made for machine code";
    std::size_t wanted = ways[1].seconds < ways[0].seconds ? 1 : 0;
    // It has to gain much where there are few runs, and lose little where there are many.
    const bool gains = in_background(few_runs) < 0.8 * (compile + few_runs * l.predicted.seconds) && ways[2].seconds <= 1.1 * ways[wanted].seconds;
    if (ways[2].refused.empty() && r_.compiling != base::compile_use::now && (gains || r_.compiling == base::compile_use::background)) wanted = 2;
    const std::size_t taken = decide(decision_kind::compile, l.about, std::move(ways), wanted);
    if (taken == 0) return;
    l.compiled_after = static_cast<int>(std::min(compile / gain, 1e6)) + 1;
    l.in_background = taken == 2;
    if (taken == 1) l.predicted.seconds = portable;
}

/// Threads, and stores past the caches, as they are quickest.
void planner::run_best(launch& l) const {
    l.predicted = choose(m_, l.does, l.most_threads, l.may_stream && !l.read_soon);
    l.threads = l.predicted.threads;
}

/// The same as decisions.
void planner::choose_running(launch& l) {
    take_rows_at_once(l);
    scan_in_steps(l);
    const int most_threads = l.most_threads;
    const bool may_stream = l.may_stream && !l.read_soon;
    const work& w = l.does;
    run_best(l);
    if (log_.asks()) {
        const auto seconds = [&](int threads) {
            const double plain = predict(m_, w, threads, false).seconds;
            return may_stream ? std::min(plain, predict(m_, w, threads, true).seconds) : plain;
        };
        std::vector<option> ways;
        std::size_t wanted = 0;
        for (int t = 1; t <= most_threads; t = t < most_threads ? std::min(2 * t, most_threads) : t + 1) {
            if (t == l.predicted.threads) wanted = ways.size();
            ways.push_back({.key = static_cast<std::uint64_t>(t), .name = std::to_string(t) + (t == 1 ? " thread" : " threads"), .seconds = seconds(t), .refused = {}});
        }
        const auto threads = static_cast<int>(ways[decide(decision_kind::threads, l.about, ways, wanted)].key);
        ways = {{.key = 0, .name = "stores by the caches", .seconds = predict(m_, w, threads, false).seconds, .refused = {}},
                {.key = 1, .name = "stores past the caches", .seconds = predict(m_, w, threads, true).seconds, .refused = {}}};
        if (l.read_soon) ways[1].name += ", where a later kernel would look for them";
        if (!l.may_stream) ways[1].refused = "its rows are not aligned, or it writes over what it reads";
        const bool stream_wanted = threads == l.predicted.threads ? l.predicted.streaming : may_stream && ways[1].seconds < ways[0].seconds;
        if (l.kernel.outputs.empty()) ways.pop_back();
        const bool streaming = decide(decision_kind::stream, l.about, ways, stream_wanted ? 1 : 0) == 1;
        if (threads != l.predicted.threads || streaming != l.predicted.streaming) l.predicted = predict(m_, w, threads, streaming);
    }
    l.threads = l.predicted.threads;
    l.plain = !l.sums_columns && l.at_once == 0 && l.scan_rows == 0 && l.tile_rows == 0 && l.tile_n == 0 && l.threads == 1 && !l.predicted.streaming && l.outer.empty() && l.blocks == 1;
    choose_backend(l);
    take_blocks_together(l);
    l.kernel.asks_ahead = reads_on(l) ? bytes_ahead(m_, l.does.footprint, l.threads, l.kernel.long_rows) : std::uint16_t{0};
    if (scans_columns(l) && l.kernel.asks_ahead > 0) scan_beyond_caches(l);
    choose_vectors(l);
    choose_compiling(l);
    // The portable backend takes several short rows together, which sums in memory would be too late for: it keeps those of columns itself.
    if ((scans_columns(l) || l.at_once > 0) && (l.backend == isa::portable || l.compiled_after > 0)) {
        if (scans_columns(l)) {
            l.backend = isa::portable;
            l.compiled_after = 0;
        }
        l.scan_rows = l.at_once = 0;
    }
}

void planner::choose_backend(launch& l) {
    if (m_.best == isa::portable) return;
    if (l.backend == isa::portable) {
        // There is no machine code for it.
        l.predicted.seconds = portable_seconds(m_, l.does, l.threads, l.predicted.streaming);
        return;
    }
    if (!log_.asks()) return;
    std::vector<option> ways;
    ways.push_back({.key = static_cast<std::uint64_t>(m_.best), .name = backend_name(m_.best), .seconds = l.predicted.seconds, .refused = {}});
    const double slower = portable_seconds(m_, l.does, l.threads, l.predicted.streaming);
    ways.push_back({.key = static_cast<std::uint64_t>(isa::portable), .name = backend_name(isa::portable), .seconds = slower, .refused = {}});
    if (decide(decision_kind::backend, l.about, std::move(ways), 0) == 0) return;
    l.backend = isa::portable;
    l.predicted.seconds = slower;
}

/// Says which kernel each decision is about, and draws the graph.
void planner::finish_decisions(const std::vector<std::vector<std::uint32_t>>& launches_of) {
    const auto launch_of = [&](std::uint32_t group) { return launches_of[group].back(); };
    p_.decisions = log_.take();
    const auto launch_with = [&](value_id v) {
        if (v < group_of_.size() && group_of_[v] != no_group) return launch_of(group_of_[v]);
        if (v < computed_in_.size() && !computed_in_[v].empty()) return launch_of(computed_in_[v].back());
        return no_launch;
    };
    std::unordered_map<std::uint32_t, std::uint32_t> copies;
    for (std::uint32_t i = 0; i < p_.launches.size(); ++i) copies.emplace(p_.launches[i].about, i);
    for (decision& d : p_.decisions) {
        d.launch = launch_with(d.value);
        if (const auto copy = copies.find(d.value); d.launch == no_launch && copy != copies.end()) d.launch = copy->second;
        for (option& o : d.options) {
            for (std::string* text : {&o.name, &o.refused}) {
                const std::size_t at = text->find('#');
                if (at == std::string::npos) continue;
                const std::uint32_t other = launch_with(static_cast<value_id>(o.key));
                // Numbers of launches; a report counts from its first kernel on.
                text->replace(at, 1, "#" + std::to_string(other) + "#");
            }
        }
    }
    for (value_id v = 0; v < computed_in_.size(); ++v) {
        const graph::value& from = g_.values[v];
        drawn_value d{.text = graph::describe(g_, v), .captured = from.captured, .memory = stored_[v] != 0, .reads = {}, .launches = {}};
        for (std::size_t a = 0; a < from.n_args; ++a) d.reads.push_back(from.args[a].value);
        if (from.kind != graph::value_kind::leaf && group_of_[v] != no_group) {
            d.launches.push_back(launch_of(group_of_[v]));
        } else {
            for (const std::uint32_t k : computed_in_[v]) d.launches.push_back(launch_of(k));
        }
        p_.drawn.push_back(std::move(d));
    }
}

}  // namespace sinter::inline v1::detail::plan
