#pragma once

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

    /// Drops axes of extent 1, and makes one of neighbours where every operand's strides allow it.
    void collapse();
    [[nodiscard]] std::size_t count(axis_role r) const noexcept;
};

}  // namespace sinter::inline v1::detail::plan
