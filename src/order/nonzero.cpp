#include "base/borrowed_lock.hpp"
#include "base/default_environment.hpp"
#include "graph/node.hpp"
#include "order/rows.hpp"
#include "order/tell.hpp"

#include <sinter/order.hpp>

#include <array>
#include <cstring>
#include <new>
#include <vector>

namespace sinter::inline v1::detail {

namespace {

/// So many elements are looked at together; a count of them fits into the smallest type.
constexpr index_t at_once = 128;

/// How many of n elements are not zero. Counts are of the elements' size, so that whole vectors of them are added.
template <class T>
[[nodiscard]] index_t count_part(const T* v, index_t n) noexcept {
    using count = order::bits_of<T>;
    index_t sum = 0, i = 0;
    for (; i + at_once <= n; i += at_once) {
        count some = 0;
        for (index_t k = 0; k < at_once; ++k) some = static_cast<count>(some + (v[i + k] != T(0)));
        sum += some;
    }
    for (; i < n; ++i) sum += v[i] != T(0);
    return sum;
}

/// For each byte the numbers of its bits that are set, the lowest first.
constexpr auto bits_set = [] {
    std::array<std::array<std::uint8_t, 8>, 256> all{};
    for (std::size_t b = 0; b < all.size(); ++b) {
        std::size_t n = 0;
        for (std::size_t bit = 0; bit < 8; ++bit) {
            if ((b >> bit & 1) != 0) all[b][n++] = static_cast<std::uint8_t>(bit);
        }
    }
    return all;
}();

/// The places of the elements of [first, ...) that are not zero, of which there are `end - to`.
template <class T>
void find_part(const T* v, index_t first, index_t past, index_t* to, index_t* const end) noexcept {
    constexpr index_t words = 4;
    index_t i = first;
    for (; i + at_once <= past; i += at_once) {
        std::array<std::uint8_t, at_once> is_set;
        for (index_t k = 0; k < at_once; ++k) is_set[static_cast<std::size_t>(k)] = v[i + k] != T(0);
        // Eight places are written whatever the bits are: the next ones write over those too many.
        if (end - to < at_once) break;
        for (index_t k = 0; k < at_once; k += 8 * words) {
            // Of fewer elements whether there is one could not be foretold.
            std::array<std::uint64_t, words> eights;
            std::memcpy(eights.data(), is_set.data() + k, sizeof eights);
            if ((eights[0] | eights[1] | eights[2] | eights[3]) == 0) continue;
            for (index_t w = 0; w < words; ++w) {
                const std::uint64_t eight = eights[static_cast<std::size_t>(w)];
                const auto& set = bits_set[static_cast<std::size_t>(eight * 0x0102040810204080U >> 56)];
                for (index_t b = 0; b < 8; ++b) to[b] = i + k + 8 * w + set[static_cast<std::size_t>(b)];
                to += eight * 0x0101010101010101U >> 56;
            }
        }
    }
    // What is near the end writes no place too many.
    for (; to < end; ++i) {
        *to = i;
        to += v[i] != T(0);
    }
}

}  // namespace

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
            starts[static_cast<std::size_t>(p) + 1] = count_part(v + first, past - first);
        });
        for (std::size_t p = 1; p < starts.size(); ++p) starts[p] += starts[p - 1];
        handle out{allocate_node(dtype_of<index_t>, {starts.back()})};
        index_t* const places = reinterpret_cast<index_t*>(out->data);
        each([&](index_t p, index_t first, index_t past) {
            const auto part = static_cast<std::size_t>(p);
            find_part(v, first, past, places + starts[part], places + starts[part + 1]);
        });
        return out.release();
    });
} catch (const std::exception&) {
    order::tell("nonzero");
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
} catch (const std::exception&) {
    order::tell("nonzero");
}

}  // namespace sinter::inline v1::detail
