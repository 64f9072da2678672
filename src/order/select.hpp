#pragma once

#include "order/rows.hpp"

#include <array>
#include <numeric>
#include <vector>

namespace sinter::inline v1::detail::order {

/// The key that comes at a rank in the sorted row, without sorting: by the highest digit first, then among the elements that share it by the next one. Key makes an
/// element's bits a key. Long rows are shared among threads; what is found depends on none of it.
template <class Bits, class Key>
class selection {
public:
    /// Room for one row.
    explicit selection(index_t length, Key key = {}) : key_{key}, found_(length) {}

    /// Counts the highest digits of a row, which has to stay until the next one.
    void look_at(const Bits* row, index_t n) {
        row_ = row;
        n_ = n;
        parts_ = order::parts_for(n);
        if (n <= few) return;
        counts_.assign(static_cast<std::size_t>(parts_), {});
        share([&](int p, index_t first, index_t past) {
            auto& mine = counts_[static_cast<std::size_t>(p)];
            for (index_t i = first; i < past; ++i) ++mine[highest(key_(row[i]))];
        });
    }

    /// The key at a rank, which is below the row's length.
    [[nodiscard]] Bits at(index_t rank) {
        if (n_ <= few) {
            std::transform(row_, row_ + n_, found_.data(), key_);
            return among(found_.data(), n_, rank);
        }
        std::size_t digit = 0;
        const auto total = [&](std::size_t d) {
            index_t sum = 0;
            for (const auto& c : counts_) sum += c[d];
            return sum;
        };
        index_t of_digit = total(0);
        while (rank >= of_digit) {
            rank -= of_digit;
            of_digit = total(++digit);
        }
        // Each part knows where its own go.
        share([&](int p, index_t first, index_t past) {
            index_t to = 0;
            for (int q = 0; q < p; ++q) to += counts_[static_cast<std::size_t>(q)][digit];
            const index_t end = to + counts_[static_cast<std::size_t>(p)][digit];
            for (index_t i = first; to < end && i < past; ++i) {
                const Bits key = key_(row_[i]);
                found_[to] = key;
                to += highest(key) == digit;
            }
        });
        return among(found_.data(), of_digit, rank);
    }

    /// Whether the last key is this one, the greatest that there is.
    [[nodiscard]] bool ends_with(Bits greatest) {
        bool possible = n_ <= few;
        for (const auto& c : counts_) possible = possible || c[highest(greatest)] > 0;
        return n_ > 0 && possible && at(n_ - 1) == greatest;
    }

    struct neighbours {
        index_t before = 0, same = 0;  // how many keys are less, and equal
        Bits next{};                   // the least that is greater, if there is one
    };
    /// What is around a key.
    [[nodiscard]] neighbours around(Bits key) const {
        std::vector<neighbours> found(static_cast<std::size_t>(parts_), {0, 0, std::numeric_limits<Bits>::max()});
        share([&](int p, index_t first, index_t past) {
            neighbours mine{0, 0, std::numeric_limits<Bits>::max()};
            for (index_t i = first; i < past; ++i) {
                const Bits k = key_(row_[i]);
                mine.before += k < key;
                mine.same += k == key;
                mine.next = k > key && k < mine.next ? k : mine.next;
            }
            found[static_cast<std::size_t>(p)] = mine;
        });
        neighbours all = found[0];
        for (std::size_t p = 1; p < found.size(); ++p) {
            all = {all.before + found[p].before, all.same + found[p].same, std::min(all.next, found[p].next)};
        }
        return all;
    }

private:
    static constexpr unsigned width = sizeof(Bits) * 8;
    static constexpr unsigned digit_width = std::min(width, 11U);
    static constexpr index_t few = 512;  // so many are not worth a table

    [[nodiscard]] static std::size_t highest(Bits key) noexcept { return static_cast<std::size_t>(key >> (width - digit_width)); }

    template <class F>
    void share(const F& f) const {
        if (parts_ == 1) return f(0, 0, n_);
        runtime::parallel(parts_, [&](int p) { f(p, n_ * p / parts_, n_ * (p + 1) / parts_); });
    }

    /// The key at a rank among those that are alike in their highest digit.
    [[nodiscard]] static Bits among(Bits* keys, index_t n, index_t rank) noexcept {
        for (unsigned known = digit_width; n > few && known < width;) {
            const unsigned bits = std::min(width - known, 8U);
            const auto digit = [&](Bits k) { return static_cast<std::size_t>(k >> (width - known - bits)) & ((std::size_t{1} << bits) - 1); };
            std::array<index_t, 256> counts{};
            for (index_t i = 0; i < n; ++i) ++counts[digit(keys[i])];
            std::size_t d = 0;
            while (rank >= counts[d]) rank -= counts[d++];
            if (counts[d] < n) {
                index_t to = 0;
                for (index_t i = 0; i < n; ++i) {
                    const Bits k = keys[i];
                    keys[to] = k;
                    to += digit(k) == d;
                }
                n = to;
            }
            known += bits;
        }
        std::nth_element(keys, keys + rank, keys + n);
        return keys[rank];
    }

    Key key_;
    scratch<Bits> found_;
    std::vector<std::array<index_t, std::size_t{1} << digit_width>> counts_;
    const Bits* row_ = nullptr;
    index_t n_ = 0;
    int parts_ = 1;
};

template <class T>
struct ascending {
    [[nodiscard]] constexpr bits_of<T> operator()(bits_of<T> bits) const noexcept { return order::value_key<T>(bits); }
};
template <class T>
struct descending {
    [[nodiscard]] constexpr bits_of<T> operator()(bits_of<T> bits) const noexcept { return order::descending_key<T>(bits); }
};

}  // namespace sinter::inline v1::detail::order
