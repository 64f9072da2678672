#include "graph/axes.hpp"

#include "graph/node.hpp"

namespace sinter::inline v1::detail::graph {

index_t axis_of(const char* name, index_t axis, const extents& shape) {
    const auto rank = static_cast<index_t>(shape.size());
    const index_t a = axis < 0 ? axis + rank : axis;
    if (a < 0 || a >= rank) throw index_error(std::string(name) + ": axis " + std::to_string(axis) + " is out of range for shape " + to_string(shape));
    return a;
}

index_t axis_of_rank(const char* name, index_t axis, std::size_t rank) {
    const auto n = static_cast<index_t>(rank);
    const index_t a = axis < 0 ? axis + n : axis;
    if (a < 0 || a >= n) throw index_error(std::string(name) + ": axis " + std::to_string(axis) + " is out of range for a result of rank " + std::to_string(n));
    return a;
}

extents axes_of(const char* name, const axes_argument& axes, const extents& shape) {
    extents out;
    for (std::size_t i = 0; i < axes.count; ++i) {
        const index_t a = axis_of(name, axes.list[i], shape);
        if ((mask_of(out) & (1U << a)) != 0) {
            throw value_error(std::string(name) + ": axis " + std::to_string(axes.list[i]) + " is given twice for shape " + to_string(shape));
        }
        out.push_back(a);
    }
    return out;
}

void check_rank(const char* name, std::size_t rank) {
    if (rank > max_rank) throw shape_error(std::string(name) + ": the result would have " + std::to_string(rank) + " dimensions, an array has at most 8");
}

index_t multiplied(const char* name, index_t elements, index_t times) {
    index_t n = 0;
    if (__builtin_mul_overflow(elements, times, &n)) {
        throw memory_error(std::string(name) + ": " + std::to_string(elements) + " elements, " + std::to_string(times) + " times, are more than can be addressed");
    }
    return n;
}

index_t added(const char* name, index_t elements, index_t more) {
    index_t n = 0;
    if (__builtin_add_overflow(elements, more, &n)) {
        throw memory_error(std::string(name) + ": " + std::to_string(elements) + " and " + std::to_string(more) + " elements along an axis are more than can be addressed");
    }
    return n;
}

unsigned mask_of(const extents& axes) noexcept {
    unsigned mask = 0;
    for (const index_t a : axes) mask |= 1U << a;
    return mask;
}

}  // namespace sinter::inline v1::detail::graph
