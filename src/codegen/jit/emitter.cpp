#include "codegen/jit/emitter.hpp"

#include <utility>

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

// By kind, then by type (float, double), then by order: the digits say which operands are multiplied (the first two) and added.
constexpr std::uint32_t fma_orders[3][2][3] = {
    {{I::kIdVfmadd132ps, I::kIdVfmadd213ps, I::kIdVfmadd231ps}, {I::kIdVfmadd132pd, I::kIdVfmadd213pd, I::kIdVfmadd231pd}},
    {{I::kIdVfmsub132ps, I::kIdVfmsub213ps, I::kIdVfmsub231ps}, {I::kIdVfmsub132pd, I::kIdVfmsub213pd, I::kIdVfmsub231pd}},
    {{I::kIdVfnmadd132ps, I::kIdVfnmadd213ps, I::kIdVfnmadd231ps}, {I::kIdVfnmadd132pd, I::kIdVfnmadd213pd, I::kIdVfnmadd231pd}},
};

}  // namespace

void emitter::write() {
    as_.bind(as_.newNamedLabel("kernel"));
    enter();
    if (column()) {
        columns();
    } else if (k_.has_squares()) {
        squares();
    } else {
        rows_loop();
    }
    as_.bind(exit_);
    leave();
    write_stubs();
    write_constants();
}

void emitter::block(const schedule& s, int bias, bool tail, int first_copy) {
    bias_ = bias;
    tail_ = tail;
    reset(s, first_copy);
    if (!tail && (&s == &main_ || &s == &single_)) ask_ahead(0, s.copies);
    for (std::size_t at = 0; at < s.items.size(); ++at) run(s.items[at], s.after[at]);
}

// A line is asked for once, by the copy that comes to its first byte.
void emitter::ask_ahead(int first, int copies) {
    for (std::size_t n = 0; n < k_.inputs.size(); ++n) {
        const input& in = k_.inputs[n];
        const bool asks = k_.asks_ahead > 0 && copies == unroll_ && in.inner == access::unit && !in.counts;
        if (in.ahead == 0 && !asks) continue;
        const std::size_t size = size_of(k_.inputs[n].type);
        const int lines = std::max(1, copies * p_.lanes * static_cast<int>(size) / 64);
        for (int i = 0; i < lines; ++i) {
            if (in.ahead != 0 && (in.ahead >> (4 * i / lines) & 1U) == 0) continue;
            x86::Mem m = address(n, size, first);
            m.addOffset(64 * i + (in.ahead != 0 ? 0 : k_.asks_ahead));
            put(in.to_second ? I::kIdPrefetcht1 : I::kIdPrefetcht0, m);
        }
    }
}

void emitter::run(const item& it, const std::array<std::uint16_t, 3>& after) {
    const step& s = p_.steps[it.step];
    // Nothing follows a row's tail.
    if (tail_ && s.numbers) return;
    const int n = operands_of(s.shape);
    const std::uint16_t operands[] = {s.a, s.b, s.c};
    value v[3] = {};
    pinned_ = 0;
    free_slots_.insert(free_slots_.end(), dead_slots_.begin(), dead_slots_.end());
    dead_slots_.clear();
    for (int i = 0; i < n; ++i) {
        v[i] = value_of(operands[i], it.copy);
        values_[v[i]].next = after[static_cast<std::size_t>(i)];
        if (values_[v[i]].reg >= 0) pinned_ |= std::uint64_t{1} << values_[v[i]].reg;
    }
    if (arrival_ != arrival::more && s.into != 0 && (arrival_ == arrival::first || s.shape == form::fma)) return arrive(it, s, v);
    if (is_carried(s)) leave_room(s, it.copy);
    const int width = narrowed_ == 0 || s.width == 0 ? s.width : std::min<int>(narrowed_, s.width);
    const int view = narrowed_ == 0 ? s.view : std::min<int>(narrowed_, s.view);

    // The last operand, from memory where that saves an instruction; the others are in registers by then, for a folded
    // operand may hold a scratch register.
    const auto last = [&](value o) -> asmjit::Operand {
        if (folds(o, s, v, n)) return folded(o, s);
        return reg(use(o), view);
    };
    switch (s.shape) {
        case form::load: (void)use(value_of(it.step, it.copy)); return;
        case form::store:
        case form::store_masked: run_store(it, s, v); return;
        case form::permute: run_permute(it, s, v); return;
        case form::rare: run_rare(it, s, v); return;
        case form::gather: run_gather(it, s, v); return;
        case form::masked: return p_.loops() ? run_masked(it, s, v) : run_kept(it, s, v);
        case form::carry: {
            const int r = use(v[0]);
            release_dying(v, n);
            finish_carried(it, s, r);
            return;
        }
        case form::fma:
            if (!add_product(it, s, v)) run_fma(it, s, v);
            return;
        case form::ternary: run_ternary(it, s, v); return;
        case form::unary:
        case form::unary_imm: {
            const asmjit::Operand a = last(v[0]);
            release_dying(v, n);
            const int d = define(it, s);
            if (s.shape == form::unary) {
                put(s.inst, reg(d, width), a);
            } else {
                put(s.inst, reg(d, width), a, Imm(s.imm));
            }
            finish(it, s, d);
            return;
        }
        case form::binary:
        case form::binary_imm:
        case form::insert: {
            const asmjit::Operand a = reg(use(v[0]), s.shape == form::insert ? width : view);
            const asmjit::Operand b = last(v[1]);
            release_dying(v, n);
            // Straight into the accumulator, in the lanes that there are (logic has lanes of 4 and 8 bytes only).
            const bool masked = tail_ && s.into != 0 && !p_.loops() && p_.avx512 && s.shape == form::binary && s.width != 0 &&
                                (s.broadcast == 0 || s.broadcast == s.element) && accumulator_register(s.into - 1U, it.copy) >= 0;
            const int d = masked ? accumulator_register(s.into - 1U, it.copy) : define(it, s);
            if (masked) {
                put_masked(1, false, s.inst, reg(d, width), a, b);
                return;
            }
            if (s.shape == form::binary) {
                put(s.inst, reg(d, width), a, b);
            } else {
                put(s.inst, reg(d, width), a, b, Imm(s.imm));
            }
            finish(it, s, d);
            return;
        }
        case form::blend: {
            const int mask = use(v[0]);
            const asmjit::Operand b = reg(use(v[1]), view);
            const asmjit::Operand c = last(v[2]);
            release_dying(v, n);
            const int d = define(it, s);
            put_masked(mask - mask_base, false, s.inst, reg(d, width), b, c);
            finish(it, s, d);
            return;
        }
        case form::zero_masked: {
            const int mask = use(v[0]);
            const asmjit::Operand b = last(v[1]);
            release_dying(v, n);
            const int d = define(it, s);
            put_masked(mask - mask_base, true, s.inst, reg(d, width), b);
            finish(it, s, d);
            return;
        }
        case form::compare_some: {
            const int mask = use(v[0]);
            const asmjit::Operand b = reg(use(v[1]), view);
            const asmjit::Operand c = last(v[2]);
            release_dying(v, n);
            const int d = define(it, s);
            put_masked(mask - mask_base, false, s.inst, reg(d, width), b, c, Imm(s.imm));
            finish(it, s, d);
            return;
        }
        case form::blend_vector: {
            const asmjit::Operand mask = reg(use(v[0]), view);
            const asmjit::Operand b = reg(use(v[1]), view);
            const asmjit::Operand c = last(v[2]);
            release_dying(v, n);
            const int d = define(it, s);
            put(s.inst, reg(d, width), b, c, mask);
            finish(it, s, d);
            return;
        }
        default: throw declined{"a step that cannot be written"};
    }
}

// Straight into an accumulator that has a register, in a tail for the lanes that there are. False: it goes the way of any fma.
bool emitter::add_product(const item& it, const step& s, const value* v) {
    if (s.into == 0 || p_.loops() || narrowed_ != 0 || s.c != p_.folds[s.into - 1U].accumulator) return false;
    const int to = accumulator_register(s.into - 1U, it.copy);
    if (to < 0 || (tail_ && !p_.avx512)) return false;
    int first = 0;
    if (folds(v[0], s, v, 3)) first = 1;
    const asmjit::Operand left = reg(use(v[first]), s.view);
    const value other = v[1 - first];
    const asmjit::Operand right = folds(other, s, v, 3) ? asmjit::Operand(folded(other, s)) : reg(use(other), s.view);
    release_dying(v, 2);
    const auto adds = fma_orders[s.inst][s.element == 8 ? 1 : 0][2];
    if (tail_) {
        put_masked(1, false, adds, reg(to, s.width), left, right);
    } else {
        put(adds, reg(to, s.width), left, right);
    }
    return true;
}

// What comes to an accumulator that has nothing yet, or that what one element comes to is added to.
void emitter::arrive(const item& it, const step& s, const value* v) {
    const std::size_t r = s.into - 1U;
    const int to = accumulator_register(r, it.copy);
    if (s.shape != form::fma) {
        const int from = use(v[1]);
        release_dying(v, 2);
        return move(to, from, s.width);
    }
    const bool wide = s.element == 8;
    const asmjit::Operand left = reg(use(v[0]), s.view), right = reg(use(v[1]), s.view);
    const int sum = arrival_ == arrival::first ? to : allocate(false);
    if (v[0] == v[1]) {
        // A square is not -0, so 0 makes no difference.
        put(wide ? I::kIdVmulpd : I::kIdVmulps, reg(sum, s.width), left, right);
    } else {
        materialise(p_.folds[r].identity, sum);
        put(fma_orders[s.inst][wide ? 1 : 0][2], reg(sum, s.width), left, right);
    }
    release_dying(v, 2);
    if (sum == to) return;
    put(wide ? I::kIdVaddpd : I::kIdVaddps, reg(to, s.width), reg(to, s.width), reg(sum, s.width));
    free_ |= std::uint64_t{1} << sum;
}

// One of the three orders overwrites an operand that nobody needs any more, and one takes an operand from memory.
void emitter::run_fma(const item& it, const step& s, const value* v) {
    const auto& orders = fma_orders[s.inst][s.element == 8 ? 1 : 0];
    constexpr int nothing = 3;
    int memory = nothing;
    for (const int i : {2, 1, 0}) {
        if (memory == nothing && folds(v[i], s, v, 3)) memory = i;
    }
    int r[3] = {-1, -1, -1};
    for (int i = 0; i < 3; ++i) {
        if (i != memory) r[i] = use(v[i]);
    }
    const auto is_loose = [&](int i) { return i != memory && (fixed_ >> r[i] & 1U) == 0; };
    const auto is_dying = [&](int i) { return is_loose(i) && values_[v[i]].next == never_used; };
    const auto has_copy = [&](int i) { return is_loose(i) && (values_[v[i]].slot != no_slot || can_be_remade(values_[v[i]])); };
    int over = nothing;
    const int home = is_carried(s) ? carried_register(s, it.copy) : -1;
    for (const int i : {2, 0, 1}) {
        // The carried value that this one takes the place of.
        if (over == nothing && home >= 0 && r[i] == home && values_[v[i]].next == never_used) over = i;
    }
    for (const int i : {2, 0, 1}) {
        if (over == nothing && is_dying(i)) over = i;
    }
    if (over == nothing && memory == 2) {
        r[2] = use(v[2]);
        memory = nothing;
        if (is_dying(2)) over = 2;
    }
    for (const int i : {2, 0, 1}) {
        if (over == nothing && has_copy(i)) over = i;
    }
    const asmjit::Operand m = memory == nothing ? asmjit::Operand() : folded(v[memory], s);
    int d;
    if (over == nothing) {
        // All are needed later.
        d = define(it, s);
        move(d, r[2], s.width);
        r[2] = d;
        over = 2;
    } else {
        d = r[over];
        // Taken over: not to be freed with the others.
        values_[v[over]].reg = -1;
    }
    release_dying(v, 3);
    const auto operand = [&](int i) { return i == memory ? m : reg(r[i], s.view); };
    const asmjit::Operand to = reg(d, s.width);
    if (over == 2) {
        const int left = memory == 0 ? 1 : 0;
        put(orders[2], to, operand(left), operand(1 - left));
    } else {
        const int other = 1 - over;
        // 132: to * last + middle; 213: middle * to + last. The order keeps the left factor left unless memory is in the way.
        const bool last_is_added = memory == 2 || (memory == nothing && over == 1);
        if (last_is_added) {
            put(orders[1], to, operand(other), operand(2));
        } else {
            put(orders[0], to, operand(2), operand(other));
        }
    }
    finish(it, s, d);
}

// The instruction overwrites its first operand and may read its last one from memory; the table is turned to fit.
void emitter::run_ternary(const item& it, const step& s, const value* v) {
    constexpr int nothing = 3;
    int memory = nothing;
    for (const int i : {2, 1, 0}) {
        if (memory == nothing && folds(v[i], s, v, 3)) memory = i;
    }
    int r[3] = {-1, -1, -1};
    for (int i = 0; i < 3; ++i) {
        if (i != memory) r[i] = use(v[i]);
    }
    const asmjit::Operand m = memory == nothing ? asmjit::Operand() : folded(v[memory], s);
    int over = nothing;
    for (int i = 0; i < 3; ++i) {
        const bool dies = i != memory && values_[v[i]].next == never_used && (fixed_ >> r[i] & 1U) == 0;
        if (over == nothing && dies) over = i;
    }
    int d;
    if (over == nothing) {
        over = memory == 0 ? 1 : 0;
        d = define(it, s);
        move(d, r[over], s.width);
    } else {
        d = r[over];
        values_[v[over]].reg = -1;
    }
    release_dying(v, 3);
    int order[3] = {over, over == 0 ? 1 : 0, 0};
    order[2] = 3 - order[0] - order[1];
    if (order[1] == memory) std::swap(order[1], order[2]);
    unsigned table = 0;
    for (unsigned bits = 0; bits < 8; ++bits) {
        unsigned place = 0;
        for (int i = 0; i < 3; ++i) place |= (bits >> (2 - i) & 1U) << (2 - order[i]);
        table |= (static_cast<unsigned>(s.imm) >> place & 1U) << bits;
    }
    const asmjit::Operand last = order[2] == memory ? m : reg(r[order[2]], s.view);
    put(s.inst, reg(d, s.width), reg(r[order[1]], s.view), last, Imm(table));
    finish(it, s, d);
}

// The instruction overwrites its first operand, which somebody may still need.
void emitter::run_permute(const item& it, const step& s, const value* v) {
    const int a = use(v[0]), b = use(v[1]);
    const bool by_memory = folds(v[2], s, v, 3);
    const asmjit::Operand c = by_memory ? asmjit::Operand(folded(v[2], s)) : reg(use(v[2]), s.view);
    int d = a;
    if (values_[v[0]].next == never_used && (fixed_ >> a & 1U) == 0) {
        values_[v[0]].reg = -1;
    } else {
        d = define(it, s);
        move(d, a, s.view);
    }
    release_dying(v, 3);
    put(s.inst, reg(d, s.view), reg(b, s.view), c);
    finish(it, s, d);
}

void emitter::run_store(const item& it, const step& s, const value* v) {
    const output& o = k_.outputs[s.imm];
    const std::size_t operand = operand_of_output(s.imm);
    const int r = use(v[0]);
    if (s.piece != 0) {
        store_piece(s, it.copy, r, s.shape == form::store_masked ? use(v[1]) : -1);
    } else if (o.inner == access::unit) {
        const bool by_buffer = tail_ && !p_.avx512 && !masked_by_vector(s.element);
        if (by_buffer) {
            spill_to(stack(buffers_), r, s.width);
            put(I::kIdLea, x86::rdx, address(operand, s.element, it.copy));
            copy_out(s.element, no_slot);
        } else {
            if (tail_ && !p_.avx512) (void)use(tail_mask(s.element));
            store_vector(address(operand, s.element, it.copy), r, s.bytes, s.element, o.streaming);
        }
    } else {
        spill_to(stack(buffers_), r, s.width);
        strided_address(operand, it.copy);
        copy_out(s.element, stride_slots_[operand]);
    }
    release_dying(v, operands_of(s.shape));
}

int emitter::define(const item& it, const step& s) {
    if (is_carried(s)) {
        const int r = carried_register(s, it.copy);
        // These first move an operand to where the result will be, which may be where another operand is.
        const bool moves = s.shape == form::fma || s.shape == form::ternary || s.shape == form::permute || s.shape == form::rare;
        return r >= 0 && !moves ? r : allocate(s.width == 0);
    }
    if (s.into != 0) {
        const int r = accumulator_register(s.into - 1U, it.copy);
        if (r >= 0 && !tail_ && s.shape != form::fma) return r;
        return allocate(s.width == 0);
    }
    if (resident_[it.step] >= 0 && is_hoisted(s)) return resident_[it.step];
    return allocate(s.width == 0, values_[value_of(it.step, it.copy)].wish);
}

void emitter::finish(const item& it, const step& s, int r) {
    const value v = value_of(it.step, it.copy);
    if (is_carried(s)) {
        finish_carried(it, s, r);
        return;
    }
    if (s.into != 0) {
        finish_accumulator(s, it.copy, r);
        return;
    }
    if (is_hoisted(s) && resident_[it.step] >= 0) {
        move(resident_[it.step], r, s.width);
        if (r != resident_[it.step]) free_ |= std::uint64_t{1} << r;
        return;
    }
    if (is_hoisted(s) && home_[it.step] != no_slot) spill_to(stack(home_[it.step]), r, s.width);
    own(r, v);
    if (values_[v].next == never_used) release(v);
}

}  // namespace sinter::inline v1::detail::codegen::jit
