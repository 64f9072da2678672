#include "base/borrowed_lock.hpp"
#include "base/memory.hpp"
#include "base/object_pool.hpp"
#include "base/operation_table.hpp"
#include "base/settings.hpp"
#include "graph/axes.hpp"
#include "graph/node.hpp"
#include "graph/segment.hpp"
#include "graph/unfinished.hpp"

#include <sinter/detail/index.hpp>
#include <sinter/detail/operations.hpp>

#include <algorithm>
#include <bit>
#include <new>
#include <string_view>
#include <utility>

namespace sinter::inline v1::detail {

using graph::to_string;
using graph::unfinished;

namespace {

/// Edges that a recording function was given, dropped if it throws.
class taken {
public:
    taken(node* const* list, std::size_t count) noexcept : list_{list}, count_{count} {}
    taken(const taken&) = delete;
    taken& operator=(const taken&) = delete;
    ~taken() {
        for (std::size_t i = 0; i < count_; ++i) edge{list_[i]}.reset();
    }
    /// They belong to a node now.
    void moved() noexcept { count_ = 0; }

private:
    node* const* list_;
    std::size_t count_;
};

std::string shapes_of(const tape& program, node* const* operands) {
    std::string s;
    for (int i = 0; i < program.n_arrays; ++i) s += (i == 0 ? "" : ", ") + to_string(operands[i]->shape());
    return s;
}

/// NumPy's name where there are two, which is the usual one for arrays.
const char* usual_name(const char* operation) { return std::string_view(operation) == op::select::name ? "where" : operation; }

/// The statement's operations, in order: "multiply, add".
std::string operations_of(const tape& program) {
    std::string s;
    for (int i = 0; i < program.n_code; ++i) {
        const std::uint16_t code = program.code[i].code;
        const char* const name = code == code_loop ? "loop" : base::operation_of(code).name;
        if (name != nullptr) s += (s.empty() ? "" : ", ") + std::string(usual_name(name));
    }
    return s;
}

/// The shape that the operands of a statement broadcast to.
extents statement_shape(const tape& program, node* const* operands, source where) {
    if (program.n_arrays == 0) return {};
    extents shape = operands[0]->shape();
    for (int i = 1; i < program.n_arrays; ++i) {
        if (detail::same_shape(*operands[0], *operands[i])) continue;
        if (!graph::broadcast_shapes(shape, operands[i]->shape())) {
            const std::string at = where.file == nullptr ? "" : std::string(where.file) + ":" + std::to_string(where.line) + ": ";
            throw shape_error(at + operations_of(program) + ": the shapes " + shapes_of(program, operands) + " do not broadcast");
        }
    }
    if (!graph::is_addressable(shape)) check_shape(operations_of(program).c_str(), shape);
    return shape;
}

node* fill(node* made, const tape& program, node* const* operands, const std::uint64_t* scalars, source where) {
    unfinished n{made};
    graph::reserve_operands(*n, program.n_arrays, program.then == nullptr ? program.n_scalars : composition::n_scalars);
    for (int i = 0; i < program.n_arrays; ++i) n->operands[i] = operands[i];
    for (int i = 0; i < program.n_scalars; ++i) n->scalars[i] = scalars[i];
    n->program = &program;
    n->bounds = base::current_options().precision;
    n->file = where.file;
    n->line = where.line;
    return n.finish();
}

/// The numbers of a composition over so many elements.
void fill_counts(node& n, const composition* then, index_t count, index_t ddof) noexcept {
    if (then == nullptr) return;
    const auto number = [&](index_t i) {
        return then->computed == dtype::f64 ? std::bit_cast<std::uint64_t>(static_cast<double>(i)) : std::uint64_t{std::bit_cast<std::uint32_t>(static_cast<float>(i))};
    };
    n.scalars[composition::count] = number(count);
    n.scalars[composition::divisor] = number(count > ddof ? count - ddof : 0);
    n.scalars[composition::zero] = 0;
}

[[nodiscard]] bool same_extents(const node& first, node* const* operands, int count) noexcept {
    for (int i = 1; i < count; ++i) {
        if (!detail::same_shape(first, *operands[i])) return false;
    }
    return true;
}

}  // namespace

void check_shape(const char* name, const extents& shape) try {
    for (const index_t e : shape) {
        if (e < 0) throw shape_error(std::string(name) + ": the shape " + to_string(shape) + " has an extent below 0");
    }
    if (!graph::is_addressable(shape)) throw memory_error(std::string(name) + ": the shape " + to_string(shape) + " has more bytes than can be addressed");
} catch (const std::bad_alloc&) {
    throw_no_memory(name);
}

node* record_map(const tape& program, node* const* operands, const std::uint64_t* scalars, source where) try {
    taken guard(operands, program.n_arrays);
    node* const n = program.n_arrays > 0 && same_extents(*operands[0], operands, program.n_arrays)
                        ? graph::new_node_like(node_kind::map, program.type, *operands[0])
                        : graph::new_node(node_kind::map, program.type, statement_shape(program, operands, where));
    fill(n, program, operands, scalars, where);
    guard.moved();
    n->refs.store(node::one_edge, std::memory_order_relaxed);
    graph::note_depth(*n);
    return n;
} catch (const std::bad_alloc&) {
    throw_no_memory("array");
}

node* record_filled(const tape& program, const std::uint64_t* scalars, const extents& shape) try {
    check_shape("array", shape);
    node* const n = fill(graph::new_node(node_kind::map, program.type, shape), program, nullptr, scalars, {});
    n->refs.store(node::one_handle, std::memory_order_relaxed);
    return n;
} catch (const std::bad_alloc&) {
    throw_no_memory("array");
}

node* count_node(const extents& shape) try {
    check_shape("array", shape);
    node* const n = graph::new_count(shape);
    n->refs.store(node::one_edge, std::memory_order_relaxed);
    return n;
} catch (const std::bad_alloc&) {
    throw_no_memory("array");
}

node* record_reduction(const tape& program, node* const* operands, const std::uint64_t* scalars, const reduction_request& wanted,
                       source where) try {
    const auto& [code, name, nothing, axes, keepdims, ddof] = wanted;
    taken guard(operands, program.n_arrays);
    const bool index = (code & node::gives_index) != 0;
    const dtype type = index ? dtype::i64 : program.type;
    if (index && axes.given && axes.count != 1) {
        throw value_error(std::string(name) + ": one axis or none is needed, " + std::to_string(axes.count) + " are given");
    }
    if (!axes.given && !keepdims && operands[0]->size > 0 && same_extents(*operands[0], operands, program.n_arrays)) {
        // All of them to one: nothing to work out.
        node* const n = fill(graph::new_node(node_kind::reduce, type, {}), program, operands, scalars, where);
        guard.moved();
        n->reduce_code = code;
        n->reduce_axes = static_cast<std::uint8_t>((1U << operands[0]->rank) - 1U);
        fill_counts(*n, program.then, operands[0]->size, ddof);
        n->refs.store(node::one_edge, std::memory_order_relaxed);
        graph::note_depth(*n);
        return n;
    }
    const extents shape = statement_shape(program, operands, where);
    const unsigned mask = axes.given ? graph::mask_of(graph::axes_of(name, axes, shape)) : (1U << shape.size()) - 1U;
    extents result;
    index_t count = 1;
    for (std::size_t d = 0; d < shape.size(); ++d) {
        if ((mask & (1U << d)) != 0) {
            count *= shape[d];
            if (keepdims) result.push_back(1);
        } else {
            result.push_back(shape[d]);
        }
    }
    if (count == 0 && result.count() > 0 && nothing == over_nothing::error) {
        throw value_error(std::string(name) + ": nothing to reduce in shape " + to_string(shape));
    }
    node* const n = fill(graph::new_node(node_kind::reduce, type, result), program, operands, scalars, where);
    guard.moved();
    n->reduce_code = code;
    n->reduce_axes = static_cast<std::uint8_t>(mask);
    n->keepdims = keepdims ? 1 : 0;
    fill_counts(*n, program.then, count, ddof);
    n->refs.store(node::one_edge, std::memory_order_relaxed);
    graph::note_depth(*n);
    return n;
} catch (const std::bad_alloc&) {
    throw_no_memory("array");
}

node* record_scan(const tape& program, node* const* operands, const std::uint64_t* scalars, std::uint16_t code, const char* name,
                  const axes_argument& axes, source where) try {
    taken guard(operands, program.n_arrays);
    const extents shape = statement_shape(program, operands, where);
    if (axes.count != 1) throw value_error(std::string(name) + ": one axis or none is needed, " + std::to_string(axes.count) + " are given");
    const extents along = graph::axes_of(name, axes, shape);
    node* const n = fill(graph::new_node(node_kind::scan, program.type, shape), program, operands, scalars, where);
    guard.moved();
    n->reduce_code = code;
    n->reduce_axes = static_cast<std::uint8_t>(graph::mask_of(along));
    n->refs.store(node::one_edge, std::memory_order_relaxed);
    graph::note_depth(*n);
    return n;
} catch (const std::bad_alloc&) {
    throw_no_memory("array");
}

const node* broadcast_slowly(const node* a, const node* b, const char* operation) try {
    extents shape = a->shape();
    if (!graph::broadcast_shapes(shape, b->shape())) {
        throw shape_error(std::string(usual_name(operation)) + ": the shapes " + to_string(a->shape()) + " and " + to_string(b->shape()) + " do not broadcast");
    }
    if (shape == a->shape()) return a;
    if (shape == b->shape()) return b;
    return nullptr;
} catch (const std::bad_alloc&) {
    throw_no_memory("array");
}

void throw_compound_shape(const extents& from, const extents& to) try {
    throw shape_error("compound assignment: the result has shape " + to_string(to) + ", the array " + to_string(from));
} catch (const std::bad_alloc&) {
    throw_no_memory("compound assignment");
}

void throw_shape_mismatch(const index_t* wanted, std::size_t rank, const extents& found) try {
    std::string w = "(";
    for (std::size_t i = 0; i < rank; ++i) w += (i == 0 ? "" : ", ") + (wanted[i] == dyn ? std::string("any") : std::to_string(wanted[i]));
    throw shape_error("assignment: an array of shape " + w + ") is given the shape " + to_string(found));
} catch (const std::bad_alloc&) {
    throw_no_memory("assignment");
}

namespace graph {

edge value_for(edge value, const extents& region) {
    const extents shape = value->shape();
    // Axes of extent 1 in front are one too many, and mean nothing.
    std::size_t extra = 0;
    while (shape.size() - extra > region.size() && shape[extra] == 1) ++extra;
    if (extra > 0) {
        index_map m;
        m.source_rank = static_cast<std::uint8_t>(shape.size());
        for (std::size_t d = extra; d < shape.size(); ++d) {
            m[d] = {static_cast<std::int8_t>(m.space.size()), 0, 1};
            m.space.push_back(shape[d]);
        }
        for (std::size_t d = 0; d < extra; ++d) m[d] = {-1, 0, 0};
        value = edge{view_of(std::move(value), m, {})};
    }
    extents fits = region;
    if (!broadcast_shapes(fits, value->shape()) || !(fits == region)) {
        throw shape_error("assignment: a value of shape " + to_string(shape) + " does not broadcast to the view's shape " + to_string(region));
    }
    return value;
}

node* record_update(edge base_node, edge value, const index_item* items, std::size_t count, source where) {
    const index_map m = view_map(base_node->shape(), items, count);
    value = value_for(std::move(value), m.space);
    return record_update(std::move(base_node), std::move(value), m, where);
}

edge new_blank(dtype type, const extents& shape) {
    node* const n = new_node(node_kind::blank, type, shape);
    n->refs.store(node::one_edge, std::memory_order_relaxed);
    return edge{n};
}

node* record_update(edge base_node, edge value, const index_map& m, source where) {
    unfinished n{new_node(node_kind::update, base_node->type, base_node->shape())};
    n->map = base::pool_new<index_map>(m);
    reserve_operands(*n, 2, 0);
    n->operands[0] = base_node.release();
    n->operands[1] = value.release();
    n->file = where.file;
    n->line = where.line;
    n->refs.store(node::one_handle, std::memory_order_relaxed);
    return n.finish();
}

}  // namespace graph

}  // namespace sinter::inline v1::detail
