#include "codegen/jit/emitter.hpp"

#include <algorithm>
#include <bit>

namespace sinter::inline v1::detail::codegen::jit {

namespace {

constexpr std::uint16_t always_used_later = schedule::none - 1;

}  // namespace

asmjit::Operand emitter::reg(int r, int bytes) {
    const auto n = static_cast<std::uint32_t>(r);
    if (r >= mask_base) return x86::k(n - mask_base);
    return bytes <= 16 ? asmjit::Operand(x86::xmm(n)) : bytes <= 32 ? asmjit::Operand(x86::ymm(n)) : asmjit::Operand(x86::zmm(n));
}

emitter::value emitter::value_of(std::uint16_t s, int copy) const noexcept {
    return static_cast<value>(p_.steps[s].when != level::element ? s : static_cast<std::size_t>(copy) * p_.steps.size() + s);
}

void emitter::reset(const schedule& s, int first_copy) {
    const std::size_t steps = p_.steps.size();
    first_copy_ = first_copy;
    for (std::size_t copy = 0, v = 0; copy < static_cast<std::size_t>(s.copies); ++copy) {
        for (std::size_t n = 0; n < steps; ++n, ++v) {
            values_[v] = {.reg = copy == 0 ? resident_[n] : std::int8_t{-1},
                          .copy = static_cast<std::uint8_t>(copy),
                          .step = static_cast<std::uint16_t>(n),
                          .next = s.first[v],
                          .slot = home_[n]};
        }
    }
    for (std::size_t n = 0; n < mask_slots_.size(); ++n) {
        values_[values_.size() - mask_slots_.size() + n] = {.next = always_used_later, .slot = mask_slots_[n]};
    }
    for (std::size_t r = 0; r < p_.folds.size(); ++r) {
        for (int copy = 0; copy < s.copies; ++copy) {
            const value v = value_of(p_.folds[r].accumulator, copy);
            values_[v].reg = static_cast<std::int8_t>(accumulator_register(r, copy));
        }
    }
    if (p_.loops()) place_carries(s);
    free_ = (vectors_ | masks_) & ~fixed_;
    pinned_ = wished_ = 0;
    free_slots_.clear();
    dead_slots_.clear();
    next_spill_ = spill_base_;
}

// Belady's rule: the value goes whose next use is farthest.
int emitter::allocate(bool mask, int wish) {
    const std::uint64_t of_class = mask ? masks_ : vectors_;
    if (const std::uint64_t candidates = free_ & of_class; candidates != 0) {
        const bool granted = wish >= 0 && (candidates & bit(wish)) != 0;
        const int r = granted ? wish : std::countr_zero((candidates & ~wished_) != 0 ? candidates & ~wished_ : candidates);
        free_ &= ~bit(r);
        pinned_ |= bit(r);
        return r;
    }
    int best = -1, best_score = -1;
    for (std::uint64_t rest = of_class & ~free_ & ~fixed_ & ~pinned_; rest != 0; rest &= rest - 1) {
        const int r = std::countr_zero(rest);
        const state& s = values_[owner_[static_cast<std::size_t>(r)]];
        const int score = 2 * s.next + (can_be_remade(s) || s.slot != no_slot ? 1 : 0);
        if (score > best_score) {
            best = r;
            best_score = score;
        }
    }
    if (best < 0) throw declined{"out of registers"};
    evict(best);
    free_ &= ~bit(best);
    pinned_ |= bit(best);
    return best;
}

bool emitter::can_be_remade(const state& s) const {
    const step& st = p_.steps[s.step];
    switch (st.shape) {
        case form::constant:
        case form::pattern:
        case form::bit_pattern:
        case form::param: return true;
        // In a rotation, nothing is stored before the last operand is read.
        case form::load: return (st.when == level::row && !column()) || (rotates() && st.piece == 0 && k_.inputs[st.a].inner == access::unit && !k_.inputs[st.a].counts);
        default: return false;
    }
}

void emitter::evict(int r) {
    const value v = owner_[static_cast<std::size_t>(r)];
    state& s = values_[v];
    if (s.slot == no_slot && !can_be_remade(s)) {
        if (free_slots_.empty()) {
            s.slot = next_spill_;
            next_spill_ += p_.vector_bytes;
            most_spilled_ = std::max(most_spilled_, next_spill_ - spill_base_);
        } else {
            s.slot = free_slots_.back();
            free_slots_.pop_back();
        }
        spill_to(stack(s.slot), r, p_.steps[s.step].width);
    }
    s.reg = -1;
    free_ |= bit(r);
}

void emitter::own(int r, value v) {
    owner_[static_cast<std::size_t>(r)] = v;
    values_[v].reg = static_cast<std::int8_t>(r);
}

void emitter::release(value v) {
    state& s = values_[v];
    if (s.reg >= 0 && (fixed_ & bit(s.reg)) == 0) {
        free_ |= bit(s.reg);
        pinned_ &= ~bit(s.reg);
        s.reg = -1;
    }
    if (s.slot >= spill_base_ && s.slot < next_spill_) {
        dead_slots_.push_back(s.slot);
        s.slot = no_slot;
    }
}

void emitter::release_dying(const value* v, int n) {
    for (int i = 0; i < n; ++i) {
        if (values_[v[i]].next == never_used) release(v[i]);
    }
}

int emitter::use(value v) {
    state& s = values_[v];
    if (s.reg >= 0) {
        pinned_ |= bit(s.reg);
        return s.reg;
    }
    if (v >= values_.size() - 4) {
        const int r = allocate(false);
        own(r, v);
        fill_from(r, stack(s.slot), 32);
        return r;
    }
    const step& st = p_.steps[s.step];
    const int r = allocate(st.width == 0);
    own(r, v);
    if (s.slot != no_slot) {
        fill_from(r, stack(s.slot), st.width);
    } else if (st.shape == form::given) {
        const int reduction = static_cast<int>(
            std::find_if(p_.folds.begin(), p_.folds.end(), [&](const fold& f) { return f.accumulator == s.step; }) - p_.folds.begin());
        fill_from(r, accumulator_slot(static_cast<std::size_t>(reduction), s.copy), st.width);
    } else if (st.shape == form::position) {
        load_position(st, s.copy, r);
    } else if (st.shape == form::load && st.when == level::element) {
        load(st, s.copy, r);
    } else {
        materialise(s.step, r);
    }
    return r;
}

// Whether the last operand of a step may be read from memory, where it is.
bool emitter::folds(value v, const step& user, const value* operands, int n) const {
    const state& s = values_[v];
    if (s.reg >= 0) return false;
    const step& st = p_.steps[s.step];
    const int vector = user.memory;
    if (s.slot != no_slot) return vector != 0 && st.width >= vector;
    switch (st.shape) {
        case form::constant: return st.width != 0 && (vector != 0 || user.broadcast != 0);
        case form::pattern: return vector != 0;
        case form::param: return user.broadcast == st.element;
        case form::load: {
            if (k_.inputs[st.a].counts) return false;
            if (st.when == level::row) return user.broadcast == st.element;
            const bool once = std::count(operands, operands + n, v) == 1 && s.next == never_used;
            return once && !tail_ && (st.piece != 0 || k_.inputs[st.a].inner == access::unit) && vector != 0 && vector == st.bytes;
        }
        default: return false;
    }
}

x86::Mem emitter::folded(value v, const step& user) {
    const state& s = values_[v];
    const step& st = p_.steps[s.step];
    const auto broadcast = [&](x86::Mem m, int element) {
        m.setSize(0);
        m.setBroadcast(static_cast<x86::Mem::Broadcast>(std::countr_zero(static_cast<unsigned>(user.view / element))));
        return m;
    };
    if (s.slot != no_slot) return stack(s.slot, user.memory);
    if (st.shape == form::constant) {
        const int element = std::max<int>(st.element, 4);
        if (user.broadcast == element) return broadcast(constant_scalar(st.bits, st.element), element);
        x86::Mem m = constant_vector(st);
        m.setSize(user.memory);
        return m;
    }
    if (st.shape == form::pattern) return constant_vector(st);
    if (st.shape == form::param) {
        put(x86::Inst::kIdMov, x86::rax, x86::qword_ptr(x86::rdi, offsetof(frame, params)));
        return broadcast(x86::Mem(x86::rax, 8 * st.a), st.element);
    }
    if (st.when == level::row) return broadcast(x86::Mem(pointer(st.a), 0), st.element);
    x86::Mem m = st.piece != 0 ? piece_address(st.a, st, s.copy) : address(st.a, st.element, s.copy);
    m.setSize(user.memory);
    return m;
}

void emitter::materialise(std::uint16_t n, int r) {
    const step& s = p_.steps[n];
    const auto broadcast = [&](const x86::Mem& m, int element) {
        x86::Mem sized = m;
        sized.setSize(static_cast<std::uint32_t>(element));
        put(by_size(static_cast<std::size_t>(element), x86::Inst::kIdVpbroadcastb, x86::Inst::kIdVpbroadcastw, x86::Inst::kIdVpbroadcastd,
                    x86::Inst::kIdVpbroadcastq),
            reg(r, s.width), sized);
    };
    const asmjit::Operand narrow = reg(r, 16), all = reg(r, s.width);
    switch (s.shape) {
        case form::constant:
            if (s.width == 0) {
                put(s.bits != 0 ? x86::Inst::kIdKxnorq : x86::Inst::kIdKxorq, all, all, all);
            } else if (s.bits == 0) {
                put(r < 16 ? x86::Inst::kIdVpxor : x86::Inst::kIdVpxord, narrow, narrow, narrow);
            } else if (s.bits == ones(s.element)) {
                if (p_.avx512) {
                    put(x86::Inst::kIdVpternlogd, all, all, all, asmjit::Imm(0xff));
                } else {
                    put(x86::Inst::kIdVpcmpeqd, all, all, all);
                }
            } else {
                broadcast(constant_scalar(s.bits, s.element), std::max<int>(s.element, 4));
            }
            return;
        case form::pattern: fill_from(r, constant_vector(s), s.width); return;
        case form::bit_pattern:
            put(x86::Inst::kIdMov, x86::rax, asmjit::Imm(static_cast<std::int64_t>(s.bits)));
            put(x86::Inst::kIdKmovq, all, x86::rax);
            return;
        case form::param:
            put(x86::Inst::kIdMov, x86::rax, x86::qword_ptr(x86::rdi, offsetof(frame, params)));
            broadcast(x86::Mem(x86::rax, 8 * s.a), s.element);
            return;
        default:
            if (k_.inputs[s.a].counts) return broadcast_address(pointer(s.a), r, s.width);
            broadcast(x86::Mem(pointer(s.a), 0), s.element);
            return;
    }
}

void emitter::move(int to, int from, int bytes) {
    if (to == from) return;
    put(to >= mask_base ? x86::Inst::kIdKmovq : x86::Inst::kIdVmovaps, reg(to, bytes), reg(from, bytes));
}

void emitter::spill_to(const x86::Mem& m, int r, int bytes) { put(r >= mask_base ? x86::Inst::kIdKmovq : x86::Inst::kIdVmovups, m, reg(r, bytes)); }

void emitter::fill_from(int r, const x86::Mem& m, int bytes) { put(r >= mask_base ? x86::Inst::kIdKmovq : x86::Inst::kIdVmovups, reg(r, bytes), m); }

}  // namespace sinter::inline v1::detail::codegen::jit
