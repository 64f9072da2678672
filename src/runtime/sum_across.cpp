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
    for (index_t k = 0, r = 0, l = 0; k < whole; k += lanes) {
        // As many lines as a square has, in the order of memory.
        for (index_t left = lanes; left > 0 && r < lanes;) {
            const index_t now = std::min(left, lines - l);
            for (index_t j = 0; j < now; ++j) __builtin_prefetch(ahead[r] + (l + j) * line, 0, 3);
            left -= now;
            l += now;
            if (l == lines) {
                l = 0;
                ++r;
            }
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

/// Goes from one row, or result, to the next without a division.
template <class Byte>
class walk {
public:
    walk(Byte* from, index_t outer_stride, index_t inner, index_t inner_stride) noexcept : at_{from}, outer_{outer_stride}, inner_{inner}, stride_{inner_stride}, left_{inner} {}
    [[nodiscard]] Byte* next() noexcept {
        Byte* const here = at_;
        at_ += stride_;
        if (--left_ == 0) {
            at_ += outer_ - inner_ * stride_;
            left_ = inner_;
        }
        return here;
    }

private:
    Byte* at_;
    index_t outer_, inner_, stride_, left_;
};

template <class T>
void sum_all(const memory_rows& rows, index_t count, index_t length, std::byte* to, index_t to_outer, index_t to_inner) noexcept {
    constexpr auto lanes = static_cast<index_t>(64 / sizeof(T));
    walk<const std::byte> from{rows.from, rows.outer_stride, rows.inner, rows.inner_stride};
    walk<std::byte> results{to, to_outer, rows.inner, to_inner};
    const auto store = [&](T sum) { std::memcpy(results.next(), &sum, sizeof sum); };
    index_t i = 0;
    const std::byte* row[lanes];
    const std::byte* ahead[lanes];
    const index_t first = std::min(lanes, count);
    for (index_t r = 0; r < first; ++r) ahead[r] = from.next();
    for (; i + lanes <= count; i += lanes) {
        T sums[lanes];
        std::copy(ahead, ahead + lanes, row);
        for (index_t r = 0; r < std::min(lanes, count - i - lanes); ++r) ahead[r] = from.next();
        sum_lanes(row, ahead, length, sums);
        for (const T sum : sums) store(sum);
    }
    for (index_t r = 0; i < count; ++i, ++r) {
        T sum = 0;
        for (index_t k = 0; k < length; ++k) {
            T value;
            std::memcpy(&value, ahead[r] + k * static_cast<index_t>(sizeof(T)), sizeof value);
            sum += value;
        }
        store(sum);
    }
}

}  // namespace

void sum_rows_in_order(dtype t, const memory_rows& rows, index_t count, index_t length, std::byte* to, index_t to_outer, index_t to_inner) noexcept {
    const base::default_environment environment;
    return t == dtype::f32 ? sum_all<float>(rows, count, length, to, to_outer, to_inner) : sum_all<double>(rows, count, length, to, to_outer, to_inner);
}

}  // namespace sinter::inline v1::detail::runtime
