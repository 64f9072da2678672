#include "base/operation_table.hpp"
#include "plan/planner.hpp"

#include <algorithm>

namespace sinter::inline v1::detail::plan {

using graph::operand;
using graph::value;
using graph::value_id;
using graph::value_kind;

namespace {

/// Kernels with more instructions than this compile slowly and spill.
constexpr std::size_t largest_kernel = 256;
/// Nor is a value computed in place, even if forced, where its ways in all would take more.
constexpr std::size_t largest_in_place = 1024;
/// More ways to look at a value than this are as good as any number.
constexpr std::size_t most_contexts = 48;

/// Whether an update writes every element between the first and the last of its region.
[[nodiscard]] bool is_dense(const graph::graph& g, value_id update) {
    const index_map& m = g.maps[g.values[update].region];
    if (m.space.count() == 0) return false;
    for (std::size_t d = 0; d < m.source_rank; ++d) {
        if (m[d].axis >= 0 && m[d].step != 1 && m[d].step != -1) return false;
    }
    return true;
}

[[nodiscard]] bool owns_memory(value_kind k) { return k == value_kind::reduction || k == value_kind::scan || k == value_kind::update || k == value_kind::alias || k == value_kind::blank || k == value_kind::part; }

}  // namespace

/// Every root becomes a value that has memory of its own, or a view of one.
void planner::place_roots() {
    std::vector<char> taken(g_.values.size(), 0);
    std::vector<std::uint32_t> users(g_.values.size(), 0);
    std::vector<char> reshaped(g_.values.size(), 0);
    for (const value& v : g_.values) {
        if (v.kind == value_kind::alias) reshaped[v.args[0].value] = 1;
        for (std::size_t a = 0; a < v.n_args; ++a) ++users[v.args[a].value];
    }
    for (const graph::result& root : g_.roots) ++users[root.at.value];
    for (const graph::result& h : g_.held) ++users[h.at.value];
    // Memory that is made for the value alone, and looked at in no other shape: it may be the user's.
    const auto may_be_made_there = [&](value_id id) {
        const value& v = g_.values[id];
        if (reshaped[id] != 0) return false;
        if (v.kind != value_kind::alias) return true;
        const value_kind base = g_.values[v.args[0].value].kind;
        return base != value_kind::leaf && base != value_kind::alias && users[v.args[0].value] == 1;
    };
    for (graph::result& root : g_.roots) {
        const value v = g_.values[root.at.value];
        const bool external = r_.nodes[root.captured].external;
        const bool own = elementwise(root.at.value) || owns_memory(v.kind);
        const bool whole = root.at.map == graph::identity && own;
        if (external ? whole && taken[root.at.value] == 0 && may_be_made_there(root.at.value)
                     : whole || owns_memory(v.kind) || (v.kind == value_kind::leaf && !r_.nodes[v.captured].borrowed)) {
            // A view may look at memory that is there anyway; memory goes to one place only.
            if (external) taken[root.at.value] = 1;
            continue;
        }
        value copy{.kind = value_kind::copy, .type = v.type, .n_args = 1, .shape = g_.space(root.at), .captured = root.captured};
        copy.args[0] = root.at;
        root.at = {g_.add(copy), graph::identity};
        taken.push_back(external ? 1 : 0);
    }
    // A value that goes to the user's memory and is wanted elsewhere too: the second one is a copy.
    for (graph::result& root : g_.roots) {
        if (r_.nodes[root.captured].external || taken[root.at.value] == 0) continue;
        value copy{
            .kind = value_kind::copy, .type = g_.values[root.at.value].type, .n_args = 1, .shape = g_.space(root.at), .captured = root.captured};
        copy.args[0] = root.at;
        root.at = {g_.add(copy), graph::identity};
        taken.push_back(0);
    }
}

/// What has memory whatever it costs: roots, reductions, updates, reshaped values and what they need.
void planner::force_stores() {
    stored_.assign(g_.values.size(), 0);
    proposed_.assign(g_.values.size(), 0);
    for (const proposal& p : r_.proposed) {
        if (p.choice.kind == decision_kind::store && p.choice.key == 1) proposed_[p.choice.value] = 1;
    }
    for (value_id i = 0; i < g_.values.size(); ++i) {
        const value& v = g_.values[i];
        if (v.kind == value_kind::leaf || owns_memory(v.kind)) stored_[i] = 1;
        // What an update leaves as it is may be computed right into its memory, where no other value needs the whole.
        const bool computed = v.kind == value_kind::update && elementwise(v.args[0].value) && is_dense(g_, i);
        if ((v.kind == value_kind::alias || v.kind == value_kind::update || v.kind == value_kind::gather) && !computed) stored_[v.args[0].value] = 1;
    }
    for (const graph::result& r : g_.roots) stored_[r.at.value] = 1;
}

/// Cycles of one vector step of the value itself.
double planner::cycles_of_value(value_id id) const {
    const value& v = g_.values[id];
    if (v.kind == value_kind::operation) return cycles_of(m_, v.code, v.type) * (size_of(v.type) == 8 ? 2 : 1);
    return v.kind == value_kind::gather ? gather_cycles * m_.vector_bytes / static_cast<double>(size_of(v.type)) : 0;
}

bool planner::same_along_rows(graph::map_id map, const extents& space) const {
    if (map == graph::identity || space.empty() || space[space.size() - 1] <= 1) return false;
    const index_map& m = g_.maps[map];
    const auto last = static_cast<std::int64_t>(space.size()) - 1;
    for (std::size_t d = 0; d < m.source_rank; ++d) {
        if (m[d].axis == last || m[d].axis == index_map::gathered) return false;
    }
    return true;
}

planner::store_seconds planner::seconds_of_store(value_id id, double looked_at, double cycles) const {
    const value& v = g_.values[id];
    const double own = static_cast<double>(v.shape.count());
    const double lanes = m_.vector_bytes / static_cast<double>(size_of(v.type));
    const double bytes = own * static_cast<double>(size_of(v.type));
    const double again = looked_at / lanes * cycles / m_.clock_hz;
    const double once = (own / lanes * cycles + looked_at / lanes / m_.loads_per_cycle) / m_.clock_hz;
    // Several threads have more near caches to keep it in, and share what is computed; a last cache or memory may give them no more than one gets.
    constexpr double worth_waking = 10;
    const int threads = again > worth_waking * m_.wake_seconds_hot ? std::max(r_.max_threads, 1) : 1;
    store_seconds s;
    s.transfer = transfer_seconds(m_, bytes, 3 * bytes, threads);  // an operand, the value and a result
    s.again = again / threads;
    s.once = once / threads + 2 * s.transfer + m_.kernel_call_seconds + (threads > 1 ? m_.wake_seconds_hot : 0);
    return s;
}

/// Cycles and size of each value's expression when everything below it that has no memory is computed in place.
void planner::weigh() {
    cycles_.assign(g_.values.size(), 0);
    tree_size_.assign(g_.values.size(), 0);
    level_.assign(g_.values.size(), 0);
    std::vector<char> of_numbers(g_.values.size(), 0);
    for (value_id i = 0; i < g_.values.size(); ++i) {
        const value& v = g_.values[i];
        of_numbers[i] = v.kind == value_kind::scalar || v.kind == value_kind::constant || (v.kind == value_kind::operation && v.shape.count() == 1 && v.n_args > 0) ? 1 : 0;
        for (std::size_t a = 0; a < v.n_args; ++a) {
            // A result of one element each is there before the next kernel; so is memory that was written as a whole.
            level_[i] = std::max(level_[i], level_[v.args[a].value] + (owns_memory(g_.values[v.args[a].value].kind) ? 1U : 0U));
        }
        if (!elementwise(i)) continue;
        double c = cycles_of_value(i);
        std::size_t size = v.kind == value_kind::operation ? instructions_of(m_, v.code, v.type) : 1;
        for (std::size_t a = 0; a < v.n_args; ++a) {
            const value_id x = v.args[a].value;
            if (of_numbers[x] == 0 || stored_[x] != 0 || proposed_[x] != 0) of_numbers[i] = 0;
            if (stored_[x] != 0 || proposed_[x] != 0) {
                c += 1 / m_.loads_per_cycle;
            } else {
                // What many elements have in common is stored, or computed where each of them begins.
                const double own = static_cast<double>(g_.values[x].shape.count()), all = std::max(static_cast<double>(v.shape.count()), 1.0);
                c += own < all ? std::min(cycles_[x], cycles_[x] * own / all + 1 / m_.loads_per_cycle) : cycles_[x];
                size += tree_size_[x];
            }
        }
        // What is made of numbers alone is computed before a kernel's loops.
        if (of_numbers[i] != 0) c = 0;
        cycles_[i] = c;
        tree_size_[i] = size;
        // Only an upper bound, as shared values count more than once; good enough to keep endless chains out of one kernel.
        if (size > largest_kernel && v.kind == value_kind::operation && elementwise(i)) {
            std::vector<operand> reads;
            std::size_t instructions = 0;
            read_by(i, reads, instructions);
            tree_size_[i] = instructions;
            if (instructions > largest_kernel) {
                stored_[i] = 1;
                cycles_[i] = c;
            }
        }
    }
}

std::uint32_t planner::space_id(const extents& e) {
    for (std::size_t i = spaces_.size(); i-- > 0;) {
        if (spaces_[i] == e) return static_cast<std::uint32_t>(i);
    }
    spaces_.push_back(e);
    return static_cast<std::uint32_t>(spaces_.size() - 1);
}

/// Values that are looked at in several ways, or by more elements than they have, are stored where that is cheaper than computing them
/// again each time.
void planner::decide_stores() {
    contexts_.assign(g_.values.size(), {});
    cut_off_.assign(g_.values.size(), 0);
    // Values that another statement uses: where a program without fusion would have cut.
    std::vector<char> crosses(g_.values.size(), 0);
    for (const value& v : g_.values) {
        for (std::size_t a = 0; a < v.n_args; ++a) {
            if (g_.values[v.args[a].value].captured != v.captured) crosses[v.args[a].value] = 1;
        }
    }
    tile_only_.assign(g_.values.size(), 0);
    const auto add = [&](value_id v, context c) {
        auto& list = contexts_[v];
        if (list.size() < most_contexts && std::find(list.begin(), list.end(), c) == list.end()) list.push_back(c);
    };
    for (value_id i = static_cast<value_id>(g_.values.size()); i-- > 0;) {
        const value v = g_.values[i];
        if (stored_[i] == 0 && elementwise(i)) {
            const auto& seen = contexts_[i];
            const double own = static_cast<double>(v.shape.count());
            double looked_at = 0;
            // What begins rows takes a vector of each. Whether a kernel of its own takes less, the plan as a whole shows (computed_again).
            bool begins_rows = true;
            const double lanes = m_.vector_bytes / static_cast<double>(size_of(v.type));
            for (const context& c : seen) {
                const extents& space = spaces_[c.space];
                const bool row = same_along_rows(c.map, space);
                const auto all = static_cast<double>(space.count());
                looked_at += row ? std::min(all, all / static_cast<double>(space[space.size() - 1]) * lanes) : all;
                begins_rows = begins_rows && row;
            }
            // cycles_ counts what is shared once for each way to it, of which a chain of values that are read twice has 2^n. Where it is computed once in any case, that makes no difference.
            constexpr double likely_shared = 500;
            double cycles = std::min(cycles_[i], likely_shared);
            if (cycles_[i] > likely_shared && looked_at > own) {
                std::vector<std::uint64_t> computed;
                cycles = std::min(cycles_[i], cycles_in_place(i, computed));
            }
            const store_seconds s = seconds_of_store(i, looked_at, cycles);
            std::size_t way = looked_at > own && s.gains() && !begins_rows ? 1 : 0;
            const bool for_a_tile = way == 0 && looked_at > own && for_tiles_ && gains_in_tiles(i);
            if (for_a_tile) way = 1;
            if (log_.asks() && looked_at > 0 && (looked_at > own || crosses[i] != 0 || proposed_[i] != 0)) {
                std::vector<option> ways(3);
                ways[0] = {.key = 0, .name = "computed in place", .seconds = s.again, .refused = {}};
                if (way == 1 && tree_size_[i] * seen.size() > largest_in_place) ways[0].refused = "its kernels would be too large";
                ways[1] = {.key = 1, .name = "stored", .seconds = looked_at > own ? s.once : s.once - s.transfer - m_.kernel_call_seconds, .refused = {}};
                if (for_a_tile) {
                    // What that saves shows when the tiles are made.
                    ways[1].name = "kept in a tile";
                    ways[1].seconds = -1;
                }
                ways[2] = {.key = 2, .name = "stored and cut", .seconds = s.once, .refused = {}};
                if (begins_rows) ways[1].seconds = ways[2].seconds = -1;
                way = decide(decision_kind::store, i, std::move(ways), way);
            }
            if (way > 0) stored_[i] = 1;
            if (way == 1 && for_a_tile) tile_only_[i] = 1;
            if (way > 1) cut_off_[i] = 1;
        }
        if (v.n_args == 0) continue;
        const bool seed = stored_[i] != 0;
        for (std::size_t a = 0; a < v.n_args; ++a) {
            const operand o = v.args[a];
            if (seed) {
                if (v.kind == value_kind::alias) continue;
                add(o.value, {space_id(g_.space(o)), o.map, level_[i]});
            } else {
                for (const context& c : std::vector<context>(contexts_[i])) {
                    const operand through = c.map == graph::identity ? o : g_.through(o, g_.maps[c.map]);
                    add(o.value, {c.space, through.map, c.level});
                }
            }
        }
    }
}

/// Whether a value that several kernels look at would be worth its memory in a near cache, where they all go over the same rows.
bool planner::gains_in_tiles(value_id v) const {
    const auto& seen = contexts_[v];
    const bool alike = std::all_of(seen.begin(), seen.end(), [&](const context& c) { return c.space == seen[0].space && c.map == graph::identity; });
    if (!alike) return false;
    const auto uses = static_cast<double>(seen.size());
    const double lanes = m_.vector_bytes / static_cast<double>(size_of(g_.values[v].type));
    const double through_cache = m_.vector_bytes / std::max(m_.l2.bandwidth, 1.0) * m_.clock_hz;
    const double stored = cycles_[v] + 1 / m_.stores_per_cycle + uses * through_cache;
    return static_cast<double>(g_.values[v].shape.count()) >= lanes && stored < 0.9 * uses * cycles_[v];
}

/// A pending value that the program holds is stored at the second demand, or when it is small beside what is computed anyway.
void planner::keep_held() {
    double largest = 0;
    for (const graph::result& r : g_.roots) largest = std::max(largest, static_cast<double>(g_.space(r.at).count()));
    for (const graph::result& h : g_.held) {
        if (h.at.map != graph::identity || !elementwise(h.at.value) || (stored_[h.at.value] != 0 && tile_only_[h.at.value] == 0)) continue;
        const double own = static_cast<double>(g_.values[h.at.value].shape.count());
        std::size_t way = r_.nodes[h.captured].wanted_before || 16 * own <= largest ? 1 : 0;
        if (log_.asks()) {
            const double bytes = own * static_cast<double>(size_of(g_.values[h.at.value].type));
            std::vector<option> ways(2);
            ways[0] = {.key = 0, .name = "left pending", .seconds = 0, .refused = {}};
            ways[1] = {.key = 1, .name = "stored on the way", .seconds = transfer_seconds(m_, bytes, 4 * bytes, 1), .refused = {}};
            way = decide(decision_kind::hold, h.at.value, std::move(ways), way);
        }
        if (way == 0) continue;
        stored_[h.at.value] = 1;
        tile_only_[h.at.value] = 0;
    }
}

}  // namespace sinter::inline v1::detail::plan
