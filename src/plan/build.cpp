#include "base/operation_table.hpp"
#include "plan/loops.hpp"
#include "plan/planner.hpp"

#include <sinter/detail/error.hpp>
#include <sinter/detail/primitives.hpp>

#include <algorithm>
#include <unordered_map>

namespace sinter::inline v1::detail::plan {

using codegen::kernel_kind;
using graph::operand;
using graph::value;
using graph::value_id;
using graph::value_kind;

/// Where an operand lies, and its strides along the axes of a space.
place planner::place_of(operand o, const extents& space, index_t* strides) const {
    const value& v = g_.values[o.value];
    place at;
    at.bytes = static_cast<std::uint8_t>(size_of(v.type));
    index_t memory[max_rank] = {};
    if (v.kind == value_kind::leaf) {
        at.leaf = true;
        at.index = v.captured;
        for (std::size_t d = 0; d < v.shape.size(); ++d) memory[d] = r_.nodes[v.captured].strides[d];
    } else {
        at.index = slot_of_.empty() ? no_slot : slot_of_[o.value];
        index_t step = 1;
        for (std::size_t d = v.shape.size(); d-- > 0;) {
            memory[d] = step;
            step *= v.shape[d];
        }
    }
    std::fill_n(strides, space.size(), 0);
    for (std::size_t d = 0; d < v.shape.size(); ++d) {
        if (o.map == graph::identity) {
            strides[d] = memory[d];
            continue;
        }
        const index_map::dimension& m = g_.maps[o.map][d];
        at.offset += m.offset * memory[d];
        if (m.axis >= 0) strides[m.axis] += m.step * memory[d];
    }
    return at;
}

/// Turns a group's values into a kernel's code.
class kernel_builder {
public:
    kernel_builder(planner& p, std::uint32_t number) : p_{p}, g_{p.g_}, number_{number} {}

    std::uint16_t value_of(operand o) {
        const value& v = g_.values[o.value];
        const bool number = v.kind == value_kind::scalar || v.kind == value_kind::constant;
        const std::uint64_t key = o.value | (number ? 0 : std::uint64_t{o.map} << 32U);
        if (const auto known = at_.find(key); known != at_.end()) return known->second;
        const std::uint16_t result = make(o);
        at_.emplace(key, result);
        return result;
    }

    codegen::kernel kernel;
    std::vector<operand> reads;
    std::vector<parameter> params;

private:
    std::uint16_t add(const codegen::instruction& i) {
        kernel.code.push_back(i);
        return static_cast<std::uint16_t>(kernel.code.size() - 1);
    }

    std::uint16_t make(operand o) {
        const value v = g_.values[o.value];
        switch (v.kind) {
            case value_kind::scalar:
                params.push_back({v.captured, v.slot});
                kernel.params.push_back(v.type);
                return add({.code = codegen::code_param, .type = v.type, .a = static_cast<std::uint16_t>(params.size() - 1)});
            case value_kind::constant: return add({.code = codegen::code_constant, .type = v.type, .bits = v.bits});
            default: break;
        }
        const bool here = p_.elementwise(o.value) && (p_.stored_[o.value] == 0 || (p_.group_of_[o.value] == number_ && o.map == graph::identity));
        if (!here) {
            reads.push_back(o);
            kernel.inputs.push_back({.type = v.type});
            return add({.code = codegen::code_load, .type = v.type, .a = static_cast<std::uint16_t>(reads.size() - 1)});
        }
        std::uint16_t args[3] = {};
        for (std::size_t a = 0; a < v.n_args; ++a) {
            args[a] = value_of(o.map == graph::identity ? v.args[a] : g_.through(v.args[a], g_.maps[o.map]));
        }
        if (v.kind == value_kind::copy) return args[0];
        return add({.code = v.code, .type = v.type, .a = args[0], .b = args[1], .c = args[2]});
    }

    planner& p_;
    graph::graph& g_;
    std::uint32_t number_;
    std::unordered_map<std::uint64_t, std::uint16_t> at_;
};

namespace {

/// The axis that the vectors run along. The last one is nearest in memory, unless nothing is stored along it and something along another.
/// When it is very short a long one is better, gaps and all.
[[nodiscard]] std::size_t inner_axis(const loop_space& s) {
    const std::size_t last = s.extent.size() - 1;
    const auto stored_along = [&](std::size_t d) {
        return std::any_of(s.stride.begin(), s.stride.end(), [&](const auto& strides) { return strides[d] == 1; });
    };
    if (!stored_along(last)) {
        for (std::size_t d = last; d-- > 0;) {
            if (s.extent[d] >= 16 && stored_along(d)) return d;
        }
    }
    if (s.extent[last] >= 16) return last;
    const std::size_t longest = static_cast<std::size_t>(std::max_element(s.extent.begin(), s.extent.end()) - s.extent.begin());
    return s.extent[longest] >= 16 * s.extent[last] && s.extent[longest] >= 64 ? longest : last;
}

/// The axis of the rows: the one that an operand lies along whose elements are far apart along the inner one, or the last one.
[[nodiscard]] std::size_t rows_axis(const loop_space& s, std::size_t inner) {
    const std::size_t last = s.extent.size() - 1;
    for (const auto& strides : s.stride) {
        if (std::abs(strides[inner]) <= codegen::largest_fixed_stride) continue;
        for (std::size_t d = 0; d <= last; ++d) {
            if (d != inner && strides[d] == 1 && s.extent[d] >= 8) return d;
        }
    }
    return inner == last ? last - 1 : last;
}

/// Of a vector on its way through a tile: loads and permutations, and the store.
constexpr double turning_instructions = 4;

}  // namespace

/// Whether the axes that a reduction takes as one are one in memory, for everything it reads.
bool planner::collapses(const group& k) const {
    for (const operand o : k.reads) {
        index_t strides[max_rank] = {};
        static_cast<void>(place_of(o, k.space, strides));
        for (std::size_t d = k.reduced.first; d + 1 < k.reduced.last; ++d) {
            if (strides[d] != strides[d + 1] * k.space[d + 1]) return false;
        }
    }
    return true;
}

launch planner::build(const group& k) {
    launch l;
    kernel_builder b(*this, group_of_[k.seeds[0]]);
    b.kernel.kind = k.kind;
    std::vector<operand> written;  // maps and updates
    std::vector<value_id> reduced;
    for (const value_id s : k.seeds) {
        const value& v = g_.values[s];
        if (v.kind == value_kind::reduction) {
            const std::uint16_t at = b.value_of(v.args[0]);
            b.kernel.reductions.push_back({.code = v.code, .value = at, .type = v.type, .identity = base::operation_of(v.code).identity(v.type)});
            reduced.push_back(s);
        } else {
            const operand body = v.kind == value_kind::update ? v.args[1] : operand{s, graph::identity};
            const std::uint16_t at = b.value_of(body);
            b.kernel.outputs.push_back({.type = v.type, .value = at});
            written.push_back(v.kind == value_kind::update ? operand{s, v.region} : operand{s, graph::identity});
        }
    }

    // Strides of every operand along the axes of the space.
    const std::size_t rank = k.space.size();
    loop_space s;
    s.extent.assign(k.space.begin(), k.space.end());
    s.role.assign(rank, axis_role::kept);
    const bool reduces = k.kind != kernel_kind::map;
    if (reduces) std::fill(s.role.begin() + k.reduced.first, s.role.begin() + k.reduced.last, axis_role::reduced);
    const auto add = [&](const place& at, const index_t* strides) {
        l.places.push_back(at);
        s.stride.emplace_back(strides, strides + rank);
    };
    index_t strides[max_rank] = {};
    for (const operand o : b.reads) {
        const place at = place_of(o, k.space, strides);
        add(at, strides);
    }
    for (const operand o : written) {
        const place at = place_of(o, k.space, strides);
        add(at, strides);
    }
    std::vector<index_t> result_step(l.places.size(), 0);
    for (const value_id v : reduced) {
        index_t own[max_rank] = {};
        const place at = place_of({v, graph::identity}, g_.values[v].shape, own);
        std::fill_n(strides, max_rank, 0);
        std::size_t d = 0;
        for (std::size_t a = 0; a < rank; ++a) {
            if (a >= k.reduced.first && a < k.reduced.last) {
                if (a + 1 == k.reduced.last && k.reduced.block > 0) result_step.push_back(own[d++]);
            } else {
                strides[a] = own[d++];
            }
        }
        if (k.reduced.block == 0) result_step.push_back(0);
        add(at, strides);
    }
    s.collapse();
    if (s.count(axis_role::reduced) > 1) {
        throw internal_error("a reduction over axes that are not one in memory; please report this");
    }

    // The loops: inner, rows, and the others outside.
    constexpr std::size_t none = max_rank;
    std::size_t inner = none;
    std::size_t rows = none;
    std::size_t over = none;
    for (std::size_t d = 0; d < s.extent.size(); ++d) {
        if (s.role[d] == axis_role::reduced) over = d;
    }
    const std::size_t dims = s.extent.size();
    if (k.kind == kernel_kind::map) {
        if (dims > 0) inner = inner_axis(s);
        if (dims > 1) rows = rows_axis(s, inner);
    } else if (k.kind == kernel_kind::row_reduce) {
        inner = over;
        if (dims > 1) rows = rows_axis(s, inner);
    } else {
        rows = over;
        for (std::size_t d = 0; d < dims; ++d) {
            if (d != over) inner = d;
        }
    }
    l.n = inner == none ? 1 : s.extent[inner];
    l.rows = rows == none ? 1 : s.extent[rows];
    l.block_step.assign(l.places.size(), 0);
    if (k.reduced.block > 0) {
        index_t& length = k.kind == kernel_kind::row_reduce ? l.n : l.rows;
        l.block = k.reduced.block;
        l.blocks = (length + l.block - 1) / l.block;
        for (std::size_t i = 0; i < l.places.size(); ++i) {
            l.block_step[i] = i < l.places.size() - reduced.size() ? (over == none ? 0 : s.stride[i][over] * l.block) : result_step[i];
        }
    }
    for (std::size_t d = 0; d < dims; ++d) {
        if (d == inner || d == rows) continue;
        for (std::size_t i = 0; i < l.places.size(); ++i) l.places[i].outer[l.outer.size()] = s.stride[i][d];
        l.outer.push_back(s.extent[d]);
    }
    for (std::size_t i = 0; i < l.places.size(); ++i) {
        place& at = l.places[i];
        at.inner = inner == none ? (i < b.reads.size() ? 0 : 1) : s.stride[i][inner];
        at.row = rows == none ? 0 : s.stride[i][rows];
    }
    l.kernel = std::move(b.kernel);
    choose_tiles(l);
    for (std::size_t i = 0; i < l.places.size(); ++i) {
        set_access(l, i);
    }
    l.params = std::move(b.params);
    l.writes_in_place = std::any_of(k.seeds.begin(), k.seeds.end(), [&](value_id seed) { return g_.values[seed].kind == value_kind::update; });
    l.why = k.why;
    l.captured = g_.values[k.seeds.back()].captured;
    l.after = k.after;
    estimate_work(l);
    return l;
}

/// Whether all that a launch stores is aligned for stores that go past the caches.
bool planner::aligned_stores(const launch& l) const {
    const std::size_t n_in = l.kernel.inputs.size();
    for (std::size_t i = n_in; i < n_in + l.kernel.outputs.size(); ++i) {
        const place& p = l.places[i];
        const auto aligned = [&](index_t elements) { return elements * p.bytes % 64 == 0; };
        if (p.turned || l.kernel.outputs[i - n_in].inner != codegen::access::unit || (l.rows > 1 && !aligned(p.row)) || !aligned(p.offset)) return false;
        for (std::size_t d = 0; d < l.outer.size(); ++d) {
            if (!aligned(p.outer[d])) return false;
        }
        if (!aligned(l.block_step[i])) return false;
        // What is written in place has just been read: its lines are in the caches.
        if (p_.slots[p.index].from == slot::source::donated) return false;
    }
    return !l.kernel.outputs.empty();
}

/// What the launch does, and with it threads and streaming stores.
void planner::estimate_work(launch& l) const {
    work& w = l.does;
    w.lanes = codegen::lanes_per_step(l.kernel, m_.vector_bytes);
    const double total = static_cast<double>(l.outer.count()) * static_cast<double>(l.rows) * static_cast<double>(l.n);
    w.elements = total;
    for (const codegen::instruction& i : l.kernel.code) {
        const double registers = std::max(1.0, static_cast<double>(size_of(i.type)) * w.lanes / m_.vector_bytes);
        if (i.code == codegen::code_load) {
            const index_t stride = l.places[i.a].turned ? 1 : l.places[i.a].inner;
            const double parts = pieces(stride, w.lanes);
            w.loads += registers * parts;
            if (l.places[i.a].turned) w.instructions += registers * turning_instructions;
            w.instructions += stride < 0 ? registers * parts : registers * (parts - 1);
        } else if (i.code < base::operation_codes) {
            const codegen::instruction& first = l.kernel.code[base::operation_of(i.code).rule == type_rule::select ? i.b : i.a];
            add_operation(w, m_, i.code, first.type, registers);
        }
    }
    for (const codegen::reduction& r : l.kernel.reductions) {
        add_operation(w, m_, r.code, r.type, std::max(1.0, static_cast<double>(size_of(r.type)) * w.lanes / m_.vector_bytes));
    }
    // Each memory once, however many maps look at it: neighbours come from the caches.
    std::vector<std::pair<std::uint64_t, double>> seen;
    const std::size_t n_in = l.kernel.inputs.size();
    const std::size_t n_out = l.kernel.outputs.size();
    for (std::size_t i = 0; i < l.places.size(); ++i) {
        const place& p = l.places[i];
        double count = 1;
        for (std::size_t d = 0; d < l.outer.size(); ++d) count *= p.outer[d] != 0 ? static_cast<double>(l.outer[d]) : 1.0;
        if (p.row != 0) count *= static_cast<double>(l.rows);
        const bool reduction = i >= n_in + n_out;
        if (p.inner != 0 && !(reduction && l.kernel.kind == kernel_kind::row_reduce)) count *= static_cast<double>(l.n);
        if (reduction) count *= static_cast<double>(l.blocks);
        const dtype t = i < n_in           ? l.kernel.inputs[i].type
                        : i < n_in + n_out ? l.kernel.outputs[i - n_in].type
                                           : l.kernel.reductions[i - n_in - n_out].type;
        // An element takes the gap after it along, up to a line of the caches, unless its neighbours are there.
        index_t apart = 64 / static_cast<index_t>(size_of(t));
        const auto neighbours = [&](index_t stride, index_t extent) {
            if (stride != 0 && extent > 1) apart = std::min(apart, std::abs(stride));
        };
        neighbours(p.inner, l.n);
        neighbours(p.row, l.rows);
        for (std::size_t d = 0; d < l.outer.size(); ++d) neighbours(p.outer[d], l.outer[d]);
        const double bytes = count * static_cast<double>(size_of(t)) * static_cast<double>(count > 1 ? apart : 1);
        if (i >= n_in) {
            w.bytes_written += bytes;
            const double parts = i < n_in + n_out ? p.turned ? 1 + turning_instructions : pieces(p.inner, w.lanes) : 0;
            w.stores += parts;
            w.instructions += p.inner < 0 || parts > 1 ? parts : 0;
            continue;
        }
        const std::uint64_t key = p.index | std::uint64_t{p.leaf} << 32U;
        const auto known = std::find_if(seen.begin(), seen.end(), [&](const auto& e) { return e.first == key; });
        if (known == seen.end()) {
            seen.emplace_back(key, bytes);
        } else {
            known->second = std::max(known->second, bytes);
        }
    }
    for (const auto& e : seen) w.bytes_read += e.second;
    w.footprint = w.bytes_read + w.bytes_written;

    l.may_stream = aligned_stores(l);
    // What the threads can share, in pieces worth the trouble.
    const index_t around = l.outer.count() * l.blocks;
    const bool rows_free = l.kernel.kind != kernel_kind::column_reduce;
    const bool inner_free = l.kernel.kind != kernel_kind::row_reduce;
    index_t pieces = 1;
    if (around >= 2 * r_.max_threads || (around > 1 && !(rows_free && l.rows >= around) && !(inner_free && l.n >= 4096))) {
        l.split = split_dim::outer;
        pieces = around;
    } else if (rows_free && l.rows > 1 && (l.rows >= 8 * r_.max_threads || !inner_free || l.n < 4096)) {
        l.split = split_dim::rows;
        pieces = l.rows;
    } else if (inner_free) {
        l.split = split_dim::inner;
        pieces = l.n / 1024;
    }
    const int most = static_cast<int>(std::clamp<index_t>(pieces, 1, r_.max_threads));
    l.predicted = choose(m_, w, most, l.may_stream);
    l.threads = l.predicted.threads;
    l.plain = l.tile_rows == 0 && l.tile_n == 0 && l.threads == 1 && !l.predicted.streaming && l.outer.empty() && l.blocks == 1;
}

}  // namespace sinter::inline v1::detail::plan
