#include "base/borrowed_lock.hpp"
#include "base/default_environment.hpp"
#include "graph/node.hpp"
#include "order/rows.hpp"

#include <sinter/order.hpp>

#include <new>
#include <vector>

namespace sinter::inline v1::detail {

node* nonzero_places(node& x) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    const std::byte* const in = contiguous_data(x);
    const index_t n = x.size;
    return visit_dtype(x.type, [&]<class T>(std::type_identity<T>) {
        const T* const v = reinterpret_cast<const T*>(in);
        const auto parts = static_cast<index_t>(order::parts_for(n));
        const auto each = [&](const auto& f) {
            order::over_parts(parts, n, [&](index_t first, index_t past) {
                for (index_t p = first; p < past; ++p) f(p, n * p / parts, n * (p + 1) / parts);
            });
        };
        // Where the places of each part begin.
        std::vector<index_t> starts(static_cast<std::size_t>(parts) + 1, 0);
        each([&](index_t p, index_t first, index_t past) {
            index_t count = 0;
            for (index_t i = first; i < past; ++i) count += v[i] != T(0);
            starts[static_cast<std::size_t>(p) + 1] = count;
        });
        for (std::size_t p = 1; p < starts.size(); ++p) starts[p] += starts[p - 1];
        handle out{allocate_node(dtype_of<index_t>, {starts.back()})};
        index_t* const places = reinterpret_cast<index_t*>(out->data);
        each([&](index_t p, index_t first, index_t) {
            index_t to = starts[static_cast<std::size_t>(p)];
            const index_t end = starts[static_cast<std::size_t>(p) + 1];
            for (index_t i = first; to < end; ++i) {
                places[to] = i;
                to += v[i] != T(0);
            }
        });
        return out.release();
    });
} catch (const std::bad_alloc&) {
    throw_no_memory("nonzero");
}

node* coordinates_along(node& places, const extents& shape, index_t axis) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    if (shape.empty()) throw shape_error("nonzero: an array of rank 0 has no axes to have indices along; flatnonzero takes it");
    const index_t* const from = reinterpret_cast<const index_t*>(contiguous_data(places));
    index_t step = 1;
    for (std::size_t d = shape.size() - 1; d > static_cast<std::size_t>(axis); --d) step *= shape[d];
    handle out{allocate_node(dtype_of<index_t>, {places.size})};
    index_t* const to = reinterpret_cast<index_t*>(out->data);
    const index_t extent = shape[static_cast<std::size_t>(axis)];
    order::over_parts(places.size, places.size * 4, [&](index_t first, index_t past) {
        for (index_t i = first; i < past; ++i) to[i] = from[i] / step % extent;
    });
    return out.release();
} catch (const std::bad_alloc&) {
    throw_no_memory("nonzero");
}

}  // namespace sinter::inline v1::detail
