#pragma once

#include <sinter/detail/types.hpp>

#include <atomic>

namespace sinter::inline v1::detail {

/// Where an operand of a tape's instruction comes from: the upper two bits say which list, the rest which place in it.
using tape_ref = std::uint16_t;
inline constexpr tape_ref ref_instruction = 0x0000;
inline constexpr tape_ref ref_array = 0x4000;
inline constexpr tape_ref ref_scalar = 0x8000;
inline constexpr tape_ref ref_constant = 0xc000;
inline constexpr tape_ref ref_kind = 0xc000;
inline constexpr tape_ref ref_index = 0x3fff;

// The codes of instructions that are no operations, but parts of a loop in a function: a state within the loop's body, a list (a value and the rest of
// the list, or the last value), a loop (lists of the values that its states begin with and of what else its body uses, and its limit), and what a state
// of a loop is at its end.
inline constexpr std::uint16_t code_loop_state = 124, code_list = 125, code_loop = 126, code_loop_part = 127;

// Nor are these: the two parts of a complex number, and the complex number that has two parts. Kernels never have them: they load and store parts.
inline constexpr std::uint16_t code_real = 121, code_imag = 122, code_complex = 123;

/// One operation of a statement.
struct tape_instruction {
    std::uint16_t code = 0;
    dtype type = dtype::f32;      // of the result
    std::uint8_t contracted = 0;  // an fma that the statement spells as a product and a sum; undone under precision::strict
    tape_ref a = 0, b = 0, c = 0;
    std::uint16_t number = 0;     // of a loop: its body; of a part of one: the state
    bool operator==(const tape_instruction&) const = default;
};

struct tape;

/// One of several statements that are recorded as one: a tape, over the values of the first or what earlier steps gave.
struct composed_step {
    static constexpr int most_operands = 4;

    const tape* program = nullptr;
    bool reduces = false;    // the tape's value is reduced over the node's axes
    std::uint16_t code = 0;  // by this operation
    std::uint8_t operands[most_operands] = {};  // of the tape: 0 is the values, k what step k - 1 gave
    std::uint8_t scalars[most_operands] = {};   // of the tape: numbers of the node
};

/// What a function of a whole array does with its values, such as a variance; the last step is its result. Steps on values see what was reduced with the axes kept.
struct composition {
    // The node's numbers, of the type that is computed with.
    static constexpr std::uint8_t count = 0, divisor = 1, zero = 2, n_scalars = 3;

    const composed_step* steps = nullptr;
    std::uint8_t n_steps = 0;
    dtype computed = dtype::f32;
};

/// The operations of one statement, in order. Lives in the program (or in the store of recorded functions); equal contents
/// mean the same statement, whatever object it lives in. The hint and the number belong to the library.
struct tape {
    const tape_instruction* code = nullptr;
    const dtype* array_types = nullptr;
    const dtype* scalar_types = nullptr;
    const std::uint64_t* constants = nullptr;
    const dtype* constant_types = nullptr;
    std::uint16_t n_code = 0;
    std::uint16_t n_arrays = 0;
    std::uint16_t n_scalars = 0;
    std::uint16_t n_constants = 0;
    tape_ref result = 0;
    dtype type = dtype::f32;  // of the result
    const composition* then = nullptr;  // what is made of the tape's value, if it is not a statement by itself
    mutable std::atomic<const void*> hint{nullptr};
    mutable std::atomic<std::uint64_t> number{0};
};

}  // namespace sinter::inline v1::detail
