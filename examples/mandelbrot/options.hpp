// The command line.
#pragma once

#include <filesystem>
#include <string_view>

namespace mandelbrot {

struct options {
    std::filesystem::path folder{"."};  ///< where the picture goes; made when it is missing
    int width = 1200, height = 800;     ///< pixels
    int steps = 300;                    ///< at most, of each point
    int runs = 5;                       ///< timed runs of each way
    int threads = 0;                    ///< 0: as many as Sinter chooses
    bool plan = true;                   ///< print the plan
    bool help = false;
};

inline constexpr std::string_view usage =
    "usage: mandelbrot [options]\n"
    "  --out DIR     where mandelbrot.png goes (the current directory)\n"
    "  --width N     pixels, 1 to 16384 (1200)\n"
    "  --height N    pixels, 1 to 16384 (800)\n"
    "  --steps N     of each point at most, 1 to 100000 (300)\n"
    "  --runs N      timed runs of each way, 1 to 1000 (5)\n"
    "  --threads N   threads for Sinter, 1 to 1024 (its own choice)\n"
    "  --no-plan     do not print the plan\n"
    "  --help        print this\n";

/// Reads the arguments of main. Throws support::usage_error.
[[nodiscard]] options parse(int count, const char* const* words);

}  // namespace mandelbrot
