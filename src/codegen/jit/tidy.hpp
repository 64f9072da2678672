#pragma once

#include "codegen/jit/select.hpp"

#include <vector>

// What is done to steps once they are all there: fewer of them for the same values.

namespace sinter::inline v1::detail::codegen::jit {

/// Which part of a kernel with a loop a step belongs to; steps of different parts are not made one.
struct parts {
    id body = 0xffff, after = 0xffff;
    [[nodiscard]] int of(id n) const noexcept { return n < body ? 0 : n < after ? 1 : 2; }
};

/// By step: how many steps read it.
[[nodiscard]] std::vector<int> count_users(const program& p);
/// A comparison with no other user than a conjunction runs on the lanes of the other mask.
void fuse_conjunctions(program& p, parts at);
/// Masks that products of low halves did without.
void drop_unused_masks(program& p);
/// Two operations on bits, the first with no other user, become one on three operands.
void fuse_logic(program& p, parts at);

}  // namespace sinter::inline v1::detail::codegen::jit
