#include "passes/order.hpp"

namespace sinter::inline v1::detail::passes::order {

namespace {

using graph::identity;
using graph::operand;
using graph::value;

/// Axes that are to go as one.
operand together(graph::graph& g, const value& like, operand x, std::uint8_t first, std::uint8_t last) {
    if (last - first == 1) return x;
    // They do only where memory allows it; where it does not, the planner gives this copy memory of its own.
    value copy{.kind = graph::value_kind::copy, .type = g.values[x.value].type, .n_args = 1, .shape = g.space(x), .captured = like.captured};
    copy.args[0] = x;
    return {g.add(copy), identity};
}

/// One reduction of x's axes [first, last), by blocks if there is a block.
operand reduce(graph::graph& g, const value& like, operand x, std::uint8_t first, std::uint8_t last, index_t block) {
    const extents space = g.space(x);
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
    // An index needs the extreme values too, step by step: what each stands for is known from the step before.
    const bool index = v.index_step() != 0;
    value values = v;
    if (index) {
        values.type = g.values[x.value].type;
        values.bits = 0;
    }
    value indices = v;
    const auto first = v.reduced.first;
    auto last = v.reduced.last;
    const bool is_row = last == g.space(x).size();
    const index_t block = is_row ? row_block : column_block;
    const extents original = g.space(x);
    const auto end = last;
    // From the blocks of one row to those of the next the index does not grow as it does between blocks, where the last one is short.
    bool in_blocks = false;
    for (;;) {
        const extents space = g.space(x);
        // How many of the axes go at once.
        auto from = first;
        index_t length = 1;
        if (is_row) {
            from = last;
            while (from > first && (from == last || (length < merged_row && !(index && in_blocks)))) length *= space[--from];
        } else {
            for (auto d = first; d < last; ++d) length *= space[d];
        }
        const bool cut = length > block;
        x = together(g, v, x, from, last);
        if (values.adds_products()) values.args[1] = together(g, v, values.args[1], from, last);
        const auto next = [&](const value& like) { return reduce(g, like, x, from, last, cut ? block : 0); };
        operand at;
        if (index) {
            at = next(indices);
            indices.args[1] = at;
            indices.n_args = 2;
            index_t elements = 1;
            for (auto d = from; d < end; ++d) elements *= original[d];
            indices.bits = cut ? indices.bits * static_cast<std::uint64_t>(block) : static_cast<std::uint64_t>(elements);
            in_blocks = cut;
        }
        const bool done = !cut && from == first;
        if (done && index) return at;
        x = next(values);
        // Products have been added up: the next step adds their sums.
        values.n_args = 1;
        if (done) return x;
        last = cut ? static_cast<std::uint8_t>(from + 1) : from;
    }
}

}  // namespace sinter::inline v1::detail::passes::order
