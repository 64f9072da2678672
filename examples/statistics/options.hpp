// The command line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace statistics {

struct options {
    std::filesystem::path file{};    ///< a CSV file; empty: the table is made up
    std::size_t rows = 4'000'000;    ///< of a table that is made up
    double limit = 0;                ///< of a CSV file's columns
    int runs = 5;                    ///< timed runs of each way
    int threads = 0;                 ///< 0: as many as Sinter chooses
    bool whole_plan = false;         ///< print every kernel of the plan
    bool plan = true;                ///< print the plan
    bool help = false;
};

inline constexpr std::string_view usage =
    "usage: statistics [options] [table.csv]\n"
    "  --rows N      rows of the table that is made up without a file, 1 to 100000000 (4000000)\n"
    "  --over N      the limit for a file's columns, a whole number: the share above it is reported (0)\n"
    "  --runs N      timed runs of each way, 1 to 1000 (5)\n"
    "  --threads N   threads for Sinter, 1 to 1024 (its own choice)\n"
    "  --whole-plan  print every kernel, not only those that read the table\n"
    "  --no-plan     do not print the plan\n"
    "  --help        print this\n";

/// Reads the arguments of main. Throws support::usage_error.
[[nodiscard]] options parse(int count, const char* const* words);

}  // namespace statistics
