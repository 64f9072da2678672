#pragma once

#include "order/rows.hpp"

#include <array>
#include <cmath>
#include <limits>

// Counting in bins of equal width without branches: whole vectors of guesses that are never above the bin and at most one below it, then one comparison with an edge.

namespace sinter::inline v1::detail::order {

/// T are the elements, E the edges' type.
template <class T, class E>
class equal_bins {
    using value = std::conditional_t<half<E>, float, E>;  // exact, and quick to compute with

public:
    /// So many bins are looked up in the caches.
    static constexpr index_t most_bins = 65536;

    equal_bins(const E* edges, index_t bins)
        : bins_{bins},
          low_{static_cast<value>(edges[0])},
          high_{static_cast<value>(edges[bins])},
          scale_{static_cast<value>(static_cast<double>(bins) / (static_cast<double>(high_) - static_cast<double>(low_)))},
          upper_{bins + 1} {
        for (index_t b = 0; b < bins; ++b) upper_[b] = static_cast<value>(edges[b + 1]);
        // The last bin has its upper edge, and what is outside has a place behind it: nothing is moved on from there.
        upper_[bins - 1] = upper_[bins] = std::numeric_limits<value>::quiet_NaN();
        // A guess never falls where values rise. So if that of every edge is the bin below it, that of a value is its bin or the one below. Narrow bins, of edges that are rounded, fail this.
        exact_ = std::isfinite(scale_) && scale_ > 0;
        for (index_t b = 0; b <= bins && exact_; ++b) exact_ = guess(static_cast<value>(edges[b])) == static_cast<std::int32_t>(std::max<index_t>(b - 1, 0));
    }

    /// Whether bin() is right for all values.
    [[nodiscard]] bool are_exact() const noexcept { return exact_; }

    /// Adds to counts, of which there are tables with `bins + 1` each, the last one for what is in no bin. Elements take tables in turn.
    template <index_t Tables>
    void count(const T* x, index_t n, index_t* counts) const noexcept {
        static_assert(block % Tables == 0);
        std::array<value, block> values;
        std::array<std::int32_t, block> guesses;
        for (index_t i = 0; i < n; i += block) {
            const index_t some = std::min(block, n - i);
            if (some == block) look_at<block>(x + i, values.data(), guesses.data());
            else for (index_t k = 0; k < some; ++k) look_at<1>(x + i + k, values.data() + k, guesses.data() + k);
            index_t k = 0;
            for (; k + Tables <= some; k += Tables) {
                for (index_t t = 0; t < Tables; ++t) ++counts[t * (bins_ + 1) + bin(values[static_cast<std::size_t>(k + t)], guesses[static_cast<std::size_t>(k + t)])];
            }
            for (; k < some; ++k) ++counts[bin(values[static_cast<std::size_t>(k)], guesses[static_cast<std::size_t>(k)])];
        }
    }

private:
    static constexpr index_t block = 256;

    /// Half a bin below, so that what is lost in rounding does not lift it above its bin.
    [[nodiscard]] std::int32_t guess(value v) const noexcept {
        const value at = (v - low_) * scale_ - value(0.5), last = static_cast<value>(bins_ - 1);
        const value positive = at > value(0) ? at : value(0);  // and of NaN
        return static_cast<std::int32_t>(positive < last ? positive : last);
    }

    template <index_t Count>
    void look_at(const T* x, value* values, std::int32_t* guesses) const noexcept {
        const auto outside = static_cast<std::int32_t>(bins_);
        for (index_t k = 0; k < Count; ++k) values[k] = static_cast<value>(static_cast<E>(x[k]));
        for (index_t k = 0; k < Count; ++k) {
            const std::int32_t g = guess(values[k]);
            guesses[k] = ((values[k] >= low_) & (values[k] <= high_)) ? g : outside;
        }
    }

    [[nodiscard]] index_t bin(value v, std::int32_t g) const noexcept { return g + (v >= upper_[g]); }

    index_t bins_;
    value low_, high_, scale_;
    scratch<value> upper_;
    bool exact_ = false;
};

}  // namespace sinter::inline v1::detail::order
