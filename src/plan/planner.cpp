#include "plan/chains.hpp"
#include "plan/planner.hpp"

namespace sinter::inline v1::detail::plan {

planner::planner(const graph::graph& g, const request& r, bool for_tiles) : g_{g}, r_{r}, m_{*r.target}, for_tiles_{for_tiles} {}

plan planner::run() {
    place_roots();
    force_stores();
    weigh();
    decide_stores();
    keep_held();
    cut();
    order();
    give_memory();
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
            p_.predicted_seconds += l.predicted.seconds;
            p_.launches.push_back(std::move(l));
        }
    }
    // Reasons name kernels, which may run later than what they are the reason for.
    for (std::size_t k = 0; k < groups_.size(); ++k) {
        if (groups_[k].other != no_group) p_.launches[launches_of[k].back()].other = launches_of[groups_[k].other].back();
    }
    finish_results();
    make_chains(p_, r_);
    share_temporaries();
    return std::move(p_);
}

plan make_plan(const graph::graph& g, const request& r) {
    if (r.chains == chaining::never) return planner(g, r, false).run();
    planner trusting(g, r, true);
    plan tiled = trusting.run();
    if (!trusting.stores_for_tiles() || r.chains == chaining::always) return tiled;
    plan plain = planner(g, r, false).run();
    return tiled.predicted_seconds <= plain.predicted_seconds ? std::move(tiled) : std::move(plain);
}

}  // namespace sinter::inline v1::detail::plan
