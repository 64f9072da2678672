#pragma once

#include <vector>

namespace sinter::inline v1::detail::codegen::jit {

/// From one register to another.
struct register_move {
    int from = 0, to = 0;
};

/// Moves that mean all at once, one after the other. Where some go around in a ring, one of them first goes to `spare`, which none of them reads or writes.
[[nodiscard]] std::vector<register_move> one_by_one(std::vector<register_move> at_once, int spare);

}  // namespace sinter::inline v1::detail::codegen::jit
