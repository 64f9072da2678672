#include "codegen/jit/emitter.hpp"

#include <bit>

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

[[nodiscard]] int log2_of(std::size_t size) noexcept { return std::countr_zero(size); }

}  // namespace

x86::Gp emitter::pointer(std::size_t operand) {
    if (pointers_[operand].isValid()) return pointers_[operand];
    put(I::kIdMov, x86::rdx, stack(pointer_slots_[operand], 8));
    return x86::rdx;
}

x86::Mem emitter::address(std::size_t operand, std::size_t element, int copy) {
    const int offset = (bias_ + copy * copy_step_) * static_cast<int>(element);
    return x86::Mem(pointer(operand), x86::r11, static_cast<std::uint32_t>(log2_of(element)), offset);
}

emitter::value emitter::tail_mask(std::size_t element) const {
    return static_cast<value>(values_.size() - mask_slots_.size() + static_cast<std::size_t>(log2_of(element)));
}

void emitter::load(const step& s, int copy, int r) {
    if (k_.inputs[s.a].counts) return load_addresses(s, copy, r);
    if (s.piece != 0) return load_piece(s, copy, r);
    const bool strided = k_.inputs[s.a].inner == access::strided;
    if (strided && !tail_) {
        load_strided(s, copy, r);
    } else if (strided || (tail_ && !p_.avx512 && !masked_by_vector(s.element))) {
        copy_in(s, copy, strided, r);
    } else if (tail_ && p_.avx512) {
        put_masked(1, true, masked_move(s.element), reg(r, s.width), address(s.a, s.element, copy));
    } else if (tail_) {
        const int mask = use(tail_mask(s.element));
        put(s.element == 4 ? I::kIdVmaskmovps : I::kIdVmaskmovpd, reg(r, s.width), reg(mask, s.width), address(s.a, s.element, copy));
    } else {
        const inst i = s.bytes >= 16 ? I::kIdVmovups : s.bytes == 8 ? I::kIdVmovq : I::kIdVmovd;
        put(i, reg(r, s.width), address(s.a, s.element, copy));
    }
}

void emitter::broadcast_address(const x86::Gp& from, int r, int width) {
    if (p_.avx512) {
        put(I::kIdVpbroadcastq, reg(r, width), from);
    } else {
        put(I::kIdVmovq, reg(r, 16), from);
        put(I::kIdVpbroadcastq, reg(r, width), reg(r, 16));
    }
}

// The addresses of all lanes, also of those that a tail does not have: nothing is read there.
void emitter::load_addresses(const step& s, int copy, int r) {
    if (k_.inputs[s.a].inner == access::unit) {
        put(I::kIdLea, x86::rdx, address(s.a, s.element, copy));
        broadcast_address(x86::rdx, r, s.width);
        std::array<std::uint8_t, 64> steps{};
        for (std::size_t lane = 0; lane < 8; ++lane) steps[8 * lane] = static_cast<std::uint8_t>(8 * lane);
        put(I::kIdVpaddq, reg(r, s.width), reg(r, s.width), constant_vector(steps));
        return;
    }
    strided_address(s.a, copy);
    for (int lane = 0; lane < p_.lanes; ++lane) {
        put(I::kIdMov, stack(buffers_ + 8 * lane, 8), x86::rdx);
        if (lane + 1 < p_.lanes) put(I::kIdAdd, x86::rdx, stack(stride_slots_[s.a], 8));
    }
    fill_from(r, stack(buffers_), s.width);
}

// rdx: the address of the first element of the vector.
void emitter::strided_address(std::size_t operand, int copy) {
    put(I::kIdLea, x86::rdx, x86::Mem(x86::r11, bias_ + copy * p_.lanes));
    put(I::kIdImul, x86::rdx, stack(stride_slots_[operand], 8));
    if (pointers_[operand].isValid()) {
        put(I::kIdAdd, x86::rdx, pointers_[operand]);
    } else {
        put(I::kIdAdd, x86::rdx, stack(pointer_slots_[operand], 8));
    }
}

// Element by element: gathers are no faster where they are microcoded, and offsets may not fit 32 bits.
void emitter::load_strided(const step& s, int copy, int r) {
    strided_address(s.a, copy);
    put(I::kIdMov, x86::rcx, stack(stride_slots_[s.a], 8));
    load_elements(s, r);
}

// From [rdx], each rcx bytes past the one before: two at an address and a stride past it.
void emitter::load_elements(const step& s, int r) {
    const auto element = static_cast<std::uint32_t>(s.element);
    insert_elements(s, r, [&](int lane) {
        if (lane % 2 == 1) return x86::Mem(x86::rdx, x86::rcx, 0, 0, element);
        if (lane > 0) put(I::kIdLea, x86::rdx, x86::Mem(x86::rdx, x86::rcx, 1, 0));
        return x86::Mem(x86::rdx, 0, element);
    });
}

// Lane by lane, in order. address: may write instructions of its own.
void emitter::insert_elements(const step& s, int r, base::function_ref<x86::Mem(int)> address) {
    const int element = s.element;
    const inst insert = by_size(s.element, I::kIdVpinsrb, I::kIdVpinsrw, I::kIdVpinsrd, I::kIdVpinsrq);
    const int parts = s.bytes <= 16 ? 1 : s.bytes / 16;
    const int in_part = std::min<int>(16, s.bytes) / element;
    const int other = parts > 1 ? allocate(false) : r;
    for (int part = 0; part < parts; ++part) {
        const int target = part == 0 ? r : other;
        const asmjit::Operand to = reg(target, 16);
        for (int n = 0; n < in_part; ++n) {
            const x86::Mem m = address(part * in_part + n);
            if (n == 0 && element >= 4) {
                put(element == 4 ? I::kIdVmovd : I::kIdVmovq, to, m);
            } else {
                if (n == 0) put(target < 16 ? I::kIdVpxor : I::kIdVpxord, to, to, to);
                put(insert, to, to, m, Imm(n));
            }
        }
        if (part > 0) put(p_.avx512 ? I::kIdVinserti32x4 : I::kIdVinserti128, reg(r, s.width), reg(r, s.width), to, Imm(part));
    }
    if (other != r) give_back(other);
}

// The elements of a tail, next to each other, from [rdx] to the stack or back: as many at once as each bit of their number says.
void emitter::copy_tail(int element, bool out) {
    const auto shift = static_cast<std::uint32_t>(log2_of(static_cast<std::size_t>(element)));
    put(I::kIdXor, x86::ecx, x86::ecx);
    for (int many = p_.lanes; many > 0; many /= 2) {
        const asmjit::Label none = as_.newLabel();
        put(I::kIdTest, stack(count_slot_, 4), Imm(many));
        put(I::kIdJz, none);
        for (int at = 0; at < many * element;) {
            const int size = std::min(8, many * element - at);
            const x86::Mem memory(x86::rdx, x86::rcx, shift, at, static_cast<std::uint32_t>(size));
            const x86::Mem buffer(x86::rsp, x86::rcx, shift, buffers_ + at, static_cast<std::uint32_t>(size));
            put(size < 4 ? I::kIdMovzx : I::kIdMov, size < 4 ? x86::Gp(x86::eax) : sized(x86::rax, size), out ? buffer : memory);
            put(I::kIdMov, out ? memory : buffer, sized(x86::rax, size));
            at += size;
        }
        if (many > 1) put(I::kIdAdd, x86::ecx, Imm(many));
        as_.bind(none);
    }
}

// The elements of a tail through the stack; one by one where they are apart.
void emitter::copy_in(const step& s, int copy, bool strided, int r) {
    if (!strided) {
        put(I::kIdLea, x86::rdx, address(s.a, s.element, copy));
        copy_tail(s.element, false);
        fill_from(r, stack(buffers_), s.width);
        return;
    }
    strided_address(s.a, copy);
    copy_elements_in(s, stride_slots_[s.a], r);
}

// The elements of a tail from [rdx], each a stride past the one before.
void emitter::copy_elements_in(const step& s, int stride_slot, int r) {
    const auto shift = static_cast<std::uint32_t>(log2_of(s.element));
    const asmjit::Label loop = as_.newLabel();
    put(I::kIdXor, x86::ecx, x86::ecx);
    as_.bind(loop);
    const x86::Mem from(x86::rdx, 0, s.element);
    if (s.element < 4) {
        put(I::kIdMovzx, x86::eax, from);
    } else {
        put(I::kIdMov, sized(x86::rax, s.element), from);
    }
    put(I::kIdMov, x86::Mem(x86::rsp, x86::rcx, shift, buffers_, s.element), sized(x86::rax, s.element));
    put(I::kIdAdd, x86::rdx, stack(stride_slot, 8));
    put(I::kIdInc, x86::ecx);
    put(I::kIdCmp, x86::ecx, stack(count_slot_, 4));
    put(I::kIdJb, loop);
    fill_from(r, stack(buffers_), s.width);
}

// From the stack to [rdx], next to each other or by a stride.
void emitter::copy_out(int element, int stride_slot) {
    const auto shift = static_cast<std::uint32_t>(log2_of(static_cast<std::size_t>(element)));
    const auto size = static_cast<std::uint32_t>(element);
    const bool strided = stride_slot != no_slot;
    const x86::Gp value_register = sized(x86::rax, element);
    if (tail_ && !strided) return copy_tail(element, true);
    if (!tail_ && strided && p_.lanes <= 16) {
        put(I::kIdMov, x86::rcx, stack(stride_slot, 8));
        for (int n = 0; n < p_.lanes; ++n) {
            put(I::kIdMov, value_register, stack(buffers_ + n * element, element));
            put(I::kIdMov, n % 2 == 0 ? x86::Mem(x86::rdx, 0, size) : x86::Mem(x86::rdx, x86::rcx, 0, 0, size), value_register);
            if (n % 2 == 1 && n + 1 < p_.lanes) put(I::kIdLea, x86::rdx, x86::Mem(x86::rdx, x86::rcx, 1, 0));
        }
        return;
    }
    const asmjit::Label loop = as_.newLabel();
    put(I::kIdXor, x86::ecx, x86::ecx);
    as_.bind(loop);
    put(I::kIdMov, value_register, x86::Mem(x86::rsp, x86::rcx, shift, buffers_, size));
    put(I::kIdMov, x86::Mem(x86::rdx, 0, size), value_register);
    put(I::kIdAdd, x86::rdx, stack(stride_slot, 8));
    put(I::kIdInc, x86::ecx);
    if (tail_) {
        put(I::kIdCmp, x86::ecx, stack(count_slot_, 4));
    } else {
        put(I::kIdCmp, x86::ecx, Imm(p_.lanes));
    }
    put(I::kIdJb, loop);
}

void emitter::store_vector(const x86::Mem& m, int r, int bytes, int element, bool streaming) {
    const int width = bytes <= 16 ? 16 : bytes <= 32 ? 32 : 64;
    if (tail_ && p_.avx512) {
        put_masked(1, false, masked_move(element), m, reg(r, width));
    } else if (tail_) {
        put(element == 4 ? I::kIdVmaskmovps : I::kIdVmaskmovpd, m, reg(values_[tail_mask(static_cast<std::size_t>(element))].reg, width),
            reg(r, width));
    } else if (bytes >= 16) {
        put(streaming ? I::kIdVmovntps : I::kIdVmovups, m, reg(r, width));
    } else {
        put(bytes == 8 ? I::kIdVmovq : I::kIdVmovd, m, reg(r, width));
    }
}

// The index is minus the number of elements that are left (more than the lanes, perhaps, in a row_reduce).
void emitter::set_tail() {
    const bool wide = p_.lanes == 64;
    if (column()) {
        put(I::kIdMov, x86::rcx, x86::qword_ptr(x86::rdi, offsetof(frame, n)));
        put(I::kIdSub, x86::rcx, x86::r11);
    } else {
        put(I::kIdMov, x86::ecx, x86::r11d);
        put(I::kIdNeg, x86::ecx);
    }
    if (p_.avx512) {
        if (wide) {
            put(I::kIdMov, x86::rax, Imm(-1));
            put(I::kIdBzhi, x86::rax, x86::rax, x86::rcx);
            put(I::kIdKmovq, x86::k1, x86::rax);
        } else {
            put(I::kIdMov, x86::eax, Imm(static_cast<std::int64_t>((std::uint64_t{1} << p_.lanes) - 1)));
            put(I::kIdBzhi, x86::eax, x86::eax, x86::ecx);
            put(I::kIdKmovd, x86::k1, x86::eax);
        }
    }
    bool any_mask = false;
    for (const int slot : mask_slots_) any_mask |= slot != no_slot;
    if (count_slot_ == no_slot && !any_mask) return;
    put(I::kIdMov, x86::eax, Imm(p_.lanes));
    put(I::kIdCmp, x86::ecx, x86::eax);
    put(I::kIdCmovg, x86::ecx, x86::eax);
    if (count_slot_ != no_slot) put(I::kIdMov, stack(count_slot_, 4), x86::ecx);
    // Register 0 is free between blocks: residents and accumulators are taken from the top.
    for (std::size_t n = 0; n < mask_slots_.size(); ++n) {
        if (mask_slots_[n] == no_slot) continue;
        const std::size_t element = std::size_t{1} << n;
        std::array<std::uint8_t, 64> numbers{};
        for (std::size_t lane = 0; lane < 32 / element; ++lane) numbers[lane * element] = static_cast<std::uint8_t>(lane);
        put(I::kIdVmovd, x86::xmm0, x86::ecx);
        put(by_size(element, I::kIdVpbroadcastb, I::kIdVpbroadcastw, I::kIdVpbroadcastd, I::kIdVpbroadcastq), x86::ymm0, x86::xmm0);
        put(by_size(element, I::kIdVpcmpgtb, I::kIdVpcmpgtw, I::kIdVpcmpgtd, I::kIdVpcmpgtq), x86::ymm0, x86::ymm0, constant_vector(numbers));
        put(I::kIdVmovups, stack(mask_slots_[n]), x86::ymm0);
    }
}

x86::Mem emitter::constant_scalar(std::uint64_t bits, int element) {
    for (int size = element; size < 4; size *= 2) bits |= bits << (8 * size);
    const int wide = element == 8 ? 8 : 4;
    std::size_t n = 0;
    while (n < pool_scalars_.size() && pool_scalars_[n] != std::pair{bits, wide}) ++n;
    if (n == pool_scalars_.size()) pool_scalars_.emplace_back(bits, wide);
    return x86::Mem(scalars_label_, static_cast<std::int32_t>(8 * n));
}

x86::Mem emitter::constant_vector(const std::array<std::uint8_t, 64>& bytes) {
    std::size_t n = 0;
    while (n < pool_vectors_.size() && pool_vectors_[n] != bytes) ++n;
    if (n == pool_vectors_.size()) pool_vectors_.push_back(bytes);
    return x86::Mem(vectors_label_, static_cast<std::int32_t>(n) * p_.vector_bytes);
}

x86::Mem emitter::constant_vector(const step& s) {
    if (s.shape == form::pattern) return constant_vector(p_.patterns[s.bits]);
    std::array<std::uint8_t, 64> bytes{};
    for (std::size_t n = 0; n < bytes.size(); ++n) bytes[n] = static_cast<std::uint8_t>(s.bits >> (8 * (n % s.element)));
    return constant_vector(bytes);
}

void emitter::write_constants() {
    as_.align(asmjit::AlignMode::kZero, 64);
    as_.bind(vectors_label_);
    for (const auto& v : pool_vectors_) as_.embed(v.data(), static_cast<std::size_t>(p_.vector_bytes));
    as_.bind(scalars_label_);
    for (const auto& [bits, size] : pool_scalars_) as_.embed(&bits, sizeof bits);
}

}  // namespace sinter::inline v1::detail::codegen::jit
