#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace support {

/// The largest error of results in float, in units in the last place of the exact value.
struct worst_error {
    double ulp = 0;
    double x = 0, y = 0;
    long wrong = 0;    // NaN, infinity, zero or sign where the exact value has another
    double wrong_x = 0, wrong_y = 0;

    void check(float result, double exact, float a, float b, bool relative_to_one) {
        const auto rounded = static_cast<float>(exact);
        bool right = false;
        if (std::isnan(rounded) || std::isnan(result)) {
            right = std::isnan(rounded) && std::isnan(result);
        } else if (std::isinf(rounded) || std::isinf(result) || rounded == 0.0f) {
            right = rounded == result ? std::signbit(rounded) == std::signbit(result)
                                      : std::isinf(rounded) == std::isinf(result) && error(result, exact, relative_to_one) <= 1;
        } else {
            right = relative_to_one || std::signbit(rounded) == std::signbit(result);
            const double e = error(result, exact, relative_to_one);
            if (e > ulp) {
                ulp = e;
                x = static_cast<double>(a);
                y = static_cast<double>(b);
            }
        }
        if (!right && wrong++ == 0) {
            wrong_x = static_cast<double>(a);
            wrong_y = static_cast<double>(b);
        }
    }

    void take(const worst_error& other) {
        if (other.ulp > ulp) {
            ulp = other.ulp;
            x = other.x;
            y = other.y;
        }
        if (wrong == 0) {
            wrong_x = other.wrong_x;
            wrong_y = other.wrong_y;
        }
        wrong += other.wrong;
    }

private:
    [[nodiscard]] static double error(float result, double exact, bool relative_to_one) {
        int exponent = 0;
        std::frexp(static_cast<float>(exact), &exponent);
        const int unit = std::max(exponent, relative_to_one ? 1 : std::numeric_limits<float>::min_exponent) - std::numeric_limits<float>::digits;
        return std::fabs(std::ldexp(static_cast<double>(result) - exact, -unit));
    }
};

}  // namespace support
