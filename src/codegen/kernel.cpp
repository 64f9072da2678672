#include "codegen/kernel.hpp"

#include "base/user_reductions.hpp"
#include "codegen/operation_table.hpp"

#include <sinter/detail/error.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace sinter::inline v1::detail::codegen {

namespace {

[[noreturn]] void broken(const std::string& what, std::size_t at) {
    throw internal_error("sinter: malformed kernel: " + what + " at " + std::to_string(at) + "; please report this");
}

void verify_operation(const std::vector<instruction>& code, std::size_t at) {
    const instruction& i = code[at];
    const operation_info& info = operation_of(i.code);
    const std::uint16_t operands[] = {i.a, i.b, i.c};
    for (int n = 0; n < info.arity; ++n) {
        if (operands[n] >= at) broken("operand after its user", at);
    }
    if (info.rule == type_rule::convert) {
        if (static_cast<int>(i.code) == op::bitcast::code && size_of(code[i.a].type) != size_of(i.type)) {
            broken("bitcast to another width", at);
        }
        return;
    }
    const bool selects = info.rule == type_rule::select;
    if (selects && code[i.a].type != dtype::boolean) broken("condition that is not bool", at);
    const int first = selects ? 1 : 0;
    const dtype t = code[operands[first]].type;
    for (int n = first; n < info.arity; ++n) {
        if (code[operands[n]].type != t) broken("operands of different types", at);
    }
    if (!rule_allows(info.rule, t)) broken(std::string(info.name) + " of " + name_of(t), at);
    if (i.type != (info.rule == type_rule::compare ? dtype::boolean : t)) broken("result of the wrong type", at);
}

void verify_rare(const kernel& k, const std::vector<instruction>& code, std::size_t at) {
    const instruction& i = code[at];
    if (i.a >= at || i.b >= at || i.c >= at) broken("operand after its user", at);
    if (code[i.a].type != dtype::boolean) broken("condition that is not bool", at);
    if (i.bits >= k.rare.size() || k.rare[i.bits].empty()) broken("no such region", at);
    if (code[i.b].type != i.type || k.rare[i.bits].back().type != i.type) broken("result of the wrong type", at);
}

void verify_lookup(const std::vector<instruction>& code, std::size_t at) {
    const instruction& i = code[at];
    if (i.a >= at) broken("operand after its user", at);
    if ((i.type != dtype::f64 && i.type != dtype::f32) || code[i.a].type != i.type) broken("a table of another type", at);
}

void verify_leaf(const kernel& k, std::size_t at) {
    const instruction& i = k.code[at];
    switch (i.code) {
        case code_load:
            if (i.a >= k.inputs.size()) broken("load of no input", at);
            if (i.type != k.inputs[i.a].type || k.inputs[i.a].gathers) broken("load of another type", at);
            return;
        case code_param:
            if (i.a >= k.params.size()) broken("no such parameter", at);
            if (i.type != k.params[i.a]) broken("parameter of another type", at);
            return;
        case code_constant: return;
        case code_gather:
            if (i.a >= at || (k.code[i.a].type != dtype::i32 && k.code[i.a].type != dtype::i64)) broken("gather by no index", at);
            if (i.bits >= k.inputs.size() || !k.inputs[i.bits].gathers || i.type != k.inputs[i.bits].type) broken("gather of another input", at);
            return;
        case code_rare: return verify_rare(k, k.code, at);
        case code_lookup: return verify_lookup(k.code, at);
        case code_state:
            if (i.a >= k.loop.initial.size()) broken("no such state", at);
            if (i.type != k.code[k.loop.initial[i.a]].type) broken("state of another type", at);
            return;
        default: broken("unknown code " + std::to_string(i.code), at);
    }
}

void verify_loop(const kernel& k) {
    const iteration& l = k.loop;
    if (k.kind != kernel_kind::map || l.next.size() != l.initial.size()) broken("loop that has not as many next states as states", 0);
    std::vector<bool> after(k.code.size(), false);
    for (std::size_t at = 0; at < k.code.size(); ++at) {
        const instruction& i = k.code[at];
        after[at] = i.code == code_state;
        const std::uint16_t operands[] = {i.a, i.b, i.c};
        for (int n = 0; n < operands_of(i); ++n) after[at] = after[at] || after[operands[n]];
    }
    for (const auto* values : {&l.initial, &l.captures}) {
        for (const std::uint16_t v : *values) {
            if (v >= k.code.size() || after[v]) broken("value of a loop that is not there before it", v);
        }
    }
    for (std::size_t at = 0; at < l.body.size(); ++at) {
        const instruction& i = l.body[at];
        if (is_operation_code(i.code)) {
            verify_operation(l.body, at);
        } else if (i.code == code_rare) {
            verify_rare(k, l.body, at);
        } else if (i.code == code_lookup) {
            verify_lookup(l.body, at);
        } else if (i.code == code_state || i.code == code_capture) {
            const std::vector<std::uint16_t>& of = i.code == code_state ? l.initial : l.captures;
            if (i.a >= of.size() || i.type != k.code[of[i.a]].type) broken("no such value for a body", at);
        } else if (i.code != code_constant) {
            broken("unknown code in a body", at);
        }
    }
    for (std::size_t s = 0; s < l.next.size(); ++s) {
        if (l.next[s] >= l.body.size() || l.body[l.next[s]].type != k.code[l.initial[s]].type) broken("next state of another type", s);
    }
    if (l.condition >= l.body.size() || l.body[l.condition].type != dtype::boolean) broken("loop without condition", l.condition);
    if (l.limit_param != iteration::no_param && (l.limit_param >= k.params.size() || k.params[l.limit_param] != dtype::i64)) broken("loop without limit", l.limit_param);
}

const char* name_of(access a) noexcept {
    constexpr const char* names[] = {"broadcast", "unit", "strided"};
    return names[static_cast<std::size_t>(a)];
}

std::string literal(dtype t, std::uint64_t bits) {
    char text[40];
    if (t == dtype::f32) {
        std::snprintf(text, sizeof text, "%.9g", static_cast<double>(from_bits<float>(bits)));
    } else if (t == dtype::f64) {
        std::snprintf(text, sizeof text, "%.17g", from_bits<double>(bits));
    } else if (is_half(t)) {
        std::snprintf(text, sizeof text, "%.5g", static_cast<double>(t == dtype::f16 ? from_bits<float16>(bits) : from_bits<bfloat16>(bits)));
    } else {
        return visit_dtype(t, [&]<class T>(std::type_identity<T>) {
            if constexpr (std::integral<T>) return std::to_string(from_bits<T>(bits));
            return std::string{};
        });
    }
    return text;
}

}  // namespace

int operands_of(const instruction& i) noexcept {
    if (i.code == code_rare) return 3;
    if (i.code == code_gather || i.code == code_lookup) return 1;
    return is_operation_code(i.code) ? operation_of(i.code).arity : 0;
}

int lanes_per_step(const kernel& k, int vector_bytes) noexcept {
    std::size_t widest = 1;
    for (const input& i : k.inputs) widest = std::max(widest, size_of(i.type));
    for (const instruction& i : k.code) widest = std::max(widest, size_of(i.type));
    for (const rare_region& region : k.rare) {
        for (const instruction& i : region) widest = std::max(widest, size_of(i.type));
    }
    for (const instruction& i : k.loop.body) widest = std::max(widest, size_of(i.type));
    return vector_bytes / static_cast<int>(widest);
}

bool has_index_in_registers(const kernel& k, const reduction& r) noexcept {
    constexpr int vector_bytes = 64;
    return r.start == reduction::no_start && size_of(r.type) >= 4 && static_cast<int>(size_of(r.type)) * lanes_per_step(k, vector_bytes) == vector_bytes;
}

bool is_decided_early(const kernel& k) noexcept {
    if (k.kind != kernel_kind::row_reduce || !k.outputs.empty() || k.reductions.size() != 1) return false;
    const reduction& r = k.reductions[0];
    const instruction& v = k.code[r.value];
    const bool extreme = r.code == op::minimum::code || r.code == op::maximum::code;
    return extreme && !r.gives_index() && r.type == dtype::u8 && v.code == op::convert::code && k.code[v.a].type == dtype::boolean;
}

std::byte deciding_byte(const kernel& k) noexcept { return std::byte{k.reductions[0].code == op::maximum::code}; }

byte_sum bytes_summed_by(const kernel& k) noexcept {
    using enum byte_sum;
    if (k.kind != kernel_kind::row_reduce || !k.outputs.empty() || k.reductions.size() != 1 || k.inputs.size() != 1) return none;
    const reduction& r = k.reductions[0];
    const input& in = k.inputs[0];
    if (r.code != op::add::code || size_of(r.type) != 8 || !is_integer(r.type) || in.inner != access::unit || in.counts || size_of(in.type) != 1) return none;
    const auto is = [&](const instruction& i, std::uint16_t code, dtype type) { return i.code == code && i.type == type; };
    const instruction& sum = k.code[r.value];
    if (!is(sum, op::convert::code, r.type)) return none;
    const instruction& of = k.code[sum.a];
    const auto is_zero = [&](std::uint16_t v) { return k.code[v].code == code_constant && k.code[v].bits == 0; };
    const bool condition = is(of, op::convert::code, dtype::boolean) || (is(of, op::not_equal::code, dtype::boolean) && is_zero(of.b));
    if (condition) return k.code[of.a].code == code_load ? of_conditions : none;
    if (of.code != code_load) return none;
    return in.type == dtype::boolean ? of_conditions : in.type == dtype::i8 ? of_signed : of_unsigned;
}

bool may_go_on(const kernel& k) noexcept {
    const auto is_plain = [](const auto& o) { return o.inner != access::strided; };
    return k.kind == kernel_kind::map && k.loop.empty() && k.vectors == 0 && !k.has_squares() && std::all_of(k.inputs.begin(), k.inputs.end(), [&](const input& i) { return is_plain(i) && !i.gathers; }) &&
           std::all_of(k.outputs.begin(), k.outputs.end(), is_plain);
}

bool kernel::has_squares() const noexcept {
    for (const input& i : inputs) {
        if (i.turned) return true;
    }
    return false;
}

void verify(const kernel& k) {
    if (k.code.size() >= code_load) broken("too many values", k.code.size());
    for (std::size_t at = 0; at < k.code.size(); ++at) {
        if (is_operation_code(k.code[at].code)) {
            verify_operation(k.code, at);
        } else {
            verify_leaf(k, at);
        }
    }
    const auto check_stride = [](access inner, int stride, std::size_t at) {
        if (stride != 0 && inner != access::strided) broken("stride of an operand that has none", at);
        if (stride == 1 || stride > largest_fixed_stride || stride < -largest_fixed_stride) broken("fixed stride out of range", at);
    };
    for (const input& i : k.inputs) {
        if (i.counts && (i.type != dtype::u64 || i.ahead != 0 || i.stride != 0)) broken("numbers of another kind", 0);
        if (i.gathers ? i.counts || i.ahead != 0 || i.stride != 0 : i.next) broken("gathered input of another kind", 0);
        if (i.ahead != 0 && i.inner != access::unit) broken("input ahead that is not next to itself", 0);
        if (i.imag > k.inputs.size() || (i.imag != 0 && k.inputs[i.imag - 1U].type != i.type)) broken("real parts without imaginary ones", 0);
    }
    if (k.has_squares()) {
        const auto fits = [&](dtype t) { return lanes_per_step(k, 64) * static_cast<int>(size_of(t)) == 64 && size_of(t) >= 4 && size_of(t) <= 8; };
        if (k.kind != kernel_kind::map || !k.loop.empty()) broken("turned input of no map", 0);
        for (const input& i : k.inputs) {
            if (i.inner == access::strided || (i.turned && (i.inner != access::unit || i.counts || !fits(i.type)))) broken("turned input of another kind", 0);
        }
        for (const output& o : k.outputs) {
            if (o.inner != access::unit) broken("turned input beside a strided output", 0);
        }
    }
    for (std::size_t i = 0; i < k.inputs.size(); ++i) check_stride(k.inputs[i].inner, k.inputs[i].stride, i);
    for (std::size_t o = 0; o < k.outputs.size(); ++o) {
        check_stride(k.outputs[o].inner, k.outputs[o].stride, o);
        if (k.outputs[o].value >= k.code.size()) broken("output of no value", o);
        if (k.code[k.outputs[o].value].type != k.outputs[o].type) broken("output of another type", o);
        if (k.outputs[o].inner == access::broadcast) broken("broadcast output", o);
        if (k.outputs[o].paired && (o + 1 == k.outputs.size() || k.outputs[o + 1].type != k.outputs[o].type)) broken("real parts without imaginary ones", o);
    }
    if (!k.loop.empty()) verify_loop(k);
    if (k.beside > 0) {
        if (k.kind != kernel_kind::row_reduce || !k.outputs.empty() || k.reductions.size() % k.beside != 0) broken("results beside each other of another kind", 0);
        for (const reduction& r : k.reductions) {
            if (r.code != k.reductions[0].code || r.type != k.reductions[0].type || r.gives_index()) broken("reductions beside each other that differ", 0);
        }
        if (std::count_if(k.inputs.begin(), k.inputs.end(), [](const input& i) { return !i.still; }) % k.beside != 0) broken("rows beside each other of which some are missing", 0);
    }
    if (k.beside == 0 && std::any_of(k.inputs.begin(), k.inputs.end(), [](const input& i) { return i.still; })) broken("still input of no rows beside each other", 0);
    if (k.kind == kernel_kind::map && !k.reductions.empty()) broken("reduction in a map", 0);
    const bool scans = k.outputs.size() == 1 && k.outputs[0].accumulates();
    if (k.kind != kernel_kind::map && k.reductions.empty() != scans) broken("no reduction", 0);
    for (const output& o : k.outputs) {
        if (o.accumulates() && (!scans || k.kind == kernel_kind::map)) broken("a scan that is not alone", 0);
    }
    for (std::size_t r = 0; r < k.reductions.size(); ++r) {
        const reduction& red = k.reductions[r];
        if (red.value >= k.code.size()) broken("reduction of no value", r);
        if (k.code[red.value].type != red.type) broken("reduction of another type", r);
        if (base::is_user_code(red.code) ? base::user_reduction_of(red.code).body->type != red.type : !is_operation_code(red.code) || operation_of(red.code).arity != 2 || !rule_allows(operation_of(red.code).rule, red.type) ||
            operation_of(red.code).rule == type_rule::compare) {
            broken("reduction by an operation that cannot reduce", r);
        }
        if (red.start != reduction::no_start && (!red.gives_index() || red.start >= k.code.size() || k.code[red.start].type != dtype::i64)) {
            broken("index that starts at no number", r);
        }
        if (red.gives_index() && red.code != op::minimum::code && red.code != op::maximum::code) broken("index of no extreme value", r);
        if (red.adds_products() && (red.code != op::add::code || !is_floating(red.type) || red.factor >= k.code.size() || k.code[red.factor].type != red.type)) {
            broken("products that are not added", r);
        }
    }
}

int pair_of(const kernel& k, std::size_t input) noexcept {
    const auto whole = [&](std::size_t real) { return k.inputs[real].imag != 0 && k.inputs[real].stride == 2 && k.inputs[k.inputs[real].imag - 1U].stride == 2; };
    if (whole(input)) return static_cast<int>(input);
    for (std::size_t real = 0; real < k.inputs.size(); ++real) {
        if (k.inputs[real].imag == input + 1 && whole(real)) return static_cast<int>(real);
    }
    return -1;
}

bool is_pair(const output& o) noexcept { return o.paired && o.stride == 2; }

void fill(std::byte* out, std::uint64_t bits, std::size_t size, std::size_t count) noexcept {
    if (count == 0) return;
    std::memcpy(out, &bits, size);
    for (std::size_t done = 1; done < count;) {
        const std::size_t more = std::min(done, count - done);
        std::memcpy(out + done * size, out, more * size);
        done += more;
    }
}

std::string to_string(const kernel& k) {
    constexpr const char* kinds[] = {"map", "row_reduce", "column_reduce"};
    std::string s = std::string(kinds[static_cast<std::size_t>(k.kind)]) + (k.contract ? "" : " strict") +
                    (k.vectors > 0 ? " vectors " + std::to_string(k.vectors) : "") + (k.long_rows ? " long" : "") + (k.asks_ahead > 0 ? " ahead " + std::to_string(k.asks_ahead) : "") +
                    (k.beside > 0 ? " beside " + std::to_string(k.beside) : "") + "\n";
    const auto value = [](std::uint16_t v) { return "%" + std::to_string(v); };
    const auto by = [](int stride) { return stride == 0 ? std::string{} : " by " + std::to_string(stride); };
    const auto line = [&](const char* margin, std::size_t n, const instruction& i) {
        s += margin + value(static_cast<std::uint16_t>(n)) + " " + detail::name_of(i.type) + " = ";
        if (i.code == code_load) {
            s += (i.a < k.inputs.size() && k.inputs[i.a].counts ? "address in" : "load in") + std::to_string(i.a);
            if (i.a < k.inputs.size()) s += std::string(" ") + name_of(k.inputs[i.a].inner) + by(k.inputs[i.a].stride);
        } else if (i.code == code_gather) {
            s += "gather in" + std::to_string(i.bits) + " at " + value(i.a);
            if (i.bits < k.inputs.size()) s += std::string(" ") + name_of(k.inputs[i.bits].inner);
        } else if (i.code == code_param) {
            s += "param " + std::to_string(i.a);
        } else if (i.code == code_constant) {
            s += "constant " + literal(i.type, i.bits);
        } else if (i.code == code_rare) {
            s += "rare " + std::to_string(i.bits) + " where " + value(i.a) + ", of " + value(i.b) + ", " + value(i.c);
        } else if (i.code == code_lookup) {
            s += "lookup " + value(i.a);
        } else if (is_operation_code(i.code)) {
            const operation_info& info = operation_of(i.code);
            const std::uint16_t operands[] = {i.a, i.b, i.c};
            s += info.name;
            for (int a = 0; a < info.arity; ++a) s += (a == 0 ? " " : ", ") + value(operands[a]);
        } else if (i.code == code_state || i.code == code_capture) {
            s += (i.code == code_state ? "state " : "captured ") + std::to_string(i.a);
        } else {
            s += "unknown " + std::to_string(i.code);
        }
        s += "\n";
    };
    for (std::size_t n = 0; n < k.code.size(); ++n) line("  ", n, k.code[n]);
    if (!k.loop.empty()) {
        const iteration& l = k.loop;
        s += "  loop of";
        for (const std::uint16_t v : l.initial) s += " " + value(v);
        s += ", capturing";
        for (const std::uint16_t v : l.captures) s += " " + value(v);
        s += l.limit_param == iteration::no_param ? ", limit " + std::to_string(l.limit) : ", limit param " + std::to_string(l.limit_param);
        s += "\n";
        for (std::size_t n = 0; n < l.body.size(); ++n) line("    ", n, l.body[n]);
        s += "    while " + value(l.condition) + " next";
        for (const std::uint16_t v : l.next) s += " " + value(v);
        s += "\n";
    }
    for (std::size_t n = 0; n < k.outputs.size(); ++n) {
        const output& o = k.outputs[n];
        s += "  out" + std::to_string(n) + " " + detail::name_of(o.type) + " " + name_of(o.inner) + by(o.stride) + (o.streaming ? " streaming" : "") + (o.paired ? " and the next" : "") + " = " +
             (o.accumulates() ? std::string("accumulated by ") + operation_of(o.scan).name + " " : std::string{}) + value(o.value) + "\n";
    }
    for (std::size_t n = 0; n < k.reductions.size(); ++n) {
        const reduction& r = k.reductions[n];
        s += "  reduced" + std::to_string(n) + " " + detail::name_of(r.type) + " = " +
             (base::is_user_code(r.code) ? "function " + std::to_string(r.code - base::first_user_code) : is_operation_code(r.code) ? operation_of(r.code).name : "unknown") + " " +
             value(r.value) + (r.adds_products() ? " * " + value(r.factor) : std::string{});
        if (r.gives_index()) s += ", its index by " + std::to_string(r.step) + (r.start == reduction::no_start ? std::string{} : " from " + value(r.start));
        s += "\n";
    }
    return s;
}

}  // namespace sinter::inline v1::detail::codegen
