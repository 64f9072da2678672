#pragma once

#include <sinter/detail/types.hpp>

#include <charconv>
#include <string>

namespace sinter::inline v1::detail {

/// As few digits as tell it from its neighbours; whole numbers below a million are written out.
template <half T>
[[nodiscard]] std::string text_of_half(T x) {
    const float value = x;
    if (value != value) return "nan";  // its sign says nothing
    char text[48];
    const auto written = [&](std::chars_format format, int digits) { return std::string(text, std::to_chars(text, text + sizeof text, value, format, digits).ptr); };
    std::string result;
    for (int digits = 1; digits <= std::numeric_limits<T>::max_digits10; ++digits) {
        result = written(std::chars_format::general, digits);
        double read = 0;
        std::from_chars(result.data(), result.data() + result.size(), read);
        if (T(read).bits() == x.bits()) break;
    }
    const bool small = value > -1e6F && value < 1e6F;
    return small && result.find('e') != std::string::npos && value == static_cast<float>(static_cast<int>(value)) ? written(std::chars_format::fixed, 0) : result;
}

}  // namespace sinter::inline v1::detail
