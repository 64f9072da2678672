// The treatment of a picture as array statements.
#pragma once

#include <sinter/sinter.hpp>

#include <cstdint>

namespace earth {

using plane = sinter::array<float>;
using bytes = sinter::array<std::uint8_t>;

enum class pace {
    planned,    ///< statements are recorded; whoever evaluates the results runs all of them in one plan
    one_by_one  ///< each statement is evaluated before the next one is recorded
};

/// What develop() makes of a picture. Under pace::planned all of it is pending.
struct developed {
    bytes colour;  ///< (height, width, 3): sharpened, contrast stretched, sRGB
    bytes relief;  ///< (height, width): shaded relief, contrast stretched, sRGB
    plane light;   ///< (height, width): sharpened luminance before stretching, linear
    plane shade;   ///< (height, width): relief before stretching, linear
};

/// Sharpens a picture and shades its relief. `rgb` is (height, width, 3), 8-bit sRGB, at least one pixel.
[[nodiscard]] developed develop(const bytes& rgb, pace how);

}  // namespace earth
