#pragma once

#include "graph/index_map.hpp"

#include <sinter/detail/index.hpp>
#include <sinter/detail/node.hpp>

#include <string>

// Making nodes and taking them apart. What templates call is in record.cpp.

namespace sinter::inline v1::detail::graph {

/// Whether an array of any type may have this shape: one whose elements, of the largest type, have more bytes than there are addresses may not. Extents are 0 or more.
[[nodiscard]] bool is_addressable(const extents& shape) noexcept;

/// A node without references, its fields as the class says, from the pool.
[[nodiscard]] node* new_node(node_kind kind, dtype type, const extents& shape);

/// The same with another node's shape.
[[nodiscard]] node* new_node_like(node_kind kind, dtype type, const node& like);

/// Room for the node's edges and numbers; both zeroed.
void reserve_operands(node& n, std::size_t operands, std::size_t scalars);

/// A leaf, done, that looks at memory which it takes a reference of.
[[nodiscard]] node* new_leaf(dtype type, const extents& shape, const index_t* strides, std::byte* data, void* memory);

/// A leaf without memory: see node_kind::count.
[[nodiscard]] node* new_count(const extents& shape);

/// Turns a node that this thread has claimed into a leaf: publishes the values, then drops what it was made of. Takes over a
/// reference of memory.
void finish(node& n, std::byte* data, void* memory, const index_t* strides);
/// The same for contiguous memory.
void finish_contiguous(node& n, std::byte* data, void* memory);

[[nodiscard]] bool is_contiguous(const extents& shape, const index_t* strides) noexcept;
void contiguous_strides(const extents& shape, index_t* strides) noexcept;

/// What x(items...) is of an array of this shape. Throws what is wrong with the indices.
[[nodiscard]] index_map view_map(const extents& shape, const index_item* items, std::size_t count);

/// The value as one that broadcasts to the region. Throws if it does not.
[[nodiscard]] edge value_for(edge value, const extents& region);

/// A view of a node, of memory at once, else as a node of its own; one edge.
[[nodiscard]] node* view_of(edge operand, const index_map& m, source where);

/// Memory without values yet, for others to be written into; every element has to be written.
[[nodiscard]] edge new_blank(dtype type, const extents& shape);

/// A node for base with value written into a region; one handle.
[[nodiscard]] node* record_update(edge base_node, edge value, const index_map& region, source where);

/// A node for base with value written into the part that the indices name; one handle. Throws what is wrong with the indices or shapes.
[[nodiscard]] node* record_update(edge base_node, edge value, const index_item* items, std::size_t count, source where);

/// "(2, 3)".
[[nodiscard]] std::string to_string(const extents& shape);
/// "file.cpp:12", or nothing when the node has no line.
[[nodiscard]] std::string source_line(const node& n);
/// The same with ": " behind it, to begin a message with.
[[nodiscard]] std::string where(const node& n);

}  // namespace sinter::inline v1::detail::graph
