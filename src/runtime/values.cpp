#include "runtime/values.hpp"

#include "base/borrowed_lock.hpp"
#include "base/fork.hpp"
#include "base/memory.hpp"
#include "graph/node.hpp"
#include "runtime/buffer.hpp"
#include "runtime/transpose.hpp"

#include <sinter/detail/record.hpp>
#include <sinter/eval.hpp>
#include <sinter/factories.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <new>
#include <string>
#include <unordered_set>
#include <utility>

// Memory behind arrays, and single elements of it.

namespace sinter::inline v1::detail {

using graph::to_string;

namespace {

[[nodiscard]] std::size_t bytes_for(dtype type, const extents& shape) {
    std::size_t n = size_of(type);
    for (const index_t e : shape) {
        if (e < 0) throw shape_error("array: the shape " + to_string(shape) + " has an extent below 0");
        if (e != 0 && n > static_cast<std::size_t>(std::numeric_limits<index_t>::max()) / static_cast<std::size_t>(e)) {
            throw memory_error("array: the shape " + to_string(shape) + " has more bytes than can be addressed");
        }
        n *= static_cast<std::size_t>(e);
    }
    return n;
}

/// The indices, counted from the start. Throws what is wrong with them.
[[nodiscard]] std::array<index_t, max_rank> checked_indices(const node& n, const index_t* indices, std::size_t count) {
    std::array<index_t, max_rank> result{};
    if (count != n.rank) {
        throw shape_error("element: " + std::to_string(count) + " indices for one element of an array of rank " + std::to_string(n.rank) + ", shape " +
                          to_string(n.shape()) + "; for a view write all for the other axes");
    }
    for (std::size_t d = 0; d < count; ++d) {
        const index_t at = indices[d] < 0 ? indices[d] + n.extent[d] : indices[d];
        if (at < 0 || at >= n.extent[d]) {
            throw index_error("element: index " + std::to_string(indices[d]) + " is out of range on axis " + std::to_string(d) + " of shape " +
                              to_string(n.shape()));
        }
        result[d] = at;
    }
    return result;
}

/// The place of the element at these indices of a done node, in elements from the first.
[[nodiscard]] index_t offset_of(const node& n, const index_t* indices, std::size_t count) {
    const auto at = checked_indices(n, indices, count);
    index_t offset = 0;
    for (std::size_t d = 0; d < count; ++d) offset += at[d] * n.stride[d];
    return offset;
}

[[nodiscard]] std::uint64_t load_bits(const std::byte* p, dtype t) {
    return visit_dtype(t, [&]<class T>(std::type_identity<T>) {
        T x;
        std::memcpy(&x, p, sizeof x);
        return detail::to_bits(x);
    });
}

}  // namespace

namespace runtime {

void copy_elements(const node& from, std::byte* to, const index_t* to_stride) {
    const auto bytes = static_cast<index_t>(size_of(from.type));
    const auto walk = [&](auto&& self, int d, const std::byte* p, std::byte* q) -> void {
        if (d == from.rank) {
            std::memcpy(q, p, static_cast<std::size_t>(bytes));
            return;
        }
        const index_t step = from.stride[d];
        const index_t to_step = to_stride[d];
        if (d + 1 == from.rank && step == 1 && to_step == 1) {
            std::memcpy(q, p, static_cast<std::size_t>(from.extent[d] * bytes));
            return;
        }
        if (d + 2 == from.rank && step != 1 && from.stride[d + 1] == 1 && to_step == 1 && to_stride[d + 1] != 1) {
            // Neighbours along one axis here and along the other there.
            constexpr index_t side = 128;
            const index_t rows = from.extent[d + 1], columns = from.extent[d];
            for (index_t r = 0; r < rows; r += side) {
                for (index_t c = 0; c < columns; c += side) {
                    transpose(q + (r * to_stride[d + 1] + c) * bytes, to_stride[d + 1] * bytes, p + (c * step + r) * bytes, step * bytes,
                              std::min(side, rows - r), std::min(side, columns - c), static_cast<std::size_t>(bytes), far_side::source);
                }
            }
            return;
        }
        if (d + 1 == from.rank) {
            const auto copy = [&]<std::size_t Size>(std::integral_constant<std::size_t, Size>) {
                for (index_t i = 0; i < from.extent[d]; ++i) std::memcpy(q + i * to_step * bytes, p + i * step * bytes, Size);
            };
            switch (bytes) {
                case 1: return copy(std::integral_constant<std::size_t, 1>{});
                case 2: return copy(std::integral_constant<std::size_t, 2>{});
                case 4: return copy(std::integral_constant<std::size_t, 4>{});
                case 8: return copy(std::integral_constant<std::size_t, 8>{});
                default: return copy(std::integral_constant<std::size_t, 16>{});
            }
        }
        for (index_t i = 0; i < from.extent[d]; ++i) self(self, d + 1, p + i * step * bytes, q + i * to_step * bytes);
    };
    if (from.size > 0) walk(walk, 0, from.data, to);
}

bool may_overlap(const node& a, const node& b) noexcept {
    if (a.size == 0 || b.size == 0) return false;
    const auto span = [](const node& n) {
        index_t first = 0, last = 0;
        for (int d = 0; d < n.rank; ++d) {
            const index_t reach = (n.extent[d] - 1) * n.stride[d];
            (reach < 0 ? first : last) += reach;
        }
        const auto size = static_cast<index_t>(size_of(n.type));
        const auto start = reinterpret_cast<std::uintptr_t>(n.data);
        return std::pair{start + static_cast<std::uintptr_t>(first * size), start + static_cast<std::uintptr_t>((last + 1) * size)};
    };
    const auto [a_first, a_past] = span(a);
    const auto [b_first, b_past] = span(b);
    return a_first < b_past && b_first < a_past;
}

namespace {

/// A contiguous leaf with a copy of a done node's elements; one handle.
[[nodiscard]] handle contiguous_copy(const node& n) {
    handle copy{allocate_node(n.type, n.shape())};
    copy_elements(n, copy->data, copy->stride);
    return copy;
}

}  // namespace

void detach_readers(handle& target) {
    node& old = *target;
    const auto drop_dense = [&] {
        if (node* const stale = old.dense.exchange(nullptr, std::memory_order_acq_rel); stale != nullptr) edge{stale}.reset();
    };
    if (old.refs.load(std::memory_order_acquire) == node::one_handle) return drop_dense();
    const extents shape = old.shape();
    const handle copy = contiguous_copy(old);
    node* const fresh = graph::new_leaf(old.type, shape, old.stride, old.data, old.memory);
    drop_dense();
    fresh->borrowed_writable = true;
    fresh->refs.store(node::one_handle, std::memory_order_relaxed);
    const handle kept = std::exchange(target, handle{fresh});
    std::swap(old.data, copy->data);
    std::swap(old.memory, copy->memory);
    std::copy_n(copy->stride, old.rank, old.stride);
    old.contiguous = true;
    old.borrowed_writable = false;
}

}  // namespace runtime

node* allocate_node(dtype type, const extents& shape) try {
    runtime::buffer_ptr memory = runtime::allocate_for_all(bytes_for(type, shape));
    index_t strides[max_rank] = {};
    graph::contiguous_strides(shape, strides);
    node* const n = graph::new_leaf(type, shape, strides, static_cast<std::byte*>(memory->data), memory.get());
    n->refs.store(node::one_handle, std::memory_order_relaxed);
    return n;
} catch (const std::bad_alloc&) {
    throw_no_memory("array");
}

node* empty_node(dtype type) try {
    // One for each type, for good.
    static node* const all = [] {
        auto* const list = static_cast<node*>(::operator new(sizeof(node) * dtype_count));
        for (int t = 0; t < dtype_count; ++t) {
            node* const n = new (list + t) node;
            n->type = static_cast<dtype>(t);
            n->rank = 1;
            n->extent[0] = 0;
            n->stride[0] = 1;
            n->contiguous = true;
            static std::byte nothing[64];
            n->data = nothing;
            n->refs.store(node::one_handle | node::one_edge, std::memory_order_relaxed);
            n->state.store(node_state::done, std::memory_order_release);
        }
        return list;
    }();
    return all + static_cast<int>(type);
} catch (const std::bad_alloc&) {
    throw_no_memory("array");
}

node* borrow_node(dtype type, void* data, bool writable, const extents& shape, const extents& strides, std::shared_ptr<void> owner) try {
    check_shape("borrow", shape);
    if (data == nullptr && shape.count() > 0) throw value_error("borrow: a null pointer for the shape " + to_string(shape));
    if (!strides.empty() && strides.size() != shape.size()) {
        throw shape_error("borrow: the strides " + to_string(strides) + " for the shape " + to_string(shape));
    }
    if (reinterpret_cast<std::uintptr_t>(data) % size_of(part_of(type)) != 0) {
        throw value_error("borrow: a pointer that is not aligned for " + std::string(name_of(type)) + ", shape " + to_string(shape));
    }
    index_t steps[max_rank] = {};
    if (strides.empty()) {
        graph::contiguous_strides(shape, steps);
    } else {
        std::copy(strides.begin(), strides.end(), steps);
    }
    runtime::buffer_ptr memory = runtime::adopt(data, static_cast<std::size_t>(shape.count()) * size_of(type), std::move(owner), writable);
    node* const n = graph::new_leaf(type, shape, steps, static_cast<std::byte*>(data), memory.get());
    n->borrowed_writable = writable;
    if (writable) base::note_writable_borrow();
    n->refs.store(node::one_handle, std::memory_order_relaxed);
    return n;
} catch (const std::bad_alloc&) {
    throw_no_memory("borrow");
}

const std::byte* contiguous_data(node& n) try {
    evaluate(n);
    const base::reading_arrays reading;
    if (n.contiguous) return n.data;
    if (node* const known = n.dense.load(std::memory_order_acquire); known != nullptr) return known->data;
    handle copy = runtime::contiguous_copy(n);
    copy->refs.store(node::one_edge, std::memory_order_relaxed);   // the node's from now on
    node* expected = nullptr;
    if (!n.dense.compare_exchange_strong(expected, copy.get(), std::memory_order_acq_rel)) {
        edge{copy.release()}.reset();
        return expected->data;
    }
    return copy.release()->data;
} catch (const std::bad_alloc&) {
    throw_no_memory("data");
}

std::uint64_t element_bits(node& n, const index_t* indices, std::size_t count) try {
    static_cast<void>(checked_indices(n, indices, count));  // wrong indices are found before anything is computed
    evaluate(n);
    const base::reading_arrays reading;
    return load_bits(n.data + offset_of(n, indices, count) * static_cast<index_t>(size_of(n.type)), n.type);
} catch (const std::bad_alloc&) {
    throw_no_memory("element");
}

void read_element(node& n, const index_t* indices, std::size_t count, void* to) try {
    static_cast<void>(checked_indices(n, indices, count));
    evaluate(n);
    const base::reading_arrays reading;
    std::memcpy(to, n.data + offset_of(n, indices, count) * static_cast<index_t>(size_of(n.type)), size_of(n.type));
} catch (const std::bad_alloc&) {
    throw_no_memory("element");
}

std::byte* element_address(node& n, const index_t* indices, std::size_t count) try {
    return n.data + offset_of(n, indices, count) * static_cast<index_t>(size_of(n.type));
} catch (const std::bad_alloc&) {
    throw_no_memory("element");
}

namespace {

void need_one(const node& n) {
    if (n.size != 1)
        throw shape_error(graph::where(n) + "item: the shape " + to_string(n.shape()) + " has " + std::to_string(n.size) + " elements, not one");
}

}  // namespace

void read_item(node& n, void* to) try {
    need_one(n);
    evaluate(n);
    const base::reading_arrays reading;
    std::memcpy(to, n.data, size_of(n.type));
} catch (const std::bad_alloc&) {
    throw_no_memory("item");
}

std::uint64_t item_bits(node& n) try {
    need_one(n);
    evaluate(n);
    const base::reading_arrays reading;
    return load_bits(n.data, n.type);
} catch (const std::bad_alloc&) {
    throw_no_memory("item");
}

void make_private(handle& n, bool owner_of_borrowed) try {
    if (!n) n = handle::share(empty_node(dtype::f32));
    evaluate(*n);
    if (n->borrowed_writable && owner_of_borrowed) {
        const base::writing_borrowed writing;
        runtime::detach_readers(n);
        return;
    }
    const base::reading_arrays reading;
    if (n->contiguous && !n->borrowed_writable && n->refs.load(std::memory_order_acquire) == node::one_handle && n->memory != nullptr &&
        base::is_sole_memory(n->memory)) {
        return;
    }
    n = runtime::contiguous_copy(*n);
} catch (const std::bad_alloc&) {
    throw_no_memory("array");
}

std::byte* data_for_writing(handle& n, bool owner_of_borrowed) {
    make_private(n, owner_of_borrowed);
    if (!n->contiguous) {
        throw value_error("mutable_data: the elements of a borrowed array of shape " + to_string(n->shape()) + " are not one after another in memory: write x(...) = y, or x.at(...)");
    }
    return n->data;
}

namespace {

/// The same name, kept until the program ends. Programs have few, but may make them as they go.
[[nodiscard]] const char* kept_name(const std::string& name) {
    struct names {
        std::mutex mutex;
        std::unordered_set<std::string> all;
    };
    alignas(names) static std::byte room[sizeof(names)];
    static names& known = *new (room) names;   // never destroyed: arrays may be named until the very end
    const base::at_work here;
    const std::lock_guard hold(known.mutex);
    return known.all.insert(name).first->c_str();
}

}  // namespace

void set_name(node& n, const char* name) try {
    if (!n.is_done()) n.name = name == nullptr ? nullptr : kept_name(name);
} catch (const std::bad_alloc&) {
    throw_no_memory("named");
}

void throw_target_size(std::size_t found, index_t wanted) try {
    throw shape_error("to: a range of " + std::to_string(found) + " elements for an array of " + std::to_string(wanted));
} catch (const std::bad_alloc&) {
    throw_no_memory("to");
}

bool equal_values(node& a, node& b) {
    if (!detail::same_shape(a, b)) return false;
    const std::byte* const x = contiguous_data(a);
    const std::byte* const y = contiguous_data(b);
    const index_t count = is_complex_code(a.type) ? 2 * a.size : a.size;
    return visit_dtype(part_of(a.type), [&]<class T>(std::type_identity<T>) {
        const T* p = reinterpret_cast<const T*>(x);
        const T* q = reinterpret_cast<const T*>(y);
        for (index_t i = 0; i < count; ++i) {
            if (!(p[i] == q[i])) return false;
        }
        return true;
    });
}

namespace {

/// The same of complex numbers, whose parts alternate: what they are apart is a distance in the plane.
template <class T>
[[nodiscard]] bool close_in_plane(const T* p, const T* q, index_t count, double rtol, double atol) {
    for (index_t i = 0; i < 2 * count; i += 2) {
        const auto u = static_cast<double>(p[i]), u_imag = static_cast<double>(p[i + 1]);
        const auto v = static_cast<double>(q[i]), v_imag = static_cast<double>(q[i + 1]);
        if (u == v && u_imag == v_imag) continue;
        const double apart = std::hypot(u - v, u_imag - v_imag), size = std::hypot(v, v_imag);
        if (!(apart <= atol + rtol * size) || std::isinf(apart) || std::isinf(size)) return false;
    }
    return true;
}

}  // namespace

bool close_values(node& a, node& b, double rtol, double atol) {
    if (!detail::same_shape(a, b)) return false;
    const std::byte* const x = contiguous_data(a);
    const std::byte* const y = contiguous_data(b);
    if (a.type == dtype::c64) return close_in_plane(reinterpret_cast<const float*>(x), reinterpret_cast<const float*>(y), a.size, rtol, atol);
    if (a.type == dtype::c128) return close_in_plane(reinterpret_cast<const double*>(x), reinterpret_cast<const double*>(y), a.size, rtol, atol);
    return visit_dtype(a.type, [&]<class T>(std::type_identity<T>) {
        const T* p = reinterpret_cast<const T*>(x);
        const T* q = reinterpret_cast<const T*>(y);
        for (index_t i = 0; i < a.size; ++i) {
            const auto u = static_cast<double>(p[i]);
            const auto v = static_cast<double>(q[i]);
            if (u == v) continue;
            if (!(std::fabs(u - v) <= atol + rtol * std::fabs(v)) || std::isinf(u) || std::isinf(v)) return false;
        }
        return true;
    });
}

}  // namespace sinter::inline v1::detail
