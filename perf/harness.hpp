// Interleaved measurement: one sample of each contender in turn, the order rotated, so that what changes with time
// (clock, where the hypervisor puts the cores, neighbours) meets all of them alike.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace perf {

// One way to compute a case. Each function may be empty but `run`.
struct contender {
    std::string name;
    std::function<void(std::size_t)> run;               // evaluates that many times
    std::function<std::vector<float>()> result = {};    // evaluates anew and gives the values, for comparison
    std::function<void()> enter = {};                   // before a sample (threads, pins), not timed
    std::function<void()> leave = {};
    std::function<double()> predicted = {};             // seconds that the library expects
    bool once = false;                                  // one evaluation a sample, no warm-up: each finds fresh memory
};

struct settings {
    int samples = 21;
    double least_sample = 400e-6;    // seconds
    // Before each sample evaluations for so long, but three of what fits the caches (one is not enough to get the
    // other contenders' data out of a last-level cache) and one of what does not.
    double least_warm_up = 400e-6;
    double most_warm_up = 2e-3;
    double budget = 4.0;             // seconds; large sizes take fewer samples, never fewer than 5
};

// Seconds for one evaluation, one entry a round: entry i of two contenders was taken one right after the other.
struct timing {
    std::string name;
    std::size_t repetitions = 1;
    std::vector<double> samples;
    [[nodiscard]] double median() const;
    [[nodiscard]] double quantile(double q) const;
};

[[nodiscard]] std::vector<timing> measure(std::vector<contender>& contenders, const settings& how);

[[nodiscard]] double quantile_of(std::vector<double> values, double q);

// The median over rounds of a's time over b's: sturdier than the ratio of medians when the machine changes its mind.
[[nodiscard]] double ratio(const timing& a, const timing& b);

// The optimiser may not see through this.
inline void observe(const void* p) { asm volatile("" : : "r"(p) : "memory"); }

}
