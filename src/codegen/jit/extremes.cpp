#include "codegen/jit/emitter.hpp"

#include <algorithm>
#include <bit>
#include <limits>

// Indices of extreme values: beside the accumulators of the values others with the number of the vector or row that each came from. An index is
// the same in any order of its elements.

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

[[nodiscard]] x86::Mem in_frame(std::size_t offset) { return x86::qword_ptr(x86::rdi, static_cast<std::int32_t>(offset)); }
[[nodiscard]] x86::Zmm zmm(int n) { return x86::zmm(static_cast<std::uint32_t>(n)); }

// Between blocks these registers, and k2 and k3, are free.
constexpr int best = 0, index = 1, other = 2, scratch = 3;

/// The better of two values; of NaN it does not matter what.
[[nodiscard]] inst better_of(dtype t, bool least) noexcept {
    const bool wide = size_of(t) == 8;
    if (is_floating(t)) return least ? (wide ? I::kIdVminpd : I::kIdVminps) : wide ? I::kIdVmaxpd : I::kIdVmaxps;
    if (is_unsigned_integer(t)) return least ? (wide ? I::kIdVpminuq : I::kIdVpminud) : wide ? I::kIdVpmaxuq : I::kIdVpmaxud;
    return least ? (wide ? I::kIdVpminsq : I::kIdVpminsd) : wide ? I::kIdVpmaxsq : I::kIdVpmaxsd;
}

}  // namespace

// All indices of a kernel have elements of one size.
int emitter::vectors_of_index() const {
    return std::find_if(p_.folds.begin(), p_.folds.end(), [](const fold& f) { return f.extreme != 0; })->vectors;
}

// In rows r11 counts up to zero from the end; down columns the rows are counted down.
void emitter::load_position(const step& s, int copy, int r) {
    if (column()) {
        const asmjit::Operand counter = rows_.isValid() ? asmjit::Operand(rows_) : asmjit::Operand(stack(rows_slot_, 8));
        put(I::kIdMov, x86::rax, counter);
    } else {
        put(I::kIdLea, x86::rax, x86::ptr(x86::r11, bias_ + (copy - (copy + first_copy_) % vectors_of_index()) * p_.lanes));
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
        put(wide ? I::kIdVpbroadcastq : I::kIdVpbroadcastd, zmm(target), wide ? asmjit::Operand(x86::rax) : asmjit::Operand(x86::eax));
        if (to < 0) spill_to(accumulator_slot(r, copy), target, p_.vector_bytes);
    }
}

// A better value over the accumulator, but where that is NaN.
void emitter::run_kept(const item& it, const step& s, const value* v) {
    const std::size_t reduction = s.into - 1U;
    int mask = use(v[0]), both = -1;
    const int known = use(v[1]);
    const asmjit::Operand c = folds(v[2], s, v, 3) ? asmjit::Operand(folded(v[2], s)) : reg(use(v[2]), s.view);
    if (tail_) {
        both = allocate(true);
        put(I::kIdKandq, reg(both, 0), reg(mask, 0), x86::k1);
        mask = both;
    }
    put_masked(mask - mask_base, false, s.inst, reg(known, s.width), reg(known, s.width), c);
    if (accumulator_register(reduction, it.copy) < 0) spill_to(accumulator_slot(reduction, it.copy), known, s.width);
    if (both >= 0) free_ |= std::uint64_t{1} << both;
    release_dying(v, 3);
}

// The extreme of all lanes, then the lowest index of a lane that has it; or of one that has NaN.
void emitter::store_row_index(std::size_t r) {
    constexpr int equal = 0, unordered = 3;
    const fold& f = p_.folds[r];
    const std::size_t hidden = f.extreme - 1U;
    const dtype t = p_.folds[hidden].type;
    const bool wide = size_of(t) == 8, floats = is_floating(t);
    const inst compare = floats ? (wide ? I::kIdVcmppd : I::kIdVcmpps) : wide ? I::kIdVpcmpq : I::kIdVpcmpd;
    first_copy_ = 0;
    const auto accumulator = [&](std::size_t fold_number, int copy, int otherwise) {
        const int at = accumulator_register(fold_number, copy);
        if (at < 0) fill_from(otherwise, accumulator_slot(fold_number, copy), p_.vector_bytes);
        return zmm(at < 0 ? otherwise : at);
    };
    const auto over_lanes = [&](inst better, int of) {
        for (int half = p_.lanes / 2; half > 0; half /= 2) {
            put(wide ? I::kIdValignq : I::kIdValignd, zmm(other), zmm(of), zmm(of), Imm(half));
            put(better, zmm(of), zmm(of), zmm(other));
        }
    };
    const auto lowest_where = [&](auto is_there) {
        put(I::kIdVpternlogd, zmm(index), zmm(index), zmm(index), Imm(0xff));
        put(wide ? I::kIdVpsrlq : I::kIdVpsrld, zmm(index), zmm(index), Imm(1));
        for (int copy = 0; copy < f.vectors; ++copy) {
            std::array<std::uint8_t, 64> numbers{};
            for (int n = 0; n < p_.lanes; ++n) numbers[static_cast<std::size_t>(n * (wide ? 8 : 4))] = static_cast<std::uint8_t>(copy * p_.lanes + n);
            is_there(accumulator(hidden, copy, scratch));
            put(wide ? I::kIdVpaddq : I::kIdVpaddd, zmm(other), accumulator(r, copy, other), constant_vector(numbers));
            put_masked(2, false, wide ? I::kIdVpminsq : I::kIdVpminsd, zmm(index), zmm(index), zmm(other));
        }
    };

    const asmjit::Label with_nan = as_.newLabel(), found = as_.newLabel();
    if (floats) {
        for (int copy = 0; copy < f.vectors; copy += 2) {
            put(compare, copy == 0 ? x86::k2 : x86::k3, accumulator(hidden, copy, other), accumulator(hidden, copy + 1, scratch), Imm(unordered));
            if (copy > 0) put(I::kIdKorw, x86::k2, x86::k2, x86::k3);
        }
        put(I::kIdKortestw, x86::k2, x86::k2);
        put(I::kIdJnz, with_nan);
    }
    const inst better = better_of(t, f.least);
    move(best, static_cast<int>(accumulator(hidden, 0, best).id()), p_.vector_bytes);
    for (int copy = 1; copy < f.vectors; ++copy) put(better, zmm(best), zmm(best), accumulator(hidden, copy, other));
    over_lanes(better, best);
    lowest_where([&](const x86::Zmm& v) { put(compare, x86::k2, v, zmm(best), Imm(equal)); });
    if (floats) {
        put(I::kIdJmp, found);
        as_.bind(with_nan);
        lowest_where([&](const x86::Zmm& v) { put(compare, x86::k2, v, v, Imm(unordered)); });
        as_.bind(found);
    }
    over_lanes(wide ? I::kIdVpminsq : I::kIdVpminsd, index);
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
