#pragma once

#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "cases.hpp"
#include "harness.hpp"

namespace perf {

struct result {
    const case_info* what = nullptr;
    extent size;
    int threads = 1;
    std::vector<timing> timings;
    std::map<std::string, double> differences;      // by contender: the largest relative one from hand's result, of those that were compared
    double predicted = 0;           // seconds that the cost model expects of ours; 0: it was not asked
    double compute_limit = 0;       // seconds the FMA units need
    [[nodiscard]] const timing* find(const std::string& name) const;
    [[nodiscard]] const timing* limit() const;      // the faster of ordinary and streaming stores
    // Limit's time over the contender's: 1 is as fast as the hardware goes.
    [[nodiscard]] double of_limit(const timing& t) const;
    [[nodiscard]] double over_predicted() const;    // ours measured over predicted; NaN where not predicted
    [[nodiscard]] double difference() const;        // the larger of ours and to; NaN where not compared
    [[nodiscard]] bool agrees() const;              // each within the case's tolerance
    [[nodiscard]] bool agrees(const std::string& name) const;
};

// Bandwidth of one kind of traffic at one size.
struct level {
    traffic kind;
    std::size_t bytes;
    int threads;
    double ordinary, streaming;     // bytes a second; streaming 0 where not measured
};

struct first_times {
    std::string what;
    double first = 0;               // seconds, the first evaluation of the process
    std::vector<double> rest;       // each a statement not seen before
    double again = 0;               // median of the second evaluation of each
};

struct report {
    std::vector<std::pair<int, double>> peaks;      // threads, operations a second
    std::vector<level> levels;
    std::vector<result> results;
    std::vector<first_times> firsts;
    std::string machine;                            // as the library has measured it, `key value` lines; empty: defaults
};

// How good predictions are: measured over predicted.
struct prediction_summary {
    std::size_t count = 0;
    double median = 0;
    double within_two = 0;          // share of those between a half and two
};
[[nodiscard]] prediction_summary predictions(const report& r);
void print(std::ostream& o, const prediction_summary& s);

void print_header(std::ostream& o);
void print(std::ostream& o, const result& r);
void print(std::ostream& o, const std::vector<level>& levels);
void print(std::ostream& o, const first_times& f);
void write_json(std::ostream& o, const report& r);

[[nodiscard]] std::string format_time(double seconds);

}
