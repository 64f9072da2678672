// Picture files of every kind, made for the tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>

namespace support::test {

/// One sample: row, column, channel. For 16 bits the value is the whole 16; palettes hold indices.
using sampler = std::function<unsigned(std::size_t, std::size_t, std::size_t)>;

enum class png_kind { grey, grey_alpha, rgb, rgba, palette };

struct png_form {
    png_kind kind = png_kind::rgb;
    int bits = 8;  ///< 8 or 16; palettes are 8
    bool interlaced = false;
};

/// The colour of palette entry i is (i, 255 - i, i / 2).
void make_png(const std::filesystem::path& file, std::size_t height, std::size_t width, png_form form, const sampler& sample);

enum class jpeg_kind { grey, rgb, cmyk, ycck };

/// Quality 100, no chroma subsampling. CMYK and YCCK are written as Adobe does, inverted.
void make_jpeg(const std::filesystem::path& file, std::size_t height, std::size_t width, jpeg_kind kind, bool progressive,
               const sampler& sample);

}  // namespace support::test
