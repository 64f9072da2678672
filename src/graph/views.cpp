#include "base/borrowed_lock.hpp"
#include "base/memory.hpp"
#include "base/object_pool.hpp"
#include "graph/axes.hpp"
#include "graph/node.hpp"
#include "graph/segment.hpp"
#include "graph/unfinished.hpp"

#include <sinter/detail/index.hpp>

#include <algorithm>
#include <new>
#include <utility>

// Views: nodes that look at another node's elements through an index map.

namespace sinter::inline v1::detail {

using graph::to_string;
using graph::unfinished;

node* graph::view_of(edge operand, const index_map& m, source where) {
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
    const auto is_index = [](const index_item& item) { return item.kind == index_kind::index; };
    const auto is_new = [](const index_item& item) { return item.kind == index_kind::newaxis; };
    graph::check_rank("view", rank + static_cast<std::size_t>(std::count_if(items, items + count, is_new) - std::count_if(items, items + count, is_index)));
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
    return graph::view_of(std::move(o), m, where);
} catch (const std::bad_alloc&) {
    throw_no_memory("view");
}

namespace {

/// The axes in another order: axis i of the view is axis order[i] of the operand.
node* permuted(edge operand, const extents& order, source where) {
    const extents shape = operand->shape();
    index_map m;
    m.source_rank = static_cast<std::uint8_t>(shape.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto d = static_cast<std::size_t>(order[i]);
        m[d] = {static_cast<std::int8_t>(i), 0, 1};
        m.space.push_back(shape[d]);
    }
    return graph::view_of(std::move(operand), m, where);
}

}  // namespace

node* record_transpose(node* operand, const index_t* axes, std::size_t count, source where) try {
    edge o{operand};
    const extents shape = o->shape();
    const auto rank = shape.size();
    if (axes == nullptr) {
        extents backwards;
        for (std::size_t d = rank; d-- > 0;) backwards.push_back(static_cast<index_t>(d));
        return permuted(std::move(o), backwards, where);
    }
    if (count != rank) throw shape_error("transpose: " + std::to_string(count) + " axes for shape " + to_string(shape));
    axes_argument list{.count = count, .given = true};
    std::copy_n(axes, count, list.list);
    return permuted(std::move(o), graph::axes_of("transpose", list, shape), where);
} catch (const std::bad_alloc&) {
    throw_no_memory("transpose");
}

node* record_moved_axes(node* operand, const char* name, const axes_argument& from, const axes_argument& to, source where) try {
    edge o{operand};
    const extents shape = o->shape();
    const extents sources = graph::axes_of(name, from, shape);
    const extents targets = graph::axes_of(name, to, shape);
    if (sources.size() != targets.size()) {
        throw value_error(std::string(name) + ": " + std::to_string(sources.size()) + " axes are moved to " + std::to_string(targets.size()) + " places");
    }
    index_t at[max_rank];
    std::fill_n(at, max_rank, index_t{-1});
    for (std::size_t i = 0; i < sources.size(); ++i) at[targets[i]] = sources[i];
    extents order;
    index_t next = 0;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        while (at[i] < 0 && (graph::mask_of(sources) & (1U << next)) != 0) ++next;
        order.push_back(at[i] >= 0 ? at[i] : next++);
    }
    return permuted(std::move(o), order, where);
} catch (const std::bad_alloc&) {
    throw_no_memory("view");
}

node* record_swapped_axes(node* operand, index_t a, index_t b, source where) try {
    edge o{operand};
    const extents shape = o->shape();
    const auto first = static_cast<std::size_t>(graph::axis_of("swapaxes", a, shape));
    const auto second = static_cast<std::size_t>(graph::axis_of("swapaxes", b, shape));
    extents order;
    for (std::size_t d = 0; d < shape.size(); ++d) order.push_back(static_cast<index_t>(d == first ? second : d == second ? first : d));
    return permuted(std::move(o), order, where);
} catch (const std::bad_alloc&) {
    throw_no_memory("view");
}

node* record_flip(node* operand, const axes_argument& axes, source where) try {
    edge o{operand};
    const extents shape = o->shape();
    const unsigned mask = axes.given ? graph::mask_of(graph::axes_of("flip", axes, shape)) : (1U << shape.size()) - 1U;
    index_map m = graph::identity_map(shape);
    for (std::size_t d = 0; d < shape.size(); ++d) {
        if ((mask & (1U << d)) != 0) m[d] = {static_cast<std::int8_t>(d), std::max<index_t>(shape[d] - 1, 0), -1};
    }
    return graph::view_of(std::move(o), m, where);
} catch (const std::bad_alloc&) {
    throw_no_memory("view");
}

node* record_squeeze(node* operand, const axes_argument& axes, source where) try {
    edge o{operand};
    const extents shape = o->shape();
    const extents given = graph::axes_of("squeeze", axes, shape);
    for (const index_t d : given) {
        if (shape[static_cast<std::size_t>(d)] != 1) {
            throw shape_error("squeeze: axis " + std::to_string(d) + " of shape " + to_string(shape) + " has an extent that is not 1");
        }
    }
    index_map m;
    m.source_rank = static_cast<std::uint8_t>(shape.size());
    for (std::size_t d = 0; d < shape.size(); ++d) {
        if (axes.given ? (graph::mask_of(given) & (1U << d)) != 0 : shape[d] == 1) continue;
        m[d] = {static_cast<std::int8_t>(m.space.size()), 0, 1};
        m.space.push_back(shape[d]);
    }
    return graph::view_of(std::move(o), m, where);
} catch (const std::bad_alloc&) {
    throw_no_memory("view");
}

node* record_expanded(node* operand, const axes_argument& axes, source where) try {
    edge o{operand};
    const extents shape = o->shape();
    const std::size_t rank = shape.size() + axes.count;
    graph::check_rank("expand_dims", rank);
    unsigned mask = 0;
    for (std::size_t i = 0; i < axes.count; ++i) {
        const index_t a = graph::axis_of_rank("expand_dims", axes.list[i], rank);
        if ((mask & (1U << a)) != 0) throw value_error("expand_dims: axis " + std::to_string(axes.list[i]) + " is given twice");
        mask |= 1U << a;
    }
    index_map m;
    m.source_rank = static_cast<std::uint8_t>(shape.size());
    for (std::size_t i = 0, d = 0; i < rank; ++i) {
        if ((mask & (1U << i)) == 0) m[d] = {static_cast<std::int8_t>(i), 0, 1};
        m.space.push_back((mask & (1U << i)) != 0 ? 1 : shape[d++]);
    }
    return graph::view_of(std::move(o), m, where);
} catch (const std::bad_alloc&) {
    throw_no_memory("view");
}

node* record_broadcast(node* operand, const extents& shape, source where) try {
    edge o{operand};
    extents fits = shape;
    if (!graph::broadcast_shapes(fits, o->shape()) || !(fits == shape)) {
        throw shape_error("broadcast_to: the shape " + to_string(o->shape()) + " does not broadcast to " + to_string(shape));
    }
    check_shape("broadcast_to", shape);
    return graph::view_of(std::move(o), graph::broadcast_map(o->shape(), shape), where);
} catch (const std::bad_alloc&) {
    throw_no_memory("view");
}

node* record_diagonal(node* operand, index_t offset, index_t a, index_t b, source where) try {
    edge o{operand};
    const extents shape = o->shape();
    if (shape.size() < 2) throw shape_error("diagonal: an array of two axes or more is needed, not the shape " + to_string(shape));
    const extents axes = graph::axes_of("diagonal", {.list = {a, b}, .count = 2, .given = true}, shape);
    const auto rows = static_cast<std::size_t>(axes[0]), columns = static_cast<std::size_t>(axes[1]);
    index_map m;
    m.source_rank = static_cast<std::uint8_t>(shape.size());
    for (std::size_t d = 0; d < shape.size(); ++d) {
        if (d == rows || d == columns) continue;
        m[d] = {static_cast<std::int8_t>(m.space.size()), 0, 1};
        m.space.push_back(shape[d]);
    }
    const index_t down = std::max<index_t>(-offset, 0), right = std::max<index_t>(offset, 0);
    const index_t length = std::max<index_t>(std::min(shape[rows] - down, shape[columns] - right), 0);
    const auto last = static_cast<std::int8_t>(m.space.size());
    m[rows] = {last, length > 0 ? down : 0, 1};
    m[columns] = {last, length > 0 ? right : 0, 1};
    m.space.push_back(length);
    return graph::view_of(std::move(o), m, where);
} catch (const std::bad_alloc&) {
    throw_no_memory("view");
}

namespace {

/// The strides of memory in another shape; false where no strides do.
bool strides_in(const extents& shape, const node& of, index_t* strides) {
    const extents from = of.shape();
    std::size_t d = 0, past = 0, to = 0;
    while (d < from.size()) {
        // As many axes of both as have the same elements.
        index_t count = from[past++], wanted = 1;
        std::size_t end = to;
        if (count == 1) {
            d = past;
            continue;
        }
        while (wanted != count) {
            if (wanted < count) {
                if (end == shape.size()) return false;
                wanted *= shape[end++];
            } else {
                if (past == from.size()) return false;
                count *= from[past++];
            }
        }
        // Those of the operand lie one after the other.
        index_t inner = 0, next = 0;
        bool first = true;
        for (std::size_t k = past; k-- > d;) {
            if (from[k] == 1) continue;
            if (first) inner = of.stride[k];
            else if (of.stride[k] != next) return false;
            first = false;
            next = of.stride[k] * from[k];
        }
        for (std::size_t k = end; k-- > to;) {
            strides[k] = inner;
            inner *= shape[k];
        }
        d = past;
        to = end;
    }
    for (; to < shape.size(); ++to) strides[to] = 1;
    return true;
}

}  // namespace

node* record_reshape(node* operand, const extents& wanted, source where) try {
    edge o{operand};
    extents shape = wanted;
    index_t known = 1;
    int open = -1;
    bool fits = true;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == -1 && open < 0) {
            open = static_cast<int>(i);
        } else if (shape[i] < 0) {
            throw shape_error("reshape: the shape " + to_string(o->shape()) + " to " + to_string(wanted) + ": one extent may be -1, the others are 0 or more");
        } else {
            fits = !__builtin_mul_overflow(known, shape[i], &known) && fits;
        }
    }
    // Without elements the other extents may be of any size.
    if (!fits && std::find(shape.begin(), shape.end(), 0) != shape.end()) {
        fits = true;
        known = 0;
    }
    if (fits && open >= 0) {
        const index_t rest = known > 0 ? o->size / known : 0;
        shape[static_cast<std::size_t>(open)] = rest;
        known *= rest;
    }
    if (!fits || known != o->size) {
        throw shape_error("reshape: the shape " + to_string(o->shape()) + " has " + std::to_string(o->size) + " elements, not those of " +
                          to_string(wanted));
    }
    if (shape == o->shape()) return o.release();
    const base::reading_arrays reading;
    index_t strides[max_rank] = {};
    if (o->is_done() && !o->borrowed_writable && (o->contiguous || (o->size > 0 && strides_in(shape, *o, strides)))) {
        if (o->contiguous) graph::contiguous_strides(shape, strides);
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

}  // namespace sinter::inline v1::detail
