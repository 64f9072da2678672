#pragma once

#include "plan/plan.hpp"

#include <sinter/detail/extents.hpp>

#include <cstdint>
#include <vector>

namespace sinter::inline v1::detail::plan {

/// What an axis of a kernel's iteration space is for.
enum class axis_role : std::uint8_t { kept, reduced };

/// The axes of an iteration space with every operand's strides along them: one row of strides for each operand.
struct loop_space {
    std::vector<index_t> extent;
    std::vector<axis_role> role;
    std::vector<std::vector<index_t>> stride;  // [operand][axis]

    /// Drops axes of extent 1.
    void drop_ones();
    /// The same, and makes one of neighbours where every operand's strides allow it.
    void collapse();
    [[nodiscard]] std::size_t count(axis_role r) const noexcept;
};

/// Tells a launch's kernel how one of its operands moves along the inner loop.
void set_access(launch& l, std::size_t place);

}  // namespace sinter::inline v1::detail::plan
