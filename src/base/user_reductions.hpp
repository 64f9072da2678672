#pragma once

#include "base/operation_table.hpp"

#include <sinter/detail/tape.hpp>

#include <memory>

namespace sinter::inline v1::detail::base {

/// Codes of reductions by functions of the user are from here up to the bit that asks for an index.
inline constexpr std::uint16_t first_user_code = 0x4000, past_user_code = 0x8000;

[[nodiscard]] constexpr bool is_user_code(std::uint16_t code) noexcept { return code >= first_user_code && code < past_user_code; }

/// A function of two elements that reduces, as a tape of two arrays and constants.
struct user_reduction {
    const tape* body = nullptr;
    std::uint64_t identity = 0;  // as to_bits makes it, of the tape's type
    bool contract = true;        // whether its products and sums stay contracted
    operation_info info;         // for whoever looks it up like an operation
};

/// Safe from any thread; entries stay where they are for good.
[[nodiscard]] const user_reduction& user_reduction_of(std::uint16_t code) noexcept;

/// The code of an equal function, or a new one, which `keep` then makes a lasting tape for. Throws value_error when there are too many.
[[nodiscard]] std::uint16_t code_of_user_reduction(const tape& body, std::uint64_t identity, bool contract, const tape* (*keep)(const tape&));

/// The identity of a reduction in an element type.
[[nodiscard]] std::uint64_t identity_of(std::uint16_t code, dtype t) noexcept;

}  // namespace sinter::inline v1::detail::base
