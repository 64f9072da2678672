#include "plain_summary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace statistics {

plain_summary summarise_plainly(const table& data) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const std::size_t columns = data.columns(), rows = data.rows;
    plain_summary s;
    for (std::size_t i = 0; i < columns; ++i) {
        const float* const x = data.values.data() + i * rows;
        const double limit = data.limits[i];
        std::int64_t present = 0, over = 0;
        double total = 0, least = infinity, most = -infinity;
        for (std::size_t row = 0; row < rows; ++row) {
            const double value = static_cast<double>(x[row]);
            if (!std::isnan(value)) {
                ++present;
                over += value > limit ? 1 : 0;
                total += value;
                least = std::min(least, value);
                most = std::max(most, value);
            }
        }
        const double mean = total / static_cast<double>(present);
        double squares = 0;
        for (std::size_t row = 0; row < rows; ++row) {
            const double apart = static_cast<double>(x[row]) - mean;
            squares += std::isnan(apart) ? 0.0 : apart * apart;
        }
        s.present.push_back(present);
        s.over.push_back(over);
        s.mean.push_back(mean);
        s.least.push_back(least);
        s.most.push_back(most);
        s.deviation.push_back(std::sqrt(squares / static_cast<double>(std::max(present - 1, std::int64_t{0}))));
    }

    s.correlations.resize(columns * columns);
    for (std::size_t distance = 1; distance < columns; ++distance) {
        for (std::size_t i = 0; i + distance < columns; ++i) {
            const float* const x = data.values.data() + i * rows;
            const float* const y = x + distance * rows;
            const double mean_x = s.mean[i], mean_y = s.mean[i + distance];
            double n = 0, su = 0, sv = 0, suu = 0, svv = 0, suv = 0;
            for (std::size_t row = 0; row < rows; ++row) {
                const double u = static_cast<double>(x[row]) - mean_x, v = static_cast<double>(y[row]) - mean_y;
                if (!std::isnan(u) && !std::isnan(v)) {
                    n += 1;
                    su += u;
                    sv += v;
                    suu += u * u;
                    svv += v * v;
                    suv += u * v;
                }
            }
            s.correlations[distance * columns + i] = (suv - su * sv / n) / std::sqrt((suu - su * su / n) * (svv - sv * sv / n));
        }
    }
    return s;
}

}  // namespace statistics
