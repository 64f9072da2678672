#include "runtime/lane_operands.hpp"
#include "runtime/lanes.hpp"
#include "runtime/runner.hpp"

#include <algorithm>

// Steps of outer loops, and blocks of a reduction, that go through a kernel together.

namespace sinter::inline v1::detail::runtime {

using plan::launch;
using plan::place;

// As the kernel of steps that run together has them.
template <class Operands>
void runner::operands_of_steps(Operands& all, index_t first, index_t steps, index_t row, index_t at) {
    const std::size_t inputs = l_.kernel.inputs.size();
    const auto add = [&](std::size_t i) { all.add(place_of(i, row, at), row_strides_[i], inner_strides_[i]); };
    all.clear();
    if (steps == 1) {
        go_to(first);
        for (std::size_t i = 0; i < count_; ++i) add(i);
        return;
    }
    for (index_t s = 0; s < steps; ++s) {
        go_to(first + s);
        for (std::size_t i = 0; i < inputs; ++i) {
            if (!plan::is_shared(l_, l_.places[i])) add(i);
        }
    }
    for (std::size_t i = 0; i < inputs; ++i) {
        if (plan::is_shared(l_, l_.places[i])) add(i);
    }
    for (index_t s = 0; s < steps; ++s) {
        go_to(first + s);
        for (std::size_t i = inputs; i < count_; ++i) add(i);
    }
}

// As the kernel of pairs of rows has them.
template <class Operands>
void runner::operands_of_pairs(Operands& all, index_t first, index_t row, index_t at) {
    const std::size_t inputs = l_.kernel.inputs.size();
    all.clear();
    const auto add = [&](std::size_t i, index_t r) { all.add(place_of(i, r, at), l_.beside * row_strides_[i], inner_strides_[i]); };
    for (index_t s = 0; s < l_.together; ++s) {
        go_to(first + s);
        for (std::size_t i = 0; i < inputs; ++i) {
            if (!plan::is_shared(l_, l_.places[i])) add(i, row);
        }
    }
    for (index_t r = 0; r < l_.beside; ++r) {
        for (std::size_t i = 0; i < inputs; ++i) {
            if (plan::is_shared(l_, l_.places[i]) && l_.places[i].row != 0) add(i, row + r);
        }
    }
    for (std::size_t i = 0; i < inputs; ++i) {
        if (plan::is_shared(l_, l_.places[i]) && l_.places[i].row == 0) add(i, row);
    }
    for (std::size_t i = inputs; i < count_; ++i) {
        for (index_t s = 0; s < l_.together; ++s) {
            go_to(first + s);
            for (index_t r = 0; r < l_.beside; ++r) add(i, row + r);
        }
    }
}

// A block that is shorter than the others runs by itself.
void runner::run_blocks_together(const portion& part) {
    lane_operands all;
    const auto rows_of = [&](index_t u) { return std::min(l_.block, part.rows_high - u % l_.blocks * l_.block); };
    for (index_t u = part.around_low; u < part.around_high;) {
        bool whole = u + l_.together <= part.around_high;
        for (index_t s = 0; whole && s < l_.together; ++s) whole = rows_of(u + s) == l_.block;
        const index_t steps = whole ? l_.together : 1;
        operands_of_steps(all, u, steps, 0, part.n_low);
        const codegen::executable& code = steps == 1 ? *code_.lanes[0] : *code_.usual;
        code.run(all.of(f_.params, rows_of(u), part.n_high - part.n_low));
        u += steps;
    }
}

// What steps read that others do not: the rows that all share have pushed it out of the near caches since the last strip.
void runner::ask_for_steps(index_t first, index_t past, const portion& part) {
    for (index_t u = first; u < past; ++u) {
        go_to(u);
        for (std::size_t i = 0; i < l_.kernel.inputs.size(); ++i) {
            const plan::place& p = l_.places[i];
            if (plan::is_shared(l_, p) || p.inner != 1 || p.counts) continue;
            const std::byte* const from = place_of(i, 0, part.n_low);
            for (index_t byte = 0; byte < (part.n_high - part.n_low) * p.bytes; byte += 64) __builtin_prefetch(from + byte);
        }
    }
}

// Strip by strip of the rows that the steps share.
void runner::run_together(const portion& part) {
    constexpr index_t worth_asking = 32;  // rows
    const bool comes_again = l_.beside > 0 && part.rows_high - part.rows_low > l_.tile_rows;
    lane_operands all;
    for (index_t row = part.rows_low; row < part.rows_high; row += l_.tile_rows) {
        for (index_t u = part.around_low; u < part.around_high;) {
            const index_t left = part.around_high - u, back = l_.together - left;
            // Several that are left over go with some that have been before, to the same bits.
            if (l_.beside > 0 && left > 1 && back > 0 && u - back >= part.around_low) u -= back;
            const index_t steps = u + l_.together <= part.around_high ? l_.together : 1;
            index_t rows = std::min(l_.tile_rows, part.rows_high - row), done = 0;
            if (l_.beside > 0 && steps > 1) {
                done = rows / l_.beside * l_.beside;
                const auto run_pairs = [&](index_t first, index_t turns) {
                    operands_of_pairs(all, u, first, part.n_low);
                    code_.usual->run(all.of(f_.params, turns, part.n_high - part.n_low));
                };
                if (comes_again && done >= worth_asking) ask_for_steps(u + steps, std::min(u + 2 * steps, part.around_high), part);
                if (done > 0) run_pairs(row, done / l_.beside);
                // Of what is left over the last ones once more, to the same bits: by themselves each would be a call.
                if (const index_t last = row + rows - l_.beside; done < rows && last >= part.rows_low) {
                    run_pairs(last, 1);
                    done = rows;
                }
            }
            rows -= done;
            const index_t at_once = l_.beside > 0 ? 1 : steps;
            for (index_t s = 0; s < steps && rows > 0; s += at_once) {
                operands_of_steps(all, u + s, at_once, row + done, part.n_low);
                const codegen::executable& code = at_once == 1 ? *code_.lanes[0] : *code_.usual;
                code.run(all.of(f_.params, rows, part.n_high - part.n_low));
            }
            u += steps;
        }
    }
}

}  // namespace sinter::inline v1::detail::runtime
