#pragma once

#include "plan/machine.hpp"

#include <atomic>

namespace sinter::inline v1::detail::runtime {

/// The machine as measured, by kernels from the code generators, for the instruction set of `known` and its number of threads: about a second. What is
/// not measured (sizes, the clock, vector units) stays as it is in `known`. Takes four times the last cache's size of memory while it runs, and uses all the
/// threads; other work on the machine makes the numbers worse. Not to be called inside a parallel region.
/// Throws memory_error or bad_alloc if there is no memory for it, and calibration::stopped some milliseconds after `stop` has become true.
[[nodiscard]] plan::machine calibrate(const plan::machine& known, const std::atomic<bool>& stop);

namespace calibration {

struct stopped {};

inline void check(const std::atomic<bool>& stop) {
    if (stop.load(std::memory_order_relaxed)) throw stopped{};
}

// The parts of it. Each fills in its own numbers.

/// Bandwidths of the caches and of memory, gain of streaming stores, how well computing and moving overlap.
void measure_traffic(plan::machine& m, const std::atomic<bool>& stop);

/// Cycles of each operation of the table, and the cost of compiling.
void measure_operations(plan::machine& m, const std::atomic<bool>& stop);

/// Parallel sections, page faults, calls.
void measure_system(plan::machine& m, const std::atomic<bool>& stop);

}  // namespace calibration
}  // namespace sinter::inline v1::detail::runtime
