#include "passes/passes.hpp"

#include "base/operation_table.hpp"
#include "passes/order.hpp"
#include "passes/rebuild.hpp"

#include <sinter/detail/operations.hpp>
#include <sinter/detail/primitives.hpp>

#include <algorithm>
#include <unordered_map>

namespace sinter::inline v1::detail::passes {

using graph::identity;
using graph::operand;
using graph::value;
using graph::value_id;
using graph::value_kind;

graph::graph fold_views(const graph::graph& g) {
    return rebuild(g, [](graph::graph& out, const value& v) -> operand {
        if (v.kind == value_kind::view) return v.args[0];
        return {out.add(on_memory(out, v)), identity};
    });
}

namespace {

[[nodiscard]] bool is_constant(const graph::graph& g, operand o, std::uint64_t bits) {
    const value& v = g.values[o.value];
    return v.kind == value_kind::constant && v.bits == bits;
}

[[nodiscard]] std::uint64_t number(dtype t, int x) {
    return visit_dtype(t, [&]<class T>(std::type_identity<T>) { return detail::to_bits(static_cast<T>(x)); });
}

/// The operand that an operation leaves as it is, or none. Only identities that hold for every value, NaN payloads apart: x + 0 is not one
/// (it turns -0 into 0), x - 0 is.
[[nodiscard]] operand unchanged(const graph::graph& g, const value& v) {
    const auto& a = v.args;
    const auto is = [&](operand o, int x) { return is_constant(g, o, number(v.type, x)); };
    const bool exact = is_integer(v.type);
    switch (v.code) {
        case op::multiply::code: return is(a[1], 1) ? a[0] : is(a[0], 1) ? a[1] : operand{};
        case op::divide::code: return is(a[1], 1) ? a[0] : operand{};
        case op::subtract::code: return is(a[1], 0) ? a[0] : operand{};
        case op::add::code: return exact && is(a[1], 0) ? a[0] : exact && is(a[0], 0) ? a[1] : operand{};
        case op::convert::code: {
            const value& wide = g.values[a[0].value];
            if (wide.type == v.type) return a[0];
            // What has been rounded to 16 bits and become a float is as it was when it is rounded again.
            if (!is_half(v.type) || a[0].map != identity || wide.kind != value_kind::operation || wide.code != op::convert::code || wide.type != dtype::f32) return {};
            const value& narrow = g.values[wide.args[0].value];
            return narrow.type == v.type && narrow.kind == value_kind::operation && narrow.code == op::convert::code ? wide.args[0] : operand{};
        }
        case op::select::code: {
            const value& c = g.values[a[0].value];
            if (c.kind == value_kind::constant) return a[c.bits != 0 ? 1 : 2];
            return a[1] == a[2] ? a[1] : operand{};
        }
        case op::negative::code: {
            const value& inner = g.values[a[0].value];
            return a[0].map == identity && inner.kind == value_kind::operation && inner.code == op::negative::code ? inner.args[0] : operand{};
        }
        default: return {};
    }
}

}  // namespace

namespace {

/// What a part of a complex number is, where the number is made of its parts, or what a number made of both parts of one is.
[[nodiscard]] operand known_part(graph::graph& g, const value& v) {
    const operand x = v.args[0];
    const value from = g.values[x.value];
    if (v.code == code_complex) {
        const operand y = v.args[1];
        const value other = g.values[y.value];
        const bool both = from.kind == value_kind::operation && from.code == code_real && other.kind == value_kind::operation && other.code == code_imag;
        if (!both || x.map != y.map || !(from.args[0] == other.args[0])) return {};
        return x.map == identity ? from.args[0] : g.through(from.args[0], g.maps[x.map]);
    }
    const bool copied = from.kind == value_kind::copy;
    if (!copied && (from.kind != value_kind::operation || from.code != code_complex)) return {};
    const operand part = from.args[copied || v.code == code_real ? 0 : 1];
    const operand seen = x.map == identity ? part : g.through(part, g.maps[x.map]);
    if (!copied) return seen;
    value of_original = v;
    of_original.args[0] = seen;
    return {g.add(of_original), identity};
}

}  // namespace

graph::graph fold(const graph::graph& g) {
    return rebuild(g, [](graph::graph& out, const value& v) -> operand {
        if (v.kind != value_kind::operation) return {out.add(on_memory(out, v)), identity};
        if (graph::is_of_complex(v.code)) {
            const operand known = known_part(out, v);
            return known.value != graph::no_value ? known : operand{out.add(v), identity};
        }
        bool constant = true;
        std::uint64_t bits[3] = {};
        for (std::size_t a = 0; a < v.n_args; ++a) {
            const value& x = out.values[v.args[a].value];
            constant = constant && x.kind == value_kind::constant;
            bits[a] = x.bits;
        }
        // A division of integers by zero is not folded: it is found, and reported, when it would run.
        if (constant && !(base::operation_of(v.code).divides && is_integer(v.type) && bits[1] == 0)) {
            const dtype operand_type = out.values[v.args[v.n_args - 1].value].type;
            value folded{.kind = value_kind::constant, .type = v.type, .captured = v.captured};
            folded.bits = base::operation_of(v.code).fold(operand_type, v.type, bits);
            return out.broadcast({out.add(folded), identity}, v.shape);
        }
        const operand same = unchanged(out, v);
        if (same.value != graph::no_value) return out.broadcast(same, v.shape);
        return {out.add(v), identity};
    });
}

namespace {

[[nodiscard]] std::size_t hash_of(const value& v) {
    std::uint64_t h = static_cast<std::uint64_t>(v.kind) | static_cast<std::uint64_t>(v.type) << 8U | std::uint64_t{v.code} << 16U;
    const auto mix = [&](std::uint64_t x) {
        h = (h ^ x) * 0x9e3779b97f4a7c15ULL;
        h ^= h >> 29U;
    };
    for (std::size_t a = 0; a < v.n_args; ++a) mix(v.args[a].value | std::uint64_t{v.args[a].map} << 32U);
    mix(v.bits);
    mix(v.n_args == 0 ? v.captured | std::uint64_t{v.slot} << 32U : v.region);
    return h;
}

[[nodiscard]] bool same(const value& a, const value& b) {
    if (a.kind != b.kind || a.type != b.type || a.code != b.code || a.n_args != b.n_args || a.bits != b.bits || !(a.reduced == b.reduced) ||
        a.region != b.region || !(a.shape == b.shape)) {
        return false;
    }
    if ((a.kind == value_kind::leaf || a.kind == value_kind::scalar) && (a.captured != b.captured || a.slot != b.slot)) return false;
    for (std::size_t i = 0; i < a.n_args; ++i) {
        if (!(a.args[i] == b.args[i])) return false;
    }
    return true;
}

}  // namespace

graph::graph merge_common(const graph::graph& g) {
    std::unordered_multimap<std::size_t, value_id> known;
    known.reserve(g.values.size());
    return rebuild(g, [&](graph::graph& out, const value& v) -> operand {
        // An update owns the memory that it writes.
        if (v.kind == value_kind::update || v.kind == value_kind::blank) return {out.add(v), identity};
        const std::size_t h = hash_of(v);
        const auto [from, to] = known.equal_range(h);
        for (auto it = from; it != to; ++it) {
            if (same(out.values[it->second], v)) return {it->second, identity};
        }
        const value_id id = out.add(v);
        known.emplace(h, id);
        return {id, identity};
    });
}

namespace {

/// Whether an operand differs along an axis of its space; what a gather takes may, along any.
[[nodiscard]] bool differs_along(const graph::graph& g, operand o, std::size_t axis) {
    if (o.map == identity) return true;
    const index_map& m = g.maps[o.map];
    for (std::size_t k = 0; k < m.source_rank; ++k) {
        if (m[k].axis == index_map::gathered || (m[k].axis == static_cast<std::int8_t>(axis) && m[k].step != 0)) return true;
    }
    return false;
}

/// The space of a reduction's operands with extents of 1 along the axes that stay and that none of them differs along.
[[nodiscard]] extents without_repeats(const graph::graph& g, const value& v) {
    extents space = g.space(v.args[0]);
    for (std::size_t d = 0; d < v.reduced.first; ++d) {
        bool used = false;
        for (std::size_t a = 0; a < v.n_args; ++a) used = used || differs_along(g, v.args[a], d);
        if (!used && space[d] > 1) space[d] = 1;
    }
    return space;
}

}  // namespace

graph::graph reduce_once(const graph::graph& g) {
    return rebuild(g, [](graph::graph& out, const value& v) -> operand {
        const bool rows = v.kind == value_kind::reduction && v.args[0].map != identity && v.reduced.last == out.space(v.args[0]).size();
        if (!rows) return {out.add(on_memory(out, v)), identity};
        const extents space = without_repeats(out, v);
        if (space == out.space(v.args[0])) return {out.add(v), identity};
        value once = v;
        for (std::size_t a = 0; a < v.n_args; ++a) {
            index_map m = out.maps[v.args[a].map];
            m.space = space;
            once.args[a].map = graph::is_identity(m, out.values[v.args[a].value].shape) ? identity : out.intern(m);
        }
        once.shape = {};
        for (std::size_t d = 0; d < v.reduced.first; ++d) once.shape.push_back(space[d]);
        return out.broadcast({out.add(once), identity}, v.shape);
    });
}

namespace {

/// Rows of so many elements are combined element by element.
constexpr index_t shortest_row = 4;
/// Fewer of them fill no vector.
constexpr index_t fewest_rows = 16;

/// What a row's lanes come to, without those that are empty, in the order of reductions: lanes l and l + h for h = 32, 16, ..., 1.
[[nodiscard]] operand combined(graph::graph& g, const value& like, std::vector<operand> lanes) {
    const auto join = [&](operand a, operand b) -> operand {
        value v{.kind = value_kind::operation, .type = like.type, .n_args = 2, .shape = like.shape, .captured = like.captured};
        v.code = like.code;
        v.args[0] = a;
        v.args[1] = b;
        return {g.add(v), identity};
    };
    for (std::size_t h = 32; h > 0; h /= 2) {
        for (std::size_t l = 0; l < h && l + h < lanes.size(); ++l) lanes[l] = join(lanes[l], lanes[l + h]);
        lanes.resize(std::min(lanes.size(), h));
    }
    // Empty lanes hold what changes nothing, but for the sign of a zero.
    if (like.code != op::add::code || !is_floating(like.type)) return lanes[0];
    const value zero{.kind = value_kind::constant, .type = like.type, .captured = like.captured};
    return join(lanes[0], g.broadcast({g.add(zero), identity}, like.shape));
}

[[nodiscard]] bool is_short(const graph::graph& g, const value& v) {
    if (v.kind != value_kind::reduction || v.index_step() != 0 || v.type != g.values[v.args[0].value].type || v.type == dtype::boolean) return false;
    if (v.code != op::add::code && v.code != op::multiply::code && v.code != op::maximum::code && v.code != op::minimum::code) return false;
    const extents space = g.space(v.args[0]);
    index_t elements = 1;
    for (std::size_t d = v.reduced.first; d < v.reduced.last; ++d) elements *= space[d];
    return v.reduced.last == space.size() && elements > 1 && elements <= shortest_row && v.shape.count() >= fewest_rows;
}

}  // namespace

graph::graph spell_out_short_rows(const graph::graph& g) {
    return rebuild(g, [](graph::graph& out, const value& v) -> operand {
        if (!is_short(out, v)) return {out.add(v), identity};
        const extents space = out.space(v.args[0]);
        index_map at{.source_rank = static_cast<std::uint8_t>(space.size()), .space = v.shape};
        for (std::size_t d = 0; d < v.reduced.first; ++d) at[d] = {.axis = static_cast<std::int8_t>(d), .offset = 0, .step = 1};
        std::vector<operand> elements;
        const auto add = [&](auto&& self, std::size_t d) -> void {
            if (d == space.size()) {
                const operand x = out.through(v.args[0], at);
                if (!v.adds_products()) return elements.push_back(x);
                // A lane that a single product is added to has that product, rounded.
                value product{.kind = value_kind::operation, .type = v.type, .code = op::multiply::code, .n_args = 2, .shape = v.shape, .captured = v.captured};
                product.args = {x, out.through(v.args[1], at)};
                return elements.push_back({out.add(product), identity});
            }
            for (index_t i = 0; i < space[d]; ++i) {
                at[d] = {.axis = -1, .offset = i, .step = 0};
                self(self, d + 1);
            }
        };
        add(add, v.reduced.first);
        return combined(out, v, std::move(elements));
    });
}

graph::graph split_reductions(const graph::graph& g) {
    return rebuild(g, [](graph::graph& out, const value& v) -> operand {
        if (v.kind != value_kind::reduction) return {out.add(v), identity};
        return order::split(out, v);
    });
}

graph::graph drop_dead(const graph::graph& g) {
    std::vector<bool> keep(g.values.size(), false);
    for (const graph::result& r : g.roots) keep[r.at.value] = true;
    for (const graph::result& r : g.checks) keep[r.at.value] = true;
    for (std::size_t i = g.values.size(); i-- > 0;) {
        if (!keep[i]) continue;
        for (std::size_t a = 0; a < g.values[i].n_args; ++a) keep[g.values[i].args[a].value] = true;
    }
    return rebuild(
        g,
        [](graph::graph& out, const value& v) -> operand {
            return {out.add(v), identity};
        },
        &keep);
}

namespace {

[[nodiscard]] bool has_index(const graph::graph& g) {
    return std::any_of(g.values.begin(), g.values.end(), [](const value& v) { return v.index_step() != 0; });
}

}  // namespace

graph::graph simplify(const graph::graph& g) {
    graph::verify(g, false);
    graph::graph out = fold_views(g);
    out = fold(out);
    out = merge_common(out);
    const bool reshapes = std::any_of(out.values.begin(), out.values.end(), [](const value& v) { return v.kind == value_kind::alias; });
    if (reshapes) out = merge_common(sink_reshapes(out));
    const bool repeats = std::any_of(out.values.begin(), out.values.end(), [](const value& v) { return v.kind == value_kind::reduction && v.args[0].map != identity; });
    if (repeats) out = merge_common(reduce_once(out));
    if (std::any_of(out.values.begin(), out.values.end(), [&](const value& v) { return is_short(out, v); })) out = merge_common(spell_out_short_rows(out));
    const bool again = has_index(out);
    out = split_reductions(out);
    if (again) out = merge_common(out);  // the extreme values that indices need may be asked for as well
    out = drop_dead(out);
    graph::verify(out, true);
    return out;
}

}  // namespace sinter::inline v1::detail::passes
