// Compiled with -O3 -march=native and the compiler's own defaults for everything else.
#include "plain_loops.hpp"

#include "recipe.hpp"

#include <algorithm>
#include <cmath>

namespace earth {
namespace {

using recipe::reach;

float decode(std::uint8_t srgb) {
    const float code = static_cast<float>(srgb) * (1.0f / 255.0f);
    return code <= 0.04045f ? code * (1.0f / 12.92f) : std::pow((code + 0.055f) * (1.0f / 1.055f), 2.4f);
}

std::uint8_t encode(float linear) {
    const float clipped = std::min(std::max(linear, 0.0f), 1.0f);
    const float code = clipped <= 0.0031308f ? 12.92f * clipped : 1.055f * std::pow(clipped, 1.0f / 2.4f) - 0.055f;
    return static_cast<std::uint8_t>(code * 255.0f + 0.5f);
}

// Sixteen sums side by side, or the compiler may not use vectors; rows are short enough for float, whole pictures are not.
template <class Term>
double sum_row(std::size_t n, Term term) {
    std::array<float, 16> lanes{};
    std::size_t i = 0;
    for (; i + lanes.size() <= n; i += lanes.size()) {
        for (std::size_t k = 0; k < lanes.size(); ++k) {
            lanes[k] += term(i + k);
        }
    }
    double total = 0;
    for (const float lane : lanes) {
        total += static_cast<double>(lane);
    }
    for (; i < n; ++i) {
        total += static_cast<double>(term(i));
    }
    return total;
}

float gain(double squares, double count, float spread) {
    return spread / std::max(static_cast<float>(std::sqrt(squares / count)), recipe::least_deviation);
}

}  // namespace

plain_loops::plain_loops(std::size_t height, std::size_t width)
    : height_(height),
      width_(width),
      table_{},
      linear_(height * width * 3),
      light_(height * width),
      across_(height * width),
      sharp_(height * width),
      seen_(height * width),
      shade_(height * width),
      padded_row_(width + 2 * static_cast<std::size_t>(reach)) {
    for (std::size_t i = 0; i < table_.size(); ++i) {
        table_[i] = decode(static_cast<std::uint8_t>(i));
    }
}

void plain_loops::run(std::span<const std::uint8_t> rgb, decoding how, std::span<std::uint8_t> colour,
                      std::span<std::uint8_t> relief) {
    decode_and_blur_rows(rgb, how);
    sharpen_and_shade();
    write_rows(rgb, how, colour, relief);
}

void plain_loops::decode_and_blur_rows(std::span<const std::uint8_t> rgb, decoding how) {
    constexpr auto t = recipe::taps;
    for (std::size_t y = 0; y < height_; ++y) {
        const std::uint8_t* const in = rgb.data() + y * width_ * 3;
        float* const light = light_.data() + y * width_;
        float* const across = across_.data() + y * width_;
        float* const middle = padded_row_.data() + reach;
        const auto luminance = [](float red, float green, float blue) {
            return recipe::red_share * red + recipe::green_share * green + recipe::blue_share * blue;
        };
        if (how == decoding::table) {
            for (std::size_t x = 0; x < width_; ++x) {
                light[x] = luminance(table_[in[3 * x]], table_[in[3 * x + 1]], table_[in[3 * x + 2]]);
            }
        } else {
            float* const linear = linear_.data() + y * width_ * 3;
            for (std::size_t i = 0; i < width_ * 3; ++i) {
                linear[i] = decode(in[i]);
            }
            for (std::size_t x = 0; x < width_; ++x) {
                light[x] = luminance(linear[3 * x], linear[3 * x + 1], linear[3 * x + 2]);
            }
        }
        std::fill(padded_row_.begin(), padded_row_.begin() + reach, light[0]);
        std::copy(light, light + width_, middle);
        std::fill(padded_row_.end() - reach, padded_row_.end(), light[width_ - 1]);
        for (std::size_t x = 0; x < width_; ++x) {
            const float* const m = middle + x;
            across[x] = t[0] * m[0] + t[1] * (m[-1] + m[1]) + t[2] * (m[-2] + m[2]) + t[3] * (m[-3] + m[3]) +
                        t[4] * (m[-4] + m[4]);
        }
    }
}

void plain_loops::sharpen_and_shade() {
    constexpr auto t = recipe::taps;
    constexpr float s = recipe::steepness;
    double seen_sum = 0;
    double shade_sum = 0;
    for (std::size_t y = 0; y < height_; ++y) {
        // A row above the first one or below the last one is that one.
        const auto row = [&](const std::vector<float>& from, int offset) {
            const auto at = static_cast<std::ptrdiff_t>(y) + offset;
            const auto last = static_cast<std::ptrdiff_t>(height_) - 1;
            return from.data() + static_cast<std::size_t>(std::clamp(at, std::ptrdiff_t{0}, last)) * width_;
        };
        const float* const a0 = row(across_, 0);
        const float *const a1 = row(across_, -1), *const b1 = row(across_, 1);
        const float *const a2 = row(across_, -2), *const b2 = row(across_, 2);
        const float *const a3 = row(across_, -3), *const b3 = row(across_, 3);
        const float *const a4 = row(across_, -4), *const b4 = row(across_, 4);
        const float* const light = row(light_, 0);
        const float *const above = row(light_, -1), *const below = row(light_, 1);
        float* const sharp = sharp_.data() + y * width_;
        float* const seen = seen_.data() + y * width_;
        float* const shade = shade_.data() + y * width_;
        for (std::size_t x = 0; x < width_; ++x) {
            const float blurred = t[0] * a0[x] + t[1] * (a1[x] + b1[x]) + t[2] * (a2[x] + b2[x]) +
                                  t[3] * (a3[x] + b3[x]) + t[4] * (a4[x] + b4[x]);
            sharp[x] = std::max(light[x] + recipe::sharpening * (light[x] - blurred), 0.0f);
            seen[x] = std::sqrt(sharp[x]);
        }
        const auto lit = [&](std::size_t x, std::size_t west, std::size_t east) {
            const float dx = 0.5f * (light[east] - light[west]);
            const float dy = 0.5f * (below[x] - above[x]);
            const float towards_light = s * recipe::light_aside * (dx + dy) + recipe::light_up;
            return std::max(towards_light / std::sqrt(1.0f + s * s * (dx * dx + dy * dy)), 0.0f);
        };
        const std::size_t last = width_ - 1;
        shade[0] = lit(0, 0, std::min<std::size_t>(1, last));
        for (std::size_t x = 1; x < last; ++x) {
            shade[x] = lit(x, x - 1, x + 1);
        }
        shade[last] = lit(last, last == 0 ? 0 : last - 1, last);
        seen_sum += sum_row(width_, [&](std::size_t x) { return seen[x]; });
        shade_sum += sum_row(width_, [&](std::size_t x) { return shade[x]; });
    }

    const auto count = static_cast<double>(height_ * width_);
    seen_mean_ = static_cast<float>(seen_sum / count);
    shade_mean_ = static_cast<float>(shade_sum / count);
    const auto squares = [&](const std::vector<float>& of, float mean) {
        double total = 0;
        for (std::size_t y = 0; y < height_; ++y) {
            const float* const row = of.data() + y * width_;
            total += sum_row(width_, [&](std::size_t x) { return (row[x] - mean) * (row[x] - mean); });
        }
        return total;
    };
    seen_gain_ = gain(squares(seen_, seen_mean_), count, recipe::tone_spread);
    shade_gain_ = gain(squares(shade_, shade_mean_), count, recipe::relief_spread);
}

void plain_loops::write_rows(std::span<const std::uint8_t> rgb, decoding how, std::span<std::uint8_t> colour,
                             std::span<std::uint8_t> relief) const {
    // Copied out of the object, because a store of a byte could change anything that is not local.
    const float seen_mean = seen_mean_, seen_gain = seen_gain_;
    const float shade_mean = shade_mean_, shade_gain = shade_gain_;
    const float *const light = light_.data(), *const seen = seen_.data(), *const shade = shade_.data();
    const float *const linear = linear_.data(), *const table = table_.data();
    const std::uint8_t* const in = rgb.data();
    std::uint8_t *const colour_out = colour.data(), *const relief_out = relief.data();
    const std::size_t pixels = height_ * width_;
    for (std::size_t i = 0; i < pixels; ++i) {
        const float tone = std::max(seen_mean + seen_gain * (seen[i] - seen_mean), 0.0f);
        const float ratio = tone * tone / std::max(light[i], recipe::least_light);
        for (std::size_t c = 3 * i; c < 3 * i + 3; ++c) {
            colour_out[c] = encode(ratio * (how == decoding::table ? table[in[c]] : linear[c]));
        }
        relief_out[i] = encode(recipe::relief_level + shade_gain * (shade[i] - shade_mean));
    }
}

}  // namespace earth
