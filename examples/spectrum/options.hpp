// The command line.
#pragma once

#include <filesystem>
#include <string_view>

namespace spectrum {

struct options {
    std::filesystem::path file{};       ///< empty: the picture of the Earth
    std::filesystem::path folder{"."};  ///< where the plot goes; made when it is missing
    int length = 16384;                 ///< samples in a segment, a power of two
    int runs = 5;                       ///< timed runs of each way
    int threads = 0;                    ///< 0: as many as Sinter chooses
    bool plan = true;                   ///< print the plan
    bool help = false;
};

inline constexpr std::string_view usage =
    "usage: spectrum [options] [file]\n"
    "  file          a sound (WAV, 16-bit PCM), or a JPEG or PNG picture, which is scanned line by line (earth.jpg)\n"
    "  --out DIR     where spectrum.png goes (the current directory)\n"
    "  --length N    samples in a segment, a power of two from 64 to 1048576 (16384)\n"
    "  --runs N      timed runs of each way, 1 to 1000 (5)\n"
    "  --threads N   threads for Sinter, 1 to 1024 (its own choice)\n"
    "  --no-plan     do not print the plan\n"
    "  --help        print this\n";

/// Reads the arguments of main. Throws support::usage_error.
[[nodiscard]] options parse(int count, const char* const* words);

}  // namespace spectrum
