#include "table.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

namespace statistics {
namespace {

struct sensor {
    const char* name;
    double limit;
    double missing;  // share of values
};

constexpr std::array<sensor, 8> sensors{{{"temperature", 20, 0.01},   // degrees Celsius
                                         {"humidity", 80, 0.02},      // percent
                                         {"pressure", 1020, 0.01},    // hPa
                                         {"wind", 10, 0.05},          // m/s
                                         {"gust", 15, 0.05},          // m/s
                                         {"sun", 600, 0.03},          // W/m2
                                         {"rain", 0, 0.1},            // mm/h
                                         {"battery", 12.5, 0.02}}};   // V

// SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
class generator {
public:
    // From 0 to below 1.
    double uniform() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
    }
    // Nearly normal, of deviation 1.
    double noise() { return 1.7320508 * (uniform() + uniform() + uniform() + uniform() - 2.0); }

private:
    std::uint64_t state_ = 20240229;
};

}  // namespace

table make_table(std::size_t rows) {
    table result;
    result.rows = rows;
    for (const sensor& each : sensors) {
        result.names.emplace_back(each.name);
        result.limits.push_back(each.limit);
    }
    result.values.resize(sensors.size() * rows);

    generator random;
    double front = 0, storm = 0, charge = 0;  // what changes slowly
    for (std::size_t row = 0; row < rows; ++row) {
        const double turn = 2 * std::numbers::pi * static_cast<double>(row % (365 * 1440)) / 1440;
        const double day = std::sin(turn - 2), year = std::sin(turn / 365 - 2);
        front = 0.9995 * front + 0.03 * random.noise();
        storm = 0.999 * storm + 0.045 * random.noise();
        const double cloud = 1 / (1 + std::exp(2 * front));
        const double sun = std::fmax(0.0, 800 * (day + 0.4 * year)) * (1 - 0.7 * cloud);
        charge = 0.998 * charge + 0.002 * sun / 400;
        const double temperature = 10 + 9 * year + 4 * day + 1.5 * front + 0.3 * random.noise();
        const double wind = std::fabs(3 + 2 * storm + 0.5 * random.noise());
        const std::array<double, sensors.size()> seen{
            temperature,
            std::fmin(100.0, 70 - 1.5 * (temperature - 10) + 15 * cloud + 2 * random.noise()),
            1013 + 5 * front - 3 * storm + 0.2 * random.noise(),
            wind,
            wind * (1.3 + 0.2 * random.uniform()),
            sun,
            cloud > 0.7 && storm > 0 ? 8 * (cloud - 0.7) * random.uniform() : 0.0,
            12.2 + 0.5 * charge + 0.02 * random.noise()};
        // Now and then the whole mast is silent.
        const bool silent = row % 10000 >= 9970;
        for (std::size_t i = 0; i < sensors.size(); ++i) {
            const bool missing = random.uniform() < sensors[i].missing || silent;
            result.values[i * rows + row] = missing ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(seen[i]);
        }
    }
    return result;
}

}  // namespace statistics
