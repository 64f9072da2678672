// A picture of a spectrum and of a histogram.
#pragma once

#include "spectrum.hpp"

#include <filesystem>
#include <span>

namespace spectrum {

/// What the picture shows.
struct plot {
    std::span<const double> level;  ///< decibels, for each number of waves in a segment
    double step;                    ///< the frequency of one wave in a segment
    std::span<const peak> peaks;    ///< marked
    const summary& values;          ///< their histogram
};

/// Writes a PNG: on the left the levels over the frequency, which goes by its logarithm, on the right how often each value occurs. Throws std::runtime_error when the file
/// cannot be written.
void draw(const std::filesystem::path& file, const plot& what);

}  // namespace spectrum
