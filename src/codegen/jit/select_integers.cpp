#include "codegen/jit/select.hpp"

#include <sinter/detail/primitives.hpp>

// Arithmetic of integers that has no instruction: bytes by way of words, quotients by way of floating-point numbers.

namespace sinter::inline v1::detail::codegen::jit {

namespace x = asmjit::x86::Inst;

// Words are shifted, and what crossed from one byte into the other is masked out.
id selector::byte_shift_by(bool left, bool arithmetic, id a, int count) {
    if (count == 0) return a;
    const unsigned kept = left ? 0xffU << count & 0xffU : 0xffU >> count;
    const id words = shift_by(left, false, 2, a, count);
    p_.steps[words].memory = 0;
    p_.steps[words].bytes = bytes(1);
    p_.steps[words].element = 1;
    p_.steps[words].width = p_.steps[words].view = width(1);
    const id moved = and_of(1, words, constant(1, kept));
    if (left || !arithmetic) return moved;
    const id sign = constant(1, 0x80U >> count);
    return subtract_of(1, xor_of(1, moved, sign), sign);
}

// Even and odd bytes apart, as words.
id selector::byte_multiply(id a, id b) {
    const auto as_words = [&](inst i, id l, id r) {
        const id s = binary(i, 1, l, r);
        p_.steps[s].broadcast = 0;
        return s;
    };
    const auto shifted = [&](bool left, id v) {
        const id s = unary_imm(left ? x::kIdVpsllw : x::kIdVpsrlw, 1, v, 8);
        p_.steps[s].memory = 0;
        return s;
    };
    const id odd = shifted(true, as_words(x::kIdVpmullw, shifted(false, a), shifted(false, b)));
    const id low = constant(2, 0x00ff, 1);
    const id even = logic(op::bitwise_and::code, 1, as_words(x::kIdVpmullw, a, b), low);
    return or_of(1, odd, even);
}

// By 4, by 2 and by 1 where the count says so; larger counts leave nothing, or the sign.
id selector::byte_shift(bool left, bool arithmetic, id a, id count) {
    const id sign = arithmetic && !left ? subtract_of(1, constant(1, 0), byte_shift_by(false, false, a, 7)) : id{0};
    id value = sign != 0 ? xor_of(1, a, sign) : a;
    for (const int n : {4, 2, 1}) value = where_clear(1, count, static_cast<std::uint64_t>(n), value, byte_shift_by(left, false, value, n));
    value = where_clear(1, count, 0xf8, value, constant(1, 0));
    return sign != 0 ? xor_of(1, value, sign) : value;
}

// Even and odd words apart, as the halves of double words.
id selector::word_shift(bool left, bool arithmetic, id a, id count) {
    const id low = constant(4, 0xffff, 2), even_count = and_of(2, count, low), odd_count = shift_double_words(false, false, 2, count, 16);
    const inst i = left ? x::kIdVpsllvd : arithmetic ? x::kIdVpsravd : x::kIdVpsrlvd;
    const auto shifted = [&](id v, id by) { return binary(i, 2, v, by); };
    id even = 0, odd = 0;
    if (left) {
        even = shifted(a, even_count);
        odd = shifted(and_of(2, a, constant(4, 0xffff0000, 2)), odd_count);
    } else if (arithmetic) {
        even = shift_double_words(false, false, 2, shifted(shift_double_words(true, false, 2, a, 16), even_count), 16);
        odd = shifted(a, odd_count);
    } else {
        even = shifted(and_of(2, a, low), even_count);
        odd = shifted(a, odd_count);
    }
    return binary_imm(x::kIdVpblendw, 2, even, odd, 0xaa);
}

// Double words in registers of narrower elements.
id selector::shift_double_words(bool left, bool arithmetic, std::size_t element, id a, int count) {
    const id s = unary_imm(left ? x::kIdVpslld : arithmetic ? x::kIdVpsrad : x::kIdVpsrld, element, a, count);
    if (!p_.avx512) p_.steps[s].memory = 0;
    return s;
}

// The elements of each double word apart. A float's quotient of two integers of at most 16 bits is truncated to the exact one: it lies at
// least 1 / b, which is more than 2^-17 of it, below the next integer, or is that integer.
id selector::divide_narrow(dtype t, id a, id b) {
    const std::size_t size = size_of(t);
    const int width_in_bits = static_cast<int>(8 * size), rest = 32 - width_in_bits, parts = 32 / width_in_bits;
    const bool is_signed = is_signed_integer(t);
    const id mask = constant(4, ones(size), size);
    const auto part = [&](id v, int n) {
        const int above = rest - n * width_in_bits;
        id apart = v;
        if (!is_signed && n == 0) {
            apart = and_of(size, v, mask);
        } else {
            if (above > 0) apart = shift_double_words(true, false, size, apart, above);
            apart = shift_double_words(false, is_signed, size, apart, rest);
        }
        return unary(x::kIdVcvtdq2ps, size, apart);
    };
    id result = 0;
    for (int n = 0; n < parts; ++n) {
        id quotient = unary(x::kIdVcvttps2dq, size, binary(x::kIdVdivps, size, part(a, n), part(b, n)));
        if (n + 1 < parts) quotient = and_of(size, quotient, mask);
        if (n > 0) quotient = shift_double_words(true, false, size, quotient, n * width_in_bits);
        result = n == 0 ? quotient : or_of(size, result, quotient);
    }
    return result;
}

// A double holds every quotient of two 32-bit integers closely enough for truncation to be exact.
id selector::divide_32(dtype t, id a, id b) {
    const bool is_signed = t == dtype::i32, biased = !is_signed && !p_.avx512;
    const int all = 8 * lanes();
    const bool halves = all > p_.vector_bytes;
    const auto doubles = static_cast<std::uint8_t>(halves ? p_.vector_bytes : all);
    const auto wide = register_bytes(doubles), narrow = register_bytes(doubles / 2);
    const auto one = [&](inst i, id v, std::uint8_t from) {
        return add({.shape = form::unary, .inst = i, .bytes = doubles, .element = 8, .width = wide, .view = from, .a = v});
    };
    const auto two = [&](inst i, id l, id r) {
        return add({.shape = form::binary, .inst = i, .bytes = doubles, .element = 8, .width = wide, .view = wide, .memory = wide, .a = l, .b = r});
    };
    const auto number = [&](double v) { return constant(8, to_bits(v), doubles / static_cast<std::size_t>(lanes())); };
    const auto up = [&](id v) {
        if (!biased) return one(is_signed ? x::kIdVcvtdq2pd : x::kIdVcvtudq2pd, v, narrow);
        // 2^52 with the integer in its low bits.
        const id magic = number(0x1p52);
        return two(x::kIdVsubpd, two(x::kIdVpor, one(x::kIdVpmovzxdq, v, narrow), magic), magic);
    };
    const auto quotient = [&](id l, id r) {
        id q = two(x::kIdVdivpd, up(l), up(r));
        if (biased) {
            q = add({.shape = form::unary_imm, .inst = x::kIdVroundpd, .bytes = doubles, .element = 8, .width = wide, .view = wide, .imm = 8 | 3, .a = q});
            q = two(x::kIdVsubpd, q, number(0x1p31));
        }
        return add({.shape = form::unary,
                    .inst = is_signed || biased ? x::kIdVcvttpd2dq : x::kIdVcvttpd2udq,
                    .bytes = static_cast<std::uint8_t>(doubles / 2),
                    .element = 4,
                    .width = narrow,
                    .view = wide,
                    .a = q});
    };
    const auto unbiased = [&](id q) { return biased ? xor_of(4, q, constant(4, sign_bit(4))) : q; };
    const id low = quotient(a, b);
    if (!halves) return unbiased(low);
    const auto high_half = [&](id v) {
        return add({.shape = form::unary_imm,
                    .inst = p_.avx512 ? x::kIdVextracti64x4 : x::kIdVextracti128,
                    .bytes = narrow,
                    .element = 4,
                    .width = narrow,
                    .view = wide,
                    .imm = 1,
                    .a = v});
    };
    const id high = quotient(high_half(a), high_half(b));
    return unbiased(add({.shape = form::insert,
                         .inst = p_.avx512 ? x::kIdVinserti64x4 : x::kIdVinserti128,
                         .bytes = bytes(4),
                         .element = 4,
                         .width = wide,
                         .view = narrow,
                         .imm = 1,
                         .a = low,
                         .b = high}));
}

// With r = (1 - 2^-49) / b in double, each of whose roundings is off by at most 2^-52, a r is never above the quotient and, cut to an integer,
// less than 1 + 2^-48 a / b below it. What is left of a is less than (1 + 2^16) b, and treated in the same way leaves less than 2 b: one
// comparison settles the rest. Zero divisors give anything, as nothing traps.
id selector::divide_64(dtype t, id a, id b) {
    const bool is_signed = t == dtype::i64;
    const id sign = is_signed ? xor_of(8, a, b) : id{0};
    if (is_signed) {
        a = absolute(t, a);
        b = absolute(t, b);
    }
    const auto by_reciprocal = [&](id v, id reciprocal) { return binary(x::kIdVmulpd, 8, convert(dtype::u64, dtype::f64, v), reciprocal); };
    const id reciprocal = binary(x::kIdVdivpd, 8, constant(8, to_bits(1 - 0x1p-49)), convert(dtype::u64, dtype::f64, b));
    const id most = natural(by_reciprocal(a, reciprocal), false);
    const id left = subtract_of(8, a, multiply(dtype::u64, most, b));
    const id more = natural(by_reciprocal(left, reciprocal), true);
    const id rest = subtract_of(8, left, multiply_few(more, b));
    const id below = add_of(8, most, more);
    const id quotient = select(dtype::u64, compare(op::less_equal::code, dtype::u64, b, rest), add_of(8, below, constant(8, 1)), below);
    if (!is_signed) return quotient;
    const id zero = constant(8, 0);
    return select(dtype::i64, compare(op::less::code, dtype::i64, sign, zero), subtract_of(8, zero, quotient), quotient);
}

}  // namespace sinter::inline v1::detail::codegen::jit
