#include "base/borrowed_lock.hpp"
#include "base/default_environment.hpp"
#include "order/rows.hpp"
#include "order/sort.hpp"
#include "order/tell.hpp"

#include <sinter/order.hpp>

#include <new>

namespace sinter::inline v1::detail {

namespace {

using order::bits_of;
using order::scratch;

/// The distinct of n sorted values: how many, and each one's first to f(which, place).
template <class T, class F>
index_t each_distinct(const bits_of<T>* sorted, index_t n, const F& f) {
    index_t count = 0;
    for (index_t i = 0; i < n; ++i) {
        if (i == 0 || order::value_key<T>(sorted[i]) != order::value_key<T>(sorted[i - 1])) f(count++, i);
    }
    return count;
}

}  // namespace

node* distinct_values(node& x) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    const std::byte* const in = contiguous_data(x);
    return visit_dtype(x.type, [&]<class T>(std::type_identity<T>) {
        using K = bits_of<T>;
        const scratch<K> sorted(x.size);
        order::sort_elements(x.type, in, reinterpret_cast<std::byte*>(sorted.data()), x.size);
        const index_t count = each_distinct<T>(sorted.data(), x.size, [&](index_t which, index_t i) { sorted[which] = sorted[i]; });
        node* const out = allocate_node(x.type, {count});
        std::copy_n(sorted.data(), count, reinterpret_cast<K*>(out->data));
        return out;
    });
} catch (const std::exception&) {
    order::tell("unique");
}

distinct_parts distinct_with_places(node& x) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    const std::byte* const in = contiguous_data(x);
    return visit_dtype(x.type, [&]<class T>(std::type_identity<T>) {
        using K = bits_of<T>;
        const index_t n = x.size;
        const K* const values = reinterpret_cast<const K*>(in);
        const scratch<index_t> places(n), firsts(n);
        order::sort_places(x.type, in, places.data(), n);
        const scratch<K> sorted(n);
        for (index_t i = 0; i < n; ++i) sorted[i] = values[places[i]];
        const index_t count = each_distinct<T>(sorted.data(), n, [&](index_t which, index_t i) { firsts[which] = i; });
        constexpr dtype place = dtype_of<index_t>;
        distinct_parts out{handle{allocate_node(x.type, {count})}, handle{allocate_node(place, {count})}, handle{allocate_node(place, x.shape())},
                           handle{allocate_node(place, {count})}};
        const auto indices = [](const handle& h) { return reinterpret_cast<index_t*>(h->data); };
        for (index_t g = 0; g < count; ++g) {
            const index_t begin = firsts[g], end = g + 1 < count ? firsts[g + 1] : n;
            reinterpret_cast<K*>(out.values->data)[g] = sorted[begin];
            indices(out.places)[g] = places[begin];
            indices(out.counts)[g] = end - begin;
            for (index_t i = begin; i < end; ++i) indices(out.inverse)[places[i]] = g;
        }
        return out;
    });
} catch (const std::exception&) {
    order::tell("unique_all");
}

}  // namespace sinter::inline v1::detail
