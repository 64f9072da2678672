// The two kinds of file behind image.hpp, each in a file of its own: jpeg.cpp, png.cpp.
#pragma once

#include "image.hpp"

namespace support {

/// Both read a whole file held in memory into three channels, and throw std::runtime_error without the file's name.
[[nodiscard]] image read_jpeg(std::span<const std::uint8_t> bytes);
[[nodiscard]] image read_png(std::span<const std::uint8_t> bytes);

/// Throws std::runtime_error unless both extents are positive and their product is at most most_pixels.
void check_extent(std::size_t height, std::size_t width);

}  // namespace support
