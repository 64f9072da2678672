// Histograms: what is counted is a plain loop, as two elements of a vector may be for one bin.
#include "vectors.hpp"

namespace perf::hand {

namespace {

// Counts of equal elements that follow each other wait for each other less in several tables.
constexpr std::size_t tables = 4, most_bins = 1024;
// No table's count may pass what 32 bits hold.
constexpr std::size_t at_once = std::size_t{1} << 31;

template <class Count>
inline void in_tables(std::int64_t* counts, std::size_t bins, std::size_t n, const Count& count) {
    static thread_local std::uint32_t table[tables][most_bins + 1];
    for (std::size_t b = 0; b < bins; ++b) counts[b] = 0;
    for (std::size_t first = 0; first < n; first += at_once) {
        for (auto& t : table)
            for (std::size_t b = 0; b <= bins; ++b) t[b] = 0;
        count(table, first, n - first < at_once ? n : first + at_once);
        for (const auto& t : table)
            for (std::size_t b = 0; b < bins; ++b) counts[b] += t[b];
    }
}

}

void histogram(std::int64_t* counts, const float* x, float low, float high, std::size_t bins, std::size_t n) {
    const float scale = static_cast<float>(bins) / (high - low);
    const __m512 vlow = _mm512_set1_ps(low), vhigh = _mm512_set1_ps(high), vscale = _mm512_set1_ps(scale);
    const __m512i last = _mm512_set1_epi32(static_cast<int>(bins) - 1), outside = _mm512_set1_epi32(static_cast<int>(bins));
    in_tables(counts, bins, n, [&](auto& table, std::size_t i, std::size_t end) {
        alignas(64) std::uint32_t at[lanes];
        for (; i < end; i += lanes) {
            const auto there = static_cast<__mmask16>(end - i < lanes ? (1u << (end - i)) - 1u : 0xffffu);
            const __m512 v = _mm512_maskz_loadu_ps(there, x + i);
            const __mmask16 inside = _mm512_mask_cmp_ps_mask(_mm512_mask_cmp_ps_mask(there, v, vlow, _CMP_GE_OQ), v, vhigh, _CMP_LE_OQ);
            const __m512i bin = _mm512_min_epi32(_mm512_cvttps_epi32(_mm512_mul_ps(_mm512_sub_ps(v, vlow), vscale)), last);
            _mm512_store_si512(at, _mm512_mask_mov_epi32(outside, inside, bin));
            unrolled<lanes>([&](auto k) { ++table[k % tables][at[k]]; });
        }
    });
}

void bincount(std::int64_t* counts, const std::int32_t* x, std::size_t most, std::size_t n) {
    in_tables(counts, most, n, [&](auto& table, std::size_t i, std::size_t end) {
        for (; i + tables <= end; i += tables) unrolled<tables>([&](auto k) { ++table[k][x[i + k]]; });
        for (; i < end; ++i) ++table[0][x[i]];
    });
}

std::int32_t greatest(const std::int32_t* x, std::size_t n) {
    std::int32_t most = x[0];
    for (std::size_t i = 0; i < n; ++i) most = x[i] > most ? x[i] : most;
    return most;
}

}
