#include "graph/index_map.hpp"

namespace sinter::inline v1::detail::graph {

index_map identity_map(const extents& shape) {
    index_map m;
    m.source_rank = static_cast<std::uint8_t>(shape.size());
    m.space = shape;
    for (std::size_t d = 0; d < shape.size(); ++d) m[d] = {static_cast<std::int8_t>(d), 0, 1};
    return m;
}

bool is_identity(const index_map& m, const extents& source_shape) {
    if (!(m.space == source_shape)) return false;
    for (std::size_t d = 0; d < source_shape.size(); ++d) {
        const auto& s = m[d];
        // An axis of extent 1 has one index, whatever the map says of it.
        if (source_shape[d] == 1 && s.offset == 0) continue;
        if (s.axis != static_cast<std::int8_t>(d) || s.offset != 0 || s.step != 1) return false;
    }
    return true;
}

index_map compose(const index_map& outer, const index_map& inner) {
    index_map m;
    m.source_rank = inner.source_rank;
    m.space = outer.space;
    for (std::size_t d = 0; d < inner.source_rank; ++d) {
        const auto& in = inner[d];
        if (in.axis < 0 || in.axis == index_map::gathered) {
            m[d] = in;
            continue;
        }
        const auto& out = outer[static_cast<std::size_t>(in.axis)];
        m[d] = {out.axis, in.offset + in.step * out.offset, in.step * out.step};
    }
    return m;
}

index_map broadcast_map(const extents& shape, const extents& space) {
    index_map m;
    m.source_rank = static_cast<std::uint8_t>(shape.size());
    m.space = space;
    const std::size_t shift = space.size() - shape.size();
    for (std::size_t d = 0; d < shape.size(); ++d) {
        if (shape[d] == 1 && space[d + shift] != 1) {
            m[d] = {-1, 0, 0};
        } else {
            m[d] = {static_cast<std::int8_t>(d + shift), 0, 1};
        }
    }
    return m;
}

bool broadcast_shapes(extents& into, const extents& other) {
    const std::size_t rank = into.size() > other.size() ? into.size() : other.size();
    extents result;
    for (std::size_t d = 0; d < rank; ++d) {
        const std::size_t from_end = rank - d;
        const index_t a = from_end <= into.size() ? into[into.size() - from_end] : 1;
        const index_t b = from_end <= other.size() ? other[other.size() - from_end] : 1;
        if (a != b && a != 1 && b != 1) return false;
        result.push_back(a == 1 ? b : a);
    }
    into = result;
    return true;
}

}  // namespace sinter::inline v1::detail::graph
