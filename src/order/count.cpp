#include "base/borrowed_lock.hpp"
#include "base/default_environment.hpp"
#include "base/wide.hpp"
#include "graph/node.hpp"
#include "order/below.hpp"
#include "order/equal_bins.hpp"
#include "order/rows.hpp"
#include "order/tell.hpp"

#include <sinter/order.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <new>
#include <vector>

// Histograms and numbers of equal elements.

namespace sinter::inline v1::detail {

namespace {

using order::bits_of;
using order::scratch;

/// So many tables in turn, where they are small: a counter that is met again at once would wait for itself.
constexpr index_t tables_in_turn = 4, most_bins_in_turn = 4096;

/// How often elements [first, past) meet each bin: which(i) is the bin of element i, or negative; Each: every element has one.
template <bool Each, class Which>
void count_part(index_t first, index_t past, index_t bins, index_t* counts, const Which& which) {
    std::fill_n(counts, bins, 0);
    index_t i = first;
    if (bins <= most_bins_in_turn && past - first >= 2 * tables_in_turn * bins) {
        // What is in no bin is counted before the first one.
        const scratch<index_t> turns(tables_in_turn * (bins + 1));
        index_t* const table = turns.data();
        std::fill_n(table, tables_in_turn * (bins + 1), 0);
        for (; i + tables_in_turn <= past; i += tables_in_turn) {
            for (index_t t = 0; t < tables_in_turn; ++t) ++table[t * (bins + 1) + (Each ? which(i + t) : std::max<index_t>(which(i + t), -1)) + 1];
        }
        for (index_t t = 0; t < tables_in_turn; ++t) {
            for (index_t b = 0; b < bins; ++b) counts[b] += table[t * (bins + 1) + b + 1];
        }
    }
    for (; i < past; ++i) {
        if (const index_t b = which(i); Each || b >= 0) ++counts[b];
    }
}

/// The same of n elements.
template <bool Each = false, class Which>
void count_bins(index_t n, index_t bins, index_t* out, const Which& which) {
    const auto parts = static_cast<index_t>(order::parts_for(n));
    const scratch<index_t> tables((parts - 1) * bins);
    order::over_parts(parts, n, [&](index_t first, index_t past) {
        for (index_t p = first; p < past; ++p) count_part<Each>(n * p / parts, n * (p + 1) / parts, bins, p == 0 ? out : tables.data() + (p - 1) * bins, which);
    });
    for (index_t p = 1; p < parts; ++p) {
        for (index_t b = 0; b < bins; ++b) out[b] += tables[(p - 1) * bins + b];
    }
}

/// The weights of the elements in each bin. Those of a block are added in order, then the blocks' sums, so that threads make no difference.
template <class Which>
void add_in_bins(index_t n, index_t bins, const double* weights, double* out, const Which& which) {
    const index_t block = std::max<index_t>(65536, bins), blocks = (n + block - 1) / block;
    const index_t at_once = std::clamp<index_t>(order::parts_for(n), 1, std::max<index_t>(blocks, 1));
    const scratch<double> tables(at_once * bins);
    std::fill_n(out, bins, 0.0);
    for (index_t from = 0; from < blocks; from += at_once) {
        const index_t count = std::min(at_once, blocks - from);
        order::over_parts(count, count * block, [&](index_t first, index_t past) {
            for (index_t p = first; p < past; ++p) {
                double* const sums = tables.data() + p * bins;
                std::fill_n(sums, bins, 0.0);
                for (index_t i = (from + p) * block; i < std::min(n, (from + p + 1) * block); ++i) {
                    if (const index_t b = which(i); b >= 0) sums[b] += weights[i];
                }
            }
        });
        for (index_t p = 0; p < count; ++p) {
            for (index_t b = 0; b < bins; ++b) out[b] += tables[p * bins + b];
        }
    }
}

/// Which of the bins of equal width between the first edge and the last: a guess, corrected by the edges themselves.
template <class T, class E>
[[nodiscard]] auto equal_bin_of(const T* x, const E* edges, index_t bins) {
    // Ends that are equal, or nearly, give no guess.
    const auto low = static_cast<double>(edges[0]), width = (static_cast<double>(edges[bins]) - low) / static_cast<double>(bins);
    const double scale = std::isfinite(1 / width) ? 1 / width : 0;
    return [=](index_t i) -> index_t {
        const E v = static_cast<E>(x[i]);
        if (!(v >= edges[0] && v <= edges[bins])) return -1;
        index_t b = std::clamp<index_t>(static_cast<index_t>((static_cast<double>(v) - low) * scale), 0, bins - 1);
        const auto above = [&] { return b + 1 < bins && v >= edges[b + 1]; };
        if (v < edges[b]) --b;
        else if (above()) ++b;
        // Edges of narrow bins may coincide, and then no guess is near.
        if (v < edges[b] || above()) b = std::upper_bound(edges, edges + bins, v) - edges - 1;
        return b;
    };
}

/// Counts in bins of equal width, in a quick way if that is exact for these edges. Returns whether it is.
template <class T, class E>
[[nodiscard]] bool count_equal_bins(const T* x, index_t n, const E* edges, index_t bins, index_t* out) {
    using quick = order::equal_bins<T, E>;
    if (bins > quick::most_bins || n < 2 * bins) return false;
    const quick which(edges, bins);
    if (!which.are_exact()) return false;
    const auto parts = static_cast<index_t>(order::parts_for(n));
    const index_t turns = bins <= most_bins_in_turn && n / parts >= 2 * tables_in_turn * bins ? tables_in_turn : 1, table = turns * (bins + 1);
    const scratch<index_t> tables(parts * table);
    order::over_parts(parts, n, [&](index_t first, index_t past) {
        for (index_t p = first; p < past; ++p) {
            const index_t from = n * p / parts, some = n * (p + 1) / parts - from;
            index_t* const mine = tables.data() + p * table;
            std::fill_n(mine, table, 0);
            if (turns == 1) which.template count<1>(x + from, some, mine);
            else which.template count<tables_in_turn>(x + from, some, mine);
        }
    });
    std::fill_n(out, bins, 0);
    for (index_t t = 0; t < parts * turns; ++t) {
        for (index_t b = 0; b < bins; ++b) out[b] += tables[t * (bins + 1) + b];
    }
    return true;
}

[[nodiscard]] std::string text_of(double x) {
    std::string text(32, '\0');
    text.resize(static_cast<std::size_t>(std::snprintf(text.data(), text.size(), "%g", x)));
    return text;
}

}  // namespace

void check_bins(index_t bins) try {
    if (bins == std::numeric_limits<index_t>::max()) throw_no_memory("histogram");
    if (bins < 1) throw value_error("histogram: bins is " + std::to_string(bins) + ", at least 1 is needed");
} catch (const std::exception&) {
    order::tell("histogram");
}

void check_bin_range(double lo, double hi) try {
    if (!std::isfinite(lo) || !std::isfinite(hi) || !std::isfinite(hi - lo)) {
        throw value_error("histogram: the range from " + text_of(lo) + " to " + text_of(hi) + " is not finite");
    }
    if (lo > hi) throw value_error("histogram: the range from " + text_of(lo) + " to " + text_of(hi) + " has its ends the wrong way round");
} catch (const std::exception&) {
    order::tell("histogram");
}

namespace {

/// What is in the bins: how many elements, or the sums of their weights where there are some.
template <class Which>
void fill_bins(index_t n, index_t bins, node* weights, node& out, const Which& which) {
    if (weights == nullptr) count_bins(n, bins, reinterpret_cast<index_t*>(out.data), which);
    else add_in_bins(n, bins, reinterpret_cast<const double*>(contiguous_data(*weights)), reinterpret_cast<double*>(out.data), which);
}

[[nodiscard]] handle bins_for(const node& x, const node* weights, index_t bins) {
    if (weights != nullptr && !detail::same_shape(x, *weights)) {
        throw shape_error("histogram: the weights have shape " + graph::to_string(weights->shape()) + ", the array " + graph::to_string(x.shape()));
    }
    return handle{allocate_node(weights == nullptr ? dtype_of<index_t> : dtype::f64, {bins})};
}

}  // namespace

node* in_equal_bins(node& x, node& edges, node* weights) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    const std::byte* const values = contiguous_data(x);
    const std::byte* const e = contiguous_data(edges);
    const index_t bins = edges.size - 1;
    handle out = bins_for(x, weights, bins);
    visit_dtype(x.type, [&]<class T>(std::type_identity<T>) {
        using E = std::conditional_t<floating<T>, T, double>;
        const T* const v = reinterpret_cast<const T*>(values);
        const E* const ends = reinterpret_cast<const E*>(e);
        if (weights == nullptr && count_equal_bins(v, x.size, ends, bins, reinterpret_cast<index_t*>(out->data))) return;
        fill_bins(x.size, bins, weights, *out, equal_bin_of(v, ends, bins));
    });
    return out.release();
} catch (const std::exception&) {
    order::tell("histogram");
}

node* in_bins_between(node& x, node& edges, node* weights) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    if (edges.rank != 1 || edges.size < 2) {
        throw shape_error("histogram: the edges have shape " + graph::to_string(edges.shape()) + ", one axis of at least 2 is needed");
    }
    const std::byte* const values = contiguous_data(x);
    const std::byte* const ends = contiguous_data(edges);
    const index_t bins = edges.size - 1;
    handle out = bins_for(x, weights, bins);
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
        fill_bins(x.size, bins, weights, *out, [=](index_t i) -> index_t {
            if (!(v[i] >= e[0] && v[i] <= e[bins])) return -1;
            if (v[i] == e[bins]) return bins - 1;
            return order::count_below<T, true>(keys, bins + 1, order::value_key<T>(reinterpret_cast<const bits_of<T>*>(v)[i])) - 1;
        });
    });
    return out.release();
} catch (const std::exception&) {
    order::tell("histogram");
}

namespace {

/// What bincount has to know of its argument: how long the result is. Throws value_error for elements below 0.
template <class T>
[[nodiscard]] index_t count_length(const T* x, index_t n, index_t least) {
    const auto parts = static_cast<index_t>(order::parts_for(n));
    std::vector<std::pair<T, T>> ends(static_cast<std::size_t>(parts), {std::numeric_limits<T>::max(), std::numeric_limits<T>::lowest()});
    order::over_parts(parts, n, [&](index_t first, index_t past) {
        for (index_t p = first; p < past; ++p) {
            const index_t begin = n * p / parts, end = n * (p + 1) / parts;
            ends[static_cast<std::size_t>(p)] = base::in_wide_vectors([=]() __attribute__((always_inline)) {
                T low = std::numeric_limits<T>::max(), high = std::numeric_limits<T>::lowest();
                for (index_t i = begin; i < end; ++i) {
                    low = x[i] < low ? x[i] : low;
                    high = x[i] > high ? x[i] : high;
                }
                return std::pair{low, high};
            });
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
                count_bins<true>(x.size, length, counts, [=](index_t i) { return static_cast<index_t>(v[i]); });
            } else {
                std::fill_n(counts, length, 0);
                for (index_t i = 0; i < x.size; ++i) ++counts[static_cast<index_t>(v[i])];
            }
            return out.release();
        }
    });
} catch (const std::exception&) {
    order::tell("bincount");
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
} catch (const std::exception&) {
    order::tell("bincount");
}

}  // namespace sinter::inline v1::detail
