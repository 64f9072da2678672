#pragma once

#include "base/function_ref.hpp"
#include "plan/machine.hpp"

#include <atomic>
#include <cstddef>

namespace sinter::inline v1::detail::runtime {

/// The machine as measured, by kernels from the code generators, for the instruction set of `known` and its number of threads: about a second, two where
/// the last cache is a server's. What is not measured (sizes as told, the clock, vector units) stays as it is in `known`. Takes memory while it runs, an eighth of all
/// there is at most: four times what is usable of the last cache up to 256 MiB, else twice, and first a quarter more than is told of it. Uses all the
/// threads; other work on the machine makes the numbers worse. Not to be called inside a parallel region.
/// Throws memory_error or bad_alloc if there is no memory for it, and calibration::stopped some milliseconds after `stop` has become true.
[[nodiscard]] plan::machine calibrate(const plan::machine& known, const std::atomic<bool>& stop);

namespace calibration {

struct stopped {};

inline void check(const std::atomic<bool>& stop) {
    if (stop.load(std::memory_order_relaxed)) throw stopped{};
}

// The parts of it. Each fills in its own numbers.

/// The size between two where going over so many bytes again and again begins to take more than `half` seconds for each.
[[nodiscard]] std::size_t usable_size(std::size_t low, std::size_t high, double half, base::function_ref<double(std::size_t)> seconds_per_byte);

/// How many of the last cache's bytes there are for this process: with more of them it takes more than halfway from what the cache takes to what memory does. A guest is
/// told of all that a server has. near: bytes that it has for certain; most: as many as may be touched, which memory has where they are clearly slower.
[[nodiscard]] std::size_t usable_part(std::size_t bytes, std::size_t near, std::size_t most, base::function_ref<double(std::size_t)> seconds_per_byte);

/// Bandwidths of the caches and of memory, what is usable of the last one, gain of streaming stores, how well computing and moving overlap.
void measure_traffic(plan::machine& m, const std::atomic<bool>& stop);

/// Cycles of each operation of the table, and the cost of compiling.
void measure_operations(plan::machine& m, const std::atomic<bool>& stop);

/// Parallel sections, page faults, calls.
void measure_system(plan::machine& m, const std::atomic<bool>& stop);

}  // namespace calibration
}  // namespace sinter::inline v1::detail::runtime
