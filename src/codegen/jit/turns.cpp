#include "codegen/jit/emitter.hpp"

#include <bit>

// Kernels with a loop for each element. Several vectors go through it side by side: their states and the masks of the elements that go on stay in
// registers as far as there are any, what the body uses from outside in registers or on the stack. It ends when no element of any of them goes on.

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

// Registers that a body needs beside what is alive in it.
constexpr int fetched = 2, fetched_masks = 1;
// Registers that what comes before and after the loop can do with.
constexpr int fewest = 6, fewest_masks = 2;
// Two vectors side by side are worth that so many values have no register.
constexpr int most_spilled = 6;
// Steps of all vectors at most.
constexpr std::size_t longest = 1600;

}  // namespace

emitter::turn_schedules emitter::turns_of(int copies) const {
    return {make_schedule(p_, p_.loop.before, copies), make_schedule(p_, p_.loop.body, copies, copies), make_schedule(p_, p_.loop.after, copies)};
}

void emitter::plan_turns() {
    single_turns_ = turns_of(1);
    call_ = make_schedule(p_, level::call);
    row_ = make_schedule(p_, level::row);
    for (const input& i : k_.inputs) has_row_loads_ |= i.inner == access::broadcast;
    int vectors = 0, masks = 0;
    for (const carried& c : p_.loop.carries) {
        if (c.state) ++(p_.steps[c.within].width == 0 ? masks : vectors);
    }
    for (unroll_ = 4; unroll_ > 1; unroll_ /= 2) {
        main_turns_ = turns_of(unroll_);
        const schedule& body = main_turns_.body;
        const int room = std::popcount(vectors_) + (unroll_ == 2 ? most_spilled : 0);
        if (static_cast<std::size_t>(unroll_) * p_.loop.body.size() > longest) continue;
        if (unroll_ * vectors + std::max(body.most_vectors + fetched, fewest) > room) continue;
        if (unroll_ * masks + std::max(body.most_masks + fetched_masks, fewest_masks) <= std::popcount(masks_) || !p_.avx512) break;
    }
    if (unroll_ == 1) main_turns_ = single_turns_;
    // For the values that do not change in the loop, which are given registers by their uses in the body.
    single_ = single_turns_.body;
    main_ = main_turns_.body;
}

void emitter::take_carries(bool states, int& vectors, int& masks, std::uint64_t& left) {
    const std::size_t copies = static_cast<std::size_t>(unroll_);
    if (states) {
        carry_registers_.assign(p_.loop.carries.size(), std::vector<std::int8_t>(copies, -1));
        carry_slots_.assign(p_.loop.carries.size(), std::vector<int>(copies, no_slot));
        vectors = std::popcount(vectors_) - std::max(main_.most_vectors + fetched, fewest);
        masks = std::popcount(masks_) - std::max(main_.most_masks + fetched_masks, fewest_masks);
    }
    for (std::size_t c = 0; c < p_.loop.carries.size(); ++c) {
        if (p_.loop.carries[c].state != states) continue;
        const bool mask = p_.steps[p_.loop.carries[c].within].width == 0;
        int& room = mask ? masks : vectors;
        for (std::int8_t& r : carry_registers_[c]) {
            if (room <= 0) break;
            --room;
            r = static_cast<std::int8_t>(63 - std::countl_zero(left & (mask ? masks_ : vectors_)));
            left &= ~(std::uint64_t{1} << r);
        }
    }
}

void emitter::turn(const turn_schedules& s, int bias, bool tail) {
    const asmjit::Label again = as_.newLabel(), done = as_.newLabel();
    const int copies = s.body.copies;
    stage_ = stage::before;
    block(s.before, bias, tail);
    const bool given = p_.loop.limit_param != iteration::no_param;
    if (given || p_.loop.limit > 0) {
        // No step of the body needs this register: they move nothing between memory and operands.
        if (given) {
            put(I::kIdMov, x86::rax, x86::qword_ptr(x86::rdi, offsetof(frame, params)));
            put(I::kIdMov, x86::rcx, x86::Mem(x86::rax, 8 * p_.loop.limit_param, 8));
            put(I::kIdTest, x86::rcx, x86::rcx);
            put(I::kIdJle, done);
        } else {
            put(I::kIdMov, x86::rcx, Imm(p_.loop.limit));
        }
        start_turns(copies, tail);
        loop_head(64, again);
        stage_ = stage::within;
        block(s.body, bias, tail);
        put(I::kIdDec, x86::rcx);
        put(I::kIdJz, done);
        go_on(copies, again);
        as_.bind(done);
    }
    stage_ = stage::after;
    block(s.after, bias, tail);
}

// At first all elements go on that there are.
void emitter::start_turns(int copies, bool tail) {
    for (std::size_t copy = 0; copy < static_cast<std::size_t>(copies); ++copy) {
        const int to = carry_registers_[0][copy];
        // Registers 0 and k2 are free between blocks.
        const int r = to >= 0 ? to : p_.avx512 ? mask_base + 2 : 0;
        const int width = p_.steps[p_.loop.carries[0].within].width;
        if (!p_.avx512 && tail) {
            fill_from(r, stack(mask_slots_[static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(p_.widest)))]), width);
        } else if (!p_.avx512) {
            put(I::kIdVpcmpeqd, reg(r, width), reg(r, width), reg(r, width));
        } else if (tail) {
            put(I::kIdKmovq, reg(r, 0), x86::k1);
        } else {
            put(I::kIdMov, x86::rax, Imm(static_cast<std::int64_t>(p_.lanes == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << p_.lanes) - 1)));
            put(I::kIdKmovq, reg(r, 0), x86::rax);
        }
        if (to < 0) spill_to(stack(carry_slots_[0][copy]), r, width);
    }
}

void emitter::go_on(int copies, asmjit::Label again) {
    const auto active = [&](int copy, int scratch) {
        const int r = carry_registers_[0][static_cast<std::size_t>(copy)];
        if (r >= 0) return r;
        fill_from(scratch, stack(carry_slots_[0][static_cast<std::size_t>(copy)]), p_.steps[p_.loop.carries[0].within].width);
        return scratch;
    };
    // The first ones most often say all.
    for (int copy = 0; copy < copies; copy += p_.avx512 ? 2 : 1) {
        const int r = active(copy, p_.avx512 ? mask_base + 2 : 0);
        if (p_.avx512) {
            const int other = copy + 1 < copies ? active(copy + 1, mask_base + 3) : r;
            put(I::kIdKortestq, reg(r, 0), reg(other, 0));
        } else {
            put(I::kIdVptest, reg(r, 32), reg(r, 32));
        }
        put(I::kIdJnz, again);
    }
}

// Where the carried values are as a block begins.
void emitter::place_carries(const schedule& s) {
    if (stage_ == stage::before) return;
    for (std::size_t c = 0; c < p_.loop.carries.size(); ++c) {
        const carried& of = p_.loop.carries[c];
        const std::uint16_t n = stage_ == stage::within ? of.within : of.after;
        if (n == carried::none) continue;
        for (int copy = 0; copy < s.copies; ++copy) {
            const auto at = static_cast<std::size_t>(copy);
            state& v = values_[value_of(n, copy)];
            v.reg = carry_registers_[c][at];
            v.slot = carry_slots_[c][at];
        }
    }
}

// Where a carried value is about to be written, what it was goes elsewhere if it is still needed.
void emitter::leave_room(const step& s, int copy) {
    const carried& of = p_.loop.carries[s.into - 1U];
    if (stage_ != stage::within || !of.state) return;
    const value old = value_of(of.within, copy);
    state& was = values_[old];
    if (was.next == never_used) return;
    if (const int r = carried_register(s, copy); r >= 0) {
        if (was.reg != r) return;
        const int to = allocate(r >= mask_base);
        move(to, r, p_.steps[of.within].width);
        own(to, old);
    } else {
        static_cast<void>(use(old));
        was.slot = no_slot;
    }
}

void emitter::run_masked(const item& it, const step& s, const value* v) {
    const int mask = use(v[0]);
    const asmjit::Operand b = reg(use(v[1]), s.view);
    const asmjit::Operand c = folds(v[2], s, v, 3) ? asmjit::Operand(folded(v[2], s)) : reg(use(v[2]), s.view);
    int d = carried_register(s, it.copy);
    if (d < 0) {
        // What it was is on the stack, or has been fetched from there.
        d = allocate(false);
        fill_from(d, stack(carry_slots_[s.into - 1U][static_cast<std::size_t>(it.copy)]), s.width);
    }
    release_dying(v, 3);
    put_masked(mask - mask_base, false, s.inst, reg(d, s.width), b, c);
    finish_carried(it, s, d);
}

void emitter::finish_carried(const item& it, const step& s, int r) {
    const auto copy = static_cast<std::size_t>(it.copy);
    const int to = carry_registers_[s.into - 1U][copy];
    const int slot = carry_slots_[s.into - 1U][copy];
    if (to >= 0) {
        move(to, r, s.width);
    } else {
        spill_to(stack(slot), r, s.width);
    }
    // A value that is only carried stays where it was, too.
    if (s.shape == form::carry) return;
    if (r != to && (fixed_ >> r & 1U) == 0) free_ |= std::uint64_t{1} << r;
    state& now = values_[value_of(it.step, it.copy)];
    now.reg = static_cast<std::int8_t>(to);
    now.slot = slot;
}

}  // namespace sinter::inline v1::detail::codegen::jit
