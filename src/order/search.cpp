#include "base/borrowed_lock.hpp"
#include "base/default_environment.hpp"
#include "graph/node.hpp"
#include "order/below.hpp"
#include "order/rows.hpp"
#include "order/tell.hpp"

#include <sinter/order.hpp>

#include <algorithm>
#include <array>
#include <new>

namespace sinter::inline v1::detail {

namespace {

using order::bits_of;

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
            const auto found = order::count_below_all<T, OrEqual, at_once>(s, n, keys);
            std::copy(found.begin(), found.end(), out + i);
        }
        for (; i < past; ++i) out[i] = order::count_below<T, OrEqual>(s, n, order::value_key<T>(v[i]));
    });
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
} catch (const std::exception&) {
    order::tell("searchsorted");
}

}  // namespace sinter::inline v1::detail
