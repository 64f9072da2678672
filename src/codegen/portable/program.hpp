#pragma once

#include "codegen/kernel.hpp"
#include "codegen/portable/block_table.hpp"
#include "codegen/portable/scan.hpp"

namespace sinter::inline v1::detail::codegen::portable {

/// One thing to do. Values live in places: of one group when they are the same along the row, else of one block.
struct step {
    enum class action : std::uint8_t {
        param,    // fill a group with parameter `index`
        element,  // fill a group with the row's element of input `index`
        load,     // a block of input `index`; may let the place be the input itself
        gather,   // a block of input `index` where the place in[0] says; a group of one element where its index is the same along the row and so is the input
        start,    // true for each element of the block, false past them
        compute,  // a block function
    };
    action what = action::compute;
    std::uint8_t size = 0;  // bytes of an element of the result
    std::uint16_t index = 0;
    std::uint16_t out = 0;  // places
    std::uint16_t in[3] = {};
    std::uint8_t advance[3] = {1, 1, 1};
    bool over = false;  // in the place of an operand
    bool wide = false;  // gather: indices of 64 bits
    int direct = -1;  // the output that a whole block may be computed into
    block_function function = nullptr;
};

/// A value of the kernel that leaves it: an output, or what a reduction combines.
struct result {
    std::uint16_t place = 0;
    std::uint8_t size = 0;
    int direct = -1;                   // the step that may have stored it already
    block_function combine = nullptr;  // of reductions
    fold_function fold = nullptr;
    // Where products are added: the place of the other factor, and what adds products to lanes and to columns.
    std::uint16_t factor = 0;
    product_function fold_products = nullptr;
    block_function add_products = nullptr;
    executable_ptr function;        // instead of the two, where the user's function combines
    scan_functions scan;            // of outputs that are accumulated
    std::size_t before = 0, accumulated = 0;  // and where in scratch memory: what came before; the results of a block
    std::uint64_t nothing = 0;      // what combines with a value to the value itself
};

/// How far the search for an index has come in a row.
struct index_state {
    bool known = false;  // there is an extreme value
    std::int64_t index = 0;
};

/// What a reduction needs that gives the index of an extreme value. Its extreme values are accumulated as an ordinary reduction's are, or together with those of one
/// that reduces the same.
struct index_search {
    static constexpr std::uint16_t no_start = 0xffff;

    std::uint16_t reduction = 0;  // its number
    std::uint16_t extremes = 0;   // the reduction whose accumulators are looked at
    std::uint16_t start = no_start;  // the place of the indices to begin at
    dtype type = dtype::f32;
    bool least = false;
    index_t step = 1;
    block_function equal = nullptr, not_equal = nullptr;                    // of the type
    block_function both = nullptr, choose = nullptr, add = nullptr;         // of bool; of i64
    std::size_t state = 0, splat = 0, lanes = 0, found = 0, known = 0, extreme = 0, index = 0, moved = 0;  // in scratch memory
};

/// The turns of a kernel's loop: run on a block while any of its elements goes on.
struct turns {
    std::vector<step> steps;      // those up to `test` say which elements go on
    std::size_t test = 0;
    std::uint16_t active = 0;     // the place that has them
    std::uint16_t limit_param = iteration::no_param;
    std::int64_t limit = 0;
};

/// What to run once, for each row, and for each block; and where the places are in the scratch memory.
struct program {
    static constexpr std::size_t nowhere = ~std::size_t{0};

    std::vector<step> once, each_row, each_block;
    turns loop;               // after each_block, if it has steps,
    std::vector<step> after;  // and these after it
    std::vector<std::size_t> offsets;         // of each place in scratch memory; nowhere: a constant
    std::vector<const std::byte*> constants;  // of each place, or null
    std::vector<result> outputs, reductions;
    std::vector<index_search> searches;
    std::vector<std::byte> pool;       // a group of each constant
    std::size_t block = 0;             // elements, whole groups
    std::size_t slot_bytes = 0;        // a block and a group more of the widest type
    std::size_t reduction_offset = 0;  // slots for the reductions
    std::size_t scratch_bytes = 0;     // places, slots, reductions
    bool decided_early = false;        // by a value of a row
};

/// `batched`: several rows make one block, so that what differs from row to row differs within a block.
/// Throws internal_error if the table has no function for an instruction.
[[nodiscard]] program make_program(const kernel& k, const block_table& table, bool batched);

}  // namespace sinter::inline v1::detail::codegen::portable
