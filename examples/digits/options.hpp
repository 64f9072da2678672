// The command line.
#pragma once

#include <filesystem>
#include <string_view>

namespace digits {

struct options {
    std::filesystem::path data;          ///< the digits
    std::filesystem::path folder{"."};   ///< where the picture goes; made when it is missing
    int steps = 300;                     ///< of training
    int runs = 5;                        ///< timed trainings of each way
    int threads = 0;                     ///< 0: as many as Sinter chooses
    bool plan = true;                    ///< print the plan
    bool help = false;
};

inline constexpr std::string_view usage =
    "usage: digits [options] [digits.csv | digits.csv.gz]\n"
    "  --steps N     steps of training, 1 to 100000 (300)\n"
    "  --runs N      timed trainings of each way, 1 to 1000 (5)\n"
    "  --out DIR     where the resulting PNG goes (the current directory)\n"
    "  --threads N   threads for Sinter, 1 to 1024 (its own choice)\n"
    "  --no-plan     do not print the plan\n"
    "  --help        print this\n";

/// Reads the arguments of main. Throws support::usage_error.
[[nodiscard]] options parse(int count, const char* const* words);

}  // namespace digits
