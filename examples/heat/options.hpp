// The command line.
#pragma once

#include <filesystem>
#include <string_view>

namespace heat {

struct options {
    std::filesystem::path picture;      ///< a JPEG or a PNG
    std::filesystem::path folder{"."};  ///< where the result goes; made when it is missing
    int scale = 4;                      ///< pixels of the picture along the side of a cell
    int steps = 60000;
    int runs = 5;                       ///< timed runs of each way
    int threads = 0;                    ///< 0: as many as Sinter chooses
    bool plan = true;                   ///< print the plan
    bool help = false;
};

inline constexpr std::string_view usage =
    "usage: heat [options] [picture.jpg | picture.png]\n"
    "  --scale N     a cell is N x N pixels of the picture, 1 to 1024 (4)\n"
    "  --steps N     in time, 64 to 10000000 (60000)\n"
    "  --runs N      timed runs of each way, 1 to 1000 (5)\n"
    "  --out DIR     where the resulting PNG goes (the current directory)\n"
    "  --threads N   threads for Sinter, 1 to 1024 (its own choice)\n"
    "  --no-plan     do not print the plan\n"
    "  --help        print this\n";

/// Reads the arguments of main. Throws support::usage_error.
[[nodiscard]] options parse(int count, const char* const* words);

}  // namespace heat
