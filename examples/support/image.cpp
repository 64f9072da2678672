#include "image.hpp"

#include "codecs.hpp"
#include "files.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include <png.h>

namespace support {
namespace {

using std::filesystem::path;

bool starts_with(std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> start) {
    return bytes.size() >= start.size() && std::equal(start.begin(), start.end(), bytes.begin());
}

}  // namespace

image read_image(const path& file) {
    static constexpr std::array<std::uint8_t, 3> jpeg_start{0xFF, 0xD8, 0xFF};
    static constexpr std::array<std::uint8_t, 8> png_start{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    const std::vector<std::uint8_t> bytes = read_bytes(file);
    const bool is_jpeg = starts_with(bytes, jpeg_start);
    if (!is_jpeg && !starts_with(bytes, png_start)) {
        fail(file, bytes.empty() ? "the file is empty" : "neither a JPEG nor a PNG picture");
    }
    try {
        return is_jpeg ? read_jpeg(bytes) : read_png(bytes);
    } catch (const std::runtime_error& error) {
        fail(file, std::string{is_jpeg ? "JPEG" : "PNG"} + " picture cannot be read: " + error.what());
    }
}

void check_extent(std::size_t height, std::size_t width) {
    if (height == 0 || width == 0) {
        throw std::runtime_error("it has no pixels");
    }
    if (height > most_pixels / width) {
        throw std::runtime_error("it has " + std::to_string(width) + " x " + std::to_string(height) + " pixels, more than " +
                                 std::to_string(most_pixels) + " in all");
    }
}

void write_png(const path& file, std::size_t height, std::size_t width, std::size_t channels,
               std::span<const std::uint8_t> samples) {
    if (height == 0 || width == 0 || height > most_pixels / width || (channels != 1 && channels != 3) ||
        samples.size() != height * width * channels) {
        throw std::invalid_argument("write_png: the samples do not fill a grey or an RGB picture");
    }
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    png.width = static_cast<png_uint_32>(width);
    png.height = static_cast<png_uint_32>(height);
    png.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    if (png_image_write_to_file(&png, file.c_str(), 0, samples.data(), 0, nullptr) == 0) {
        fail(file, std::string{"cannot be written: "} + png.message);
    }
}

}  // namespace support
