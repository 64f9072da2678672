#include "runtime/lanes.hpp"

#include "codegen/operation_table.hpp"

#include <algorithm>

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

}  // namespace

index_t rows_of_lane_step(const launch& l) noexcept {
    // Long bodies hide the lanes as they are, and operands need pointers.
    constexpr std::size_t longest = 24, most_operands = 2;
    return l.kernel.code.size() <= longest && l.kernel.inputs.size() + l.kernel.outputs.size() <= most_operands ? 4 : 1;
}

kernel lane_step(const launch& l, index_t rows) {
    const kernel& of = l.kernel;
    kernel k;
    k.contract = of.contract;
    k.params = of.params;
    for (index_t row = 0; row < rows; ++row) k.inputs.insert(k.inputs.end(), of.inputs.begin(), of.inputs.end());
    std::vector<std::uint16_t> lane;
    for (const codegen::reduction& r : of.reductions) lane.push_back(load(k, {.type = r.type}));
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
            k.outputs.push_back(o);
        }
        for (std::size_t r = 0; r < of.reductions.size(); ++r) {
            const codegen::reduction& red = of.reductions[r];
            lane[r] = add(k, {.code = red.code, .type = red.type, .a = lane[r], .b = static_cast<std::uint16_t>(red.value + first)});
        }
    }
    for (std::size_t r = 0; r < of.reductions.size(); ++r) k.outputs.push_back({.type = of.reductions[r].type, .value = lane[r]});
    return k;
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
        for (codegen::reduction r : of.reductions) {
            r.value = static_cast<std::uint16_t>(r.value + first);
            k.reductions.push_back(r);
        }
    }
    return k;
}

}  // namespace sinter::inline v1::detail::runtime
