#include "runtime/place_steps.hpp"

#include "runtime/buffer.hpp"
#include "runtime/numa.hpp"
#include "runtime/threads.hpp"
#include "runtime/topology.hpp"

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <string>

namespace sinter::inline v1::detail::runtime {

using plan::launch;
using plan::place;
using plan::placement;
using plan::slot;

constinit std::atomic<void (*)(const part_record&)> part_listener = nullptr;

namespace {

[[nodiscard]] placement place_of_memory(const node& n) noexcept {
    return n.memory == nullptr ? placement::anywhere() : place_of(*static_cast<const buffer*>(n.memory));
}

/// Whether the parts of the loop that is shared are pieces of the operand's memory, one behind the other: every other loop moves less.
[[nodiscard]] bool lies_along(const launch& l, const place& at, plan::split_dim shared) noexcept {
    using plan::split_dim;
    index_t reach = std::numeric_limits<index_t>::max();
    bool along = true;
    const auto within = [&](index_t extent, index_t stride) {
        if (extent <= 1) return;
        along = along && stride >= 0 && stride <= reach;
    };
    const auto share = [&](index_t extent, index_t stride) {
        within(extent, stride);
        if (extent > 1) reach = stride;
    };
    if (shared == split_dim::rows) share(l.rows, at.row);
    if (shared == split_dim::inner) share(l.n, at.inner);
    for (std::size_t d = 0; d < l.outer.size(); ++d) shared == split_dim::outer ? share(l.outer[d], at.outer[d]) : within(l.outer[d], at.outer[d]);
    within(l.rows, at.row);
    within(l.n, at.inner);
    return along;
}

class chooser {
public:
    using told = std::vector<plan::node_choice>;

    chooser(const plan::plan& p, const graph::capture& c, step_places& to) : p_{p}, c_{c}, to_{to} {}

    void add(const launch& l) {
        for (const place& at : l.places) {
            if (at.counts || at.local) continue;
            if (at.leaf) {
                const node& n = *c_.nodes()[at.index].n;
                to_.operands.push_back({static_cast<double>(static_cast<std::size_t>(n.size) * size_of(n.type)), place_of_memory(n), false});
                continue;
            }
            const slot& s = p_.slots[at.index];
            const auto bytes = static_cast<double>(s.bytes);
            if (s.from == slot::source::donated) to_.operands.push_back({bytes, place_of_memory(*c_.nodes()[s.captured].n), false});
            if (s.from == slot::source::external) to_.operands.push_back({bytes, placement::anywhere(), false});
            if (s.from == slot::source::fresh) to_.operands.push_back({bytes, to_.slots[at.index], !to_.decided[at.index]});
        }
        compute_ += l.predicted.compute_seconds * l.predicted.threads;
    }

    /// Where what was added runs on so many threads.
    [[nodiscard]] plan::node_choice decide(int threads, told* from) {
        const plan::node_choice best = plan::choose_nodes(shared_nodes(), to_.operands, compute_, threads, current_node(), from);
        where_ = best.node >= 0 || reach_all_nodes(best.threads) ? best.fresh(shared_nodes()) : placement::anywhere();
        to_.operands.clear();
        compute_ = 0;
        return best;
    }

    /// What the launch writes first is where it runs. loop: whose parts are shared.
    void settle(const launch& l, bool shared, plan::split_dim loop) {
        for (std::size_t i = l.kernel.inputs.size(); i < l.places.size(); ++i) {
            const place& at = l.places[i];
            if (at.leaf || at.counts || at.local || to_.decided[at.index]) continue;
            to_.decided[at.index] = true;
            if (!shared || p_.slots[at.index].bytes < least_placed_bytes) continue;
            to_.slots[at.index] = where_;
            to_.across[at.index] = where_ == placement::by_rows() && !lies_along(l, at, loop);
        }
    }

private:
    const plan::plan& p_;
    const graph::capture& c_;
    step_places& to_;
    double compute_ = 0;
    placement where_;
};

/// chosen(k, past, best, from): what launches from k to past, one or a chain, may use, for those with threads. from: null, or room for what it was chosen from.
template <class F>
void choose(const plan::plan& p, const graph::capture& c, step_places& to, chooser::told* from, F&& chosen) {
    to.slots.assign(p.slots.size(), placement::anywhere());
    to.decided.assign(p.slots.size(), false);
    to.across.assign(p.slots.size(), false);
    to.operands.clear();
    chooser now{p, c, to};
    auto next_chain = p.chains.begin();
    for (std::size_t k = 0; k < p.launches.size(); ++k) {
        const bool chained = next_chain != p.chains.end() && next_chain->first == k;
        const std::size_t past = chained ? next_chain->past : k + 1;
        const int threads = chained ? next_chain->threads : p.launches[k].threads;
        if (chained) ++next_chain;
        if (threads > 1) {
            for (std::size_t i = k; i < past; ++i) now.add(p.launches[i]);
            chosen(k, past, now.decide(threads, from));
        }
        for (std::size_t i = k; i < past; ++i) now.settle(p.launches[i], threads > 1, chained ? p.launches[i].along : p.launches[i].split);
        k = past - 1;
    }
}

[[nodiscard]] std::string name_of(const plan::node_choice& c) {
    const std::string name = std::to_string(c.threads) + (c.threads == 1 ? " thread on " : " threads on ");
    if (c.node < 0) return name + "all nodes";
    return name + "node " + std::to_string(host_topology().numbers[static_cast<std::size_t>(c.node)]) + (c.node == current_node() ? " (the caller's)" : "");
}

}  // namespace

void choose_places(const plan::plan& p, const graph::capture& c, step_places& to) {
    to.splits.assign(p.launches.size(), nullptr);
    to.tiles = reach_all_nodes(max_threads()) ? placement::by_rows() : placement::anywhere();
    choose(p, c, to, nullptr, [&](std::size_t k, std::size_t, const plan::node_choice& best) {
        to.splits[k] = best.node < 0 ? &split_over_nodes(best.threads) : &split_on_node(best.node, best.threads);
    });
}

std::vector<decision_report> told_places(const plan::plan& p, const graph::capture& c, std::size_t first) {
    std::vector<decision_report> all;
    step_places places;
    chooser::told from;
    choose(p, c, places, &from, [&](std::size_t k, std::size_t past, const plan::node_choice& best) {
        decision_report d;
        d.kind = "nodes";
        for (std::size_t i = 0; i < from.size(); ++i) {
            d.options.push_back({name_of(from[i]), from[i].seconds, {}});
            if (from[i].node == best.node) d.taken = i;
        }
        for (; k < past; ++k) {
            d.kernel = static_cast<int>(first + k);
            all.push_back(d);
        }
    });
    return all;
}

}  // namespace sinter::inline v1::detail::runtime
