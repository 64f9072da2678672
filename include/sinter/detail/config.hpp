#pragma once

#include <cstddef>
#include <cstdint>

#if defined(SINTER_STATIC)
#define SINTER_API
#else
#define SINTER_API __attribute__((visibility("default")))
#endif

// What a program's or shared object's own code keeps for the library: never shared with another one, which may hold another copy of the
// library, and no reason to stay in memory when it is closed.
#define SINTER_LOCAL __attribute__((visibility("hidden")))

namespace sinter {
inline namespace v1 {

/// Extents, strides (in elements), axes and indices.
using index_t = std::ptrdiff_t;

/// An extent that is known only at run time.
inline constexpr index_t dyn = -1;

/// The largest rank of an array.
inline constexpr int max_rank = 8;

}  // namespace v1
}  // namespace sinter
