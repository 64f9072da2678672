#pragma once

#include "order/radix.hpp"
#include "order/rows.hpp"

#include <bit>
#include <limits>

// The first few of an order in one pass: most elements are only compared with the last one of those that may still be among them.

namespace sinter::inline v1::detail::order {

/// Up to so many, in a row of n, are worth a threshold. Those with places in words of their own are sorted by comparison at the end, so they have to be few.
template <class Bits>
[[nodiscard]] constexpr bool worth_a_threshold(index_t k, index_t n) noexcept {
    constexpr index_t most = sizeof(Bits) <= 4 ? index_t{1} << 20 : 2048;
    return k <= n / 8 && k <= most && (sizeof(Bits) > 4 || n <= index_t{std::numeric_limits<std::uint32_t>::max()});
}

/// The k least words, key first and then place, of elements of type T; Key makes an element's bits a key, and Less says that it is that of an ascending order.
template <class T, class Key, bool Less>
class threshold {
    using K = bits_of<T>;

public:
    using word = std::conditional_t<sizeof(K) <= 4, std::uint64_t, wide_pair>;

    /// How many words of memory a pass needs.
    [[nodiscard]] static constexpr index_t room(index_t k) noexcept { return std::max<index_t>(4 * k, fewest) + block; }

    /// Elements [first, past) of a row: the k least words come to the start of `words`, in no order. Returns how many there are, all if they are fewer than k.
    [[nodiscard]] static index_t collect(const K* row, index_t first, index_t past, index_t k, word* words) noexcept {
        const index_t full = room(k) - block;
        const Key key;
        index_t i = first, n = 0;
        for (; i < past && n < full; ++i) words[n++] = make(key(row[i]), i);
        if (n <= k) return n;
        K last = keep(words, n, k);
        n = k;
        // An element that equals the last one comes after it, so only those before it are kept.
        for (; i + block <= past; i += block) {
            if (!any_before(row + i, last)) continue;
            for (index_t j = i; j < i + block; ++j) {
                const K at = key(row[j]);
                words[n] = make(at, j);
                n += at < last;
            }
            if (n > full) {
                last = keep(words, n, k);
                n = k;
            }
        }
        for (; i < past; ++i) {
            const K at = key(row[i]);
            words[n] = make(at, i);
            n += at < last;
        }
        if (n > k) (void)keep(words, n, k);
        return k;
    }

    /// The k least of n words come first.
    static K keep(word* words, index_t n, index_t k) noexcept {
        if (k < n) std::nth_element(words, words + k - 1, words + n);
        if constexpr (sizeof(K) <= 4) return static_cast<K>(words[k - 1] >> 32);
        else return words[k - 1].key;
    }

    /// Sorts n words; returns where they are: `words` or `spare`.
    [[nodiscard]] static const word* sort(word* words, word* spare, index_t n) noexcept {
        if constexpr (sizeof(K) <= 4) {
            return order::sort_words<0, 64>(words, spare, n);
        } else {
            std::sort(words, words + n);
            return words;
        }
    }

    [[nodiscard]] static index_t place_of(const word& w) noexcept {
        if constexpr (sizeof(K) <= 4) return static_cast<index_t>(w & 0xffffffffU);
        else return static_cast<index_t>(w.place);
    }

private:
    static constexpr index_t block = 32, fewest = 128;

    [[nodiscard]] static word make(K key, index_t place) noexcept {
        if constexpr (sizeof(K) <= 4) return order::packed_pair(key, static_cast<std::uint64_t>(place));
        else return {key, static_cast<std::uint64_t>(place)};
    }

    /// Whether one of a block's elements may come before the key. Floating values are compared as they are, which takes a third of the time of making keys.
    [[nodiscard]] static bool any_before(const K* row, K last) noexcept {
        K found = 0;
        if constexpr (has_nan<T> && !half<T>) {
            if (last == nan_key<T>) return true;
            const T limit = order::value_of_key<T>(Less ? last : static_cast<K>(~last));
            for (index_t i = 0; i < block; ++i) {
                const T v = std::bit_cast<T>(row[i]);
                found |= (Less ? v < limit : v > limit) ? K(-1) : K(0);
            }
        } else {
            const Key key;
            for (index_t i = 0; i < block; ++i) found |= key(row[i]) < last ? static_cast<K>(-1) : K(0);
        }
        return found != 0;
    }
};

}  // namespace sinter::inline v1::detail::order
