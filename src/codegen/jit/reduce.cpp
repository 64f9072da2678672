#include "codegen/jit/emitter.hpp"

#include <sinter/detail/reduction_order.hpp>

#include <algorithm>

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

[[nodiscard]] inst blend_by_vector(int element) noexcept {
    return by_size(static_cast<std::size_t>(element), I::kIdVpblendvb, I::kIdVpblendvb, I::kIdVblendvps, I::kIdVblendvpd);
}

}  // namespace

int emitter::accumulator_register(std::size_t r, int copy) const {
    const auto& all = accumulators_[r];
    return all[static_cast<std::size_t>(copy + first_copy_) % all.size()];
}

x86::Mem emitter::accumulator_slot(std::size_t r, int copy) const {
    const auto& all = accumulator_slots_[r];
    return stack(all[static_cast<std::size_t>(copy + first_copy_) % all.size()]);
}

void emitter::start_accumulators(int copies) {
    first_copy_ = 0;
    for (std::size_t r = 0; r < p_.folds.size(); ++r) {
        const fold& f = p_.folds[r];
        if (f.extreme != 0) {
            start_index(r, copies);
            continue;
        }
        const step& identity = p_.steps[f.identity];
        const int n = std::min<int>(copies, static_cast<int>(accumulators_[r].size()));
        int made = -1;
        for (int copy = 0; copy < n; ++copy) {
            const int to = accumulator_register(r, copy);
            // Registers 0 and k2 are free between blocks.
            const int target = to >= 0 ? to : identity.width == 0 ? mask_base + 2 : 0;
            if (made >= 0 && identity.bits != 0) {
                move(target, made, identity.width);
            } else if (made < 0 || target != made) {
                materialise(f.identity, target);
            }
            made = target;
            if (to < 0) spill_to(accumulator_slot(r, copy), target, identity.width);
        }
    }
}

// The new value of an accumulator: into its place, in a tail only for the lanes that there are.
void emitter::finish_accumulator(const step& s, int copy, int r) {
    const std::size_t reduction = s.into - 1U;
    const int to = accumulator_register(reduction, copy);
    const auto free_again = [&](int n) {
        if ((fixed_ >> n & 1U) == 0) free_ |= std::uint64_t{1} << n;
    };
    if (narrowed_ != 0 || !tail_) {
        if (to >= 0) {
            move(to, r, s.width);
        } else {
            spill_to(accumulator_slot(reduction, copy), r, s.width);
        }
        free_again(r);
        return;
    }
    const int old = to >= 0 ? to : allocate(s.width == 0);
    if (to < 0) fill_from(old, accumulator_slot(reduction, copy), s.width);
    if (s.width == 0) {
        const asmjit::Operand n = reg(r, 0), o = reg(old, 0);
        put(I::kIdKxorq, n, n, o);
        put(I::kIdKandq, n, n, x86::k1);
        put(I::kIdKxorq, o, o, n);
    } else if (p_.avx512) {
        put_masked(1, false, masked_move(s.element), reg(old, s.width), reg(r, s.width));
    } else {
        const int mask = use(tail_mask(s.element));
        put(blend_by_vector(s.element), reg(old, s.width), reg(old, s.width), reg(r, s.width), reg(mask, s.width));
    }
    if (to < 0) {
        spill_to(accumulator_slot(reduction, copy), old, s.width);
        free_again(old);
    }
    free_again(r);
}

// left = op(left, right) on the first `bytes` bytes.
void emitter::run_tree_step(std::size_t r, int left, int right, int bytes) {
    const fold& f = p_.folds[r];
    const schedule s = make_schedule(p_, f.begin, f.end);
    bias_ = 0;
    tail_ = false;
    reset(s, 0);
    const std::uint64_t both = std::uint64_t{1} << left | std::uint64_t{1} << right;
    const std::uint64_t fixed = fixed_;
    fixed_ |= both;
    free_ &= ~both;
    values_[f.left].reg = static_cast<std::int8_t>(left);
    values_[f.right].reg = static_cast<std::int8_t>(right);
    // Shorter registers for shorter halves, unless some step changes the width of elements.
    const step& acc = p_.steps[f.accumulator];
    bool uniform = true;
    for (const item& it : s.items) {
        const step& st = p_.steps[it.step];
        uniform = uniform && (st.width == acc.width || st.width == 0) && (st.view == acc.width || st.view == 0);
        // Nor where one looks something up, in all of a register.
        uniform = uniform && !(operands_of(st.shape) == 2 && p_.steps[st.b].shape == form::pattern);
    }
    narrowed_ = !uniform ? p_.vector_bytes : bytes < 16 ? 16 : bytes;
    // The last step goes to `left` as if that were the accumulator.
    const auto place = accumulators_[r];
    accumulators_[r].assign(1, static_cast<std::int8_t>(left));
    for (std::size_t at = 0; at < s.items.size(); ++at) run(s.items[at], s.after[at]);
    accumulators_[r] = place;
    narrowed_ = 0;
    fixed_ = fixed;
}

void emitter::combine_tree(std::size_t r) {
    const fold& f = p_.folds[r];
    const step& acc = p_.steps[f.accumulator];
    const bool mask = acc.width == 0;
    // Between blocks these are free.
    const int x = mask ? mask_base + 2 : 0, y = mask ? mask_base + 3 : 1;
    first_copy_ = 0;
    const auto fetch = [&](int copy, int into) {
        const int at = accumulator_register(r, copy);
        if (at >= 0) return at;
        fill_from(into, accumulator_slot(r, copy), acc.width);
        return into;
    };
    for (int half = f.vectors / 2; half > 0; half /= 2) {
        for (int copy = 0; copy < half; ++copy) {
            const int left = fetch(copy, x), right = fetch(copy + half, y);
            run_tree_step(r, left, right, acc.width);
            if (left == x) spill_to(accumulator_slot(r, copy), x, acc.width);
        }
    }
    const int left = fetch(0, x);
    for (int lanes = p_.lanes / 2; lanes > 0; lanes /= 2) {
        if (mask) {
            put(I::kIdKshiftrq, reg(y, 0), reg(left, 0), Imm(lanes));
            run_tree_step(r, left, y, 0);
            continue;
        }
        const int bytes = lanes * acc.element;
        if (bytes == 32) {
            put(I::kIdVextracti64x4, reg(y, 32), reg(left, 64), Imm(1));
        } else if (bytes == 16) {
            put(p_.avx512 ? I::kIdVextracti32x4 : I::kIdVextracti128, reg(y, 16), reg(left, 32), Imm(1));
        } else {
            put(I::kIdVpsrldq, reg(y, 16), reg(left, 16), Imm(bytes));
        }
        run_tree_step(r, left, y, bytes);
    }
    store_row_result(r, left);
}

// Goes on unless some lane has decided it.
void emitter::look_at_masks(bool any, asmjit::Label again) {
    // Between blocks these are free.
    constexpr int x = mask_base + 2, y = mask_base + 3;
    const int count = p_.folds[0].vectors;
    const auto mask = [&](int copy, int otherwise) {
        const int from = accumulator_register(0, copy);
        if (from < 0) fill_from(otherwise, accumulator_slot(0, copy), 0);
        return reg(from < 0 ? otherwise : from, 0);
    };
    asmjit::Operand both = mask(0, x);
    for (int copy = 1; copy < count; ++copy) {
        const asmjit::Operand next = mask(copy, y);
        put(any ? I::kIdKorq : I::kIdKandq, reg(x, 0), both, next);
        both = reg(x, 0);
    }
    // Of as many lanes as there are: some, or all.
    put(p_.lanes == 8 ? I::kIdKortestb : p_.lanes == 16 ? I::kIdKortestw : p_.lanes == 32 ? I::kIdKortestd : I::kIdKortestq, both, both);
    put(any ? I::kIdJz : I::kIdJc, again);
}

void emitter::look_at_bytes(bool any, asmjit::Label again) {
    const fold& f = p_.folds[0];
    const step& acc = p_.steps[f.accumulator];
    // Between blocks these are free.
    constexpr int x = 0, y = 1, mask = mask_base + 2;
    const asmjit::Operand both = reg(x, acc.width);
    for (int copy = 0; copy < f.vectors; ++copy) {
        const int into = copy == 0 ? x : y;
        int from = accumulator_register(0, copy);
        if (from < 0) {
            from = into;
            fill_from(from, accumulator_slot(0, copy), acc.width);
        }
        if (copy == 0) {
            if (from != x) move(x, from, acc.width);
        } else {
            put(any ? I::kIdVpmaxub : I::kIdVpminub, both, both, reg(from, acc.width));
        }
    }
    // A register may be longer than the lanes.
    const auto lanes = static_cast<std::uint32_t>((std::uint64_t{1} << std::min(p_.lanes, 32)) - 1);
    if (p_.avx512) {
        put(any ? I::kIdVptestmb : I::kIdVptestnmb, reg(mask, 0), both, both);
        if (p_.lanes == acc.width) {
            put(I::kIdKortestq, reg(mask, 0), reg(mask, 0));
        } else {
            put(I::kIdKmovd, x86::eax, reg(mask, 0));
            put(I::kIdTest, x86::eax, Imm(lanes));
        }
    } else {
        const asmjit::Operand zero = reg(y, acc.width);
        put(I::kIdVpxor, zero, zero, zero);
        put(I::kIdVpcmpeqb, both, both, zero);
        put(I::kIdVpmovmskb, x86::eax, both);
        if (any) put(I::kIdNot, x86::eax);
        put(I::kIdTest, x86::eax, Imm(lanes));
    }
    put(I::kIdJz, again);
}

// After a turn that is not the last: once in many turns the accumulators are looked at.
void emitter::go_on_unless_decided(int turn, asmjit::Label again, asmjit::Label done) {
    constexpr int elements_between_looks = 2048;
    const fold& f = p_.folds[0];
    const step& acc = p_.steps[f.accumulator];
    const bool any = deciding_byte(k_) == std::byte{1};
    // A turn is the lanes of a row, so the index goes through all multiples of it.
    static_assert((elements_between_looks & (elements_between_looks - 1)) == 0 && elements_between_looks % reduction_order::row_lanes(1) == 0);
    put(I::kIdTest, x86::r11d, Imm(elements_between_looks - turn));
    put(I::kIdJnz, again);

    first_copy_ = 0;
    if (acc.width == 0) {
        look_at_masks(any, again);
    } else {
        look_at_bytes(any, again);
    }
    put(I::kIdMov, x86::rax, x86::qword_ptr(x86::rdi, offsetof(frame, passed_over)));
    put(I::kIdTest, x86::rax, x86::rax);
    put(I::kIdJz, done);
    put(I::kIdSub, x86::r11, Imm(turn));
    put(I::kIdSub, x86::qword_ptr(x86::rax), x86::r11);
    put(I::kIdJmp, done);
}

void emitter::store_row_result(std::size_t r, int from) {
    const fold& f = p_.folds[r];
    const x86::Mem to(pointer(operand_of_reduction(r)), 0, static_cast<std::uint32_t>(size_of(f.type)));
    const asmjit::Operand narrow = reg(from, 16);
    if (f.type == dtype::boolean) {
        put(p_.avx512 ? I::kIdKmovd : I::kIdVmovd, x86::eax, narrow);
        put(I::kIdAnd, x86::eax, Imm(1));
        put(I::kIdMov, to, x86::al);
        return;
    }
    switch (size_of(f.type)) {
        case 1: put(I::kIdVpextrb, to, narrow, Imm(0)); return;
        case 2: put(I::kIdVpextrw, to, narrow, Imm(0)); return;
        case 4: put(I::kIdVmovss, to, narrow); return;
        default: put(I::kIdVmovsd, to, narrow); return;
    }
}

void emitter::store_columns(int copies, bool tail) {
    first_copy_ = 0;
    for (std::size_t r = 0; r < p_.folds.size(); ++r) {
        const fold& f = p_.folds[r];
        if (f.hidden) continue;
        if (f.extreme != 0) {
            store_column_indices(r, copies, tail);
            continue;
        }
        const step& acc = p_.steps[f.accumulator];
        const int element = static_cast<int>(size_of(f.type));
        for (int copy = 0; copy < copies; ++copy) {
            // The masks and registers of no block are live here, but for the accumulators.
            const schedule s = make_schedule(p_, f.bytes_begin, f.bytes_end);
            tail_ = tail;
            reset(s, 0);
            int from = accumulator_register(r, copy);
            if (from < 0) {
                from = allocate(acc.width == 0);
                fill_from(from, accumulator_slot(r, copy), acc.width);
            }
            if (f.type == dtype::boolean) {
                values_[f.mask].reg = static_cast<std::int8_t>(from);
                for (std::size_t at = 0; at < s.items.size(); ++at) {
                    // The result has no user among the steps; this store is one.
                    values_[f.bytes].next = 0;
                    run(s.items[at], s.after[at]);
                }
                from = values_[f.bytes].reg;
            }
            pinned_ |= std::uint64_t{1} << from;
            const int bytes = p_.lanes * element;
            const bool by_buffer = tail && !p_.avx512 && !masked_by_vector(static_cast<std::size_t>(element));
            if (by_buffer) {
                spill_to(stack(buffers_), from, bytes);
            } else if (tail && !p_.avx512) {
                (void)use(tail_mask(static_cast<std::size_t>(element)));
            }
            put(I::kIdMov, x86::rdx, x86::qword_ptr(x86::rdi, offsetof(frame, pointers)));
            put(I::kIdMov, x86::rdx, x86::Mem(x86::rdx, static_cast<std::int32_t>(8 * operand_of_reduction(r)), 8));
            const x86::Mem to(x86::rdx, x86::r11, static_cast<std::uint32_t>(std::countr_zero(static_cast<unsigned>(element))), copy * bytes);
            if (by_buffer) {
                put(I::kIdLea, x86::rdx, to);
                copy_out(element, no_slot);
            } else {
                store_vector(to, from, bytes, element, false);
            }
        }
    }
}

}  // namespace sinter::inline v1::detail::codegen::jit
