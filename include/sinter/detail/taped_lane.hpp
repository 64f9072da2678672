#pragma once

#include <sinter/detail/expression.hpp>

// Lanes whose operations go to the tape of a statement, while the compiler runs: bodies over several of them are part of the statement.

namespace sinter::inline v1::detail {

/// A value of a statement, or a constant that is not on its tape yet.
template <class T, class Builder>
struct taped {
    Builder* builder = nullptr;  // null: a constant
    tape_ref ref = 0;
    std::uint64_t bits = 0;
    bool is_product = false;  // what is added to it, or taken from it, becomes part of an fma, as in C

    /// Where it is on the tape.
    [[nodiscard]] constexpr tape_ref on(Builder& b) const { return builder == nullptr ? b.add_constant(dtype_of<T>, bits) : ref; }
};

template <class T, class B>
struct carrier<taped<T, B>> {
    using value_type = T;
    template <class U>
    using rebind = taped<U, B>;
    static constexpr bool expands = false;

    static constexpr taped<T, B> constant(T x) { return {.bits = detail::to_bits(x)}; }
    template <class U>
    static constexpr taped<U, B> convert(taped<T, B> x) {
        return {.builder = x.builder, .ref = x.builder->add(op::convert::code, dtype_of<U>, false, x.ref)};
    }
    template <class U>
    static constexpr taped<U, B> bitcast(taped<T, B> x) {
        return {.builder = x.builder, .ref = x.builder->add(op::bitcast::code, dtype_of<U>, false, x.ref)};
    }

    template <class Op, class... A>
    static constexpr auto apply(A... a) {
        using R = std::conditional_t<Op::rule == type_rule::compare, bool, T>;
        B* b = nullptr;
        ((b = a.builder != nullptr ? a.builder : b), ...);
        if constexpr (std::same_as<Op, op::add> || std::same_as<Op, op::subtract>) return sum<std::same_as<Op, op::add>>(*b, a...);
        else {
            const tape_ref refs[3] = {a.on(*b)...};
            return taped<R, B>{.builder = b, .ref = b->add(Op::code, dtype_of<R>, false, refs[0], refs[1], refs[2]), .is_product = std::same_as<Op, op::multiply>};
        }
    }

private:
    /// A product that is added or subtracted is one fma; the left one when both sides are products.
    template <bool Add>
    static constexpr taped<T, B> sum(B& b, taped<T, B> x, taped<T, B> y) {
        const tape_ref left = x.on(b), right = y.on(b);
        if (!x.is_product && !y.is_product) return {.builder = &b, .ref = b.add(Add ? op::add::code : op::subtract::code, dtype_of<T>, false, left, right)};
        const auto [p, q] = b.factors(x.is_product ? left : right);
        const std::uint16_t code = Add ? op::fma::code : x.is_product ? op::fms::code : op::fnma::code;
        return {.builder = &b, .ref = b.add(code, dtype_of<T>, true, p, q, x.is_product ? right : left)};
    }
};

/// Counts what a body puts on a tape.
struct tape_counter {
    int n_code = 0, n_constants = 0;
    constexpr tape_ref add(std::uint16_t, dtype, bool, tape_ref, tape_ref = 0, tape_ref = 0) { return static_cast<tape_ref>(ref_instruction | n_code++); }
    constexpr tape_ref add_constant(dtype, std::uint64_t) { return static_cast<tape_ref>(ref_constant | n_constants++); }
    [[nodiscard]] static constexpr std::pair<tape_ref, tape_ref> factors(tape_ref) { return {}; }
};

}  // namespace sinter::inline v1::detail
