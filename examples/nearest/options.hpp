// The command line.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace nearest {

struct options {
    std::filesystem::path file{};  ///< empty: the cities beside the other examples' data
    std::string city{};            ///< empty: the nearest of each
    int count = 5;                 ///< neighbours of the city
    bool plan = true;              ///< print the plan
    bool help = false;
};

inline constexpr std::string_view usage =
    "usage: nearest [options] [city]\n"
    "  city          whose neighbours are wanted; without, the nearest one of every city is printed\n"
    "  --cities FILE names, latitudes and longitudes in degrees, a line each with commas between (cities.csv)\n"
    "  --count N     neighbours of the city, 1 to 1000 (5)\n"
    "  --no-plan     do not print the plan\n"
    "  --help        print this\n";

/// Reads the arguments of main. Throws support::usage_error.
[[nodiscard]] options parse(int count, const char* const* words);

}  // namespace nearest
