// Pictures in and out of files: JPEG by libjpeg-turbo, PNG by libpng.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace support {

/// A picture of 8-bit sRGB samples, rows from the top, the channels of a pixel side by side.
struct image {
    std::size_t height = 0;               ///< pixels
    std::size_t width = 0;                ///< pixels
    std::size_t channels = 3;             ///< 3: red, green, blue; 1: grey
    std::vector<std::uint8_t> samples{};  ///< height * width * channels of them
};

/// The largest picture that is read, in pixels: a damaged header must not ask for all memory.
inline constexpr std::size_t most_pixels = std::size_t{1} << 28;

/// Reads a JPEG or a PNG, told apart by their first bytes, whatever the file's name.
///
/// The result always has three channels. Grey and palettes are expanded, CMYK and YCCK are converted without a colour profile,
/// 16 bits are reduced to 8, interlaced and progressive files are read whole, and what is transparent is laid over black.
/// Throws std::runtime_error, whose message begins with the file's name, when the file cannot be opened or
/// read, is neither kind, is damaged or cut short, or has more than most_pixels.
[[nodiscard]] image read_image(const std::filesystem::path& file);

/// Writes samples of shape (height, width, channels), with 1 or 3 channels, as a PNG.
///
/// Throws std::runtime_error, whose message begins with the file's name, when the file cannot be written, and
/// std::invalid_argument when the samples do not have that shape.
void write_png(const std::filesystem::path& file, std::size_t height, std::size_t width, std::size_t channels,
               std::span<const std::uint8_t> samples);

}  // namespace support
