#include "base/default_environment.hpp"
#include "base/user_reductions.hpp"
#include "codegen/ir_lane.hpp"
#include "codegen/operation_table.hpp"

#include <sinter/detail/error.hpp>
#include <sinter/detail/half_lane.hpp>
#include <sinter/detail/scalar_lane.hpp>

#include <algorithm>
#include <iterator>
#include <span>

namespace sinter::inline v1::detail::codegen {

namespace {

using body = std::uint16_t (*)(std::uint16_t, std::uint16_t, std::uint16_t);

template <class Op, class T>
std::uint16_t run_body(std::uint16_t a, std::uint16_t b, std::uint16_t c) {
    using V = lane<ir_value<T>>;
    const V x{ir_value<T>{a}}, y{ir_value<T>{b}}, z{ir_value<T>{c}};
    if constexpr (Op::rule == type_rule::select) {
        return detail::apply_to_lanes<Op>(lane<ir_value<bool>>{ir_value<bool>{a}}, y, z).raw().id;
    } else if constexpr (Op::arity == 1) {
        return detail::apply_to_lanes<Op>(x).raw().id;
    } else if constexpr (Op::arity == 2) {
        return detail::apply_to_lanes<Op>(x, y).raw().id;
    } else {
        return detail::apply_to_lanes<Op>(x, y, z).raw().id;
    }
}

template <int Code, class T>
constexpr body body_for() {
    if constexpr (is_operation<Code>) {
        using op = typename operation_at<Code>::type;
        if constexpr (!op::primitive && rule_allows(op::rule, dtype_of<T>)) return &run_body<op, T>;
    }
    return nullptr;
}

template <int Code>
constexpr std::array<body, dtype_count> bodies_for() {
    using enum dtype;
    std::array<body, dtype_count> row{};
    const auto put = [&](dtype t, body f) { row[static_cast<std::size_t>(t)] = f; };
    put(boolean, body_for<Code, bool>());
    put(i8, body_for<Code, std::int8_t>());
    put(i16, body_for<Code, std::int16_t>());
    put(i32, body_for<Code, std::int32_t>());
    put(i64, body_for<Code, std::int64_t>());
    put(u8, body_for<Code, std::uint8_t>());
    put(u16, body_for<Code, std::uint16_t>());
    put(u32, body_for<Code, std::uint32_t>());
    put(u64, body_for<Code, std::uint64_t>());
    put(f32, body_for<Code, float>());
    put(f64, body_for<Code, double>());
    return row;
}

// Bodies by code and by the type of the operands.
constexpr auto bodies = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<std::array<body, dtype_count>, sizeof...(I)>{bodies_for<static_cast<int>(I)>()...};
}
(std::make_index_sequence<operation_codes>{});

template <class Op, class T>
std::uint64_t fold_one(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    const T x = from_bits<T>(a), y = from_bits<T>(b), z = from_bits<T>(c);
    if constexpr (!rule_allows(Op::rule, dtype_of<T>)) {
        return 0;
    } else if constexpr (Op::rule == type_rule::select) {
        return to_bits(carrier<T>::template apply<Op>(from_bits<bool>(a), y, z));
    } else if constexpr (Op::arity == 1) {
        return to_bits(carrier<T>::template apply<Op>(x));
    } else if constexpr (Op::arity == 2) {
        return to_bits(carrier<T>::template apply<Op>(x, y));
    } else {
        return to_bits(carrier<T>::template apply<Op>(x, y, z));
    }
}

using folder = std::uint64_t (*)(std::uint64_t, std::uint64_t, std::uint64_t);

template <class T, int Code>
constexpr folder folder_for() {
    if constexpr (is_operation<Code>) {
        using op = typename operation_at<Code>::type;
        if constexpr (op::primitive && op::rule != type_rule::convert) return &fold_one<op, T>;
    }
    return nullptr;
}

template <class T>
std::uint64_t fold_typed(std::uint16_t code, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    static constexpr auto table = []<std::size_t... I>(std::index_sequence<I...>) {
        return std::array<folder, sizeof...(I)>{folder_for<T, static_cast<int>(I)>()...};
    }
    (std::make_index_sequence<32>{});
    return table[code](a, b, c);
}

std::uint64_t fold_convert(dtype from, dtype to, std::uint64_t bits) {
    return visit_dtype(from, [&]<class T>(std::type_identity<T>) {
        return visit_dtype(to, [&]<class U>(std::type_identity<U>) { return to_bits(convert_scalar<U>(from_bits<T>(bits))); });
    });
}

// Division by a constant zero is left alone: whether it is an error is not known here.
bool can_fold(const instruction& i, dtype t, std::uint64_t b) { return !(static_cast<int>(i.code) == op::divide::code && is_integer(t) && b == 0); }

std::size_t hash_of(const instruction& i) noexcept {
    std::uint64_t h = i.bits + (static_cast<std::uint64_t>(i.code) << 8 | static_cast<std::uint64_t>(i.type));
    h = (h ^ (h >> 32)) * 0x9e3779b97f4a7c15ULL;
    h += static_cast<std::uint64_t>(i.a) << 32 | static_cast<std::uint64_t>(i.b) << 16 | i.c;
    h *= 0xd6e8feb86659fd93ULL;
    return static_cast<std::size_t>(h >> 32);
}

constexpr std::uint16_t dead = 0xffff, live = 0;

/// What the values that are marked need is marked, too.
void mark_needed(const std::vector<instruction>& code, std::vector<std::uint16_t>& place) {
    for (std::size_t n = code.size(); n-- > 0;) {
        const instruction& i = code[n];
        if (place[n] == dead) continue;
        const std::uint16_t operands[] = {i.a, i.b, i.c};
        for (int o = 0; o < operands_of(i); ++o) place[operands[o]] = live;
    }
}

/// The values that are marked, moved together; marks become their new places.
[[nodiscard]] std::vector<instruction> keep_marked(const std::vector<instruction>& code, std::vector<std::uint16_t>& place) {
    std::vector<instruction> kept;
    kept.reserve(code.size());
    for (std::size_t n = 0; n < code.size(); ++n) {
        if (place[n] == dead) continue;
        place[n] = static_cast<std::uint16_t>(kept.size());
        instruction i = code[n];
        if (const int count = operands_of(i); count > 0) {
            i.a = place[i.a];
            i.b = count > 1 ? place[i.b] : std::uint16_t{0};
            i.c = count > 2 ? place[i.c] : std::uint16_t{0};
        }
        kept.push_back(i);
    }
    return kept;
}

/// Drops the values that no root needs. Returns each value's new place.
std::vector<std::uint16_t> drop_unused(std::vector<instruction>& code, std::span<const std::uint16_t> roots) {
    std::vector<std::uint16_t> place(code.size(), dead);
    for (const std::uint16_t root : roots) place[root] = live;
    mark_needed(code, place);
    code = keep_marked(code, place);
    return place;
}

}  // namespace

thread_local recorder* recorder::current_ = nullptr;

recorder::recorder(std::size_t expected, bool assistance) : outer_{current_}, assistance_{assistance} {
    code_.reserve(expected);
    std::size_t size = 64;
    while (size < 2 * expected) size *= 2;
    table_.resize(size);
    current_ = this;
}

recorder::~recorder() { current_ = outer_; }

void recorder::grow() {
    table_.assign(2 * table_.size(), 0);
    const std::size_t mask = table_.size() - 1;
    for (std::size_t n = 0; n < code_.size(); ++n) {
        std::size_t at = hash_of(code_[n]) & mask;
        while (table_[at] != 0) at = (at + 1) & mask;
        table_[at] = static_cast<std::uint16_t>(n + 1);
    }
}

std::uint16_t recorder::add(const instruction& i) {
    if (2 * (code_.size() + 1) > table_.size()) grow();
    const std::size_t mask = table_.size() - 1;
    std::size_t at = hash_of(i) & mask;
    for (; table_[at] != 0; at = (at + 1) & mask) {
        if (code_[table_[at] - 1U] == i) return static_cast<std::uint16_t>(table_[at] - 1U);
    }
    if (code_.size() + 1 >= code_load) throw internal_error("sinter: a kernel with too many values; please report this");
    code_.push_back(i);
    table_[at] = static_cast<std::uint16_t>(code_.size());
    return static_cast<std::uint16_t>(code_.size() - 1);
}

std::uint16_t recorder::constant(dtype type, std::uint64_t bits) { return add({.code = code_constant, .type = type, .bits = bits}); }

template <class T>
std::uint16_t recorder::lookup(std::uint16_t x, const table_of<T>& table) {
    const instruction& at = code_[x];
    if (at.code == code_constant) return constant(dtype_of<T>, to_bits(table.values[at.bits % 8]));
    return add({.code = code_lookup, .type = dtype_of<T>, .a = x, .bits = reinterpret_cast<std::uintptr_t>(&table)});
}
template std::uint16_t recorder::lookup(std::uint16_t x, const table_of<float>& table);
template std::uint16_t recorder::lookup(std::uint16_t x, const table_of<double>& table);

std::uint16_t recorder::record(std::uint16_t code, dtype type, std::uint16_t a, std::uint16_t b, std::uint16_t c) {
    const instruction i{.code = code, .type = type, .a = a, .b = b, .c = c};
    const operation_info& info = operation_of(code);
    const auto is_constant = [&](std::uint16_t v) { return code_[v].code == code_constant; };
    const bool all = is_constant(a) && (info.arity < 2 || is_constant(b)) && (info.arity < 3 || is_constant(c));
    const dtype from = code_[info.rule == type_rule::select ? b : a].type;
    if (info.rule == type_rule::convert && from == type) return a;
    if (!all || !can_fold(i, from, code_[b].bits)) return add(i);
    if (static_cast<int>(code) == op::convert::code) return constant(type, fold_convert(from, type, code_[a].bits));
    if (static_cast<int>(code) == op::bitcast::code) return constant(type, code_[a].bits);
    // Its body holds for fewer powers than the instruction, which bodies that know their machine use.
    if (static_cast<int>(code) == op::scale::code && assistance_) return add(i);
    if (!info.primitive) {
        const std::uint64_t numbers[] = {code_[a].bits, code_[b].bits, code_[c].bits};
        return constant(type, info.fold(from, type, numbers));
    }
    const std::uint64_t bits =
        visit_dtype(from, [&]<class T>(std::type_identity<T>) { return fold_typed<T>(code, code_[a].bits, code_[b].bits, code_[c].bits); });
    return constant(type, bits);
}

namespace {

template <class T>
using value_lane = lane<ir_value<T>>;

/// Floats as elements of 16 bits. Of float16 that is an instruction, which machines with AVX2 have.
[[nodiscard]] std::uint16_t stored_half(recorder& r, dtype to, value_lane<float> x) {
    if (to == dtype::f16) return r.record(op::convert::code, to, x.raw().id);
    return r.record(op::bitcast::code, to, narrowed_bits<bfloat16>(x).raw().id);
}

/// A conversion from or to a float of 16 bits, in those that are primitives.
[[nodiscard]] std::uint16_t convert_half(recorder& r, dtype from, dtype to, std::uint16_t a) {
    if (from == to) return a;
    if (is_half(from)) {
        const value_lane<float> x = from == dtype::f16 ? value_lane<float>{ir_value<float>{r.record(op::convert::code, dtype::f32, a)}}
                                                       : widened<bfloat16>(value_lane<std::uint16_t>{ir_value<std::uint16_t>{r.record(op::bitcast::code, dtype::u16, a)}});
        if (is_half(to)) return stored_half(r, to, x);
        return to == dtype::f32 ? x.raw().id : r.record(op::convert::code, to, x.raw().id);
    }
    return visit_dtype(from, [&]<class T>(std::type_identity<T>) -> std::uint16_t {
        if constexpr (half<T>) {
            return a;
        } else {
            const value_lane<T> x{ir_value<T>{a}};
            return stored_half(r, to, to == dtype::f16 ? floats_to_round<float16>(x) : floats_to_round<bfloat16>(x));
        }
    });
}

}  // namespace

std::uint16_t recorder::apply(const instruction& i, std::uint16_t a, std::uint16_t b, std::uint16_t c) {
    if (static_cast<int>(i.code) == op::convert::code && (is_half(i.type) || is_half(code_[a].type))) return convert_half(*this, code_[a].type, i.type, a);
    const operation_info& info = operation_of(i.code);
    if (info.primitive || whole_) return record(i.code, i.type, a, info.arity > 1 ? b : std::uint16_t{0}, info.arity > 2 ? c : std::uint16_t{0});
    const dtype operand = code_[info.rule == type_rule::select ? b : a].type;
    const body f = bodies[i.code][static_cast<std::size_t>(operand)];
    if (f == nullptr) throw internal_error("sinter: no body for " + std::string(info.name) + " of " + name_of(operand) + "; please report this");
    return f(a, b, c);
}

namespace {

/// What a function of the user does to two values.
[[nodiscard]] std::uint16_t user_combination(recorder& r, const base::user_reduction& function, std::uint16_t a, std::uint16_t b) {
    const tape& t = *function.body;
    std::vector<std::uint16_t> made;
    const auto operand = [&](tape_ref x) {
        const auto at = static_cast<std::size_t>(x & ref_index);
        if ((x & ref_kind) == ref_array) return at == 0 ? a : b;
        return (x & ref_kind) == ref_constant ? r.constant(t.constant_types[at], t.constants[at]) : made[at];
    };
    for (std::size_t i = 0; i < t.n_code; ++i) {
        const tape_instruction& x = t.code[i];
        const int arity = operation_of(x.code).arity;
        const std::uint16_t args[] = {operand(x.a), arity > 1 ? operand(x.b) : std::uint16_t{0}, arity > 2 ? operand(x.c) : std::uint16_t{0}};
        if (x.contracted != 0 && !function.contract) {
            // A product and a sum again.
            const std::uint16_t product = r.apply({.code = op::multiply::code, .type = x.type}, args[0], args[1], 0);
            const bool sum = x.code == op::fma::code, product_first = x.code != op::fnma::code;
            made.push_back(r.apply({.code = sum ? op::add::code : op::subtract::code, .type = x.type}, product_first ? product : args[2],
                                   product_first ? args[2] : product, 0));
            continue;
        }
        made.push_back(r.apply({.code = x.code, .type = x.type}, args[0], args[1], args[2]));
    }
    return operand(t.result);
}

}  // namespace

std::uint16_t recorder::rare(rare_body body, std::uint16_t mask, std::uint16_t otherwise, std::uint16_t x) {
    const dtype type = code_[otherwise].type;
    if (ordinary_ || code_[mask].code == code_constant) {
        if (code_[mask].code == code_constant && code_[mask].bits == 0) return otherwise;
        return record(op::select::code, type, mask, body(otherwise, x), otherwise);
    }
    rare_region region;
    {
        recorder inner{256, assistance_};
        inner.without_regions();
        const std::uint16_t b = inner.add({.code = code_load, .type = type, .a = 0});
        const std::uint16_t c = inner.add({.code = code_load, .type = code_[x].type, .a = 1});
        const std::uint16_t result[] = {body(b, c)};
        region = std::move(inner.code());
        region.resize(result[0] + std::size_t{1});
        static_cast<void>(drop_unused(region, result));
    }
    return rare(std::move(region), mask, otherwise, x);
}

std::uint16_t recorder::rare(rare_region region, std::uint16_t mask, std::uint16_t otherwise, std::uint16_t x) {
    const auto same = std::find(regions_.begin(), regions_.end(), region);
    const auto number = static_cast<std::uint64_t>(same - regions_.begin());
    if (same == regions_.end()) regions_.push_back(std::move(region));
    return add({.code = code_rare, .type = code_[otherwise].type, .a = mask, .b = otherwise, .c = x, .bits = number});
}

std::vector<instruction> expand_combine(std::uint16_t code, dtype type, bool whole) {
    const base::default_environment rounding;  // folding must not depend on the caller's
    recorder r{8};
    r.without_regions();
    if (whole) r.without_bodies();
    const std::uint16_t a = r.add({.code = code_load, .type = type, .a = 0});
    const std::uint16_t b = r.add({.code = code_load, .type = type, .a = 1});
    const std::uint16_t last = base::is_user_code(code) ? user_combination(r, base::user_reduction_of(code), a, b) : r.apply({.code = code, .type = type}, a, b, 0);
    r.code().resize(last + 1U);
    return std::move(r.code());
}

namespace {

/// Drops the regions that no value is of any more.
void keep_used_regions(kernel& k) {
    std::vector<rare_region> used;
    std::vector<std::uint64_t> number(k.rare.size(), ~std::uint64_t{0});
    for (std::vector<instruction>* const code : {&k.code, &k.loop.body}) {
        for (instruction& i : *code) {
            if (i.code != code_rare) continue;
            if (number[i.bits] == ~std::uint64_t{0}) {
                number[i.bits] = used.size();
                used.push_back(std::move(k.rare[i.bits]));
            }
            i.bits = number[i.bits];
        }
    }
    k.rare = std::move(used);
}

/// Drops the states that nothing needs, and the captures. code: the kernel's, with marks; the marks of what the loop needs are added.
[[nodiscard]] iteration keep_needed(iteration l, std::vector<instruction>& code, std::vector<std::uint16_t>& place) {
    std::vector<std::uint16_t> needed(l.body.size(), dead), states(l.initial.size(), dead), captures(l.captures.size(), dead);
    const auto note_states = [&](const std::vector<instruction>& of, const std::vector<std::uint16_t>& marks) {
        bool more = false;
        for (std::size_t n = 0; n < of.size(); ++n) {
            if (of[n].code != code_state || marks[n] == dead || states[of[n].a] != dead) continue;
            states[of[n].a] = live;
            more = true;
        }
        return more;
    };
    needed[l.condition] = live;
    static_cast<void>(note_states(code, place));
    do {
        for (std::size_t s = 0; s < states.size(); ++s) {
            if (states[s] != dead) needed[l.next[s]] = live;
        }
        mark_needed(l.body, needed);
    } while (note_states(l.body, needed));
    for (std::size_t n = 0; n < l.body.size(); ++n) {
        if (l.body[n].code == code_capture && needed[n] != dead) captures[l.body[n].a] = live;
    }
    const auto keep = [](std::vector<std::uint16_t>& values, std::vector<std::uint16_t>& marks) {
        std::size_t kept = 0;
        for (std::size_t n = 0; n < values.size(); ++n) {
            if (marks[n] == dead) continue;
            marks[n] = static_cast<std::uint16_t>(kept);
            values[kept++] = values[n];
        }
        values.resize(kept);
    };
    std::vector<std::uint16_t> again = states;
    keep(l.next, again);
    keep(l.initial, states);
    keep(l.captures, captures);
    l.body = keep_marked(l.body, needed);
    for (instruction& i : l.body) {
        if (i.code == code_state) i.a = states[i.a];
        if (i.code == code_capture) i.a = captures[i.a];
    }
    for (instruction& i : code) {
        if (i.code == code_state && states[i.a] != dead) i.a = states[i.a];
    }
    for (std::uint16_t& v : l.next) v = needed[v];
    l.condition = needed[l.condition];
    for (const auto* values : {&l.initial, &l.captures}) {
        for (const std::uint16_t v : *values) place[v] = live;
    }
    return l;
}

/// The loop in primitives; at: what the values of the kernel's code are now, in `code`. Its regions are added to `regions`.
[[nodiscard]] iteration expand_loop(const kernel& k, const std::vector<std::uint16_t>& at, const std::vector<instruction>& code, bool assistance,
                                    std::vector<rare_region>& regions) {
    const iteration& l = k.loop;
    recorder r{2 * l.body.size() + 16, assistance};
    std::vector<std::uint16_t> now(l.body.size());
    for (std::size_t n = 0; n < l.body.size(); ++n) {
        const instruction& i = l.body[n];
        const bool constant = i.code == code_capture && code[at[l.captures[i.a]]].code == code_constant;
        now[n] = constant                     ? r.add(code[at[l.captures[i.a]]])
                 : i.code == code_rare        ? r.rare(k.rare[i.bits], now[i.a], now[i.b], now[i.c])
                 : is_operation_code(i.code) ? r.apply(i, now[i.a], now[i.b], now[i.c])
                                             : r.add(i);
    }
    iteration result = l;
    for (std::uint16_t& v : result.initial) v = at[v];
    for (std::uint16_t& v : result.captures) v = at[v];
    for (std::uint16_t& v : result.next) v = now[v];
    result.condition = now[l.condition];
    result.body = std::move(r.code());
    for (instruction& i : result.body) {
        if (i.code == code_rare) i.bits += regions.size();
    }
    std::ranges::move(r.regions(), std::back_inserter(regions));
    return result;
}

}  // namespace

kernel expand(const kernel& k, bool assistance) {
    const base::default_environment rounding;  // folding must not depend on the caller's
    recorder r{2 * k.code.size() + 16, assistance};
    std::vector<std::uint16_t> at(k.code.size());
    for (std::size_t n = 0; n < k.code.size(); ++n) {
        const instruction& i = k.code[n];
        at[n] = i.code == code_rare           ? r.rare(k.rare[i.bits], at[i.a], at[i.b], at[i.c])
                : i.code == code_gather     ? r.add({.code = i.code, .type = i.type, .a = at[i.a], .bits = i.bits})
                : is_operation_code(i.code) ? r.apply(i, at[i.a], at[i.b], at[i.c])
                                            : r.add(i);
    }

    // Unused values are dropped: marked from the results, then moved together.
    std::vector<instruction>& code = r.code();
    std::vector<std::uint16_t> place(code.size(), dead);
    for (const output& o : k.outputs) place[at[o.value]] = live;
    for (const reduction& red : k.reductions) {
        place[at[red.value]] = live;
        if (red.start != reduction::no_start) place[at[red.start]] = live;
        if (red.adds_products()) place[at[red.factor]] = live;
    }
    mark_needed(code, place);
    kernel result{.kind = k.kind,
                  .contract = k.contract,
                  .vectors = k.vectors,
                  .long_rows = k.long_rows,
                  .asks_ahead = k.asks_ahead,
                  .beside = k.beside,
                  .inputs = k.inputs,
                  .params = k.params,
                  .code = {},
                  .rare = std::move(r.regions()),
                  .outputs = k.outputs,
                  .reductions = k.reductions,
                  .loop = {}};
    if (!k.loop.empty()) {
        result.loop = keep_needed(expand_loop(k, at, code, assistance, result.rare), code, place);
        mark_needed(code, place);
        if (result.loop.empty()) result.loop = {};
    }
    result.code = keep_marked(code, place);
    keep_used_regions(result);
    for (output& o : result.outputs) o.value = place[at[o.value]];
    for (reduction& red : result.reductions) {
        red.value = place[at[red.value]];
        if (red.start != reduction::no_start) red.start = place[at[red.start]];
        if (red.adds_products()) red.factor = place[at[red.factor]];
    }
    for (std::uint16_t& v : result.loop.initial) v = place[v];
    for (std::uint16_t& v : result.loop.captures) v = place[v];
    return result;
}

}  // namespace sinter::inline v1::detail::codegen
