#include "codegen/jit/emitter.hpp"

#include <bit>

// Kernels of which some inputs lie across memory: squares of as many rows and elements as there are lanes. A square of each such input
// is transposed in registers into the stack, and the kernel's block then goes over its rows, where that input is a vector next to the
// others. Stores go out while lines come in; no operand goes through a tile in memory.

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

[[nodiscard]] x86::Mem in_frame(std::size_t offset) { return x86::qword_ptr(x86::rdi, static_cast<std::int32_t>(offset)); }
[[nodiscard]] x86::Mem item_of(const x86::Gp& list, std::size_t n) { return x86::qword_ptr(list, static_cast<std::int32_t>(8 * n)); }
[[nodiscard]] x86::Zmm zmm(int n) { return x86::zmm(static_cast<std::uint32_t>(n)); }

constexpr int vector_bytes = 64, line = 64;
constexpr int first_quarter = 6;  // registers below are for what is on its way

}  // namespace

void emitter::plan_squares() {
    for (std::size_t n = 0; n < k_.inputs.size(); ++n) {
        square_slots_.push_back(k_.inputs[n].turned ? reserve(p_.lanes * vector_bytes, vector_bytes) : no_slot);
        source_slots_.push_back(k_.inputs[n].turned ? reserve(8, 8) : no_slot);
        asked_slots_.push_back(k_.inputs[n].turned ? reserve(8, 8) : no_slot);
    }
    groups_slot_ = reserve(8, 8);
    columns_slot_ = reserve(8, 8);
}

// Groups of four rows, in registers: 128 bits of each result hold what four rows have of one column, or two rows of two. Four of those
// are the column. Each square asks for as many lines as it reads, but in another shape: runs of them in two rows, and the next square in the next rows. Memory likes
// runs, and hardware that asks by itself goes on with them.
void emitter::turn_square(std::size_t n) {
    const bool singles = size_of(k_.inputs[n].type) == 4;
    put(I::kIdMov, x86::rax, in_frame(offsetof(frame, inner_strides)));
    put(I::kIdMov, x86::rcx, item_of(x86::rax, n));
    put(I::kIdMov, x86::rdx, stack(source_slots_[n], 8));
    put(I::kIdMov, x86::r11, stack(asked_slots_[n], 8));
    put(I::kIdLea, x86::rax, x86::ptr(x86::rcx, x86::rcx));
    put(I::kIdAdd, stack(asked_slots_[n], 8), x86::rax);
    put(I::kIdAdd, x86::rax, x86::rcx);
    const auto row = [](const x86::Gp& base, int k) {
        return k == 0 ? x86::ptr(base) : k == 3 ? x86::ptr(base, x86::rax) : x86::ptr(base, x86::rcx, static_cast<std::uint32_t>(k - 1));
    };
    const auto quarter = [&](int j, int k) { return zmm(first_quarter + 4 * j + k); };
    const int groups = p_.lanes / 4;
    for (int g = 0; g < groups; ++g) {
        if (2 * g == groups) put(I::kIdAdd, x86::r11, x86::rcx);
        for (int k = 0; k < 4; ++k) put(I::kIdPrefetcht1, x86::ptr(x86::r11, line * (4 * g % (2 * groups) + k)));
        for (int k = 0; k < 4; ++k) put(I::kIdVmovups, zmm(k), row(x86::rdx, k));
        if (singles) {
            put(I::kIdVunpcklps, zmm(4), zmm(0), zmm(1));
            put(I::kIdVunpckhps, zmm(0), zmm(0), zmm(1));
            put(I::kIdVunpcklps, zmm(5), zmm(2), zmm(3));
            put(I::kIdVunpckhps, zmm(2), zmm(2), zmm(3));
            put(I::kIdVunpcklpd, quarter(0, g), zmm(4), zmm(5));
            put(I::kIdVunpckhpd, quarter(1, g), zmm(4), zmm(5));
            put(I::kIdVunpcklpd, quarter(2, g), zmm(0), zmm(2));
            put(I::kIdVunpckhpd, quarter(3, g), zmm(0), zmm(2));
        } else {
            for (int k = 0; k < 4; k += 2) {
                put(I::kIdVunpcklpd, quarter(0, 2 * g + k / 2), zmm(k), zmm(k + 1));
                put(I::kIdVunpckhpd, quarter(1, 2 * g + k / 2), zmm(k), zmm(k + 1));
            }
        }
        if (g + 1 == groups) break;
        put(I::kIdLea, x86::rdx, x86::ptr(x86::rdx, x86::rcx, 2));
    }
    constexpr int even = 0x88, odd = 0xdd;
    const int columns = singles ? 4 : 2;  // of a quarter
    for (int j = 0; j < columns; ++j) {
        const auto store = [&](int lane, int from, int order) {
            const int r = 4 + lane % 2;
            put(I::kIdVshuff32x4, zmm(r), zmm(from), zmm(from + 1), Imm(order));
            put(I::kIdVmovaps, stack(square_slots_[n] + (columns * lane + j) * vector_bytes), zmm(r));
        };
        put(I::kIdVshuff32x4, zmm(0), quarter(j, 0), quarter(j, 1), Imm(even));
        put(I::kIdVshuff32x4, zmm(1), quarter(j, 2), quarter(j, 3), Imm(even));
        put(I::kIdVshuff32x4, zmm(2), quarter(j, 0), quarter(j, 1), Imm(odd));
        put(I::kIdVshuff32x4, zmm(3), quarter(j, 2), quarter(j, 3), Imm(odd));
        store(0, 0, even);
        store(1, 2, even);
        store(2, 0, odd);
        store(3, 2, odd);
    }
}

// rdx: by how much; the operand's pointer may be on the stack.
void emitter::move_pointer(std::size_t n, bool back) {
    const inst i = back ? I::kIdSub : I::kIdAdd;
    if (pointers_[n].isValid()) {
        put(i, pointers_[n], x86::rdx);
    } else {
        put(i, stack(pointer_slots_[n], 8), x86::rdx);
    }
}

// Of the operands beside the squares, what comes a tile later.
void emitter::ask_beside() {
    bool first = true;
    for (std::size_t n = 0; n < k_.inputs.size(); ++n) {
        if (k_.inputs[n].turned || k_.inputs[n].inner != access::unit) continue;
        if (first) put(I::kIdMov, x86::rax, in_frame(offsetof(frame, inner_strides)));
        first = false;
        put(I::kIdMov, x86::rdx, item_of(x86::rax, n));
        if (pointers_[n].isValid()) {
            put(I::kIdPrefetcht1, x86::ptr(pointers_[n], x86::rdx));
        } else {
            put(I::kIdAdd, x86::rdx, stack(pointer_slots_[n], 8));
            put(I::kIdPrefetcht1, x86::ptr(x86::rdx));
        }
    }
}

void emitter::squares() {
    const asmjit::Label group = as_.newLabel(), square = as_.newLabel(), row = as_.newLabel();
    const int side = p_.lanes, shift = std::countr_zero(static_cast<unsigned>(side));
    const std::size_t operands = k_.inputs.size() + k_.outputs.size();
    const auto is_turned = [&](std::size_t n) { return n < k_.inputs.size() && k_.inputs[n].turned; };
    const auto is_unit = [&](std::size_t n) { return n >= k_.inputs.size() || k_.inputs[n].inner == access::unit; };
    const auto bytes_of = [&](std::size_t n) { return static_cast<int>(size_of(n < k_.inputs.size() ? k_.inputs[n].type : k_.outputs[n - k_.inputs.size()].type)); };
    const auto each = [&](bool turned, auto f) {
        for (std::size_t n = 0; n < operands; ++n) {
            if (is_turned(n) == turned) f(n);
        }
    };
    const auto rows_of_side = [&](std::size_t n) {
        put(I::kIdMov, x86::rdx, item_of(x86::rax, n));
        put(I::kIdShl, x86::rdx, Imm(shift));
    };
    put(I::kIdCmp, in_frame(offsetof(frame, n)), Imm(0));
    put(I::kIdJle, exit_);
    put(I::kIdMov, x86::rdx, in_frame(offsetof(frame, rows)));
    put(I::kIdTest, x86::rdx, x86::rdx);
    put(I::kIdJle, exit_);
    put(I::kIdMov, stack(groups_slot_, 8), x86::rdx);
    prepare_call();
    put(I::kIdMov, x86::rax, in_frame(offsetof(frame, pointers)));
    for (std::size_t n = 0; n < operands; ++n) {
        const bool in_register = pointers_[n].isValid() && !is_turned(n);
        const x86::Gp to = in_register ? pointers_[n] : x86::Gp(x86::rdx);
        put(I::kIdMov, to, item_of(x86::rax, n));
        if (!in_register) put(I::kIdMov, stack(is_turned(n) ? source_slots_[n] : pointer_slots_[n], 8), to);
        if (!is_turned(n)) continue;
        put(I::kIdMov, x86::rcx, in_frame(offsetof(frame, row_strides)));
        put(I::kIdAdd, x86::rdx, item_of(x86::rcx, n));
        put(I::kIdMov, stack(asked_slots_[n], 8), x86::rdx);
    }

    as_.bind(group);
    put(I::kIdMov, x86::rdx, in_frame(offsetof(frame, n)));
    put(I::kIdMov, stack(columns_slot_, 8), x86::rdx);

    loop_head(16, square);
    each(true, [&](std::size_t n) { turn_square(n); });
    each(true, [&](std::size_t n) {
        put(I::kIdLea, pointers_[n].isValid() ? pointers_[n] : x86::Gp(x86::rdx), stack(square_slots_[n], 8));
        if (!pointers_[n].isValid()) put(I::kIdMov, stack(pointer_slots_[n], 8), x86::rdx);
    });
    put(I::kIdXor, x86::r11d, x86::r11d);
    if (rows_.isValid()) {
        put(I::kIdMov, rows_, Imm(side));
    } else {
        put(I::kIdMov, stack(rows_slot_, 8), Imm(side));
    }

    loop_head(16, row);
    ask_beside();
    prepare_row();
    block(single_, 0, false);
    put(I::kIdMov, x86::rax, in_frame(offsetof(frame, row_strides)));
    each(false, [&](std::size_t n) {
        put(I::kIdMov, x86::rdx, item_of(x86::rax, n));
        move_pointer(n, false);
    });
    each(true, [&](std::size_t n) { put(I::kIdAdd, pointers_[n].isValid() ? asmjit::Operand(pointers_[n]) : asmjit::Operand(stack(pointer_slots_[n], 8)), Imm(vector_bytes)); });
    put(I::kIdDec, rows_.isValid() ? asmjit::Operand(rows_) : asmjit::Operand(stack(rows_slot_, 8)));
    put(I::kIdJnz, row);

    // Back to the first row, and to the right.
    each(false, [&](std::size_t n) {
        rows_of_side(n);
        if (is_unit(n)) put(I::kIdSub, x86::rdx, Imm(side * bytes_of(n)));
        move_pointer(n, true);
    });
    put(I::kIdMov, x86::rax, in_frame(offsetof(frame, inner_strides)));
    each(true, [&](std::size_t n) {
        rows_of_side(n);
        put(I::kIdAdd, stack(source_slots_[n], 8), x86::rdx);
    });
    put(I::kIdSub, stack(columns_slot_, 8), Imm(side));
    put(I::kIdJnz, square);

    // Back to the left, and to the next rows.
    each(true, [&](std::size_t n) {
        put(I::kIdMov, x86::rdx, item_of(x86::rax, n));
        put(I::kIdImul, x86::rdx, in_frame(offsetof(frame, n)));
        put(I::kIdSub, x86::rdx, Imm(side * bytes_of(n)));
        put(I::kIdSub, stack(source_slots_[n], 8), x86::rdx);
    });
    put(I::kIdMov, x86::rax, in_frame(offsetof(frame, row_strides)));
    each(false, [&](std::size_t n) {
        rows_of_side(n);
        if (is_unit(n)) {
            put(I::kIdMov, x86::rcx, in_frame(offsetof(frame, n)));
            put(I::kIdShl, x86::rcx, Imm(std::countr_zero(static_cast<unsigned>(bytes_of(n)))));
            put(I::kIdSub, x86::rdx, x86::rcx);
        }
        move_pointer(n, false);
    });
    put(I::kIdSub, stack(groups_slot_, 8), Imm(side));
    put(I::kIdJnz, group);
}

}  // namespace sinter::inline v1::detail::codegen::jit
