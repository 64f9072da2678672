// The command line.
#pragma once

#include <filesystem>
#include <string_view>

namespace kmeans {

struct options {
    std::filesystem::path picture;      ///< a JPEG or a PNG
    std::filesystem::path folder{"."};  ///< where the result goes; made when it is missing
    int colours = 16;
    int steps = 20;   ///< of Lloyd's algorithm
    int seed = 1;     ///< of the first colours
    int runs = 5;     ///< timed runs of each way
    int threads = 0;  ///< 0: as many as Sinter chooses
    bool plan = true; ///< print the plan
    bool help = false;
};

inline constexpr std::string_view usage =
    "usage: kmeans [options] [picture.jpg | picture.png]\n"
    "  --colours N   colours of the result, 1 to 256 (16)\n"
    "  --steps N     of Lloyd's algorithm, 1 to 1000 (20)\n"
    "  --seed N      draws other first colours, 0 to 1000000000 (1)\n"
    "  --runs N      timed runs of each way, 1 to 1000 (5)\n"
    "  --out DIR     where the resulting PNG goes (the current directory)\n"
    "  --threads N   threads for Sinter, 1 to 1024 (its own choice)\n"
    "  --no-plan     do not print the plan\n"
    "  --help        print this\n";

/// Reads the arguments of main. Throws support::usage_error.
[[nodiscard]] options parse(int count, const char* const* words);

}  // namespace kmeans
