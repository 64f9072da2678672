#pragma once

#include <sinter/detail/extents.hpp>

#include <array>
#include <cstdint>

namespace sinter::inline v1::detail {

/// From the indices of a space to the indices of a source: source index d is offset + step * (index along axis), or just
/// offset where axis is -1. Each source axis depends on one axis of the space at most, which ranges, transposes, new axes and
/// broadcasting keep true under composition. The source of a gather has axes that depend on the gathered index instead.
struct index_map {
    /// Stands for the index that a gather looks up, as an axis.
    static constexpr std::int8_t gathered = max_rank;

    struct dimension {
        std::int8_t axis = -1;
        index_t offset = 0;
        index_t step = 0;
        bool operator==(const dimension&) const = default;
    };

    std::uint8_t source_rank = 0;
    extents space;  // the extents of the space
    std::array<dimension, max_rank> source{};

    bool operator==(const index_map& other) const noexcept {
        if (source_rank != other.source_rank || !(space == other.space)) return false;
        for (int d = 0; d < source_rank; ++d) {
            if (!(source[static_cast<std::size_t>(d)] == other.source[static_cast<std::size_t>(d)])) return false;
        }
        return true;
    }
    [[nodiscard]] dimension& operator[](std::size_t d) noexcept { return source[d]; }
    [[nodiscard]] const dimension& operator[](std::size_t d) const noexcept { return source[d]; }
};

namespace graph {

/// Every index to itself.
[[nodiscard]] index_map identity_map(const extents& shape);
[[nodiscard]] bool is_identity(const index_map& m, const extents& source_shape);
/// First outer (space to middle), then inner (middle to source).
[[nodiscard]] index_map compose(const index_map& outer, const index_map& inner);
/// NumPy's broadcasting of a shape to a space: aligned at the last axis, extents of 1 repeated.
[[nodiscard]] index_map broadcast_map(const extents& shape, const extents& space);
/// The shape of both broadcast; false if they do not fit.
[[nodiscard]] bool broadcast_shapes(extents& into, const extents& other);

}  // namespace graph
}  // namespace sinter::inline v1::detail
