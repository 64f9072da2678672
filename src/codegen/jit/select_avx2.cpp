#include "codegen/jit/select.hpp"

#include <sinter/detail/primitives.hpp>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace sinter::inline v1::detail::codegen::jit {

namespace {

namespace x = asmjit::x86::Inst;

// Masks are all ones or all zeros in lanes that are as wide as the kernel's widest type.
class avx2_selector final : public selector {
public:
    using selector::selector;

    id mask_from_bytes(id bytes) override {
        const std::size_t m = mask_size();
        return greater(m, widen(false, 1, m, bytes), constant(m, 0));
    }
    id bytes_from_mask(id mask) override { return and_of(1, narrow(mask_size(), 1, mask), constant(1, 1)); }
    id mask_for(std::size_t element, id mask) override { return narrow(mask_size(), element, mask); }
    void forget() override {
        halves_.clear();
        places_.clear();
    }
    id mask_constant(bool value) override { return constant(mask_size(), value ? ones(mask_size()) : 0); }

    id lookup(std::size_t element, id index, const void* eight) override {
        const auto values = [&](int from) {
            std::array<std::uint8_t, 64> half{};
            std::memcpy(half.data(), static_cast<const std::uint8_t*>(eight) + from, 32);
            return pattern(half, 32);
        };
        if (element == 4) return permute(x::kIdVpermps, 4, index, values(0));
        // Doubles are pairs of 32 bits, of which a register holds four; the third bit of the index says which four.
        auto found = std::find_if(places_.begin(), places_.end(), [&](const place& p) { return p.index == index; });
        if (found == places_.end()) {
            const id even = unary_imm(x::kIdVpshufd, 8, shift_by(true, false, 8, index, 1), 0xa0);
            const id pair = or_of(8, even, constant(8, std::uint64_t{1} << 32));
            found = places_.insert(found, {index, pair, shift_by(true, false, 8, index, 61)});
        }
        const place at = *found;
        const id low = permute(x::kIdVpermps, 8, at.pair, values(0)), high = permute(x::kIdVpermps, 8, at.pair, values(32));
        return choose(8, at.second, high, low);
    }

private:
    [[nodiscard]] std::size_t mask_size() const noexcept { return static_cast<std::size_t>(p_.widest); }

    id as_mask(std::size_t element, id lanes_of_element) { return widen(true, element, mask_size(), lanes_of_element); }
    id inverse(std::size_t element, id a) { return xor_of(element, a, constant(element, ones(element))); }

    id greater(std::size_t s, id a, id b) { return binary(by_size(s, x::kIdVpcmpgtb, x::kIdVpcmpgtw, x::kIdVpcmpgtd, x::kIdVpcmpgtq), s, a, b); }
    id same(std::size_t s, id a, id b) { return binary(by_size(s, x::kIdVpcmpeqb, x::kIdVpcmpeqw, x::kIdVpcmpeqd, x::kIdVpcmpeqq), s, a, b); }

    // Lanes of the type's own size.
    id compare_lanes(int code, dtype t, id a, id b) {
        const std::size_t s = size_of(t);
        if (is_floating(t)) {
            const int imm = code == op::less::code ? 0x11 : code == op::less_equal::code ? 0x12 : code == op::equal::code ? 0 : 4;
            return binary_imm(t == dtype::f64 ? x::kIdVcmppd : x::kIdVcmpps, s, a, b, imm);
        }
        if (code == op::equal::code) return same(s, a, b);
        if (code == op::not_equal::code) return inverse(s, same(s, a, b));
        if (!is_signed_integer(t)) {
            const id sign = constant(s, sign_bit(s));
            a = xor_of(s, a, sign);
            b = xor_of(s, b, sign);
        }
        return code == op::less::code ? greater(s, b, a) : inverse(s, greater(s, a, b));
    }

    id compare(int code, dtype t, id a, id b) override { return as_mask(size_of(t), compare_lanes(code, t, a, b)); }

    // The condition in lanes of the same size as the others.
    id choose(std::size_t s, id condition, id a, id b) {
        const step& c = at(condition);
        if (c.shape == form::binary && c.inst == x::kIdVpxor && is_constant(c.b) && at(c.b).bits == ones(c.element) && at(c.b).element == c.element) {
            return choose(s, c.a, b, a);
        }
        const std::uint8_t w = width(s);
        const inst i = s == 4 ? x::kIdVblendvps : s == 8 ? x::kIdVblendvpd : x::kIdVpblendvb;
        return add({.shape = form::blend_vector,
                    .inst = i,
                    .bytes = bytes(s),
                    .element = static_cast<std::uint8_t>(s),
                    .width = w,
                    .view = w,
                    .memory = w,
                    .a = condition,
                    .b = b,
                    .c = a});
    }

    id select(dtype t, id mask, id a, id b) override { return choose(size_of(t), narrow(mask_size(), size_of(t), mask), a, b); }

    id logic(int code, std::size_t element, id a, id b) override {
        const inst i = code == op::bitwise_and::code ? x::kIdVpand : code == op::bitwise_or::code ? x::kIdVpor : x::kIdVpxor;
        return binary(i, element, a, b);
    }

    id mask_logic(int code, id a, id b) override { return logic(code, mask_size(), a, b); }

    id multiply(dtype t, id a, id b) override {
        const std::size_t s = size_of(t);
        if (s == 1) return byte_multiply(a, b);
        if (s < 8) return binary(s == 2 ? x::kIdVpmullw : x::kIdVpmulld, s, a, b);
        const id cross = add_of(8, low_product(high_half(a), b), low_product(a, high_half(b)));
        return add_of(8, low_product(a, b), shift_by(true, false, 8, cross, 32));
    }
    id multiply_few(id few, id b) override {
        return add_of(8, low_product(few, b), shift_by(true, false, 8, low_product(few, high_half(b)), 32));
    }
    id low_product(id a, id b) { return binary(x::kIdVpmuludq, 8, a, b); }  // of the low halves
    // Products, conversions and quotients ask for the same ones.
    id high_half(id a) {
        for (const auto& [whole, half] : halves_) {
            if (whole == a) return half;
        }
        return halves_.emplace_back(a, shift_by(false, false, 8, a, 32)).second;
    }

    id extreme(bool larger, dtype t, id a, id b) override {
        const std::size_t s = size_of(t);
        if (s == 8) {
            const id first_is_less = compare_lanes(op::less::code, t, a, b);
            return larger ? choose(s, first_is_less, b, a) : choose(s, first_is_less, a, b);
        }
        const inst smax = by_size(s, x::kIdVpmaxsb, x::kIdVpmaxsw, x::kIdVpmaxsd, x::kIdNone);
        const inst umax = by_size(s, x::kIdVpmaxub, x::kIdVpmaxuw, x::kIdVpmaxud, x::kIdNone);
        const inst smin = by_size(s, x::kIdVpminsb, x::kIdVpminsw, x::kIdVpminsd, x::kIdNone);
        const inst umin = by_size(s, x::kIdVpminub, x::kIdVpminuw, x::kIdVpminud, x::kIdNone);
        return binary(is_signed_integer(t) ? (larger ? smax : smin) : (larger ? umax : umin), s, a, b);
    }

    id sign_of(id a) { return greater(8, constant(8, 0), a); }

    id absolute(dtype t, id a) override {
        const std::size_t s = size_of(t);
        if (s < 8) return unary(by_size(s, x::kIdVpabsb, x::kIdVpabsw, x::kIdVpabsd, x::kIdNone), s, a);
        const id sign = sign_of(a);
        return subtract_of(8, xor_of(8, a, sign), sign);
    }

    id shift(bool left, dtype t, id a, id b) override {
        const std::size_t s = size_of(t);
        if (s == 2) return word_shift(left, is_signed_integer(t), a, b);
        if (left) return binary(s == 4 ? x::kIdVpsllvd : x::kIdVpsllvq, s, a, b);
        if (s == 4) return binary(is_signed_integer(t) ? x::kIdVpsravd : x::kIdVpsrlvd, s, a, b);
        if (!is_signed_integer(t)) return binary(x::kIdVpsrlvq, s, a, b);
        // Complemented where negative, so that the zeros that come in are right.
        const id sign = sign_of(a);
        return xor_of(8, binary(x::kIdVpsrlvq, 8, xor_of(8, a, sign), b), sign);
    }

    id where_clear(std::size_t element, id v, std::uint64_t bits, id yes, id no) override {
        const id clear = same(element, and_of(element, v, constant(element, bits)), constant(element, 0));
        return is_constant(no) && at(no).bits == 0 ? and_of(element, clear, yes) : choose(element, clear, yes, no);
    }

    inst rounding(dtype t) override { return t == dtype::f64 ? x::kIdVroundpd : x::kIdVroundps; }

    // The low bytes of every element.
    id narrow(std::size_t from, std::size_t to, id a) {
        if (from == to) return a;
        std::array<std::uint8_t, 64> control{};
        for (std::size_t n = 0; n < control.size(); ++n) {
            const std::size_t in_half = n % 16, taken = 16 / from * to;
            control[n] = in_half < taken ? static_cast<std::uint8_t>(in_half / to * from + in_half % to) : std::uint8_t{0x80};
        }
        const std::uint8_t w = at(a).width;
        const id packed = add({.shape = form::binary,
                               .inst = x::kIdVpshufb,
                               .bytes = w,
                               .element = static_cast<std::uint8_t>(to),
                               .width = w,
                               .view = w,
                               .memory = w,
                               .a = a,
                               .b = pattern(control, w)});
        if (w == 16) {
            p_.steps[packed].bytes = bytes(to);
            return packed;
        }
        const id high = add({.shape = form::unary_imm,
                             .inst = x::kIdVextracti128,
                             .bytes = 16,
                             .element = static_cast<std::uint8_t>(to),
                             .width = 16,
                             .view = 32,
                             .imm = 1,
                             .a = packed});
        const std::size_t taken = 16 / from * to;
        const inst i = taken == 8 ? x::kIdVpunpcklqdq : taken == 4 ? x::kIdVpunpckldq : x::kIdVpunpcklwd;
        return add({.shape = form::binary,
                    .inst = i,
                    .bytes = bytes(to),
                    .element = static_cast<std::uint8_t>(to),
                    .width = 16,
                    .view = 16,
                    .a = packed,
                    .b = high});
    }

    id convert(dtype from, dtype to, id a) override {
        if (to == dtype::boolean) {
            const std::size_t s = size_of(from);
            const id zero = constant(s, 0);
            return as_mask(s, is_floating(from) ? compare_lanes(op::not_equal::code, from, a, zero) : inverse(s, same(s, a, zero)));
        }
        if (from == dtype::boolean) {
            const std::size_t s = size_of(to);
            const std::uint64_t one = to == dtype::f32 ? to_bits(1.0F) : to == dtype::f64 ? to_bits(1.0) : 1;
            return and_of(s, narrow(mask_size(), s, a), constant(s, one));
        }
        if (is_floating(from) && is_floating(to)) return unary(to == dtype::f64 ? x::kIdVcvtps2pd : x::kIdVcvtpd2ps, size_of(to), a);
        if (is_floating(from)) return to_integer(from, to, a);
        if (is_floating(to)) return from_integer(from, to, a);
        const std::size_t f = size_of(from), t = size_of(to);
        return f <= t ? widen(is_signed_integer(from), f, t, a) : narrow(f, t, a);
    }

    id from_integer(dtype from, dtype to, id a) {
        if (size_of(from) < 4) {
            a = widen(is_signed_integer(from), size_of(from), 4, a);
            from = dtype::i32;
        }
        const bool d = to == dtype::f64;
        if (from == dtype::i32) return unary(d ? x::kIdVcvtdq2pd : x::kIdVcvtdq2ps, size_of(to), a);
        if (!d && size_of(from) == 8) return unary(x::kIdVcvtpd2ps, 4, from_integer(from, dtype::f64, exact_in_double(from, a)));
        if (!d) {
            // Both halves are exact, so the sum is rounded once.
            const id high = unary(x::kIdVcvtdq2ps, 4, shift_by(false, false, 4, a, 16));
            const id low = unary(x::kIdVcvtdq2ps, 4, and_of(4, a, constant(4, 0xffff)));
            return operation(op::fma::code, dtype::f32, dtype::f32, high, constant(4, to_bits(65536.0F)), low);
        }
        // 2^52 with an integer in its low bits; 2^84 for the high halves.
        constexpr std::uint64_t low_magic = 0x4330000000000000, high_magic = 0x4530000000000000;
        if (from == dtype::u32) {
            const id biased = or_of(8, widen(false, 4, 8, a), constant(8, low_magic));
            return binary(x::kIdVsubpd, 8, biased, constant(8, low_magic));
        }
        const bool is_signed = from == dtype::i64;
        const std::uint64_t sign = is_signed ? 0x80000000U : 0U;
        const id high = xor_of(8, high_half(a), constant(8, high_magic | sign));
        const id low = binary_imm(x::kIdVpblendd, 8, a, constant(8, low_magic), 0xaa);
        const double bias = 0x1p84 + 0x1p52 + (is_signed ? 0x1p63 : 0.0);
        return binary(x::kIdVaddpd, 8, binary(x::kIdVsubpd, 8, high, constant(8, to_bits(bias))), low);
    }

    // Integers from 2^53 on with what a double cannot hold kept in the last bit that it can: a double then rounds to float as the integer would.
    id exact_in_double(dtype t, id a) {
        constexpr std::uint64_t lost = 0x7ff;
        const id magnitude = is_signed_integer(t) ? xor_of(8, a, sign_of(a)) : a;
        const id small = same(8, shift_by(false, false, 8, magnitude, 53), constant(8, 0));
        const id inexact = and_of(8, add_of(8, and_of(8, a, constant(8, lost)), constant(8, lost)), constant(8, lost + 1));
        return choose(8, small, a, and_of(8, or_of(8, a, inexact), constant(8, ~lost)));
    }

    // Lanes of floats with low < a < past, by two comparisons.
    id between(dtype t, id a, double low, double past) {
        const auto bound = [&](double v) { return constant(size_of(t), t == dtype::f64 ? to_bits(v) : to_bits(static_cast<float>(v))); };
        return and_of(size_of(t), compare_lanes(op::less::code, t, bound(low), a), compare_lanes(op::less::code, t, a, bound(past)));
    }

    // Both halves by themselves, in the low bits of doubles; the high one without the bits that make a double of the low one, which come with it.
    id floor_64(id a, bool whole) {
        constexpr double low_magic = 0x1p52, high_magic = 0x1.8p52 - 0x43300000;
        const auto number = [&](double v) { return constant(8, to_bits(v)); };
        const auto floor = [&](id v) { return unary_imm(x::kIdVroundpd, 8, v, 8 | 1); };
        const id high = floor(binary(x::kIdVmulpd, 8, a, number(0x1p-32)));
        const id rest = operation(op::fnma::code, dtype::f64, dtype::f64, high, number(0x1p32), a), low = whole ? rest : floor(rest);
        return add_of(8, shift_by(true, false, 8, binary(x::kIdVaddpd, 8, high, number(high_magic)), 32), binary(x::kIdVaddpd, 8, low, number(low_magic)));
    }

    id natural(id a, bool few) override { return few ? widen(false, 4, 8, unary(x::kIdVcvttpd2dq, 4, a)) : floor_64(a, false); }

    id to_integer_64(dtype to, id a) {
        const auto number = [&](double v) { return constant(8, to_bits(v)); };
        const id result = floor_64(unary_imm(x::kIdVroundpd, 8, a, 8 | 3), true);
        if (to == dtype::u64) return and_of(8, result, between(dtype::f64, a, -1, 0x1p64));
        const id fits = and_of(8, compare_lanes(op::less_equal::code, dtype::f64, number(-0x1p63), a), compare_lanes(op::less::code, dtype::f64, a, number(0x1p63)));
        return choose(8, fits, result, constant(8, sign_bit(8)));
    }

    id to_integer(dtype from, dtype to, id a) {
        const bool d = from == dtype::f64;
        if (size_of(to) == 8) return to_integer_64(to, d ? a : unary(x::kIdVcvtps2pd, 8, a));
        if (to == dtype::i32) return unary(d ? x::kIdVcvttpd2dq : x::kIdVcvttps2dq, 4, a);
        if (to == dtype::u32 && d) {
            const id whole = unary_imm(x::kIdVroundpd, 8, a, 8 | 3);
            const id biased = binary(x::kIdVaddpd, 8, whole, constant(8, to_bits(0x1p52)));
            return narrow(8, 4, and_of(8, biased, between(from, a, -1, 0x1p32)));
        }
        if (to == dtype::u32) {
            const id half = constant(4, to_bits(0x1p31F));
            const id large = compare_lanes(op::less_equal::code, from, half, a);
            const id rest = binary(x::kIdVsubps, 4, a, and_of(4, large, half));
            const id whole = xor_of(4, unary(x::kIdVcvttps2dq, 4, rest), and_of(4, large, constant(4, sign_bit(4))));
            return and_of(4, whole, between(from, a, -1, 0x1p32));
        }
        const std::size_t s = size_of(to);
        const id whole = unary(d ? x::kIdVcvttpd2dq : x::kIdVcvttps2dq, 4, a);
        const std::uint64_t lowest = is_signed_integer(to) ? ~(sign_bit(s) - 1) : 0;
        const id shifted = is_signed_integer(to) ? subtract_of(4, whole, constant(4, lowest)) : whole;
        const id fits = same(4, binary(x::kIdVpminud, 4, shifted, constant(4, ones(s))), shifted);
        return narrow(4, s, lowest == 0 ? and_of(4, whole, fits) : choose(4, fits, whole, constant(4, lowest)));
    }

    std::vector<std::pair<id, id>> halves_;
    struct place {
        id index, pair, second;
    };
    std::vector<place> places_;  // of indices of tables
};

}  // namespace

std::unique_ptr<selector> make_avx2_selector(program& p) { return std::make_unique<avx2_selector>(p); }

}  // namespace sinter::inline v1::detail::codegen::jit
