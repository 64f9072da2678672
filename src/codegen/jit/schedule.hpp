#pragma once

#include "codegen/jit/program.hpp"

#include <optional>
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

/// In which order the steps of one copy stand.
enum class ordering : std::uint8_t {
    as_they_came,
    least_waiting,   // what most depends on goes first, such that none waits long for those before it
    past_quotients,  // as they came, but what does not wait for a quotient goes past what does; for copies side by side, of which each has a turn in several
};

/// The order of one copy: every result is stored as soon as no load is left that it might overwrite.
[[nodiscard]] std::vector<std::uint16_t> order_of(const program& p, ordering how = ordering::as_they_came);
/// Whether a step takes several times as long as most.
[[nodiscard]] bool is_quotient(const step& s) noexcept;

/// Several copies of the order, `together` of them step by step side by side, then the next ones; in a column_reduce what all
/// copies share comes first.
[[nodiscard]] schedule make_schedule(const program& p, const std::vector<std::uint16_t>& order, int copies, int together = 1);

/// Several copies of the order side by side, each so many steps behind the one before.
[[nodiscard]] schedule make_staggered(const program& p, const std::vector<std::uint16_t>& order, int copies, std::size_t behind);

/// A loop without beginning or end: copies of the order, each an even part of it behind the one before, so that as many are under way at any time. A turn has the later steps of
/// the vectors [0, copies) and the first ones of those that come next, [copies, 2 * copies). Where the loop begins there are no later steps, and where it ends no first ones.
struct rotation {
    schedule begin, turn, end;
};

/// room: so many may go on to the next turn, and of more values few are alive at a time. Nothing if more than `most` are.
[[nodiscard]] std::optional<rotation> make_rotation(const program& p, const std::vector<std::uint16_t>& order, int copies, int room, int most);

/// Whether what a turn has made for the next one goes there in registers. Operands are loaded again, so nothing may be stored before the last of them is read.
[[nodiscard]] bool goes_on(const step& s) noexcept;

/// The order with all stores behind what reads operands; nothing where one of them stores an operand.
[[nodiscard]] std::vector<std::uint16_t> stores_last(const program& p, const std::vector<std::uint16_t>& order);

/// Steps that run once a call or once a row.
[[nodiscard]] schedule make_schedule(const program& p, level when);

/// The steps [begin, end).
[[nodiscard]] schedule make_schedule(const program& p, std::uint16_t begin, std::uint16_t end);

}  // namespace sinter::inline v1::detail::codegen::jit
