#include "codegen/jit/fold_steps.hpp"

#include "codegen/jit/schedule.hpp"

#include <sinter/detail/operations.hpp>
#include <sinter/detail/reduction_order.hpp>

#include <algorithm>

namespace sinter::inline v1::detail::codegen::jit {

namespace {

constexpr std::uint8_t not_greater_equal = 0x19;  // of vcmpps: true where one is NaN

[[nodiscard]] std::uint16_t better_of(bool least) noexcept { return least ? op::lesser::code : op::larger::code; }

}  // namespace

fold_steps::fold_steps(const kernel& k, program& p, selector& s, bool keeps_masks) : k_{k}, p_{p}, selector_{s}, keeps_masks_{keeps_masks && p.avx512} {}

// Conditions of which some hold, or all, do so in any order. The fold of lanes without NaN is beside others.
bool fold_steps::keeps(std::size_t f, dtype t) const {
    if (!keeps_masks_ || t != dtype::boolean) return false;
    const bool only = k_.kind == kernel_kind::row_reduce && k_.reductions.size() == 1;
    return f >= k_.reductions.size() || (only && (k_.reductions[f].code == op::bitwise_and::code || k_.reductions[f].code == op::bitwise_or::code));
}

id fold_steps::begin(std::size_t f, dtype t, std::uint64_t identity) {
    if (begun(f)) return p_.folds[f].accumulator;
    const id accumulator = selector_.given(t);
    const id first = t == dtype::boolean ? selector_.mask_constant(identity != 0) : selector_.constant(size_of(t), identity);
    p_.folds[f].type = t;
    p_.folds[f].vectors = keeps(f, t) ? masks_kept : reduction_order::row_lanes(size_of(t)) / p_.lanes;
    p_.keeps_masks = p_.keeps_masks || keeps(f, t);
    p_.folds[f].accumulator = accumulator;
    p_.folds[f].identity = first;
    return accumulator;
}

// The fold of lanes that have had no NaN yet; 0: there are no registers for it. An extreme value then is one instruction that waits for the one before it,
// instead of three that first find out whether that was NaN.
std::size_t fold_steps::numbers_among(id v, dtype t) {
    const bool possible = keeps_masks_ && k_.long_rows && is_floating(t) && reduction_order::row_lanes(size_of(t)) == masks_kept * p_.lanes;
    if (!possible) return 0;
    if (!p_.masked_numbers) {
        p_.masked_numbers = true;
        numbers_ = p_.folds.size();
        numbers_of_ = v;
        p_.folds.push_back({.hidden = true});
        static_cast<void>(begin(numbers_, dtype::boolean, 1));
    }
    return numbers_of_ == v && !numbers_known_ ? numbers_ : 0;
}

// Of a number and NaN the instruction gives the second, which is the value.
void fold_steps::keep_extreme(std::size_t f, std::uint16_t code, id v, std::size_t numbers) {
    const dtype t = p_.folds[f].type;
    step& s = p_.steps[selector_.operation(better_of(code == op::minimum::code), t, t, p_.folds[f].accumulator, v, 0)];
    if (s.shape != form::binary) throw declined{"an extreme value that takes several instructions"};
    s.shape = form::masked;
    s.c = s.b;
    s.b = s.a;
    s.a = p_.folds[numbers].accumulator;
    s.into = static_cast<std::uint8_t>(f + 1);
}

step& fold_steps::compare_among(id compared, std::size_t numbers) {
    step& s = p_.steps[compared];
    if (s.shape != form::binary_imm) throw declined{"values that are compared elsewhere"};
    s.shape = form::compare_some;
    s.c = s.b;
    s.b = s.a;
    s.a = p_.folds[numbers].accumulator;
    return s;
}

bool fold_steps::add_extreme(std::size_t r, id v) {
    const reduction& red = k_.reductions[r];
    if (red.code != op::minimum::code && red.code != op::maximum::code) return false;
    const std::size_t numbers = numbers_among(v, red.type);
    if (numbers != 0) keep_extreme(r, red.code, v, numbers);
    return numbers != 0;
}

// Where v is better than what is known, or the first NaN.
id fold_steps::exceeding(std::size_t extreme, bool least, id v, std::size_t numbers) {
    const dtype t = p_.folds[extreme].type;
    const id best = p_.folds[extreme].accumulator;
    const auto compared = [&](std::uint16_t code, id a, id b) { return selector_.operation(code, t, dtype::boolean, a, b, 0); };
    const id exceeds = compared(op::less::code, least ? v : best, least ? best : v);
    if (!is_floating(t)) return exceeds;
    // Not "not less": what is known to be NaN stays.
    if (numbers != 0) {
        compare_among(exceeds, numbers).imm = not_greater_equal;
        return exceeds;
    }
    step other = p_.steps[exceeds];
    if (other.shape != form::binary_imm) throw declined{"values that are compared elsewhere"};
    p_.steps[exceeds].dead = true;
    other.imm = not_greater_equal;
    const id known = compared(op::equal::code, best, best);
    return selector_.operation(op::bitwise_and::code, dtype::boolean, dtype::boolean, selector_.add(other), known, 0);
}

void fold_steps::replace(std::size_t f, dtype t, id exceeds, id with) {
    step& last = p_.steps[selector_.operation(op::select::code, t, t, exceeds, with, p_.folds[f].accumulator)];
    if (last.into != 0 || last.shape != form::blend) throw declined{"an index of values that are no vectors"};
    last.into = static_cast<std::uint8_t>(f + 1);
}

// Two accumulators: extreme values, and where they are. An element that exceeds what is known replaces both; the first NaN exceeds all.
void fold_steps::add_index(std::size_t r, id v) {
    const reduction& red = k_.reductions[r];
    const dtype t = red.type, number = size_of(t) == 4 ? dtype::i32 : dtype::i64;
    const std::size_t extreme = p_.folds[r].extreme - 1U;
    const bool least = red.code == op::minimum::code;
    const id best = begin(extreme, t, red.identity);
    static_cast<void>(begin(r, number, 0));
    p_.folds[r].least = least;
    const std::size_t numbers = numbers_among(v, t);
    const id exceeds = exceeding(extreme, least, v, numbers);
    if (position_ == 0) position_ = selector_.add(selector_.leaf(form::position, p_.kind == kernel_kind::column_reduce ? level::row : level::element, number));
    replace(r, number, exceeds, position_);
    if (!p_.folds[extreme].hidden) return;
    if (numbers != 0) {
        keep_extreme(extreme, red.code, v, numbers);
    } else if (is_floating(t)) {
        replace(extreme, t, exceeds, v);
    } else {
        step& s = p_.steps[selector_.operation(better_of(least), t, t, best, v, 0)];
        if (s.shape != form::binary) throw declined{"an extreme value that takes several instructions"};
        s.into = static_cast<std::uint8_t>(extreme + 1);
    }
}

// What asks for lanes without NaN asks for those before this value.
void fold_steps::finish_value(id v) {
    if (!p_.masked_numbers || numbers_known_ || numbers_of_ != v) return;
    const dtype t = p_.steps[v].element == 4 ? dtype::f32 : dtype::f64;
    id last = selector_.operation(op::equal::code, t, dtype::boolean, v, v, 0);
    p_.steps[last].numbers = true;
    if (position_ != 0) {
        // Beside an index it is the number of instructions on masks that counts.
        static_cast<void>(compare_among(last, numbers_));
    } else {
        // Under the mask a comparison waits for the one before it.
        last = selector_.operation(op::bitwise_and::code, dtype::boolean, dtype::boolean, p_.folds[numbers_].accumulator, last, 0);
        p_.steps[last].numbers = true;
    }
    p_.steps[last].into = static_cast<std::uint8_t>(numbers_ + 1);
    numbers_known_ = true;
}

// Vectors of one turn that go to different accumulators are told apart by those, so the number of the turn is enough.
void fold_steps::finish() {
    const auto vectors = [&](const fold& f) { return f.vectors == p_.folds.front().vectors; };
    if (position_ != 0 && std::all_of(p_.folds.begin(), p_.folds.end(), vectors)) p_.steps[position_].when = level::row;
}

bool has_room_for_masks(const program& p) {
    const auto others = std::count_if(p.folds.begin(), p.folds.end(), [&](const fold& f) { return f.extreme == 0 && p.steps[f.accumulator].width == 0; });
    return others <= 1 && make_schedule(p, order_of(p), 1).most_masks <= 1;
}

}  // namespace sinter::inline v1::detail::codegen::jit
