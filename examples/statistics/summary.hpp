// The report on a table as array statements.
#pragma once

#include <sinter/sinter.hpp>

#include <cstdint>

namespace statistics {

using counts = sinter::array<std::int64_t>;
using numbers = sinter::array<double>;

/// All of it pending. A column without values has NaN for mean, and infinities for least and most; one with less than two has NaN
/// for deviation, and a pair without spread for correlation.
struct summary {
    counts present;     ///< (columns): values that are there
    counts over;        ///< (columns): those above the column's limit
    numbers mean;       ///< (columns)
    numbers deviation;  ///< (columns): the root of the squares' sum about the mean, over present - 1
    numbers least;      ///< (columns)
    numbers most;       ///< (columns)
    numbers correlations;  ///< (columns, columns): (d, i) is Pearson's r of columns i and i + d over the rows that have both, for d of 1 and more; the
                           ///< rest is 0

    void eval() const { sinter::eval(present, over, mean, deviation, least, most, correlations); }
    [[nodiscard]] sinter::plan_report plan() const { return sinter::explain(present, over, mean, deviation, least, most, correlations); }
};

/// Records the report; computes nothing. `values` is (columns, rows), NaN where one is missing, with at least one row; `limits` is (columns).
[[nodiscard]] summary summarise(const sinter::array<float>& values, const numbers& limits);

}  // namespace statistics
