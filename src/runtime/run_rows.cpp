#include "runtime/lane_operands.hpp"
#include "runtime/runner.hpp"

#include <algorithm>

namespace sinter::inline v1::detail::runtime {

// Column reductions of long rows. The kernel is that of lanes in memory, of which there is one for each column: several rows are added to it at once, from the
// first to the last, as it would be in a register.
void runner::run_rows_at_once(const portion& part) {
    constexpr index_t room = 16 << 10;  // bytes of the first cache
    const std::size_t inputs = l_.kernel.inputs.size();
    index_t bytes = 0;
    for (std::size_t i = inputs; i < count_; ++i) bytes += l_.places[i].bytes;
    const index_t strip = std::max<index_t>(room / bytes / 64 * 64, 64), rows = part.rows_high - part.rows_low;
    lane_operands all;
    for (index_t at = part.n_low; at < part.n_high; at += strip) {
        const index_t n = std::min(strip, part.n_high - at);
        for (std::size_t i = inputs; i < count_; ++i) {
            codegen::fill(place_of(i, 0, at), l_.kernel.reductions[i - inputs].identity, static_cast<std::size_t>(l_.places[i].bytes), static_cast<std::size_t>(n));
        }
        const auto add_rows = [&](const codegen::executable& code, index_t row, index_t together, index_t turns) {
            all.clear();
            for (index_t r = 0; r < together; ++r) {
                for (std::size_t i = 0; i < inputs; ++i) all.add(place_of(i, row + r, at), together * row_strides_[i], inner_strides_[i]);
            }
            // What the columns have come to: read and written.
            for (int twice = 0; twice < 2; ++twice) {
                for (std::size_t i = inputs; i < count_; ++i) all.add(place_of(i, 0, at), 0, inner_strides_[i]);
            }
            code.run(all.of(f_.params, turns, n));
        };
        const index_t turns = rows / l_.at_once, left = rows % l_.at_once;
        if (turns > 0) add_rows(*code_.usual, part.rows_low, l_.at_once, turns);
        if (left > 0) add_rows(*code_.lanes[0], part.rows_high - left, 1, left);
    }
}

}  // namespace sinter::inline v1::detail::runtime
