#include "graph/node.hpp"

#include <sinter/pairwise.hpp>

#include <string>

namespace sinter::inline v1::detail {

void throw_no_rows(const char* which, const extents& shape) try {
    throw shape_error(std::string("pairwise: ") + which + " has shape " + graph::to_string(shape) + ", not (d) or (rows, d)");
} catch (const std::bad_alloc&) {
    throw_no_memory("pairwise");
}

void throw_lengths_differ(const extents& a, const extents& b) try {
    throw shape_error("pairwise: the vectors of shapes " + graph::to_string(a) + " and " + graph::to_string(b) + " differ in length");
} catch (const std::bad_alloc&) {
    throw_no_memory("pairwise");
}

}  // namespace sinter::inline v1::detail
