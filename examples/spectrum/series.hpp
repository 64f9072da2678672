// Signals, and where they come from.
#pragma once

#include <sinter/sinter.hpp>

#include <filesystem>
#include <string>

namespace spectrum {

struct series {
    std::string name;
    std::string unit;              ///< of frequencies: waves in a span
    std::string span;              ///< what waves are counted in: a second, a line
    double rate;                   ///< samples in a span
    sinter::array<float> samples;  ///< (n), from -1 to 1
};

/// The first bytes tell whether it is a sound or a picture.
///
/// A sound is a WAV file of 16-bit PCM; of several channels the mean is taken, and the unit is Hz. A picture (JPEG or PNG) is scanned line by line, as a television
/// camera does: its luminance, black -1 and white 1, and the unit is waves in a line, which on a map of the whole Earth are waves around the Earth.
///
/// Throws std::runtime_error, whose message begins with the file's name, when it is neither or cannot be read.
[[nodiscard]] series read_series(const std::filesystem::path& file);

}  // namespace spectrum
