#include "codegen/jit/emitter.hpp"

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

constexpr int buffer_bytes = 64;

}  // namespace

// Quotients of 64-bit integers: operands to the stack, a loop over the lanes, the result back. Lanes without a meaning must not trap.
void emitter::run_scalar(const step& s, int a, int b, int result) {
    const auto t = static_cast<dtype>(s.imm);
    const int width = p_.lanes * 8;
    spill_to(stack(buffers_), a, width);
    spill_to(stack(buffers_ + buffer_bytes), b, width);
    const auto element = [&](int buffer) { return x86::Mem(x86::rsp, x86::rcx, 3, buffers_ + buffer * buffer_bytes, 8); };
    const asmjit::Label loop = as_.newLabel();
    put(I::kIdXor, x86::ecx, x86::ecx);
    as_.bind(loop);
    put(I::kIdMov, stack(counter_slot_, 8), x86::rcx);
    put(I::kIdMov, x86::rax, element(0));
    put(I::kIdMov, x86::rcx, element(1));
    scalar_divide(t);
    put(I::kIdMov, x86::rcx, stack(counter_slot_, 8));
    put(I::kIdMov, element(2), x86::rax);
    put(I::kIdInc, x86::ecx);
    put(I::kIdCmp, x86::ecx, Imm(p_.lanes));
    put(I::kIdJb, loop);
    fill_from(result, stack(buffers_ + 2 * buffer_bytes), s.width);
}

// rax = rax / rcx.
void emitter::scalar_divide(dtype t) {
    const asmjit::Label done = as_.newLabel(), not_minus_one = as_.newLabel();
    put(I::kIdTest, x86::rcx, x86::rcx);
    put(I::kIdJz, done);
    if (is_signed_integer(t)) {
        put(I::kIdCmp, x86::rcx, Imm(-1));
        put(I::kIdJne, not_minus_one);
        put(I::kIdNeg, x86::rax);
        put(I::kIdJmp, done);
        as_.bind(not_minus_one);
        put(I::kIdCqo, x86::rdx, x86::rax);
        put(I::kIdIdiv, x86::rdx, x86::rax, x86::rcx);
    } else {
        put(I::kIdXor, x86::edx, x86::edx);
        put(I::kIdDiv, x86::rdx, x86::rax, x86::rcx);
    }
    as_.bind(done);
}

}  // namespace sinter::inline v1::detail::codegen::jit
