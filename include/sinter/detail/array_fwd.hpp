#pragma once

#include <sinter/detail/config.hpp>

namespace sinter::inline v1 {

template <class T, index_t... Extents>
class array;

}  // namespace sinter::inline v1
