#include "codegen/jit/emitter.hpp"

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

constexpr unsigned standard_mxcsr = 0x1f80;
constexpr unsigned mxcsr_flags = 0x3f;

[[nodiscard]] x86::Mem in_frame(std::size_t offset) { return x86::qword_ptr(x86::rdi, static_cast<std::int32_t>(offset)); }

}  // namespace

void emitter::enter() {
    const asmjit::Label kernel = as_.labelByName("kernel"), standard = as_.newNamedLabel(in_default_label);
    const x86::Mem scratch = x86::dword_ptr(x86::rsp, -4);
    put(I::kIdVstmxcsr, scratch);
    put(I::kIdMov, x86::eax, scratch);
    put(I::kIdAnd, x86::eax, Imm(~mxcsr_flags & 0xffffU));
    put(I::kIdCmp, x86::eax, Imm(standard_mxcsr));
    put(I::kIdJe, standard);
    // Another mode: once more from the start under the standard one.
    put(I::kIdSub, x86::rsp, Imm(24));
    put(I::kIdVstmxcsr, x86::dword_ptr(x86::rsp, 8));
    put(I::kIdMov, x86::dword_ptr(x86::rsp, 12), Imm(standard_mxcsr));
    put(I::kIdVldmxcsr, x86::dword_ptr(x86::rsp, 12));
    put(I::kIdCall, kernel);
    put(I::kIdVldmxcsr, x86::dword_ptr(x86::rsp, 8));
    put(I::kIdAdd, x86::rsp, Imm(24));
    put(I::kIdRet);
    as_.bind(standard);

    if (frame_bytes_ > 0) {
        put(I::kIdPush, x86::rbp);
        put(I::kIdMov, x86::rbp, x86::rsp);
    }
    for (const x86::Gp& r : saved_) put(I::kIdPush, r);
    if (frame_bytes_ > 0) {
        put(I::kIdSub, x86::rsp, Imm((frame_bytes_ + 63) / 64 * 64));
        put(I::kIdAnd, x86::rsp, Imm(-64));
    }
}

void emitter::leave() {
    put(I::kIdVzeroupper);
    if (frame_bytes_ > 0) put(I::kIdLea, x86::rsp, x86::ptr(x86::rbp, -8 * static_cast<int>(saved_.size())));
    for (std::size_t n = saved_.size(); n-- > 0;) put(I::kIdPop, saved_[n]);
    if (frame_bytes_ > 0) put(I::kIdPop, x86::rbp);
    put(I::kIdRet);
}

// In rows, pointers go to the end of the row; in columns they are the operands' own.
void emitter::load_pointers() {
    put(I::kIdMov, x86::rax, in_frame(offsetof(frame, pointers)));
    if (!column()) put(I::kIdMov, x86::rcx, in_frame(offsetof(frame, n)));
    for (std::size_t n = 0; n < pointers_.size(); ++n) {
        if (!has_pointer(n)) continue;
        const bool on_stack = !pointers_[n].isValid();
        const x86::Gp to = on_stack ? x86::Gp(x86::r11) : pointers_[n];
        put(I::kIdMov, to, x86::Mem(x86::rax, static_cast<std::int32_t>(8 * n), 8));
        const bool is_input = n < k_.inputs.size();
        const std::size_t o = n - k_.inputs.size();
        const bool is_output = !is_input && o < k_.outputs.size();
        if (!column() && (is_input || is_output)) {
            const access inner = is_input ? k_.inputs[n].inner : k_.outputs[o].inner;
            const std::size_t size = size_of(is_input ? k_.inputs[n].type : k_.outputs[o].type);
            if (inner == access::unit) {
                put(I::kIdLea, to, x86::Mem(to, x86::rcx, static_cast<std::uint32_t>(std::countr_zero(size)), 0));
            } else if (inner == access::strided) {
                put(I::kIdMov, x86::rdx, stack(stride_slots_[n], 8));
                put(I::kIdImul, x86::rdx, x86::rcx);
                put(I::kIdAdd, to, x86::rdx);
            }
        }
        if (on_stack) put(I::kIdMov, stack(pointer_slots_[n], 8), to);
    }
}

// Strides, and what is the same for the whole call.
void emitter::prepare_call() {
    const auto keep = [&](const std::vector<int>& slots, std::size_t list) {
        bool first = true;
        for (std::size_t n = 0; n < slots.size(); ++n) {
            if (slots[n] == no_slot) continue;
            if (first) put(I::kIdMov, x86::rax, in_frame(list));
            first = false;
            put(I::kIdMov, x86::rdx, x86::Mem(x86::rax, static_cast<std::int32_t>(8 * n), 8));
            put(I::kIdMov, stack(slots[n], 8), x86::rdx);
        }
    };
    keep(stride_slots_, offsetof(frame, inner_strides));
    keep(step_slots_, offsetof(frame, steps));
    for (std::size_t s = 0; s < p_.loop_end; ++s) {
        const step& st = p_.steps[s];
        if (resident_[s] >= 0 && is_hoisted(st) && st.shape < form::unary && st.when != level::row) {
            materialise(static_cast<std::uint16_t>(s), resident_[s]);
        }
    }
    if (!call_.items.empty()) block(call_, 0, false);
}

void emitter::prepare_row() {
    if (!has_row_loads_) return;
    const asmjit::Label nothing = as_.newLabel();
    if (p_.kind == kernel_kind::row_reduce) {
        put(I::kIdCmp, in_frame(offsetof(frame, n)), Imm(0));
        put(I::kIdJle, nothing);
    }
    for (std::size_t s = 0; s < p_.loop_end; ++s) {
        if (resident_[s] >= 0 && p_.steps[s].shape == form::load) materialise(static_cast<std::uint16_t>(s), resident_[s]);
    }
    if (!row_.items.empty()) block(row_, 0, false);
    as_.bind(nothing);
}

void emitter::advance_pointers() {
    put(I::kIdMov, x86::rax, in_frame(offsetof(frame, row_strides)));
    for (std::size_t n = 0; n < pointers_.size(); ++n) {
        const x86::Mem stride(x86::rax, static_cast<std::int32_t>(8 * n), 8);
        if (!has_pointer(n)) continue;
        if (pointers_[n].isValid()) {
            put(I::kIdAdd, pointers_[n], stride);
        } else {
            put(I::kIdMov, x86::rdx, stride);
            put(I::kIdAdd, stack(pointer_slots_[n], 8), x86::rdx);
        }
    }
}

void emitter::loop_head(int alignment, asmjit::Label label) {
    as_.align(asmjit::AlignMode::kCode, static_cast<std::uint32_t>(alignment));
    as_.bind(label);
}

void emitter::rows_loop() {
    const asmjit::Label row = as_.newLabel();
    if (p_.kind == kernel_kind::map) {
        put(I::kIdCmp, in_frame(offsetof(frame, n)), Imm(0));
        put(I::kIdJle, exit_);
    }
    const x86::Gp counter = rows_.isValid() ? rows_ : x86::Gp(x86::rax);
    put(I::kIdMov, counter, in_frame(offsetof(frame, rows)));
    put(I::kIdTest, counter, counter);
    put(I::kIdJle, exit_);
    if (!rows_.isValid()) put(I::kIdMov, stack(rows_slot_, 8), counter);
    prepare_call();
    load_pointers();
    if (has_one_turn()) rows_of_one_turn();
    as_.bind(row);
    prepare_row();
    if (p_.kind == kernel_kind::map) {
        map_row();
    } else if (k_.beside > 0) {
        reduce_beside();
    } else {
        reduce_row();
    }
    if (rows_.isValid()) {
        put(I::kIdDec, rows_);
    } else {
        put(I::kIdDec, stack(rows_slot_, 8));
    }
    put(I::kIdJz, exit_);
    advance_pointers();
    put(I::kIdJmp, row);
}

// The index is ahead by the elements of one turn: add, and go on while it is not past the end.
void emitter::map_row() {
    const asmjit::Label main = as_.newLabel(), rest = as_.newLabel(), single = as_.newLabel(), tail = as_.newLabel(), end = as_.newLabel();
    const int lanes = p_.lanes, turn = unroll_ * lanes;
    put(I::kIdMov, x86::r11d, Imm(turn));
    put(I::kIdSub, x86::r11, in_frame(offsetof(frame, n)));
    put(I::kIdJg, rest);
    if (rotates()) {
        rotating_row();
    } else {
        loop_head(64, main);
        vectors(unroll_, -turn, false);
        put(I::kIdAdd, x86::r11, Imm(turn));
        put(I::kIdJle, main);
    }
    as_.bind(rest);
    if (unroll_ > 1) {
        put(I::kIdSub, x86::r11, Imm(turn - lanes));
        put(I::kIdJg, tail);
        loop_head(16, single);
        vectors(1, -lanes, false);
        put(I::kIdAdd, x86::r11, Imm(lanes));
        put(I::kIdJle, single);
        as_.bind(tail);
    }
    put(I::kIdSub, x86::r11, Imm(lanes));
    put(I::kIdJz, end);
    set_tail();
    vectors(1, 0, true);
    as_.bind(end);
}

void emitter::vectors(int copies, int bias, bool tail) {
    const bool all = copies == unroll_ && !tail;
    if (p_.loops()) {
        turn(all ? main_turns_ : single_turns_, bias, tail);
    } else {
        block(all ? main_ : single_, bias, tail);
    }
}

void emitter::reduce_row() {
    const asmjit::Label main = as_.newLabel(), rest = as_.newLabel(), done = as_.newLabel();
    const int lanes = p_.lanes, turn = unroll_ * lanes;
    start_accumulators(unroll_);
    put(I::kIdMov, x86::r11d, Imm(turn));
    put(I::kIdSub, x86::r11, in_frame(offsetof(frame, n)));
    sum_bytes(turn);
    put(I::kIdJg, rest);
    loop_head(64, main);
    block(main_, -turn, false);
    put(I::kIdAdd, x86::r11, Imm(turn));
    if (is_decided_early(k_)) {
        put(I::kIdJg, rest);
        go_on_unless_decided(turn, main, done);
    } else {
        put(I::kIdJle, main);
    }
    as_.bind(rest);
    // Less than a turn is left: one vector after the other, each into its own accumulators.
    put(I::kIdSub, x86::r11, Imm(turn));
    put(I::kIdJz, done);
    for (int copy = 0; copy < unroll_; ++copy) {
        set_tail();
        block(single_, 0, true, copy);
        if (copy + 1 == unroll_) break;
        put(I::kIdAdd, x86::r11, Imm(lanes));
        put(I::kIdJge, done);
    }
    as_.bind(done);
    // An index looks at all lanes of the values.
    for (std::size_t r = 0; r < p_.folds.size(); ++r) {
        if (p_.folds[r].extreme != 0) store_row_index(r);
    }
    for (std::size_t r = 0; r < p_.folds.size(); ++r) {
        if (p_.folds[r].extreme == 0 && !p_.folds[r].hidden) combine_tree(r);
    }
}

void emitter::columns() {
    const asmjit::Label tile = as_.newLabel(), rest = as_.newLabel(), single = as_.newLabel(), tail = as_.newLabel();
    const auto past_end = [&](int columns, const asmjit::Label& to) {
        put(I::kIdLea, x86::rax, x86::Mem(x86::r11, columns));
        put(I::kIdCmp, x86::rax, in_frame(offsetof(frame, n)));
        put(I::kIdJg, to);
    };
    prepare_call();
    put(I::kIdXor, x86::r11d, x86::r11d);
    as_.bind(tile);
    past_end(unroll_ * p_.lanes, rest);
    column_tile(main_, false);
    put(I::kIdAdd, x86::r11, Imm(unroll_ * p_.lanes));
    put(I::kIdJmp, tile);
    as_.bind(rest);
    if (unroll_ > 1) {
        as_.bind(single);
        past_end(p_.lanes, tail);
        column_tile(single_, false);
        put(I::kIdAdd, x86::r11, Imm(p_.lanes));
        put(I::kIdJmp, single);
    }
    as_.bind(tail);
    put(I::kIdCmp, x86::r11, in_frame(offsetof(frame, n)));
    put(I::kIdJge, exit_);
    set_tail();
    column_tile(single_, true);
}

void emitter::column_tile(const schedule& s, bool tail) {
    const asmjit::Label row = as_.newLabel(), done = as_.newLabel();
    if (frame_bytes_ > 0) {
        // r11 carries pointers to the stack while they are loaded.
        put(I::kIdMov, x86::rcx, x86::r11);
        load_pointers();
        put(I::kIdMov, x86::r11, x86::rcx);
    } else {
        load_pointers();
    }
    start_accumulators(s.copies);
    const x86::Gp counter = rows_.isValid() ? rows_ : x86::Gp(x86::rax);
    put(I::kIdMov, counter, in_frame(offsetof(frame, rows)));
    put(I::kIdTest, counter, counter);
    put(I::kIdJle, done);
    if (!rows_.isValid()) put(I::kIdMov, stack(rows_slot_, 8), counter);
    loop_head(64, row);
    block(s, 0, tail);
    advance_pointers();
    if (rows_.isValid()) {
        put(I::kIdDec, rows_);
    } else {
        put(I::kIdDec, stack(rows_slot_, 8));
    }
    put(I::kIdJnz, row);
    as_.bind(done);
    tail_ = tail;
    store_columns(s.copies, tail);
}

}  // namespace sinter::inline v1::detail::codegen::jit
