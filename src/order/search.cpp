#include "base/borrowed_lock.hpp"
#include "base/default_environment.hpp"
#include "graph/node.hpp"
#include "order/rows.hpp"

#include <sinter/order.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <new>
#include <vector>

namespace sinter::inline v1::detail {

namespace {

using order::bits_of;
using order::scratch;

/// How many of n sorted elements are less than each key, or not greater. Several searches at a time wait for memory together: all take the same steps,
/// and a mask instead of a branch, which could not be foretold.
template <class T, bool OrEqual, std::size_t Count>
[[nodiscard]] std::array<index_t, Count> count_below_all(const bits_of<T>* sorted, index_t n, const std::array<bits_of<T>, Count>& keys) noexcept {
    std::array<index_t, Count> below{};
    const auto is_below = [&](index_t at, bits_of<T> key) {
        const bits_of<T> k = order::value_key<T>(sorted[at]);
        return OrEqual ? k <= key : k < key;
    };
    if (n == 0) return below;
    for (; n > 1; n -= n / 2) {
        for (std::size_t i = 0; i < Count; ++i) below[i] += n / 2 & -static_cast<index_t>(is_below(below[i] + n / 2 - 1, keys[i]));
    }
    for (std::size_t i = 0; i < Count; ++i) below[i] += is_below(below[i], keys[i]);
    return below;
}

/// The same of one key.
template <class T, bool OrEqual>
[[nodiscard]] index_t count_below(const bits_of<T>* sorted, index_t n, bits_of<T> key) noexcept {
    return count_below_all<T, OrEqual, 1>(sorted, n, {key})[0];
}

template <class T, bool OrEqual>
void find_all(const std::byte* sorted, index_t n, const std::byte* values, index_t count, index_t* out) {
    using K = bits_of<T>;
    const K* const s = reinterpret_cast<const K*>(sorted);
    const K* const v = reinterpret_cast<const K*>(values);
    order::over_parts(count, count * 8, [&](index_t first, index_t past) {
        constexpr index_t at_once = 16;
        index_t i = first;
        for (; i + at_once <= past; i += at_once) {
            std::array<K, at_once> keys;
            for (std::size_t k = 0; k < keys.size(); ++k) keys[k] = order::value_key<T>(v[i + static_cast<index_t>(k)]);
            const auto found = count_below_all<T, OrEqual, at_once>(s, n, keys);
            std::copy(found.begin(), found.end(), out + i);
        }
        for (; i < past; ++i) out[i] = count_below<T, OrEqual>(s, n, order::value_key<T>(v[i]));
    });
}

/// How often each bin is met: which(i) is the bin of element i, or negative.
template <class Which>
void count_bins(index_t n, index_t bins, index_t* out, const Which& which) {
    const auto parts = static_cast<index_t>(order::parts_for(n));
    const scratch<index_t> tables((parts - 1) * bins);
    order::over_parts(parts, n, [&](index_t first, index_t past) {
        for (index_t p = first; p < past; ++p) {
            index_t* const counts = p == 0 ? out : tables.data() + (p - 1) * bins;
            std::fill_n(counts, bins, 0);
            for (index_t i = n * p / parts; i < n * (p + 1) / parts; ++i) {
                if (const index_t b = which(i); b >= 0) ++counts[b];
            }
        }
    });
    for (index_t p = 1; p < parts; ++p) {
        for (index_t b = 0; b < bins; ++b) out[b] += tables[(p - 1) * bins + b];
    }
}

/// The bins of equal width between the first edge and the last: a guess, corrected by the edges themselves.
template <class T, class E>
void count_equal_bins(const T* x, index_t n, const E* edges, index_t bins, index_t* out) {
    // Ends that are equal, or nearly, give no guess.
    const auto low = static_cast<double>(edges[0]), width = (static_cast<double>(edges[bins]) - low) / static_cast<double>(bins);
    const double scale = std::isfinite(1 / width) ? 1 / width : 0;
    count_bins(n, bins, out, [=](index_t i) -> index_t {
        const E v = static_cast<E>(x[i]);
        if (!(v >= edges[0] && v <= edges[bins])) return -1;
        index_t b = std::clamp<index_t>(static_cast<index_t>((static_cast<double>(v) - low) * scale), 0, bins - 1);
        const auto above = [&] { return b + 1 < bins && v >= edges[b + 1]; };
        if (v < edges[b]) --b;
        else if (above()) ++b;
        // Edges of narrow bins may coincide, and then no guess is near.
        if (v < edges[b] || above()) b = std::upper_bound(edges, edges + bins, v) - edges - 1;
        return b;
    });
}

[[nodiscard]] std::string text_of(double x) {
    std::string text(32, '\0');
    text.resize(static_cast<std::size_t>(std::snprintf(text.data(), text.size(), "%g", x)));
    return text;
}

}  // namespace

node* places_in_order(node& sorted, node& values, bool right) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    if (sorted.rank != 1) {
        throw shape_error("searchsorted: the sorted array has shape " + graph::to_string(sorted.shape()) + ", one axis is needed");
    }
    const std::byte* const s = contiguous_data(sorted);
    const std::byte* const v = contiguous_data(values);
    handle out{allocate_node(dtype_of<index_t>, values.shape())};
    visit_dtype(values.type, [&]<class T>(std::type_identity<T>) {
        index_t* const places = reinterpret_cast<index_t*>(out->data);
        if (right) find_all<T, true>(s, sorted.size, v, values.size, places);
        else find_all<T, false>(s, sorted.size, v, values.size, places);
    });
    return out.release();
} catch (const std::bad_alloc&) {
    throw_no_memory("searchsorted");
}

void check_bins(index_t bins) try {
    if (bins == std::numeric_limits<index_t>::max()) throw_no_memory("histogram");
    if (bins < 1) throw value_error("histogram: bins is " + std::to_string(bins) + ", at least 1 is needed");
} catch (const std::bad_alloc&) {
    throw_no_memory("histogram");
}

void check_bin_range(double lo, double hi) try {
    if (!std::isfinite(lo) || !std::isfinite(hi) || !std::isfinite(hi - lo)) {
        throw value_error("histogram: the range from " + text_of(lo) + " to " + text_of(hi) + " is not finite");
    }
    if (lo > hi) throw value_error("histogram: the range from " + text_of(lo) + " to " + text_of(hi) + " has its ends the wrong way round");
} catch (const std::bad_alloc&) {
    throw_no_memory("histogram");
}

node* equal_bin_counts(node& x, node& edges) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    const std::byte* const values = contiguous_data(x);
    const std::byte* const e = contiguous_data(edges);
    const index_t bins = edges.size - 1;
    handle out{allocate_node(dtype_of<index_t>, {bins})};
    visit_dtype(x.type, [&]<class T>(std::type_identity<T>) {
        using E = std::conditional_t<floating<T>, T, double>;
        count_equal_bins(reinterpret_cast<const T*>(values), x.size, reinterpret_cast<const E*>(e), bins, reinterpret_cast<index_t*>(out->data));
    });
    return out.release();
} catch (const std::bad_alloc&) {
    throw_no_memory("histogram");
}

node* bin_counts_between(node& x, node& edges) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    if (edges.rank != 1 || edges.size < 2) {
        throw shape_error("histogram: the edges have shape " + graph::to_string(edges.shape()) + ", one axis of at least 2 is needed");
    }
    const std::byte* const values = contiguous_data(x);
    const std::byte* const ends = contiguous_data(edges);
    const index_t bins = edges.size - 1;
    handle out{allocate_node(dtype_of<index_t>, {bins})};
    visit_dtype(x.type, [&]<class T>(std::type_identity<T>) {
        const T* const v = reinterpret_cast<const T*>(values);
        const T* const e = reinterpret_cast<const T*>(ends);
        for (index_t i = 0; i < bins; ++i) {
            if (!(e[i] <= e[i + 1])) {
                throw value_error("histogram: the edges do not increase: " + text_of(static_cast<double>(e[i])) + " is followed by " +
                                  text_of(static_cast<double>(e[i + 1])));
            }
        }
        const auto* const keys = reinterpret_cast<const bits_of<T>*>(e);
        count_bins(x.size, bins, reinterpret_cast<index_t*>(out->data), [=](index_t i) -> index_t {
            if (!(v[i] >= e[0] && v[i] <= e[bins])) return -1;
            if (v[i] == e[bins]) return bins - 1;
            return count_below<T, true>(keys, bins + 1, order::value_key<T>(reinterpret_cast<const bits_of<T>*>(v)[i])) - 1;
        });
    });
    return out.release();
} catch (const std::bad_alloc&) {
    throw_no_memory("histogram");
}

namespace {

/// What bincount has to know of its argument: how long the result is. Throws value_error for elements below 0.
template <class T>
[[nodiscard]] index_t count_length(const T* x, index_t n, index_t least) {
    const auto parts = static_cast<index_t>(order::parts_for(n));
    std::vector<std::pair<T, T>> ends(static_cast<std::size_t>(parts), {std::numeric_limits<T>::max(), std::numeric_limits<T>::lowest()});
    order::over_parts(parts, n, [&](index_t first, index_t past) {
        for (index_t p = first; p < past; ++p) {
            auto [low, high] = ends[static_cast<std::size_t>(p)];
            for (index_t i = n * p / parts; i < n * (p + 1) / parts; ++i) {
                low = std::min(low, x[i]);
                high = std::max(high, x[i]);
            }
            ends[static_cast<std::size_t>(p)] = {low, high};
        }
    });
    if (n == 0) return least;
    T low = ends[0].first, high = ends[0].second;
    for (const auto& [l, h] : ends) {
        low = std::min(low, l);
        high = std::max(high, h);
    }
    if (low < T(0)) {
        const index_t at = std::find_if(x, x + n, [](T v) { return v < T(0); }) - x;
        throw value_error("bincount: element " + std::to_string(at) + " is " + std::to_string(x[at]) + ", below 0");
    }
    constexpr index_t most = std::numeric_limits<index_t>::max();  // more than any memory
    const auto greatest = static_cast<std::uint64_t>(high);
    return std::max(least, greatest < static_cast<std::uint64_t>(most) ? static_cast<index_t>(greatest) + 1 : most);
}

void check_countable(const node& x, index_t least) {
    if (x.rank != 1) throw shape_error("bincount: the array has shape " + graph::to_string(x.shape()) + ", one axis is needed");
    if (least < 0) throw value_error("bincount: minlength is " + std::to_string(least) + ", below 0");
}

}  // namespace

node* value_counts(node& x, index_t least) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    check_countable(x, least);
    const std::byte* const in = contiguous_data(x);
    return visit_dtype(x.type, [&]<class T>(std::type_identity<T>) -> node* {
        if constexpr (floating<T>) {
            throw internal_error("bincount: floating elements");
        } else {
            const T* const v = reinterpret_cast<const T*>(in);
            const index_t length = count_length(v, x.size, least);
            handle out{allocate_node(dtype_of<index_t>, {length})};
            index_t* const counts = reinterpret_cast<index_t*>(out->data);
            constexpr index_t worth_a_table = 65536;
            if (length <= worth_a_table) {
                count_bins(x.size, length, counts, [=](index_t i) { return static_cast<index_t>(v[i]); });
            } else {
                std::fill_n(counts, length, 0);
                for (index_t i = 0; i < x.size; ++i) ++counts[static_cast<index_t>(v[i])];
            }
            return out.release();
        }
    });
} catch (const std::bad_alloc&) {
    throw_no_memory("bincount");
}

node* value_sums(node& x, node& weights, index_t least) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    check_countable(x, least);
    if (!detail::same_shape(x, weights)) {
        throw shape_error("bincount: the weights have shape " + graph::to_string(weights.shape()) + ", the array " + graph::to_string(x.shape()));
    }
    const std::byte* const in = contiguous_data(x);
    const double* const w = reinterpret_cast<const double*>(contiguous_data(weights));
    return visit_dtype(x.type, [&]<class T>(std::type_identity<T>) -> node* {
        if constexpr (floating<T>) {
            throw internal_error("bincount: floating elements");
        } else {
            const T* const v = reinterpret_cast<const T*>(in);
            const index_t length = count_length(v, x.size, least);
            handle out{allocate_node(dtype::f64, {length})};
            double* const sums = reinterpret_cast<double*>(out->data);
            std::fill_n(sums, length, 0.0);
            for (index_t i = 0; i < x.size; ++i) sums[static_cast<index_t>(v[i])] += w[i];
            return out.release();
        }
    });
} catch (const std::bad_alloc&) {
    throw_no_memory("bincount");
}

}  // namespace sinter::inline v1::detail
