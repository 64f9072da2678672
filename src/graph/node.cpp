#include "graph/node.hpp"

#include "base/memory.hpp"
#include "base/object_pool.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <new>

namespace sinter::inline v1::detail {

namespace graph {

namespace {

/// Drops a leaf's or a pending node's holdings; the operands that lose their last reference go to `dead`.
void take_apart(node& n, node*& dead) noexcept {
    const std::size_t count = n.n_operands;
    for (std::size_t i = 0; i < count; ++i) {
        node* const o = n.operands[i];
        if (o != nullptr && detail::take_last(o->refs, node::one_edge)) {
            // A dead node needs its name no more: the list goes through that field.
            o->name = reinterpret_cast<const char*>(dead);
            dead = o;
        }
    }
    if (n.operands != nullptr && n.operands != n.operand_space) base::pool_free(n.operands, count * sizeof(node*));
    if (n.scalars != nullptr && n.scalars != n.scalar_space) base::pool_free(n.scalars, n.n_scalars * sizeof(std::uint64_t));
    n.operands = nullptr;
    n.scalars = nullptr;
    n.n_operands = 0;
    n.n_scalars = 0;
    if (n.map != nullptr) {
        base::pool_delete(const_cast<index_map*>(n.map));
        n.map = nullptr;
    }
    n.program = nullptr;
}

void free_list(node* dead) noexcept {
    while (dead != nullptr) {
        node* const n = dead;
        dead = reinterpret_cast<node*>(const_cast<char*>(n->name));
        take_apart(*n, dead);
        if (n->memory != nullptr) base::release_memory(n->memory);
        if (node* const d = n->dense.load(std::memory_order_acquire);
            d != nullptr && detail::take_last(d->refs, node::one_edge)) {
            d->name = reinterpret_cast<const char*>(dead);
            dead = d;
        }
        base::pool_delete(n);
    }
}

}  // namespace

namespace {

[[nodiscard]] node* raw_node(node_kind kind, dtype type, std::size_t rank) {
    // Default-initialised: extents, strides and operand space hold nothing yet, and clearing them would cost as much as the rest.
    node* const n = ::new (base::pool_allocate(sizeof(node))) node;
    n->kind = kind;
    n->type = type;
    n->rank = static_cast<std::uint8_t>(rank);
    return n;
}

}  // namespace

namespace {

/// How many elements there are; below 0 if those of the largest type have more bytes than can be addressed.
[[nodiscard]] index_t size_of_shape(const extents& shape) noexcept {
    index_t bytes = 16;  // of the largest element type
    bool overflows = false;
    bool none = false;
    for (const index_t e : shape) {
        overflows = __builtin_mul_overflow(bytes, e, &bytes) || overflows;
        none = none || e == 0;
    }
    return none ? 0 : overflows ? -1 : bytes / 16;
}

}  // namespace

bool is_addressable(const extents& shape) noexcept { return size_of_shape(shape) >= 0; }

node* new_node(node_kind kind, dtype type, const extents& shape) {
    const index_t size = size_of_shape(shape);
    if (size < 0) throw memory_error("array: the shape " + to_string(shape) + " has more bytes than can be addressed");
    node* const n = raw_node(kind, type, shape.size());
    for (std::size_t i = 0; i < shape.size(); ++i) n->extent[i] = shape[i];
    n->size = size;
    return n;
}

node* new_node_like(node_kind kind, dtype type, const node& like) {
    node* const n = raw_node(kind, type, like.rank);
    for (int i = 0; i < like.rank; ++i) n->extent[i] = like.extent[i];
    n->size = like.size;
    return n;
}

void reserve_operands(node& n, std::size_t operands, std::size_t scalars) {
    if (operands > 0) {
        if (operands <= node::inline_operands) {
            // So many that the compiler knows: a call would take longer than the rest.
            std::fill_n(n.operand_space, node::inline_operands, nullptr);
            n.operands = n.operand_space;
        } else {
            n.operands = static_cast<node**>(base::pool_allocate(operands * sizeof(node*)));
            std::fill_n(n.operands, operands, nullptr);
        }
        n.n_operands = static_cast<std::uint16_t>(operands);
    }
    if (scalars > 0) {
        n.scalars =
            scalars <= node::inline_scalars ? n.scalar_space : static_cast<std::uint64_t*>(base::pool_allocate(scalars * sizeof(std::uint64_t)));
        n.n_scalars = static_cast<std::uint16_t>(scalars);
    }
}

bool is_contiguous(const extents& shape, const index_t* strides) noexcept {
    index_t expected = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        if (shape[i] == 0) return true;
        if (shape[i] != 1 && strides[i] != expected) return false;
        expected *= shape[i];
    }
    return true;
}

void contiguous_strides(const extents& shape, index_t* strides) noexcept {
    index_t step = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        strides[i] = step;
        step *= shape[i];
    }
}

node* new_leaf(dtype type, const extents& shape, const index_t* strides, std::byte* data, void* memory) {
    node* const n = new_node(node_kind::leaf, type, shape);
    std::copy_n(strides, shape.size(), n->stride);
    n->contiguous = is_contiguous(shape, strides);
    n->data = data;
    n->memory = memory;
    if (memory != nullptr) base::retain_memory(memory);
    n->state.store(node_state::done, std::memory_order_release);
    return n;
}

node* new_count(const extents& shape) {
    node* const n = new_node(node_kind::count, dtype::u64, shape);
    contiguous_strides(shape, n->stride);
    n->contiguous = true;
    n->state.store(node_state::done, std::memory_order_release);
    return n;
}

namespace {

void publish(node& n, std::byte* data, void* memory) {
    n.data = data;
    n.memory = memory;
    node* dead = nullptr;
    take_apart(n, dead);
    n.kind = node_kind::leaf;
    n.depth.store(0, std::memory_order_relaxed);
    n.state.store(node_state::done, std::memory_order_release);
    if (dead != nullptr) free_list(dead);
}

}  // namespace

void finish(node& n, std::byte* data, void* memory, const index_t* strides) {
    index_t expected = 1;
    bool contiguous = true;
    for (int d = n.rank; d-- > 0;) {
        n.stride[d] = strides[d];
        contiguous = contiguous && (strides[d] == expected || n.extent[d] == 1);
        expected *= n.extent[d];
    }
    n.contiguous = contiguous || n.size == 0;
    publish(n, data, memory);
}

void finish_contiguous(node& n, std::byte* data, void* memory) {
    index_t step = 1;
    for (int d = n.rank; d-- > 0;) {
        n.stride[d] = step;
        step *= n.extent[d];
    }
    n.contiguous = true;
    publish(n, data, memory);
}

std::string to_string(const extents& shape) {
    return detail::text_of_shape(shape);
}

std::string source_line(const node& n) {
    // An array may outlive the shared object whose statement it was, and with it the name of the file.
    Dl_info unused;
    if (n.file == nullptr || ::dladdr(n.file, &unused) == 0) return {};
    if (detail::is_of_standard_library(n.file)) return {};
    return std::string(n.file) + ":" + std::to_string(n.line);
}

std::string where(const node& n) {
    const std::string line = graph::source_line(n);
    return line.empty() ? line : line + ": ";
}

}  // namespace graph

void destroy(node* n) noexcept {
    n->name = nullptr;
    graph::free_list(n);
}

}  // namespace sinter::inline v1::detail
