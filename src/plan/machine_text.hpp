#pragma once

#include "plan/machine.hpp"

#include <optional>
#include <string>
#include <string_view>

// A machine as text: one line a number, `key value`, seconds, bytes and cycles. Blank lines and lines that begin with # say nothing.

namespace sinter::inline v1::detail::plan {

/// Every number of a machine. Numbers are written so that they are read back exactly.
[[nodiscard]] std::string to_text(const machine& m);

/// The machine that a text describes. Nothing, and why, if a line is not understood, a key stands twice or is missing, or a number cannot be: not
/// finite, negative, or 0 where that means nothing. What only measuring gives (rates by direction, losses, cycles of operations) may be left out.
[[nodiscard]] std::optional<machine> from_text(std::string_view text, std::string& why);

}  // namespace sinter::inline v1::detail::plan
