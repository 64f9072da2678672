// The same report as plain C++ loops, to compare the array statements with.
#pragma once

#include "table.hpp"

#include <cstdint>
#include <vector>

namespace statistics {

/// As summary, but computed.
struct plain_summary {
    std::vector<std::int64_t> present, over;                            // (columns)
    std::vector<double> mean, deviation, least, most, correlations;     // (columns), but correlations: (columns, columns)
};

/// Loops fused by hand, on one thread: a pass over each column for what needs no mean, one for its deviation, and one over each pair.
[[nodiscard]] plain_summary summarise_plainly(const table& data);

}  // namespace statistics
