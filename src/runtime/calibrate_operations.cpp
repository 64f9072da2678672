#include "base/operation_table.hpp"
#include "runtime/calibrate.hpp"
#include "runtime/kernel_cache.hpp"
#include "runtime/stopwatch.hpp"

#include <sinter/detail/primitives.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace sinter::inline v1::detail::runtime::calibration {

namespace {

using codegen::instruction;
using codegen::kernel;
using plan::cost_class;

constexpr std::array<dtype, plan::cost_classes> type_of_class{dtype::f32, dtype::f64, dtype::i32, dtype::i64};

/// What a conversion goes to and comes back from: as wide, so that all steps have the same lanes.
[[nodiscard]] dtype partner_of(dtype t) {
    switch (t) {
        case dtype::f32: return dtype::i32;
        case dtype::i32: return dtype::f32;
        case dtype::f64: return dtype::i64;
        default: return dtype::f64;
    }
}

[[nodiscard]] std::uint64_t bits_of(dtype t, double value) {
    return visit_dtype(t, [&]<class T>(std::type_identity<T>) -> std::uint64_t {
        if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
            return detail::to_bits(static_cast<T>(value));
        } else if constexpr (std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::int64_t>) {
            return detail::to_bits(static_cast<T>(1 + 4 * value));
        } else {
            return 0;
        }
    });
}

constexpr std::size_t bytes = 8 * 1024;  // of each operand: they stay in L1
constexpr std::size_t gap = 1088;         // between them, so that they do not meet at the same place of a page

/// y = op(op(...op(x))), with `links` of them, on one vector after the other. Vectors do not wait for each other, so that it is throughput that shows.
class chain {
public:
    chain(std::uint16_t code, dtype t, int links) : type_{t} {
        const base::operation_info& info = base::operation_of(code);
        k_.inputs.push_back({.type = t});
        const std::uint16_t x = add({.code = codegen::code_load, .type = t});
        for (std::uint16_t i = 0; i < 2; ++i) {
            k_.params.push_back(t);
            params_[i] = add({.code = codegen::code_param, .type = t, .a = i});
        }
        const std::uint16_t mask = info.rule == type_rule::select ? add({.code = op::less::code, .type = dtype::boolean, .a = x, .b = params_[0]}) : 0;
        std::uint16_t v = x;
        for (int i = 0; i < links; ++i) v = link(code, info, v, mask, params_[i % 2]);
        k_.outputs.push_back({.type = t, .value = v});
    }

    [[nodiscard]] const kernel& code() const noexcept { return k_; }

private:
    std::uint16_t add(const instruction& i) {
        k_.code.push_back(i);
        return static_cast<std::uint16_t>(k_.code.size() - 1);
    }

    std::uint16_t link(std::uint16_t code, const base::operation_info& info, std::uint16_t v, std::uint16_t mask, std::uint16_t other) {
        switch (info.rule) {
            case type_rule::select: return add({.code = code, .type = type_, .a = mask, .b = v, .c = other});
            case type_rule::convert: {
                const std::uint16_t there = add({.code = code, .type = partner_of(type_), .a = v});
                return add({.code = code, .type = type_, .a = there});
            }
            case type_rule::compare: {
                // Back to numbers by a choice.
                const std::uint16_t chosen = add({.code = code, .type = dtype::boolean, .a = v, .b = other});
                return add({.code = op::select::code, .type = type_, .a = chosen, .b = v, .c = other});
            }
            default:
                return add({.code = code,
                            .type = type_,
                            .a = v,
                            .b = info.arity > 1 ? other : std::uint16_t{0},
                            .c = info.arity > 2 ? params_[0] : std::uint16_t{0}});
        }
    }

    dtype type_;
    kernel k_;
    std::array<std::uint16_t, 2> params_{};
};

/// What compiling took.
struct compiled {
    double instructions, seconds;
};

class measuring {
public:
    measuring(plan::machine& m, const std::atomic<bool>& stop) : m_{m}, stop_{stop}, room_(3 * bytes) {
        void* at = room_.data();
        std::size_t space = room_.size();
        x_ = static_cast<std::byte*>(std::align(64, 2 * bytes + gap, at, space));
    }

    void measure(std::uint16_t code, cost_class c) {
        check(stop_);
        const dtype t = type_of_class[static_cast<std::size_t>(c)];
        const base::operation_info& info = base::operation_of(code);
        if (!base::rule_allows(info.rule, t) || code == op::bitcast::code) return;
        // As many as hide the loop around them, and the loads and stores.
        const auto each = static_cast<int>(plan_instructions(code, t));
        const int links = std::clamp(16 / std::max(each, 1), 1, 16);
        const chain made{code, t, links};
        const double cycles = cycles_per_vector(made.code(), t) / links;
        double own = cycles;
        if (info.rule == type_rule::convert) own = cycles / 2;
        if (info.rule == type_rule::compare) own = cycles - static_cast<double>(m_.cycles[op::select::code][static_cast<std::size_t>(c)]);
        // No unit does more than eight a cycle: less is noise.
        m_.cycles[code][static_cast<std::size_t>(c)] = static_cast<float>(std::max(own, 0.125));
    }

    [[nodiscard]] std::vector<compiled>& compiling() noexcept { return compiling_; }

private:
    [[nodiscard]] double plan_instructions(std::uint16_t code, dtype t) const {
        const op_cost c = base::operation_of(code).cost(t, m_.best == plan::isa::avx512);
        return static_cast<double>(c.instructions + c.products + 4 * (c.divisions + c.roots));
    }

    [[nodiscard]] double cycles_per_vector(const kernel& k, dtype t) {
        std::string declined;
        const auto begin = std::chrono::steady_clock::now();
        const codegen::executable_ptr code = make_code(k, m_.best, declined);
        const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        if (declined.empty() && code->instructions() > 0) compiling_.push_back({static_cast<double>(code->instructions()), took});

        const std::size_t n = bytes / size_of(t);
        visit_dtype(t, [&]<class T>(std::type_identity<T>) {
            auto* const values = reinterpret_cast<T*>(x_);
            // So near to 1 that sixteen squares of squares are normal numbers: some processors take a hundred times as long for others.
            constexpr double apart = std::is_floating_point_v<T> ? 0x1p-21 : 0x1p-7;
            for (std::size_t i = 0; i < n; ++i) values[i] = detail::from_bits<T>(bits_of(t, 1 + (static_cast<double>(i * 37 % 64) - 63) * apart));
        });
        const std::array<std::byte*, 2> pointers{x_, x_ + bytes + gap};
        const std::array<index_t, 2> none{};
        const std::array<std::uint64_t, 2> params{bits_of(t, 0.9375), bits_of(t, 0.75)};
        const codegen::frame f{.pointers = pointers.data(), .row_strides = none.data(), .inner_strides = none.data(), .params = params.data(), .rows = 1,
                               .n = static_cast<index_t>(n)};
        const double seconds = seconds_of([&] { code->run(f); }, 15e-6, 7);
        return seconds * m_.clock_hz / (static_cast<double>(bytes) / m_.vector_bytes);
    }

    plan::machine& m_;
    const std::atomic<bool>& stop_;
    std::vector<std::byte> room_;
    std::byte* x_ = nullptr;
    std::vector<compiled> compiling_;
};

/// What is left of an unsorted half that the machine interrupted does not move a median.
[[nodiscard]] compiled median_of(std::vector<compiled> list) {
    const auto middle = [&](auto field) {
        const auto at = list.begin() + static_cast<std::ptrdiff_t>(list.size() / 2);
        std::nth_element(list.begin(), at, list.end(), [&](const compiled& a, const compiled& b) { return a.*field < b.*field; });
        return *at.*field;
    };
    return {middle(&compiled::instructions), middle(&compiled::seconds)};
}

/// A line through the medians of the short kernels and of the long ones.
void cost_of_compiling(plan::machine& m, std::vector<compiled> all) {
    if (all.size() < 8) return;  // a machine without the JIT
    std::sort(all.begin(), all.end(), [](const compiled& a, const compiled& b) { return a.instructions < b.instructions; });
    const auto quarter = static_cast<std::ptrdiff_t>(all.size() / 4);
    const compiled small = median_of({all.begin(), all.begin() + quarter});
    const compiled large = median_of({all.end() - quarter, all.end()});
    if (large.instructions <= small.instructions || large.seconds <= small.seconds) return;
    m.compile_seconds_per_instruction = (large.seconds - small.seconds) / (large.instructions - small.instructions);
    m.compile_seconds = small.seconds - small.instructions * m.compile_seconds_per_instruction;
    if (m.compile_seconds > 0) return;
    // The long ones had more than their share of interruptions: no kernel costs less than its instructions.
    m.compile_seconds_per_instruction = large.seconds / large.instructions;
    m.compile_seconds = m.compile_seconds_per_instruction;
}

}  // namespace

void measure_operations(plan::machine& m, const std::atomic<bool>& stop) {
    measuring work{m, stop};
    for (std::size_t c = 0; c < plan::cost_classes; ++c) {
        const auto type = static_cast<cost_class>(c);
        // Comparisons are measured with a choice, which has to be known.
        work.measure(op::select::code, type);
        for (std::uint16_t code = 0; code < base::operation_codes; ++code) {
            if (base::is_operation_code(code) && code != op::select::code) work.measure(code, type);
        }
    }
    cost_of_compiling(m, std::move(work.compiling()));
}

}  // namespace sinter::inline v1::detail::runtime::calibration
