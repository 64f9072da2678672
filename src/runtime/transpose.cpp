#include "runtime/transpose.hpp"

#include "base/squares.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <emmintrin.h>
#include <xmmintrin.h>

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
            _mm_storeh_pi(reinterpret_cast<__m64*>(at + to_stride), _mm_castsi128_ps(two[n]));
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

// Wide loads: rows that are a page apart share their places in the first cache, so that each load of a line may have to fetch it again.

using float8 = base::vector_of<float, 32>::type;
using double4 = base::vector_of<double, 32>::type;
static_assert(alignof(float8) == 1 && alignof(double4) == 1);

[[gnu::target("avx2")]] void doubles_4x4(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride) noexcept {
    double4 row[4];
    for (int n = 0; n < 4; ++n) row[n] = *reinterpret_cast<const double4*>(from + n * from_stride);
    const double4 even0 = __builtin_shufflevector(row[0], row[1], 0, 4, 2, 6), odd0 = __builtin_shufflevector(row[0], row[1], 1, 5, 3, 7);
    const double4 even1 = __builtin_shufflevector(row[2], row[3], 0, 4, 2, 6), odd1 = __builtin_shufflevector(row[2], row[3], 1, 5, 3, 7);
    *reinterpret_cast<double4*>(to) = __builtin_shufflevector(even0, even1, 0, 1, 4, 5);
    *reinterpret_cast<double4*>(to + to_stride) = __builtin_shufflevector(odd0, odd1, 0, 1, 4, 5);
    *reinterpret_cast<double4*>(to + 2 * to_stride) = __builtin_shufflevector(even0, even1, 2, 3, 6, 7);
    *reinterpret_cast<double4*>(to + 3 * to_stride) = __builtin_shufflevector(odd0, odd1, 2, 3, 6, 7);
}

/// Neighbours of two rows become one double: what is left are squares of doubles.
[[gnu::target("avx2")]] void singles_8x8(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride) noexcept {
    double4 low[4], high[4];  // columns 0, 1, 4, 5 and 2, 3, 6, 7 of two rows
    for (int n = 0; n < 4; ++n) {
        const float8 a = *reinterpret_cast<const float8*>(from + 2 * n * from_stride), b = *reinterpret_cast<const float8*>(from + (2 * n + 1) * from_stride);
        low[n] = reinterpret_cast<double4>(__builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13));
        high[n] = reinterpret_cast<double4>(__builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15));
    }
    for (int n = 0; n < 2; ++n) {
        const double4* const v = n == 0 ? low : high;
        const double4 even0 = __builtin_shufflevector(v[0], v[1], 0, 4, 2, 6), odd0 = __builtin_shufflevector(v[0], v[1], 1, 5, 3, 7);
        const double4 even1 = __builtin_shufflevector(v[2], v[3], 0, 4, 2, 6), odd1 = __builtin_shufflevector(v[2], v[3], 1, 5, 3, 7);
        std::byte* const out = to + 2 * n * to_stride;
        *reinterpret_cast<double4*>(out) = __builtin_shufflevector(even0, even1, 0, 1, 4, 5);
        *reinterpret_cast<double4*>(out + to_stride) = __builtin_shufflevector(odd0, odd1, 0, 1, 4, 5);
        *reinterpret_cast<double4*>(out + 4 * to_stride) = __builtin_shufflevector(even0, even1, 2, 3, 6, 7);
        *reinterpret_cast<double4*>(out + 5 * to_stride) = __builtin_shufflevector(odd0, odd1, 2, 3, 6, 7);
    }
}

/// Through registers of 64 bytes. Not for AddressSanitizer: GCC 12 aligns the frames that are watched for use after return to less than these vectors.
template <class T>
[[gnu::target("avx512f"), gnu::no_sanitize_address]] void wide_square(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride) noexcept {
    constexpr auto side = static_cast<index_t>(64 / sizeof(T));
    base::wide<T> column[side];
    base::transpose(column, [=](int n) __attribute__((target("avx512f"), always_inline)) { return *reinterpret_cast<const base::wide<T>*>(from + n * from_stride); });
    for (index_t n = 0; n < side; ++n) *reinterpret_cast<base::wide<T>*>(to + n * to_stride) = column[n];
}

/// Complex numbers of doubles: each is a vector.
void pairs_2x2(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride) noexcept {
    for (index_t r = 0; r < 2; ++r) {
        for (index_t c = 0; c < 2; ++c) std::memcpy(to + r * to_stride + 16 * c, from + c * from_stride + 16 * r, 16);
    }
}

/// Squares, and what is left of them at two edges. Row by row of the far side's squares.
template <std::size_t Size, index_t Side, square Whole>
void by_squares(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride, index_t rows, index_t columns,
                far_side far, std::span<asker> asks) noexcept {
    constexpr auto size = static_cast<index_t>(Size);
    const index_t whole_rows = rows / Side * Side, whole_columns = columns / Side * Side;
    const auto whole = [&](index_t r, index_t c) {
        for (asker& a : asks) a.next();
        Whole(to + r * to_stride + c * size, to_stride, from + c * from_stride + r * size, from_stride);
    };
    const index_t down = whole_rows / Side, across = whole_columns / Side;
    if (far != far_side::target) {
        for (index_t c = 0; c < whole_columns; c += Side) {
            asker ahead(from + (c + Side) * from_stride, from_stride, far == far_side::source ? Side : 0, rows * size, down);
            for (index_t r = 0; r < whole_rows; r += Side) {
                ahead.next();
                whole(r, c);
            }
        }
    } else {
        for (index_t r = 0; r < whole_rows; r += Side) {
            asker ahead(to + (r + Side) * to_stride, to_stride, Side, columns * size, across);
            for (index_t c = 0; c < whole_columns; c += Side) {
                ahead.next<true>();
                whole(r, c);
            }
        }
    }
    const auto singly = [&](index_t row, index_t column, index_t columns_end) {
        for (index_t c = column; c < columns_end; ++c) {
            for (index_t r = row; r < rows; ++r) std::memcpy(to + r * to_stride + c * size, from + c * from_stride + r * size, Size);
        }
    };
    singly(whole_rows, 0, whole_columns);
    singly(0, whole_columns, columns);
}

}  // namespace

void transpose(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride, index_t rows, index_t columns, std::size_t size,
               far_side far, std::span<asker> asks) noexcept {
    static const int level = __builtin_cpu_supports("avx512f") != 0 ? 2 : __builtin_cpu_supports("avx2") != 0 ? 1 : 0;
    const auto run = [&](auto function) { function(to, to_stride, from, from_stride, rows, columns, far, asks); };
    switch (size) {
        case 1: return run(by_squares<1, 8, bytes_8x8>);
        case 2: return run(by_squares<2, 8, words_8x8>);
        case 4: return level == 2 ? run(by_squares<4, 16, wide_square<float>>) : level == 1 ? run(by_squares<4, 8, singles_8x8>) : run(by_squares<4, 4, singles_4x4>);
        case 16: return run(by_squares<16, 2, pairs_2x2>);
        default: return level == 2 ? run(by_squares<8, 8, wide_square<double>>) : level == 1 ? run(by_squares<8, 4, doubles_4x4>) : run(by_squares<8, 2, doubles_2x2>);
    }
}

}  // namespace sinter::inline v1::detail::runtime
