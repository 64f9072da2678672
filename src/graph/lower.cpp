#include "graph/capture.hpp"

#include "base/operation_table.hpp"
#include "graph/loop_body.hpp"

#include <sinter/detail/operations.hpp>

#include <algorithm>
#include <initializer_list>
#include <limits>

namespace sinter::inline v1::detail::graph {

namespace {

/// Turns captured nodes into values, one node after the other.
class lowering {
public:
    explicit lowering(const capture& c) : capture_{c} { at_.resize(c.nodes().size()); }

    graph run() {
        for (std::uint32_t i = 0; i < capture_.nodes().size(); ++i) {
            const captured_node& c = capture_.nodes()[i];
            at_[i] = c.done ? leaf(i, *c.n) : pending(i, c);
            if (!c.done && c.held && !c.root) g_.held.push_back({i, at_[i], c.wanted_before});
        }
        for (const std::uint32_t r : capture_.roots()) {
            bool seen = false;
            for (const result& known : g_.roots) seen = seen || known.captured == r;
            if (!seen) g_.roots.push_back({r, at_[r]});
        }
        return std::move(g_);
    }

private:
    operand leaf(std::uint32_t i, const node& n) {
        return {g_.add({.kind = value_kind::leaf, .type = n.type, .counts = n.kind == node_kind::count, .row_major = n.contiguous, .shape = n.shape(), .captured = i}), identity};
    }

    operand pending(std::uint32_t i, const captured_node& c) {
        const node& n = *c.n;
        switch (n.kind) {
            case node_kind::map: return g_.broadcast(tape_value(i, c, 0), n.shape());
            case node_kind::reduce: return reduction(i, c);
            case node_kind::view: return view(i, c);
            case node_kind::scan: return scan(i, c);
            case node_kind::gather: return gather(i, c);
            case node_kind::blank: return {g_.add({.kind = value_kind::blank, .type = n.type, .shape = n.shape(), .captured = i}), identity};
            default: return update(i, c);
        }
    }

    operand view(std::uint32_t i, const captured_node& c) {
        const node& n = *c.n;
        const operand from = at_[capture_.operand_of(c, 0)];
        if (n.map == nullptr) {
            // Row-major order in another shape: the operand needs memory of its own.
            const extents shape = g_.space(from);
            const bool has_own = from.map == identity && g_.values[from.value].kind == value_kind::update;
            const value_id whole =
                has_own ? from.value : g_.add({.kind = value_kind::copy, .type = n.type, .n_args = 1, .shape = shape, .args = {operand{from}}, .captured = i});
            return {
                g_.add(
                    {.kind = value_kind::alias, .type = n.type, .n_args = 1, .shape = n.shape(), .args = {operand{whole, identity}}, .captured = i}),
                identity};
        }
        const operand through = g_.through(from, *n.map);
        return {g_.add({.kind = value_kind::view, .type = n.type, .n_args = 1, .shape = n.shape(), .args = {operand{through}}, .captured = i}),
                identity};
    }

    operand update(std::uint32_t i, const captured_node& c) {
        const node& n = *c.n;
        operand base = at_[capture_.operand_of(c, 0)];
        if (base.map != identity || !has_memory(g_.values[base.value].kind)) {
            base = {g_.add({.kind = value_kind::copy, .type = n.type, .n_args = 1, .shape = n.shape(), .args = {operand{base}}, .captured = i}),
                    identity};
        }
        const operand with = g_.broadcast(at_[capture_.operand_of(c, 1)], n.map->space);
        value v{.kind = value_kind::update, .type = n.type, .n_args = 2, .shape = n.shape(), .args = {operand{base}, operand{with}}, .captured = i};
        v.region = g_.intern(*n.map);
        return {g_.add(v), identity};
    }

    /// Whether a value is where an extreme of at most so many elements stands, which is never out of range.
    [[nodiscard]] bool is_place(value_id of, index_t extent) const {
        const value* v = &g_.values[of];
        while (v->kind == value_kind::view || v->kind == value_kind::copy || v->kind == value_kind::alias) v = &g_.values[v->args[0].value];
        if (v->index_step() != 1) return false;
        const extents& space = g_.space(v->args[0]);
        index_t count = 1;
        for (std::size_t d = v->reduced.first; d < v->reduced.last; ++d) count *= space[d];
        return count <= extent;
    }

    operand gather(std::uint32_t i, const captured_node& c) {
        const node& n = *c.n;
        const operand from = g_.through(at_[capture_.operand_of(c, 0)], *n.map);
        const operand indices = at_[capture_.operand_of(c, 1)];
        const extents shape = n.shape(), own = g_.space(indices);
        const dtype given = g_.values[indices.value].type;
        const auto extent = static_cast<index_t>(n.scalars[0]);
        const dtype type = size_of(given) <= 4 && extent <= std::numeric_limits<std::int32_t>::max() ? dtype::i32 : dtype::i64;
        const auto number = [&](dtype t, std::uint32_t slot) { return operand{g_.add({.kind = value_kind::scalar, .type = t, .captured = i, .slot = slot}), identity}; };
        const auto apply = [&](std::uint16_t code, dtype t, std::initializer_list<operand> args) { return operation(i, code, t, args.begin(), args.size()); };
        const operand zero{g_.add({.kind = value_kind::constant, .type = type, .captured = i}), identity};
        operand at = given == type ? indices : apply(op::convert::code, type, {indices});
        const bool inside = is_place(indices.value, extent);
        if (is_signed_integer(given) && !inside) at = apply(op::select::code, type, {apply(op::less::code, dtype::boolean, {at, zero}), apply(op::add::code, type, {at, number(type, 0)}), at});
        if (n.reduce_code == 0 && own.count() > 0 && !inside) {
            if (is_signed_integer(given)) {
                const operand low = apply(op::less::code, dtype::boolean, {at, zero});
                check(i, apply(op::bitwise_or::code, dtype::boolean, {low, apply(op::less_equal::code, dtype::boolean, {number(type, 0), at})}));
            } else if (size_of(given) == 8 || extent >> (8 * size_of(given)) == 0) {
                check(i, apply(op::less_equal::code, dtype::boolean, {number(given, 0), indices}));
            }
        }
        if (extent <= 1) {
            index_map only = *n.map;
            for (std::size_t d = 0; d < only.source_rank; ++d) only[d] = only[d].axis == index_map::gathered ? index_map::dimension{} : only[d];
            return g_.through(at_[capture_.operand_of(c, 0)], only);
        }
        if (!g_.is_gathered(from)) return from;
        // Never outside, whatever the indices are: those of one gather may be another's elements, and are looked at before any check has passed.
        if (!inside) at = apply(op::maximum::code, type, {apply(op::minimum::code, type, {at, number(type, 1)}), zero});
        index_map spread;
        if (n.keepdims != 0) {
            spread = broadcast_map(own, shape);
        } else {
            spread.source_rank = static_cast<std::uint8_t>(own.size());
            spread.space = shape;
            for (std::size_t d = 0; d < own.size(); ++d) spread[d] = {static_cast<std::int8_t>(n.reduce_axes + d), 0, 1};
        }
        return {g_.add({.kind = value_kind::gather, .type = n.type, .n_args = 2, .shape = shape, .args = {from, g_.through(at, spread)}, .captured = i}), identity};
    }

    /// x, or what each of its elements times one of `by` comes to, reduced over axes (bit d is axis d), without axes of extent 1: runs of neighbours one after
    /// another, the last run first. The passes cut the runs further; see reduction_order.hpp.
    operand reduced(operand x, unsigned axes, std::uint16_t code, dtype type, std::uint32_t i, operand by = {}) {
        const bool index = (code & node::gives_index) != 0;
        // Drop the axes of extent 1, reduced or not.
        unsigned mask = axes;
        const index_map squeeze = without_ones(g_.space(x), mask);
        x = g_.through(x, squeeze);
        extents space = squeeze.space;
        if (by.value != no_value) {
            by = g_.through(by, squeeze);
            // One product is added to nothing.
            const operand both[2] = {x, by};
            if (mask == 0) return operation(i, op::multiply::code, type, both, 2);
        }
        if (mask == 0 && index) return g_.broadcast({g_.add({.kind = value_kind::constant, .type = type, .captured = i}), identity}, space);
        if (mask == 0) {
            x = {g_.add({.kind = value_kind::copy, .type = type, .n_args = 1, .shape = space, .args = {operand{x}}, .captured = i}), identity};
        }
        while (mask != 0) {
            std::uint8_t last = static_cast<std::uint8_t>(space.size());
            while ((mask & (1U << (last - 1U))) == 0) --last;
            std::uint8_t first = last;
            while (first > 0 && (mask & (1U << (first - 1U))) != 0) mask &= ~(1U << --first);
            extents rest;
            for (std::size_t d = 0; d < space.size(); ++d) {
                if (d < first || d >= last) rest.push_back(space[d]);
            }
            value v{.kind = value_kind::reduction, .type = type, .n_args = 1, .shape = rest, .args = {operand{x}}, .captured = i};
            v.code = static_cast<std::uint16_t>(code & ~node::gives_index);
            v.reduced = {first, last, 0};
            v.bits = index ? 1 : 0;
            if (by.value != no_value) {
                v.args[1] = by;
                v.n_args = 2;
                by = {};
            }
            x = {g_.add(v), identity};
            space = rest;
        }
        return x;
    }

    /// Where integers are divided: whether any divisor is zero.
    void check_divisor(operand by, dtype type, std::uint32_t i) {
        const value& v = g_.values[by.value];
        if (v.kind == value_kind::constant && v.bits != 0) return;
        if (v.kind == value_kind::scalar) {
            // A number is known when the plan runs.
            const divisor d{v.captured, v.slot};
            if (g_.divisors.empty() || !(g_.divisors.back() == d)) g_.divisors.push_back(d);
            return;
        }
        const operand zero{g_.add({.kind = value_kind::constant, .type = type, .captured = i}), identity};
        const operand pair[2] = {by, zero};
        check(i, operation(i, op::equal::code, dtype::boolean, pair, 2));
    }

    /// Any element of which is true is an error.
    void check(std::uint32_t i, operand wrong) {
        const extents shape = g_.space(wrong);
        const operand as_number = operation(i, op::convert::code, dtype::u8, &wrong, 1);
        g_.checks.push_back({i, reduced(as_number, (1U << shape.size()) - 1U, op::maximum::code, dtype::u8, i)});
    }

    /// The map from a shape without its axes of extent 1 to the shape; bits of axes become those of the shorter shape.
    static index_map without_ones(const extents& shape, unsigned& axes) {
        index_map m;
        m.source_rank = static_cast<std::uint8_t>(shape.size());
        unsigned mask = 0;
        for (std::size_t d = 0; d < shape.size(); ++d) {
            if (shape[d] == 1) {
                m[d] = {-1, 0, 0};
                continue;
            }
            if ((axes & (1U << d)) != 0) mask |= 1U << m.space.size();
            m[d] = {static_cast<std::int8_t>(m.space.size()), 0, 1};
            m.space.push_back(shape[d]);
        }
        axes = mask;
        return m;
    }

    /// A value without axes of extent 1, in a shape that has some.
    operand with_ones(operand x, const extents& wanted) {
        const extents space = g_.space(x);
        if (space == wanted) return x;
        index_map m;
        m.source_rank = static_cast<std::uint8_t>(space.size());
        m.space = wanted;
        std::size_t d = 0;
        for (std::size_t k = 0; k < wanted.size(); ++k) {
            if (wanted[k] != 1) m[d++] = {static_cast<std::int8_t>(k), 0, 1};
        }
        return g_.through(x, m);
    }

    operand scan(std::uint32_t i, const captured_node& c) {
        const node& n = *c.n;
        const operand x = g_.broadcast(tape_value(i, c, 0), n.shape());
        unsigned axes = n.reduce_axes;
        const index_map squeeze = without_ones(n.shape(), axes);
        if (axes == 0) return x;
        value v{.kind = value_kind::scan, .type = n.type, .code = n.reduce_code, .n_args = 1, .shape = squeeze.space, .captured = i};
        v.args[0] = g_.through(x, squeeze);
        while ((axes & (1U << v.reduced.first)) == 0) ++v.reduced.first;
        v.reduced.last = static_cast<std::uint8_t>(v.reduced.first + 1);
        return with_ones({g_.add(v), identity}, n.shape());
    }

    operand reduction(std::uint32_t i, const captured_node& c) {
        const node& n = *c.n;
        if (n.program->then != nullptr) return composed(i, c);
        // The operands' shape before reducing.
        extents shape;
        for (std::size_t k = 0; k < n.n_operands; ++k) {
            extents other = g_.space(at_[capture_.operand_of(c, k)]);
            if (k == 0) shape = other;
            static_cast<void>(broadcast_shapes(shape, other));
        }
        const bool contracts = n.reduce_code == op::fma::code;
        factors_ = {};
        operand x = tape_value(i, c, 0, contracts), by;
        if (factors_[0].value != no_value) {
            x = factors_[0];
            by = g_.broadcast(factors_[1], shape);
        }
        x = reduced(g_.broadcast(x, shape), n.reduce_axes, contracts ? op::add::code : n.reduce_code, n.type, i, by);
        // Back to the result's shape: extents of 1 that are kept.
        return with_ones(x, n.shape());
    }

    /// What steps make of values. What has been reduced has no axes of extent 1 until it meets the values again.
    operand composed(std::uint32_t i, const captured_node& c) {
        const node& n = *c.n;
        const composition& all = *n.program->then;
        const operand values = at_[capture_.operand_of(c, 0)];
        const extents shape = g_.space(values);
        extents kept = shape;
        index_t count = 1;
        for (std::size_t d = 0; d < shape.size(); ++d) {
            if ((n.reduce_axes & (1U << d)) == 0) continue;
            count *= shape[d];
            kept[d] = 1;
        }
        std::vector<operand> given{values};
        std::vector<bool> whole{true};  // as many elements as there are values
        for (std::size_t s = 0; s < all.n_steps; ++s) {
            const composed_step& step = all.steps[s];
            const tape& t = *step.program;
            bool meets_values = false;
            for (std::size_t k = 0; k < t.n_arrays; ++k) meets_values = meets_values || whole[step.operands[k]];
            std::vector<operand> arrays;
            for (std::size_t k = 0; k < t.n_arrays; ++k) {
                const operand x = given[step.operands[k]];
                arrays.push_back(meets_values && !whole[step.operands[k]] ? with_ones(x, kept) : x);
            }
            std::vector<value_id> numbers;
            for (std::size_t k = 0; k < t.n_scalars; ++k) numbers.push_back(number_of(i, all.computed, count, step.scalars[k]));
            operand x = value_of(t, i, n.bounds, arrays, numbers);
            if (step.reduces) x = reduced(g_.broadcast(x, shape), n.reduce_axes, step.code, t.type, i);
            given.push_back(x);
            whole.push_back(meets_values && !step.reduces);
        }
        return with_ones(given.back(), n.shape());
    }

    /// A number of a composition. Counts are one number where they are the same: they follow from shapes, which plans know.
    value_id number_of(std::uint32_t i, dtype type, index_t count, std::uint32_t slot) {
        const auto known = std::find_if(counts_.begin(), counts_.end(), [&](const known_count& k) { return slot == composition::count && k.type == type && k.count == count; });
        if (known != counts_.end()) return known->value;
        const value_id number = g_.add({.kind = value_kind::scalar, .type = type, .captured = i, .slot = slot});
        if (slot == composition::count) counts_.push_back({type, count, number});
        return number;
    }

    [[nodiscard]] static bool has_memory(value_kind k) noexcept { return k != value_kind::scalar && k != value_kind::constant; }

    /// The value of the node's tape; its operands begin at `first`. open: if that is a product, its factors are left in factors_ instead.
    operand tape_value(std::uint32_t i, const captured_node& c, std::size_t first, bool open = false) {
        const node& n = *c.n;
        const tape& t = *n.program;
        std::vector<operand> arrays;
        for (std::size_t k = 0; k < t.n_arrays; ++k) arrays.push_back(at_[capture_.operand_of(c, first + k)]);
        return value_of(t, i, n.bounds, arrays, std::vector<value_id>(t.n_scalars, no_value), open);
    }

    /// The value of a tape of these arrays and numbers; numbers that are not known yet are those of node i.
    operand value_of(const tape& t, std::uint32_t i, precision bounds, const std::vector<operand>& arrays, std::vector<value_id> scalars, bool open = false) {
        values_.clear();
        scalars_ = std::move(scalars);
        constants_.assign(t.n_constants, no_value);
        const auto get = [&](tape_ref r) -> operand {
            const std::size_t k = r & ref_index;
            switch (r & ref_kind) {
                case ref_array: return arrays[k];
                case ref_scalar:
                    if (scalars_[k] == no_value) {
                        scalars_[k] =
                            g_.add({.kind = value_kind::scalar, .type = t.scalar_types[k], .captured = i, .slot = static_cast<std::uint32_t>(k)});
                    }
                    return {scalars_[k], identity};
                case ref_constant:
                    if (constants_[k] == no_value) {
                        constants_[k] = g_.add({.kind = value_kind::constant, .type = t.constant_types[k], .captured = i, .bits = t.constants[k]});
                    }
                    return {constants_[k], identity};
                default: return values_[k];
            }
        };
        for (std::size_t k = 0; k < t.n_code; ++k) {
            const tape_instruction& x = t.code[k];
            const base::operation_info& info = base::operation_of(x.code);
            operand args[3] = {};
            const tape_ref refs[3] = {x.a, x.b, x.c};
            for (std::size_t a = 0; a < info.arity; ++a) args[a] = get(refs[a]);
            const bool product = (x.code == op::multiply::code || x.code == op::square::code) && is_floating(x.type);
            if (open && product && t.result == (ref_instruction | k) && bounds != precision::strict) {
                factors_ = {args[0], args[info.arity - 1U]};
                return {};
            }
            if (is_of_complex(x.code)) {
                values_.push_back(operation(i, x.code, x.type, args, info.arity));
                continue;
            }
            if (info.name == nullptr) {
                values_.push_back(of_loop(i, x, args, bounds));
                continue;
            }
            values_.push_back(x.contracted != 0 && bounds == precision::strict ? separately(i, x, args)
                                                                                 : operation(i, base::code_under(bounds, x.code), x.type, args, info.arity));
        }
        return get(t.result);
    }

    /// A loop, or a piece of one.
    operand of_loop(std::uint32_t i, const tape_instruction& x, const operand* args, precision bounds) {
        value v{.type = x.type, .captured = i, .bits = x.number};
        v.kind = x.code == code_list ? value_kind::list : x.code == code_loop ? value_kind::loop : value_kind::part;
        v.n_args = base::operation_of(x.code).arity;
        std::copy_n(args, v.n_args, v.args.begin());
        if (v.kind == value_kind::part) {
            v.shape = g_.values[args[0].value].shape;
            return {g_.add(v), identity};
        }
        v.code = static_cast<std::uint16_t>(bounds);
        v.shape = g_.space(args[0]);
        static_cast<void>(broadcast_shapes(v.shape, g_.space(args[1])));
        for (std::size_t a = 0; a < 2; ++a) v.args[a] = g_.broadcast(args[a], v.shape);
        if (v.kind == value_kind::loop) {
            const loop_body& body = loop_body_of(x.number);
            if (body.captures.empty()) v.args[1] = args[1];
            check_divisors(i, body, v);
        }
        return {g_.add(v), identity};
    }

    /// Integers are divided by what the turns of a loop have in common only.
    void check_divisors(std::uint32_t i, const loop_body& body, const value& loop) {
        for (const tape_instruction& x : body.code) {
            if (!base::operation_of(x.code).divides || !is_integer(x.type) || loop.shape.count() == 0) continue;
            check_divisor(listed(g_, loop.args[1], body.captures.size())[x.b & ref_index], x.type, i);
        }
    }

    operand operation(std::uint32_t i, std::uint16_t code, dtype type, const operand* args, std::size_t count) {
        value v{.kind = value_kind::operation, .type = type, .code = code, .n_args = static_cast<std::uint8_t>(count), .captured = i};
        v.shape = g_.space(args[0]);
        for (std::size_t a = 1; a < count; ++a) static_cast<void>(broadcast_shapes(v.shape, g_.space(args[a])));
        for (std::size_t a = 0; a < count; ++a) v.args[a] = g_.broadcast(args[a], v.shape);
        // Where there is nothing to divide, no divisor is wrong.
        if (count == 2 && base::operation_of(code).divides && is_integer(type) && v.shape.count() > 0) check_divisor(args[1], type, i);
        return {g_.add(v), identity};
    }

    /// A contracted product and sum under precision::strict: rounded twice.
    operand separately(std::uint32_t i, const tape_instruction& x, const operand* args) {
        const operand product = operation(i, op::multiply::code, x.type, args, 2);
        const operand forward[2] = {product, args[2]};
        const operand backward[2] = {args[2], product};
        if (x.code == op::fma::code) return operation(i, op::add::code, x.type, forward, 2);
        return operation(i, op::subtract::code, x.type, x.code == op::fms::code ? forward : backward, 2);
    }

    const capture& capture_;
    graph g_;
    std::vector<operand> at_;
    std::vector<operand> values_;
    std::vector<value_id> scalars_, constants_;
    std::array<operand, 2> factors_{};
    struct known_count {
        dtype type;
        index_t count;
        value_id value;
    };
    std::vector<known_count> counts_;
};

}  // namespace

graph lower(const capture& c) { return lowering(c).run(); }

}  // namespace sinter::inline v1::detail::graph
