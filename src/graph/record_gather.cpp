#include "base/memory.hpp"
#include "base/object_pool.hpp"
#include "graph/axes.hpp"
#include "graph/indices.hpp"
#include "graph/node.hpp"
#include "graph/segment.hpp"
#include "graph/unfinished.hpp"

#include <sinter/detail/indexing.hpp>

#include <limits>
#include <new>
#include <utility>

// Elements at indices that are an array: nodes that kernels look up as they run.

namespace sinter::inline v1::detail {

using graph::to_string;
using graph::unfinished;

namespace {

/// What is said of a gather beside its operands.
struct lookup {
    const char* name = "";
    index_map map;           // from the result to the operand, with the gathered index
    index_t axis = 0;        // of the operand
    bool along = false;      // the indices have the operand's axes
    bool in_range = false;   // so nobody need look
};

node* record(const lookup& wanted, edge operand, edge indices, source where) {
    const extents shape = operand->shape();
    const index_t extent = shape[static_cast<std::size_t>(wanted.axis)];
    if (extent == 0 && indices->size > 0) {
        throw index_error(std::string(wanted.name) + ": " + std::to_string(indices->size) + " elements of axis " + std::to_string(wanted.axis) + " of shape " + to_string(shape) + ", which has none");
    }
    unfinished n{graph::new_node(node_kind::gather, operand->type, wanted.map.space)};
    n->map = base::pool_new<index_map>(wanted.map);
    graph::reserve_operands(*n, 2, 2);
    n->operands[0] = operand.release();
    n->operands[1] = indices.release();
    n->scalars[0] = static_cast<std::uint64_t>(extent);
    n->scalars[1] = static_cast<std::uint64_t>(extent > 0 ? extent - 1 : 0);
    n->reduce_axes = static_cast<std::uint8_t>(wanted.axis);
    n->keepdims = wanted.along ? 1 : 0;
    n->reduce_code = wanted.in_range ? 1 : 0;
    n->file = where.file;
    n->line = where.line;
    n->refs.store(node::one_edge, std::memory_order_relaxed);
    graph::note_depth(*n);
    return n.finish();
}

/// The axis that is given, or the only one of the flattened operand, which takes its place.
index_t axis_taken(const char* name, edge& operand, const axes_argument& axes, source where) {
    if (axes.count > 1) throw value_error(std::string(name) + ": one axis or none is needed, " + std::to_string(axes.count) + " are given");
    if (axes.given && axes.count == 1) return graph::axis_of(name, axes.list[0], operand->shape());
    operand = edge{record_reshape(operand.release(), {-1}, where)};
    return 0;
}

edge in_shape(edge operand, const extents& shape, source where) { return edge{record_reshape(operand.release(), shape, where)}; }

}  // namespace

node* record_taken(node* operand, node* indices, const axes_argument& axes, bool in_range, source where) try {
    edge from{operand}, at{indices};
    lookup l{.name = "take", .map = {}, .in_range = in_range};
    l.axis = axis_taken(l.name, from, axes, where);
    const extents shape = from->shape(), own = at->shape();
    graph::check_rank(l.name, shape.size() - 1 + own.size());
    l.map.source_rank = static_cast<std::uint8_t>(shape.size());
    for (std::size_t d = 0; d < shape.size(); ++d) {
        if (static_cast<index_t>(d) == l.axis) {
            l.map[d] = {index_map::gathered, 0, 1};
            for (const index_t e : own) l.map.space.push_back(e);
        } else {
            l.map[d] = {static_cast<std::int8_t>(l.map.space.size()), 0, 1};
            l.map.space.push_back(shape[d]);
        }
    }
    check_shape(l.name, l.map.space);
    return record(l, std::move(from), std::move(at), where);
} catch (const std::bad_alloc&) {
    throw_no_memory("take");
}

extents graph::shape_along(const char* name, const extents& shape, const extents& indices, index_t axis) {
    if (shape.size() != indices.size()) {
        throw shape_error(std::string(name) + ": indices of shape " + to_string(indices) + " for shape " + to_string(shape) + ": as many axes are needed");
    }
    extents others = shape;
    others[static_cast<std::size_t>(axis)] = 1;
    extents space = indices;
    if (!graph::broadcast_shapes(space, others)) {
        throw shape_error(std::string(name) + ": indices of shape " + to_string(indices) + " and the shape " + to_string(shape) + " do not broadcast but for axis " + std::to_string(axis));
    }
    return space;
}

node* record_taken_along(node* operand, node* indices, const axes_argument& axes, source where) try {
    edge from{operand}, at{indices};
    lookup l{.name = "take_along_axis", .map = {}, .along = true};
    l.axis = axis_taken(l.name, from, axes, where);
    const extents shape = from->shape();
    const extents space = graph::shape_along(l.name, shape, at->shape(), l.axis);
    l.map.source_rank = static_cast<std::uint8_t>(shape.size());
    l.map.space = space;
    check_shape(l.name, space);
    for (std::size_t d = 0; d < shape.size(); ++d) {
        const auto axis = static_cast<std::int8_t>(d);
        l.map[d] = axis == l.axis ? index_map::dimension{index_map::gathered, 0, 1} : shape[d] == 1 && space[d] != 1 ? index_map::dimension{} : index_map::dimension{axis, 0, 1};
    }
    return record(l, std::move(from), std::move(at), where);
} catch (const std::bad_alloc&) {
    throw_no_memory("take_along_axis");
}

node* record_masked(node* operand, node& places, std::size_t axes, source where) try {
    edge from{operand};
    const extents shape = from->shape();
    // A mask of rank 0 is as one of shape (1) for the array as the only element of a new first axis.
    graph::check_rank("x(mask)", shape.size() - axes + 1);
    extents rows{1};
    for (std::size_t d = 0; d < shape.size(); ++d) {
        if (d < axes) rows[0] *= shape[d];
        else rows.push_back(shape[d]);
    }
    const axes_argument first{.list = {0}, .count = 1, .given = true};
    return record_taken(in_shape(std::move(from), rows, where).release(), edge::share(&places).release(), first, true, where);
} catch (const std::bad_alloc&) {
    throw_no_memory("x(mask)");
}

namespace graph {

index_t first_out_of_range(node& indices, index_t extent) {
    const std::byte* const data = contiguous_data(indices);
    return visit_dtype(indices.type, [&]<class T>(std::type_identity<T>) -> index_t {
        if constexpr (std::integral<T> && !std::same_as<T, bool>) {
            const T* const v = reinterpret_cast<const T*>(data);
            constexpr index_t block = 4096;
            for (index_t first = 0; first < indices.size; first += block) {
                const index_t past = std::min(indices.size, first + block);
                if (graph::range_of(v + first, past - first, extent) != index_range::unknown) continue;
                for (index_t i = first; i < past; ++i) {
                    bool fits = v[i] >= T(0) && static_cast<std::uint64_t>(v[i]) < static_cast<std::uint64_t>(extent);
                    if constexpr (std::is_signed_v<T>) fits = fits || (v[i] < T(0) && static_cast<index_t>(v[i]) >= -extent);
                    if (!fits) return i;
                }
            }
        }
        return -1;
    });
}

void throw_index(node& indices, index_t place, const std::string& before, index_t axis, index_t extent) {
    std::string index = "an index";
    if (place >= 0) {
        const std::byte* const data = contiguous_data(indices);
        index = "index " + visit_dtype(indices.type, [&]<class T>(std::type_identity<T>) -> std::string {
            if constexpr (std::integral<T> && !std::same_as<T, bool>) return std::to_string(reinterpret_cast<const T*>(data)[place]);
            return {};
        });
        extents at;
        index_t rest = place;
        for (int d = 0; d < indices.rank; ++d) at.push_back(0);
        for (int d = indices.rank; d-- > 0;) {
            at[static_cast<std::size_t>(d)] = rest % indices.extent[d];
            rest /= indices.extent[d];
        }
        if (indices.rank > 0) index += " at position " + (indices.rank == 1 ? std::to_string(place) : to_string(at));
    }
    throw index_error(before + ": " + index + " is out of range for axis " + std::to_string(axis) + " of extent " + std::to_string(extent));
}

}  // namespace graph
}  // namespace sinter::inline v1::detail
