#include "runtime/sum_across.hpp"

#include "base/default_environment.hpp"
#include "base/squares.hpp"

#include <algorithm>
#include <cstring>

namespace sinter::inline v1::detail::runtime {

namespace {

using base::wide;

template <class T, int Side>
[[gnu::target("avx512f"), gnu::no_sanitize_address, gnu::always_inline]] inline wide<T> add_square(wide<T> sum, const std::byte* const* row, index_t offset) noexcept {
    wide<T> column[Side];
    base::transpose(column, [=](int n) __attribute__((target("avx512f"), always_inline)) { return *reinterpret_cast<const wide<T>*>(row[n] + offset); });
    for (const wide<T>& c : column) sum = sum + c;
    return sum;
}

constexpr index_t line = 64;

/// As many rows as a vector has lanes, of which each has `length` elements. Those of `ahead` are asked for meanwhile.
template <class T>
[[gnu::target("avx512f"), gnu::no_sanitize_address]] void sum_lanes(const std::byte* const* row, const std::byte* const* ahead, index_t length, T* sums) noexcept {
    constexpr auto lanes = static_cast<index_t>(64 / sizeof(T));
    const index_t whole = length / lanes * lanes;
    const index_t lines = length * static_cast<index_t>(sizeof(T)) / line;
    wide<T> sum{};
    for (index_t k = 0; k < whole; k += lanes) {
        const index_t step = k / lanes;
        // A row's lines in each step, until all rows have been asked for.
        for (index_t r = step * lanes / std::max<index_t>(whole / lanes, 1); r < std::min(lanes, (step + 1) * lanes / std::max<index_t>(whole / lanes, 1)); ++r) {
            for (index_t l = 0; l < lines; ++l) __builtin_prefetch(ahead[r] + l * line, 0, 3);
        }
        sum = add_square<T, lanes>(sum, row, k * static_cast<index_t>(sizeof(T)));
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
