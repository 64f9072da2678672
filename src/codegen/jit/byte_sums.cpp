#include "codegen/jit/emitter.hpp"

#include <algorithm>
#include <bit>

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

constexpr int vectors_in_turn = 4;

}  // namespace

// Bytes are added in eights, the sums of which are what the accumulators have. On entry and afterwards the index is ahead by a turn of the loop that takes what is left.
void emitter::sum_bytes(int turn) {
    const byte_sum what = bytes_summed_by(k_);
    const int ahead = vectors_in_turn * p_.vector_bytes;
    // Registers that nothing has between blocks.
    std::array<int, 4> free{};
    std::uint64_t left = vectors_ & ~fixed_;
    bool room = what != byte_sum::none && ahead > turn && std::popcount(left) >= static_cast<int>(free.size());
    for (int copy = 0; copy < std::min(vectors_in_turn, unroll_); ++copy) room = room && accumulator_register(0, copy) >= 0;
    if (!room || unroll_ < vectors_in_turn) return;
    for (int& r : free) {
        r = std::countr_zero(left);
        left &= left - 1;
    }
    const int width = p_.vector_bytes;
    const asmjit::Operand zero = reg(free[0], width), changed = reg(free[1], width), surplus = reg(free[2], width), v = reg(free[3], width);
    const auto all = [](std::uint64_t element, int bytes) {
        std::array<std::uint8_t, 64> vector{};
        for (std::size_t b = 0; b < vector.size(); ++b) vector[b] = static_cast<std::uint8_t>(element >> (8 * (b % static_cast<std::size_t>(bytes))));
        return vector;
    };
    const asmjit::Label main = as_.newLabel(), rest = as_.newLabel();
    put(I::kIdAdd, x86::r11, Imm(ahead - turn));
    put(I::kIdJg, rest);
    put(p_.avx512 ? I::kIdVpxord : I::kIdVpxor, zero, zero, zero);
    if (what == byte_sum::of_conditions) put(I::kIdVmovups, changed, constant_vector(all(1, 1)));
    if (what == byte_sum::of_signed) {
        put(I::kIdVmovups, changed, constant_vector(all(0x80, 1)));
        put(I::kIdVmovups, surplus, constant_vector(all(8 * 0x80, 8)));
    }
    loop_head(64, main);
    for (int n = 0; n < vectors_in_turn; ++n) {
        const asmjit::Operand sum = reg(accumulator_register(0, n), width);
        const x86::Mem m(pointer(0), x86::r11, 0, n * width - ahead);
        if (k_.asks_ahead > 0) {
            x86::Mem line = m;
            line.addOffset(k_.asks_ahead);
            if (width == 64 || n % 2 == 0) put(I::kIdPrefetcht0, line);
        }
        if (what == byte_sum::of_unsigned) {
            put(I::kIdVpsadbw, v, zero, m);
        } else {
            // Any byte but 0 is true; signed bytes are counted from the least one.
            put(what == byte_sum::of_conditions ? I::kIdVpminub : p_.avx512 ? I::kIdVpxord : I::kIdVpxor, v, changed, m);
            put(I::kIdVpsadbw, v, v, zero);
        }
        put(I::kIdVpaddq, sum, sum, v);
        if (what == byte_sum::of_signed) put(I::kIdVpsubq, sum, sum, surplus);
    }
    put(I::kIdAdd, x86::r11, Imm(ahead));
    put(I::kIdJle, main);
    as_.bind(rest);
    put(I::kIdSub, x86::r11, Imm(ahead - turn));
}

}  // namespace sinter::inline v1::detail::codegen::jit
