#include "base/borrowed_lock.hpp"
#include "base/wide.hpp"
#include "graph/axes.hpp"
#include "graph/indices.hpp"
#include "graph/node.hpp"
#include "order/rows.hpp"
#include "order/tell.hpp"
#include "runtime/values.hpp"

#include <sinter/array.hpp>
#include <sinter/order.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

// Writing where indices or masks say.

namespace sinter::inline v1::detail {

using graph::to_string;

namespace {

void check_mask(const extents& mask, const extents& shape) {
    bool fits = mask.size() <= shape.size();
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

/// Throws if an index is out of range. Returns whether all of them count from the start.
bool check_indices(const char* name, node& indices, index_t axis, index_t extent, source where) {
    using enum graph::index_range;
    const std::byte* const data = contiguous_data(indices);
    const graph::index_range found = visit_dtype(indices.type, [&]<class T>(std::type_identity<T>) {
        if constexpr (std::integral<T> && !std::same_as<T, bool>) {
            const T* const v = reinterpret_cast<const T*>(data);
            std::atomic<bool> known{true}, forward{true};
            // Looking at one takes a fraction of what other work on an element does.
            order::over_parts(indices.size, indices.size / 16, [&](index_t first, index_t past) {
                const graph::index_range part =
                    base::in_wide_vectors([=]() __attribute__((always_inline)) { return graph::range_of(v + first, past - first, extent); });
                if (part == unknown) known.store(false, std::memory_order_relaxed);
                if (part != from_start) forward.store(false, std::memory_order_relaxed);
            });
            return !known.load(std::memory_order_relaxed) ? unknown : forward.load(std::memory_order_relaxed) ? from_start : from_either_end;
        }
        return unknown;
    });
    if (found != unknown) return found == from_start;
    if (const index_t wrong = graph::first_out_of_range(indices, extent); wrong >= 0) {
        const std::string before = where.file == nullptr ? std::string{} : std::string(where.file) + ":" + std::to_string(where.line) + ": ";
        graph::throw_index(indices, wrong, before + name, axis, extent);
    }
    return false;
}

/// The indices, from the start. Throws if one is out of range.
handle checked(const char* name, node& indices, index_t axis, index_t extent, source where) {
    check_indices(name, indices, axis, extent, where);
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

/// Writes one after the other what value(i) says to the place that index i names, counted from the start or, if it is negative, from the end.
template <bool Forward, class B, class T, class Value>
void put_run(B* out, index_t extent, const T* indices, index_t n, const Value& value) noexcept {
    // Stores to lines that are in no near cache wait for them one after the other unless they were asked for before. Whoever asks for what is nowhere gets no answer, and that is all.
    constexpr index_t ahead = 32, worth_asking = index_t{1} << 19;
    const auto place = [=](index_t i) {
        auto x = static_cast<index_t>(indices[i]);
        if constexpr (!Forward) x += (x >> 63) & extent;
        return static_cast<std::uint64_t>(x);
    };
    const auto store = [=](index_t i) {
        // Memory that others write to may have changed since it was checked.
        if (const std::uint64_t x = place(i); x < static_cast<std::uint64_t>(extent)) [[likely]] out[x] = value(i);
    };
    index_t i = 0;
    if (extent * static_cast<index_t>(sizeof(B)) >= worth_asking) {
        for (; i + ahead < n; ++i) {
            __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(out) + place(i + ahead) * sizeof(B)), 1);
            store(i);
        }
    }
    for (; i + 4 <= n; i += 4) {
        store(i);
        store(i + 1);
        store(i + 2);
        store(i + 3);
    }
    for (; i < n; ++i) store(i);
}

/// The same of values that are repeated as often as it takes.
template <bool Forward, class B, class T>
void put_all(B* out, index_t extent, const T* indices, index_t n, const B* values, index_t count) noexcept {
    if (count == 1) return put_run<Forward>(out, extent, indices, n, [one = *values](index_t) { return one; });
    for (index_t first = 0; first < n; first += count) {
        put_run<Forward>(out, extent, indices + first, std::min(count, n - first), [values](index_t i) { return values[i]; });
    }
}

}  // namespace

node* masked_places(node& mask, const extents& shape) try {
    check_mask(mask.shape(), shape);
    return nonzero_places(mask);
} catch (const std::exception&) {
    order::tell("x(mask)");
}

node* record_mask(node* mask, const extents& shape, source where) try {
    edge m{mask};
    check_mask(m->shape(), shape);
    axes_argument further{.given = true};
    for (std::size_t d = m->rank; d < shape.size(); ++d) further.list[further.count++] = static_cast<index_t>(d);
    return record_expanded(m.release(), further, where);
} catch (const std::exception&) {
    order::tell("x(mask)");
}

void put_elements(handle& target, bool in_place, node& indices, node& values, source where) try {
    evaluate(*target);
    if (indices.size == 0) return;
    if (values.size == 0) return;
    const bool forward = check_indices("put", indices, 0, target->size, where);
    const handle from = values_for(values, values.shape(), *target);
    // Indices that are in the memory that is written are read before that.
    const bool apart = !target->borrowed_writable || !runtime::may_overlap(indices, *target);
    const handle places = apart ? handle{} : checked("put", indices, 0, target->size, where);
    make_private(target, in_place);
    const base::reading_arrays reading;
    node& to = *target;
    node& at = apart ? indices : *places;
    const std::byte* const data = contiguous_data(at);
    // On one thread: where each of several writes to its part of the elements, all of them look at every index, and that takes half the time of writing.
    // Two gained nothing but where the elements are far beyond the caches, and lost a third where the indices are in order.
    order::with_element(to.type, [&]<class B>(B) {
        B* const out = reinterpret_cast<B*>(to.data);
        const B* const v = reinterpret_cast<const B*>(from->data);
        visit_dtype(at.type, [&]<class T>(std::type_identity<T>) {
            if constexpr (std::integral<T> && !std::same_as<T, bool>) {
                const T* const p = reinterpret_cast<const T*>(data);
                if (to.contiguous && forward) return put_all<true>(out, to.size, p, at.size, v, from->size);
                if (to.contiguous) return put_all<false>(out, to.size, p, at.size, v, from->size);
                index_t next = 0;
                for (index_t i = 0; i < at.size; ++i) {
                    const auto x = static_cast<index_t>(p[i]);
                    out[place_in(to, std::clamp<index_t>(x < 0 ? x + to.size : x, 0, to.size - 1))] = v[next];
                    if (++next == from->size) next = 0;
                }
            }
        });
    });
} catch (const std::exception&) {
    order::tell("put");
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
    order::with_element(to.type, [&]<class B>(B) {
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
} catch (const std::exception&) {
    order::tell("put_along_axis");
}

void put_masked(handle& target, bool in_place, node& mask, node& values, source) try {
    evaluate(*target);
    const extents shape = target->shape();
    const handle places{masked_places(mask, shape)};
    graph::check_rank("x(mask)", shape.size() - mask.rank + 1);
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
    order::with_element(to.type, [&]<class B>(B) {
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
} catch (const std::exception&) {
    order::tell("x(mask)");
}

}  // namespace sinter::inline v1::detail
