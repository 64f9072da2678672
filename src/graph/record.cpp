#include "base/borrowed_lock.hpp"
#include "base/memory.hpp"
#include "base/object_pool.hpp"
#include "base/operation_table.hpp"
#include "base/settings.hpp"
#include "graph/node.hpp"
#include "graph/segment.hpp"

#include <sinter/detail/index.hpp>
#include <sinter/detail/operations.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace sinter::inline v1::detail {

using graph::to_string;

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

/// A node that is being made, given back if that throws.
class unfinished {
public:
    explicit unfinished(node* n) noexcept : node_{n} {}
    unfinished(const unfinished&) = delete;
    unfinished& operator=(const unfinished&) = delete;
    ~unfinished() {
        if (node_ != nullptr) destroy(node_);
    }
    [[nodiscard]] node* operator->() const noexcept { return node_; }
    [[nodiscard]] node& operator*() const noexcept { return *node_; }
    [[nodiscard]] node* finish() noexcept { return std::exchange(node_, nullptr); }

private:
    node* node_;
};

std::string shapes_of(const tape& program, node* const* operands) {
    std::string s;
    for (int i = 0; i < program.n_arrays; ++i) s += (i == 0 ? "" : ", ") + to_string(operands[i]->shape());
    return s;
}

/// The statement's operations, in order: "multiply, add".
std::string operations_of(const tape& program) {
    std::string s;
    for (int i = 0; i < program.n_code; ++i) s += (i == 0 ? "" : ", ") + std::string(base::operation_of(program.code[i].code).name);
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
    return shape;
}

node* fill(node* made, const tape& program, node* const* operands, const std::uint64_t* scalars, source where) {
    unfinished n{made};
    graph::reserve_operands(*n, program.n_arrays, program.n_scalars);
    for (int i = 0; i < program.n_arrays; ++i) n->operands[i] = operands[i];
    for (int i = 0; i < program.n_scalars; ++i) n->scalars[i] = scalars[i];
    n->program = &program;
    n->contract = base::current_options().precision != precision::strict;
    n->file = where.file;
    n->line = where.line;
    return n.finish();
}

[[nodiscard]] bool same_extents(const node& first, node* const* operands, int count) noexcept {
    for (int i = 1; i < count; ++i) {
        if (!detail::same_shape(first, *operands[i])) return false;
    }
    return true;
}

}  // namespace

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
    for (const index_t e : shape) {
        if (e < 0) throw shape_error("array: the shape " + to_string(shape) + " has an extent below 0");
    }
    node* const n = fill(graph::new_node(node_kind::map, program.type, shape), program, nullptr, scalars, {});
    n->refs.store(node::one_handle, std::memory_order_relaxed);
    return n;
} catch (const std::bad_alloc&) {
    throw_no_memory("array");
}

node* record_reduction(const tape& program, node* const* operands, const std::uint64_t* scalars, const reduction_request& wanted,
                       source where) try {
    const auto& [code, name, nothing, axes, keepdims] = wanted;
    const bool index = (code & node::gives_index) != 0;
    const dtype type = index ? dtype::i64 : program.type;
    if (index && axes.given && axes.count != 1) {
        throw value_error(std::string(name) + ": one axis or none is needed, " + std::to_string(axes.count) + " are given");
    }
    taken guard(operands, program.n_arrays);
    if (!axes.given && !keepdims && operands[0]->size > 0 && same_extents(*operands[0], operands, program.n_arrays)) {
        // All of them to one: nothing to work out.
        node* const n = fill(graph::new_node(node_kind::reduce, type, {}), program, operands, scalars, where);
        guard.moved();
        n->reduce_code = code;
        n->reduce_axes = static_cast<std::uint8_t>((1U << operands[0]->rank) - 1U);
        n->refs.store(node::one_edge, std::memory_order_relaxed);
        graph::note_depth(*n);
        return n;
    }
    const extents shape = statement_shape(program, operands, where);
    const auto rank = static_cast<index_t>(shape.size());
    unsigned mask = 0;
    if (!axes.given) mask = (1U << shape.size()) - 1U;
    for (std::size_t i = 0; i < axes.count; ++i) {
        const index_t a = axes.list[i] < 0 ? axes.list[i] + rank : axes.list[i];
        if (a < 0 || a >= rank) {
            throw index_error(std::string(name) + ": axis " + std::to_string(axes.list[i]) + " is out of range for shape " + to_string(shape));
        }
        if ((mask & (1U << a)) != 0) throw value_error(std::string(name) + ": axis " + std::to_string(axes.list[i]) + " is given twice for shape " + to_string(shape));
        mask |= 1U << a;
    }
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
    n->refs.store(node::one_edge, std::memory_order_relaxed);
    graph::note_depth(*n);
    return n;
} catch (const std::bad_alloc&) {
    throw_no_memory("array");
}

const node* broadcast_slowly(const node* a, const node* b, const char* operation) try {
    extents shape = a->shape();
    if (!graph::broadcast_shapes(shape, b->shape())) {
        throw shape_error(std::string(operation) + ": the shapes " + to_string(a->shape()) + " and " + to_string(b->shape()) + " do not broadcast");
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

namespace {

/// A view of a node: of memory at once, else as a node of its own. Takes over the edge.
node* make_view(edge operand, const index_map& m, source where) {
    const base::reading_arrays reading;
    // Memory that its owner may write to is looked at through its one node, so that the old values can be kept for who still needs them.
    if (operand->is_done() && !operand->borrowed_writable) {
        index_t strides[max_rank] = {};
        index_t offset = 0;
        for (std::size_t d = 0; d < m.source_rank; ++d) {
            offset += m[d].offset * operand->stride[d];
            if (m[d].axis >= 0) strides[m[d].axis] += m[d].step * operand->stride[d];
        }
        const index_t bytes = m.space.count() == 0 ? 0 : offset * static_cast<index_t>(size_of(operand->type));
        node* const n = graph::new_leaf(operand->type, m.space, strides, operand->data + bytes, operand->memory);
        n->refs.store(node::one_edge, std::memory_order_relaxed);
        return n;
    }
    unfinished n{graph::new_node(node_kind::view, operand->type, m.space)};
    n->map = base::pool_new<index_map>(m);
    graph::reserve_operands(*n, 1, 0);
    n->operands[0] = operand.release();
    n->file = where.file;
    n->line = where.line;
    n->refs.store(node::one_edge, std::memory_order_relaxed);
    graph::note_depth(*n);
    return n.finish();
}

}  // namespace

index_map graph::view_map(const extents& shape, const index_item* items, std::size_t count) {
    const auto rank = shape.size();
    std::size_t used = 0;
    bool has_ellipsis = false;
    for (std::size_t i = 0; i < count; ++i) {
        if (items[i].kind == index_kind::ellipsis) {
            if (has_ellipsis) throw index_error("view: two ellipses in the indices for the shape " + to_string(shape));
            has_ellipsis = true;
        } else if (items[i].kind != index_kind::newaxis) {
            ++used;
        }
    }
    if (used > rank) {
        throw index_error("view: " + std::to_string(used) + " indices for an array of rank " + std::to_string(rank) + ", shape " + to_string(shape));
    }
    index_map m;
    m.source_rank = static_cast<std::uint8_t>(rank);
    std::size_t d = 0;
    const auto whole = [&](std::size_t axes) {
        for (std::size_t k = 0; k < axes; ++k, ++d) {
            m[d] = {static_cast<std::int8_t>(m.space.size()), 0, 1};
            m.space.push_back(shape[d]);
        }
    };
    for (std::size_t i = 0; i < count; ++i) {
        const index_item& it = items[i];
        switch (it.kind) {
            case index_kind::newaxis: m.space.push_back(1); break;
            case index_kind::ellipsis: whole(rank - used); break;
            case index_kind::index: {
                const index_t at = it.start < 0 ? it.start + shape[d] : it.start;
                if (at < 0 || at >= shape[d]) {
                    throw index_error("view: index " + std::to_string(it.start) + " is out of range on axis " + std::to_string(d) + " of shape " +
                                      to_string(shape));
                }
                m[d++] = {-1, at, 0};
                break;
            }
            case index_kind::range: {
                if (it.step == 0) throw value_error("range: the step is zero, on axis " + std::to_string(d) + " of shape " + to_string(shape));
                const index_t n = shape[d];
                const auto place = [&](bool given, index_t index, index_t open) {
                    if (!given) return open;
                    const index_t at = index < 0 ? index + n : index;
                    return it.step > 0 ? std::clamp<index_t>(at, 0, n) : std::clamp<index_t>(at, -1, n - 1);
                };
                const index_t start = place(it.has_start, it.start, it.step > 0 ? 0 : n - 1);
                const index_t stop = place(it.has_stop, it.stop, it.step > 0 ? n : -1);
                const index_t length =
                    it.step > 0 ? (stop > start ? (stop - start - 1) / it.step + 1 : 0) : (start > stop ? (start - stop - 1) / -it.step + 1 : 0);
                m[d++] = {static_cast<std::int8_t>(m.space.size()), length > 0 ? start : 0, it.step};
                m.space.push_back(length);
                break;
            }
        }
    }
    whole(rank - d);
    return m;
}

node* record_view(node* operand, const index_item* items, std::size_t count, source where) try {
    edge o{operand};
    const index_map m = graph::view_map(o->shape(), items, count);
    return make_view(std::move(o), m, where);
} catch (const std::bad_alloc&) {
    throw_no_memory("view");
}

node* record_transpose(node* operand, const index_t* axes, std::size_t count, source where) try {
    edge o{operand};
    const extents shape = o->shape();
    const auto rank = shape.size();
    if (axes != nullptr && count != rank) {
        throw shape_error("transpose: " + std::to_string(count) + " axes for shape " + to_string(shape));
    }
    index_map m;
    m.source_rank = static_cast<std::uint8_t>(rank);
    unsigned seen = 0;
    for (std::size_t i = 0; i < rank; ++i) {
        index_t d = static_cast<index_t>(rank - 1 - i);
        if (axes != nullptr) d = axes[i] < 0 ? axes[i] + static_cast<index_t>(rank) : axes[i];
        if (d < 0 || d >= static_cast<index_t>(rank)) {
            throw index_error("transpose: axis " + std::to_string(axes[i]) + " is out of range for shape " + to_string(shape));
        }
        if ((seen & (1U << d)) != 0) throw value_error("transpose: axis " + std::to_string(d) + " is given twice for shape " + to_string(shape));
        seen |= 1U << d;
        m[static_cast<std::size_t>(d)] = {static_cast<std::int8_t>(i), 0, 1};
        m.space.push_back(shape[static_cast<std::size_t>(d)]);
    }
    return make_view(std::move(o), m, where);
} catch (const std::bad_alloc&) {
    throw_no_memory("transpose");
}

node* record_reshape(node* operand, const extents& wanted, source where) try {
    edge o{operand};
    extents shape = wanted;
    index_t known = 1;
    int open = -1;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == -1 && open < 0) {
            open = static_cast<int>(i);
        } else if (shape[i] < 0) {
            throw shape_error("reshape: the shape " + to_string(o->shape()) + " to " + to_string(wanted) + ": one extent may be -1, the others are 0 or more");
        } else {
            known *= shape[i];
        }
    }
    if (open >= 0 && known > 0 && o->size % known == 0) shape[static_cast<std::size_t>(open)] = o->size / known;
    if (open >= 0 && known == 0) shape[static_cast<std::size_t>(open)] = 0;
    if (shape.count() != o->size || (open >= 0 && shape[static_cast<std::size_t>(open)] < 0)) {
        throw shape_error("reshape: the shape " + to_string(o->shape()) + " has " + std::to_string(o->size) + " elements, not those of " +
                          to_string(wanted));
    }
    if (shape == o->shape()) return o.release();
    const base::reading_arrays reading;
    if (o->is_done() && o->contiguous && !o->borrowed_writable) {
        index_t strides[max_rank] = {};
        graph::contiguous_strides(shape, strides);
        node* const n = graph::new_leaf(o->type, shape, strides, o->data, o->memory);
        n->refs.store(node::one_edge, std::memory_order_relaxed);
        return n;
    }
    // A view without a map: the same elements in row-major order.
    node* const n = graph::new_node(node_kind::view, o->type, shape);
    graph::reserve_operands(*n, 1, 0);
    n->operands[0] = o.release();
    n->file = where.file;
    n->line = where.line;
    n->refs.store(node::one_edge, std::memory_order_relaxed);
    graph::note_depth(*n);
    return n;
} catch (const std::bad_alloc&) {
    throw_no_memory("reshape");
}

namespace graph {

node* record_update(edge base_node, edge value, const index_item* items, std::size_t count, source where) {
    const index_map m = view_map(base_node->shape(), items, count);
    extents fits = m.space;
    if (!broadcast_shapes(fits, value->shape()) || !(fits == m.space)) {
        throw shape_error("assignment: a value of shape " + to_string(value->shape()) + " does not broadcast to the view's shape " +
                          to_string(m.space));
    }
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
