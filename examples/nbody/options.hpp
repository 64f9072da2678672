// The command line.
#pragma once

#include <filesystem>
#include <string_view>

namespace nbody {

struct options {
    std::filesystem::path folder{"."};  ///< where the pictures go; made when it is missing
    int bodies = 4096;                  ///< of both galaxies
    int steps = 600;                    ///< of them
    int years = 166;                    ///< of the solar system
    int runs = 5;                       ///< timed runs of each way
    int threads = 0;                    ///< 0: as many as Sinter chooses
    bool plan = true;                   ///< print the plan
    bool help = false;
};

inline constexpr std::string_view usage =
    "usage: nbody [options]\n"
    "  --out DIR     where galaxies.png and planets.png go (the current directory)\n"
    "  --bodies N    of both galaxies together, 2 to 65536 (4096)\n"
    "  --steps N     of the galaxies, 5 to 100000 (600)\n"
    "  --years N     of the solar system, 1 to 1000 (166)\n"
    "  --runs N      timed runs of each way, 1 to 1000 (5)\n"
    "  --threads N   threads for Sinter, 1 to 1024 (its own choice)\n"
    "  --no-plan     do not print the plan\n"
    "  --help        print this\n";

/// Reads the arguments of main. Throws support::usage_error.
[[nodiscard]] options parse(int count, const char* const* words);

}  // namespace nbody
