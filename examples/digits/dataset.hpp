// The handwritten digits, read from their file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace digits {

inline constexpr std::size_t side = 8;               ///< pixels of a digit's side
inline constexpr std::size_t pixels = side * side;
inline constexpr std::size_t classes = 10;
inline constexpr int darkest = 16;                   ///< pixels are 0 to 16 in the file

/// Digits one after the other.
struct dataset {
    std::vector<float> images{};  ///< (size, pixels), rows from the top, 0 (paper) to 1 (ink)
    std::vector<int> labels{};    ///< (size), 0 to 9

    [[nodiscard]] std::size_t size() const { return labels.size(); }
};

/// Every fifth digit is held out.
struct split {
    dataset training;
    dataset held_out;
};

/// Reads lines of 64 pixels and the digit, integers with commas between; the file may be compressed by gzip.
///
/// Throws std::runtime_error, whose message begins with the file's name, and the line's number where it is a line's fault, when the
/// file cannot be read, is damaged or cut short, or holds anything else, or fewer than 50 digits.
[[nodiscard]] split read_digits(const std::filesystem::path& file);

}  // namespace digits
