// The command line.
#pragma once

#include <filesystem>
#include <string_view>

namespace earth {

struct options {
    std::filesystem::path picture;        ///< a JPEG or a PNG
    std::filesystem::path folder{"."};    ///< where the results go; made when it is missing
    int runs = 7;                         ///< timed runs of each way
    int threads = 0;                      ///< 0: as many as Sinter chooses
    bool plan = true;                     ///< print the plan
    bool help = false;
};

inline constexpr std::string_view usage =
    "usage: earth [options] [picture.jpg | picture.png]\n"
    "  --runs N      timed runs of each way, 1 to 1000 (7)\n"
    "  --out DIR     where the resulting PNGs go (the current directory)\n"
    "  --threads N   threads for Sinter, 1 to 1024 (its own choice)\n"
    "  --no-plan     do not print the plan\n"
    "  --help        print this\n";

/// Reads the arguments of main. Throws support::usage_error.
[[nodiscard]] options parse(int count, const char* const* words);

}  // namespace earth
