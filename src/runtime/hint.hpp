#pragma once

#include "runtime/execute.hpp"

namespace sinter::inline v1::detail::runtime {

/// The short way for a statement that has been evaluated before on operands of the same kind: all in memory, contiguous, of the statement's shape or
/// of one element. What to run hangs at the tape itself, so nothing is hashed, locked or planned. False if there is no hint that fits;
/// nothing has happened then.
[[nodiscard]] bool evaluate_by_hint(node& n);

/// Leaves a hint at the tape of a capture's root if its plan is one loop that the short way can run, and there is memory for it. alone: it was made for one thread.
void leave_hint(const ready_plan& p, const graph::capture& c, bool alone) noexcept;

/// Hints left before are not used any more.
void forget_hints() noexcept;

}  // namespace sinter::inline v1::detail::runtime
