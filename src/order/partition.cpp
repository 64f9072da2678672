#include "base/borrowed_lock.hpp"
#include "base/default_environment.hpp"
#include "graph/axes.hpp"
#include "graph/node.hpp"
#include "order/radix.hpp"
#include "order/select.hpp"
#include "order/tell.hpp"
#include "order/threshold.hpp"

#include <sinter/order.hpp>

#include <new>
#include <vector>

namespace sinter::inline v1::detail {

namespace order {

namespace {

/// Less, equal and greater ones than the element at a rank, each as they come.
template <class T, class Out, class Give>
void partition_rows(const rows& in, const rows& out, index_t kth, const Give& give) {
    using K = bits_of<T>;
    order::over_rows(in, [&](index_t first, index_t past) {
        row_reader<K> from(in, past);
        row_writer<Out> to(out);
        selection<K, ascending<T>> chosen(in.length);
        for (index_t r = first; r < past; ++r) {
            const K* const row = from.row(r);
            Out* const result = to.row(r);
            chosen.look_at(row, in.length);
            const K pivot = chosen.at(kth);
            const auto around = chosen.around(pivot);
            index_t places[3] = {0, around.before, around.before + around.same};
            for (index_t i = 0; i < in.length; ++i) {
                const K key = order::value_key<T>(row[i]);
                result[places[(key >= pivot) + (key > pivot)]++] = give(row, i);
            }
        }
        to.finish();
    });
}

/// The places of the first k of the order that Key makes, of equal ones the first, and their values. k is a small share of a row.
template <class T, class Key, bool Less>
void first_few_of_rows(const rows& in, const rows& values, const rows& places, index_t k) {
    using K = bits_of<T>;
    using few = threshold<T, Key, Less>;
    order::over_rows(in, [&](index_t first, index_t past) {
        // Not so many parts that what they may keep would be more than the row.
        const index_t parts = order::shares_rows(in) ? std::clamp<index_t>(in.length / (8 * k), 1, order::parts_for(in.length)) : 1, room = few::room(k);
        row_reader<K> from(in, past);
        row_writer<K> value_of(values);
        row_writer<index_t> place_of(places);
        const scratch<typename few::word> words(parts * room), spare(k);
        std::vector<index_t> found(static_cast<std::size_t>(parts));
        for (index_t r = first; r < past; ++r) {
            const K* const row = from.row(r);
            order::over_parts(parts, in.length, [&](index_t some, index_t end) {
                for (index_t p = some; p < end; ++p) {
                    found[static_cast<std::size_t>(p)] = few::collect(row, in.length * p / parts, in.length * (p + 1) / parts, k, words.data() + p * room);
                }
            });
            // What the parts have found is compared once more: the first k of all are among it.
            index_t n = found[0];
            for (index_t p = 1; p < parts; ++p) {
                std::copy_n(words.data() + p * room, found[static_cast<std::size_t>(p)], words.data() + n);
                n += found[static_cast<std::size_t>(p)];
            }
            (void)few::keep(words.data(), n, k);
            const auto* const sorted = few::sort(words.data(), spare.data(), k);
            K* const v = value_of.row(r);
            index_t* const at = place_of.row(r);
            for (index_t i = 0; i < k; ++i) {
                at[i] = few::place_of(sorted[i]);
                v[i] = row[at[i]];
            }
        }
        value_of.finish();
        place_of.finish();
    });
}

/// The same of any k.
template <class T, class Key, bool Less>
void first_of_rows(const rows& in, const rows& values, const rows& places, index_t k) {
    using K = bits_of<T>;
    if (order::worth_a_threshold<K>(k, in.length)) return first_few_of_rows<T, Key, Less>(in, values, places, k);
    using word = std::conditional_t<sizeof(K) <= 4, std::uint64_t, wide_pair>;
    order::over_rows(in, [&](index_t first, index_t past) {
        row_reader<K> from(in, past);
        row_writer<K> value_of(values);
        row_writer<index_t> place_of(places);
        selection<K, Key> chosen(in.length);
        const scratch<word> words(k), spare(k);
        const scratch<index_t> kept(k);
        const Key key;
        for (index_t r = first; r < past; ++r) {
            const K* const row = from.row(r);
            chosen.look_at(row, in.length);
            const K last = chosen.at(k - 1);
            index_t equal = k - chosen.around(last).before, n = 0;
            for (index_t i = 0; n < k; ++i) {
                const K at = key(row[i]);
                const bool is_last = at == last && equal > 0;
                kept[n] = i;
                n += at < last || is_last;
                equal -= is_last;
            }
            // Their number among those kept stands for the place: it fits into a packed pair whatever the row's length.
            for (index_t i = 0; i < k; ++i) {
                if constexpr (sizeof(K) <= 4) words[i] = order::packed_pair(key(row[kept[i]]), static_cast<std::uint64_t>(i));
                else words[i] = {key(row[kept[i]]), static_cast<std::uint64_t>(i)};
            }
            const word* const sorted = order::sort_words<sizeof(K) <= 4 ? 32 : 0, sizeof(K) * 8>(words.data(), spare.data(), k);
            K* const v = value_of.row(r);
            index_t* const p = place_of.row(r);
            for (index_t i = 0; i < k; ++i) {
                if constexpr (sizeof(K) <= 4) p[i] = kept[static_cast<index_t>(sorted[i] & 0xffffffffU)];
                else p[i] = kept[static_cast<index_t>(sorted[i].place)];
                v[i] = row[p[i]];
            }
        }
        value_of.finish();
        place_of.finish();
    });
}

[[nodiscard]] std::string along(const extents& shape, index_t axis) {
    const std::string text = "shape " + graph::to_string(shape);
    return axis == whole ? text : "axis " + std::to_string(axis) + " of " + text;
}

/// Either the elements or their places.
[[nodiscard]] node* partitioned(node& x, index_t kth, const axes_argument& axes, const char* name, bool as_places) {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    const extents shape = x.shape();
    const index_t axis = order::one_axis(name, axes, shape), n = order::length_along(shape, axis);
    const index_t rank = kth < 0 ? kth + n : kth;
    if (x.size > 0 && (rank < 0 || rank >= n)) {
        throw index_error(std::string(name) + ": kth is " + std::to_string(kth) + ", but " + along(shape, axis) + " has " + std::to_string(n) + " elements");
    }
    const rows in = order::rows_of(x, axis);
    handle out{allocate_node(as_places ? dtype_of<index_t> : x.type, order::with_length(shape, axis, n))};
    if (x.size == 0) return out.release();
    const rows to = order::rows_of(*out, axis);
    visit_dtype(x.type, [&]<class T>(std::type_identity<T>) {
        using K = bits_of<T>;
        if (as_places) partition_rows<T, index_t>(in, to, rank, [](const K*, index_t i) { return i; });
        else partition_rows<T, K>(in, to, rank, [](const K* row, index_t i) { return row[i]; });
    });
    return out.release();
}

}  // namespace

}  // namespace order

node* partitioned_values(node& x, index_t kth, const axes_argument& axes) try {
    return order::partitioned(x, kth, axes, "partition", false);
} catch (const std::exception&) {
    order::tell("partition");
}

node* partitioned_places(node& x, index_t kth, const axes_argument& axes) try {
    return order::partitioned(x, kth, axes, "argpartition", true);
} catch (const std::exception&) {
    order::tell("argpartition");
}

values_and_places first_in_order(node& x, index_t k, const axes_argument& axes, bool largest) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    const extents shape = x.shape();
    const index_t axis = order::one_axis("topk", axes, shape), n = order::length_along(shape, axis);
    if (k < 0 || k > n) {
        throw value_error("topk: k is " + std::to_string(k) + ", but " + order::along(shape, axis) + " has " + std::to_string(n) + " elements");
    }
    const order::rows in = order::rows_of(x, axis);
    const extents result = order::with_length(shape, axis, k);
    values_and_places out{handle{allocate_node(x.type, result)}, handle{allocate_node(dtype_of<index_t>, result)}};
    if (out.values->size == 0) return out;
    const order::rows values = order::rows_of(*out.values, axis), places = order::rows_of(*out.places, axis);
    visit_dtype(x.type, [&]<class T>(std::type_identity<T>) {
        if (largest) order::first_of_rows<T, order::descending<T>, false>(in, values, places, k);
        else order::first_of_rows<T, order::ascending<T>, true>(in, values, places, k);
    });
    return out;
} catch (const std::exception&) {
    order::tell("topk");
}

}  // namespace sinter::inline v1::detail
