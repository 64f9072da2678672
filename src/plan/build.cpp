#include "base/operation_table.hpp"
#include "base/user_reductions.hpp"
#include "graph/loop_body.hpp"
#include "plan/loops.hpp"
#include "plan/planner.hpp"

#include <sinter/detail/error.hpp>
#include <sinter/detail/primitives.hpp>

#include <algorithm>
#include <cmath>
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
        at.counts = v.counts;
        at.index = v.captured;
    } else {
        at.index = slot_of_.empty() ? no_slot : slot_of_[o.value];
    }
    if (at.leaf && !v.row_major) {
        for (std::size_t d = 0; d < v.shape.size(); ++d) memory[d] = r_.nodes[v.captured].strides[d];
    } else {
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
        if (m.axis == index_map::gathered) {
            at.gathers = true;
            at.most_bytes = static_cast<double>(v.shape.count()) * at.bytes;
            at.along += m.step * memory[d];
        } else if (m.axis >= 0) {
            strides[m.axis] += m.step * memory[d];
        }
    }
    return at;
}

place planner::part_place(place whole, index_t part) noexcept {
    whole.parts = 2;
    whole.bytes /= 2;
    whole.offset = 2 * whole.offset + part;
    return whole;
}

namespace {

/// Of what is read or written: all of an element, or one part of a complex number.
enum class piece : std::uint8_t { whole, real, imag };

struct access_to {
    operand at;
    piece of = piece::whole;
};

}  // namespace

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

    /// A part of a complex value. What such values are in the graph: memory, copies, and made of parts.
    std::uint16_t complex_part(operand o, piece part) {
        const value v = g_.values[o.value];
        const auto through = [&](operand x) { return o.map == graph::identity ? x : g_.through(x, g_.maps[o.map]); };
        if (here(o)) {
            note(o);
            if (v.kind == value_kind::copy) return complex_part(through(v.args[0]), part);
            if (v.code != code_complex) throw internal_error("a complex value that is not made of parts; please report this");
            return value_of(through(v.args[part == piece::real ? 0 : 1]));
        }
        const auto known = std::find_if(reads.begin(), reads.end(), [&](const access_to& r) { return r.at == o && r.of == part; });
        if (known != reads.end()) return load_of_[static_cast<std::size_t>(known - reads.begin())];
        return load({o, part}, part_of(v.type), false);
    }

    /// The memory that a complex value is a copy of; none if it is computed.
    operand copied(operand o) {
        while (here(o)) {
            const value v = g_.values[o.value];
            if (v.kind != value_kind::copy) return {};
            note(o);
            o = o.map == graph::identity ? v.args[0] : g_.through(v.args[0], g_.maps[o.map]);
        }
        return o;
    }
    std::uint16_t moved(operand memory) {
        const auto known = std::find_if(reads.begin(), reads.end(), [&](const access_to& r) { return r.at == memory && r.of == piece::whole; });
        return known != reads.end() ? load_of_[static_cast<std::size_t>(known - reads.begin())] : load({memory}, dtype::u64, false);
    }

    /// What a state of a loop is after it.
    std::uint16_t part(value_id seed) {
        const value& v = g_.values[seed];
        if (kernel.loop.empty()) add_loop(g_.values[v.args[0].value]);
        return add({.code = codegen::code_state, .type = v.type, .a = static_cast<std::uint16_t>(v.bits)});
    }

    codegen::kernel kernel;
    std::vector<access_to> reads;
    std::vector<parameter> params;

private:
    void add_loop(const value loop) {
        const graph::loop_body& body = graph::loop_body_of(loop.bits);
        codegen::iteration& made = kernel.loop;
        const auto bounds = static_cast<precision>(loop.code);
        const value limit = g_.values[loop.args[2].value];
        if (limit.kind == value_kind::constant) {
            made.limit = static_cast<std::int64_t>(limit.bits);
        } else {
            made.limit_param = static_cast<std::uint16_t>(params.size());
            params.push_back({limit.captured, limit.slot});
            kernel.params.push_back(limit.type);
        }
        std::vector<std::uint16_t> initial;
        for (const operand o : graph::listed(g_, loop.args[0], body.states.size())) initial.push_back(value_of(o));
        for (const operand o : graph::listed(g_, loop.args[1], body.captures.size())) made.captures.push_back(value_of(o));
        made.initial = std::move(initial);
        const auto put = [&](const codegen::instruction& i) {
            made.body.push_back(i);
            return static_cast<std::uint16_t>(made.body.size() - 1);
        };
        for (std::size_t k = 0; k < body.states.size(); ++k) put({.code = codegen::code_state, .type = body.states[k], .a = static_cast<std::uint16_t>(k)});
        for (std::size_t k = 0; k < body.captures.size(); ++k) put({.code = codegen::code_capture, .type = body.captures[k], .a = static_cast<std::uint16_t>(k)});
        std::vector<std::uint16_t> computed;
        const auto at = [&](tape_ref r) {
            const auto k = static_cast<std::uint16_t>(r & ref_index);
            return (r & ref_kind) == ref_array ? k : (r & ref_kind) == ref_scalar ? static_cast<std::uint16_t>(body.states.size() + k) : computed[k];
        };
        for (const tape_instruction& x : body.code) {
            const std::size_t arity = base::operation_of(x.code).arity;
            const std::uint16_t a = at(x.a), b = arity > 1 ? at(x.b) : std::uint16_t{0}, c = arity > 2 ? at(x.c) : std::uint16_t{0};
            if (x.contracted != 0 && bounds == precision::strict) {
                const std::uint16_t product = put({.code = op::multiply::code, .type = x.type, .a = a, .b = b});
                const bool sum = x.code == op::fma::code, backward = x.code == op::fnma::code;
                computed.push_back(put({.code = sum ? op::add::code : op::subtract::code, .type = x.type, .a = backward ? c : product, .b = backward ? product : c}));
            } else {
                computed.push_back(put({.code = base::code_under(bounds, x.code), .type = x.type, .a = a, .b = b, .c = c}));
            }
        }
        for (const tape_ref r : body.next) made.next.push_back(at(r));
        made.condition = at(body.condition);
    }

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
        if (!here(o)) return load({o}, v.type, v.counts);
        note(o);
        if (v.kind == value_kind::operation && (v.code == code_real || v.code == code_imag)) {
            const operand from = o.map == graph::identity ? v.args[0] : g_.through(v.args[0], g_.maps[o.map]);
            return complex_part(from, v.code == code_real ? piece::real : piece::imag);
        }
        if (v.kind == value_kind::gather) {
            const std::size_t input = reads.size();
            reads.push_back({o.map == graph::identity ? v.args[0] : g_.through(v.args[0], g_.maps[o.map])});
            kernel.inputs.push_back({.type = v.type, .gathers = true});
            const std::uint16_t index = value_of(o.map == graph::identity ? v.args[1] : g_.through(v.args[1], g_.maps[o.map]));
            return add({.code = codegen::code_gather, .type = v.type, .a = index, .bits = input});
        }
        std::uint16_t args[3] = {};
        for (std::size_t a = 0; a < v.n_args; ++a) {
            args[a] = value_of(o.map == graph::identity ? v.args[a] : g_.through(v.args[a], g_.maps[o.map]));
        }
        if (v.kind == value_kind::copy) return args[0];
        return add({.code = v.code, .type = v.type, .a = args[0], .b = args[1], .c = args[2]});
    }

    /// Whether the kernel computes it, rather than reads it.
    [[nodiscard]] bool here(operand o) const {
        return p_.elementwise(o.value) && (p_.stored_[o.value] == 0 || (p_.group_of_[o.value] == number_ && o.map == graph::identity));
    }

    /// For those who look at decisions: where a value is computed. A copy of what an update leaves as it is belongs to no group.
    void note(operand o) {
        if (number_ != no_group && o.value < p_.computed_in_.size() && (p_.computed_in_[o.value].empty() || p_.computed_in_[o.value].back() != number_)) p_.computed_in_[o.value].push_back(number_);
    }

    std::uint16_t load(const access_to& from, dtype type, bool counts) {
        reads.push_back(from);
        kernel.inputs.push_back({.type = type, .counts = counts});
        load_of_.push_back(add({.code = codegen::code_load, .type = type, .a = static_cast<std::uint16_t>(reads.size() - 1)}));
        // Both parts are loaded together.
        for (std::size_t i = 0; from.of != piece::whole && i + 1 < reads.size(); ++i) {
            if (!(reads[i].at == from.at)) continue;
            const std::size_t last = reads.size() - 1, real = from.of == piece::real ? last : i;
            kernel.inputs[real].imag = static_cast<std::uint16_t>((real == last ? i : last) + 1);
        }
        return load_of_.back();
    }

    planner& p_;
    graph::graph& g_;
    std::uint32_t number_;
    std::vector<std::uint16_t> load_of_;  // by read
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

/// Shorter last axes are held against longer other ones.
constexpr index_t short_axis = 64;
/// Rows of so many elements and more are long for their kernels.
constexpr index_t long_row = 512;

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
    l.about = k.seeds[0];
    l.backend = m_.best;
    kernel_builder b(*this, group_of_[k.seeds[0]]);
    b.kernel.kind = k.kind;
    std::vector<access_to> written;  // maps and updates
    std::vector<value_id> reduced;
    for (const value_id s : k.seeds) {
        const value& v = g_.values[s];
        if (v.kind == value_kind::reduction) {
            const std::uint16_t at = b.value_of(v.args[0]);
            const dtype type = b.kernel.code[at].type;
            b.kernel.reductions.push_back({.code = v.code, .value = at, .type = type, .identity = base::identity_of(v.code, type), .step = v.index_step()});
            if (v.n_args > 1) (v.adds_products() ? b.kernel.reductions.back().factor : b.kernel.reductions.back().start) = b.value_of(v.args[1]);
            reduced.push_back(s);
        } else {
            const bool is_part = v.kind == value_kind::part;
            const operand body = v.kind == value_kind::update ? v.args[1] : v.kind == value_kind::scan ? v.args[0] : operand{s, graph::identity};
            const operand target{s, v.kind == value_kind::update ? v.region : graph::identity};
            if (const operand from = v.type == dtype::c64 ? b.copied(body) : operand{}; from.value != graph::no_value) {
                // Moved as they are, eight bytes each.
                b.kernel.outputs.push_back({.type = dtype::u64, .value = b.moved(from)});
                written.push_back({target});
                continue;
            }
            if (is_complex_code(v.type)) {
                for (const piece part : {piece::real, piece::imag}) {
                    b.kernel.outputs.push_back({.type = part_of(v.type), .value = b.complex_part(body, part), .paired = part == piece::real});
                    written.push_back({target, part});
                }
                continue;
            }
            const std::uint16_t at = is_part ? b.part(s) : b.value_of(body);
            b.kernel.outputs.push_back({.type = v.type, .value = at, .scan = v.kind == value_kind::scan ? v.code : codegen::output::no_scan});
            if (v.kind == value_kind::scan) l.backend = isa::portable;
            written.push_back({target});
        }
    }

    for (const codegen::reduction& r : b.kernel.reductions) {
        if (r.gives_index() && (m_.best != isa::avx512 || !codegen::has_index_in_registers(b.kernel, r))) l.backend = isa::portable;
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
    for (const auto* list : {&b.reads, &written}) {
        for (const access_to& x : *list) {
            const place at = place_of(x.at, k.space, strides);
            add(x.of == piece::whole ? at : part_place(at, x.of == piece::imag ? 1 : 0), strides);
        }
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
    loop_space apart;
    if (log_.asks()) {
        apart = s;
        apart.drop_ones();
    }
    s.collapse();
    if (s.count(axis_role::reduced) > 1) {
        throw internal_error("a reduction over axes that are not one in memory; please report this");
    }

    // The loops: inner, rows, and the others outside.
    axes chosen;
    std::size_t over = no_axis;
    for (std::size_t d = 0; d < s.extent.size(); ++d) {
        if (s.role[d] == axis_role::reduced) over = d;
    }
    const std::size_t collapsed = s.extent.size();
    if (k.kind == kernel_kind::map) {
        if (collapsed > 0) chosen.inner = inner_axis(s);
        if (collapsed > 1) chosen.rows = rows_axis(s, chosen.inner);
    } else if (k.kind == kernel_kind::row_reduce) {
        chosen.inner = over;
        if (collapsed > 1) chosen.rows = rows_axis(s, chosen.inner);
    } else {
        chosen.rows = over;
        for (std::size_t d = 0; d < collapsed; ++d) {
            if (d != over) chosen.inner = d;
        }
    }
    l.kernel = std::move(b.kernel);
    l.params = std::move(b.params);
    l.writes_in_place = std::any_of(k.seeds.begin(), k.seeds.end(), [&](value_id seed) { return g_.values[seed].kind == value_kind::update; });
    l.why = k.why;
    l.captured = g_.values[k.seeds.back()].captured;
    l.after = k.after;
    l.block = k.reduced.block;
    if (log_.asks() && k.kind == kernel_kind::map && apart.extent.size() > s.extent.size()) {
        axes each{.inner = inner_axis(apart)};
        if (apart.extent.size() > 1) each.rows = rows_axis(apart, each.inner);
        if (keeps_axes_apart(l, s, chosen, apart, each)) {
            s = std::move(apart);
            chosen = each;
        }
    }
    const std::size_t dims = s.extent.size();
    // Where the last axis is short there is a choice: along it in short rows, or along a long one with gaps.
    std::vector<axes> ways{chosen};
    if (k.kind == kernel_kind::map && dims > 1 && s.extent[dims - 1] < short_axis) {
        const std::size_t longest = static_cast<std::size_t>(std::max_element(s.extent.begin(), s.extent.end()) - s.extent.begin());
        for (const std::size_t inner : {dims - 1, longest}) {
            const axes a{inner, rows_axis(s, inner)};
            if (std::find(ways.begin(), ways.end(), a) == ways.end()) ways.push_back(a);
        }
    }
    if ((log_.asks() || ways.size() > 1) && k.kind != kernel_kind::column_reduce && dims > 1) chosen = choose_axes(l, s, result_step, ways);
    lay_out(l, s, result_step, chosen);
    choose_tiles(l);
    set_accesses(l);
    estimate_work(l);
    return l;
}

/// Extents and strides of a launch's loops, for axes of its space. result_step: elements between the results of blocks, by place.
void planner::lay_out(launch& l, const loop_space& s, const std::vector<index_t>& result_step, axes at) const {
    const std::size_t reads = l.kernel.inputs.size();
    const std::size_t reductions = l.kernel.reductions.size();
    std::size_t over = no_axis;
    for (std::size_t d = 0; d < s.extent.size(); ++d) {
        if (s.role[d] == axis_role::reduced) over = d;
    }
    l.n = at.inner == no_axis ? 1 : s.extent[at.inner];
    l.rows = at.rows == no_axis ? 1 : s.extent[at.rows];
    l.block_step.assign(l.places.size(), 0);
    if (l.block > 0) {
        const index_t length = l.kernel.kind == kernel_kind::row_reduce ? l.n : l.rows;
        l.blocks = (length + l.block - 1) / l.block;
        for (std::size_t i = 0; i < l.places.size(); ++i) {
            l.block_step[i] = i < l.places.size() - reductions ? (over == no_axis ? 0 : s.stride[i][over] * l.block * l.places[i].parts) : result_step[i];
        }
    }
    for (std::size_t d = 0; d < s.extent.size(); ++d) {
        if (d == at.inner || d == at.rows) continue;
        for (std::size_t i = 0; i < l.places.size(); ++i) l.places[i].outer[l.outer.size()] = s.stride[i][d] * l.places[i].parts;
        l.outer.push_back(s.extent[d]);
    }
    for (std::size_t i = 0; i < l.places.size(); ++i) {
        place& p = l.places[i];
        p.inner = at.inner == no_axis ? (i < reads ? 0 : 1) : s.stride[i][at.inner] * p.parts;
        p.row = at.rows == no_axis ? 0 : s.stride[i][at.rows] * p.parts;
    }
}

/// How the kernel moves along its operands, which the tiles have a say in.
void planner::set_accesses(launch& l) const {
    for (std::size_t i = 0; i < l.places.size(); ++i) set_access(l, i);
    l.kernel.long_rows = l.kernel.kind == kernel_kind::row_reduce && (l.block > 0 ? std::min(l.block, l.n) : l.n) >= long_row;
}

}  // namespace sinter::inline v1::detail::plan
