#include "order/rows.hpp"

#include "base/settings.hpp"
#include "graph/axes.hpp"
#include "order/tell.hpp"

#include <new>
#include <string_view>

namespace sinter::inline v1::detail::order {

void tell(const char* name) try {
    try {
        throw;
    } catch (const memory_error& e) {
        const std::string_view text = e.what(), array = "array: ";
        if (text.starts_with(array)) throw memory_error(std::string(name) + ": " + std::string(text.substr(array.size())));
        if (text.starts_with("cannot allocate")) throw memory_error(std::string(name) + ": " + std::string(text));
        throw;
    }
} catch (const std::bad_alloc&) {  // of the function, or of these words
    throw_no_memory(name);
}

index_t one_axis(const char* name, const axes_argument& axes, const extents& shape) {
    if (!axes.given) return whole;
    if (axes.count != 1) throw value_error(std::string(name) + ": one axis or none is needed, " + std::to_string(axes.count) + " are given");
    return graph::axis_of(name, axes.list[0], shape);
}

index_t length_along(const extents& shape, index_t axis) noexcept { return axis == whole ? shape.count() : shape[static_cast<std::size_t>(axis)]; }

extents with_length(const extents& shape, index_t axis, index_t length) {
    if (axis == whole) return {length};
    extents out = shape;
    out[static_cast<std::size_t>(axis)] = length;
    return out;
}

rows rows_of(node& n, index_t axis) {
    rows r;
    if (axis == whole) {
        r.data = const_cast<std::byte*>(contiguous_data(n));
        r.length = n.size;
        return r;
    }
    evaluate(n);
    r.data = n.data;
    r.length = n.extent[axis];
    r.step = n.stride[axis];
    for (int d = 0; d < n.rank; ++d) {
        if (d == axis) continue;
        r.others.push_back(n.extent[d]);
        r.steps.push_back(n.stride[d]);
        r.count *= n.extent[d];
    }
    return r;
}

int parts_for(index_t elements) {
    constexpr index_t worth_a_thread = 16384;
    const int mine = base::current_options().threads;
    const int threads = runtime::inside_parallel() ? 1 : mine > 0 ? mine : runtime::max_threads();
    return static_cast<int>(std::clamp<index_t>(elements / worth_a_thread, 1, threads));
}

bool shares_rows(const rows& r) {
    constexpr index_t long_row = index_t{1} << 17;
    return r.length > most_words_at_once || (r.length >= long_row && r.count < order::parts_for(r.count * r.length));
}

}  // namespace sinter::inline v1::detail::order
