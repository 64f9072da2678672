#pragma once

#include <sinter/detail/tape.hpp>

#include <cstddef>
#include <vector>

namespace sinter::inline v1::detail::graph {

/// What a loop of a recorded function does in one turn. In its code, references to arrays are states and those to scalars are captures: values from
/// outside that the turns have in common, constants among them, so that a number that changes is not another body.
struct loop_body {
    std::vector<dtype> states, captures;
    std::vector<tape_instruction> code;
    std::vector<tape_ref> next;  // by state
    tape_ref condition = 0;

    [[nodiscard]] dtype type_of(tape_ref r) const {
        const auto at = static_cast<std::size_t>(r & ref_index);
        return (r & ref_kind) == ref_array ? states[at] : (r & ref_kind) == ref_scalar ? captures[at] : code[at].type;
    }
    bool operator==(const loop_body&) const = default;
};

/// The number of an equal body, for good: what tapes and graphs hold. Throws value_error when there are too many.
[[nodiscard]] std::uint16_t number_of(loop_body b);
[[nodiscard]] const loop_body& loop_body_of(std::size_t number);

}  // namespace sinter::inline v1::detail::graph
