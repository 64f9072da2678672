// The table of cities.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nearest {

struct table {
    std::vector<std::string> names;
    std::vector<double> latitude, longitude;  ///< degrees
};

/// Reads a name, a latitude and a longitude from each line, with commas between. Throws std::runtime_error, whose message begins with the file's name, when the file cannot be read or
/// has less than two cities, or a line is something else or no place on Earth.
[[nodiscard]] table read_cities(const std::filesystem::path& file);

}  // namespace nearest
