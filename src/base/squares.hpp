#pragma once

// Squares of vectors, transposed in registers. For functions that are compiled for AVX-512 and only called where it is there. Vectors of the compiler and not
// intrinsics: g++ 12 warns of its own headers' 512-bit ones. Not for AddressSanitizer: what g++ marks as out of scope here stays marked where a function that is not watched takes it in.

namespace sinter::inline v1::detail::base {

/// Wherever it lies. Within a type, and not returned by reference: clang forgets the alignment of aliases with parameters, of types that templates are given, and of calls.
template <class T, int Bytes>
struct vector_of {
    typedef T type __attribute__((vector_size(Bytes), aligned(1), may_alias));
};
template <class T>
using wide = typename vector_of<T, 64>::type;

using wide_float = wide<float>;
using wide_double = wide<double>;
static_assert(alignof(wide_float) == 1 && alignof(wide_double) == 1);

/// Quarters of four vectors: first[0] gets the first ones, first[apart] the second ones and so on.
[[gnu::target("avx512f"), gnu::no_sanitize_address, gnu::always_inline]] inline void gather_quarters(const wide_double& a, const wide_double& b, const wide_double& c, const wide_double& d,
                                                                           wide_double* first, int apart) noexcept {
    const wide_double ab_even = __builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13), ab_odd = __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15);
    const wide_double cd_even = __builtin_shufflevector(c, d, 0, 1, 4, 5, 8, 9, 12, 13), cd_odd = __builtin_shufflevector(c, d, 2, 3, 6, 7, 10, 11, 14, 15);
    first[0] = __builtin_shufflevector(ab_even, cd_even, 0, 1, 4, 5, 8, 9, 12, 13);
    first[apart] = __builtin_shufflevector(ab_odd, cd_odd, 0, 1, 4, 5, 8, 9, 12, 13);
    first[2 * apart] = __builtin_shufflevector(ab_even, cd_even, 2, 3, 6, 7, 10, 11, 14, 15);
    first[3 * apart] = __builtin_shufflevector(ab_odd, cd_odd, 2, 3, 6, 7, 10, 11, 14, 15);
}

/// Rows become columns. load(n): the n-th row.
template <class Load>
[[gnu::target("avx512f"), gnu::no_sanitize_address, gnu::always_inline]] inline void transpose(wide_double (&column)[8], const Load& load) noexcept {
    wide_double even[4], odd[4];  // columns of two rows
    for (int n = 0; n < 4; ++n) {
        const wide_double a = load(2 * n), b = load(2 * n + 1);
        even[n] = __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
        odd[n] = __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
    }
    gather_quarters(even[0], even[1], even[2], even[3], column, 2);
    gather_quarters(odd[0], odd[1], odd[2], odd[3], column + 1, 2);
}

template <class Load>
[[gnu::target("avx512f"), gnu::no_sanitize_address, gnu::always_inline]] inline void transpose(wide_float (&column)[16], const Load& load) noexcept {
    wide_double quarter[4][4], made[16];  // quarter[n][k]: columns n, n + 4, ... of the rows from 4 k on
    for (int k = 0; k < 4; ++k) {
        wide_double low[2], high[2];
        for (int n = 0; n < 2; ++n) {
            const wide_float a = load(4 * k + 2 * n), b = load(4 * k + 2 * n + 1);
            low[n] = reinterpret_cast<wide_double>(__builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29));
            high[n] = reinterpret_cast<wide_double>(__builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31));
        }
        quarter[0][k] = __builtin_shufflevector(low[0], low[1], 0, 8, 2, 10, 4, 12, 6, 14);
        quarter[1][k] = __builtin_shufflevector(low[0], low[1], 1, 9, 3, 11, 5, 13, 7, 15);
        quarter[2][k] = __builtin_shufflevector(high[0], high[1], 0, 8, 2, 10, 4, 12, 6, 14);
        quarter[3][k] = __builtin_shufflevector(high[0], high[1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    for (int n = 0; n < 4; ++n) gather_quarters(quarter[n][0], quarter[n][1], quarter[n][2], quarter[n][3], made + n, 4);
    for (int n = 0; n < 16; ++n) column[n] = reinterpret_cast<wide_float>(made[n]);
}

}  // namespace sinter::inline v1::detail::base
