#include "base/operation_table.hpp"
#include "passes/passes.hpp"
#include "passes/rebuild.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

// A reshape of what is computed element by element is the same computation on reshaped operands, as long as each of them can be: memory in row-major order, or
// what does not change along the axes that become others.

namespace sinter::inline v1::detail::passes {

using graph::identity;
using graph::operand;
using graph::value;
using graph::value_id;
using graph::value_kind;

namespace {

/// Expressions of more values are left in memory: kernels would not hold them.
constexpr std::size_t most_values = 200;
/// So many operations may be computed in both shapes rather than stored, if none is a function.
constexpr std::size_t few_operations = 4;

/// Axes of one shape and of another one that have the same elements in the same order; those of extent 1 belong to none.
struct axis_group {
    std::vector<std::size_t> from, to;
    [[nodiscard]] bool is_one() const noexcept { return from.size() == 1 && to.size() == 1; }
};

[[nodiscard]] std::vector<axis_group> groups_of(const extents& from, const extents& to) {
    std::vector<axis_group> groups;
    std::size_t i = 0, j = 0;
    const auto next = [](const extents& shape, std::size_t& at) {
        while (at < shape.size() && shape[at] == 1) ++at;
        return at < shape.size();
    };
    while (next(from, i) && next(to, j)) {
        axis_group& g = groups.emplace_back();
        index_t a = 1, b = 1;
        do {
            // Counts are equal, so both end together.
            if (a <= b && next(from, i)) {
                g.from.push_back(i);
                a *= from[i++];
            } else if (next(to, j)) {
                g.to.push_back(j);
                b *= to[j++];
            }
        } while (a != b);
    }
    return groups;
}

class reshaper {
public:
    explicit reshaper(graph::graph& out) : out_{out} {}

    /// The operand in another shape of as many elements, or none.
    [[nodiscard]] std::optional<operand> reshaped(operand o, const extents& to) {
        if (std::optional<operand> as_it_is = seen_in(o, to)) return as_it_is;
        // A part of what is computed is the same computation on parts.
        const value u = out_.values[o.value];
        if (o.map == identity || (u.kind != value_kind::operation && u.kind != value_kind::copy) || ++visited_ > most_values) return {};
        value v = u;
        v.shape = to;
        for (std::size_t a = 0; a < u.n_args; ++a) {
            const std::optional<operand> x = reshaped(out_.through(u.args[a], index_map(out_.maps[o.map])), to);
            if (!x) return {};
            v.args[a] = *x;
        }
        return operand{out_.add(v), identity};
    }

private:
    [[nodiscard]] std::optional<operand> seen_in(operand o, const extents& to) {
        const value u = out_.values[o.value];
        const extents from = out_.space(o);
        if (from == to) return o;
        if (u.kind == value_kind::scalar || u.kind == value_kind::constant) return out_.broadcast({o.value, identity}, to);
        const index_map seen = o.map == identity ? graph::identity_map(u.shape) : out_.maps[o.map];
        const std::vector<axis_group> groups = groups_of(from, to);
        std::vector<std::size_t> group_of(from.size(), groups.size());
        for (std::size_t k = 0; k < groups.size(); ++k) {
            for (const std::size_t a : groups[k].from) group_of[a] = k;
        }
        index_map m;
        m.space = to;
        extents shape;  // of the value
        const auto push = [&](index_t extent, index_map::dimension at) {
            if (shape.size() == max_rank) return false;
            m[shape.size()] = at;
            shape.push_back(extent);
            return true;
        };
        for (std::size_t d = 0; d < u.shape.size(); ++d) {
            const index_map::dimension at = seen[d];
            if (at.axis == index_map::gathered) return {};
            const std::size_t k = at.axis < 0 ? groups.size() : group_of[static_cast<std::size_t>(at.axis)];
            if (k == groups.size()) {
                if (!push(u.shape[d], {-1, at.offset, 0})) return {};
                continue;
            }
            const axis_group& g = groups[k];
            if (g.is_one()) {
                if (!push(u.shape[d], {static_cast<std::int8_t>(g.to[0]), at.offset, at.step})) return {};
                continue;
            }
            // The beginning of memory that has one axis.
            if (u.kind == value_kind::leaf && u.row_major && g.from.size() == 1 && u.shape.count() == u.shape[d] && at.offset == 0 && at.step == 1 && from[g.from[0]] < u.shape[d]) {
                for (const std::size_t t : g.to) {
                    if (!push(to[t], {static_cast<std::int8_t>(t), 0, 1})) return {};
                }
                continue;
            }
            // All of the group's axes, whole and one after the other.
            std::size_t last = d;
            for (std::size_t i = 0; i < g.from.size(); ++i, ++last) {
                while (i > 0 && last < u.shape.size() && u.shape[last] == 1) ++last;
                if (last >= u.shape.size() || seen[last].axis != static_cast<std::int8_t>(g.from[i]) || seen[last].offset != 0 || seen[last].step != 1 ||
                    u.shape[last] != from[g.from[i]]) {
                    return {};
                }
            }
            for (const std::size_t t : g.to) {
                if (!push(to[t], {static_cast<std::int8_t>(t), 0, 1})) return {};
            }
            d = last - 1;
        }
        m.source_rank = static_cast<std::uint8_t>(shape.size());
        const std::optional<value_id> v = value_as(o.value, shape);
        if (!v) return {};
        if (graph::is_identity(m, shape)) return operand{*v, identity};
        return operand{*v, out_.intern(m)};
    }

    [[nodiscard]] std::optional<value_id> value_as(value_id id, const extents& shape) {
        const value u = out_.values[id];
        if (u.shape == shape) return id;
        const auto [first, past] = made_.equal_range(id);
        for (auto it = first; it != past; ++it) {
            if (out_.values[it->second].shape == shape) return it->second;
        }
        if (++visited_ > most_values) return {};
        value v = u;
        v.shape = shape;
        switch (u.kind) {
            case value_kind::leaf:
                if (!u.row_major) return {};
                break;
            case value_kind::operation:
            case value_kind::copy:
                for (std::size_t a = 0; a < u.n_args; ++a) {
                    const std::optional<operand> x = reshaped(u.args[a], shape);
                    if (!x) return {};
                    v.args[a] = *x;
                }
                break;
            case value_kind::reduction:
            case value_kind::update:
                v = {.kind = value_kind::alias, .type = u.type, .n_args = 1, .shape = shape, .args = {operand{id, identity}}, .captured = u.captured};
                break;
            default: return {};
        }
        const value_id made = out_.add(v);
        made_.emplace(id, made);
        return made;
    }

    graph::graph& out_;
    std::unordered_multimap<value_id, value_id> made_;
    std::size_t visited_ = 0;
};

/// What a graph's reshapes would have computed a second time, or kept from being stored.
class sharing {
public:
    explicit sharing(const graph::graph& g) : g_{g}, uses_(g.values.size(), 0), stored_(g.values.size(), 0) {
        for (const value& v : g.values) {
            for (std::size_t a = 0; a < v.n_args; ++a) ++uses_[v.args[a].value];
        }
        for (const graph::result& r : g.roots) {
            ++uses_[r.at.value];
            stored_[r.at.value] = 1;
        }
        for (const graph::result& r : g.held) stored_[r.at.value] = r.wanted ? 1 : stored_[r.at.value];
    }

    /// The values that a copy is made of, if they may be computed in another shape: nothing that is long is needed in its own one, too. Else none.
    [[nodiscard]] std::vector<value_id> inside(value_id copy) const {
        std::unordered_map<value_id, std::size_t> met;  // and how often within
        std::vector<value_id> todo{g_.values[copy].args[0].value};
        met[todo[0]] = 1;
        std::vector<value_id> all;
        bool cheap = true;
        while (!todo.empty()) {
            const value_id id = todo.back();
            todo.pop_back();
            const value& v = g_.values[id];
            if (v.kind != value_kind::operation && v.kind != value_kind::copy) continue;
            if (stored_[id] != 0 || all.size() == most_values) return {};
            all.push_back(id);
            cheap = cheap && (v.kind == value_kind::copy || base::operation_of(v.code).primitive);
            for (std::size_t a = 0; a < v.n_args; ++a) {
                if (met[v.args[a].value]++ == 0) todo.push_back(v.args[a].value);
            }
        }
        const bool shared = std::any_of(all.begin(), all.end(), [&](value_id id) { return uses_[id] > met[id]; });
        if (all.empty()) all = {g_.values[copy].args[0].value};
        return !shared || (cheap && all.size() <= few_operations) ? all : std::vector<value_id>{};
    }

private:
    const graph::graph& g_;
    std::vector<std::size_t> uses_;
    std::vector<char> stored_;  // anyway: memory has any shape
};

}  // namespace

graph::graph sink_reshapes(const graph::graph& g) {
    const sharing shared(g);
    std::vector<char> moved(g.values.size(), 0);
    graph::graph made = rebuild(g, [&](graph::graph& out, const value& v, value_id old) -> operand {
        if (v.kind != value_kind::alias || v.shape.count() == 0) return {out.add(on_memory(out, v)), identity};
        const value_id whole = g.values[old].args[0].value;
        if (g.values[whole].kind != value_kind::copy) return {out.add(on_memory(out, v)), identity};
        const std::vector<value_id> inside = shared.inside(whole);
        if (inside.empty()) return {out.add(on_memory(out, v)), identity};
        const std::size_t before = out.values.size();
        const operand from = out.values[v.args[0].value].args[0];
        if (const std::optional<operand> o = reshaper(out).reshaped(from, v.shape)) {
            for (const value_id id : inside) moved[id] = 1;
            return *o;
        }
        out.values.resize(before);
        return {out.add(on_memory(out, v)), identity};
    });
    for (const graph::result& r : g.held) {
        if (r.at.map == identity && moved[r.at.value] != 0) made.reshaped.push_back(r.captured);
    }
    return made;
}

}  // namespace sinter::inline v1::detail::passes
