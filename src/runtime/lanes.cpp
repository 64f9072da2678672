#include "runtime/lanes.hpp"

#include "base/user_reductions.hpp"
#include "codegen/operation_table.hpp"

#include <sinter/detail/operations.hpp>
#include <sinter/detail/primitives.hpp>
#include <sinter/detail/reduction_order.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace sinter::inline v1::detail::runtime {

using codegen::instruction;
using codegen::kernel;
using plan::launch;

namespace {

[[nodiscard]] std::uint16_t add(kernel& k, const instruction& i) {
    k.code.push_back(i);
    return static_cast<std::uint16_t>(k.code.size() - 1);
}

[[nodiscard]] std::uint16_t load(kernel& k, const codegen::input& from) {
    k.inputs.push_back(from);
    return add(k, {.code = codegen::code_load, .type = from.type, .a = static_cast<std::uint16_t>(k.inputs.size() - 1)});
}

constexpr std::array<int, 2> sums{op::add::code, op::subtract::code};
constexpr std::array<int, 5> products{op::multiply::code, op::square::code, op::fma::code, op::fms::code, op::fnma::code};

/// A reduction of code that now begins at `first`.
[[nodiscard]] codegen::reduction moved(codegen::reduction r, std::uint16_t first) {
    r.value = static_cast<std::uint16_t>(r.value + first);
    if (r.adds_products()) r.factor = static_cast<std::uint16_t>(r.factor + first);
    return r;
}

[[nodiscard]] bool in(std::span<const int> codes, int code) noexcept { return std::find(codes.begin(), codes.end(), code) != codes.end(); }

}  // namespace

input_kinds kinds_of_inputs(const launch& l) {
    input_kinds kinds;
    for (std::size_t i = 0; i < l.kernel.inputs.size(); ++i) {
        const plan::place& p = l.places[i];
        (!plan::is_shared(l, p) ? kinds.own : p.row != 0 ? kinds.by_row : kinds.same).push_back(i);
    }
    return kinds;
}

index_t rows_of_lane_step(const launch& l) noexcept {
    // Long bodies hide the lanes as they are, and operands need pointers.
    constexpr std::size_t longest = 24, most_operands = 2;
    const std::size_t operands = l.kernel.inputs.size() + l.kernel.outputs.size();
    return l.kernel.code.size() > longest || operands > most_operands ? 1 : plan::rows_with_pointers(operands + l.kernel.reductions.size());
}

kernel lane_step(const launch& l, index_t rows) {
    const kernel& of = l.kernel;
    kernel k;
    k.contract = of.contract;
    k.params = of.params;
    for (index_t row = 0; row < rows; ++row) k.inputs.insert(k.inputs.end(), of.inputs.begin(), of.inputs.end());
    std::vector<std::uint16_t> lane;
    for (const codegen::reduction& r : of.reductions) lane.push_back(load(k, {.type = r.type}));
    for (const codegen::output& o : of.outputs) {
        if (o.accumulates()) lane.push_back(load(k, {.type = o.type}));
    }
    for (index_t row = 0; row < rows; ++row) {
        const auto input = static_cast<std::uint16_t>(static_cast<std::size_t>(row) * of.inputs.size());
        const auto first = static_cast<std::uint16_t>(k.code.size());
        for (instruction i : of.code) {
            if (i.code == codegen::code_load) {
                i.a = static_cast<std::uint16_t>(i.a + input);
            } else if (codegen::is_operation_code(i.code)) {
                i.a = static_cast<std::uint16_t>(i.a + first);
                i.b = static_cast<std::uint16_t>(i.b + first);
                i.c = static_cast<std::uint16_t>(i.c + first);
            }
            k.code.push_back(i);
        }
        for (codegen::output o : of.outputs) {
            o.value = static_cast<std::uint16_t>(o.value + first);
            // A scan is its kernel's only result.
            if (o.accumulates()) o.value = lane[0] = add(k, {.code = std::exchange(o.scan, codegen::output::no_scan), .type = o.type, .a = lane[0], .b = o.value});
            k.outputs.push_back(o);
        }
        for (std::size_t r = 0; r < of.reductions.size(); ++r) {
            const codegen::reduction& red = of.reductions[r];
            const auto of_row = [&](std::uint16_t v) { return static_cast<std::uint16_t>(v + first); };
            lane[r] = red.adds_products() ? add(k, {.code = op::fma::code, .type = red.type, .a = of_row(red.value), .b = of_row(red.factor), .c = lane[r]})
                                          : add(k, {.code = red.code, .type = red.type, .a = lane[r], .b = of_row(red.value)});
        }
    }
    for (const std::uint16_t v : lane) k.outputs.push_back({.type = k.code[v].type, .value = v});
    return k;
}

kernel main_kernel(const launch& l) {
    if (l.lanes > 0) return lane_step(l, rows_of_lane_step(l));
    if (l.at_once > 0) return lane_step(l, l.at_once);
    if (l.scan_rows > 0) return scan_step(l, l.scan_rows);
    if (l.beside > 0) return pairs_together(l);
    return l.together > 0 ? steps_together(l) : l.kernel;
}

kernel scan_step(const launch& l, index_t rows) {
    if (l.kernel.kind == codegen::kernel_kind::column_reduce) {
        kernel columns = lane_step(l, rows);
        columns.asks_ahead = l.kernel.asks_ahead;
        return columns;
    }
    kernel k = l.kernel;
    k.kind = codegen::kernel_kind::map;
    k.long_rows = false;
    k.outputs[0].scan = codegen::output::no_scan;
    return k;
}

kernel past_caches_but_lanes(kernel columns) {
    for (std::size_t i = 0; i + 1 < columns.outputs.size(); ++i) columns.outputs[i].streaming = true;
    return columns;
}

bool scans_an_input(const launch& l) noexcept {
    const kernel& k = l.kernel;
    const codegen::input* const in = k.code.size() == 1 && k.code[0].code == codegen::code_load ? &k.inputs[k.code[0].a] : nullptr;
    return in != nullptr && in->inner == codegen::access::unit && !in->counts && in->imag == 0;
}

kernel lane_pairs(const launch& l, std::size_t reduction) {
    const codegen::reduction& r = l.kernel.reductions[reduction];
    kernel k;
    k.contract = l.kernel.contract;
    const std::uint16_t left = load(k, {.type = r.type}), right = load(k, {.type = r.type});
    k.outputs.push_back({.type = r.type, .value = add(k, {.code = r.code, .type = r.type, .a = left, .b = right})});
    return k;
}

kernel steps_together(const launch& l) {
    const kernel& of = l.kernel;
    const auto steps = static_cast<std::size_t>(l.together);
    std::vector<std::size_t> own, shared;
    for (std::size_t i = 0; i < of.inputs.size(); ++i) (plan::is_shared(l, l.places[i]) ? shared : own).push_back(i);
    kernel k;
    k.kind = of.kind;
    k.contract = of.contract;
    k.params = of.params;
    for (std::size_t s = 0; s < steps; ++s) {
        for (const std::size_t i : own) k.inputs.push_back(of.inputs[i]);
    }
    for (const std::size_t i : shared) k.inputs.push_back(of.inputs[i]);
    const auto place_in = [](const std::vector<std::size_t>& list, std::size_t i) {
        return static_cast<std::size_t>(std::find(list.begin(), list.end(), i) - list.begin());
    };
    for (std::size_t s = 0; s < steps; ++s) {
        const auto first = static_cast<std::uint16_t>(k.code.size());
        for (instruction i : of.code) {
            if (i.code == codegen::code_load) {
                const bool is_own = !plan::is_shared(l, l.places[i.a]);
                i.a = static_cast<std::uint16_t>(is_own ? s * own.size() + place_in(own, i.a) : steps * own.size() + place_in(shared, i.a));
            } else if (codegen::is_operation_code(i.code)) {
                i.a = static_cast<std::uint16_t>(i.a + first);
                i.b = static_cast<std::uint16_t>(i.b + first);
                i.c = static_cast<std::uint16_t>(i.c + first);
            }
            k.code.push_back(i);
        }
        for (const codegen::reduction& r : of.reductions) k.reductions.push_back(moved(r, first));
    }
    return k;
}

kernel pairs_together(const launch& l) {
    const kernel& of = l.kernel;
    const auto steps = static_cast<std::size_t>(l.together), beside = static_cast<std::size_t>(l.beside);
    const input_kinds inputs = kinds_of_inputs(l);
    kernel k;
    k.kind = of.kind;
    k.contract = of.contract;
    k.params = of.params;
    k.beside = static_cast<std::uint8_t>(beside);
    const auto add_inputs = [&](const std::vector<std::size_t>& list, std::size_t times, bool still) {
        for (std::size_t n = 0; n < times; ++n) {
            for (const std::size_t i : list) {
                k.inputs.push_back(of.inputs[i]);
                k.inputs.back().still = still;
            }
        }
    };
    add_inputs(inputs.own, steps, true);
    add_inputs(inputs.by_row, beside, false);
    add_inputs(inputs.same, 1, true);
    const auto place_of = [&](std::size_t i, std::size_t step, std::size_t row) {
        const auto in = [&](const std::vector<std::size_t>& list) { return static_cast<std::size_t>(std::find(list.begin(), list.end(), i) - list.begin()); };
        const std::size_t first_by_row = steps * inputs.own.size();
        if (const std::size_t n = in(inputs.own); n < inputs.own.size()) return step * inputs.own.size() + n;
        if (const std::size_t n = in(inputs.by_row); n < inputs.by_row.size()) return first_by_row + row * inputs.by_row.size() + n;
        return first_by_row + beside * inputs.by_row.size() + in(inputs.same);
    };
    std::vector<codegen::reduction> pairs;  // by step, row and reduction
    // Some processors have units for sums beside those for products. A difference may be an fms by 1, to the last bit: so many of them that both have as much to do.
    int more_sums = 0;
    const auto note = [&](std::uint16_t code) { more_sums += in(sums, code) ? 1 : in(products, code) ? -1 : 0; };
    const bool machine_code = l.compiled_after == 0 && is_floating(of.reductions[0].type);
    if (machine_code) k.code.push_back({.code = codegen::code_constant, .type = of.reductions[0].type, .bits = base::identity_of(op::multiply::code, of.reductions[0].type)});
    for (std::size_t step = 0; step < steps; ++step) {
        for (std::size_t row = 0; row < beside; ++row) {
            const auto first = static_cast<std::uint16_t>(k.code.size());
            for (instruction i : of.code) {
                if (i.code == codegen::code_load) {
                    i.a = static_cast<std::uint16_t>(place_of(i.a, step, row));
                } else if (codegen::is_operation_code(i.code)) {
                    i.a = static_cast<std::uint16_t>(i.a + first);
                    i.b = static_cast<std::uint16_t>(i.b + first);
                    i.c = static_cast<std::uint16_t>(i.c + first);
                }
                note(i.code);
                if (machine_code && i.code == op::subtract::code && i.type == of.reductions[0].type && more_sums >= 2) {
                    i = {.code = op::fms::code, .type = i.type, .a = i.a, .b = 0, .c = i.b};
                    more_sums -= 2;
                }
                k.code.push_back(i);
            }
            for (const codegen::reduction& r : of.reductions) {
                pairs.push_back(moved(r, first));
                note(r.adds_products() ? op::fma::code : r.code);
                // Then lanes are added up about as often as elements.
                if (l.n == reduction_order::row_lanes(size_of(r.type))) note(r.code);
            }
        }
    }
    for (std::size_t r = 0; r < of.reductions.size(); ++r) {
        for (std::size_t pair = 0; pair < steps * beside; ++pair) k.reductions.push_back(pairs[pair * of.reductions.size() + r]);
    }
    return k;
}

}  // namespace sinter::inline v1::detail::runtime
