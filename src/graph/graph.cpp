#include "graph/graph.hpp"

#include "base/operation_table.hpp"
#include "graph/loop_body.hpp"
#include "graph/node.hpp"

#include <sinter/detail/error.hpp>
#include <sinter/detail/primitives.hpp>

#include <bit>
#include <cstdio>

namespace sinter::inline v1::detail::graph {

map_id graph::intern(const index_map& m) {
    // Statements look at their neighbours through the same few maps, so the last ones are the likely ones.
    for (std::size_t i = maps.size(); i-- > 1;) {
        if (maps[i] == m) return static_cast<map_id>(i);
        if (maps.size() - i > 64) break;
    }
    maps.push_back(m);
    return static_cast<map_id>(maps.size() - 1);
}

operand graph::through(operand o, const index_map& outer) {
    const index_map m = o.map == identity ? outer : compose(outer, maps[o.map]);
    const value_kind kind = values[o.value].kind;
    if (kind != value_kind::scalar && kind != value_kind::constant && is_identity(m, values[o.value].shape)) return {o.value, identity};
    return {o.value, intern(m)};
}

bool graph::is_gathered(operand o) const {
    const index_map& m = maps[o.map];
    for (std::size_t d = 0; o.map != identity && d < m.source_rank; ++d) {
        if (m[d].axis == index_map::gathered) return true;
    }
    return false;
}

operand graph::broadcast(operand o, const extents& to) {
    const extents& from = space(o);
    if (from == to) return o;
    extents check = from;
    if (!broadcast_shapes(check, to) || !(check == to)) {
        throw internal_error("a value of shape " + to_string(from) + " is broadcast to " + to_string(to) + "; please report this");
    }
    return through(o, broadcast_map(from, to));
}

value_id graph::add(value v) {
    values.push_back(v);
    return static_cast<value_id>(values.size() - 1);
}

std::vector<operand> listed(graph& g, operand list, std::size_t count) {
    std::vector<operand> all;
    for (operand rest = list; all.size() < count;) {
        if (all.size() + 1 == count) {
            all.push_back(rest);
            break;
        }
        const value v = g.values[rest.value];
        const auto seen = [&](operand o) { return rest.map == identity ? o : g.through(o, g.maps[rest.map]); };
        all.push_back(seen(v.args[0]));
        rest = seen(v.args[1]);
    }
    return all;
}

namespace {

[[noreturn]] void broken(const graph& g, std::size_t i, const std::string& what) {
    throw internal_error("graph value " + std::to_string(i) + ": " + what + "; please report this\n" + to_string(g));
}

void check_operand(const graph& g, std::size_t i, operand o) {
    if (o.value >= i) broken(g, i, "an operand that does not stand before it");
    if (o.map >= g.maps.size()) broken(g, i, "a map that is not there");
    if (o.map == identity) return;
    const index_map& m = g.maps[o.map];
    const extents& source = g.values[o.value].shape;
    if (m.source_rank != source.size()) broken(g, i, "a map for another rank");
    if (m.space.count() == 0) return;
    for (std::size_t d = 0; d < source.size(); ++d) {
        index_t low = m[d].offset;
        index_t high = low;
        if (m[d].axis == index_map::gathered) {
            if (i >= g.values.size() || g.values[i].kind != value_kind::gather) broken(g, i, "a gathered index in what is no gather");
        } else if (m[d].axis >= 0) {
            if (static_cast<std::size_t>(m[d].axis) >= m.space.size()) broken(g, i, "a map over an axis that is not there");
            const index_t reach = m[d].step * (m.space[static_cast<std::size_t>(m[d].axis)] - 1);
            (reach < 0 ? low : high) += reach;
        }
        if (low < 0 || high >= source[d]) broken(g, i, "a map that leaves its source");
    }
}

}  // namespace

void verify(const graph& g, bool after_passes) {
    for (std::size_t i = 0; i < g.values.size(); ++i) {
        const value& v = g.values[i];
        for (std::size_t a = 0; a < v.n_args; ++a) check_operand(g, i, v.args[a]);
        const auto type_of = [&](std::size_t a) { return g.values[v.args[a].value].type; };
        switch (v.kind) {
            case value_kind::operation: {
                const base::operation_info& info = base::operation_of(v.code);
                if (v.n_args != info.arity) broken(g, i, "another number of operands than the operation has");
                for (std::size_t a = 0; a < v.n_args; ++a) {
                    if (!(g.space(v.args[a]) == v.shape)) broken(g, i, "an operand of another shape");
                }
                if (is_of_complex(v.code)) {
                    const dtype whole = v.code == code_complex ? v.type : type_of(0), part = v.code == code_complex ? type_of(0) : v.type;
                    if (!is_complex_code(whole) || part != part_of(whole) || type_of(v.n_args - 1U) != type_of(0)) broken(g, i, "parts of the wrong type");
                    break;
                }
                const std::size_t first = info.rule == type_rule::select ? 1 : 0;
                if (info.rule == type_rule::select && type_of(0) != dtype::boolean) broken(g, i, "a condition that is not bool");
                if (info.rule == type_rule::compare ? v.type != dtype::boolean : info.rule != type_rule::convert && v.type != type_of(first)) {
                    broken(g, i, "a result of the wrong type");
                }
                for (std::size_t a = first + 1; a < v.n_args; ++a) {
                    if (type_of(a) != type_of(first)) broken(g, i, "operands of different types");
                }
                break;
            }
            case value_kind::view:
                if (after_passes) broken(g, i, "a view after the passes");
                [[fallthrough]];
            case value_kind::copy:
                if (!(g.space(v.args[0]) == v.shape) || v.type != type_of(0)) broken(g, i, "a copy of another shape or type");
                break;
            case value_kind::alias:
                if (v.args[0].map != identity || g.values[v.args[0].value].shape.count() != v.shape.count())
                    broken(g, i, "an alias that does not fit");
                break;
            case value_kind::update:
                if (v.args[0].map != identity || !(g.values[v.args[0].value].shape == v.shape)) broken(g, i, "an update of another shape");
                if (!(g.space(v.args[1]) == g.maps[v.region].space)) broken(g, i, "an update with a value of another shape");
                break;
            case value_kind::scan:
                if (!(g.space(v.args[0]) == v.shape) || v.type != type_of(0) || v.reduced.first >= v.shape.size()) broken(g, i, "a scan of another shape or type");
                break;
            case value_kind::reduction:
                if (v.reduced.last > g.space(v.args[0]).size() || v.reduced.first >= v.reduced.last)
                    broken(g, i, "a reduction of axes that are not there");
                if (v.index_step() != 0 ? v.type != dtype::i64 : v.type != type_of(0)) broken(g, i, "a reduction of the wrong type");
                if (v.n_args == 2 && !(g.space(v.args[1]) == g.space(v.args[0]))) broken(g, i, "a reduction of two shapes");
                if (v.adds_products() ? v.code != op::add::code || !is_floating(v.type) || type_of(1) != v.type : v.n_args == 2 && type_of(1) != dtype::i64) {
                    broken(g, i, "an index that begins nowhere, or products that nothing adds");
                }
                break;
            case value_kind::list:
                for (std::size_t a = 0; a < v.n_args; ++a) {
                    if (!(g.space(v.args[a]) == v.shape)) broken(g, i, "a list of another shape");
                }
                break;
            case value_kind::loop: {
                if (!(g.space(v.args[0]) == v.shape) || (!loop_body_of(v.bits).captures.empty() && !(g.space(v.args[1]) == v.shape))) {
                    broken(g, i, "a loop of another shape");
                }
                const value_kind limit = g.values[v.args[2].value].kind;
                if (type_of(2) != dtype::i64 || (limit != value_kind::constant && limit != value_kind::scalar)) broken(g, i, "a loop without limit");
                break;
            }
            case value_kind::part: {
                const value& of = g.values[v.args[0].value];
                if (of.kind != value_kind::loop || v.args[0].map != identity || !(of.shape == v.shape)) broken(g, i, "a part of no loop");
                const auto& states = loop_body_of(of.bits).states;
                if (v.bits >= states.size() || v.type != states[v.bits]) broken(g, i, "a part of the wrong type");
                break;
            }
            case value_kind::gather: {
                const bool sees = v.n_args == 2 && g.is_gathered(v.args[0]) && g.space(v.args[0]) == v.shape && g.space(v.args[1]) == v.shape;
                if (!sees || type_of(0) != v.type || (type_of(1) != dtype::i32 && type_of(1) != dtype::i64)) broken(g, i, "a gather of another shape or type");
                break;
            }
            default: break;
        }
    }
    for (const result& r : g.roots) check_operand(g, g.values.size(), r.at);
    for (const result& r : g.held) check_operand(g, g.values.size(), r.at);
    for (const result& r : g.checks) check_operand(g, g.values.size(), r.at);
}

std::string describe(const graph& g, value_id id) {
    const value& v = g.values[id];
    std::string s;
    switch (v.kind) {
        case value_kind::leaf: s = v.counts ? "numbers" : "memory"; break;
        case value_kind::scalar: return "number";
        case value_kind::constant: {
            if (v.type != dtype::f32 && v.type != dtype::f64) return "constant";
            const double number = v.type == dtype::f32 ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(v.bits))) : std::bit_cast<double>(v.bits);
            char text[32];
            std::snprintf(text, sizeof text, "%g", number);
            return text;
        }
        case value_kind::operation: s = operation_name(v.code); break;
        case value_kind::copy: s = "copy"; break;
        case value_kind::view: s = "view"; break;
        case value_kind::reduction: s = std::string(v.index_step() != 0 ? "index of " : "reduce ") + operation_name(v.code) + (v.adds_products() ? " products" : ""); break;
        case value_kind::scan: s = std::string("accumulate ") + operation_name(v.code); break;
        case value_kind::alias: s = "reshape"; break;
        case value_kind::update: s = "assign"; break;
        case value_kind::blank: s = "new memory"; break;
        case value_kind::list: s = "values for a loop"; break;
        case value_kind::loop: s = "loop"; break;
        case value_kind::gather: s = "take"; break;
        case value_kind::part: s = "state " + std::to_string(v.bits) + " of a loop"; break;
    }
    for (std::size_t d = 0; d < v.shape.size(); ++d) s += (d == 0 ? " " : " x ") + std::to_string(v.shape[d]);
    return s;
}

std::string to_string(const graph& g) {
    std::string s;
    const auto name = [&](operand o) {
        std::string t = "%" + std::to_string(o.value);
        if (o.map == identity) return t;
        const index_map& m = g.maps[o.map];
        t += "[";
        for (std::size_t d = 0; d < m.source_rank; ++d) {
            t += d == 0 ? "" : ", ";
            if (m[d].axis < 0) {
                t += std::to_string(m[d].offset);
                continue;
            }
            t += m[d].step == 1 ? "" : std::to_string(m[d].step) + "*";
            t += m[d].axis == index_map::gathered ? std::string("taken") : "i" + std::to_string(m[d].axis);
            if (m[d].offset != 0) t += (m[d].offset > 0 ? "+" : "") + std::to_string(m[d].offset);
        }
        return t + "]";
    };
    for (std::size_t i = 0; i < g.values.size(); ++i) {
        const value& v = g.values[i];
        std::string line = "%" + std::to_string(i) + " = ";
        switch (v.kind) {
            case value_kind::leaf: line += (v.counts ? "numbers " : "memory ") + std::to_string(v.captured); break;
            case value_kind::scalar: line += "number " + std::to_string(v.captured) + "." + std::to_string(v.slot); break;
            case value_kind::constant: line += "constant " + std::to_string(v.bits); break;
            case value_kind::operation: line += operation_name(v.code); break;
            case value_kind::copy: line += "copy"; break;
            case value_kind::view: line += "view"; break;
            case value_kind::scan: line += std::string("accumulate ") + operation_name(v.code) + " along axis " + std::to_string(v.reduced.first); break;
            case value_kind::alias: line += "reshape"; break;
            case value_kind::update: line += "update"; break;
            case value_kind::blank: line += "new memory"; break;
            case value_kind::list: line += "list"; break;
            case value_kind::loop: line += "loop " + std::to_string(v.bits) + (v.code != 0 ? " strict" : ""); break;
            case value_kind::gather: line += "take"; break;
            case value_kind::part: line += "part " + std::to_string(v.bits); break;
            case value_kind::reduction:
                line += std::string(v.index_step() != 0 ? "index of " : "reduce ") + operation_name(v.code) + (v.adds_products() ? " products" : "") + " axes " + std::to_string(v.reduced.first) + ".." +
                        std::to_string(v.reduced.last) + (v.reduced.block > 0 ? " by " + std::to_string(v.reduced.block) : "");
                break;
        }
        for (std::size_t a = 0; a < v.n_args; ++a) line += (a == 0 ? " " : ", ") + name(v.args[a]);
        line += std::string("  : ") + name_of(v.type) + " " + to_string(v.shape);
        s += line + "\n";
    }
    for (const result& r : g.roots) s += "root " + name(r.at) + "\n";
    return s;
}

const char* operation_name(std::uint16_t code) {
    return code == code_real ? "real" : code == code_imag ? "imag" : code == code_complex ? "complex" : base::operation_of(code).name;
}

}  // namespace sinter::inline v1::detail::graph
