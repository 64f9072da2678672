#include "codegen/jit/emitter.hpp"

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

constexpr int buffer_bytes = 64;

[[nodiscard]] std::uint32_t log2_of(dtype t) noexcept { return static_cast<std::uint32_t>(std::countr_zero(size_of(t))); }

}  // namespace

// What vectors have no instruction for: operands to the stack, a loop over the lanes, the result back. Lanes without a
// meaning must not trap.
void emitter::run_scalar(const step& s, int a, int b, int result) {
    const auto from = static_cast<dtype>(s.imm), to = static_cast<dtype>(s.bits);
    const auto kind = static_cast<scalar_kind>(s.inst);
    const int width = p_.lanes * static_cast<int>(size_of(from));
    spill_to(stack(buffers_), a, width);
    if (kind != scalar_kind::convert) spill_to(stack(buffers_ + buffer_bytes), b, width);
    const asmjit::Label loop = as_.newLabel();
    put(I::kIdXor, x86::ecx, x86::ecx);
    as_.bind(loop);
    put(I::kIdMov, stack(counter_slot_, 8), x86::rcx);
    const auto element = [&](const x86::Gp& target, int buffer) {
        const x86::Mem m(x86::rsp, x86::rcx, log2_of(from), buffers_ + buffer, static_cast<std::uint32_t>(size_of(from)));
        if (size_of(from) == 8) {
            put(I::kIdMov, target, m);
        } else if (size_of(from) == 4) {
            if (is_signed_integer(from)) {
                put(I::kIdMovsxd, target, m);
            } else {
                put(I::kIdMov, target.r32(), m);
            }
        } else {
            put(is_signed_integer(from) ? I::kIdMovsx : I::kIdMovzx, target, m);
        }
    };
    element(x86::rax, 0);
    if (kind != scalar_kind::convert) element(x86::rcx, buffer_bytes);
    switch (kind) {
        case scalar_kind::divide: scalar_divide(from); break;
        case scalar_kind::left_shift: scalar_shift(true, from); break;
        case scalar_kind::right_shift: scalar_shift(false, from); break;
        case scalar_kind::convert: scalar_convert(from, to); break;
    }
    put(I::kIdMov, x86::rcx, stack(counter_slot_, 8));
    const x86::Gp outs[] = {x86::al, x86::ax, x86::eax, x86::rax};
    const x86::Gp out = outs[log2_of(to)];
    put(I::kIdMov, x86::Mem(x86::rsp, x86::rcx, log2_of(to), buffers_ + 2 * buffer_bytes, static_cast<std::uint32_t>(size_of(to))), out);
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

// rax = rax << rcx or rax >> rcx; rax is extended to 64 bits by its sign or by zeros.
void emitter::scalar_shift(bool left, dtype t) {
    const asmjit::Label fits = as_.newLabel(), done = as_.newLabel();
    put(I::kIdCmp, x86::rcx, Imm(static_cast<int>(8 * size_of(t))));
    put(I::kIdJb, fits);
    if (!left && is_signed_integer(t)) {
        put(I::kIdSar, x86::rax, Imm(63));
    } else {
        put(I::kIdXor, x86::eax, x86::eax);
    }
    put(I::kIdJmp, done);
    as_.bind(fits);
    put(left ? I::kIdShl : is_signed_integer(t) ? I::kIdSar : I::kIdShr, x86::rax, x86::cl);
    as_.bind(done);
}

// rax, the bits of a 64-bit integer or of a float, becomes the bits of the other. xmm0 to xmm2 are saved around it.
void emitter::scalar_convert(dtype from, dtype to) {
    const int saved = buffers_ + buffer_bytes;
    const bool wide = from == dtype::f64 || to == dtype::f64;
    put(I::kIdVmovups, stack(saved, 32), x86::ymm0);
    put(I::kIdVmovups, stack(saved + 32, 32), x86::ymm1);
    const asmjit::Label done = as_.newLabel(), large = as_.newLabel(), none = as_.newLabel();
    if (is_integer(from)) {
        const inst convert = wide ? I::kIdVcvtsi2sd : I::kIdVcvtsi2ss;
        put(I::kIdVxorps, x86::xmm0, x86::xmm0, x86::xmm0);
        if (from == dtype::u64) {
            put(I::kIdTest, x86::rax, x86::rax);
            put(I::kIdJs, large);
        }
        put(convert, x86::xmm0, x86::xmm0, x86::rax);
        if (from == dtype::u64) {
            put(I::kIdJmp, done);
            // Halved with the lost bit kept, so that it still rounds the same, and doubled again.
            as_.bind(large);
            put(I::kIdMov, x86::rdx, x86::rax);
            put(I::kIdShr, x86::rdx, Imm(1));
            put(I::kIdAnd, x86::eax, Imm(1));
            put(I::kIdOr, x86::rax, x86::rdx);
            put(convert, x86::xmm0, x86::xmm0, x86::rax);
            put(wide ? I::kIdVaddsd : I::kIdVaddss, x86::xmm0, x86::xmm0, x86::xmm0);
            as_.bind(done);
        }
        put(I::kIdVmovq, x86::rax, x86::xmm0);
    } else {
        put(I::kIdVmovq, x86::xmm0, x86::rax);
        if (!wide) put(I::kIdVcvtss2sd, x86::xmm0, x86::xmm0, x86::xmm0);
        if (to == dtype::i64) {
            put(I::kIdVcvttsd2si, x86::rax, x86::xmm0);
        } else {
            const auto compare = [&](double bound) {
                put(I::kIdMov, x86::rdx, Imm(static_cast<std::int64_t>(to_bits(bound))));
                put(I::kIdVmovq, x86::xmm1, x86::rdx);
            };
            compare(-1.0);
            put(I::kIdXor, x86::eax, x86::eax);
            put(I::kIdVucomisd, x86::xmm0, x86::xmm1);
            put(I::kIdJbe, none);  // also not a number
            compare(0x1p64);
            put(I::kIdVucomisd, x86::xmm0, x86::xmm1);
            put(I::kIdJae, none);
            compare(0x1p63);
            put(I::kIdVucomisd, x86::xmm0, x86::xmm1);
            put(I::kIdJae, large);
            put(I::kIdVcvttsd2si, x86::rax, x86::xmm0);
            put(I::kIdJmp, none);
            as_.bind(large);
            put(I::kIdVsubsd, x86::xmm0, x86::xmm0, x86::xmm1);
            put(I::kIdVcvttsd2si, x86::rax, x86::xmm0);
            put(I::kIdBtc, x86::rax, Imm(63));
            as_.bind(none);
        }
    }
    put(I::kIdVmovups, x86::ymm0, stack(saved, 32));
    put(I::kIdVmovups, x86::ymm1, stack(saved + 32, 32));
}

}  // namespace sinter::inline v1::detail::codegen::jit
