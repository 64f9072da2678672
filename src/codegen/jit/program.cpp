#include "codegen/jit/program.hpp"

#include "codegen/jit/fold_steps.hpp"
#include "codegen/jit/select.hpp"
#include "codegen/jit/tidy.hpp"
#include "codegen/operation_table.hpp"
#include "codegen/recorder.hpp"

#include <sinter/detail/reduction_order.hpp>

#include <algorithm>

namespace sinter::inline v1::detail::codegen::jit {

namespace {

namespace I = asmjit::x86::Inst;

class lowering {
public:
    lowering(const kernel& k, bool avx512, bool byte_permutes, bool keeps_masks) : k_{k} {
        p_.kind = k.kind;
        p_.avx512 = avx512;
        p_.byte_permutes = avx512 && byte_permutes;
        p_.vector_bytes = avx512 ? 64 : 32;
        p_.lanes = lanes_per_step(k, p_.vector_bytes);
        p_.widest = p_.vector_bytes / p_.lanes;
        p_.steps.reserve(2 * k.code.size() + 16);
        selector_ = avx512 ? make_avx512_selector(p_) : make_avx2_selector(p_);
        folds_ = std::make_unique<fold_steps>(k_, p_, *selector_, keeps_masks);
    }

    program run() {
        for (const input& i : k_.inputs) require(i.type);
        for (const dtype t : k_.params) require(t);
        for (const output& o : k_.outputs) {
            if (o.accumulates()) throw declined{"no machine code for scans"};
        }
        p_.folds.resize(k_.reductions.size());
        for (std::size_t r = 0; r < k_.reductions.size(); ++r) {
            if (!k_.reductions[r].gives_index()) continue;
            const reduction& red = k_.reductions[r];
            require_index(red);
            const auto same = std::find_if(k_.reductions.begin(), k_.reductions.end(),
                                           [&](const reduction& o) { return !o.gives_index() && o.code == red.code && o.value == red.value; });
            const auto own = static_cast<std::size_t>(same - k_.reductions.begin());
            if (same == k_.reductions.end()) p_.folds.push_back({.hidden = true});
            p_.folds[r].extreme = static_cast<std::uint16_t>(same == k_.reductions.end() ? p_.folds.size() : own + 1);
        }
        std::vector<id> at(k_.code.size());
        for (std::size_t n = 0; n < k_.code.size() && k_.loop.empty(); ++n) {
            at[n] = value(k_.code[n], at);
            results(n, at);
        }
        if (!k_.loop.empty()) loop(at);
        p_.loop_end = static_cast<id>(p_.steps.size());
        folds_->finish();
        drop_unused_masks(p_);
        if (p_.avx512) {
            fuse_logic(p_, parts_);
            fuse_conjunctions(p_, parts_);
        }
        if (!k_.loop.empty()) order_loop();
        for (std::size_t r = 0; r < k_.reductions.size(); ++r) {
            if (!k_.reductions[r].gives_index()) tree(r);
        }
        for (const rare_region& region : k_.rare) p_.rare.push_back(steps_of(region));
        if (p_.steps.size() * 16 >= 0xff00) throw declined{"too many steps"};
        return std::move(p_);
    }

private:
    static void require(dtype t) {
        if (t > dtype::f64) throw declined{std::string("no vector code for ") + name_of(t)};
    }

    /// What is computed before the loop, by value, and the loop.
    void loop(std::vector<id>& at) {
        const iteration& l = k_.loop;
        std::vector<bool> after(k_.code.size());
        for (std::size_t n = 0; n < k_.code.size(); ++n) {
            after[n] = depends(k_.code[n], after, k_.code[n].code == code_state);
            if (!after[n]) at[n] = value(k_.code[n], at);
        }
        turns& made = p_.loop;
        made.limit = l.limit;
        made.limit_param = l.limit_param;
        made.carries.push_back({.within = selector_->given(dtype::boolean), .state = true});
        for (const std::uint16_t v : l.initial) made.carries.push_back({.within = selector_->given(k_.code[v].type), .state = true});
        // What does not change from turn to turn goes before the loop.
        std::vector<id> within(l.body.size());
        std::vector<bool> varies(l.body.size());
        const auto compute = [&](bool varying) {
            for (std::size_t n = 0; n < l.body.size(); ++n) {
                const instruction& i = l.body[n];
                varies[n] = depends(i, varies, i.code == code_state);
                if (varies[n] != varying) continue;
                within[n] = i.code == code_state     ? made.carries[i.a + 1U].within
                            : i.code == code_capture ? at[l.captures[i.a]]
                            : i.code == code_constant ? value(i, within)
                            : i.code == code_rare     ? rare(i, within, l.body)
                                                      : operation(i, within, l.body);
            }
        };
        compute(false);
        for (std::size_t s = 0; s < l.initial.size(); ++s) carry(at[l.initial[s]], s + 1);
        parts_.body = static_cast<id>(p_.steps.size());
        compute(true);
        const auto choose = [&](std::uint16_t code, dtype t, id a, id b, id c) { return selector_->operation(code, t, t, a, b, c); };
        const id active = choose(op::bitwise_and::code, dtype::boolean, made.carries[0].within, within[l.condition], 0);
        carry(active, 0);
        // Elements that are done keep the states that are looked at; what becomes of the others does not matter.
        std::vector<bool> kept(l.initial.size());
        for (const instruction& i : k_.code) {
            if (i.code == code_state) kept[i.a] = true;
        }
        for (std::size_t s = 0; s < l.initial.size(); ++s) {
            const id old = made.carries[s + 1].within, next = within[l.next[s]];
            if (next != old) carry(kept[s] ? choose(op::select::code, k_.code[l.initial[s]].type, active, next, old) : next, s + 1);
        }
        parts_.after = static_cast<id>(p_.steps.size());
        for (std::size_t n = 0; n < k_.code.size(); ++n) {
            const instruction& i = k_.code[n];
            if (i.code == code_state) {
                at[n] = selector_->given(i.type);
                made.carries[i.a + 1U].after = at[n];
            } else if (after[n]) {
                at[n] = value(i, at);
            }
        }
        for (std::size_t n = 0; n < k_.code.size(); ++n) results(n, at);
    }

    [[nodiscard]] static bool depends(const instruction& i, const std::vector<bool>& on, bool itself) {
        const int count = codegen::operands_of(i);
        return count == 0 ? itself : on[i.a] || (count > 1 && on[i.b]) || (count > 2 && on[i.c]);
    }

    void carry(id from, std::size_t into) {
        const step& s = p_.steps[from];
        step c{.shape = form::carry, .bytes = s.bytes, .element = s.element, .width = s.width, .view = s.width, .into = static_cast<std::uint8_t>(into + 1), .a = from};
        const id made = selector_->add(c);
        p_.steps[made].when = level::element;
    }

    [[nodiscard]] bool runs(id n) const { return p_.steps[n].shape >= form::unary && !p_.steps[n].dead && p_.steps[n].when == level::element; }

    /// Orders the steps of a kernel with a loop. The next value of a state is written where the state is, as late as possible, so that what it was need not
    /// be kept elsewhere.
    void order_loop() {
        turns& l = p_.loop;
        const id end = p_.loop_end;
        if (p_.avx512) merge_blends();
        const std::vector<int> users = count_users(p_);
        std::vector<bool> last(end, false);
        for (id n = parts_.body; n < parts_.after; ++n) {
            step& c = p_.steps[n];
            if (c.shape != form::carry) continue;
            last[n] = true;
            step& from = p_.steps[c.a];
            if (c.a < parts_.body || !runs(c.a) || from.into != 0) continue;
            from.into = c.into;
            last[c.a] = users[c.a] == 1;
            c.dead = true;
        }
        for (const bool late : {false, true}) {
            for (id n = parts_.body; n < parts_.after; ++n) {
                if (runs(n) && last[n] == late) l.body.push_back(n);
            }
        }
        for (id n = parts_.after; n < end; ++n) {
            if (runs(n)) l.after.push_back(n);
        }
        for (id n = 0; n < parts_.body; ++n) {
            if (runs(n)) l.before.push_back(n);
        }
        // What was computed for each element before the loop and is used from then on.
        std::vector<bool> seen(end, false);
        for (const auto* order : {&l.body, &l.after}) {
            for (const id n : *order) {
                const id operands[] = {p_.steps[n].a, p_.steps[n].b, p_.steps[n].c};
                for (int i = 0; i < operands_of(p_.steps[n].shape); ++i) {
                    const id o = operands[i];
                    if (o >= parts_.body || seen[o] || p_.steps[o].when != level::element || p_.steps[o].shape == form::given) continue;
                    seen[o] = true;
                    l.carries.push_back({.within = o, .after = o});
                    if (l.carries.size() > 200) throw declined{"a loop with too many values"};
                    carry(o, l.carries.size() - 1);
                    l.before.push_back(static_cast<id>(p_.steps.size() - 1));
                }
            }
        }
        p_.loop_end = static_cast<id>(p_.steps.size());
    }

    /// An operation for the elements that go on only, over what the state was, is one instruction.
    void merge_blends() {
        const std::vector<int> users = count_users(p_);
        for (id n = parts_.body; n < parts_.after; ++n) {
            const step& c = p_.steps[n];
            if (c.shape != form::carry || p_.steps[c.a].shape != form::blend || users[c.a] != 1) continue;
            step& blend = p_.steps[c.a];
            step& x = p_.steps[blend.c];
            const bool fits = x.shape == form::binary && x.width == blend.width && (x.broadcast == 0 || x.broadcast == x.element) && x.element == blend.element;
            if (!fits || users[blend.c] != 1 || blend.c < parts_.body || !runs(blend.c) || blend.b != p_.loop.carries[c.into - 1U].within) continue;
            const id mask = blend.a;
            x.dead = true;
            blend = x;
            blend.dead = false;
            blend.shape = form::masked;
            blend.c = x.b;
            blend.b = x.a;
            blend.a = mask;
        }
    }

    id lookup(const instruction& i, const std::vector<id>& at) {
        return selector_->lookup(size_of(i.type), at[i.a], reinterpret_cast<const void*>(static_cast<std::uintptr_t>(i.bits)));
    }

    id operation(const instruction& i, const std::vector<id>& at, const std::vector<instruction>& code) {
        require(i.type);
        if (i.code == code_lookup) return lookup(i, at);
        if (!is_operation_code(i.code) || !(operation_of(i.code).primitive || (p_.avx512 && operation_of(i.code).assisted))) {
            throw declined{"operation " + std::to_string(i.code) + " is not a primitive"};
        }
        const operation_info& info = operation_of(i.code);
        const dtype t = code[info.rule == type_rule::select ? i.b : i.a].type;
        return selector_->operation(i.code, t, i.type, at[i.a], info.arity > 1 ? at[i.b] : id{0}, info.arity > 2 ? at[i.c] : id{0});
    }

    id value(const instruction& i, const std::vector<id>& at) {
        require(i.type);
        if (i.code == code_constant) {
            return i.type == dtype::boolean ? selector_->mask_constant(i.bits != 0) : selector_->constant(size_of(i.type), i.bits);
        }
        if (i.code == code_load || i.code == code_param) {
            const bool loads = i.code == code_load;
            const level when = !loads ? level::call : k_.inputs[i.a].inner == access::broadcast ? level::row : level::element;
            step s = selector_->leaf(loads ? form::load : form::param, when, i.type);
            s.a = i.a;
            if (const int real = loads ? pair_of(k_, i.a) : -1; real >= 0) return part(s, static_cast<std::uint16_t>(real));
            const int stride = loads ? k_.inputs[i.a].stride : 0;
            const id bytes = stride != 0 ? selector_->strided_load(s, stride) : selector_->add(s);
            return i.type == dtype::boolean ? selector_->mask_from_bytes(bytes) : bytes;
        }
        if (i.code == code_rare) return rare(i, at, k_.code);
        if (i.code == code_gather) return gather(i, at);
        return operation(i, at, k_.code);
    }

    /// A part of complex numbers, both of which are loaded with the first one that is needed. s: its load.
    id part(step s, std::uint16_t real) {
        const bool is_real = s.a == real;
        auto known = std::find_if(pairs_.begin(), pairs_.end(), [&](const auto& p) { return p.first == real; });
        if (known == pairs_.end()) {
            s.a = real;
            known = pairs_.insert(pairs_.end(), {real, selector_->load_pair(s)});
        }
        return is_real ? known->second.first : known->second.second;
    }

    id gather(const instruction& i, const std::vector<id>& at) {
        if (i.bits > 255) throw declined{"too many inputs"};
        step s = selector_->leaf(form::gather, level::element, i.type);
        s.a = at[i.a];
        s.imm = static_cast<std::uint8_t>(i.bits);
        s.view = p_.steps[s.a].width;
        const id bytes = selector_->add(s);
        step& made = p_.steps[bytes];
        made.when = std::max(made.when, k_.inputs[i.bits].inner == access::broadcast ? level::row : level::element);
        return i.type == dtype::boolean ? selector_->mask_from_bytes(bytes) : bytes;
    }

    // What becomes of a value, as soon as there is one.
    void results(std::size_t n, const std::vector<id>& at) {
        const id v = at[n];
        for (std::size_t o = 0; o < k_.outputs.size(); ++o) {
            const output& out = k_.outputs[o];
            const bool real = is_pair(out), imag = o > 0 && is_pair(k_.outputs[o - 1]);
            if (real || imag) {
                const output& first = k_.outputs[imag ? o - 1 : o];
                const output& second = k_.outputs[imag ? o : o + 1];
                if (out.value != n || std::max(first.value, second.value) != n || (imag && first.value == n)) continue;
                step s = selector_->leaf(form::store, level::element, out.type);
                s.a = at[first.value];
                s.imm = static_cast<std::uint8_t>(imag ? o - 1 : o);
                s.view = s.width;
                selector_->store_pair(s, at[second.value]);
                continue;
            }
            if (out.value != n) continue;
            step s = selector_->leaf(form::store, level::element, out.type);
            s.a = out.type == dtype::boolean ? selector_->bytes_from_mask(v) : v;
            s.imm = static_cast<std::uint8_t>(o);
            s.view = s.width;
            if (out.stride == 0 || !selector_->strided_store(s, out.stride)) selector_->add(s);
        }
        // An index looks at extreme values before they change.
        for (const bool index : {true, false}) {
            for (std::size_t r = 0; r < k_.reductions.size(); ++r) {
                const reduction& red = k_.reductions[r];
                const std::size_t last = red.adds_products() ? std::max(red.value, red.factor) : red.value;
                if (last != n || red.gives_index() != index) continue;
                if (index) {
                    folds_->add_index(r, v);
                    continue;
                }
                const id accumulator = folds_->begin(r, red.type, red.identity);
                if (red.adds_products()) {
                    add_to(r, selector_->operation(op::fma::code, red.type, red.type, at[red.value], at[red.factor], accumulator));
                } else if (!folds_->add_extreme(r, v)) {
                    combine(r, accumulator, v);
                }
            }
        }
        folds_->finish_value(v);
    }

    void require_index(const reduction& red) const {
        if (!p_.avx512 || red.start != reduction::no_start || size_of(red.type) < 4 || static_cast<int>(size_of(red.type)) != p_.widest) {
            throw declined{"no machine code for an index that starts elsewhere, of elements that fill no vectors, or for AVX2"};
        }
    }

    void combine(std::size_t r, id left, id right) {
        const reduction& red = k_.reductions[r];
        const std::vector<instruction> code = expand_combine(red.code, red.type);
        std::vector<id> at{left, right};
        for (std::size_t n = 2; n < code.size(); ++n) at.push_back(value(code[n], at, code));
        if (at.size() < 3) throw declined{"a reduction without steps"};
        add_to(r, at.back());
    }

    void add_to(std::size_t r, id sum) {
        step& last = p_.steps[sum];
        if (sum + 1U != p_.steps.size() || last.into != 0) throw declined{std::string("no vector code for reduction by ") + operation_of(k_.reductions[r].code).name};
        last.into = static_cast<std::uint8_t>(r + 1);
    }

    id rare(const instruction& i, const std::vector<id>& at, const std::vector<instruction>& code) {
        step s = selector_->leaf(form::rare, level::element, i.type);
        s.a = selector_->mask_for(size_of(i.type), at[i.a]);
        s.b = at[i.b];
        s.c = at[i.c];
        s.imm = static_cast<std::uint8_t>(i.bits);
        if (i.bits > 255 || i.type == dtype::boolean || code[i.c].type == dtype::boolean) throw declined{"a rare region of bools, or too many"};
        s.view = s.width;
        return selector_->add(s);
    }

    rare_steps steps_of(const rare_region& region) {
        rare_steps steps;
        selector_->forget();
        std::vector<id> at(region.size());
        const auto is_load = [&](std::size_t n) { return region[n].code == code_load; };
        for (std::size_t n = 0; n < region.size(); ++n) {
            if (is_load(n)) at[n] = (region[n].a == 0 ? steps.otherwise : steps.x) = selector_->given(region[n].type);
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
        if (i.code == code_lookup) return lookup(i, at);
        const operation_info& info = operation_of(i.code);
        const dtype t = code[info.rule == type_rule::select ? i.b : i.a].type;
        return selector_->operation(i.code, t, i.type, at[i.a], info.arity > 1 ? at[i.b] : id{0}, info.arity > 2 ? at[i.c] : id{0});
    }

    void tree(std::size_t r) {
        fold& f = p_.folds[r];
        f.left = selector_->given(f.type);
        f.right = selector_->given(f.type);
        f.begin = static_cast<id>(p_.steps.size());
        combine(r, f.left, f.right);
        f.end = static_cast<id>(p_.steps.size());
        if (f.type != dtype::boolean || p_.kind != kernel_kind::column_reduce) return;
        f.mask = selector_->given(f.type);
        f.bytes_begin = static_cast<id>(p_.steps.size());
        f.bytes = selector_->bytes_from_mask(f.mask);
        f.bytes_end = static_cast<id>(p_.steps.size());
    }

    const kernel& k_;
    program p_;
    parts parts_;
    std::vector<std::pair<std::uint16_t, std::pair<id, id>>> pairs_;  // the parts of complex numbers that are loaded, by the input of the real ones
    std::unique_ptr<selector> selector_;
    std::unique_ptr<fold_steps> folds_;
};

/// Whether a computed condition holds anywhere, or everywhere, is known from masks as well as from bytes, which it then need not become.
[[nodiscard]] kernel decided_by_masks(kernel k) {
    reduction& r = k.reductions[0];
    const std::uint16_t condition = k.code[r.value].a;
    if (r.value + 1U != k.code.size() || k.code[condition].code == code_load) return k;
    const bool any = deciding_byte(k) == std::byte{1};
    r = {.code = any ? op::bitwise_or::code : op::bitwise_and::code, .value = condition, .type = dtype::boolean, .identity = any ? 0U : 1U};
    k.code.pop_back();
    return k;
}

}  // namespace

program make_program(const kernel& k, bool avx512, bool byte_permutes) {
    const kernel of = avx512 && is_decided_early(k) ? decided_by_masks(k) : k;
    program p = lowering{of, avx512, byte_permutes, true}.run();
    return p.keeps_masks && !has_room_for_masks(p) ? lowering{k, avx512, byte_permutes, false}.run() : p;
}

}  // namespace sinter::inline v1::detail::codegen::jit
