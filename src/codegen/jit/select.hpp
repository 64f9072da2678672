#pragma once

#include "codegen/jit/program.hpp"

#include <sinter/detail/lookup.hpp>

#include <asmjit/x86.h>

#include <memory>
#include <utility>

namespace sinter::inline v1::detail::codegen::jit {

using id = std::uint16_t;
using inst = asmjit::x86::Inst::Id;

/// The kinds of fused multiply-add, in the order of the instructions in emitter.cpp.
enum class fma_kind : std::uint8_t { add, subtract, negate_add };

/// Appends steps to a program; the part of instruction selection that both instruction sets have in common.
class selector {
public:
    explicit selector(program& p) : p_{p} {}
    virtual ~selector() = default;
    selector(const selector&) = delete;
    selector& operator=(const selector&) = delete;

    /// The primitive `code` on operands of type t (for select: of its last two).
    [[nodiscard]] id operation(std::uint16_t code, dtype t, dtype result, id a, id b, id c);

    /// Masks in memory are bytes, 0 or 1.
    [[nodiscard]] virtual id mask_from_bytes(id bytes) = 0;
    [[nodiscard]] virtual id bytes_from_mask(id mask) = 0;
    [[nodiscard]] virtual id mask_constant(bool value) = 0;
    /// A mask as instructions on elements of this size take it.
    [[nodiscard]] virtual id mask_for(std::size_t, id mask) { return mask; }
    /// What a table of eight floats or doubles, a pattern or two, has at the low bits of the index.
    [[nodiscard]] virtual id lookup(std::size_t element, id index, const void* eight) = 0;
    /// No later step may take what an earlier one computed, unless it is told to.
    virtual void forget() {}

    /// A constant in registers that are as wide as those of elements of size `as` (0: of its own).
    [[nodiscard]] id constant(std::size_t element, std::uint64_t bits, std::size_t as = 0);
    id add(step s);
    /// A step without operands whose result has this type.
    [[nodiscard]] step leaf(form shape, level when, dtype t) const;
    /// A value that is set from outside.
    id given(dtype t);

    /// Elements at a fixed stride, by pieces of memory that are permuted. s: the load of the whole vector.
    [[nodiscard]] id strided_load(const step& s, int stride);
    /// Both parts of complex numbers next to each other. s: the load of the real parts.
    [[nodiscard]] std::pair<id, id> load_pair(const step& s);
    /// s: the store of the real parts, whose value is s.a.
    void store_pair(const step& s, id imag);
    /// The same of a store; false if there are no instructions for it.
    [[nodiscard]] bool strided_store(const step& s, int stride);

protected:
    [[nodiscard]] virtual id compare(int code, dtype t, id a, id b) = 0;
    [[nodiscard]] virtual id select(dtype t, id mask, id a, id b) = 0;
    [[nodiscard]] virtual id logic(int code, std::size_t element, id a, id b) = 0;
    [[nodiscard]] virtual id mask_logic(int code, id a, id b) = 0;
    [[nodiscard]] virtual id multiply(dtype t, id a, id b) = 0;
    [[nodiscard]] virtual id extreme(bool larger, dtype t, id a, id b) = 0;
    [[nodiscard]] virtual id absolute(dtype t, id a) = 0;
    [[nodiscard]] virtual id shift(bool left, dtype t, id a, id b) = 0;
    [[nodiscard]] virtual id convert(dtype from, dtype to, id a) = 0;
    /// Doubles from 0 to 2^64, or to 2^31 if they are few, cut to integers of 64 bits.
    [[nodiscard]] virtual id natural(id a, bool few) = 0;
    /// The low 64 bits of the product of integers, the first below 2^32.
    [[nodiscard]] virtual id multiply_few(id few, id b) = 0;
    [[nodiscard]] virtual inst rounding(dtype t) = 0;
    /// yes in the lanes where none of the bits of v is set, else no.
    [[nodiscard]] virtual id where_clear(std::size_t element, id v, std::uint64_t bits, id yes, id no) = 0;
    [[nodiscard]] virtual id assisted(int code, dtype t, id a, id b);  // here: none is known

    // Steps. `element` is the size of the result's elements.
    id unary(inst i, std::size_t element, id a);
    id unary_imm(inst i, std::size_t element, id a, int imm);
    id binary(inst i, std::size_t element, id a, id b);
    id binary_imm(inst i, std::size_t element, id a, id b, int imm);
    id permute(inst i, std::size_t element, id index, id values);  // of 32 or 64 bytes

    id add_of(std::size_t element, id a, id b);  // integers
    id subtract_of(std::size_t element, id a, id b);
    id shift_by(bool left, bool arithmetic, std::size_t element, id a, int count);  // element >= 2; no 8-byte arithmetic shift on AVX2

    // In select_integers.cpp.
    id byte_shift_by(bool left, bool arithmetic, id a, int count);
    id byte_shift(bool left, bool arithmetic, id a, id count);
    id word_shift(bool left, bool arithmetic, id a, id count);
    id shift_double_words(bool left, bool arithmetic, std::size_t element, id a, int count);
    id byte_multiply(id a, id b);
    id divide_narrow(dtype t, id a, id b);  // 8 and 16 bits, through float, exactly
    id divide_32(dtype t, id a, id b);      // through double, exactly
    id divide_64(dtype t, id a, id b);      // by the reciprocal, as a double, in two steps

    id widen(bool is_signed, std::size_t from, std::size_t to, id a);
    id and_of(std::size_t element, id a, id b);
    id or_of(std::size_t element, id a, id b);
    id xor_of(std::size_t element, id a, id b);
    id pattern(const std::array<std::uint8_t, 64>& bytes_of, std::uint8_t w);

    [[nodiscard]] const step& at(id s) const { return p_.steps[s]; }
    [[nodiscard]] bool is_constant(id s) const { return at(s).shape == form::constant; }
    [[nodiscard]] int lanes() const noexcept { return p_.lanes; }
    [[nodiscard]] std::uint8_t bytes(std::size_t element) const noexcept { return static_cast<std::uint8_t>(lanes() * static_cast<int>(element)); }
    [[nodiscard]] static constexpr std::uint8_t register_bytes(int used) noexcept { return used <= 16 ? 16 : used <= 32 ? 32 : 64; }
    [[nodiscard]] std::uint8_t width(std::size_t element) const noexcept { return register_bytes(bytes(element)); }

    program& p_;

private:
    id floating(int code, dtype t, id a, id b, id c);
    id integral(int code, dtype t, id a, id b, id c);
    id on_masks(int code, id a, id b, id c);
    static constexpr id none = 0xffff;
    /// A value with the same low half as one of 64 bits below 2^32; none if nothing tells that it is.
    [[nodiscard]] id low_half(id a) const;
    id product(dtype t, id a, id b);

    // Strided operands, in strided.cpp.
    using table = std::array<std::uint8_t, 64>;
    id load_piece(const step& s, int offset, int bytes);
    void store_piece(const step& s, id value, int offset, int bytes, std::uint64_t lanes);
    id shuffle(const step& s, id value, const table& index, int bytes);
    id of_two(const step& like, id a, id b, const table& index);  // these two in pairs.cpp
    id mixed(const step& like, inst i, id a, id b, int imm = -1);
    id load_by_tables(const step& s, int stride);
    id load_by_blends(const step& s, int stride);
    id load_by_bytes(const step& s, int stride);
    void store_by_tables(const step& s, int stride);
    void store_by_lanes(const step& s, int stride);
    void store_by_bytes(const step& s, int stride);
};

[[nodiscard]] std::unique_ptr<selector> make_avx512_selector(program& p);
[[nodiscard]] std::unique_ptr<selector> make_avx2_selector(program& p);

/// Picks by the size of an element: 1, 2, 4, 8.
[[nodiscard]] constexpr inst by_size(std::size_t element, inst b, inst w, inst d, inst q) noexcept {
    return element == 1 ? b : element == 2 ? w : element == 4 ? d : q;
}

/// All ones, as wide as an element.
[[nodiscard]] constexpr std::uint64_t ones(std::size_t element) noexcept { return ~std::uint64_t{0} >> (64 - 8 * element); }
[[nodiscard]] constexpr std::uint64_t sign_bit(std::size_t element) noexcept { return std::uint64_t{1} << (8 * element - 1); }

}  // namespace sinter::inline v1::detail::codegen::jit
