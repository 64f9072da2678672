#include "codegen/jit/emitter.hpp"

#include <bit>

// Elements that an index points at. Element by element: the instructions that gather are no faster where they are microcoded, do not know elements of 1 and 2 bytes, and offsets may not
// fit 32 bits. Where the index is the same along a row, whole vectors are read.

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

[[nodiscard]] std::uint32_t shift_of(std::size_t element) noexcept { return static_cast<std::uint32_t>(std::countr_zero(element)); }

}  // namespace

void emitter::run_gather(const item& it, const step& s, const value* v) {
    const step& index = p_.steps[s.a];
    const int from = use(v[0]);
    const bool along_row = index.when != level::element;
    if (!along_row) {
        spill_to(stack(buffers_), from, index.width);
    } else if (index.element == 8) {
        put(I::kIdVmovq, x86::rcx, reg(from, 16));
    } else {
        put(I::kIdVmovd, x86::ecx, reg(from, 16));
        put(I::kIdMovsxd, x86::rcx, x86::ecx);
    }
    release_dying(v, 1);
    const int d = define(it, s);
    if (along_row) {
        gather_along_row(s, it.copy, d);
    } else {
        gather_elements(s, it.copy, d);
    }
    finish(it, s, d);
}

/// An index to bytes, but where an address can be scaled by the size of an element.
void emitter::add_steps(const x86::Gp& index, std::size_t input) {
    if (!k_.inputs[input].next) put(I::kIdImul, index, stack(step_slots_[input], 8));
}

// rcx: the index.
void emitter::gather_along_row(const step& s, int copy, int r) {
    const std::size_t input = s.imm;
    const access inner = k_.inputs[input].inner;
    add_steps(x86::rcx, input);
    if (k_.inputs[input].next && s.element > 1) put(I::kIdShl, x86::rcx, Imm(shift_of(s.element)));
    if (inner == access::strided) {
        strided_address(input, copy);
        put(I::kIdAdd, x86::rdx, x86::rcx);
        if (tail_) {
            copy_elements_in(s, stride_slots_[input], r);
        } else {
            put(I::kIdMov, x86::rcx, stack(stride_slots_[input], 8));
            load_elements(s, r);
        }
        return;
    }
    put(I::kIdAdd, x86::rcx, pointer(input));
    if (inner == access::broadcast) {
        put(by_size(s.element, I::kIdVpbroadcastb, I::kIdVpbroadcastw, I::kIdVpbroadcastd, I::kIdVpbroadcastq), reg(r, s.width), x86::Mem(x86::rcx, 0, s.element));
        return;
    }
    const x86::Mem m(x86::rcx, x86::r11, shift_of(s.element), (bias_ + copy * p_.lanes) * static_cast<int>(s.element));
    if (tail_ && p_.avx512) {
        put_masked(1, true, masked_move(s.element), reg(r, s.width), m);
    } else if (tail_ && masked_by_vector(s.element)) {
        const int mask = use(tail_mask(s.element));
        put(s.element == 4 ? I::kIdVmaskmovps : I::kIdVmaskmovpd, reg(r, s.width), reg(mask, s.width), m);
    } else if (tail_) {
        put(I::kIdLea, x86::rdx, m);
        copy_tail(s.element, false);
        fill_from(r, stack(buffers_), s.width);
    } else {
        put(s.bytes >= 16 ? I::kIdVmovups : s.bytes == 8 ? I::kIdVmovq : I::kIdVmovd, reg(r, s.width), m);
    }
}

// The indices are in the buffers.
void emitter::gather_elements(const step& s, int copy, int r) {
    const std::size_t input = s.imm;
    const access inner = k_.inputs[input].inner;
    if (inner == access::strided) {
        strided_address(input, copy);
    } else if (inner == access::unit) {
        put(I::kIdLea, x86::rdx, address(input, s.element, copy));
    } else if (const x86::Gp base = pointer(input); base != x86::rdx) {
        put(I::kIdMov, x86::rdx, base);
    }
    if (tail_) return gather_tail(s, r);
    const int element = s.element;
    const bool wide = p_.steps[s.a].element == 8;
    const std::uint32_t scale = k_.inputs[input].next ? shift_of(s.element) : 0;
    insert_elements(s, r, [&](int lane) {
        const x86::Gp index = lane % 2 == 0 ? x86::Gp(x86::rcx) : x86::Gp(x86::rax);
        if (inner == access::strided && lane > 0) put(I::kIdAdd, x86::rdx, stack(stride_slots_[input], 8));
        if (wide) {
            put(I::kIdMov, index, stack(buffers_ + 8 * lane, 8));
        } else {
            put(I::kIdMovsxd, index, stack(buffers_ + 4 * lane, 4));
        }
        add_steps(index, input);
        return x86::Mem(x86::rdx, index, scale, inner == access::unit ? lane * element : 0, static_cast<std::uint32_t>(element));
    });
}

// Those elements only that there are: from [rdx] through the buffers, behind the indices.
void emitter::gather_tail(const step& s, int r) {
    constexpr int behind = 64;
    const std::size_t input = s.imm;
    const access inner = k_.inputs[input].inner;
    const asmjit::Label loop = as_.newLabel();
    put(I::kIdXor, x86::ecx, x86::ecx);
    as_.bind(loop);
    if (p_.steps[s.a].element == 8) {
        put(I::kIdMov, x86::rax, x86::Mem(x86::rsp, x86::rcx, 3, buffers_, 8));
    } else {
        put(I::kIdMovsxd, x86::rax, x86::Mem(x86::rsp, x86::rcx, 2, buffers_, 4));
    }
    add_steps(x86::rax, input);
    const x86::Mem m(x86::rdx, x86::rax, k_.inputs[input].next ? shift_of(s.element) : 0, 0, s.element);
    if (s.element < 4) {
        put(I::kIdMovzx, x86::eax, m);
    } else {
        put(I::kIdMov, sized(x86::rax, s.element), m);
    }
    put(I::kIdMov, x86::Mem(x86::rsp, x86::rcx, shift_of(s.element), buffers_ + behind, s.element), sized(x86::rax, s.element));
    if (inner == access::unit) put(I::kIdAdd, x86::rdx, Imm(s.element));
    if (inner == access::strided) put(I::kIdAdd, x86::rdx, stack(stride_slots_[input], 8));
    put(I::kIdInc, x86::ecx);
    put(I::kIdCmp, x86::ecx, stack(count_slot_, 4));
    put(I::kIdJb, loop);
    fill_from(r, stack(buffers_ + behind), s.width);
}

}  // namespace sinter::inline v1::detail::codegen::jit
