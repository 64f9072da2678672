#include "codegen/jit/program.hpp"

#include "codegen/jit/select.hpp"
#include "codegen/operation_table.hpp"
#include "codegen/recorder.hpp"

#include <sinter/detail/reduction_order.hpp>

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

[[nodiscard]] std::vector<int> count_users(const program& p) {
    std::vector<int> users(p.steps.size());
    for (const step& s : p.steps) {
        const id operands[] = {s.a, s.b, s.c};
        for (int n = 0; n < operands_of(s.shape); ++n) ++users[operands[n]];
    }
    return users;
}

// A comparison with no other user than a conjunction runs on the lanes of the other mask.
void fuse_conjunctions(program& p) {
    const std::vector<int> users = count_users(p);
    for (id n = 0; n < p.loop_end; ++n) {
        step& outer = p.steps[n];
        if (outer.shape != form::binary || outer.inst != I::kIdKandq || outer.into != 0) continue;
        for (const id o : {outer.b, outer.a}) {
            step& inner = p.steps[o];
            const bool compares = inner.shape == form::binary_imm && inner.width == 0 && !inner.dead;
            if (!compares || users[o] != 1 || inner.when != outer.when) continue;
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

// Two operations on bits, the first with no other user, become one on three operands.
void fuse_logic(program& p) {
    const std::vector<int> users = count_users(p);
    for (id n = 0; n < p.loop_end; ++n) {
        step& outer = p.steps[n];
        const logic l = logic_of(outer);
        if (l == logic::none) continue;
        for (const id o : {outer.b, outer.a}) {
            step& inner = p.steps[o];
            const logic first = logic_of(inner);
            if (first == logic::none || users[o] != 1 || inner.when != outer.when || inner.width != outer.width) continue;
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

class lowering {
public:
    lowering(const kernel& k, bool avx512, bool byte_permutes) : k_{k} {
        p_.kind = k.kind;
        p_.avx512 = avx512;
        p_.byte_permutes = avx512 && byte_permutes;
        p_.vector_bytes = avx512 ? 64 : 32;
        p_.lanes = lanes_per_step(k, p_.vector_bytes);
        p_.widest = p_.vector_bytes / p_.lanes;
        p_.steps.reserve(2 * k.code.size() + 16);
        selector_ = avx512 ? make_avx512_selector(p_) : make_avx2_selector(p_);
    }

    program run() {
        for (const input& i : k_.inputs) require(i.type);
        for (const dtype t : k_.params) require(t);
        for (const output& o : k_.outputs) {
            if (o.accumulates()) throw declined{"no machine code for scans"};
        }
        for (const reduction& r : k_.reductions) {
            if (r.gives_index()) throw declined{"no machine code for the index of an extreme value"};
        }
        std::vector<id> at(k_.code.size());
        for (std::size_t n = 0; n < k_.code.size(); ++n) {
            at[n] = value(k_.code[n], at);
            results(n, at[n]);
        }
        p_.loop_end = static_cast<id>(p_.steps.size());
        if (p_.avx512) {
            fuse_logic(p_);
            fuse_conjunctions(p_);
        }
        for (std::size_t r = 0; r < k_.reductions.size(); ++r) tree(r);
        for (const rare_region& region : k_.rare) p_.rare.push_back(steps_of(region));
        if (p_.steps.size() * 16 >= 0xff00) throw declined{"too many steps"};
        return std::move(p_);
    }

private:
    static void require(dtype t) {
        if (t == dtype::f16 || t == dtype::bf16 || t > dtype::f64) throw declined{std::string("no vector code for ") + name_of(t)};
    }

    step leaf(form shape, level when, dtype t) const {
        const int bytes = p_.lanes * static_cast<int>(size_of(t));
        return {.shape = shape,
                .when = when,
                .bytes = static_cast<std::uint8_t>(bytes),
                .element = static_cast<std::uint8_t>(size_of(t)),
                .width = static_cast<std::uint8_t>(bytes <= 16   ? 16
                                                   : bytes <= 32 ? 32
                                                                 : 64)};
    }

    id value(const instruction& i, const std::vector<id>& at) {
        require(i.type);
        if (i.code == code_constant) {
            return i.type == dtype::boolean ? selector_->mask_constant(i.bits != 0) : selector_->constant(size_of(i.type), i.bits);
        }
        if (i.code == code_load || i.code == code_param) {
            const bool loads = i.code == code_load;
            const level when = !loads ? level::call : k_.inputs[i.a].inner == access::broadcast ? level::row : level::element;
            step s = leaf(loads ? form::load : form::param, when, i.type);
            s.a = i.a;
            const int stride = loads ? k_.inputs[i.a].stride : 0;
            const id bytes = stride != 0 ? selector_->strided_load(s, stride) : selector_->add(s);
            return i.type == dtype::boolean ? selector_->mask_from_bytes(bytes) : bytes;
        }
        if (i.code == code_rare) return rare(i, at);
        if (!is_operation_code(i.code) || !(operation_of(i.code).primitive || (p_.avx512 && operation_of(i.code).assisted))) {
            throw declined{"operation " + std::to_string(i.code) + " is not a primitive"};
        }
        const operation_info& info = operation_of(i.code);
        const dtype t = k_.code[info.rule == type_rule::select ? i.b : i.a].type;
        return selector_->operation(i.code, t, i.type, at[i.a], info.arity > 1 ? at[i.b] : id{0}, info.arity > 2 ? at[i.c] : id{0});
    }

    // What becomes of a value, as soon as there is one.
    void results(std::size_t n, id v) {
        for (std::size_t o = 0; o < k_.outputs.size(); ++o) {
            const output& out = k_.outputs[o];
            if (out.value != n) continue;
            step s = leaf(form::store, level::element, out.type);
            s.a = out.type == dtype::boolean ? selector_->bytes_from_mask(v) : v;
            s.imm = static_cast<std::uint8_t>(o);
            s.view = s.width;
            if (out.stride == 0 || !selector_->strided_store(s, out.stride)) selector_->add(s);
        }
        p_.folds.resize(k_.reductions.size());
        for (std::size_t r = 0; r < k_.reductions.size(); ++r) {
            const reduction& red = k_.reductions[r];
            if (red.value != n) continue;
            fold& f = p_.folds[r];
            f.type = red.type;
            f.vectors = reduction_order::row_lanes(size_of(red.type)) / p_.lanes;
            f.accumulator = given(red.type);
            const bool mask = red.type == dtype::boolean;
            f.identity = mask ? selector_->mask_constant(red.identity != 0) : selector_->constant(size_of(red.type), red.identity);
            combine(r, f.accumulator, v);
        }
    }

    id given(dtype t) {
        if (t != dtype::boolean) return selector_->add(leaf(form::given, level::element, t));
        step s = p_.steps[selector_->mask_constant(false)];
        s.shape = form::given;
        s.when = level::element;
        return selector_->add(s);
    }

    void combine(std::size_t r, id left, id right) {
        const reduction& red = k_.reductions[r];
        const std::vector<instruction> code = expand_combine(red.code, red.type);
        std::vector<id> at{left, right};
        for (std::size_t n = 2; n < code.size(); ++n) at.push_back(value(code[n], at, code));
        step& last = p_.steps[at.back()];
        if (at.size() < 3 || at.back() + 1U != p_.steps.size() || last.into != 0) {
            throw declined{std::string("no vector code for reduction by ") + operation_of(red.code).name};
        }
        last.into = static_cast<std::uint8_t>(r + 1);
    }

    id rare(const instruction& i, const std::vector<id>& at) {
        step s = leaf(form::rare, level::element, i.type);
        s.a = selector_->mask_for(size_of(i.type), at[i.a]);
        s.b = at[i.b];
        s.c = at[i.c];
        s.imm = static_cast<std::uint8_t>(i.bits);
        if (i.bits > 255 || i.type == dtype::boolean || k_.code[i.c].type == dtype::boolean) throw declined{"a rare region of bools, or too many"};
        s.view = s.width;
        return selector_->add(s);
    }

    rare_steps steps_of(const rare_region& region) {
        rare_steps steps;
        selector_->forget();
        std::vector<id> at(region.size());
        const auto is_load = [&](std::size_t n) { return region[n].code == code_load; };
        for (std::size_t n = 0; n < region.size(); ++n) {
            if (is_load(n)) at[n] = (region[n].a == 0 ? steps.otherwise : steps.x) = given(region[n].type);
        }
        steps.begin = static_cast<id>(p_.steps.size());
        for (std::size_t n = 0; n < region.size(); ++n) {
            if (is_load(n)) continue;
            require(region[n].type);
            at[n] = value(region[n], at, region);
        }
        steps.end = static_cast<id>(p_.steps.size());
        steps.result = at.back();
        return steps;
    }

    id value(const instruction& i, const std::vector<id>& at, const std::vector<instruction>& code) {
        if (i.code == code_constant) return value(i, at);
        const operation_info& info = operation_of(i.code);
        const dtype t = code[info.rule == type_rule::select ? i.b : i.a].type;
        return selector_->operation(i.code, t, i.type, at[i.a], info.arity > 1 ? at[i.b] : id{0}, info.arity > 2 ? at[i.c] : id{0});
    }

    void tree(std::size_t r) {
        fold& f = p_.folds[r];
        f.left = given(f.type);
        f.right = given(f.type);
        f.begin = static_cast<id>(p_.steps.size());
        combine(r, f.left, f.right);
        f.end = static_cast<id>(p_.steps.size());
        if (f.type != dtype::boolean || p_.kind != kernel_kind::column_reduce) return;
        f.mask = given(f.type);
        f.bytes_begin = static_cast<id>(p_.steps.size());
        f.bytes = selector_->bytes_from_mask(f.mask);
        f.bytes_end = static_cast<id>(p_.steps.size());
    }

    const kernel& k_;
    program p_;
    std::unique_ptr<selector> selector_;
};

}  // namespace

program make_program(const kernel& k, bool avx512, bool byte_permutes) { return lowering{k, avx512, byte_permutes}.run(); }

}  // namespace sinter::inline v1::detail::codegen::jit
