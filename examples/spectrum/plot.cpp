#include "plot.hpp"

#include "../support/image.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>

namespace spectrum {
namespace {

struct colour {
    std::uint8_t red, green, blue;
};

constexpr colour paper{250, 250, 247}, grid{222, 222, 218}, ink{70, 70, 70}, curve{25, 85, 160}, mark{205, 60, 30}, bars{90, 140, 190};

constexpr int width = 1280, height = 520;
constexpr int glyph_scale = 2;

// Three by five dots each, rows from the top.
constexpr std::string_view characters = "0123456789-.k";
constexpr std::array<std::string_view, 13> glyphs{
    "111101101101111", "010110010010111", "111001111100111", "111001111001111", "101101111001001", "111100111001111", "111100111101111",
    "111001010010010", "111101111101111", "111101111001111", "000000111000000", "000000000000010", "100101110101101"};

class canvas {
public:
    canvas() : samples_(std::size_t{3} * width * height) { fill(0, 0, width, height, paper); }

    void fill(int left, int top, int right, int bottom, colour c) {
        for (int y = std::max(top, 0); y < std::min(bottom, height); ++y) {
            for (int x = std::max(left, 0); x < std::min(right, width); ++x) {
                std::uint8_t* const sample = samples_.data() + std::size_t{3} * (static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x));
                sample[0] = c.red;
                sample[1] = c.green;
                sample[2] = c.blue;
            }
        }
    }

    // Ends before `right` or, if it is centred, lies around it.
    void text(int right, int middle, const std::string& what, bool centred) {
        const int each = 4 * glyph_scale, long_ = each * static_cast<int>(what.size()) - glyph_scale;
        int left = centred ? right - long_ / 2 : right - long_;
        const int top = middle - 5 * glyph_scale / 2;
        for (const char letter : what) {
            const std::string_view dots = glyphs[characters.find(letter)];
            for (int i = 0; i < 15; ++i) {
                const int x = left + i % 3 * glyph_scale, y = top + i / 3 * glyph_scale;
                if (dots[static_cast<std::size_t>(i)] == '1') fill(x, y, x + glyph_scale, y + glyph_scale, ink);
            }
            left += each;
        }
    }

    void write(const std::filesystem::path& file) const { support::write_png(file, height, width, 3, samples_); }

private:
    std::vector<std::uint8_t> samples_;
};

std::string in_short(double value) {
    const bool thousands = std::abs(value) >= 1000;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3g", thousands ? value / 1000 : value + 0.0);
    return std::string(text.data()) + (thousands ? "k" : "");
}

// A rectangle on the canvas, and what its sides stand for.
struct frame {
    int left, top, right, bottom;
    double x0, x1, y0, y1;

    [[nodiscard]] int column(double x) const { return left + static_cast<int>(std::lround((x - x0) / (x1 - x0) * (right - left))); }
    [[nodiscard]] int row(double y) const { return bottom - static_cast<int>(std::lround((std::clamp(y, y0, y1) - y0) / (y1 - y0) * (bottom - top))); }
};

void draw_box(canvas& on, const frame& f) {
    on.fill(f.left, f.bottom, f.right + 1, f.bottom + 1, ink);
    on.fill(f.left, f.top, f.left + 1, f.bottom, ink);
}

void draw_levels(canvas& on, const plot& what) {
    const auto first = what.level.begin() + 1;
    const double most = *std::max_element(first, what.level.end());
    const double least = std::max(*std::min_element(first, what.level.end()), most - 140);
    const double top = 10 * std::ceil(most / 10 + 0.2), bottom = std::min(10 * std::floor(least / 10), top - 20);
    const auto count = what.level.size();
    const frame f{60, 20, 860, height - 40, std::log10(what.step), std::log10(what.step * static_cast<double>(count - 1)), bottom, top};

    for (double level = top; level >= bottom; level -= top - bottom > 80 ? 20 : 10) {
        on.fill(f.left, f.row(level), f.right, f.row(level) + 1, grid);
        on.text(f.left - 8, f.row(level), in_short(level), false);
    }
    for (int decade = static_cast<int>(std::floor(f.x0)); decade <= f.x1; ++decade) {
        for (int digit = 1; digit < 10; ++digit) {
            const double x = decade + std::log10(digit);
            if (x < f.x0 || x > f.x1) continue;
            on.fill(f.column(x), f.top, f.column(x) + 1, f.bottom, grid);
            if (digit == 1 || digit == 2 || digit == 5) on.text(f.column(x), f.bottom + 14, in_short(std::pow(10.0, x)), true);
        }
    }
    for (const peak& p : what.peaks) {
        const int x = f.column(std::log10(p.place * what.step)), y = f.row(20 * std::log10(p.amplitude));
        on.fill(x - 3, y - 9, x + 4, y - 2, mark);
    }
    // From point to point: each column of a line as far as it goes there.
    const auto x_of = [&](std::size_t k) { return f.column(std::log10(what.step * static_cast<double>(k))); };
    for (std::size_t k = 1; k + 1 < count; ++k) {
        const int x0 = x_of(k), x1 = x_of(k + 1), y0 = f.row(what.level[k]), y1 = f.row(what.level[k + 1]);
        const int wide = std::max(x1 - x0, 1);
        for (int x = x0; x < x0 + wide; ++x) {
            const int from = y0 + (y1 - y0) * (x - x0) / wide, to = y0 + (y1 - y0) * (x + 1 - x0) / wide;
            on.fill(x, std::min(from, to), x + 2, std::max(from, to) + 2, curve);
        }
    }
    draw_box(on, f);
}

void draw_histogram(canvas& on, const summary& values) {
    const double most = static_cast<double>(*std::max_element(values.counts.begin(), values.counts.end()));
    const frame f{930, 20, width - 30, height - 40, values.low, values.high, 0, most * 1.05};
    const double bin = (values.high - values.low) / static_cast<double>(values.counts.size());
    for (std::size_t i = 0; i < values.counts.size(); ++i) {
        const double low = values.low + bin * static_cast<double>(i);
        on.fill(f.column(low) + 1, f.row(static_cast<double>(values.counts[i])), f.column(low + bin), f.bottom, bars);
    }
    // The quarters, the middle one in ink.
    for (const std::size_t i : {2, 3, 4}) {
        const int x = f.column(values.quantiles[i]);
        on.fill(x, f.top, x + 2, f.bottom, i == 3 ? ink : mark);
    }
    for (const double at : {values.low, (values.low + values.high) / 2, values.high}) on.text(f.column(at), f.bottom + 14, in_short(std::round(at * 100) / 100), true);
    draw_box(on, f);
}

}  // namespace

void draw(const std::filesystem::path& file, const plot& what) {
    canvas on;
    draw_levels(on, what);
    draw_histogram(on, what.values);
    on.write(file);
}

}  // namespace spectrum
