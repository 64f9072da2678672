#include "codegen/jit/select.hpp"

// Complex numbers: their parts alternate in memory, and are apart in registers. Two whole vectors of memory are one of each part, by two permutations
// (AVX-512), or four instructions within and across halves (AVX2).

namespace sinter::inline v1::detail::codegen::jit {

namespace x = asmjit::x86::Inst;

namespace {

/// The elements of two registers behind each other, in an order.
template <class F>
[[nodiscard]] std::array<std::uint8_t, 64> order(int lanes, int element, F&& from) {
    std::array<std::uint8_t, 64> t{};
    for (int n = 0; n < lanes; ++n) t[static_cast<std::size_t>(n * element)] = static_cast<std::uint8_t>(from(n));
    return t;
}

}  // namespace

/// AVX-512: any elements of two vectors.
id selector::of_two(const step& like, id a, id b, const std::array<std::uint8_t, 64>& index) {
    return add({.shape = form::permute,
                .inst = like.element == 4 ? x::kIdVpermt2d : x::kIdVpermt2q,
                .bytes = like.bytes,
                .element = like.element,
                .width = like.width,
                .view = like.width,
                .memory = like.width,
                .a = a,
                .b = pattern(index, like.width),
                .c = b});
}

/// AVX2: an instruction on two vectors of floating elements.
id selector::mixed(const step& like, inst i, id a, id b, int imm) {
    return add({.shape = imm < 0 ? form::binary : form::binary_imm,
                .inst = i,
                .bytes = like.bytes,
                .element = like.element,
                .width = like.width,
                .view = like.width,
                .memory = like.width,
                .imm = static_cast<std::uint8_t>(imm < 0 ? 0 : imm),
                .a = a,
                .b = b});
}

std::pair<id, id> selector::load_pair(const step& s) {
    const int lanes = s.bytes / s.element;
    const id low = load_piece(s, 0, s.bytes), high = load_piece(s, lanes, s.bytes);
    if (p_.avx512) {
        const auto part = [&](int which) { return of_two(s, low, high, order(lanes, s.element, [&](int n) { return 2 * n + which; })); };
        const id real = part(0);
        return {real, part(1)};
    }
    id a = low, b = high;
    if (s.width == 32) {
        constexpr int low_halves = 0x20, high_halves = 0x31;
        a = mixed(s, x::kIdVperm2f128, low, high, low_halves);
        b = mixed(s, x::kIdVperm2f128, low, high, high_halves);
    }
    if (s.element == 8) return {mixed(s, x::kIdVunpcklpd, a, b), mixed(s, x::kIdVunpckhpd, a, b)};
    constexpr int even = 0x88, odd = 0xdd;
    return {mixed(s, x::kIdVshufps, a, b, even), mixed(s, x::kIdVshufps, a, b, odd)};
}

void selector::store_pair(const step& s, id imag) {
    const int lanes = s.bytes / s.element;
    const std::uint64_t all = (std::uint64_t{1} << lanes) - 1;
    id low = 0, high = 0;
    if (p_.avx512) {
        const auto half = [&](int first) { return of_two(s, s.a, imag, order(lanes, s.element, [&](int n) { return (first + n) / 2 + (n % 2) * lanes; })); };
        low = half(0);
        high = half(lanes);
    } else {
        const bool singles = s.element == 4;
        low = mixed(s, singles ? x::kIdVunpcklps : x::kIdVunpcklpd, s.a, imag);
        high = mixed(s, singles ? x::kIdVunpckhps : x::kIdVunpckhpd, s.a, imag);
        if (s.width == 32) {
            constexpr int low_halves = 0x20, high_halves = 0x31;
            const id first = mixed(s, x::kIdVperm2f128, low, high, low_halves);
            high = mixed(s, x::kIdVperm2f128, low, high, high_halves);
            low = first;
        }
    }
    store_piece(s, low, 0, s.bytes, all);
    store_piece(s, high, lanes, s.bytes, all);
}

}  // namespace sinter::inline v1::detail::codegen::jit
