#include "codegen/jit/emitter.hpp"

#include <algorithm>
#include <bit>

// Bodies that hardly ever run. The loop asks whether a lane of a vector needs one and goes on; the body stands behind the loop, once for all vectors
// that may need it. It keeps every register it uses, so the loop's registers do not depend on it.

namespace sinter::inline v1::detail::codegen::jit {

namespace {

namespace I = asmjit::x86::Inst;

}  // namespace

void emitter::run_rare(const item& it, const step& s, const value* v) {
    const int mask = use(v[0]), otherwise = use(v[1]), x = use(v[2]);
    // The result begins as `otherwise`.
    int d = otherwise;
    const bool once = v[1] != v[2] && v[1] != v[0];
    if (once && values_[v[1]].next == never_used && (fixed_ & bit(otherwise)) == 0) {
        values_[v[1]].reg = -1;
    } else {
        d = define(it, s);
        move(d, otherwise, s.width);
    }
    stubs_.push_back({.entry = as_.newLabel(),
                      .back = as_.newLabel(),
                      .mask = mask,
                      .result = d,
                      .x = x,
                      .x_width = step_of(v[2]).width,
                      .step = it.step});
    const asmjit::Operand m = reg(mask, s.width);
    if (mask >= mask_base) {
        put(p_.lanes <= 8    ? I::kIdKortestb
            : p_.lanes <= 16 ? I::kIdKortestw
            : p_.lanes <= 32 ? I::kIdKortestd
                             : I::kIdKortestq,
            m, m);
    } else {
        put(I::kIdVptest, m, m);
    }
    put(I::kIdJnz, stubs_.back().entry);
    as_.bind(stubs_.back().back);
    release_dying(v, 3);
    finish(it, s, d);
}

void emitter::write_stubs() {
    for (const stub& t : stubs_) {
        const step& s = p_.steps[t.step];
        const asmjit::Label returned = as_.newLabel();
        as_.bind(t.entry);
        spill_to(stack(rare_operands_), t.result, s.width);
        spill_to(stack(rare_operands_ + p_.vector_bytes), t.x, t.x_width);
        put(I::kIdLea, x86::rax, x86::ptr(returned));
        put(I::kIdJmp, region_labels_[s.imm]);
        as_.bind(returned);
        const x86::Mem result = stack(rare_operands_ + 2 * p_.vector_bytes, s.width);
        if (t.mask >= mask_base) {
            put_masked(t.mask - mask_base, false, by_size(s.element, I::kIdVmovdqu8, I::kIdVmovdqu16, I::kIdVmovdqu32, I::kIdVmovdqu64),
                       reg(t.result, s.width), result);
        } else {
            const asmjit::Operand d = reg(t.result, s.width);
            put(by_size(s.element, I::kIdVpblendvb, I::kIdVpblendvb, I::kIdVblendvps, I::kIdVblendvpd), d, d, result, reg(t.mask, s.width));
        }
        put(I::kIdJmp, t.back);
    }
    for (std::size_t n = 0; n < p_.rare.size(); ++n) write_region(n);
}

// Values of the loop that found no register stay in their places on the stack; the region's come behind them.
void emitter::write_region(std::size_t n) {
    const rare_steps& region = p_.rare[n];
    const int spilled_by_loop = most_spilled_;
    const schedule s = make_schedule(p_, region.begin, region.end);
    bias_ = 0;
    tail_ = false;
    reset(s, 0);
    next_spill_ = spill_base_ + spilled_by_loop;

    std::uint64_t vectors = free_ & vectors_;
    while (std::popcount(vectors) > region_registers) vectors &= ~std::bit_floor(vectors);
    const std::uint64_t mine = vectors | (free_ & masks_);
    const std::uint64_t fixed = fixed_;
    fixed_ |= (vectors_ | masks_) & ~mine;
    free_ = mine;

    const auto each_register = [&](auto f) {
        int at = rare_saved_;
        for (std::uint64_t rest = vectors; rest != 0; rest &= rest - 1, at += p_.vector_bytes) f(std::countr_zero(rest), at);
        for (std::uint64_t rest = mine & masks_; rest != 0; rest &= rest - 1, at += 8) f(std::countr_zero(rest), at);
    };
    as_.bind(region_labels_[n]);
    put(I::kIdMov, stack(rare_return_, 8), x86::rax);
    each_register([&](int r, int at) { spill_to(stack(at), r, p_.vector_bytes); });
    if (region.otherwise != rare_steps::unread) values_[region.otherwise].slot = rare_operands_;
    if (region.x != rare_steps::unread) values_[region.x].slot = rare_operands_ + p_.vector_bytes;
    for (std::size_t at = 0; at < s.items.size(); ++at) {
        // The result has no user among the steps.
        if (values_[region.result].next == never_used) values_[region.result].next = 0;
        run(s.items[at], s.after[at]);
    }
    pinned_ = 0;
    spill_to(stack(rare_operands_ + 2 * p_.vector_bytes), use(region.result), p_.steps[region.result].width);
    each_register([&](int r, int at) { fill_from(r, stack(at), p_.vector_bytes); });
    put(I::kIdJmp, stack(rare_return_, 8));
    fixed_ = fixed;
    most_spilled_ = std::max(most_spilled_, next_spill_ - spill_base_);
}

}  // namespace sinter::inline v1::detail::codegen::jit
