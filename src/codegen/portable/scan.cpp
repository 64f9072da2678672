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
/// Bytes from what is accumulated to what is asked for.
constexpr std::size_t ahead = 4096;

template <class Op, class T>
[[nodiscard, gnu::always_inline]] inline T combine(T a, T b) noexcept {
    if constexpr (std::integral<T>) {
        using U = std::make_unsigned_t<T>;
        return static_cast<T>(std::same_as<Op, op::add> ? static_cast<U>(a) + static_cast<U>(b) : static_cast<U>(a) * static_cast<U>(b));
    } else {
        return std::same_as<Op, op::add> ? a + b : a * b;
    }
}

template <class T>
[[gnu::target("avx512f"), gnu::always_inline]] inline base::wide<T> vector_at(const T* p) noexcept {
    return *reinterpret_cast<const base::wide<T>*>(p);
}
template <class Op, class T>
[[gnu::target("avx512f"), gnu::always_inline]] inline base::wide<T> combine_wide(const base::wide<T>& a, const base::wide<T>& b) noexcept {
    return std::same_as<Op, op::add> ? a + b : a * b;
}

/// As many pieces at once as a vector has lanes, by transposing: elements of a piece wait for each other, those of two do not. Needs AVX-512.
template <class Op, class T, bool Streaming>
[[gnu::target("avx512f"), gnu::no_sanitize_address]] void scan_squares(T* to, const T* from, std::size_t n, T& carry) noexcept {
    using base::wide;
    constexpr std::size_t lanes = 64 / sizeof(T);
    alignas(64) T pieces[lanes * piece];
    for (; n >= lanes * piece; n -= lanes * piece, from += lanes * piece, to += lanes * piece) {
        for (std::size_t byte = 0; byte < lanes * piece * sizeof(T); byte += 64) __builtin_prefetch(reinterpret_cast<const std::byte*>(from) + ahead + byte);
        wide<T> last{};
        for (std::size_t k = 0; k < piece; k += lanes) {
            wide<T> column[lanes], row[lanes];
            base::transpose(column, [&](int p) __attribute__((target("avx512f"), always_inline)) { return vector_at(from + static_cast<std::size_t>(p) * piece + k); });
            for (std::size_t i = 0; i < lanes; ++i) column[i] = last = k + i == 0 ? column[i] : combine_wide<Op, T>(last, column[i]);
            base::transpose(row, [&](int i) __attribute__((target("avx512f"), always_inline)) { return column[i]; });
            for (std::size_t p = 0; p < lanes; ++p) *reinterpret_cast<wide<T>*>(pieces + p * piece + k) = row[p];
        }
        T sums[lanes];
        std::memcpy(sums, &last, sizeof sums);
        for (std::size_t p = 0; p < lanes; ++p) {
            const wide<T> before = carry - wide<T>{};
            for (std::size_t k = 0; k < piece; k += lanes) {
                const wide<T> made = combine_wide<Op, T>(before, vector_at(pieces + p * piece + k));
                if constexpr (Streaming) {
                    asm volatile("vmovntps %1, %0" : "=m"(*reinterpret_cast<wide<T>*>(to + p * piece + k)) : "v"(made));
                } else {
                    *reinterpret_cast<wide<T>*>(to + p * piece + k) = made;
                }
            }
            carry = combine<Op>(carry, sums[p]);
        }
    }
}

template <class Op, class T>
void scan(std::byte* out, const std::byte* values, std::size_t n, std::byte* before, bool past_caches) noexcept {
    const auto* from = reinterpret_cast<const T*>(values);
    auto* to = reinterpret_cast<T*>(out);
    T carry;
    std::memcpy(&carry, before, sizeof carry);
    if constexpr (std::floating_point<T>) {
        static const bool registers = __builtin_cpu_supports("avx512f") != 0;
        if (registers) {
            constexpr std::size_t many = 64 / sizeof(T) * piece;
            const std::size_t whole = n / many * many;
            past_caches = past_caches && reinterpret_cast<std::uintptr_t>(to) % 64 == 0;
            (past_caches ? scan_squares<Op, T, true> : scan_squares<Op, T, false>)(to, from, whole, carry);
            from += whole;
            to += whole;
            n -= whole;
        }
    }
    for (; n >= together * piece; n -= together * piece) {
        // The pieces look like many short streams to the machine, which then fetches nothing ahead.
        for (std::size_t byte = 0; byte < together * piece * sizeof(T); byte += 64) {
            __builtin_prefetch(reinterpret_cast<const std::byte*>(from) + ahead + byte);
            __builtin_prefetch(reinterpret_cast<const std::byte*>(to) + ahead + byte, 1);
        }
        T last[together];
        for (std::size_t p = 0; p < together; ++p) last[p] = to[p * piece] = from[p * piece];
        for (std::size_t i = 1; i < piece; ++i) {
            for (std::size_t p = 0; p < together; ++p) to[p * piece + i] = last[p] = combine<Op>(last[p], from[p * piece + i]);
        }
        for (std::size_t p = 0; p < together; ++p) {
            T* const at = to + p * piece;
            for (std::size_t i = 0; i < piece; ++i) at[i] = combine<Op>(carry, at[i]);
            carry = at[piece - 1];
        }
        from += together * piece;
        to += together * piece;
    }
    while (n > 0) {
        const std::size_t length = n < piece ? n : piece;
        T last = to[0] = from[0];
        for (std::size_t i = 1; i < length; ++i) to[i] = last = combine<Op>(last, from[i]);
        for (std::size_t i = 0; i < length; ++i) to[i] = combine<Op>(carry, to[i]);
        carry = to[length - 1];
        n -= length;
        from += length;
        to += length;
    }
    std::memcpy(before, &carry, sizeof carry);
}

template <class Op>
[[nodiscard]] scan_function of_type(dtype t) noexcept {
    switch (t) {
        case dtype::f32: return &scan<Op, float>;
        case dtype::f64: return &scan<Op, double>;
        case dtype::i64: return &scan<Op, std::int64_t>;
        case dtype::u64: return &scan<Op, std::uint64_t>;
        default: return nullptr;
    }
}

}  // namespace

scan_function scan_by(std::uint16_t code, dtype t) noexcept {
    return code == op::add::code ? of_type<op::add>(t) : code == op::multiply::code ? of_type<op::multiply>(t) : nullptr;
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
