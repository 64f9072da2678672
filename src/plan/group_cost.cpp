#include "base/operation_table.hpp"
#include "plan/planner.hpp"

#include <sinter/detail/primitives.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>

// What a kernel costs before its loops are made: enough to tell one kernel from two.

namespace sinter::inline v1::detail::plan {

using graph::operand;
using graph::value;
using graph::value_id;
using graph::value_kind;

work planner::work_of(const group& k) const {
    work w;
    std::size_t widest = 1;
    for (const operand o : k.reads) widest = std::max(widest, size_of(part_of(g_.values[o.value].type)));
    for (const value_id s : k.seeds) widest = std::max(widest, size_of(part_of(g_.values[s].type)));
    for (const std::uint64_t c : k.computed) widest = std::max(widest, size_of(part_of(g_.values[static_cast<value_id>(c)].type)));
    w.lanes = m_.vector_bytes / static_cast<int>(widest);
    w.elements = static_cast<double>(k.space.count());
    const auto registers = [&](dtype t) { return std::max(1.0, static_cast<double>(size_of(t)) * w.lanes / m_.vector_bytes); };
    work row;  // what is computed where rows begin
    for (const std::uint64_t c : k.computed) {
        const value& v = g_.values[static_cast<value_id>(c)];
        const bool begins_rows = k.kind != codegen::kernel_kind::column_reduce && same_along_rows(static_cast<graph::map_id>(c >> 32U), k.space);
        const std::size_t first = base::operation_of(v.code).rule == type_rule::select ? 1 : 0;
        add_operation(begins_rows ? row : w, m_, v.code, g_.values[v.args[first].value].type, begins_rows ? 1 : registers(v.type));
    }
    if (const value& first = g_.values[k.seeds[0]]; first.kind == value_kind::part) {
        const value& loop = g_.values[first.args[0].value];
        add_loop(w, m_, loop.bits, limit_of(loop), w.lanes);
    }
    for (const value_id s : k.seeds) {
        const value& v = g_.values[s];
        const double count = static_cast<double>(v.kind == value_kind::update ? g_.maps[v.region].space.count() : v.shape.count());
        w.bytes_written += count * static_cast<double>(size_of(v.type));
        // An index has the extreme value with it.
        const auto gives_its_index = [&](value_id other) {
            const value& x = g_.values[other];
            return x.kind == value_kind::reduction && x.index_step() != 0 && x.code == v.code && x.args[0] == v.args[0];
        };
        if (v.kind == value_kind::reduction) {
            if (v.index_step() == 0 && std::any_of(k.seeds.begin(), k.seeds.end(), gives_its_index)) continue;
            const dtype type = g_.values[v.args[0].value].type;
            add_operation(w, m_, v.adds_products() ? op::fma::code : v.code, type, registers(type));
        } else {
            w.stores += registers(v.type);
        }
    }
    // Each memory once, as far as the space looks at it.
    std::vector<std::pair<value_id, double>> seen;
    for (const operand o : k.reads) {
        const value& v = g_.values[o.value];
        double count = static_cast<double>(v.shape.count());
        if (o.map != graph::identity) {
            const index_map& m = g_.maps[o.map];
            double looked_at = 1;
            bool gathered = false;
            for (std::size_t d = 0; d < m.source_rank; ++d) {
                gathered = gathered || m[d].axis == index_map::gathered;
                looked_at *= m[d].axis >= 0 && !gathered ? static_cast<double>(m.space[static_cast<std::size_t>(m[d].axis)]) : 1.0;
            }
            if (gathered) {
                looked_at = static_cast<double>(m.space.count());
                w.cycles += gather_cycles * w.lanes;
            }
            count = std::min(count, looked_at);
        }
        w.loads += registers(v.type);
        const auto known = std::find_if(seen.begin(), seen.end(), [&](const auto& e) { return e.first == o.value; });
        const double bytes = count * static_cast<double>(size_of(v.type));
        if (known == seen.end()) {
            seen.emplace_back(o.value, bytes);
        } else {
            known->second = std::max(known->second, bytes);
        }
    }
    for (const auto& e : seen) w.bytes_read += e.second;
    // How long the rows will be: a reduction's own; those of a map as far as memory has no gaps.
    double length = w.elements;
    if (k.kind == codegen::kernel_kind::row_reduce) {
        length = 1;
        for (std::size_t d = k.reduced.first; d < k.reduced.last; ++d) length *= static_cast<double>(k.space[d]);
    } else if (k.kind == codegen::kernel_kind::column_reduce) {
        length = 1;
        for (std::size_t d = k.reduced.last; d < k.space.size(); ++d) length *= static_cast<double>(k.space[d]);
    } else if (std::any_of(k.reads.begin(), k.reads.end(), [](operand o) { return o.map != graph::identity; }) && !k.space.empty()) {
        length = static_cast<double>(k.space[k.space.size() - 1]);
    }
    if (length > 0 && w.elements > 0) {
        const double rows = w.elements / length;
        w.steps = k.reduced.block > 0 && k.kind == codegen::kernel_kind::row_reduce ? w.elements / w.lanes : rows * std::ceil(length / w.lanes);
        const auto reductions = std::count_if(k.seeds.begin(), k.seeds.end(), [&](value_id s) { return g_.values[s].kind == value_kind::reduction; });
        w.row_cycles = rows * row_cycles(k.kind, static_cast<std::size_t>(reductions), std::ceil(length / w.lanes));
        if (computes(row)) w.row_cycles += rows * step_cycles(m_, row);
    }
    w.footprint = w.bytes_read + w.bytes_written;
    return w;
}

/// The most turns of a loop, or -1 where that is a number that the program gives.
std::int64_t planner::limit_of(const value& loop) const {
    const value& limit = g_.values[loop.args[2].value];
    return limit.kind == value_kind::constant ? std::max<std::int64_t>(static_cast<std::int64_t>(limit.bits), 0) : -1;
}

/// With a working set of so many bytes: kernels that run one after the other have theirs in common.
double planner::seconds_of(const group& k, double footprint) const {
    work w = k.does.elements > 0 ? k.does : work_of(k);
    w.footprint = footprint;
    const bool may_stream = std::any_of(k.seeds.begin(), k.seeds.end(), [&](value_id s) { return g_.values[s].kind != value_kind::reduction; });
    return choose(m_, w, r_.max_threads, may_stream).seconds;
}

/// Group k with another's values in its loop, priced.
group planner::merged(const group& h, std::uint32_t k, const group& fresh) const {
    group both = h;
    both.seeds.insert(both.seeds.end(), fresh.seeds.begin(), fresh.seeds.end());
    both.instructions = instructions_in(h, fresh);
    for (const operand o : fresh.reads) {
        if (group_of_[o.value] != k && std::find(both.reads.begin(), both.reads.end(), o) == both.reads.end()) both.reads.push_back(o);
    }
    both.computed.clear();
    std::set_union(h.computed.begin(), h.computed.end(), fresh.computed.begin(), fresh.computed.end(), std::back_inserter(both.computed));
    if (fresh.kind != codegen::kernel_kind::map) {
        both.kind = fresh.kind;
        both.reduced = fresh.reduced;
    }
    for (const std::uint32_t d : fresh.after) {
        if (d != k && std::find(both.after.begin(), both.after.end(), d) == both.after.end()) both.after.push_back(d);
    }
    both.does = work_of(both);
    return both;
}

}  // namespace sinter::inline v1::detail::plan
