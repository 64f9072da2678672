#include "picture.hpp"

#include "../support/image.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace digits {
namespace {

struct colour {
    std::uint8_t red, green, blue;
};

constexpr std::size_t scale = 10;              // of a digit's pixels
constexpr std::size_t tile = side * scale;
constexpr std::size_t margin = 12;
constexpr std::size_t glyph_scale = 4;
constexpr std::size_t caption = 5 * glyph_scale + 6;
constexpr std::size_t most_misread = 20;

constexpr colour paper{245, 245, 242}, right{20, 130, 60}, wrong{200, 40, 30};

// Three by five dots each, rows from the top.
constexpr std::array<std::string_view, classes> glyphs{
    "111101101101111", "010110010010111", "111001111100111", "111001111001111", "101101111001001",
    "111100111001111", "111100111101111", "111001010010010", "111101111101111", "111101111001111"};

class canvas {
public:
    canvas(std::size_t height, std::size_t width) : picture_{height, width, 3, std::vector<std::uint8_t>(3 * height * width)} {
        fill(0, 0, height, width, paper);
    }

    void fill(std::size_t top, std::size_t left, std::size_t height, std::size_t width, colour c) {
        for (std::size_t y = top; y < top + height; ++y) {
            for (std::size_t x = left; x < left + width; ++x) {
                std::uint8_t* const sample = picture_.samples.data() + 3 * (y * picture_.width + x);
                sample[0] = c.red;
                sample[1] = c.green;
                sample[2] = c.blue;
            }
        }
    }

    template <class Colouring>
    void squares(std::size_t top, std::size_t left, const float* values, Colouring colouring) {
        for (std::size_t i = 0; i < pixels; ++i) {
            fill(top + i / side * scale, left + i % side * scale, scale, scale, colouring(values[i]));
        }
    }

    void digit(std::size_t top, std::size_t left, int which, colour c) {
        const std::string_view dots = glyphs[static_cast<std::size_t>(which)];
        for (std::size_t i = 0; i < dots.size(); ++i) {
            if (dots[i] == '1') {
                fill(top + i / 3 * glyph_scale, left + i % 3 * glyph_scale, glyph_scale, glyph_scale, c);
            }
        }
    }

    void write(const std::filesystem::path& file) const {
        support::write_png(file, picture_.height, picture_.width, picture_.channels, picture_.samples);
    }

private:
    support::image picture_;
};

std::uint8_t level(float share) { return static_cast<std::uint8_t>(std::lround(255.0f * std::clamp(share, 0.0f, 1.0f))); }

// From -1, blue, over white to 1, red.
colour diverging(float value) {
    const std::uint8_t pale = level(1.0f - std::abs(value));
    return value < 0 ? colour{pale, pale, 255} : colour{255, pale, pale};
}

colour ink(float value) {
    const std::uint8_t grey = level(1.0f - value);
    return {grey, grey, grey};
}

}  // namespace

void draw(const std::filesystem::path& file, std::span<const float> weights, const dataset& held_out,
          const std::vector<misreading>& misread) {
    const std::size_t shown = std::min(misread.size(), most_misread);
    const std::size_t rows = 1 + (shown + classes - 1) / classes;
    canvas picture(margin + rows * (tile + caption + margin), margin + classes * (tile + margin));
    float largest = 1e-30f;
    for (const float w : weights) {
        largest = std::max(largest, std::abs(w));
    }
    for (std::size_t k = 0; k < classes; ++k) {
        const std::size_t left = margin + k * (tile + margin);
        picture.squares(margin, left, weights.data() + k * pixels, [&](float w) { return diverging(w / largest); });
        picture.digit(margin + tile + 6, left + tile / 2 - 6, static_cast<int>(k), {60, 60, 60});
    }
    for (std::size_t i = 0; i < shown; ++i) {
        const std::size_t top = margin + (1 + i / classes) * (tile + caption + margin);
        const std::size_t left = margin + i % classes * (tile + margin);
        const std::size_t example = misread[i].example;
        picture.squares(top, left, held_out.images.data() + example * pixels, ink);
        picture.digit(top + tile + 6, left + tile / 2 - 20, held_out.labels[example], right);
        picture.digit(top + tile + 6, left + tile / 2 + 8, misread[i].taken_for, wrong);
    }
    picture.write(file);
}

}  // namespace digits
