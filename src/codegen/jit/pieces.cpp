#include "codegen/jit/emitter.hpp"

#include <bit>
#include <cstdlib>

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

[[nodiscard]] std::uint32_t log2_of(int size) noexcept { return static_cast<std::uint32_t>(std::countr_zero(static_cast<unsigned>(size))); }

}  // namespace

int emitter::stride_of(std::size_t operand) const noexcept {
    return operand < k_.inputs.size() ? k_.inputs[operand].stride : k_.outputs[operand - k_.inputs.size()].stride;
}

void emitter::give_back(int r) {
    free_ |= std::uint64_t{1} << r;
    pinned_ &= ~(std::uint64_t{1} << r);
}

// 1 where the elements are whole complex numbers, at the places of their real parts: the imaginary part of the last one may be touched, too.
int emitter::places_more(std::size_t operand) const noexcept {
    const std::size_t inputs = k_.inputs.size();
    return (operand < inputs ? pair_of(k_, operand) == static_cast<int>(operand) : is_pair(k_.outputs[operand - inputs])) ? 1 : 0;
}

// May use rax and rdx.
x86::Mem emitter::piece_address(std::size_t operand, const step& s, int copy) {
    const int stride = stride_of(operand), element = s.element, bytes = stride * element;
    const int offset = (bias_ + copy * p_.lanes) * bytes + p_.pieces[s.piece - 1U].offset * element;
    const x86::Gp base = pointer(operand);
    if (bytes > 0 && bytes <= 8 && std::has_single_bit(static_cast<unsigned>(bytes))) return x86::Mem(base, x86::r11, log2_of(bytes), offset);
    if (stride == 3 || stride == 5) {
        put(I::kIdLea, x86::rax, x86::Mem(x86::r11, x86::r11, stride / 2 == 1 ? 1 : 2, 0));
    } else {
        put(I::kIdImul, x86::rax, x86::r11, Imm(stride));
    }
    return x86::Mem(base, x86::rax, log2_of(element), offset);
}

void emitter::load_piece(const step& s, int copy, int r) {
    const int bytes = p_.pieces[s.piece - 1U].bytes;
    if (!tail_) {
        const inst i = bytes >= 16 ? I::kIdVmovups : bytes == 8 ? I::kIdVmovq : I::kIdVmovd;
        put(i, reg(r, s.width), piece_address(s.a, s, copy));
    } else if (p_.avx512) {
        const int mask = lanes_of_piece(s.a, s);
        put_masked(mask - mask_base, true, masked_move(s.element), reg(r, s.width), piece_address(s.a, s, copy));
        give_back(mask);
    } else if (masked_by_vector(s.element)) {
        const int mask = vector_of_piece(s.a, s);
        put(s.element == 4 ? I::kIdVmaskmovps : I::kIdVmaskmovpd, reg(r, s.width), reg(mask, s.width), piece_address(s.a, s, copy));
        give_back(mask);
    } else {
        copy_piece(s.a, s, copy, false);
        fill_from(r, stack(buffers_), s.width);
    }
}

// mask: the register with the lanes that are written, -1: all of them.
void emitter::store_piece(const step& s, int copy, int r, int mask) {
    const std::size_t operand = operand_of_output(s.imm);
    const int bytes = p_.pieces[s.piece - 1U].bytes;
    const bool streaming = k_.outputs[s.imm].streaming;
    if (p_.avx512) {
        const int lanes = tail_ ? lanes_of_piece(operand, s) : mask;
        if (tail_ && mask >= 0) put(I::kIdKandq, reg(lanes, 0), reg(lanes, 0), reg(mask, 0));
        const x86::Mem to = piece_address(operand, s, copy);
        if (lanes >= 0) {
            put_masked(lanes - mask_base, false, masked_move(s.element), to, reg(r, s.width));
        } else {
            put(bytes >= 16 ? (streaming ? I::kIdVmovntps : I::kIdVmovups) : bytes == 8 ? I::kIdVmovq : I::kIdVmovd, to, reg(r, s.width));
        }
        if (tail_) give_back(lanes);
        return;
    }
    if (tail_ && !masked_by_vector(s.element)) {
        spill_to(stack(buffers_), r, s.width);
        copy_piece(operand, s, copy, true);
        return;
    }
    const int lanes = tail_ ? vector_of_piece(operand, s) : mask;
    if (tail_ && mask >= 0) put(I::kIdVpand, reg(lanes, s.width), reg(lanes, s.width), reg(mask, s.width));
    const x86::Mem to = piece_address(operand, s, copy);
    if (lanes >= 0) {
        put(s.element == 4 ? I::kIdVmaskmovps : I::kIdVmaskmovpd, to, reg(lanes, s.width), reg(r, s.width));
    } else {
        put(bytes >= 16 ? (streaming ? I::kIdVmovntps : I::kIdVmovups) : bytes == 8 ? I::kIdVmovq : I::kIdVmovd, to, reg(r, s.width));
    }
    if (tail_) give_back(lanes);
}

// In a tail of c elements only those from the first to the last one may be touched: of a piece its first (c - 1) * stride + 1 - offset
// places; where the stride is negative, its places from (1 - c) * |stride| - offset on.
namespace {

struct reach {
    int factor, constant;  // how many places, or the first one, as a function of c
};

[[nodiscard]] reach reach_of(int stride, int offset, int more) noexcept {
    return stride > 0 ? reach{stride, 1 - stride - offset + more} : reach{stride, -stride - offset};
}

}  // namespace

// A mask register with the lanes of a piece that may be touched.
int emitter::lanes_of_piece(std::size_t operand, const step& s) {
    const piece& p = p_.pieces[s.piece - 1U];
    const int stride = stride_of(operand), places = p.bytes / s.element;
    const auto [factor, constant] = reach_of(stride, p.offset, places_more(operand));
    const std::uint64_t all = places == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << places) - 1;
    put(I::kIdImul, x86::ecx, stack(count_slot_, 4), Imm(factor));
    put(I::kIdAdd, x86::ecx, Imm(constant));
    put(I::kIdXor, x86::eax, x86::eax);
    put(I::kIdTest, x86::ecx, x86::ecx);
    put(I::kIdCmovs, x86::ecx, x86::eax);
    put(I::kIdMov, x86::eax, Imm(places));
    put(I::kIdCmp, x86::ecx, x86::eax);
    put(I::kIdCmovg, x86::ecx, x86::eax);
    put(I::kIdMov, x86::rax, Imm(static_cast<std::int64_t>(all)));
    if (stride > 0) {
        put(I::kIdBzhi, x86::rax, x86::rax, x86::rcx);
    } else {
        put(I::kIdBzhi, x86::rcx, x86::rax, x86::rcx);
        put(I::kIdXor, x86::rax, x86::rcx);
    }
    const int mask = allocate(true);
    put(I::kIdKmovq, reg(mask, 0), x86::rax);
    return mask;
}

// The same as a vector, for elements of 4 and 8 bytes.
int emitter::vector_of_piece(std::size_t operand, const step& s) {
    const piece& p = p_.pieces[s.piece - 1U];
    const int stride = stride_of(operand), element = s.element;
    const auto [factor, constant] = reach_of(stride, p.offset, places_more(operand));
    // Places below the number; or minus the place below 1 minus the first one.
    put(I::kIdImul, x86::ecx, stack(count_slot_, 4), Imm(stride > 0 ? factor : -factor));
    put(I::kIdAdd, x86::ecx, Imm(stride > 0 ? constant : 1 - constant));
    put(I::kIdMovsxd, x86::rcx, x86::ecx);
    std::array<std::uint8_t, 64> numbers{};
    for (int n = 0; n < 32 / element; ++n) {
        const std::int64_t number = stride > 0 ? n : -n;
        for (int b = 0; b < element; ++b) numbers[static_cast<std::size_t>(n * element + b)] = static_cast<std::uint8_t>(number >> (8 * b));
    }
    const int mask = allocate(false);
    put(I::kIdVmovq, reg(mask, 16), x86::rcx);
    put(element == 4 ? I::kIdVpbroadcastd : I::kIdVpbroadcastq, reg(mask, 32), reg(mask, 16));
    put(element == 4 ? I::kIdVpcmpgtd : I::kIdVpcmpgtq, reg(mask, 32), reg(mask, 32), constant_vector(numbers));
    return mask;
}

// What may be touched of a piece, element by element to or from the stack.
void emitter::copy_piece(std::size_t operand, const step& s, int copy, bool out) {
    const piece& p = p_.pieces[s.piece - 1U];
    const int stride = stride_of(operand), places = p.bytes / s.element;
    const auto [factor, constant] = reach_of(stride, p.offset, places_more(operand));
    const std::uint32_t shift = log2_of(s.element), size = s.element;
    put(I::kIdLea, x86::rdx, piece_address(operand, s, copy));
    put(I::kIdImul, x86::ecx, stack(count_slot_, 4), Imm(factor));
    put(I::kIdAdd, x86::ecx, Imm(constant));
    put(I::kIdMov, x86::eax, Imm(places));
    if (stride > 0) {
        put(I::kIdCmp, x86::ecx, x86::eax);
        put(I::kIdCmovl, x86::eax, x86::ecx);
        put(I::kIdXor, x86::ecx, x86::ecx);
    }
    put(I::kIdMov, stack(counter_slot_, 4), x86::eax);
    if (stride < 0) {
        put(I::kIdXor, x86::eax, x86::eax);
        put(I::kIdTest, x86::ecx, x86::ecx);
        put(I::kIdCmovs, x86::ecx, x86::eax);
    }
    const asmjit::Label loop = as_.newLabel(), done = as_.newLabel();
    as_.bind(loop);
    put(I::kIdCmp, x86::ecx, stack(counter_slot_, 4));
    put(I::kIdJge, done);
    const x86::Mem memory(x86::rdx, x86::rcx, shift, 0, size), buffer(x86::rsp, x86::rcx, shift, buffers_, size);
    put(I::kIdMovzx, x86::eax, out ? buffer : memory);
    put(I::kIdMov, out ? memory : buffer, size == 1 ? x86::Gp(x86::al) : x86::Gp(x86::ax));
    put(I::kIdInc, x86::ecx);
    put(I::kIdJmp, loop);
    as_.bind(done);
}

}  // namespace sinter::inline v1::detail::codegen::jit
