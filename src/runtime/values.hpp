#pragma once

#include "graph/node.hpp"

namespace sinter::inline v1::detail::runtime {

/// Copies the elements of a done node to memory with strides of its own, in elements.
void copy_elements(const node& from, std::byte* to, const index_t* to_stride);

/// Whether some byte may belong to elements of both of two done nodes.
[[nodiscard]] bool may_overlap(const node& a, const node& b) noexcept;

/// Before borrowed memory is written: whoever else holds or awaits its node keeps the old values, in memory of its own; target gets a node of its
/// own on the borrowed memory. The caller holds base::writing_borrowed.
void detach_readers(handle& target);

}  // namespace sinter::inline v1::detail::runtime
