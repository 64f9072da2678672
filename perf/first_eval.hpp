#pragma once

#include <cstddef>

#include "report.hpp"

namespace perf {

// Fifty statements of five operations, each seen for the first time. Meant to be the first thing a process does with
// the library: the first of them is then the first evaluation of the process.
[[nodiscard]] first_times first_evaluations(std::size_t elements);

}
