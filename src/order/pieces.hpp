#pragma once

#include "order/radix.hpp"
#include "order/rows.hpp"

#include <vector>

namespace sinter::inline v1::detail::order {

/// Sorts one long row of words: pieces on as many threads, then merged by all of them. make(first, past) makes the words of a piece. Returns where they are: `words` or `spare`.
template <unsigned First, unsigned Bits, class Word, class Make>
[[nodiscard]] Word* sort_in_pieces(Word* words, Word* spare, index_t n, const Make& make) {
    const int parts = order::parts_for(n);
    const index_t pieces = std::max<index_t>(parts, (n + most_words_at_once - 1) / most_words_at_once);
    std::vector<index_t> starts;
    for (index_t p = 0; p <= pieces; ++p) starts.push_back(n * p / pieces);
    order::over_parts(pieces, n, [&](index_t first, index_t past) {
        for (index_t p = first; p < past; ++p) {
            const index_t from = starts[static_cast<std::size_t>(p)], length = starts[static_cast<std::size_t>(p) + 1] - from;
            make(from, from + length);
            const Word* const sorted = order::sort_words<First, Bits>(words + from, spare + from, length);
            if (pieces > 1 && sorted != words + from) std::copy_n(sorted, length, words + from);
            else if (pieces == 1 && sorted != words) std::swap(words, spare);
        }
    });
    while (starts.size() > 2) {
        if (starts.size() % 2 == 0) starts.push_back(n);  // a last run of nothing
        order::over_parts(n, n, [&](index_t first, index_t past) {
            for (std::size_t r = 0; r + 2 < starts.size(); r += 2) {
                const index_t begin = starts[r], middle = starts[r + 1], end = starts[r + 2];
                const index_t from = std::max(first, begin), to = std::min(past, end);
                if (from < to) order::merge_part(words + begin, middle - begin, words + middle, end - middle, spare + begin, from - begin, to - begin);
            }
        });
        std::vector<index_t> merged;
        for (std::size_t r = 0; r < starts.size(); r += 2) merged.push_back(starts[r]);
        starts.swap(merged);
        std::swap(words, spare);
    }
    return words;
}

}  // namespace sinter::inline v1::detail::order
