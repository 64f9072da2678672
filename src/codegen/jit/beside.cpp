#include "codegen/jit/emitter.hpp"

#include <sinter/detail/primitives.hpp>

#include <algorithm>
#include <bit>

// Several rows by several others (kernel::beside): every operand's vector is loaded once for all pairs that it is part of. So that there are registers for many
// pairs, each has only some vectors of its lanes in registers at a time, and goes through the row once for each such share. What the passes come to is combined at
// the end, the lanes of several pairs side by side: each pair's own in the order of any row.

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

/// Registers beside those of the pairs while their lanes are combined: the right operand, and what the passes came to.
constexpr int scratch_registers = 4;
/// And in the loop beside the values that it counts.
constexpr int scratch_in_loop = 1;
constexpr int chunk = 16;  // bytes of a result vector that are stored at once

/// Those steps of the order that the reductions [first, end) need.
[[nodiscard]] std::vector<std::uint16_t> steps_into(const program& p, const std::vector<std::uint16_t>& order, int first, int end) {
    std::vector<bool> needed(p.steps.size());
    std::vector<std::uint16_t> steps;
    for (auto n = order.rbegin(); n != order.rend(); ++n) {
        const step& s = p.steps[*n];
        if (!needed[*n] && (s.into <= first || s.into > end)) continue;
        const std::uint16_t operands[] = {s.a, s.b, s.c};
        for (int i = 0; i < operands_of(s.shape); ++i) needed[operands[i]] = true;
        steps.push_back(*n);
    }
    std::reverse(steps.begin(), steps.end());
    return steps;
}

}  // namespace

void emitter::check_beside() const {
    for (const fold& f : p_.folds) {
        const step& acc = p_.steps[f.accumulator];
        const bool fills = acc.width == p_.vector_bytes && acc.element * p_.lanes == p_.vector_bytes && acc.element >= 4;
        if (!fills || f.hidden || f.extreme != 0 || k_.beside * acc.element < 8 || f.vectors != p_.folds[0].vectors) throw declined{"pairs of rows whose lanes fill no vectors"};
    }
}

// Vectors of a pair's lanes that are in registers at a time.
int emitter::vectors_beside() const {
    const int pairs = static_cast<int>(p_.folds.size()), room = std::popcount(vectors_) - single_.most_vectors - scratch_in_loop;
    int n = p_.folds[0].vectors;
    while (n > 1 && n * pairs > room) n /= 2;
    return n;
}

// Values that stay in registers leave as many as combining the pairs takes.
int emitter::most_residents_beside() const {
    const int left = std::popcount(vectors_) - static_cast<int>(p_.folds.size());
    // Or as many as rows of one element in each lane take, if they have few registers.
    const bool in_parts = p_.avx512 && p_.folds[0].vectors == 4 * unroll_;
    return std::max(left - (in_parts ? registers_of_part() : scratch_registers), 0);
}

// Of so many pairs that take part at a time, at least.
int emitter::registers_of_part() const { return k_.beside + single_.most_vectors + scratch_in_loop; }

void emitter::plan_beside() {
    const int passes = p_.folds[0].vectors / unroll_;
    pass_slot_ = reserve(8, 8);
    if (passes > 1) passes_ = reserve((passes - 1) * static_cast<int>(p_.folds.size()) * p_.vector_bytes, p_.vector_bytes);
}

// Of neighbouring results only the first one's pointer is needed.
bool emitter::has_pointer(std::size_t operand) const noexcept {
    const std::size_t first = k_.inputs.size() + k_.outputs.size();
    return k_.beside == 0 || operand < first || (operand - first) % k_.beside == 0;
}

// A sum's first values are what becomes of them and 0. Of these -0 alone is not: whatever else is added makes no difference of that, and at last 0 is added once.
bool emitter::begins_with_values() const {
    for (std::size_t r = 0; r < p_.folds.size(); ++r) {
        if (k_.reductions[r].code != op::add::code) return false;
    }
    for (const item& it : single_.items) {
        const step& s = p_.steps[it.step];
        if (s.into != 0 && (s.shape != form::binary || s.a != p_.folds[s.into - 1U].accumulator)) return false;
    }
    return true;
}

// Whether all that comes to accumulators is products. Each lane's first one is added to 0, so none of them is -0 but what has become too small.
bool emitter::adds_products() const {
    return std::all_of(single_.items.begin(), single_.items.end(), [&](const item& it) { return p_.steps[it.step].into == 0 || p_.steps[it.step].shape == form::fma; }) &&
           std::all_of(k_.reductions.begin(), k_.reductions.end(), [](const reduction& r) { return r.adds_products(); });
}

// Whether rows of one element in each lane have code of their own: there are registers for half of each pair's lanes, or for those of a few pairs.
bool emitter::has_one_turn() const {
    if (k_.beside == 0 || (!begins_with_values() && !adds_products())) return false;
    // rcx has a use of its own meanwhile.
    if (std::any_of(k_.inputs.begin(), k_.inputs.end(), [](const input& i) { return i.inner == access::strided || i.gathers; })) return false;
    const int vectors = p_.folds[0].vectors, left = std::popcount(vectors_ & ~fixed_);
    return vectors == 2 * unroll_ || (p_.avx512 && vectors == 4 * unroll_ && left >= registers_of_part());
}

// All rows, if they are such. Loads are what this waits for, so hardly any are left beside those of what is computed: of the inputs only those move that do, by a
// stride that is read once, and results are found by one offset, in rcx.
void emitter::rows_of_one_turn() {
    const asmjit::Label row = as_.newLabel(), others = as_.newLabel();
    put(I::kIdCmp, x86::qword_ptr(x86::rdi, offsetof(frame, n)), Imm(p_.folds[0].vectors * p_.lanes));
    put(I::kIdJne, others);
    put(I::kIdXor, x86::ecx, x86::ecx);
    loop_head(64, row);
    prepare_row();
    by_offset_ = true;
    reduce_one_turn();
    by_offset_ = false;
    put(I::kIdAdd, x86::rcx, Imm(k_.beside * p_.steps[p_.folds[0].accumulator].element));
    std::vector<std::size_t> moving;
    for (std::size_t n = 0; n < k_.inputs.size(); ++n) {
        if (!k_.inputs[n].still) moving.push_back(n);
    }
    const std::size_t kinds = moving.size() / k_.beside;
    if (kinds > 0) put(I::kIdMov, x86::rax, x86::qword_ptr(x86::rdi, offsetof(frame, row_strides)));
    for (std::size_t kind = 0; kind < kinds; ++kind) {
        put(I::kIdMov, x86::rdx, x86::Mem(x86::rax, static_cast<std::int32_t>(8 * moving[kind]), 8));
        for (std::size_t n = kind; n < moving.size(); n += kinds) {
            const x86::Gp& at = pointers_[moving[n]];
            put(I::kIdAdd, at.isValid() ? asmjit::Operand(at) : asmjit::Operand(stack(pointer_slots_[moving[n]], 8)), x86::rdx);
        }
    }
    put(I::kIdDec, rows_.isValid() ? asmjit::Operand(rows_) : asmjit::Operand(stack(rows_slot_, 8)));
    put(I::kIdJnz, row);
    put(I::kIdJmp, exit_);
    as_.bind(others);
}

// Rows of one element in each lane: the halves of a row meet in two accumulators of a pair, and nothing has to be kept for another pass.
void emitter::reduce_one_turn() {
    const int vectors = p_.folds[0].vectors, half = vectors / 2;
    put(I::kIdXor, x86::r11d, x86::r11d);
    const auto halves = [&](const schedule& s, bool asks) {
        for (int copy = 0; copy < half; ++copy) {
            for (const int at : {copy, copy + half}) {
                arrival_ = at == copy ? arrival::first : arrival::by_itself;
                block(s, (at - vectors) * p_.lanes, false, copy);
                if (asks) ask_ahead(0, 1);
            }
        }
        arrival_ = arrival::more;
        first_copy_ = 0;
    };
    if (unroll_ == half) {
        halves(single_, false);
        combine_all_copies();
    } else {
        // Some rows' pairs after those of others: only while it is their turn they have a second accumulator. The more pairs, the fewer loads.
        const std::vector<std::uint16_t> order = order_of(p_);
        const auto pairs = static_cast<int>(p_.folds.size());
        int together = pairs / 2;
        const auto part = [&](int first) { return make_schedule(p_, steps_into(p_, order, first, std::min(first + together, pairs)), 1); };
        while (together > k_.beside && std::popcount(vectors_ & ~fixed_) < together + part(0).most_vectors + scratch_in_loop) together /= 2;
        for (int first = 0; first < pairs; first += together) {
            const std::uint64_t fixed = fixed_;
            const int end = std::min(first + together, pairs);
            for (int pair = first; pair < end; ++pair) accumulators_[static_cast<std::size_t>(pair)].push_back(static_cast<std::int8_t>(take_free_vector()));
            halves(part(first), first == 0);
            for (int pair = first; pair < end; ++pair) {
                combine_copies(pair, 0, 1);
                accumulators_[static_cast<std::size_t>(pair)].pop_back();
            }
            fixed_ = fixed;
        }
    }
    combine_all_pairs(1);
}

void emitter::combine_all_copies() {
    for (int half = unroll_ / 2; half > 0; half /= 2) {
        for (std::size_t pair = 0; pair < p_.folds.size(); ++pair) {
            for (int copy = 0; copy < half; ++copy) combine_copies(static_cast<int>(pair), copy, copy + half);
        }
    }
}

void emitter::combine_all_pairs(int passes) {
    const auto pairs = static_cast<int>(p_.folds.size());
    // Of the accumulators only the first ones are still needed.
    const std::uint64_t fixed = fixed_;
    fixed_ = 0;
    for (const std::int8_t r : resident_) fixed_ |= r >= 0 ? bit(r) : 0;
    for (int pair = 0; pair < pairs; ++pair) fixed_ |= bit(accumulator_register(static_cast<std::size_t>(pair), 0));
    for (int first = 0; first < pairs; first += p_.lanes) combine_pairs(first, std::min(p_.lanes, pairs - first), passes);
    fixed_ = fixed;
}

void emitter::reduce_beside() {
    const asmjit::Label pass = as_.newLabel(), main = as_.newLabel(), rest = as_.newLabel(), done = as_.newLabel(), last = as_.newLabel(), few = as_.newLabel();
    const int lanes = p_.lanes, turn = p_.folds[0].vectors * lanes, passes = p_.folds[0].vectors / unroll_;
    const auto pairs = static_cast<int>(p_.folds.size());
    const int reach = (unroll_ - 1) * copy_step_ + lanes;  // of the vectors of one pass, from the first
    const bool arrives = begins_with_values() || adds_products();
    put(I::kIdMov, stack(pass_slot_, 8), Imm(0));
    as_.bind(pass);
    put(I::kIdMov, x86::r11, stack(pass_slot_, 8));
    put(I::kIdAdd, x86::r11, Imm(reach));
    put(I::kIdSub, x86::r11, x86::qword_ptr(x86::rdi, offsetof(frame, n)));
    put(I::kIdJg, few);
    if (arrives) {
        arrival_ = arrival::first;
        block(main_, -reach, false);
        arrival_ = arrival::more;
        put(I::kIdAdd, x86::r11, Imm(turn));
        put(I::kIdJg, rest);
    } else {
        start_accumulators(unroll_);
    }
    // Each pass comes through what aligns it: a whole line of that made rows of 128 to 160 numbers up to a quarter slower, measured on Zen 5.
    loop_head(16, main);
    block(main_, -reach, false);
    put(I::kIdAdd, x86::r11, Imm(turn));
    put(I::kIdJle, main);
    put(I::kIdJmp, rest);
    as_.bind(few);
    start_accumulators(unroll_);
    as_.bind(rest);
    put(I::kIdSub, x86::r11, Imm(reach));
    for (int copy = 0; copy < unroll_; ++copy) {
        put(copy == 0 ? I::kIdTest : I::kIdAdd, x86::r11, copy == 0 ? asmjit::Operand(x86::r11) : asmjit::Operand(Imm(copy_step_)));
        put(I::kIdJns, done);
        set_tail();
        block(single_, 0, true, copy);
    }
    as_.bind(done);
    first_copy_ = 0;
    combine_all_copies();
    if (passes > 1) {
        put(I::kIdMov, x86::rax, stack(pass_slot_, 8));
        put(I::kIdAdd, stack(pass_slot_, 8), Imm(lanes));
        put(I::kIdCmp, x86::rax, Imm((passes - 1) * lanes));
        put(I::kIdJge, last);
        put(I::kIdImul, x86::rax, x86::rax, Imm(pairs * p_.vector_bytes / lanes));
        for (int pair = 0; pair < pairs; ++pair) {
            const x86::Mem to(x86::rsp, x86::rax, 0, passes_ + pair * p_.vector_bytes, static_cast<std::uint32_t>(p_.vector_bytes));
            spill_to(to, accumulator_register(static_cast<std::size_t>(pair), 0), p_.vector_bytes);
        }
        put(I::kIdJmp, pass);
        as_.bind(last);
    }
    combine_all_pairs(passes);
}

void emitter::combine_copies(int pair, int left, int right) {
    const auto r = static_cast<std::size_t>(pair);
    run_tree_step(r, accumulator_register(r, left), accumulator_register(r, right), p_.vector_bytes);
}

int emitter::take_free_vector() {
    const std::uint64_t left = vectors_ & ~fixed_;
    if (left == 0) throw declined{"out of registers"};
    fixed_ |= left & (~left + 1);
    return std::countr_zero(left);
}

// The passes first, first + apart, first + 2 * apart, ... of a pair, of which the last one is in its accumulator. Gives the register.
int emitter::combine_passes(int pair, int first, int apart, int passes) {
    const int pairs = static_cast<int>(p_.folds.size());
    if (apart == passes && first == passes - 1) return accumulator_register(static_cast<std::size_t>(pair), 0);
    if (apart == passes) {
        const int r = take_free_vector();
        fill_from(r, stack(passes_ + (first * pairs + pair) * p_.vector_bytes), p_.vector_bytes);
        return r;
    }
    const int left = combine_passes(pair, first, 2 * apart, passes), right = combine_passes(pair, first + apart, 2 * apart, passes);
    run_tree_step(static_cast<std::size_t>(pair), left, right, p_.vector_bytes);
    fixed_ &= ~bit(right);
    return left;
}

// Halves, quarters and so on of two vectors next to each other, so that one instruction combines the lanes of both: at last each lane is a pair's result. Whole
// chunks are put in the order of the pairs first, then the elements within them.
void emitter::combine_pairs(int first, int count, int passes) {
    const int element = p_.steps[p_.folds[0].accumulator].element, in_chunk = chunk / element;
    std::vector<int> at(static_cast<std::size_t>(p_.lanes), -1);
    for (int n = 0; n < count; ++n) {
        at[static_cast<std::size_t>(n)] = combine_passes(first + n, 0, 1, passes);
    }
    const int right = take_free_vector(), width = p_.vector_bytes;
    const auto level = [&](int distance, std::uint32_t low, int low_imm, std::uint32_t high, int high_imm) {
        for (int n = 0; n < p_.lanes; ++n) {
            const int l = at[static_cast<std::size_t>(n)];
            if (l < 0 || (n & distance) != 0) continue;
            int& other = at[static_cast<std::size_t>(n + distance)];
            const int r = other < 0 ? l : other;
            const auto shuffle = [&](std::uint32_t i, int imm, int to) {
                const asmjit::Operand last = i == I::kIdVinserti64x4 ? reg(r, 32) : i == I::kIdVinserti128 ? reg(r, 16) : reg(r, width);
                if (imm < 0) {
                    put(i, reg(to, width), reg(l, width), last);
                } else {
                    put(i, reg(to, width), reg(l, width), last, Imm(imm));
                }
            };
            shuffle(high, high_imm, right);
            shuffle(low, low_imm, l);
            run_tree_step(static_cast<std::size_t>(first + n), l, right, width);
            if (other >= 0) fixed_ &= ~bit(other);
            other = -1;
        }
    };
    if (p_.avx512) {
        level(in_chunk, I::kIdVinserti64x4, 1, I::kIdVshufi64x2, 0xee);
        level(2 * in_chunk, I::kIdVshufi64x2, 0x88, I::kIdVshufi64x2, 0xdd);
    } else {
        level(in_chunk, I::kIdVinserti128, 1, I::kIdVperm2i128, 0x31);
    }
    level(1, I::kIdVunpcklpd, -1, I::kIdVunpckhpd, -1);
    if (element == 4) level(2, I::kIdVshufps, 0x88, I::kIdVshufps, 0xdd);

    if (begins_with_values()) {
        materialise(p_.folds[0].identity, right);
        run_tree_step(static_cast<std::size_t>(first), at[0], right, width);
    }

    // As many neighbours as there are lie together, at most a chunk.
    const int stored = std::min<int>(k_.beside, in_chunk);
    for (int n = 0; n < count; n += in_chunk) {
        int from = at[0];
        if (n > 0) {
            from = right;
            put(p_.avx512 ? I::kIdVextracti32x4 : I::kIdVextracti128, reg(right, chunk), reg(at[0], width), Imm(n / in_chunk));
        }
        for (int i = n; i < std::min(n + in_chunk, count); i += stored) {
            const int reduction = first + i, neighbour = reduction % k_.beside;
            x86::Mem to(pointer(operand_of_reduction(static_cast<std::size_t>(reduction - neighbour))), neighbour * element, static_cast<std::uint32_t>(stored * element));
            if (by_offset_) to.setIndex(x86::rcx);
            put(stored * element == chunk ? I::kIdVmovups : i == n ? I::kIdVmovlps : I::kIdVmovhps, to, reg(from, chunk));
        }
    }
    fixed_ &= ~(bit(right) | bit(at[0]));
}

}  // namespace sinter::inline v1::detail::codegen::jit
