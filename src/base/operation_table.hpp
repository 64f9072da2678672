#pragma once

#include <sinter/detail/operation.hpp>
#include <sinter/settings.hpp>

#include <cstdint>
#include <span>

namespace sinter::inline v1::detail::base {

/// The parts of an operation's struct that do not depend on types, as data.
struct operation_info {
    const char* name = nullptr;  // null: no operation has this code
    std::uint8_t arity = 0;
    type_rule rule = type_rule::same;
    bool primitive = false;
    bool assisted = false;
    bool commutative = false;
    bool divides = false;
    double ulp = 0, ulp_double = 0;
    bool looser = false;         // stands for another one under precision::fast
    std::uint16_t fast = 0;      // the code of the one that stands for it then: its own if none does
    // The identity of a reduction in an element type, as to_bits makes it; null if it has none.
    std::uint64_t (*identity)(dtype) = nullptr;
    // What it does to one vector, counted from its body, where assisted operations are instructions and where they are not.
    op_cost (*cost)(dtype operand, bool assistance) = nullptr;
    // The operation on numbers, for folding: types of the first operands (last one for select) and of the result.
    std::uint64_t (*fold)(dtype operand, dtype result, const std::uint64_t* args) = nullptr;
};

/// Codes run from 0 up to this; some may be unused.
inline constexpr int operation_codes = 128;

/// Whether an operation's struct has this code.
template <int Code>
concept is_operation = requires {
    typename operation_at<Code>::type;
};

/// Whether a rule allows operands of type T. Of bool only logic, comparisons, select and conversion have a meaning, of floats of 16 bits only conversion.
[[nodiscard]] constexpr bool rule_allows(type_rule rule, dtype t) noexcept {
    if (is_half(t)) return rule == type_rule::convert;
    switch (rule) {
        case type_rule::same: return t != dtype::boolean;
        case type_rule::floating: return is_floating(t);
        case type_rule::integral: return !is_floating(t);
        case type_rule::integer: return is_integer(t);
        default: return true;
    }
}

/// Every operation, by code; derived from the structs. operation_of also knows the codes of reductions by functions of the user.
[[nodiscard]] std::span<const operation_info> operations() noexcept;
[[nodiscard]] const operation_info& operation_of(std::uint16_t code) noexcept;

/// The operation that does what `code` asks for.
[[nodiscard]] inline std::uint16_t code_under(precision bounds, std::uint16_t code) noexcept {
    return bounds == precision::fast ? operation_of(code).fast : code;
}

[[nodiscard]] inline bool is_operation_code(std::uint16_t code) noexcept { return code < operation_codes && operation_of(code).name != nullptr; }

}  // namespace sinter::inline v1::detail::base
