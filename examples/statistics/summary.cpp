#include "summary.hpp"

#include <limits>

namespace sn = sinter;
using sn::all;
using sn::newaxis;
using sn::range;

namespace statistics {

summary summarise(const sn::array<float>& values, const numbers& limits) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    constexpr sn::reduce_options along_rows{.axis = 1};
    const sn::index_t columns = values.extent(0);

    numbers x = sn::cast<double>(values);
    sn::array<bool> there = !isnan(x);
    counts present = sum(there, along_rows);
    counts over = sum(x > limits(all, newaxis), along_rows);
    numbers least = min(where(there, x, infinity), along_rows);
    numbers most = max(where(there, x, -infinity), along_rows);
    numbers mean = sum(where(there, x, 0.0), along_rows) / sn::cast<double>(present);

    // About the mean, so that nothing cancels: a second pass.
    numbers apart = where(there, x - mean(all, newaxis), 0.0);
    numbers deviation = sqrt(sum(apart * apart, along_rows) / sn::cast<double>(maximum(present - 1, 0)));

    // All pairs at the same distance at once: columns i and i + distance are two slices of the table.
    numbers correlations = sn::zeros<double>({columns, columns});
    for (sn::index_t distance = 1; distance < columns; ++distance) {
        const auto first = range(0, columns - distance), second = range(distance, columns);
        numbers a = x(first, all), b = x(second, all);
        sn::array<bool> both = !(isnan(a) | isnan(b));
        numbers u = where(both, a - mean(first, newaxis), 0.0);
        numbers v = where(both, b - mean(second, newaxis), 0.0);
        numbers n = sn::cast<double>(sum(both, along_rows));
        numbers su = sum(u, along_rows), sv = sum(v, along_rows);
        numbers suu = sum(u * u, along_rows), svv = sum(v * v, along_rows), suv = sum(u * v, along_rows);
        correlations(distance, first) = (suv - su * sv / n) / sqrt((suu - su * su / n) * (svv - sv * sv / n));
    }
    return {present, over, mean, deviation, least, most, correlations};
}

}  // namespace statistics
