#pragma once

#include <sinter/detail/error.hpp>

// The library defines these too. Defined here as inline functions, they and the classes' tables are also part of any program
// that uses arrays of static shape, so that it needs nothing to link.

namespace sinter::inline v1 {

inline error::~error() = default;
inline shape_error::~shape_error() = default;
inline index_error::~index_error() = default;
inline value_error::~value_error() = default;

}  // namespace sinter::inline v1
