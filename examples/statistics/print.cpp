#include "print.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace statistics {
namespace {

// A dash where there is nothing to tell.
void print_number(double value, int width, int digits) {
    if (std::isfinite(value)) {
        std::printf(" %*.*f", width, digits, value);
    } else {
        std::printf(" %*s", width, "-");
    }
}

}  // namespace

void print_summary(const table& data, const plain_summary& found) {
    std::size_t widest = 6;
    for (const std::string& name : data.names) {
        widest = std::max(widest, name.size());
    }
    const int width = static_cast<int>(std::min<std::size_t>(widest, 24));
    std::printf("\n%-*s %10s %11s %11s %11s %11s %18s\n", width, "column", "present", "mean", "deviation", "least", "most", "share over");
    for (std::size_t i = 0; i < data.columns(); ++i) {
        std::printf("%-*.*s %10lld", width, width, data.names[i].c_str(), static_cast<long long>(found.present[i]));
        print_number(found.mean[i], 11, 4);
        print_number(found.deviation[i], 11, 4);
        print_number(found.least[i], 11, 4);
        print_number(found.most[i], 11, 4);
        print_number(static_cast<double>(found.over[i]) / static_cast<double>(found.present[i]), 8, 4);
        std::printf(" of %g\n", data.limits[i]);
    }

    std::printf("\ncorrelations\n");
    for (std::size_t i = 1; i < data.columns(); ++i) {
        std::printf("%-*.*s", width, width, data.names[i].c_str());
        for (std::size_t j = 0; j < i; ++j) {
            print_number(found.correlations[(i - j) * data.columns() + j], 7, 3);
        }
        std::printf("\n");
    }
    std::printf("%-*s", width, "");
    for (std::size_t j = 0; j + 1 < data.columns(); ++j) {
        std::printf(" %7.7s", data.names[j].c_str());
    }
    std::printf("\n");
}

void print_plan(const table& data, const sinter::plan_report& plan) {
    const double table_bytes = static_cast<double>(data.values.size() * sizeof(float));
    std::printf("\nthe plan: %zu kernels; those that read more than a hundredth of the table:\n", plan.kernels.size());
    std::size_t small = 0;
    double seconds = 0;
    for (std::size_t i = 0; i < plan.kernels.size(); ++i) {
        const auto& kernel = plan.kernels[i];
        if (kernel.bytes_read < 0.01 * table_bytes) {
            ++small;
            seconds += kernel.predicted_seconds;
            continue;
        }
        std::printf("  %3zu  %-10s %2zu operations, %d results, %6.1f MB, %s-bound, %.2f ms predicted  [%s]\n", i, kernel.backend.c_str(),
                    kernel.ops.size(), kernel.outputs, kernel.bytes_read * 1e-6, kernel.bound.c_str(),
                    kernel.predicted_seconds * 1e3, kernel.source.c_str());
        std::printf("       because: %s\n", kernel.why.c_str());
    }
    std::printf("  and %zu small ones, which finish the sums: %.1f us predicted\n", small, seconds * 1e6);
}

}  // namespace statistics
