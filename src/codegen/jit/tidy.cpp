#include "codegen/jit/tidy.hpp"

namespace sinter::inline v1::detail::codegen::jit {

namespace {

namespace I = asmjit::x86::Inst;

enum class logic : std::uint8_t { none, both, either, differ };

[[nodiscard]] logic logic_of(const step& s) noexcept {
    if (s.shape != form::binary || s.width == 0 || s.dead || s.into != 0) return logic::none;
    switch (s.inst) {
        case I::kIdVpandd:
        case I::kIdVpandq: return logic::both;
        case I::kIdVpord:
        case I::kIdVporq: return logic::either;
        case I::kIdVpxord:
        case I::kIdVpxorq: return logic::differ;
        default: return logic::none;
    }
}

[[nodiscard]] unsigned apply(logic l, unsigned a, unsigned b) noexcept { return l == logic::both ? a & b : l == logic::either ? a | b : a ^ b; }

}  // namespace

std::vector<int> count_users(const program& p) {
    std::vector<int> users(p.steps.size());
    for (const step& s : p.steps) {
        const id operands[] = {s.a, s.b, s.c};
        for (int n = 0; n < operands_of(s.shape); ++n) ++users[operands[n]];
    }
    return users;
}

void fuse_conjunctions(program& p, parts at) {
    const std::vector<int> users = count_users(p);
    for (id n = 0; n < p.loop_end; ++n) {
        step& outer = p.steps[n];
        if (outer.shape != form::binary || outer.inst != I::kIdKandq || outer.into != 0) continue;
        for (const id o : {outer.b, outer.a}) {
            step& inner = p.steps[o];
            const bool compares = inner.shape == form::binary_imm && inner.width == 0 && !inner.dead;
            if (!compares || users[o] != 1 || inner.when != outer.when || at.of(o) != at.of(n)) continue;
            const id mask = o == outer.b ? outer.a : outer.b;
            outer = inner;
            outer.shape = form::compare_some;
            outer.c = inner.b;
            outer.b = inner.a;
            outer.a = mask;
            inner.dead = true;
            break;
        }
    }
}

void drop_unused_masks(program& p) {
    std::vector<int> users = count_users(p);
    for (id n = p.loop_end; n-- > 0;) {
        step& s = p.steps[n];
        const bool masks = s.shape == form::binary && (s.inst == I::kIdVpand || s.inst == I::kIdVpandq);
        if (!masks || users[n] != 0 || s.into != 0) continue;
        s.dead = true;
        --users[s.a];
        --users[s.b];
    }
}

void fuse_logic(program& p, parts at) {
    const std::vector<int> users = count_users(p);
    for (id n = 0; n < p.loop_end; ++n) {
        step& outer = p.steps[n];
        const logic l = logic_of(outer);
        if (l == logic::none) continue;
        for (const id o : {outer.b, outer.a}) {
            step& inner = p.steps[o];
            const logic first = logic_of(inner);
            if (first == logic::none || users[o] != 1 || inner.when != outer.when || inner.width != outer.width || at.of(o) != at.of(n)) continue;
            // The columns of a table of three operands.
            constexpr unsigned a = 0xf0, b = 0xcc, c = 0xaa;
            outer.c = o == outer.b ? outer.a : outer.b;
            outer.a = inner.a;
            outer.b = inner.b;
            outer.imm = static_cast<std::uint8_t>(apply(l, apply(first, a, b), c));
            outer.shape = form::ternary;
            outer.inst = outer.broadcast == 8 ? I::kIdVpternlogq : I::kIdVpternlogd;
            inner.dead = true;
            break;
        }
    }
}

}  // namespace sinter::inline v1::detail::codegen::jit
