#include "race.hpp"

#include <algorithm>
#include <chrono>

namespace support {

double time_once(const std::function<void()>& run) {
    using clock = std::chrono::steady_clock;
    const auto start = clock::now();
    run();
    return std::chrono::duration<double>(clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void race(std::vector<entrant>& entrants, int runs) {
    for (const entrant& each : entrants) {
        each.run();
    }
    for (int run = 0; run < runs; ++run) {
        for (entrant& each : entrants) {
            each.seconds.push_back(time_once(each.run));
        }
    }
}

}  // namespace support
