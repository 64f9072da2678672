#pragma once

#include <sinter/detail/types.hpp>

namespace sinter::inline v1::detail::order {

/// Sorts contiguous elements into other memory, on as many threads as it takes.
void sort_elements(dtype type, const std::byte* in, std::byte* out, index_t n);

/// The places of the elements in sorted order, equal ones as they come.
void sort_places(dtype type, const std::byte* in, index_t* out, index_t n);

}  // namespace sinter::inline v1::detail::order
