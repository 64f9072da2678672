#include "runtime/transpose.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <immintrin.h>

namespace sinter::inline v1::detail::runtime {

namespace {

/// A square of elements, transposed in registers.
using square = void (*)(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride) noexcept;

void bytes_8x8(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride) noexcept {
    __m128i row[8];
    for (int n = 0; n < 8; ++n) row[n] = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + n * from_stride));
    __m128i pairs[4];
    for (int n = 0; n < 4; ++n) pairs[n] = _mm_unpacklo_epi8(row[2 * n], row[2 * n + 1]);
    for (int half = 0; half < 2; ++half) {
        const __m128i low = half == 0 ? _mm_unpacklo_epi16(pairs[0], pairs[1]) : _mm_unpackhi_epi16(pairs[0], pairs[1]);
        const __m128i high = half == 0 ? _mm_unpacklo_epi16(pairs[2], pairs[3]) : _mm_unpackhi_epi16(pairs[2], pairs[3]);
        const __m128i two[] = {_mm_unpacklo_epi32(low, high), _mm_unpackhi_epi32(low, high)};
        for (int n = 0; n < 2; ++n) {
            std::byte* const at = to + (4 * half + 2 * n) * to_stride;
            _mm_storel_epi64(reinterpret_cast<__m128i*>(at), two[n]);
            _mm_storeh_pd(reinterpret_cast<double*>(at + to_stride), _mm_castsi128_pd(two[n]));
        }
    }
}

void words_8x8(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride) noexcept {
    __m128i a[8], b[8];
    for (int n = 0; n < 8; ++n) a[n] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + n * from_stride));
    for (int n = 0; n < 4; ++n) {
        b[n] = _mm_unpacklo_epi16(a[2 * n], a[2 * n + 1]);
        b[n + 4] = _mm_unpackhi_epi16(a[2 * n], a[2 * n + 1]);
    }
    for (int half = 0; half < 2; ++half) {
        const __m128i* const c = b + 4 * half;
        const __m128i l0 = _mm_unpacklo_epi32(c[0], c[1]), l1 = _mm_unpacklo_epi32(c[2], c[3]);
        const __m128i h0 = _mm_unpackhi_epi32(c[0], c[1]), h1 = _mm_unpackhi_epi32(c[2], c[3]);
        const __m128i four[] = {_mm_unpacklo_epi64(l0, l1), _mm_unpackhi_epi64(l0, l1), _mm_unpacklo_epi64(h0, h1), _mm_unpackhi_epi64(h0, h1)};
        for (int n = 0; n < 4; ++n) _mm_storeu_si128(reinterpret_cast<__m128i*>(to + (4 * half + n) * to_stride), four[n]);
    }
}

void singles_4x4(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride) noexcept {
    __m128 a[4];
    for (int n = 0; n < 4; ++n) a[n] = _mm_loadu_ps(reinterpret_cast<const float*>(from + n * from_stride));
    _MM_TRANSPOSE4_PS(a[0], a[1], a[2], a[3]);
    for (int n = 0; n < 4; ++n) _mm_storeu_ps(reinterpret_cast<float*>(to + n * to_stride), a[n]);
}

void doubles_2x2(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride) noexcept {
    const __m128d a = _mm_loadu_pd(reinterpret_cast<const double*>(from)), b = _mm_loadu_pd(reinterpret_cast<const double*>(from + from_stride));
    _mm_storeu_pd(reinterpret_cast<double*>(to), _mm_unpacklo_pd(a, b));
    _mm_storeu_pd(reinterpret_cast<double*>(to + to_stride), _mm_unpackhi_pd(a, b));
}

/// Four columns of eight rows at a time, rows n and n + 4 in one register.
[[gnu::target("avx2")]] void singles_8x8(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride) noexcept {
    for (int half = 0; half < 2; ++half) {
        __m256 a[4];
        for (int n = 0; n < 4; ++n) {
            const auto* const low = reinterpret_cast<const float*>(from + n * from_stride) + 4 * half;
            const auto* const high = reinterpret_cast<const float*>(from + (n + 4) * from_stride) + 4 * half;
            a[n] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low)), _mm_loadu_ps(high), 1);
        }
        const __m256d l0 = _mm256_castps_pd(_mm256_unpacklo_ps(a[0], a[1])), l1 = _mm256_castps_pd(_mm256_unpacklo_ps(a[2], a[3]));
        const __m256d h0 = _mm256_castps_pd(_mm256_unpackhi_ps(a[0], a[1])), h1 = _mm256_castps_pd(_mm256_unpackhi_ps(a[2], a[3]));
        const __m256d four[] = {_mm256_unpacklo_pd(l0, l1), _mm256_unpackhi_pd(l0, l1), _mm256_unpacklo_pd(h0, h1), _mm256_unpackhi_pd(h0, h1)};
        for (int n = 0; n < 4; ++n) _mm256_storeu_ps(reinterpret_cast<float*>(to + (4 * half + n) * to_stride), _mm256_castpd_ps(four[n]));
    }
}

[[gnu::target("avx2")]] void doubles_4x4(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride) noexcept {
    for (int half = 0; half < 2; ++half) {
        __m256d a[2];
        for (int n = 0; n < 2; ++n) {
            const auto* const low = reinterpret_cast<const double*>(from + n * from_stride) + 2 * half;
            const auto* const high = reinterpret_cast<const double*>(from + (n + 2) * from_stride) + 2 * half;
            a[n] = _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(low)), _mm_loadu_pd(high), 1);
        }
        _mm256_storeu_pd(reinterpret_cast<double*>(to + 2 * half * to_stride), _mm256_unpacklo_pd(a[0], a[1]));
        _mm256_storeu_pd(reinterpret_cast<double*>(to + (2 * half + 1) * to_stride), _mm256_unpackhi_pd(a[0], a[1]));
    }
}

constexpr index_t line = 64;
constexpr index_t rows_ahead = 32;

/// Rows that are a page apart or more: no hardware sees a stream in them. Into the second cache, whose sets hold enough of them.
template <bool Write>
void ask_for(const std::byte* row, index_t stride, index_t rows, index_t bytes) noexcept {
    const auto in_line = static_cast<index_t>(reinterpret_cast<std::uintptr_t>(row) % line);
    for (index_t r = 0; r < rows; ++r) {
        for (index_t at = -in_line; at < bytes; at += line) {
            // By number: past the last row there need not be memory, and nothing is read.
            const auto address = reinterpret_cast<std::uintptr_t>(row) + static_cast<std::uintptr_t>(r * stride + at);
            __builtin_prefetch(reinterpret_cast<const void*>(address), Write ? 1 : 0, 2);
        }
    }
}

/// Squares, and what is left of them at two edges. Row by row of the far side's squares.
template <std::size_t Size, index_t Side, square Whole>
void by_squares(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride, index_t rows, index_t columns,
                far_side far) noexcept {
    constexpr auto size = static_cast<index_t>(Size);
    const auto part = [&](index_t row, index_t rows_end, index_t column, index_t columns_end) {
        const auto single = [&](index_t r, index_t c) { std::memcpy(to + r * to_stride + c * size, from + c * from_stride + r * size, Size); };
        const index_t whole_rows = row + (rows_end - row) / Side * Side, whole_columns = column + (columns_end - column) / Side * Side;
        for (index_t c = column; c < whole_columns; c += Side) {
            for (index_t r = row; r < whole_rows; r += Side) {
                Whole(to + r * to_stride + c * size, to_stride, from + c * from_stride + r * size, from_stride);
            }
        }
        for (index_t c = column; c < whole_columns; ++c) {
            for (index_t r = whole_rows; r < rows_end; ++r) single(r, c);
        }
        for (index_t c = whole_columns; c < columns_end; ++c) {
            for (index_t r = row; r < rows_end; ++r) single(r, c);
        }
    };
    if (far == far_side::source) {
        for (index_t c = 0; c < columns; c += Side) {
            ask_for<false>(from + (c + rows_ahead) * from_stride, from_stride, Side, rows * size);
            part(0, rows, c, std::min(c + Side, columns));
        }
    } else {
        for (index_t r = 0; r < rows; r += Side) {
            ask_for<true>(to + (r + rows_ahead) * to_stride, to_stride, Side, columns * size);
            part(r, std::min(r + Side, rows), 0, columns);
        }
    }
}

}  // namespace

void transpose(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride, index_t rows, index_t columns, std::size_t size,
               far_side far) noexcept {
    static const bool avx2 = __builtin_cpu_supports("avx2") != 0;
    const auto run = [&](auto function) { function(to, to_stride, from, from_stride, rows, columns, far); };
    switch (size) {
        case 1: return run(by_squares<1, 8, bytes_8x8>);
        case 2: return run(by_squares<2, 8, words_8x8>);
        case 4: return avx2 ? run(by_squares<4, 8, singles_8x8>) : run(by_squares<4, 4, singles_4x4>);
        default: return avx2 ? run(by_squares<8, 4, doubles_4x4>) : run(by_squares<8, 2, doubles_2x2>);
    }
}

void prefetch_rows(const std::byte* first, index_t stride, index_t rows, index_t bytes) noexcept { ask_for<false>(first, stride, rows, bytes); }

}  // namespace sinter::inline v1::detail::runtime
