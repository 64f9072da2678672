#include "codegen/jit/emitter.hpp"

#include <bit>
#include <limits>

// Indices of extreme values: beside the accumulators of the values others with the number of the vector or row that each came from. An index is
// the same in any order of its elements, so the lanes are brought together by comparing: the better value, then the lower index.

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

[[nodiscard]] x86::Mem in_frame(std::size_t offset) { return x86::qword_ptr(x86::rdi, static_cast<std::int32_t>(offset)); }
[[nodiscard]] x86::Zmm zmm(int n) { return x86::zmm(static_cast<std::uint32_t>(n)); }

// Between blocks these registers, and k2 and k3, are free.
constexpr int best = 0, index = 1, other_best = 2, other_index = 3, scratch = 4;

}  // namespace

// In rows r11 counts up to zero from the end; down columns the rows are counted down.
void emitter::load_position(const step& s, int copy, int r) {
    if (column()) {
        const asmjit::Operand counter = rows_.isValid() ? asmjit::Operand(rows_) : asmjit::Operand(stack(rows_slot_, 8));
        put(I::kIdMov, x86::rax, counter);
    } else {
        put(I::kIdLea, x86::rax, x86::ptr(x86::r11, bias_ + copy * p_.lanes));
    }
    if (s.element == 4) {
        put(I::kIdVpbroadcastd, reg(r, s.width), x86::eax);
    } else {
        put(I::kIdVpbroadcastq, reg(r, s.width), x86::rax);
    }
}

// As if each lane had found its first element, which is as extreme as nothing at all.
void emitter::start_index(std::size_t r, int copies) {
    const fold& f = p_.folds[r];
    const bool wide = size_of(f.type) == 8;
    const int n = std::min<int>(copies, static_cast<int>(accumulators_[r].size()));
    put(I::kIdMov, x86::rax, in_frame(column() ? offsetof(frame, rows) : offsetof(frame, n)));
    if (!column()) put(I::kIdNeg, x86::rax);
    for (int copy = 0; copy < n; ++copy) {
        const int to = accumulator_register(r, copy), target = to >= 0 ? to : 0;
        if (copy > 0 && !column()) put(I::kIdAdd, x86::rax, Imm(p_.lanes));
        put(wide ? I::kIdVpbroadcastq : I::kIdVpbroadcastd, zmm(target), wide ? asmjit::Operand(x86::rax) : asmjit::Operand(x86::eax));
        if (to < 0) spill_to(accumulator_slot(r, copy), target, p_.vector_bytes);
    }
}

// Floating-point numbers as integers of the same order: both zeros are one, NaN is beyond all others.
void emitter::order_as_integers(const fold& extreme, bool least, int r) {
    if (!is_floating(extreme.type)) return;
    const bool wide = size_of(extreme.type) == 8;
    put(I::kIdVpxord, zmm(scratch), zmm(scratch), zmm(scratch));
    put(wide ? I::kIdVaddpd : I::kIdVaddps, zmm(r), zmm(r), zmm(scratch));
    constexpr int unordered = 3;
    put(wide ? I::kIdVcmppd : I::kIdVcmpps, x86::k2, zmm(r), zmm(r), Imm(unordered));
    put(wide ? I::kIdVpsraq : I::kIdVpsrad, zmm(scratch), zmm(r), Imm(wide ? 63 : 31));
    put(wide ? I::kIdVpsrlq : I::kIdVpsrld, zmm(scratch), zmm(scratch), Imm(1));
    put(I::kIdVpxord, zmm(r), zmm(r), zmm(scratch));
    const std::uint64_t last = wide ? (least ? std::uint64_t{1} << 63U : ~(std::uint64_t{1} << 63U)) : (least ? 0x80000000U : 0x7fffffffU);
    put_masked(2, false, wide ? I::kIdVpbroadcastq : I::kIdVpbroadcastd, zmm(r), constant_scalar(last, wide ? 8 : 4));
}

void emitter::take_better(const fold& extreme, bool least) {
    const bool wide = size_of(extreme.type) == 8;
    const inst compare = is_unsigned_integer(extreme.type) ? (wide ? I::kIdVpcmpuq : I::kIdVpcmpud) : (wide ? I::kIdVpcmpq : I::kIdVpcmpd);
    constexpr int equal = 0, less = 1, greater = 6;
    put(compare, x86::k2, zmm(other_best), zmm(best), Imm(least ? less : greater));
    put(compare, x86::k3, zmm(other_best), zmm(best), Imm(equal));
    put_masked(3, false, wide ? I::kIdVpcmpq : I::kIdVpcmpd, x86::k3, zmm(other_index), zmm(index), Imm(less));
    put(I::kIdKorw, x86::k2, x86::k2, x86::k3);
    for (const int r : {best, index}) put_masked(2, false, wide ? I::kIdVmovdqa64 : I::kIdVmovdqa32, zmm(r), zmm(r + other_best));
}

void emitter::store_row_index(std::size_t r) {
    const fold& f = p_.folds[r];
    const std::size_t hidden = f.extreme - 1U;
    const fold& extreme = p_.folds[hidden];
    const bool wide = size_of(f.type) == 8;
    std::array<std::uint8_t, 64> lanes{};
    for (int n = 0; n < p_.lanes; ++n) lanes[static_cast<std::size_t>(n * (wide ? 8 : 4))] = static_cast<std::uint8_t>(n);
    first_copy_ = 0;
    const auto fetch = [&](std::size_t fold_number, int copy, int into) {
        const int at = accumulator_register(fold_number, copy);
        if (at >= 0) {
            move(into, at, p_.vector_bytes);
        } else {
            fill_from(into, accumulator_slot(fold_number, copy), p_.vector_bytes);
        }
    };
    for (int copy = 0; copy < f.vectors; ++copy) {
        const int value_into = copy == 0 ? best : other_best, index_into = copy == 0 ? index : other_index;
        fetch(hidden, copy, value_into);
        fetch(r, copy, index_into);
        put(wide ? I::kIdVpaddq : I::kIdVpaddd, zmm(index_into), zmm(index_into), constant_vector(lanes));
        order_as_integers(extreme, f.least, value_into);
        if (copy > 0) take_better(extreme, f.least);
    }
    for (int half = p_.lanes / 2; half > 0; half /= 2) {
        const inst rotate = wide ? I::kIdValignq : I::kIdValignd;
        put(rotate, zmm(other_best), zmm(best), zmm(best), Imm(half));
        put(rotate, zmm(other_index), zmm(index), zmm(index), Imm(half));
        take_better(extreme, f.least);
    }
    if (wide) {
        put(I::kIdVmovq, x86::rax, x86::xmm(index));
    } else {
        put(I::kIdVmovd, x86::eax, x86::xmm(index));
        put(I::kIdMovsxd, x86::rax, x86::eax);
    }
    put(I::kIdAdd, x86::rax, in_frame(offsetof(frame, n)));
    if (const index_t step = k_.reductions[r].step; step != 1) {
        put(I::kIdMov, x86::rdx, Imm(step));
        put(I::kIdImul, x86::rax, x86::rdx);
    }
    put(I::kIdMov, x86::Mem(pointer(operand_of_reduction(r)), 0, 8), x86::rax);
}

void emitter::store_column_indices(std::size_t r, int copies, bool tail) {
    const fold& f = p_.folds[r];
    const bool wide = size_of(f.type) == 8;
    const index_t step = k_.reductions[r].step;
    first_copy_ = 0;
    put(I::kIdMov, x86::rdx, in_frame(offsetof(frame, pointers)));
    put(I::kIdMov, x86::rdx, x86::Mem(x86::rdx, static_cast<std::int32_t>(8 * operand_of_reduction(r)), 8));
    for (int copy = 0; copy < copies; ++copy) {
        int from = accumulator_register(r, copy);
        if (from < 0) {
            from = scratch;
            fill_from(from, accumulator_slot(r, copy), p_.vector_bytes);
        }
        x86::Mem rows = in_frame(offsetof(frame, rows));
        rows.setSize(wide ? 8 : 4);
        put(wide ? I::kIdVpbroadcastq : I::kIdVpbroadcastd, zmm(0), rows);
        put(wide ? I::kIdVpsubq : I::kIdVpsubd, zmm(0), zmm(0), zmm(from));
        const int halves = wide ? 1 : 2;
        if (!wide) {
            put(I::kIdVextracti64x4, x86::ymm(1), zmm(0), Imm(1));
            put(I::kIdVpmovsxdq, zmm(0), x86::ymm(0));
            put(I::kIdVpmovsxdq, zmm(1), x86::ymm(1));
        }
        for (int half = 0; half < halves; ++half) {
            if (step != 1) {
                put(I::kIdVpbroadcastq, zmm(2), constant_scalar(static_cast<std::uint64_t>(step), 8));
                put(I::kIdVpmullq, zmm(half), zmm(half), zmm(2));
            }
            const x86::Mem to(x86::rdx, x86::r11, 3, (copy * p_.lanes + 8 * half) * 8);
            if (!tail) {
                put(I::kIdVmovups, to, zmm(half));
                continue;
            }
            if (half > 0) put(I::kIdKshiftrw, x86::k2, x86::k1, Imm(8));
            put_masked(half > 0 ? 2 : 1, false, I::kIdVmovdqu64, to, zmm(half));
        }
    }
}

}  // namespace sinter::inline v1::detail::codegen::jit
