#include "base/borrowed_lock.hpp"
#include "graph/axes.hpp"
#include "graph/indices.hpp"
#include "graph/node.hpp"
#include "order/rows.hpp"
#include "runtime/values.hpp"

#include <sinter/array.hpp>
#include <sinter/order.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

// Writing where indices or masks say.

namespace sinter::inline v1::detail {

using graph::to_string;

namespace {

void check_mask(const extents& mask, const extents& shape) {
    bool fits = !mask.empty() && mask.size() <= shape.size();
    for (std::size_t d = 0; fits && d < mask.size(); ++d) fits = mask[d] == shape[d];
    if (!fits) throw index_error("x(mask): a mask of shape " + to_string(mask) + " for an array of shape " + to_string(shape) + ", whose first axes it has to have");
}

/// The values in a shape that they broadcast to, contiguous, and apart from memory that is written.
handle values_for(node& values, const extents& region, const node& target) {
    const edge whole = graph::value_for(edge::share(&values), region);
    evaluate(*whole);
    const base::reading_arrays reading;
    const index_map spread = graph::broadcast_map(whole->shape(), region);
    index_t strides[max_rank] = {};
    for (std::size_t d = 0; d < whole->rank; ++d) {
        if (spread[d].axis >= 0) strides[spread[d].axis] = whole->stride[d];
    }
    node* const seen = graph::new_leaf(whole->type, region, strides, whole->data, whole->memory);
    handle leaf{handle::share(seen)};
    if (leaf->contiguous && !(target.borrowed_writable && runtime::may_overlap(*leaf, target))) {
        // Whoever gives the memory back, not before this is done.
        return leaf;
    }
    handle copy{allocate_node(leaf->type, region)};
    runtime::copy_elements(*leaf, copy->data, copy->stride);
    return copy;
}

/// Elements of a number of bytes, one to another place.
template <class F>
void with_size(dtype type, const F& f) {
    switch (size_of(type)) {
        case 1: return f(std::uint8_t{});
        case 2: return f(std::uint16_t{});
        case 4: return f(std::uint32_t{});
        case 8: return f(std::uint64_t{});
        default: return f(std::array<std::uint64_t, 2>{});
    }
}

/// Where element i in row-major order of a node is, in elements.
[[nodiscard]] index_t place_in(const node& n, index_t i) noexcept {
    if (n.contiguous) return i;
    index_t at = 0;
    for (int d = n.rank; d-- > 0;) {
        at += i % n.extent[d] * n.stride[d];
        i /= n.extent[d];
    }
    return at;
}

/// The indices, from the start. Throws if one is out of range.
handle checked(const char* name, node& indices, index_t axis, index_t extent, source where) {
    if (const index_t wrong = graph::first_out_of_range(indices, extent); wrong >= 0) {
        const std::string before = where.file == nullptr ? std::string{} : std::string(where.file) + ":" + std::to_string(where.line) + ": ";
        graph::throw_index(indices, wrong, before + name, axis, extent);
    }
    handle places{allocate_node(dtype::i64, indices.shape())};
    auto* const to = reinterpret_cast<index_t*>(places->data);
    const std::byte* const data = contiguous_data(indices);
    visit_dtype(indices.type, [&]<class T>(std::type_identity<T>) {
        if constexpr (std::integral<T> && !std::same_as<T, bool>) {
            const T* const v = reinterpret_cast<const T*>(data);
            order::over_parts(indices.size, indices.size, [&](index_t first, index_t past) {
                for (index_t i = first; i < past; ++i) {
                    const auto x = static_cast<index_t>(v[i]);
                    // Memory that others write to may have changed since.
                    to[i] = std::clamp<index_t>(x < 0 ? x + extent : x, 0, extent - 1);
                }
            });
        }
    });
    return places;
}

}  // namespace

node* masked_places(node& mask, const extents& shape) try {
    check_mask(mask.shape(), shape);
    return nonzero_places(mask);
} catch (const std::bad_alloc&) {
    throw_no_memory("x(mask)");
}

node* record_mask(node* mask, const extents& shape, source where) try {
    edge m{mask};
    check_mask(m->shape(), shape);
    axes_argument further{.given = true};
    for (std::size_t d = m->rank; d < shape.size(); ++d) further.list[further.count++] = static_cast<index_t>(d);
    return record_expanded(m.release(), further, where);
} catch (const std::bad_alloc&) {
    throw_no_memory("x(mask)");
}

void put_elements(handle& target, bool in_place, node& indices, node& values, source where) try {
    evaluate(*target);
    if (indices.size == 0) return;
    if (values.size == 0) return;
    const handle places = checked("put", indices, 0, target->size, where);
    const handle from = values_for(values, values.shape(), *target);
    make_private(target, in_place);
    node& to = *target;
    const auto* const p = reinterpret_cast<const index_t*>(places->data);
    with_size(to.type, [&]<class B>(B) {
        B* const out = reinterpret_cast<B*>(to.data);
        const B* const v = reinterpret_cast<const B*>(from->data);
        // On one thread: where each of several writes to its part of the elements, all of them look at every index, and that takes half the time of writing.
        // Two gained nothing but where the elements are far beyond the caches, and lost a third where the indices are in order.
        index_t next = 0;
        for (index_t i = 0; i < places->size; ++i) {
            out[place_in(to, p[i])] = v[next];
            if (++next == from->size) next = 0;
        }
    });
} catch (const std::bad_alloc&) {
    throw_no_memory("put");
}

void put_elements_along(handle& target, bool in_place, node& indices, node& values, const axes_argument& axes, source where) try {
    if (!axes.given) {
        if (indices.rank != 1) throw shape_error("put_along_axis: indices of shape " + to_string(indices.shape()) + " for a flattened array; of rank 1 are needed");
        if (indices.size > 0) evaluate(*target);
        const handle places = checked("put_along_axis", indices, 0, target->size, where);
        const handle from = values_for(values, places->shape(), *target);
        return put_elements(target, in_place, *places, *from, where);
    }
    evaluate(*target);
    const extents shape = target->shape();
    const index_t axis = order::one_axis("put_along_axis", axes, shape);
    const extents space = graph::shape_along("put_along_axis", shape, indices.shape(), axis);
    const handle places = checked("put_along_axis", indices, axis, shape[static_cast<std::size_t>(axis)], where);
    const handle from = values_for(values, space, *target);
    if (space.count() == 0) return;
    make_private(target, in_place);
    node& to = *target;
    // Along the axes of the space: the places, and the elements that they count from.
    const index_map spread = graph::broadcast_map(places->shape(), space);
    index_t place_step[max_rank] = {}, step[max_rank] = {};
    for (std::size_t d = 0; d < space.size(); ++d) {
        if (spread[d].axis >= 0 && spread[d].step != 0) place_step[d] = places->stride[d];
        if (static_cast<index_t>(d) != axis && shape[d] == space[d]) step[d] = to.stride[d];
    }
    const auto* const p = reinterpret_cast<const index_t*>(places->data);
    with_size(to.type, [&]<class B>(B) {
        B* const out = reinterpret_cast<B*>(to.data);
        const B* v = reinterpret_cast<const B*>(from->data);
        index_t at[max_rank] = {};
        for (index_t i = 0, place = 0, base = 0; i < from->size; ++i) {
            out[base + p[place] * to.stride[axis]] = v[i];
            for (std::size_t d = space.size(); d-- > 0;) {
                place += place_step[d];
                base += step[d];
                if (++at[d] < space[d]) break;
                place -= space[d] * place_step[d];
                base -= space[d] * step[d];
                at[d] = 0;
            }
        }
    });
} catch (const std::bad_alloc&) {
    throw_no_memory("put_along_axis");
}

void put_masked(handle& target, bool in_place, node& mask, node& values, source) try {
    evaluate(*target);
    const extents shape = target->shape();
    const handle places{masked_places(mask, shape)};
    extents region{places->size};
    index_t inner = 1;
    for (std::size_t d = mask.rank; d < shape.size(); ++d) {
        region.push_back(shape[d]);
        inner *= shape[d];
    }
    const handle from = values_for(values, region, *target);
    if (from->size == 0) return;
    make_private(target, in_place);
    node& to = *target;
    const auto* const p = reinterpret_cast<const index_t*>(places->data);
    with_size(to.type, [&]<class B>(B) {
        B* const out = reinterpret_cast<B*>(to.data);
        const B* const v = reinterpret_cast<const B*>(from->data);
        order::over_parts(places->size, from->size, [&](index_t first, index_t past) {
            for (index_t i = first; i < past; ++i) {
                if (to.contiguous) {
                    std::copy_n(v + i * inner, inner, out + p[i] * inner);
                } else {
                    for (index_t k = 0; k < inner; ++k) out[place_in(to, p[i] * inner + k)] = v[i * inner + k];
                }
            }
        });
    });
} catch (const std::bad_alloc&) {
    throw_no_memory("x(mask)");
}

}  // namespace sinter::inline v1::detail
