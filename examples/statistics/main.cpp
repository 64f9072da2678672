// A report on a large table with gaps: counts, means, deviations, extremes, shares above a limit, and correlations of all pairs
// (summary.cpp), in one plan; checked against plain loops and timed with them.
#include "../support/arguments.hpp"
#include "../support/race.hpp"
#include "options.hpp"
#include "plain_summary.hpp"
#include "print.hpp"
#include "summary.hpp"
#include "table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>

namespace sn = sinter;

namespace statistics {
namespace {

// Both ways add doubles, in other orders. Means are relative to themselves or the deviation, whichever is larger, correlations to 1.
constexpr double largest_difference = 1e-9;

plain_summary values_of(const summary& s) {
    return {s.present.to_vector(), s.over.to_vector(), s.mean.to_vector(), s.deviation.to_vector(),
            s.least.to_vector(),   s.most.to_vector(), s.correlations.to_vector()};
}

// Not a number is as good as not a number, and infinitely far from everything else.
double apart(double a, double b, double scale) {
    if ((std::isnan(a) && std::isnan(b)) || a == b) {
        return 0;
    }
    const double difference = std::abs(a - b) / std::max({std::abs(a), std::abs(b), scale});
    return std::isnan(difference) ? HUGE_VAL : difference;
}

struct differences {
    double mean = 0, deviation = 0, correlation = 0;
    bool exact = true;  // counts and extremes, which are not rounded
};

differences compare(const plain_summary& a, const plain_summary& b) {
    differences d;
    d.exact = a.present == b.present && a.over == b.over && a.least == b.least && a.most == b.most;
    for (std::size_t i = 0; i < b.mean.size(); ++i) {
        d.mean = std::max(d.mean, apart(a.mean[i], b.mean[i], std::isnan(b.deviation[i]) ? 0 : b.deviation[i]));
        d.deviation = std::max(d.deviation, apart(a.deviation[i], b.deviation[i], 0));
    }
    for (std::size_t i = 0; i < b.correlations.size(); ++i) {
        d.correlation = std::max(d.correlation, apart(a.correlations[i], b.correlations[i], 1));
    }
    return d;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

bool same_bits(const plain_summary& a, const plain_summary& b) {
    return a.present == b.present && a.over == b.over && same_bits(a.mean, b.mean) && same_bits(a.deviation, b.deviation) &&
           same_bits(a.least, b.least) && same_bits(a.most, b.most) && same_bits(a.correlations, b.correlations);
}

// Whether all ways agree; says so.
bool check(const plain_summary& found, const plain_summary& alone, const plain_summary& plain, int threads) {
    const differences d = compare(found, plain);
    std::printf("\nlargest relative difference from plain loops (at most %.0e): mean %.2g, deviation %.2g, correlation %.2g\n",
                largest_difference, d.mean, d.deviation, d.correlation);
    std::printf("counts, least and most: %s\n", d.exact ? "the same" : "DIFFERENT");
    const bool same = same_bits(found, alone);
    if (threads != 1) {
        std::printf("one thread and more: %s\n", same ? "the same, bit for bit" : "DIFFERENT");
    }
    return same && d.exact && std::max({d.mean, d.deviation, d.correlation}) <= largest_difference;
}

int run(const options& chosen) {
    if (chosen.threads > 0) {
        sn::set_threads(chosen.threads);
    }
    const table data = chosen.file.empty() ? make_table(chosen.rows) : read_csv(chosen.file, chosen.limit);
    const double megabytes = static_cast<double>(data.values.size() * sizeof(float)) * 1e-6;
    std::printf("%s: %zu rows, %zu columns, %.1f MB\n", chosen.file.empty() ? "made up" : chosen.file.c_str(), data.rows, data.columns(), megabytes);

    const auto values = sn::borrow(data.values.data(), {static_cast<sn::index_t>(data.columns()), static_cast<sn::index_t>(data.rows)});
    const numbers limits = sn::from(data.limits);
    const auto report = [&] {
        const summary s = summarise(values, limits);
        s.eval();
        return s;
    };

    const sn::plan_report plan = summarise(values, limits).plan();
    if (chosen.plan && chosen.whole_plan) {
        std::fflush(stdout);
        std::cout << '\n' << plan << std::flush;
    } else if (chosen.plan) {
        print_plan(data, plan);
    }
    double bytes = 0;
    for (const auto& kernel : plan.kernels) {
        bytes += kernel.bytes_read + kernel.bytes_written;
    }

    const plain_summary found = values_of(report());
    print_summary(data, found);

    plain_summary alone, plain;
    std::vector<support::entrant> entrants;
    const std::string threads = chosen.threads == 0 ? "all threads" : std::to_string(chosen.threads) + (chosen.threads == 1 ? " thread" : " threads");
    entrants.push_back({"Sinter, " + threads, [&] { report(); }});
    entrants.push_back({"Sinter, 1 thread", [&] {
                            const sn::scoped_options one_thread{.threads = 1};
                            alone = values_of(report());
                        }});
    entrants.push_back({"plain loops, 1 thread", [&] { plain = summarise_plainly(data); }});
    race(entrants, chosen.runs);
    const double ours = support::median(entrants.front().seconds);
    std::printf("\nmedian of %d in turn:\n", chosen.runs);
    for (const support::entrant& each : entrants) {
        const double seconds = support::median(each.seconds);
        std::printf("  %-24s %10.3f ms %8.2f\n", each.name.c_str(), seconds * 1e3, seconds / ours);
    }
    std::printf("  %-24s %10.3f ms\n", "predicted for the plan", plan.predicted_seconds * 1e3);
    std::printf("  %.1f MB to and from memory by the plan: %.1f GB/s\n", bytes * 1e-6, bytes / ours * 1e-9);

    if (!check(found, alone, plain, chosen.threads)) {
        std::fprintf(stderr, "statistics: the ways of running disagree by more than rounding explains\n");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace statistics

int main(int count, char** words) {
    try {
        const statistics::options chosen = statistics::parse(count, words);
        if (chosen.help) {
            std::fwrite(statistics::usage.data(), 1, statistics::usage.size(), stdout);
            return EXIT_SUCCESS;
        }
        return statistics::run(chosen);
    } catch (const support::usage_error& error) {
        std::fprintf(stderr, "statistics: %s\n%s", error.what(), statistics::usage.data());
        return 2;
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "statistics: not enough memory for this table\n");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "statistics: %s\n", error.what());
    }
    return EXIT_FAILURE;
}
