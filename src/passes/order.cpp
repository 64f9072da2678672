#include "passes/order.hpp"

namespace sinter::inline v1::detail::passes::order {

namespace {

using graph::identity;
using graph::operand;
using graph::value;

/// One reduction of x's axes [first, last), by blocks if there is a block.
operand reduce(graph::graph& g, const value& like, operand x, std::uint8_t first, std::uint8_t last, index_t block) {
    const extents space = g.space(x);
    if (last - first > 1) {
        // Several axes go as one only where memory allows it; where it does not, the planner gives this copy memory of its own.
        value copy{.kind = graph::value_kind::copy, .type = like.type, .n_args = 1, .shape = space, .captured = like.captured};
        copy.args[0] = x;
        x = {g.add(copy), identity};
    }
    value v = like;
    v.args[0] = x;
    v.reduced = {first, last, block};
    v.shape = {};
    index_t count = 1;
    for (std::size_t d = 0; d < space.size(); ++d) {
        if (d >= first && d < last) {
            count *= space[d];
            if (d + 1 == last && block > 0) v.shape.push_back((count + block - 1) / block);
        } else {
            v.shape.push_back(space[d]);
        }
    }
    return {g.add(v), identity};
}

}  // namespace

operand split(graph::graph& g, const value& v) {
    operand x = v.args[0];
    const auto first = v.reduced.first;
    auto last = v.reduced.last;
    const bool is_row = last == g.space(x).size();
    const index_t block = is_row ? row_block : column_block;
    for (;;) {
        const extents space = g.space(x);
        // How many of the axes go at once.
        auto from = first;
        index_t length = 1;
        if (is_row) {
            from = last;
            while (from > first && (from == last || length < merged_row)) length *= space[--from];
        } else {
            for (auto d = first; d < last; ++d) length *= space[d];
        }
        if (length > block) {
            x = reduce(g, v, x, from, last, block);
            last = static_cast<std::uint8_t>(from + 1);
            continue;
        }
        x = reduce(g, v, x, from, last, 0);
        last = from;
        if (last == first) return x;
    }
}

}  // namespace sinter::inline v1::detail::passes::order
