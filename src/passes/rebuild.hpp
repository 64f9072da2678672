#pragma once

#include "graph/graph.hpp"

#include <vector>

namespace sinter::inline v1::detail::passes {

/// A new graph from an old one: emit(new graph, value with its operands renamed, its number in the old one) adds what becomes of each value and says where it
/// is; who does not need the number leaves it out. Kept values are those that `keep` names, or all. A gather of what has become the same wherever it is taken is that.
template <class Emit>
[[nodiscard]] graph::graph rebuild(const graph::graph& g, Emit&& emit, const std::vector<bool>* keep = nullptr) {
    graph::graph out;
    out.values.reserve(g.values.size());
    std::vector<graph::operand> at(g.values.size());
    std::vector<graph::map_id> maps(g.maps.size(), graph::identity);
    const auto rename = [&](graph::operand o) {
        const graph::operand now = at[o.value];
        if (o.map == graph::identity) return now;
        if (now.map != graph::identity) return out.through(now, g.maps[o.map]);
        if (maps[o.map] == graph::identity) maps[o.map] = out.intern(g.maps[o.map]);
        return graph::operand{now.value, maps[o.map]};
    };
    for (std::size_t i = 0; i < g.values.size(); ++i) {
        if (keep != nullptr && !(*keep)[i]) continue;
        graph::value v = g.values[i];
        for (std::size_t a = 0; a < v.n_args; ++a) v.args[a] = rename(v.args[a]);
        if (v.region != graph::identity) v.region = out.intern(g.maps[v.region]);
        if (v.kind == graph::value_kind::gather && !out.is_gathered(v.args[0])) at[i] = v.args[0];
        else if constexpr (requires { emit(out, v, graph::value_id{}); }) at[i] = emit(out, v, static_cast<graph::value_id>(i));
        else at[i] = emit(out, v);
    }
    for (const graph::result& r : g.roots) out.roots.push_back({r.captured, rename(r.at)});
    for (const graph::result& r : g.checks) out.checks.push_back({r.captured, rename(r.at)});
    out.divisors = g.divisors;
    out.reshaped = g.reshaped;
    for (const graph::result& r : g.held) {
        if (keep == nullptr || (*keep)[r.at.value]) out.held.push_back({r.captured, rename(r.at), r.wanted});
    }
    return out;
}

/// The value with a copy between it and its first operand where that has no memory, as numbers and views have none of their own.
[[nodiscard]] inline graph::value on_memory(graph::graph& out, graph::value v) {
    using graph::value_kind;
    if (v.kind != value_kind::alias && v.kind != value_kind::update) return v;
    const value_kind k = out.values[v.args[0].value].kind;
    if (v.args[0].map == graph::identity && k != value_kind::scalar && k != value_kind::constant) return v;
    graph::value copy{.kind = value_kind::copy, .type = v.type, .n_args = 1, .shape = out.space(v.args[0]), .captured = v.captured};
    copy.args[0] = v.args[0];
    v.args[0] = {out.add(copy), graph::identity};
    return v;
}

}  // namespace sinter::inline v1::detail::passes
