#include "arguments.hpp"

#include <charconv>
#include <string>

namespace support {

std::string_view arguments::value() {
    const std::string_view option = word();
    if (!next()) {
        throw usage_error(std::string{option} + " needs a value");
    }
    return word();
}

int arguments::number(int least, int most) {
    const std::string_view option = word(), text = value();
    int result = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
    if (error != std::errc{} || end != text.data() + text.size() || result < least || result > most) {
        throw usage_error(std::string{option} + " takes a number from " + std::to_string(least) + " to " + std::to_string(most) +
                          ", not '" + std::string{text} + "'");
    }
    return result;
}

}  // namespace support
