#pragma once

#include "operands.hpp"

// Random kernels that mean something: no division by zero, no bits of a NaN that an operation made.

namespace sinter_test {

struct kernel_options {
    std::vector<dtype> types{dtype::f32};
    int operations = 12;
    bool strided = false;
    bool streaming = false;
    kernel_kind kind = kernel_kind::map;
    int last_code = 64;           // operations below it are used
};

class kernel_maker {
public:
    kernel_maker(random_source& r, const kernel_options& o) : r_{r}, o_{o} {}

    kernel make() {
        k_.kind = o_.kind;
        const std::uint64_t inputs = 1 + pick(r_, 4);
        for (std::uint64_t n = 0; n < inputs; ++n) {
            const auto inner = pick(r_, 6) == 0                 ? access::broadcast
                                 : o_.strided && pick(r_, 3) == 0 ? access::strided
                                                                  : access::unit;
            const dtype type = any_type();
            if (type == dtype::u64 && pick(r_, 3) == 0) {
                k_.inputs.push_back({.type = type, .inner = inner, .counts = true});
            } else {
                k_.inputs.push_back({type, inner, fixed_stride(inner)});
            }
            push({.code = code_load, .type = k_.inputs.back().type, .a = static_cast<std::uint16_t>(n)});
        }
        // One that is only asked for.
        if (pick(r_, 4) == 0) k_.inputs.push_back({.type = any_type(), .ahead = 15});
        for (std::uint64_t n = pick(r_, 3); n > 0; --n) {
            k_.params.push_back(any_type());
            push({.code = code_param, .type = k_.params.back(), .a = static_cast<std::uint16_t>(k_.params.size() - 1)});
        }
        for (int n = 0; n < o_.operations; ++n) operation();
        const std::uint64_t outputs = k_.kind == kernel_kind::map ? 1 + pick(r_, 3) : pick(r_, 2);
        for (std::uint64_t n = 0; n < outputs; ++n) {
            const std::uint16_t v = late_value();
            const auto inner = o_.strided && pick(r_, 3) == 0 ? access::strided : access::unit;
            k_.outputs.push_back({type(v), inner, o_.streaming, v, fixed_stride(inner)});
        }
        if (k_.kind != kernel_kind::map) {
            for (std::uint64_t n = 1 + pick(r_, 3); n > 0; --n) reduce();
        }
        return k_;
    }

private:
    std::int8_t fixed_stride(codegen::access inner) {
        constexpr std::int8_t strides[] = {0, 2, 3, 4, 5, 7, 8, -1, -2, -3, -4, -8};
        return inner == access::strided ? strides[pick(r_, std::size(strides))] : std::int8_t{0};
    }
    dtype any_type() { return o_.types[pick(r_, o_.types.size())]; }
    dtype type(std::uint16_t v) const { return k_.code[v].type; }
    std::uint16_t push(const instruction& i) {
        k_.code.push_back(i);
        return static_cast<std::uint16_t>(k_.code.size() - 1);
    }
    std::uint16_t late_value() {
        const std::size_t n = k_.code.size();
        return static_cast<std::uint16_t>(n - 1 - pick(r_, std::min<std::size_t>(n, 6)));
    }
    std::uint16_t constant(dtype t) { return push({.code = code_constant, .type = t, .bits = random_bits(r_, t)}); }

    // A value of the type: one that there is, a constant, or a conversion.
    std::uint16_t value_of(dtype t) {
        if (pick(r_, 8) == 0) return constant(t);
        for (int tries = 0; tries < 12; ++tries) {
            const auto v = static_cast<std::uint16_t>(pick(r_, k_.code.size()));
            if (type(v) == t) return v;
        }
        const auto from = static_cast<std::uint16_t>(pick(r_, k_.code.size()));
        if (type(from) == t) return from;
        return push({.code = op::convert::code, .type = t, .a = from});
    }

    void operation() {
        const int code = static_cast<int>(pick(r_, static_cast<std::uint64_t>(o_.last_code)));
        const auto c = static_cast<std::uint16_t>(code);
        const bool selects = code == op::select::code;
        const dtype t = pick(r_, 8) == 0 ? dtype::boolean : any_type();
        if (code == op::convert::code) {
            const auto from = static_cast<std::uint16_t>(pick(r_, k_.code.size()));
            if (type(from) != t) push({.code = c, .type = t, .a = from});
            return;
        }
        if (code == op::bitcast::code) {
            const auto from = static_cast<std::uint16_t>(pick(r_, k_.code.size()));
            const bool kept = k_.code[from].code == code_load || !is_floating(type(from));
            if (kept && type(from) != t && type(from) != dtype::boolean && t != dtype::boolean && size_of(type(from)) == size_of(t)) {
                push({.code = c, .type = t, .a = from});
            }
            return;
        }
        const auto function = reference::find(code, t);
        if (function == nullptr || operation_of(c).assisted) return;  // those have a meaning within bodies only
        const std::uint16_t a = value_of(selects ? dtype::boolean : t);
        std::uint16_t b = value_of(t);
        const std::uint16_t third = value_of(t);
        if (operation_of(c).divides && is_integer(t)) {
            const std::uint16_t one = push({.code = code_constant, .type = t, .bits = 1});
            b = push({.code = op::bitwise_or::code, .type = t, .a = b, .b = one});
        }
        const bool compares = operation_of(c).rule == type_rule::compare;
        push({.code = c, .type = compares ? dtype::boolean : t, .a = a, .b = arity(code) > 1 ? b : std::uint16_t{0},
              .c = arity(code) > 2 ? third : std::uint16_t{0}});
    }

    static int arity(int code) {
        int n = 0;
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((static_cast<int>(I) == code ? void(n = arity_of<static_cast<int>(I)>()) : void()), ...);
        }(std::make_index_sequence<256>{});
        return n;
    }
    template <int Code>
    static constexpr int arity_of() {
        if constexpr (reference::exists<Code>) return operation_at<Code>::type::arity;
        return 0;
    }

    void reduce() {
        const std::uint16_t v = late_value();
        const dtype t = type(v);
        if (t == dtype::boolean) {
            const bool all = pick(r_, 2) == 0;
            k_.reductions.push_back({static_cast<std::uint16_t>(all ? op::bitwise_and::code : op::bitwise_or::code), v, t, all ? 1U : 0U});
            return;
        }
        visit_dtype(t, [&]<class E>(std::type_identity<E>) {
            using T = computed_t<E>;
            switch (pick(r_, 4)) {
                case 0: k_.reductions.push_back({op::multiply::code, v, t, to_bits(op::multiply::identity<T>)}); return;
                case 1: k_.reductions.push_back({op::minimum::code, v, t, to_bits(op::minimum::identity<T>)}); return;
                case 2: k_.reductions.push_back({op::maximum::code, v, t, to_bits(op::maximum::identity<T>)}); return;
                default: k_.reductions.push_back({op::add::code, v, t, to_bits(op::add::identity<T>)});
            }
            if (k_.reductions.back().code == op::add::code && (t == dtype::f32 || t == dtype::f64) && pick(r_, 2) == 0) {
                k_.reductions.back().factor = pick(r_, 3) == 0 ? v : value_of(t);
            }
        });
    }

    random_source& r_;
    kernel_options o_;
    kernel k_;
};

}  // namespace sinter_test
