#pragma once

#include "order/keys.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

// Sorting words of which some bits are the key, from its lowest digit to its highest. Each pass is stable.

namespace sinter::inline v1::detail::order {

/// Fewer words than this are compared; fewer than the other one have digits of 8 bits, as larger tables would cost more than the passes.
inline constexpr index_t fewest_for_digits = 64, fewest_for_wide_digits = 8192;

template <class Word>
[[nodiscard]] constexpr std::uint64_t key_bits(const Word& w) noexcept {
    if constexpr (std::same_as<Word, wide_pair>) return w.key;
    else return w;
}

/// Sorts by bits [First, First + Bits) of the words, with digits of Width bits. Returns where the words are now: `words` or `spare`.
template <unsigned First, unsigned Bits, unsigned Width, class Word>
[[nodiscard]] Word* sort_by_digits(Word* words, Word* spare, index_t n) noexcept {
    constexpr unsigned passes = (Bits + Width - 1) / Width;
    constexpr std::size_t values = std::size_t{1} << Width;
    const auto digit = [](const Word& w, unsigned pass) { return static_cast<std::size_t>(order::key_bits(w) >> (First + pass * Width)) & (values - 1); };
    std::array<std::array<std::uint32_t, values>, passes> counts{};
    for (index_t i = 0; i < n; ++i) {
        for (unsigned p = 0; p < passes; ++p) ++counts[p][digit(words[i], p)];
    }
    for (unsigned p = 0; p < passes; ++p) {
        auto& places = counts[p];
        if (places[digit(words[0], p)] == static_cast<std::uint32_t>(n)) continue;  // all the same
        std::uint32_t before = 0;
        for (std::uint32_t& c : places) before += std::exchange(c, before);
        for (index_t i = 0; i < n; ++i) spare[places[digit(words[i], p)]++] = words[i];
        std::swap(words, spare);
    }
    return words;
}

/// Sorts by a key of 64 bits: by its upper half, and where that is the same by the lower one. Of most data, few upper halves are.
template <class Word>
[[nodiscard]] Word* sort_by_halves(Word* words, Word* spare, index_t n) noexcept {
    constexpr unsigned low = 31, high = 33;  // three digits each
    const bool moved = order::sort_by_digits<low, high, 11>(words, spare, n) != words;
    if (moved) std::swap(words, spare);
    for (index_t i = 0, past = 1; i < n; i = past++) {
        const std::uint64_t upper = order::key_bits(words[i]) >> low;
        while (past < n && order::key_bits(words[past]) >> low == upper) ++past;
        const index_t alike = past - i;
        if (alike == 1) continue;
        if (alike < fewest_for_digits) {
            std::sort(words + i, words + past);
            continue;
        }
        const Word* const sorted = alike < fewest_for_wide_digits ? order::sort_by_digits<0, low, 8>(words + i, spare + i, alike)
                                                                  : order::sort_by_digits<0, low, 11>(words + i, spare + i, alike);
        if (sorted != words + i) std::copy_n(sorted, alike, words + i);
    }
    return words;
}

/// Sorts n words, of which bits [First, First + Bits) are the key and whatever is below them is in order already. Returns where they are now: `words` or `spare`.
template <unsigned First, unsigned Bits, class Word>
[[nodiscard]] Word* sort_words(Word* words, Word* spare, index_t n) noexcept {
    if (n < fewest_for_digits) {
        std::sort(words, words + n);
        return words;
    }
    if constexpr (Bits == 64) {
        if (n >= fewest_for_wide_digits) return order::sort_by_halves(words, spare, n);
    } else if constexpr (Bits > 16) {
        if (n >= fewest_for_wide_digits) return order::sort_by_digits<First, Bits, 11>(words, spare, n);
    }
    return order::sort_by_digits<First, Bits, 8>(words, spare, n);
}

/// How many of the first `taken` words of two sorted runs merged are of the first run, which goes first where words are equal.
template <class Word>
[[nodiscard]] index_t taken_of_first(const Word* a, index_t n, const Word* b, index_t m, index_t taken) noexcept {
    index_t low = std::max<index_t>(0, taken - m), high = std::min(taken, n);
    while (low < high) {
        const index_t middle = low + (high - low) / 2;
        if (b[taken - middle - 1] < a[middle]) high = middle;
        else low = middle + 1;
    }
    return low;
}

/// Words [first, past) of two sorted runs merged.
template <class Word>
void merge_part(const Word* a, index_t n, const Word* b, index_t m, Word* out, index_t first, index_t past) noexcept {
    index_t i = order::taken_of_first(a, n, b, m, first), j = first - i;
    const index_t i_past = order::taken_of_first(a, n, b, m, past), j_past = past - i_past;
    out += first;
    while (i < i_past && j < j_past) {
        const bool second = b[j] < a[i];
        *out++ = second ? b[j] : a[i];
        j += second;
        i += !second;
    }
    out = std::copy(a + i, a + i_past, out);
    std::copy(b + j, b + j_past, out);
}

}  // namespace sinter::inline v1::detail::order
