#pragma once

#include "codegen/recorder.hpp"

#include <sinter/detail/lookup.hpp>
#include <sinter/detail/operations.hpp>

// Lanes that record: around these the body of an operation leaves the primitives that it consists of.

namespace sinter::inline v1::detail {

namespace codegen {

/// A value in the code that the current recorder collects.
template <element T>
struct ir_value {
    std::uint16_t id;
};

}  // namespace codegen

template <class T>
struct carrier<codegen::ir_value<T>> {
    using value_type = T;
    template <class U>
    using rebind = codegen::ir_value<U>;
    static constexpr bool expands = true;
    [[nodiscard]] static bool has_assistance() noexcept { return codegen::recorder::current().assistance(); }

    static codegen::ir_value<T> constant(T x) { return {codegen::recorder::current().constant(dtype_of<T>, to_bits(x))}; }
    template <class U>
    static codegen::ir_value<U> convert(codegen::ir_value<T> x) {
        return {codegen::recorder::current().record(op::convert::code, dtype_of<U>, x.id)};
    }
    template <class U>
    static codegen::ir_value<U> bitcast(codegen::ir_value<T> x) {
        return {codegen::recorder::current().record(op::bitcast::code, dtype_of<U>, x.id)};
    }

    static codegen::ir_value<T> lookup(codegen::ir_value<T> x, const table_of<T>& table) { return {codegen::recorder::current().lookup(x.id, table)}; }

    template <class F, class X>
    static codegen::ir_value<T> rare(codegen::ir_value<bool> mask, codegen::ir_value<T> otherwise, codegen::ir_value<X> x) {
        constexpr auto body = [](std::uint16_t b, std::uint16_t c) -> std::uint16_t {
            return F::apply(lane<codegen::ir_value<T>>{codegen::ir_value<T>{b}}, lane<codegen::ir_value<X>>{codegen::ir_value<X>{c}}).raw().id;
        };
        return {codegen::recorder::current().rare(body, mask.id, otherwise.id, x.id)};
    }

    template <class Op, class... A>
    static auto apply(A... a) {
        using result = std::conditional_t<Op::rule == type_rule::compare, bool, T>;
        return codegen::ir_value<result>{codegen::recorder::current().record(Op::code, dtype_of<result>, a.id...)};
    }
};

}  // namespace sinter::inline v1::detail
