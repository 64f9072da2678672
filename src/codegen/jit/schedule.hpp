#pragma once

#include "codegen/jit/program.hpp"

#include <vector>

namespace sinter::inline v1::detail::codegen::jit {

/// A step on one of the vectors that a loop handles at a time.
struct item {
    std::uint16_t step = 0;
    std::uint8_t copy = 0;
};

/// Steps in the order in which they are written, and where each value is used next.
struct schedule {
    static constexpr std::uint16_t none = 0xffff;

    std::vector<item> items;
    std::vector<std::array<std::uint16_t, 3>> after;  // by item and operand: the next item that uses the operand
    std::vector<std::uint16_t> first;                 // by value: the first item that uses it
    int copies = 1;

    /// The largest number of values, in vector and in mask registers, that are needed at one time.
    int most_vectors = 0, most_masks = 0;
};

/// The order of one copy: every result is stored as soon as no load is left that it might overwrite. waits: steps stand such that none waits long for those before
/// it, not as they came.
[[nodiscard]] std::vector<std::uint16_t> order_of(const program& p, bool waits = false);

/// Several copies of the order, `together` of them step by step side by side, then the next ones; in a column_reduce what all
/// copies share comes first.
[[nodiscard]] schedule make_schedule(const program& p, const std::vector<std::uint16_t>& order, int copies, int together = 1);

/// Several copies of the order side by side, each so many steps behind the one before.
[[nodiscard]] schedule make_staggered(const program& p, const std::vector<std::uint16_t>& order, int copies, std::size_t behind);

/// Steps that run once a call or once a row.
[[nodiscard]] schedule make_schedule(const program& p, level when);

/// The steps [begin, end).
[[nodiscard]] schedule make_schedule(const program& p, std::uint16_t begin, std::uint16_t end);

}  // namespace sinter::inline v1::detail::codegen::jit
