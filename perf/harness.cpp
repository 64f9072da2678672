#include "harness.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace perf {

namespace {

double seconds(const contender& c, std::size_t repetitions) {
    const auto start = std::chrono::steady_clock::now();
    c.run(repetitions);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Brackets a sample with what the contender needs, whatever it throws.
class turn {
public:
    explicit turn(const contender& c) : c_(c) { if (c_.enter) c_.enter(); }
    ~turn() { if (c_.leave) c_.leave(); }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

private:
    const contender& c_;
};

void warm_up(const contender& c, const settings& how) {
    double warm = 0;
    for (int turns = 0; warm < how.least_warm_up || (turns < 3 && warm < how.most_warm_up); ++turns) warm += std::max(seconds(c, 1), 1e-8);
}

std::size_t calibrate(const contender& c, const settings& how) {
    if (c.once) return 1;
    const turn t(c);
    c.run(1);
    std::size_t repetitions = 1;
    for (;;) {
        const double took = std::min(seconds(c, repetitions), seconds(c, repetitions));
        if (took >= how.least_sample) return repetitions;
        const double grow = std::clamp(1.2 * how.least_sample / std::max(took, 1e-9), 1.5, 100.0);
        repetitions = static_cast<std::size_t>(std::ceil(static_cast<double>(repetitions) * grow));
    }
}

}

double quantile_of(std::vector<double> values, double q) {
    if (values.empty()) return std::nan("");
    std::sort(values.begin(), values.end());
    const double at = q * static_cast<double>(values.size() - 1);
    const auto low = static_cast<std::size_t>(at);
    const std::size_t high = std::min(low + 1, values.size() - 1);
    return values[low] + (at - static_cast<double>(low)) * (values[high] - values[low]);
}

double timing::quantile(double q) const { return quantile_of(samples, q); }
double timing::median() const { return quantile(0.5); }

double ratio(const timing& a, const timing& b) {
    std::vector<double> each;
    const std::size_t n = std::min(a.samples.size(), b.samples.size());
    for (std::size_t i = 0; i < n; ++i) each.push_back(a.samples[i] / b.samples[i]);
    return quantile_of(std::move(each), 0.5);
}

std::vector<timing> measure(std::vector<contender>& contenders, const settings& how) {
    std::vector<timing> out;
    double round = 0;
    for (const contender& c : contenders) {
        timing t{c.name, calibrate(c, how), {}};
        const turn guard(c);
        const double took = seconds(c, t.repetitions);
        round += took + (c.once ? 0.0 : std::max(took / static_cast<double>(t.repetitions), how.least_warm_up));
        out.push_back(std::move(t));
    }
    const int affordable = static_cast<int>(how.budget / std::max(round, 1e-9));
    const int rounds = std::clamp(affordable, std::min(5, how.samples), how.samples);
    const std::size_t n = contenders.size();
    for (int r = 0; r < rounds; ++r) {
        for (std::size_t k = 0; k < n; ++k) {
            const std::size_t i = (k + static_cast<std::size_t>(r)) % n;
            const contender& c = contenders[i];
            const turn guard(c);
            // The last contender's data is in the caches, and its threads may still be on the cores.
            if (!c.once) warm_up(c, how);
            out[i].samples.push_back(seconds(c, out[i].repetitions) / static_cast<double>(out[i].repetitions));
        }
    }
    return out;
}

}
