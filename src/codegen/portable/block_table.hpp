#pragma once

#include "codegen/operation_table.hpp"

#include <sinter/detail/reduction_order.hpp>

#include <utility>

namespace sinter::inline v1::detail::codegen::portable {

/// Block functions compute whole groups of this many elements: what they read and write must be as long.
inline constexpr std::size_t group = 64;

/// The operands of a block function, and how many elements it computes.
struct block_args {
    std::byte* out = nullptr;
    const std::byte* in[3] = {};
    std::size_t advance[3] = {1, 1, 1};  // 0: the first group stands for the whole block
    std::size_t n = 0;
};

/// Computes out[0, n), n rounded up to a group, from operands that are contiguous. out may be an operand with elements as wide.
/// Bools are bytes, 0 or 1.
using block_function = void (*)(const block_args&) noexcept;

/// Combines exactly n values, in order, into the lanes of a row reduction, value i into lane i mod the number of lanes.
using fold_function = void (*)(std::byte* lanes, const std::byte* values, std::size_t n) noexcept;

/// The same of the products of two factors, each added by an fma.
using product_function = void (*)(std::byte* lanes, const std::byte* values, const std::byte* factors, std::size_t n) noexcept;

/// Lanes of a row reduction.
[[nodiscard]] constexpr std::size_t fold_lanes(dtype t) noexcept { return static_cast<std::size_t>(reduction_order::row_lanes(size_of(t))); }

/// The block functions of one instruction set; null where the operation has no meaning for the type.
struct block_table {
    // Past the highest code of an operation.
    static constexpr std::size_t codes = []<std::size_t... I>(std::index_sequence<I...>) {
        std::size_t past = 0;
        ((past = is_operation<static_cast<int>(I)> ? I + 1 : past), ...);
        return past;
    }(std::make_index_sequence<operation_codes>{});

    block_function operation[codes][dtype_count] = {};      // by the type of the last operand
    block_function convert[dtype_count][dtype_count] = {};  // from, to; of a type to itself: copies
    fold_function fold[codes][dtype_count] = {};
    product_function fold_products[dtype_count] = {};  // of floats
};

/// For any x86-64; for AVX2 with FMA.
[[nodiscard]] const block_table& blocks_sse2() noexcept;
[[nodiscard]] const block_table& blocks_avx2() noexcept;

}  // namespace sinter::inline v1::detail::codegen::portable
