#pragma once

#include "plan/plan.hpp"

namespace sinter::inline v1::detail::runtime {

// The kernels of a launch whose lanes are in memory.

/// What the code of a launch is made from, which the functions below make where it is not the launch's own kernel.
[[nodiscard]] codegen::kernel main_kernel(const plan::launch& l);

/// How many rows of each lane its kernel takes at once: the lane itself is then seldom read and written.
[[nodiscard]] index_t rows_of_lane_step(const plan::launch& l) noexcept;

/// Reduces rows into lanes: a map over one row of each of so many blocks of rows, as many as there are lanes, with the lanes as its last inputs
/// and outputs. Operands: the launch's inputs for the first block, for the next one and so on, then the lanes; its outputs in the same way.
[[nodiscard]] codegen::kernel lane_step(const plan::launch& l, index_t rows);

/// The values of a scan along rows, as a map; of one down columns what lane_step makes, with each row's sums as outputs and the last of them as the lane.
[[nodiscard]] codegen::kernel scan_step(const plan::launch& l, index_t rows);

/// The same with rows that are stored past the caches; the lane, which is read again, is not.
[[nodiscard]] codegen::kernel past_caches_but_lanes(codegen::kernel columns);

/// Whether there is nothing to compute for a scan along rows: its values are where an input has them, one after another.
[[nodiscard]] bool scans_an_input(const plan::launch& l) noexcept;

/// Reduces two lanes of one reduction into the first.
[[nodiscard]] codegen::kernel lane_pairs(const plan::launch& l, std::size_t reduction);

// And of one that takes steps of its outer loops together.

/// The row reductions of so many steps at once. Operands: the inputs that are not shared, for each step, the shared ones, the reductions for each step.
[[nodiscard]] codegen::kernel steps_together(const plan::launch& l);

/// Inputs that steps of outer loops do not share; those that they do, if they change from row to row; and the others.
struct input_kinds {
    std::vector<std::size_t> own, by_row, same;
};
[[nodiscard]] input_kinds kinds_of_inputs(const plan::launch& l);

/// The same of so many steps with so many rows of the shared inputs each (launch::beside). Operands: the inputs that are not shared, for each step; those that
/// are and change from row to row, for each row; the other shared ones; each reduction, for each step, for each row.
[[nodiscard]] codegen::kernel pairs_together(const plan::launch& l);

}  // namespace sinter::inline v1::detail::runtime
