#include "base/operation_table.hpp"
#include "plan/planner.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sinter::inline v1::detail::plan {

using graph::operand;
using graph::value;
using graph::value_id;
using graph::value_kind;

namespace {

/// Kernels that a value is priced in, at most.
constexpr std::size_t most_priced = 6;
/// More streams than this in one kernel leave the address registers and the prefetchers behind.
constexpr std::size_t most_operands = 14;
constexpr std::size_t most_instructions = 320;
/// How far back a kernel is looked for that a value may join; keeps planning near linear.
constexpr std::size_t window = 48;

[[nodiscard]] std::uint64_t key(operand o) { return o.value | std::uint64_t{o.map} << 32U; }

}  // namespace

const extents& planner::space_of(value_id seed) const {
    const value& v = g_.values[seed];
    switch (v.kind) {
        case value_kind::reduction:
        case value_kind::scan: return g_.space(v.args[0]);
        case value_kind::update: return g_.maps[v.region].space;
        default: return v.shape;
    }
}

operand planner::body_of(value_id seed) const {
    const value& v = g_.values[seed];
    switch (v.kind) {
        case value_kind::reduction:
        case value_kind::scan: return v.args[0];
        case value_kind::update: return v.args[1];
        default: return {seed, graph::identity};
    }
}

/// The memory that a seed's expression reads, each with its map from the seed's space, and how many operations it has.
void planner::read_by(value_id seed, std::vector<operand>& reads, std::size_t& instructions, std::vector<std::uint64_t>* computed) {
    std::vector<operand>& todo = to_expand_;
    met_.resize(g_.values.size());
    ++meeting_;
    met_by_map_.clear();
    const auto first_time = [&](operand o) {
        return o.map == graph::identity ? std::exchange(met_[o.value], meeting_) != meeting_ : met_by_map_.insert(key(o)).second;
    };
    const auto visit = [&](operand o) {
        if (!first_time(o)) return;
        const value_kind k = g_.values[o.value].kind;
        if (k == value_kind::scalar || k == value_kind::constant) return;
        if (stored_[o.value] != 0) {
            reads.push_back(o);
        } else {
            todo.push_back(o);
        }
    };
    const auto expand = [&](operand o) {
        const value v = g_.values[o.value];
        if (computed != nullptr && v.kind == value_kind::operation) computed->push_back(key(o));
        instructions += v.kind == value_kind::operation ? instructions_of(m_, v.code, v.type) : v.kind == value_kind::loop ? instructions_of_turn(m_, v.bits) : 0;
        for (std::size_t a = 0; a < v.n_args; ++a) {
            visit(o.map == graph::identity ? v.args[a] : g_.through(v.args[a], g_.maps[o.map]));
        }
    };
    if (elementwise(seed) || g_.values[seed].kind == value_kind::part) {
        expand({seed, graph::identity});
    } else {
        visit(body_of(seed));
        const value& v = g_.values[seed];
        if (v.kind == value_kind::reduction && v.n_args > 1) visit(v.args[1]);
        if (v.kind == value_kind::update && stored_[v.args[0].value] == 0) visit(v.args[0]);
    }
    while (!todo.empty()) {
        const operand o = todo.back();
        todo.pop_back();
        expand(o);
    }
    if (computed != nullptr) std::sort(computed->begin(), computed->end());
}

/// Of a kernel that computes what both do: what they share once.
std::size_t planner::instructions_in(const group& h, const group& fresh) const {
    std::vector<std::uint64_t> shared;
    std::set_intersection(h.computed.begin(), h.computed.end(), fresh.computed.begin(), fresh.computed.end(), std::back_inserter(shared));
    std::size_t all = h.instructions + fresh.instructions;
    for (const std::uint64_t c : shared) {
        const value& v = g_.values[static_cast<value_id>(c)];
        all -= instructions_of(m_, v.code, v.type);
    }
    return all;
}

bool planner::reaches(std::uint32_t from, std::uint32_t to) const {
    if (from == to) return true;
    std::vector<char> seen(groups_.size(), 0);
    std::vector<std::uint32_t> todo{to};
    while (!todo.empty()) {
        const std::uint32_t k = todo.back();
        todo.pop_back();
        for (const std::uint32_t d : groups_[k].after) {
            if (d == from) return true;
            if (seen[d] == 0) {
                seen[d] = 1;
                todo.push_back(d);
            }
        }
    }
    return false;
}

/// Whether a group computes what a seed reads for the very element that the seed is at.
bool planner::same_loop(const group& h, value_id seed, operand read) const {
    return read.map == graph::identity && elementwise(read.value) && h.space == space_of(seed);
}

void planner::cut() {
    group_of_.assign(g_.values.size(), no_group);
    for (value_id s = 0; s < g_.values.size(); ++s) {
        const value& v = g_.values[s];
        if (stored_[s] == 0 || v.kind == value_kind::leaf || v.kind == value_kind::blank) continue;
        if (v.kind == value_kind::alias) {
            group_of_[s] = group_of_[v.args[0].value];
            continue;
        }
        if (v.kind == value_kind::reduction && v.reduced.last - v.reduced.first > 1) store_what_gaps_divide(s);
        if (v.kind == value_kind::part && joins_loop(s)) continue;
        join(s);
    }
}

/// Stores what a reduction takes several axes of as one, where they are not one in the memory that it is computed from.
void planner::store_what_gaps_divide(value_id reduction) {
    const value v = g_.values[reduction];
    for (std::size_t a = 0; a < (v.adds_products() ? 2U : 1U); ++a) {
        const value_id x = v.args[a].value;
        if (stored_[x] != 0 || !elementwise(x)) continue;
        group apart;
        apart.space = space_of(reduction);
        apart.reduced = v.reduced;
        read_by(reduction, apart.reads, apart.instructions);
        if (collapses(apart)) return;
        stored_[x] = 1;
        join(x);
    }
}

/// The states of a loop are one kernel.
bool planner::joins_loop(value_id part) {
    for (value_id s = g_.values[part].args[0].value + 1; s < part; ++s) {
        const value& other = g_.values[s];
        if (other.kind != value_kind::part || !(other.args[0] == g_.values[part].args[0])) continue;
        group& h = groups_[group_of_[s]];
        h.seeds.push_back(part);
        h.does = work_of(h);
        group_of_[part] = group_of_[s];
        return true;
    }
    return false;
}

/// Why a value may not join a kernel that it shares memory with, or null. shared: how much.
const char* planner::why_not(const group& fresh, const group& h, std::uint32_t k, std::size_t shared) const {
    const value& v = g_.values[fresh.seeds[0]];
    const bool reduces = fresh.kind != codegen::kernel_kind::map;
    if (v.kind == value_kind::part || g_.values[h.seeds[0]].kind == value_kind::part) return "repeats steps for each element, or kernel # does";
    if (reduces && h.kind != codegen::kernel_kind::map && (h.kind != fresh.kind || !(h.reduced == fresh.reduced))) {
        return "reduces other axes than kernel #";
    }
    if (v.kind == value_kind::scan || g_.values[h.seeds[0]].kind == value_kind::scan) return "accumulates along an axis, or kernel # does";
    // An index takes a portable kernel, which what else there is should not be made slower by.
    const auto gives_index = [&](value_id x) { return g_.values[x].index_step() != 0; };
    const auto other = [&](value_id x) { return g_.values[x].kind != value_kind::reduction || !(g_.values[x].args[0] == v.args[0]); };
    if ((gives_index(fresh.seeds[0]) || std::any_of(h.seeds.begin(), h.seeds.end(), gives_index)) && (!reduces || std::any_of(h.seeds.begin(), h.seeds.end(), other))) {
        return "gives an index, or kernel # does, and does not reduce the same";
    }
    // Several axes that are reduced as one have to be one for everything that the kernel reads.
    group both;
    both.space = h.space;
    both.reduced = reduces ? fresh.reduced : h.reduced;
    if (both.reduced.last - both.reduced.first > 1) {
        both.reads = h.reads;
        both.reads.insert(both.reads.end(), fresh.reads.begin(), fresh.reads.end());
        std::erase_if(both.reads, [&](operand o) { return group_of_[o.value] == k; });
        if (!collapses(both)) return "takes axes as one that are not for kernel #";
    }
    const bool updates = std::any_of(h.seeds.begin(), h.seeds.end(), [&](value_id x) { return g_.values[x].kind == value_kind::update; });
    if (updates || v.kind == value_kind::update) return "an assignment writes into memory that kernel # may still read";
    if (h.reads.size() + fresh.reads.size() - shared + h.seeds.size() + 1 > most_operands ||
        (h.instructions + fresh.instructions > most_instructions && instructions_in(h, fresh) > most_instructions)) {
        return "kernel # would have too many operands or instructions";
    }
    for (const std::uint32_t d : fresh.after) {
        if (d != k && reaches(k, d)) return "within kernel # it would have to run before and after a third one";
    }
    return nullptr;
}

/// Gives a value that is stored to the kernel where it costs least, or to one of its own.
void planner::join(value_id s) {
    const value v = g_.values[s];
    group fresh;
    fresh.space = space_of(s);
    fresh.seeds = {s};
    if (v.kind == value_kind::reduction || v.kind == value_kind::scan) {
        fresh.reduced = v.reduced;
        fresh.kind = v.reduced.last == fresh.space.size() ? codegen::kernel_kind::row_reduce : codegen::kernel_kind::column_reduce;
    }
    read_by(s, fresh.reads, fresh.instructions, &fresh.computed);
    if (v.kind == value_kind::update && stored_[v.args[0].value] != 0 && group_of_[v.args[0].value] != no_group)
        fresh.after.push_back(group_of_[v.args[0].value]);
    for (const operand o : fresh.reads) {
        if (const std::uint32_t d = group_of_[o.value]; d != no_group) fresh.after.push_back(d);
    }
    std::sort(fresh.after.begin(), fresh.after.end());
    fresh.after.erase(std::unique(fresh.after.begin(), fresh.after.end()), fresh.after.end());

    // Kernels that read the same memory, or compute what this value reads. What it adds to each of them is held against a kernel of its own.
    std::string refused;
    std::uint32_t by = no_group;
    const auto refuse = [&](const char* why, std::uint32_t k) {
        refused = why;
        by = k;
    };
    std::vector<option> ways;
    std::vector<std::uint32_t> groups{no_group};
    ways.push_back({.key = alone, .name = "a kernel of its own", .seconds = 0, .refused = {}});
    std::size_t best = 0;
    std::size_t priced = 0;
    const std::size_t stop = groups_.size() > window ? groups_.size() - window : 0;
    for (std::size_t i = groups_.size(); i-- > stop;) {
        const auto k = static_cast<std::uint32_t>(i);
        const group& h = groups_[k];
        std::size_t shared = 0;
        bool through_memory = false;
        bool cut = false;
        for (const operand o : fresh.reads) {
            if (group_of_[o.value] == k) {
                cut = cut || cut_off_[o.value] != 0;
                if (same_loop(h, s, o) && cut_off_[o.value] == 0) {
                    ++shared;
                } else {
                    through_memory = true;
                }
            } else if (std::find(h.reads.begin(), h.reads.end(), o) != h.reads.end()) {
                ++shared;
            }
        }
        if (v.kind == value_kind::update && group_of_[v.args[0].value] == k) through_memory = true;
        if (!through_memory && (shared == 0 || !(h.space == fresh.space))) continue;
        const char* why = nullptr;
        if (through_memory) {
            why = cut                                                            ? "a value of kernel # is stored before anything reads it"
                  : g_.values[h.seeds[0]].kind == value_kind::part      ? "needs the whole loop of kernel #"
                  : g_.values[h.seeds[0]].kind == value_kind::reduction ? "needs the whole reduction of kernel #"
                                                                                 : "reads other elements of kernel #'s result than the one at hand";
            if (refused.empty()) refuse(why, k);
        } else {
            why = why_not(fresh, h, k, shared);
            if (why != nullptr) refuse(why, k);
        }
        if (why != nullptr) {
            if (log_.asks()) {
                ways.push_back({.key = h.seeds[0], .name = "kernel #", .seconds = -1, .refused = why});
                groups.push_back(k);
            }
            continue;
        }
        if (priced == most_priced) continue;
        ++priced;
        const group both = merged(h, k, fresh);
        const double footprint = both.does.footprint;
        const double own = seconds_of(fresh, footprint);
        ways[0].seconds = ways[0].seconds > 0 ? std::min(ways[0].seconds, own) : own;
        const double added = std::max(0.0, seconds_of(both, footprint) - seconds_of(h, footprint));
        ways.push_back({.key = h.seeds[0], .name = "kernel #", .seconds = added, .refused = {}});
        groups.push_back(k);
        if (added < own && (best == 0 || added < ways[best].seconds)) best = ways.size() - 1;
    }
    const bool dearer = best == 0 && priced > 0;
    if (log_.asks()) {
        const std::size_t wanted = best;
        best = decide(decision_kind::fuse, s, ways, wanted);
        if (best == 0 && wanted != 0) refuse("kept apart from kernel # as a test asked for", groups[wanted]);
    }
    if (best == 0) {
        if (dearer && refused.empty()) {
            std::size_t cheapest = 1;
            while (groups[cheapest] == no_group || !ways[cheapest].refused.empty()) ++cheapest;
            refuse("costs more within kernel # than apart", groups[cheapest]);
        }
        fresh.why = !refused.empty() ? refused : groups_.empty() ? "first kernel" : "shares no memory with an earlier kernel of the same shape";
        fresh.other = by;
        fresh.does = work_of(fresh);
        group_of_[s] = static_cast<std::uint32_t>(groups_.size());
        groups_.push_back(std::move(fresh));
        return;
    }
    const std::uint32_t k = groups[best];
    groups_[k] = merged(groups_[k], k, fresh);
    group_of_[s] = k;
}

/// Groups in an order in which each stands after those that it reads.
void planner::order() {
    std::vector<std::uint32_t> sorted;
    std::vector<char> state(groups_.size(), 0);
    std::vector<std::pair<std::uint32_t, std::size_t>> stack;
    for (std::uint32_t k = 0; k < groups_.size(); ++k) {
        if (state[k] != 0) continue;
        stack.emplace_back(k, 0);
        state[k] = 1;
        while (!stack.empty()) {
            auto& [at, next] = stack.back();
            if (next == groups_[at].after.size()) {
                sorted.push_back(at);
                stack.pop_back();
                continue;
            }
            const std::uint32_t d = groups_[at].after[next++];
            if (state[d] == 0) {
                state[d] = 1;
                stack.emplace_back(d, 0);
            }
        }
    }
    std::vector<std::uint32_t> place(groups_.size());
    for (std::uint32_t i = 0; i < sorted.size(); ++i) place[sorted[i]] = i;
    std::vector<group> ordered(groups_.size());
    for (std::uint32_t k = 0; k < groups_.size(); ++k) {
        for (std::uint32_t& d : groups_[k].after) d = place[d];
        if (groups_[k].other != no_group) groups_[k].other = place[groups_[k].other];
        ordered[place[k]] = std::move(groups_[k]);
    }
    groups_ = std::move(ordered);
    for (std::uint32_t& k : group_of_) {
        if (k != no_group) k = place[k];
    }
}

}  // namespace sinter::inline v1::detail::plan
