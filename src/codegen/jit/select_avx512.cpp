#include "codegen/jit/select.hpp"

#include <sinter/detail/math/scaling.hpp>

#include <cstring>

namespace sinter::inline v1::detail::codegen::jit {

namespace {

namespace x = asmjit::x86::Inst;

// Masks live in mask registers, one bit a lane; the bits past the lanes mean nothing.
class avx512_selector final : public selector {
public:
    using selector::selector;

    id mask_from_bytes(id bytes) override { return test(x::kIdVptestmb, bytes, bytes); }
    id bytes_from_mask(id mask) override { return where(x::kIdVmovdqu8, 1, mask, constant(1, 1)); }
    id mask_constant(bool value) override {
        for (id n = 0; n < p_.steps.size(); ++n) {
            if (is_constant(n) && at(n).width == 0 && (at(n).bits != 0) == value) return n;
        }
        return add({.shape = form::constant, .bits = value ? 1U : 0U});
    }

    id lookup(std::size_t element, id index, const void* eight) override {
        std::array<std::uint8_t, 64> all;
        std::memcpy(all.data(), eight, sizeof all);
        return permute(element == 8 ? x::kIdVpermpd : x::kIdVpermps, element, index, pattern(all, 64));
    }

private:
    id compare(int code, dtype t, id a, id b) override {
        const bool floats = is_floating(t);
        const int imm = code == op::less::code         ? (floats ? 0x11 : 1)
                        : code == op::less_equal::code ? (floats ? 0x12 : 2)
                        : code == op::equal::code      ? 0
                                                       : 4;
        return into_mask(binary_imm(compare_of(t), size_of(t), a, b, imm));
    }

    id select(dtype t, id mask, id a, id b) override {
        const std::size_t size = size_of(t);
        const std::uint8_t w = width(size);
        const inst i = t == dtype::f32   ? x::kIdVblendmps
                       : t == dtype::f64 ? x::kIdVblendmpd
                                         : by_size(size, x::kIdVpblendmb, x::kIdVpblendmw, x::kIdVpblendmd, x::kIdVpblendmq);
        if (is_constant(b) && at(b).bits == 0) {
            return zero_where_not(size, mask, a);
        }
        return add({.shape = form::blend,
                    .inst = i,
                    .bytes = bytes(size),
                    .element = static_cast<std::uint8_t>(size),
                    .width = w,
                    .view = w,
                    .memory = w,
                    .broadcast = size >= 4 ? static_cast<std::uint8_t>(size) : std::uint8_t{0},
                    .a = mask,
                    .b = b,
                    .c = a});
    }

    id logic(int code, std::size_t element, id a, id b) override {
        const bool q = element == 8;
        const inst i = code == op::bitwise_and::code  ? (q ? x::kIdVpandq : x::kIdVpandd)
                       : code == op::bitwise_or::code ? (q ? x::kIdVporq : x::kIdVpord)
                                                      : (q ? x::kIdVpxorq : x::kIdVpxord);
        const id s = binary(i, element, a, b);
        p_.steps[s].broadcast = q ? 8 : 4;
        return s;
    }

    id mask_logic(int code, id a, id b) override {
        if (code == op::bitwise_xor::code && is_constant(b)) {
            if (at(b).bits == 0) return a;
            return add({.shape = form::unary, .inst = x::kIdKnotq, .a = a});
        }
        const inst i = code == op::bitwise_and::code ? x::kIdKandq : code == op::bitwise_or::code ? x::kIdKorq : x::kIdKxorq;
        return add({.shape = form::binary, .inst = i, .a = a, .b = b});
    }

    id multiply(dtype t, id a, id b) override {
        const std::size_t size = size_of(t);
        if (size == 1) return byte_multiply(a, b);
        return binary(by_size(size, x::kIdNone, x::kIdVpmullw, x::kIdVpmulld, x::kIdVpmullq), size, a, b);
    }

    id extreme(bool larger, dtype t, id a, id b) override {
        const std::size_t size = size_of(t);
        const inst smax = by_size(size, x::kIdVpmaxsb, x::kIdVpmaxsw, x::kIdVpmaxsd, x::kIdVpmaxsq);
        const inst umax = by_size(size, x::kIdVpmaxub, x::kIdVpmaxuw, x::kIdVpmaxud, x::kIdVpmaxuq);
        const inst smin = by_size(size, x::kIdVpminsb, x::kIdVpminsw, x::kIdVpminsd, x::kIdVpminsq);
        const inst umin = by_size(size, x::kIdVpminub, x::kIdVpminuw, x::kIdVpminud, x::kIdVpminuq);
        return binary(is_signed_integer(t) ? (larger ? smax : smin) : (larger ? umax : umin), size, a, b);
    }

    id absolute(dtype t, id a) override { return unary(by_size(size_of(t), x::kIdVpabsb, x::kIdVpabsw, x::kIdVpabsd, x::kIdVpabsq), size_of(t), a); }

    id shift(bool left, dtype t, id a, id b) override {
        const std::size_t size = size_of(t);
        const bool arithmetic = is_signed_integer(t);
        const inst i = left         ? by_size(size, x::kIdNone, x::kIdVpsllvw, x::kIdVpsllvd, x::kIdVpsllvq)
                       : arithmetic ? by_size(size, x::kIdNone, x::kIdVpsravw, x::kIdVpsravd, x::kIdVpsravq)
                                    : by_size(size, x::kIdNone, x::kIdVpsrlvw, x::kIdVpsrlvd, x::kIdVpsrlvq);
        return binary(i, size, a, b);
    }

    id where_clear(std::size_t element, id v, std::uint64_t bits, id yes, id no) override {
        const id mask = test(by_size(element, x::kIdVptestnmb, x::kIdVptestnmw, x::kIdVptestnmd, x::kIdVptestnmq), v, constant(element, bits));
        constexpr dtype types[] = {dtype::u8, dtype::u16, dtype::u32, dtype::u64};
        return select(types[std::countr_zero(element)], mask, yes, no);
    }

    inst rounding(dtype t) override { return t == dtype::f64 ? x::kIdVrndscalepd : x::kIdVrndscaleps; }

    id assisted(int code, dtype t, id a, id b) override {
        const bool d = t == dtype::f64;
        const std::size_t size = size_of(t);
        const auto exponent_of = [&](id v) { return unary(d ? x::kIdVgetexppd : x::kIdVgetexpps, size, v); };
        // Of the size, from 3/4 to 3/2.
        constexpr int interval = 0b0111;
        switch (code) {
            case op::mantissa::code: return unary_imm(d ? x::kIdVgetmantpd : x::kIdVgetmantps, size, a, interval);
            case op::exponent::code: return binary(d ? x::kIdVsubpd : x::kIdVsubps, size, exponent_of(a), exponent_of(b));
            case op::scale::code: return binary(d ? x::kIdVscalefpd : x::kIdVscalefps, size, a, b);
            default: return selector::assisted(code, t, a, b);
        }
    }

    id convert(dtype from, dtype to, id a) override {
        if (to == dtype::boolean) return to_mask(from, a);
        if (from == dtype::boolean) {
            const std::size_t size = size_of(to);
            const std::uint64_t one = to == dtype::f32 ? to_bits(1.0F) : to == dtype::f64 ? to_bits(1.0) : 1;
            return zero_where_not(size, a, constant(size, one));
        }
        if (is_floating(from))
            return is_floating(to) ? unary(to == dtype::f64 ? x::kIdVcvtps2pd : x::kIdVcvtpd2ps, size_of(to), a) : to_integer(from, to, a);
        return is_floating(to) ? from_integer(from, to, a) : resize(from, to, a);
    }

    id to_mask(dtype from, id a) {
        if (is_floating(from)) return compare(op::not_equal::code, from, a, constant(size_of(from), 0));
        return test(by_size(size_of(from), x::kIdVptestmb, x::kIdVptestmw, x::kIdVptestmd, x::kIdVptestmq), a, a);
    }

    id natural(id a, bool) override { return unary(x::kIdVcvttpd2uqq, 8, a); }
    id multiply_few(id few, id b) override { return multiply(dtype::u64, few, b); }

    id resize(dtype from, dtype to, id a) {
        const std::size_t f = size_of(from), t = size_of(to);
        if (f <= t) return widen(is_signed_integer(from), f, t, a);
        const inst i = f == 8   ? by_size(t, x::kIdVpmovqb, x::kIdVpmovqw, x::kIdVpmovqd, x::kIdNone)
                       : f == 4 ? by_size(t, x::kIdVpmovdb, x::kIdVpmovdw, x::kIdNone, x::kIdNone)
                                : x::kIdVpmovwb;
        const id s = unary(i, t, a);
        p_.steps[s].memory = 0;  // these write to memory, but do not read it
        return s;
    }

    id from_integer(dtype from, dtype to, id a) {
        if (size_of(from) < 4) {
            a = widen(is_signed_integer(from), size_of(from), 4, a);
            from = dtype::i32;
        }
        const bool d = to == dtype::f64;
        switch (from) {
            case dtype::i32: return unary(d ? x::kIdVcvtdq2pd : x::kIdVcvtdq2ps, size_of(to), a);
            case dtype::u32: return unary(d ? x::kIdVcvtudq2pd : x::kIdVcvtudq2ps, size_of(to), a);
            case dtype::i64: return unary(d ? x::kIdVcvtqq2pd : x::kIdVcvtqq2ps, size_of(to), a);
            default: return unary(d ? x::kIdVcvtuqq2pd : x::kIdVcvtuqq2ps, size_of(to), a);
        }
    }

    id to_integer(dtype from, dtype to, id a) {
        const bool d = from == dtype::f64;
        const std::size_t size = size_of(to);
        if (to == dtype::i32) return unary(d ? x::kIdVcvttpd2dq : x::kIdVcvttps2dq, 4, a);
        if (to == dtype::i64) return unary(d ? x::kIdVcvttpd2qq : x::kIdVcvttps2qq, 8, a);
        if (size >= 4) {
            // What does not fit must be 0, the lowest value: only lanes with -1 < x < past are converted.
            const std::size_t s = size_of(from);
            const id low = constant(s, d ? to_bits(-1.0) : to_bits(-1.0F));
            const id past = constant(s, size == 4 ? (d ? to_bits(0x1p32) : to_bits(0x1p32F)) : (d ? to_bits(0x1p64) : to_bits(0x1p64F)));
            const id fits = mask_logic(op::bitwise_and::code, compare(op::less::code, from, low, a), compare(op::less::code, from, a, past));
            const inst i = size == 4 ? (d ? x::kIdVcvttpd2udq : x::kIdVcvttps2udq) : (d ? x::kIdVcvttpd2uqq : x::kIdVcvttps2uqq);
            return where(i, size, fits, a);
        }
        const id whole = unary(d ? x::kIdVcvttpd2dq : x::kIdVcvttps2dq, 4, a);
        const std::uint64_t lowest = is_signed_integer(to) ? ~(sign_bit(size) - 1) : 0;
        const id shifted = is_signed_integer(to) ? subtract_of(4, whole, constant(4, lowest)) : whole;
        const id fits = compare(op::less_equal::code, dtype::u32, shifted, constant(4, ones(size)));
        return resize(dtype::i32, to, select(dtype::i32, fits, whole, constant(4, lowest)));
    }

    static inst compare_of(dtype t) {
        if (t == dtype::f32) return x::kIdVcmpps;
        if (t == dtype::f64) return x::kIdVcmppd;
        return is_signed_integer(t) ? by_size(size_of(t), x::kIdVpcmpb, x::kIdVpcmpw, x::kIdVpcmpd, x::kIdVpcmpq)
                                    : by_size(size_of(t), x::kIdVpcmpub, x::kIdVpcmpuw, x::kIdVpcmpud, x::kIdVpcmpuq);
    }

    id into_mask(id s) {
        p_.steps[s].width = 0;
        p_.steps[s].bytes = 0;
        p_.steps[s].element = 0;
        return s;
    }

    id test(inst i, id a, id b) { return into_mask(binary(i, at(a).element, a, b)); }

    // The value on lanes of the mask, zero in the others. Moves without alignment: an input may be read straight from memory.
    id zero_where_not(std::size_t element, id mask, id a) {
        return where(by_size(element, x::kIdVmovdqu8, x::kIdVmovdqu16, x::kIdVmovdqu32, x::kIdVmovdqu64), element, mask, a);
    }

    // The instruction on lanes of the mask, zero in the others.
    id where(inst i, std::size_t element, id mask, id a) {
        const id s = unary(i, element, a);
        step& made = p_.steps[s];
        made.shape = form::zero_masked;
        made.b = made.a;
        made.a = mask;
        made.when = std::max(made.when, at(mask).when);
        return s;
    }
};

}  // namespace

std::unique_ptr<selector> make_avx512_selector(program& p) { return std::make_unique<avx512_selector>(p); }

}  // namespace sinter::inline v1::detail::codegen::jit
