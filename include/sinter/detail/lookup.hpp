#pragma once

#include <sinter/detail/primitives.hpp>

namespace sinter::inline v1::detail {

/// Eight numbers of which each element takes one: as many doubles as a register of AVX-512 holds, which looks them up in one instruction.
struct alignas(64) table_of_doubles {
    double values[8];
};

/// What the table has at the low three bits of each element, whatever the others are. Tables are constants of the library: code keeps no more than where they are.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V lookup(V x, const table_of_doubles& table) {
    return V{carrier<typename V::carrier_type>::lookup(x.raw(), table)};
}

}  // namespace sinter::inline v1::detail
