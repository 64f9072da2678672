#include "cities.hpp"

#include "../support/files.hpp"

#include <charconv>
#include <cstdint>
#include <string_view>

namespace nearest {
namespace {

// Takes what is before the next comma, or all that is left.
std::string_view next(std::string_view& line) {
    const std::size_t comma = line.find(',');
    const std::string_view word = line.substr(0, comma);
    line = comma == std::string_view::npos ? std::string_view{} : line.substr(comma + 1);
    return word;
}

// Whether it is a number of that size at most.
bool angle(std::string_view word, double most, double& result) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), result);
    return error == std::errc{} && end == word.data() + word.size() && result >= -most && result <= most;
}

}  // namespace

table read_cities(const std::filesystem::path& file) {
    const std::vector<std::uint8_t> bytes = support::read_bytes(file);
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    table result;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        const std::string_view name = next(line), up = next(line), east = next(line);
        double latitude = 0, longitude = 0;
        if (name.empty() || !line.empty() || !angle(up, 90, latitude) || !angle(east, 180, longitude)) {
            support::fail(file, "line " + std::to_string(number) + " is not a name, a latitude and a longitude in degrees");
        }
        result.names.emplace_back(name);
        result.latitude.push_back(latitude);
        result.longitude.push_back(longitude);
    }
    if (result.names.size() < 2) support::fail(file, "it has " + std::to_string(result.names.size()) + " cities, fewer than 2");
    return result;
}

}  // namespace nearest
