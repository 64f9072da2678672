#pragma once

#include "codegen/kernel.hpp"

#include <array>

namespace sinter::inline v1::detail::codegen::jit {

/// How a step is written: which operands it has and what else its instruction takes.
enum class form : std::uint8_t {
    constant,      // bits, repeated in every lane
    pattern,       // a constant with different lanes: bits is its number
    bit_pattern,   // a constant of a mask register: bits
    param,         // a: number
    load,          // a: input; all of a vector or a piece of memory
    position,      // of the first vector that goes to the same accumulators: the number of its first element from the end of the row, or the rows that are left
    given,         // its register is set from outside: an accumulator, or an operand of a reduction's tree
    unary,         // inst result, a
    unary_imm,     // inst result, a, imm
    binary,        // inst result, a, b
    binary_imm,    // inst result, a, b, imm
    insert,        // the same, but only b has the width `view`
    fma,           // a * b + c in one of three orders; inst: which kind
    ternary,       // any function of the bits of a, b and c; imm is its table; inst overwrites one operand
    blend,         // inst result {a}, b, c
    zero_masked,   // inst result {a}{z}, b
    blend_vector,  // inst result, b, c, a
    compare_some,  // inst result {a}, b, c, imm: false where a is
    permute,       // inst a, b, c; the result takes the place of a
    rare,          // b, but where a is what region imm makes of b and c
    masked,        // inst result {a}, b, c over what the carried value or accumulator `into` was
    carry,         // a to the carried value `into`
    gather,        // the element of input imm at so many steps as a says, or as its first lane says where that is the same along a row
    store,         // value a to output imm; all of a vector or a piece of memory
    store_masked,  // the same, the lanes of mask b to a piece of memory
};

/// How often a step has to run.
enum class level : std::uint8_t { never, call, row, element };

/// About one machine instruction on one vector.
struct step {
    form shape = form::constant;
    level when = level::never;
    std::uint32_t inst = 0;
    std::uint8_t bytes = 0;      // of the result that matter: lanes times element
    std::uint8_t element = 0;    // bytes of one element of the result
    std::uint8_t width = 0;      // bytes of the result's register; 0: a mask register
    std::uint8_t view = 0;       // the same of the operands'
    std::uint8_t memory = 0;     // bytes that the last operand would read from memory; 0: it must be a register
    std::uint8_t broadcast = 0;  // bytes of one element, where the last operand may be one element in memory
    std::uint8_t imm = 0;
    bool dead = false;      // another step does it as well
    bool numbers = false;   // only for the lanes without NaN, which nothing asks about after a tail
    std::uint8_t into = 0;  // 1 + the reduction whose accumulator, or the carried value of a loop, this is written to
    std::uint16_t a = 0, b = 0, c = 0;
    std::uint16_t piece = 0;  // load, store: 1 + the number of a piece of a strided operand, or 0
    std::uint64_t bits = 0;
};

[[nodiscard]] constexpr bool stores(const step& s) noexcept { return s.shape == form::store || s.shape == form::store_masked; }

[[nodiscard]] constexpr int operands_of(form f) noexcept {
    switch (f) {
        case form::unary:
        case form::unary_imm:
        case form::carry:
        case form::gather:
        case form::store: return 1;
        case form::binary:
        case form::binary_imm:
        case form::insert:
        case form::zero_masked:
        case form::store_masked: return 2;
        case form::fma:
        case form::ternary:
        case form::blend:
        case form::permute:
        case form::rare:
        case form::masked:
        case form::compare_some:
        case form::blend_vector: return 3;
        default: return 0;
    }
}

/// A reduction: its step in the loop stands among the others; the step that combines two accumulators stands by itself.
struct fold {
    std::uint16_t accumulator = 0;  // the given step in the loop
    std::uint16_t identity = 0;
    std::uint16_t left = 0, right = 0;             // the given steps of the tree
    std::uint16_t begin = 0, end = 0;              // the tree's steps; the last one has `into`
    std::uint16_t mask = 0, bytes = 0;             // of bool: a given step and what it becomes in memory,
    std::uint16_t bytes_begin = 0, bytes_end = 0;  // by these steps
    int vectors = 1;                               // accumulators of one row
    std::uint16_t extreme = 0;  // of an index: 1 + the fold that has the values: the kernel's own, or one that stands behind those
    bool least = false;         // it is the minimum's
    bool hidden = false;        // its result is nobody's
    dtype type = dtype::f32;
};

/// A body that runs when some lane needs it. Its steps stand by themselves, after the loop's.
struct rare_steps {
    static constexpr std::uint16_t unread = 0xffff;
    std::uint16_t otherwise = unread, x = unread;  // the given steps
    std::uint16_t begin = 0, end = 0;
    std::uint16_t result = 0;
};

/// Neighbouring bytes of a strided operand that are loaded or stored by one instruction.
struct piece {
    int offset = 0;  // elements from the one of the first lane
    int bytes = 0;
};

/// What lives from one turn of a kernel's loop to the next: which elements go on (the first one), the states, and what the body or what comes after it uses of the
/// steps before the loop.
struct carried {
    static constexpr std::uint16_t none = 0xffff;

    std::uint16_t within = none;  // the step that stands for it in the body: a given one, or one from before the loop
    std::uint16_t after = none;   // the same after the loop
    bool state = false;           // what changes
};

/// The loop of a kernel: orders of steps before it, of its body, and after it. All other steps are run once a call or once a row.
struct turns {
    std::vector<std::uint16_t> before, body, after;
    std::vector<carried> carries;
    std::uint16_t limit_param = iteration::no_param;
    std::int64_t limit = 0;
};

/// What a kernel becomes: steps on one vector of each value.
struct program {
    kernel_kind kind = kernel_kind::map;
    int lanes = 0;
    int vector_bytes = 0;
    bool avx512 = false;
    bool byte_permutes = false;  // AVX512_VBMI is there
    bool masked_numbers = false;  // a hidden fold has the lanes that have had no NaN, in mask registers
    bool keeps_masks = false;     // that one, or its only fold, has as many mask registers as stay
    int widest = 1;  // bytes of the widest type
    std::vector<step> steps;
    std::uint16_t loop_end = 0;  // past the steps of the loop
    std::vector<std::array<std::uint8_t, 64>> patterns;
    std::vector<piece> pieces;
    std::vector<fold> folds;
    std::vector<rare_steps> rare;
    turns loop;

    [[nodiscard]] bool loops() const noexcept { return !loop.body.empty(); }
};

/// Thrown while a program is made: the reason for declining the kernel.
struct declined {
    std::string reason;
};

/// Selects instructions for an expanded kernel. byte_permutes: whether AVX512_VBMI may be used.
[[nodiscard]] program make_program(const kernel& k, bool avx512, bool byte_permutes);

}  // namespace sinter::inline v1::detail::codegen::jit
