#include "codegen/portable/scan.hpp"

#include "base/squares.hpp"

#include <sinter/detail/operations.hpp>
#include <sinter/detail/reduction_order.hpp>
#include <sinter/detail/scalar_lane.hpp>

#include <cstring>

namespace sinter::inline v1::detail::codegen::portable {

namespace {

constexpr auto piece = static_cast<std::size_t>(reduction_order::scan_piece);
/// So many pieces at once, as each element waits for the one before it in its piece.
constexpr std::size_t together = 8;

/// Asks for the next so many bytes.
[[gnu::always_inline]] inline void ask_for(read_soon& soon, std::size_t bytes) noexcept {
    for (const std::byte*& from : soon) {
        if (from == nullptr) continue;
        for (std::size_t byte = 0; byte < bytes; byte += 64) __builtin_prefetch(from + byte);
        from += bytes;
    }
}

/// Integers have no sign here, so that they wrap.
template <class Op, class T>
[[nodiscard, gnu::always_inline]] inline T combine(T a, T b) noexcept {
    return std::same_as<Op, op::add> ? a + b : a * b;
}

/// As what vectors of elements are moved: squares are of floating-point numbers.
template <class T>
using moved = std::conditional_t<std::integral<T>, double, T>;

template <class T>
[[gnu::target("avx512f"), gnu::always_inline]] inline base::wide<T> vector_at(const T* p) noexcept {
    return *reinterpret_cast<const base::wide<T>*>(p);
}
template <class Op, class T>
[[gnu::target("avx512f"), gnu::always_inline]] inline base::wide<T> combine_wide(const base::wide<T>& a, const base::wide<T>& b) noexcept {
    return std::same_as<Op, op::add> ? a + b : a * b;
}

/// Each piece by itself, as many at once as a vector has lanes, by transposing: elements of a piece wait for each other, those of two do not. Needs AVX-512, and
/// whole squares.
template <class Op, class T>
[[gnu::target("avx512f"), gnu::no_sanitize_address]] void square_pieces(T* to, const T* from, std::size_t n, read_soon& soon) noexcept {
    using base::wide;
    using M = moved<T>;
    // Something on the stack that has to be aligned: clang 14 keeps vectors there as if it were, and does not see to it.
    alignas(64) std::byte aligned[64];
    asm volatile("" : "=m"(aligned));
    constexpr std::size_t lanes = 64 / sizeof(T);
    for (; n >= lanes * piece; n -= lanes * piece, from += lanes * piece, to += lanes * piece) {
        wide<M> last{};
        for (std::size_t k = 0; k < piece; k += lanes) {
            // In two parts: memory likes them large, nearer caches small.
            constexpr std::size_t asked = 2 * lanes;
            if (k % asked == 0) ask_for(soon, asked * lanes * sizeof(T));
            wide<M> column[lanes], row[lanes];
            base::transpose(column, [&](int p) __attribute__((target("avx512f"), always_inline)) { return vector_at(reinterpret_cast<const M*>(from + static_cast<std::size_t>(p) * piece + k)); });
            for (std::size_t i = 0; i < lanes; ++i) {
                if (k + i > 0) column[i] = reinterpret_cast<wide<M>>(combine_wide<Op, T>(reinterpret_cast<wide<T>>(last), reinterpret_cast<wide<T>>(column[i])));
                last = column[i];
            }
            base::transpose(row, [&](int i) __attribute__((target("avx512f"), always_inline)) { return column[i]; });
            for (std::size_t p = 0; p < lanes; ++p) *reinterpret_cast<wide<M>*>(to + p * piece + k) = row[p];
        }
    }
}

/// What comes before each of so many whole pieces is combined with it. Needs AVX-512.
template <class Op, class T, bool Streaming>
[[gnu::target("avx512f"), gnu::no_sanitize_address]] T finish_wide(T* to, const T* from, std::size_t n, T carry, read_soon& soon) noexcept {
    using base::wide;
    constexpr std::size_t lanes = 64 / sizeof(T);
    for (; n >= piece; n -= piece, from += piece, to += piece) {
        const wide<T> before = carry - wide<T>{};
        ask_for(soon, piece * sizeof(T));
        carry = combine<Op>(carry, from[piece - 1]);
        for (std::size_t k = 0; k < piece; k += lanes) {
            const wide<T> made = combine_wide<Op, T>(before, vector_at(from + k));
            if constexpr (Streaming) {
                asm volatile("vmovntps %1, %0" : "=m"(*reinterpret_cast<wide<T>*>(to + k)) : "v"(made));
            } else {
                *reinterpret_cast<wide<T>*>(to + k) = made;
            }
        }
    }
    return carry;
}

/// The same where results begin within a line: whole lines go past the caches from a copy, what is left before and behind them does not.
template <class Op, class T>
[[gnu::target("avx512f"), gnu::no_sanitize_address]] T finish_between_lines(T* to, const T* from, std::size_t n, T carry, read_soon& soon) noexcept {
    using base::wide;
    constexpr std::size_t lanes = 64 / sizeof(T), many = 1024;
    static_assert(many % piece == 0);
    const std::size_t head = (64 - reinterpret_cast<std::uintptr_t>(to) % 64) % 64 / sizeof(T);
    alignas(64) T made[many];
    for (std::size_t length = 0; n > 0; n -= length, from += length, to += length) {
        length = n < many ? n : many;
        carry = finish_wide<Op, T, false>(made, from, length, carry, soon);
        std::memcpy(to, made, head * sizeof(T));
        std::size_t at = head;
        for (; at + lanes <= length; at += lanes) {
            const wide<T> line = vector_at(made + at);
            asm volatile("vmovntps %1, %0" : "=m"(*reinterpret_cast<wide<T>*>(to + at)) : "v"(line));
        }
        std::memcpy(to + at, made + at, (length - at) * sizeof(T));
    }
    return carry;
}

[[nodiscard]] bool has_wide_registers() noexcept {
    static const bool there = __builtin_cpu_supports("avx512f") != 0;
    return there;
}

template <class Op, class T>
void pieces_of(T* to, const T* from, std::size_t n, read_soon& soon) noexcept {
    if (has_wide_registers()) {
        const std::size_t whole = n - n % (64 / sizeof(T) * piece);
        square_pieces<Op>(to, from, whole, soon);
        from += whole;
        to += whole;
        n -= whole;
    }
    for (; n >= together * piece; n -= together * piece, from += together * piece, to += together * piece) {
        // The pieces look like many short streams to the machine, which then fetches nothing ahead.
        constexpr std::size_t bytes = together * piece * sizeof(T), ahead = 4096;
        ask_for(soon, bytes);
        for (std::size_t byte = 0; byte < bytes; byte += 64) __builtin_prefetch(reinterpret_cast<const std::byte*>(to) + ahead + byte, 1);
        T last[together];
        for (std::size_t p = 0; p < together; ++p) last[p] = to[p * piece] = from[p * piece];
        for (std::size_t i = 1; i < piece; ++i) {
            for (std::size_t p = 0; p < together; ++p) to[p * piece + i] = last[p] = combine<Op>(last[p], from[p * piece + i]);
        }
    }
    for (std::size_t i = 0; i < n; ++i) to[i] = i % piece == 0 ? from[i] : combine<Op>(to[i - 1], from[i]);
}

template <class Op, class T>
void finish_of(T* to, const T* from, std::size_t n, T& carry, bool past_caches, read_soon soon) noexcept {
    if (has_wide_registers()) {
        const std::size_t whole = n - n % piece;
        const std::size_t in_line = reinterpret_cast<std::uintptr_t>(to) % 64;
        const bool between_lines = in_line % sizeof(T) == 0 && whole * sizeof(T) > 64;
        carry = (!past_caches || (in_line != 0 && !between_lines) ? finish_wide<Op, T, false> : in_line == 0 ? finish_wide<Op, T, true> : finish_between_lines<Op, T>)(to, from, whole, carry, soon);
        from += whole;
        to += whole;
        n -= whole;
    }
    while (n > 0) {
        const std::size_t length = n < piece ? n : piece;
        const T before = carry;
        carry = combine<Op>(before, from[length - 1]);
        for (std::size_t i = 0; i < length; ++i) to[i] = combine<Op>(before, from[i]);
        n -= length;
        from += length;
        to += length;
    }
}

template <class T>
[[nodiscard]] T value_at(const std::byte* p) noexcept {
    T value;
    std::memcpy(&value, p, sizeof value);
    return value;
}

template <class Op, class T>
void scan(std::byte* out, const std::byte* values, std::size_t n, std::byte* before, bool past_caches, read_soon soon) noexcept {
    constexpr std::size_t many = 1024;
    static_assert(many % (together * piece) == 0 && many % (64 / sizeof(T) * piece) == 0);
    const auto* from = reinterpret_cast<const T*>(values);
    auto* to = reinterpret_cast<T*>(out);
    T carry = value_at<T>(before);
    alignas(64) T own[many];
    // Stores past the caches must not be read again; others are where they belong at once.
    const bool apart = has_wide_registers();
    while (n > 0) {
        const std::size_t length = n < many ? n : many;
        T* const made = apart ? own : to;
        pieces_of<Op>(made, from, length, soon);
        finish_of<Op>(to, made, length, carry, past_caches, {});
        n -= length;
        from += length;
        to += length;
    }
    std::memcpy(before, &carry, sizeof carry);
}

template <class Op, class T>
void scan_pieces(std::byte* out, const std::byte* values, std::size_t n, read_soon soon) noexcept {
    pieces_of<Op>(reinterpret_cast<T*>(out), reinterpret_cast<const T*>(values), n, soon);
}

template <class Op, class T>
void pass_pieces(const std::byte* pieces, std::size_t n, std::byte* before) noexcept {
    const auto* from = reinterpret_cast<const T*>(pieces);
    T carry = value_at<T>(before);
    for (std::size_t at = 0; at < n; at += piece) carry = combine<Op>(carry, from[(at + piece < n ? at + piece : n) - 1]);
    std::memcpy(before, &carry, sizeof carry);
}

template <class Op, class T>
void finish_pieces(std::byte* out, const std::byte* pieces, std::size_t n, const std::byte* before, bool past_caches, read_soon soon) noexcept {
    T carry = value_at<T>(before);
    finish_of<Op>(reinterpret_cast<T*>(out), reinterpret_cast<const T*>(pieces), n, carry, past_caches, soon);
}

template <class Op, class T>
[[nodiscard]] constexpr scan_functions functions() noexcept {
    return {.whole = &scan<Op, T>, .pieces = &scan_pieces<Op, T>, .pass = &pass_pieces<Op, T>, .finish = &finish_pieces<Op, T>};
}

template <class Op>
[[nodiscard]] scan_functions of_type(dtype t) noexcept {
    switch (t) {
        case dtype::f32: return functions<Op, float>();
        case dtype::f64: return functions<Op, double>();
        case dtype::i64:  // wraps as
        case dtype::u64: return functions<Op, std::uint64_t>();
        default: return {};
    }
}

}  // namespace

scan_functions scan_by(std::uint16_t code, dtype t) noexcept {
    return code == op::add::code ? of_type<op::add>(t) : code == op::multiply::code ? of_type<op::multiply>(t) : scan_functions{};
}

std::uint64_t nothing_for_scan(std::uint16_t code, dtype t) noexcept {
    return visit_dtype(t, [&]<class T>(std::type_identity<T>) {
        // Minus zero leaves the sign of a zero as it is.
        if (code == op::multiply::code) return detail::to_bits(static_cast<T>(1));
        if constexpr (std::floating_point<T>) return detail::to_bits(-T(0));
        return detail::to_bits(T(0));
    });
}

}  // namespace sinter::inline v1::detail::codegen::portable
