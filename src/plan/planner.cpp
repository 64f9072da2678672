#include "plan/chains.hpp"
#include "plan/planner.hpp"

#include <algorithm>

namespace sinter::inline v1::detail::plan {

planner::planner(const graph::graph& g, const request& r, bool for_tiles)
    : g_{g}, r_{r}, m_{*r.target}, for_tiles_{for_tiles}, log_{r.forced, r.proposed, r.keep_decisions} {}

plan planner::run() {
    place_roots();
    force_stores();
    weigh();
    decide_stores();
    keep_held();
    cut();
    order();
    give_memory();
    if (r_.keep_decisions) computed_in_.resize(g_.values.size());
    // The launches of each group in order; an update that cannot write in place copies the rest first.
    std::vector<std::vector<std::uint32_t>> launches_of(groups_.size());
    for (std::size_t k = 0; k < groups_.size(); ++k) {
        const group now = groups_[k];
        std::vector<std::uint32_t> after;
        for (const std::uint32_t d : now.after) after.insert(after.end(), launches_of[d].begin(), launches_of[d].end());
        std::vector<launch> made;
        for (const graph::value_id s : now.seeds) {
            if (g_.values[s].kind == graph::value_kind::update && donates_[s] == 0) copy_base(s, made);
        }
        made.push_back(build(now));
        for (launch& l : made) {
            l.after = after;
            launches_of[k].push_back(static_cast<std::uint32_t>(p_.launches.size()));
            p_.launches.push_back(std::move(l));
        }
    }
    // Reasons name kernels, which may run later than what they are the reason for.
    for (std::size_t k = 0; k < groups_.size(); ++k) {
        if (groups_[k].other != no_group) p_.launches[launches_of[k].back()].other = launches_of[groups_[k].other].back();
    }
    finish_results();
    if (r_.chains != chaining::never && p_.launches.size() > 1) {
        // What the launches take one by one, to hold chains against.
        place_in_caches();
        for (launch& l : p_.launches) run_best(l);
        const std::vector<std::uint32_t> moved_to = make_chains(p_, r_, [&](decision_kind kind, graph::value_id about, std::vector<option> options, std::size_t wanted) {
            return decide(kind, about, std::move(options), wanted);
        });
        for (auto& list : launches_of) {
            for (std::uint32_t& l : list) l = moved_to[l];
        }
    }
    share_temporaries();
    place_in_caches();
    auto next_chain = p_.chains.begin();
    for (std::uint32_t k = 0; k < p_.launches.size(); ++k) {
        if (next_chain != p_.chains.end() && k == next_chain->past) ++next_chain;
        // A chain's launches are decided together.
        if (next_chain == p_.chains.end() || k < next_chain->first) choose_running(p_.launches[k]);
    }
    if (r_.keep_decisions) finish_decisions(launches_of);
    std::size_t leaves = 0;
    for (const graph::value& v : g_.values) leaves += v.kind == graph::value_kind::leaf ? 1 : 0;
    p_.predicted_seconds = m_.statement_seconds * static_cast<double>(std::max(r_.nodes.size(), leaves + 1) - leaves);
    for (const launch& l : p_.launches) p_.predicted_seconds += l.predicted.seconds;
    return std::move(p_);
}

namespace {

/// Larger graphs are planned once.
constexpr std::size_t most_values = 400;
constexpr std::size_t most_cuts = 2;
/// Values that are tried for each cut.
constexpr std::size_t most_tried = 8;

/// Whether a kernel's steps spend their time waiting: shorter ones may be quicker, for all that has to be stored.
[[nodiscard]] bool waits(const machine& m, const launch& l) {
    return !l.predicted.memory_bound() && waiting_cycles(l.does) > 1.2 * step_cycles(m, l.does);
}

/// Values between statements that such kernels compute on the way, spread over all there are.
[[nodiscard]] std::vector<forced_choice> cuts_of(const machine& m, const plan& p) {
    std::vector<forced_choice> all;
    for (const decision& d : p.decisions) {
        if (d.kind == decision_kind::store && d.taken == 0 && !d.forced && d.launch != no_launch && waits(m, p.launches[d.launch])) all.push_back({d.kind, d.value, 2});
    }
    std::vector<forced_choice> some;
    for (std::size_t i = 0; i < std::min(all.size(), most_tried); ++i) some.push_back(all[i * all.size() / std::min(all.size(), most_tried)]);
    return some;
}

/// Computing a value again beside stores that memory waits for is never quite as free as the model has it.
constexpr double again = 1.05;

struct made {
    plan steps;
    std::vector<graph::value_id> repeats{};  // what several of its kernels compute, and might be stored
};

[[nodiscard]] made run(planner p) {
    made m{p.run()};
    m.repeats = p.computed_again();
    return m;
}

/// With values that are stored because a tile may hold them, if that is no slower.
[[nodiscard]] made one_plan(const graph::graph& g, const request& r) {
    if (r.chains == chaining::never) return run(planner(g, r, false));
    planner trusting(g, r, true);
    made tiled{trusting.run()};
    tiled.repeats = trusting.computed_again();
    if (!trusting.stores_for_tiles() || is_forced(r.chains)) return tiled;
    made plain = run(planner(g, r, false));
    return tiled.steps.predicted_seconds <= again * plain.steps.predicted_seconds ? std::move(tiled) : std::move(plain);
}

/// How often a plan is looked through for what its kernels repeat: what is stored may show what else is worth it.
constexpr std::size_t most_rounds = 3;

/// The best plan so far, and with more proposals in the request if those make a better one: what several kernels compute is stored.
void store_what_repeats(const graph::graph& g, request& r, made& best) {
    for (std::size_t round = 0; round < most_rounds && !best.repeats.empty(); ++round) {
        const auto with = [&](std::size_t count) {
            request trying = r;
            for (std::size_t i = 0; i < count; ++i) trying.proposed.push_back({{decision_kind::store, best.repeats[i], 1}, best.steps.predicted_seconds, 0});
            return trying;
        };
        bool better = false;
        // All of them, or the one that seems to gain most.
        for (const std::size_t count : {best.repeats.size(), std::size_t{1}}) {
            request trying = with(count);
            made next = one_plan(g, trying);
            const double after = next.steps.predicted_seconds;
            better = after < 0.97 * best.steps.predicted_seconds;
            if (better) {
                for (std::size_t i = r.proposed.size(); i < trying.proposed.size(); ++i) trying.proposed[i].after = after;
                // Once more, so that its decisions know.
                best = r.keep_decisions ? one_plan(g, trying) : std::move(next);
                r = std::move(trying);
            }
            if (better || count == 1) break;
        }
        if (!better) return;
    }
}

}  // namespace

plan make_plan(const graph::graph& g, const request& asked) {
    made first = one_plan(g, asked);
    request more;
    if (!first.repeats.empty()) {
        more = asked;
        store_what_repeats(g, more, first);
    }
    const request& r = more.proposed.size() > asked.proposed.size() ? more : asked;
    plan best = std::move(first.steps);
    const auto waiting = [&](const plan& p) { return std::any_of(p.launches.begin(), p.launches.end(), [&](const launch& l) { return waits(*r.target, l); }); };
    if (g.values.size() > most_values || !waiting(best)) return best;
    // What long kernels gain from being cut shows only in the plans as a whole, so these are made.
    request asking = r;
    asking.keep_decisions = true;
    plan now = one_plan(g, asking).steps;
    for (std::size_t cut = 0; cut < most_cuts && waiting(now); ++cut) {
        const std::vector<proposal> so_far = asking.proposed;
        const double before = now.predicted_seconds;
        bool better = false;
        for (const forced_choice& c : cuts_of(*r.target, now)) {
            request trying = asking;
            trying.proposed = so_far;
            trying.proposed.push_back({c, before, before});
            const double after = one_plan(g, trying).steps.predicted_seconds;
            if (after >= 0.9 * before || (better && after >= asking.proposed.back().after)) continue;
            trying.proposed.back().after = after;
            asking.proposed = std::move(trying.proposed);
            better = true;
        }
        if (!better) break;
        now = one_plan(g, asking).steps;
    }
    if (asking.proposed.size() == r.proposed.size()) return best;
    asking.keep_decisions = r.keep_decisions;
    return one_plan(g, asking).steps;
}

}  // namespace sinter::inline v1::detail::plan
