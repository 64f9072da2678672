#include "runtime/sum_across.hpp"

#include "base/default_environment.hpp"

#include <algorithm>
#include <cstring>

namespace sinter::inline v1::detail::runtime {

namespace {

template <class T>
using vector [[gnu::vector_size(64), gnu::aligned(1), gnu::may_alias]] = T;
using float16 = vector<float>;
using double8 = vector<double>;

template <class V>
[[gnu::always_inline]] inline const V& at(const std::byte* p) noexcept {
    return *reinterpret_cast<const V*>(p);
}

/// Columns of an 8 x 8 square of doubles (or of pairs of floats) out of pairs of rows: even[n] has columns 0, 2, 4, 6 of rows 2n and 2n + 1, odd[n] the others.
[[gnu::target("avx512f"), gnu::always_inline]] inline void quarters(const double8& a, const double8& b, const double8& c, const double8& d, double8* first, int apart) noexcept {
    const double8 ab_even = __builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13), ab_odd = __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15);
    const double8 cd_even = __builtin_shufflevector(c, d, 0, 1, 4, 5, 8, 9, 12, 13), cd_odd = __builtin_shufflevector(c, d, 2, 3, 6, 7, 10, 11, 14, 15);
    first[0] = __builtin_shufflevector(ab_even, cd_even, 0, 1, 4, 5, 8, 9, 12, 13);
    first[apart] = __builtin_shufflevector(ab_odd, cd_odd, 0, 1, 4, 5, 8, 9, 12, 13);
    first[2 * apart] = __builtin_shufflevector(ab_even, cd_even, 2, 3, 6, 7, 10, 11, 14, 15);
    first[3 * apart] = __builtin_shufflevector(ab_odd, cd_odd, 2, 3, 6, 7, 10, 11, 14, 15);
}

[[gnu::target("avx512f"), gnu::always_inline]] inline double8 add_square(double8 sum, const std::byte* const* row, index_t offset) noexcept {
    double8 column[8], even[4], odd[4];
    for (int n = 0; n < 4; ++n) {
        const double8 a = at<double8>(row[2 * n] + offset), b = at<double8>(row[2 * n + 1] + offset);
        even[n] = __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
        odd[n] = __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
    }
    quarters(even[0], even[1], even[2], even[3], column, 2);
    quarters(odd[0], odd[1], odd[2], odd[3], column + 1, 2);
    for (const double8& c : column) sum = sum + c;
    return sum;
}

[[gnu::target("avx512f"), gnu::always_inline]] inline float16 add_square(float16 sum, const std::byte* const* row, index_t offset) noexcept {
    double8 quarter[4][4], column[16];
    for (int k = 0; k < 4; ++k) {
        double8 low[2], high[2];
        for (int n = 0; n < 2; ++n) {
            const float16 a = at<float16>(row[4 * k + 2 * n] + offset), b = at<float16>(row[4 * k + 2 * n + 1] + offset);
            low[n] = reinterpret_cast<double8>(__builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29));
            high[n] = reinterpret_cast<double8>(__builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31));
        }
        quarter[0][k] = __builtin_shufflevector(low[0], low[1], 0, 8, 2, 10, 4, 12, 6, 14);
        quarter[1][k] = __builtin_shufflevector(low[0], low[1], 1, 9, 3, 11, 5, 13, 7, 15);
        quarter[2][k] = __builtin_shufflevector(high[0], high[1], 0, 8, 2, 10, 4, 12, 6, 14);
        quarter[3][k] = __builtin_shufflevector(high[0], high[1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    for (int n = 0; n < 4; ++n) quarters(quarter[n][0], quarter[n][1], quarter[n][2], quarter[n][3], column + n, 4);
    for (const double8& c : column) sum = sum + reinterpret_cast<float16>(c);
    return sum;
}

constexpr index_t line = 64;

/// As many rows as a vector has lanes, of which each has `length` elements. Those of `ahead` are asked for meanwhile.
template <class T>
[[gnu::target("avx512f"), gnu::no_sanitize_address]] void sum_lanes(const std::byte* const* row, const std::byte* const* ahead, index_t length, T* sums) noexcept {
    constexpr auto lanes = static_cast<index_t>(64 / sizeof(T));
    const index_t whole = length / lanes * lanes;
    const index_t lines = length * static_cast<index_t>(sizeof(T)) / line;
    vector<T> sum{};
    for (index_t k = 0; k < whole; k += lanes) {
        const index_t step = k / lanes;
        // A row's lines in each step, until all rows have been asked for.
        for (index_t r = step * lanes / std::max<index_t>(whole / lanes, 1); r < std::min(lanes, (step + 1) * lanes / std::max<index_t>(whole / lanes, 1)); ++r) {
            for (index_t l = 0; l < lines; ++l) __builtin_prefetch(ahead[r] + l * line, 0, 3);
        }
        sum = add_square(sum, row, k * static_cast<index_t>(sizeof(T)));
    }
    std::memcpy(sums, &sum, sizeof sum);
    for (index_t k = whole; k < length; ++k) {
        for (index_t r = 0; r < lanes; ++r) {
            T value;
            std::memcpy(&value, row[r] + k * static_cast<index_t>(sizeof(T)), sizeof value);
            sums[r] += value;
        }
    }
}

template <class T>
void sum_all(const memory_rows& rows, index_t count, index_t length, std::byte* to, index_t to_outer, index_t to_inner) noexcept {
    constexpr auto lanes = static_cast<index_t>(64 / sizeof(T));
    const auto store = [&](index_t i, T sum) { std::memcpy(to + i / rows.inner * to_outer + i % rows.inner * to_inner, &sum, sizeof sum); };
    index_t i = 0;
    const std::byte* row[lanes];
    const std::byte* ahead[lanes];
    for (index_t r = 0; r < lanes && lanes <= count; ++r) ahead[r] = rows.at(r);
    for (; i + lanes <= count; i += lanes) {
        T sums[lanes];
        for (index_t r = 0; r < lanes; ++r) {
            row[r] = ahead[r];
            if (i + lanes + r < count) ahead[r] = rows.at(i + lanes + r);
        }
        sum_lanes(row, ahead, length, sums);
        for (index_t r = 0; r < lanes; ++r) store(i + r, sums[r]);
    }
    for (; i < count; ++i) {
        T sum = 0;
        const std::byte* const last = rows.at(i);
        for (index_t k = 0; k < length; ++k) {
            T value;
            std::memcpy(&value, last + k * static_cast<index_t>(sizeof(T)), sizeof value);
            sum += value;
        }
        store(i, sum);
    }
}

}  // namespace

void sum_rows_in_order(dtype t, const memory_rows& rows, index_t count, index_t length, std::byte* to, index_t to_outer, index_t to_inner) noexcept {
    const base::default_environment environment;
    return t == dtype::f32 ? sum_all<float>(rows, count, length, to, to_outer, to_inner) : sum_all<double>(rows, count, length, to, to_outer, to_inner);
}

}  // namespace sinter::inline v1::detail::runtime
