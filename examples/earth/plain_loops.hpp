// The treatment of a picture as plain C++ loops, to compare the array statements with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace earth {

enum class decoding {
    formula,  ///< sRGB by `pow` for each sample, as the array statements do it
    table     ///< sRGB by a table of its 256 values: the same bits for less work
};

/// Plain loops on one thread, fused where a programmer would fuse them by hand: four passes over the picture.
/// Keeps its memory from one run to the next.
class plain_loops {
public:
    /// Extents in pixels, both positive.
    plain_loops(std::size_t height, std::size_t width);

    /// From rgb (height, width, 3) to colour (height, width, 3) and relief (height, width), all of them 8-bit sRGB.
    void run(std::span<const std::uint8_t> rgb, decoding how, std::span<std::uint8_t> colour, std::span<std::uint8_t> relief);

    [[nodiscard]] std::span<const float> light() const { return sharp_; }   ///< as developed::light, after a run
    [[nodiscard]] std::span<const float> shade() const { return shade_; }  ///< as developed::shade, after a run

private:
    void decode_and_blur_rows(std::span<const std::uint8_t> rgb, decoding how);
    void sharpen_and_shade();
    void write_rows(std::span<const std::uint8_t> rgb, decoding how, std::span<std::uint8_t> colour,
                    std::span<std::uint8_t> relief) const;

    std::size_t height_;
    std::size_t width_;
    std::array<float, 256> table_;
    std::vector<float> linear_;  // (height, width, 3), only for decoding::formula
    std::vector<float> light_;   // (height, width), as are the others
    std::vector<float> across_;
    std::vector<float> sharp_;
    std::vector<float> seen_;
    std::vector<float> shade_;
    std::vector<float> padded_row_;
    float seen_mean_ = 0, seen_gain_ = 0;
    float shade_mean_ = 0, shade_gain_ = 0;
};

}  // namespace earth
