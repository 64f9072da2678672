#include "codegen/jit/select.hpp"

#include <sinter/detail/primitives.hpp>

#include <algorithm>

namespace sinter::inline v1::detail::codegen::jit {

namespace x = asmjit::x86::Inst;

id selector::add(step s) {
    if (s.shape >= form::unary) {
        const id operands[] = {s.a, s.b, s.c};
        level when = level::call;
        for (int n = 0; n < operands_of(s.shape); ++n) when = std::max(when, at(operands[n]).when);
        s.when = stores(s) ? level::element : when;
    }
    p_.steps.push_back(s);
    return static_cast<id>(p_.steps.size() - 1);
}

step selector::leaf(form shape, level when, dtype t) const {
    const std::size_t size = size_of(t);
    return {.shape = shape, .when = when, .bytes = bytes(size), .element = static_cast<std::uint8_t>(size), .width = width(size)};
}

id selector::given(dtype t) {
    if (t != dtype::boolean) return add(leaf(form::given, level::element, t));
    step s = at(mask_constant(false));
    s.shape = form::given;
    s.when = level::element;
    return add(s);
}

id selector::constant(std::size_t element, std::uint64_t bits, std::size_t as) {
    bits &= ones(element);
    if (as == 0) as = element;
    for (id n = 0; n < p_.steps.size(); ++n) {
        if (is_constant(n) && at(n).element == element && at(n).bits == bits && at(n).width == width(as)) return n;
    }
    return add({.shape = form::constant, .bytes = bytes(as), .element = static_cast<std::uint8_t>(element), .width = width(as), .bits = bits});
}

id selector::pattern(const std::array<std::uint8_t, 64>& bytes_of, std::uint8_t w) {
    for (id n = 0; n < p_.steps.size(); ++n) {
        if (at(n).shape == form::pattern && at(n).width == w && p_.patterns[at(n).bits] == bytes_of) return n;
    }
    p_.patterns.push_back(bytes_of);
    return add({.shape = form::pattern, .bytes = w, .element = 16, .width = w, .bits = p_.patterns.size() - 1});
}

id selector::unary(inst i, std::size_t element, id a) {
    const std::uint8_t w = width(element), view = at(a).width;
    const std::size_t from = at(a).element;
    const auto memory = element > from ? static_cast<std::uint8_t>(w * from / element) : view;
    return add({.shape = form::unary,
                .inst = i,
                .bytes = bytes(element),
                .element = static_cast<std::uint8_t>(element),
                .width = w,
                .view = view,
                .memory = memory,
                .a = a});
}

id selector::unary_imm(inst i, std::size_t element, id a, int imm) {
    const id s = unary(i, element, a);
    p_.steps[s].shape = form::unary_imm;
    p_.steps[s].imm = static_cast<std::uint8_t>(imm);
    return s;
}

id selector::binary(inst i, std::size_t element, id a, id b) {
    const std::uint8_t view = at(b).width;
    return add({.shape = form::binary,
                .inst = i,
                .bytes = bytes(element),
                .element = static_cast<std::uint8_t>(element),
                .width = width(element),
                .view = view,
                .memory = view,
                .broadcast = p_.avx512 && at(b).element >= 4 ? at(b).element : std::uint8_t{0},
                .a = a,
                .b = b});
}

id selector::permute(inst i, std::size_t element, id index, id values) {
    const id s = binary(i, element, index, values);
    step& made = p_.steps[s];
    made.broadcast = 0;
    made.width = made.view = made.memory = std::max<std::uint8_t>(made.width, 32);
    return s;
}

id selector::binary_imm(inst i, std::size_t element, id a, id b, int imm) {
    const id s = binary(i, element, a, b);
    p_.steps[s].shape = form::binary_imm;
    p_.steps[s].imm = static_cast<std::uint8_t>(imm);
    return s;
}

id selector::add_of(std::size_t element, id a, id b) {
    return binary(by_size(element, x::kIdVpaddb, x::kIdVpaddw, x::kIdVpaddd, x::kIdVpaddq), element, a, b);
}

id selector::subtract_of(std::size_t element, id a, id b) {
    return binary(by_size(element, x::kIdVpsubb, x::kIdVpsubw, x::kIdVpsubd, x::kIdVpsubq), element, a, b);
}

id selector::and_of(std::size_t element, id a, id b) { return logic(op::bitwise_and::code, element, a, b); }
id selector::or_of(std::size_t element, id a, id b) { return logic(op::bitwise_or::code, element, a, b); }
id selector::xor_of(std::size_t element, id a, id b) { return logic(op::bitwise_xor::code, element, a, b); }

id selector::shift_by(bool left, bool arithmetic, std::size_t element, id a, int count) {
    const inst i = left         ? by_size(element, x::kIdNone, x::kIdVpsllw, x::kIdVpslld, x::kIdVpsllq)
                   : arithmetic ? by_size(element, x::kIdNone, x::kIdVpsraw, x::kIdVpsrad, x::kIdVpsraq)
                                : by_size(element, x::kIdNone, x::kIdVpsrlw, x::kIdVpsrld, x::kIdVpsrlq);
    const id s = unary_imm(i, element, a, count);
    if (!p_.avx512) p_.steps[s].memory = 0;
    return s;
}

id selector::widen(bool is_signed, std::size_t from, std::size_t to, id a) {
    if (from == to) return a;
    const inst s = from == 1   ? (to == 2   ? x::kIdVpmovsxbw
                                  : to == 4 ? x::kIdVpmovsxbd
                                            : x::kIdVpmovsxbq)
                   : from == 2 ? (to == 4 ? x::kIdVpmovsxwd : x::kIdVpmovsxwq)
                               : x::kIdVpmovsxdq;
    const inst z = from == 1   ? (to == 2   ? x::kIdVpmovzxbw
                                  : to == 4 ? x::kIdVpmovzxbd
                                            : x::kIdVpmovzxbq)
                   : from == 2 ? (to == 4 ? x::kIdVpmovzxwd : x::kIdVpmovzxwq)
                               : x::kIdVpmovzxdq;
    return unary(is_signed ? s : z, to, a);
}

id selector::operation(std::uint16_t code, dtype t, dtype result, id a, id b, id c) {
    if (t > dtype::f64 || result > dtype::f64) throw declined{std::string("no vector code for ") + name_of(t > dtype::f64 ? t : result)};
    const int o = code;
    if (o == op::convert::code && t == dtype::f16 && result == dtype::f32) return unary(x::kIdVcvtph2ps, 4, a);
    if (o == op::convert::code && t == dtype::f32 && result == dtype::f16) {
        const id s = unary_imm(x::kIdVcvtps2ph, 2, a, 0);   // to nearest, whatever the environment
        p_.steps[s].memory = 0;
        return s;
    }
    if (o != op::bitcast::code && (is_half(t) || is_half(result))) throw declined{std::string("no vector code for operation ") + std::to_string(o) + " of " + name_of(t)};
    if (o == op::select::code) return t == dtype::boolean ? on_masks(o, a, b, c) : select(t, a, b, c);
    if (o == op::convert::code) return t == result ? a : convert(t, result, a);
    if (o == op::bitcast::code) {
        return (t == dtype::boolean) == (result == dtype::boolean) ? a : convert(t, result, a);
    }
    if (t == dtype::boolean) return on_masks(o, a, b, c);
    if (o >= op::less::code && o <= op::not_equal::code) return compare(o, t, a, b);
    return is_floating(t) ? floating(o, t, a, b, c) : integral(o, t, a, b, c);
}

id selector::floating(int code, dtype t, id a, id b, id c) {
    const bool wide = t == dtype::f64;
    const std::size_t size = size_of(t);
    const auto two = [&](inst s, inst d) { return binary(wide ? d : s, size, a, b); };
    const auto round = [&](int mode) { return unary_imm(rounding(t), size, a, 8 | mode); };
    const auto fused = [&](fma_kind kind) {
        const std::uint8_t w = width(size);
        return add({.shape = form::fma,
                    .inst = static_cast<std::uint32_t>(kind),
                    .bytes = bytes(size),
                    .element = static_cast<std::uint8_t>(size),
                    .width = w,
                    .view = w,
                    .memory = w,
                    .broadcast = p_.avx512 ? static_cast<std::uint8_t>(size) : std::uint8_t{0},
                    .a = a,
                    .b = b,
                    .c = c});
    };
    switch (code) {
        case op::add::code: return two(x::kIdVaddps, x::kIdVaddpd);
        case op::subtract::code: return two(x::kIdVsubps, x::kIdVsubpd);
        case op::multiply::code: return two(x::kIdVmulps, x::kIdVmulpd);
        case op::divide::code: return two(x::kIdVdivps, x::kIdVdivpd);
        case op::lesser::code: return two(x::kIdVminps, x::kIdVminpd);
        case op::larger::code: return two(x::kIdVmaxps, x::kIdVmaxpd);
        case op::negative::code: return xor_of(size, a, constant(size, sign_bit(size)));
        case op::abs::code: return and_of(size, a, constant(size, sign_bit(size) - 1));
        case op::sqrt::code: return unary(wide ? x::kIdVsqrtpd : x::kIdVsqrtps, size, a);
        case op::rint::code: return round(0);
        case op::floor::code: return round(1);
        case op::ceil::code: return round(2);
        case op::trunc::code: return round(3);
        case op::fma::code: return fused(fma_kind::add);
        case op::fms::code: return fused(fma_kind::subtract);
        case op::fnma::code: return fused(fma_kind::negate_add);
        default: return assisted(code, t, a, b);
    }
}

id selector::assisted(int code, dtype t, id, id) { throw declined{"no vector code for operation " + std::to_string(code) + " of " + name_of(t)}; }

id selector::low_half(id a) const {
    const step& s = at(a);
    constexpr std::uint64_t low = 0xffffffff;
    const auto is_low = [&](id c) { return is_constant(c) && at(c).element == 8 && at(c).bits == low; };
    switch (s.shape) {
        case form::constant: return s.bits <= low ? a : none;
        case form::unary_imm: return s.inst == x::kIdVpsrlq && s.imm >= 32 ? a : none;
        case form::binary: return s.inst != x::kIdVpand && s.inst != x::kIdVpandq ? none : is_low(s.b) ? s.a : is_low(s.a) ? s.b : none;
        default: return none;
    }
}

// Where both factors are below 2^32, one instruction, which does not look at the upper halves, so nobody need clear them.
id selector::product(dtype t, id a, id b) {
    const id first = size_of(t) == 8 ? low_half(a) : none, second = size_of(t) == 8 ? low_half(b) : none;
    return first != none && second != none ? binary(x::kIdVpmuludq, 8, first, second) : multiply(t, a, b);
}

id selector::integral(int code, dtype t, id a, id b, id c) {
    const std::size_t size = size_of(t);
    switch (code) {
        case op::add::code: return add_of(size, a, b);
        case op::subtract::code: return subtract_of(size, a, b);
        case op::multiply::code: return product(t, a, b);
        case op::divide::code: return size < 4 ? divide_narrow(t, a, b) : size == 4 ? divide_32(t, a, b) : divide_64(t, a, b);
        case op::negative::code: return subtract_of(size, constant(size, 0), a);
        case op::fma::code: return add_of(size, product(t, a, b), c);
        case op::fms::code: return subtract_of(size, product(t, a, b), c);
        case op::fnma::code: return subtract_of(size, c, product(t, a, b));
        case op::lesser::code: return extreme(false, t, a, b);
        case op::larger::code: return extreme(true, t, a, b);
        case op::abs::code: return is_signed_integer(t) ? absolute(t, a) : a;
        case op::bitwise_and::code:
        case op::bitwise_or::code:
        case op::bitwise_xor::code: return logic(code, size, a, b);
        case op::bitwise_not::code: return xor_of(size, a, constant(size, ones(size)));
        case op::left_shift::code:
        case op::right_shift::code: {
            const bool left = code == op::left_shift::code;
            const bool arithmetic = is_signed_integer(t);
            if (!is_constant(b)) return size == 1 ? byte_shift(left, arithmetic, a, b) : shift(left, t, a, b);
            const int bits = static_cast<int>(8 * size);
            int count = at(b).bits < static_cast<std::uint64_t>(bits) ? static_cast<int>(at(b).bits) : bits;
            if (count == bits && (left || !arithmetic)) return constant(size, 0);
            count = std::min(count, bits - 1);
            if (size == 1) return byte_shift_by(left, arithmetic, a, count);
            if (size == 8 && arithmetic && !left && !p_.avx512) return shift(left, t, a, b);
            return shift_by(left, arithmetic, size, a, count);
        }
        default: throw declined{"no vector code for operation " + std::to_string(code) + " of " + name_of(t)};
    }
}

id selector::on_masks(int code, id a, id b, id c) {
    const auto inverse = [&](id m) { return mask_logic(op::bitwise_xor::code, m, mask_constant(true)); };
    const auto both = [&](id l, id r) { return mask_logic(op::bitwise_and::code, l, r); };
    const auto either = [&](id l, id r) { return mask_logic(op::bitwise_or::code, l, r); };
    switch (code) {
        case op::bitwise_and::code:
        case op::lesser::code: return both(a, b);
        case op::bitwise_or::code:
        case op::larger::code: return either(a, b);
        case op::bitwise_xor::code:
        case op::not_equal::code: return mask_logic(op::bitwise_xor::code, a, b);
        case op::bitwise_not::code: return inverse(a);
        case op::equal::code: return inverse(mask_logic(op::bitwise_xor::code, a, b));
        case op::less::code: return both(inverse(a), b);
        case op::less_equal::code: return either(inverse(a), b);
        case op::select::code: return either(both(a, b), both(inverse(a), c));
        case op::left_shift::code: return a;
        case op::right_shift::code: return both(a, inverse(b));
        default: throw declined{"no vector code for operation " + std::to_string(code) + " of bool"};
    }
}

}  // namespace sinter::inline v1::detail::codegen::jit
