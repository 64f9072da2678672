#include "plan/planner.hpp"

#include <algorithm>

namespace sinter::inline v1::detail::plan {

using graph::operand;
using graph::value;
using graph::value_id;
using graph::value_kind;

std::uint32_t planner::new_slot(value_id id) {
    const value& v = g_.values[id];
    p_.slots.push_back({.bytes = static_cast<std::size_t>(v.shape.count()) * size_of(v.type)});
    return static_cast<std::uint32_t>(p_.slots.size() - 1);
}

/// A slot for every stored value. An update takes over its base's memory where nothing else reads that.
void planner::give_memory() {
    slot_of_.assign(g_.values.size(), no_slot);
    donates_.assign(g_.values.size(), 0);
    std::vector<std::uint32_t> external(g_.values.size(), no_slot);
    std::vector<char> wanted(g_.values.size(), 0);
    for (const graph::result& root : g_.roots) {
        wanted[root.at.value] = 1;
        if (r_.nodes[root.captured].external) external[root.at.value] = root.captured;
    }
    for (const graph::result& h : g_.held) wanted[h.at.value] = 1;
    // Who reads each value, an update's own base left out.
    std::vector<std::uint32_t> readers(g_.values.size(), 0);
    std::vector<value_id> reader(g_.values.size(), graph::no_value);
    std::vector<char> aligned(g_.values.size(), 1);
    for (const group& k : groups_) {
        for (const operand o : k.reads) {
            ++readers[o.value];
            reader[o.value] = k.seeds[0];
            const value& first = g_.values[k.seeds[0]];
            if (!(first.kind == value_kind::update && first.region == o.map)) aligned[o.value] = 0;
        }
    }
    // Memory that is read in several shapes stays as it is.
    std::vector<char> shapes(r_.nodes.size(), 0);
    for (const value& v : g_.values) {
        if (v.kind == value_kind::leaf && shapes[v.captured] < 2) ++shapes[v.captured];
    }
    const auto may_take = [&](const value& leaf) { return r_.nodes[leaf.captured].sole && shapes[leaf.captured] == 1; };
    std::vector<char> given(g_.values.size(), 0);  // leaves whose memory has a new owner
    std::vector<std::uint32_t> bases(g_.values.size(), 0);
    for (value_id i = 0; i < g_.values.size(); ++i) {
        const value& v = g_.values[i];
        if (stored_[i] != 0 && (v.kind == value_kind::update || v.kind == value_kind::alias)) ++bases[v.args[0].value];
    }
    // Whether an update may write over its base: the update itself may read the element that it writes; any other reader would find new values for old.
    const auto is_free = [&](value_id update) {
        const value_id b = g_.values[update].args[0].value;
        const bool only_reader = readers[b] == 0 || (readers[b] == 1 && reader[b] == update && aligned[b] != 0);
        return stored_[b] != 0 && bases[b] == 1 && wanted[b] == 0 && only_reader;
    };
    // What goes to the user's memory begins there: an array that is made of pieces, with the blank that the first one is written on.
    for (const graph::result& root : g_.roots) {
        value_id first = root.at.value;
        if (external[first] == no_slot) continue;
        if (g_.values[first].kind == value_kind::alias) first = g_.values[first].args[0].value;
        const auto writes_over_made = [&](value_id at) {
            if (g_.values[at].kind != value_kind::update) return false;
            const value_kind base = g_.values[g_.values[at].args[0].value].kind;
            return base != value_kind::leaf && base != value_kind::alias && is_free(at);
        };
        while (writes_over_made(first)) first = g_.values[first].args[0].value;
        std::swap(external[first], external[root.at.value]);
    }
    for (value_id i = 0; i < g_.values.size(); ++i) {
        const value& v = g_.values[i];
        if (stored_[i] == 0 || v.kind == value_kind::leaf) continue;
        if (v.kind == value_kind::alias) {
            if (g_.values[v.args[0].value].kind != value_kind::leaf) slot_of_[i] = slot_of_[v.args[0].value];
            continue;
        }
        if (v.kind == value_kind::update && external[i] == no_slot) {
            const value_id b = v.args[0].value;
            const value& base = g_.values[b];
            const bool free = is_free(i);
            if (free && base.kind == value_kind::leaf && may_take(base)) {
                donates_[i] = 1;
                p_.slots.push_back(
                    {.from = slot::source::donated, .captured = base.captured, .bytes = static_cast<std::size_t>(v.shape.count()) * size_of(v.type)});
                slot_of_[i] = static_cast<std::uint32_t>(p_.slots.size() - 1);
                continue;
            }
            if (free && base.kind != value_kind::leaf && base.kind != value_kind::alias) {
                donates_[i] = 1;
                slot_of_[i] = slot_of_[b];
                continue;
            }
        }
        if (external[i] == no_slot && (elementwise(i) || v.kind == value_kind::part)) {
            // The value that replaces a dying one takes its place: each element is read before it is written.
            const group& k = groups_[group_of_[i]];
            for (const operand o : k.reads) {
                const value& leaf = g_.values[o.value];
                if (leaf.kind != value_kind::leaf || o.map != graph::identity || readers[o.value] != 1 || bases[o.value] != 0 ||
                    given[o.value] != 0 || wanted[o.value] != 0 || !may_take(leaf) || size_of(leaf.type) != size_of(v.type) ||
                    !(leaf.shape == v.shape)) {
                    continue;
                }
                given[o.value] = 1;
                p_.slots.push_back(
                    {.from = slot::source::donated, .captured = leaf.captured, .bytes = static_cast<std::size_t>(v.shape.count()) * size_of(v.type)});
                slot_of_[i] = static_cast<std::uint32_t>(p_.slots.size() - 1);
                break;
            }
            if (slot_of_[i] != no_slot) continue;
        }
        slot_of_[i] = new_slot(i);
        if (external[i] != no_slot) {
            p_.slots[slot_of_[i]].from = slot::source::external;
            p_.slots[slot_of_[i]].captured = external[i];
        }
    }
}

/// A kernel that copies a box of a value into the same place of a slot of its shape.
launch planner::copy_box(value_id from, std::uint32_t to_slot, const index_t* low, const index_t* high) {
    const extents shape = g_.values[from].shape;
    index_map box = graph::identity_map(shape);
    for (std::size_t d = 0; d < shape.size(); ++d) {
        box[d].offset = low[d];
        box.space[d] = high[d] - low[d];
    }
    // A value that stands for the copy, so that the ordinary way of building kernels serves.
    const graph::map_id through = graph::is_identity(box, shape) ? graph::identity : g_.intern(box);
    value v{.kind = value_kind::update, .type = g_.values[from].type, .n_args = 2, .shape = shape, .captured = g_.values[from].captured};
    v.args[0] = {from, graph::identity};
    v.args[1] = {from, through};
    v.region = through == graph::identity ? g_.intern(box) : through;
    const value_id id = g_.add(v);
    stored_.push_back(1);
    slot_of_.push_back(to_slot);
    group_of_.push_back(no_group);
    donates_.push_back(1);
    group k;
    k.space = box.space;
    k.seeds = {id};
    k.reads = {v.args[1]};
    k.why = "copies what an assignment leaves as it is";
    return build(k);
}

/// Everything of an update's base but the region that is written: at most two boxes for each axis.
void planner::copy_base(value_id update, std::vector<launch>& out) {
    const value v = g_.values[update];
    if (g_.values[v.args[0].value].kind == value_kind::blank) return;
    const index_map region = g_.maps[v.region];
    const std::size_t rank = v.shape.size();
    index_t low[max_rank] = {};
    index_t high[max_rank] = {};
    for (std::size_t d = 0; d < rank; ++d) high[d] = v.shape[d];
    bool dense = region.space.count() > 0;
    for (std::size_t d = 0; d < rank; ++d) dense = dense && (region[d].axis < 0 || region[d].step == 1 || region[d].step == -1);
    if (dense) {
        for (std::size_t d = 0; d < rank; ++d) {
            index_t first = region[d].offset;
            index_t past = first + 1;
            if (region[d].axis >= 0) {
                const index_t n = region.space[static_cast<std::size_t>(region[d].axis)];
                if (region[d].step < 0) first -= n - 1;
                past = first + n;
            }
            const index_t whole = high[d];
            if (first > low[d]) {
                high[d] = first;
                out.push_back(copy_box(v.args[0].value, slot_of_[update], low, high));
                high[d] = whole;
            }
            if (past < whole) {
                low[d] = past;
                out.push_back(copy_box(v.args[0].value, slot_of_[update], low, high));
            }
            low[d] = first;
            high[d] = past;
        }
    } else if (v.shape.count() > 0) {
        out.push_back(copy_box(v.args[0].value, slot_of_[update], low, high));
    }
}

/// Which captured nodes are in memory afterwards.
void planner::finish_results() {
    const auto add = [&](const graph::result& r) {
        stored s;
        s.captured = r.captured;
        s.shape = g_.space(r.at);
        const place at = place_of(r.at, s.shape, s.stride);
        s.leaf = at.leaf;
        s.index = at.index;
        s.offset = at.offset;
        if (!at.leaf) p_.slots[at.index].temporary = false;
        p_.results.push_back(s);
    };
    for (const graph::result& r : g_.roots) {
        if (!r_.nodes[r.captured].external) add(r);
    }
    for (const graph::result& h : g_.held) {
        const value& v = g_.values[h.at.value];
        const bool kept = h.at.value >= tile_only_.size() || tile_only_[h.at.value] == 0;
        const bool in_memory = kept && stored_[h.at.value] != 0 && group_of_[h.at.value] != no_group && donates_[h.at.value] == 0 &&
                               (slot_of_[h.at.value] == no_slot || p_.slots[slot_of_[h.at.value]].from != slot::source::external);
        if (in_memory && slot_of_[h.at.value] != no_slot && v.kind != value_kind::alias) {
            add(h);
        } else {
            p_.passed_over.push_back(h.captured);
        }
    }
    for (const std::uint32_t captured : g_.reshaped) {
        if (std::none_of(g_.held.begin(), g_.held.end(), [&](const graph::result& h) { return h.captured == captured; })) p_.passed_over.push_back(captured);
    }
}

/// Temporaries that are never needed at the same time share memory.
void planner::share_temporaries() {
    const std::size_t n = p_.slots.size();
    std::vector<std::size_t> first(n, p_.launches.size());
    std::vector<std::size_t> last(n, 0);
    // All of a chain's launches run in turns.
    std::vector<std::size_t> begins(p_.launches.size());
    std::vector<std::size_t> ends(p_.launches.size());
    for (std::size_t l = 0; l < p_.launches.size(); ++l) begins[l] = ends[l] = l;
    std::size_t tiles = 0;  // of one chain after the other
    for (const chain& c : p_.chains) {
        for (std::size_t l = c.first; l < c.past; ++l) {
            begins[l] = c.first;
            ends[l] = c.past - 1;
        }
        tiles = std::max(tiles, c.bytes * static_cast<std::size_t>(c.threads));
    }
    p_.peak_bytes += tiles;
    for (std::size_t l = 0; l < p_.launches.size(); ++l) {
        for (const place& at : p_.launches[l].places) {
            if (at.leaf || at.index == no_slot) continue;
            first[at.index] = std::min(first[at.index], begins[l]);
            last[at.index] = ends[l];
        }
    }
    std::vector<std::uint32_t> now(n);
    std::vector<std::size_t> free_after(n, 0);  // of the slot that carries the memory
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < n; ++i) {
        now[i] = i;
        if (p_.slots[i].from == slot::source::fresh && p_.slots[i].temporary && first[i] < p_.launches.size()) order.push_back(i);
    }
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return first[a] < first[b]; });
    std::vector<std::uint32_t> carriers;
    for (const std::uint32_t i : order) {
        std::uint32_t best = no_slot;
        for (const std::uint32_t c : carriers) {
            if (free_after[c] >= first[i]) continue;
            const bool fits = p_.slots[c].bytes >= p_.slots[i].bytes && p_.slots[c].bytes <= 2 * p_.slots[i].bytes + 4096;
            if (fits && (best == no_slot || p_.slots[c].bytes < p_.slots[best].bytes)) best = c;
        }
        if (best == no_slot) {
            carriers.push_back(i);
            best = i;
        }
        now[i] = best;
        free_after[best] = last[i];
    }
    for (launch& l : p_.launches) {
        for (place& at : l.places) {
            if (!at.leaf && at.index != no_slot) at.index = now[at.index];
        }
    }
    for (std::uint32_t i = 0; i < n; ++i) {
        p_.slots[i].carried = now[i] != i;
        if (p_.slots[i].from == slot::source::fresh && !p_.slots[i].carried) p_.peak_bytes += p_.slots[i].bytes;
    }
}

}  // namespace sinter::inline v1::detail::plan
