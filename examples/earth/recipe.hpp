// The numbers of the picture's treatment, the same for the array statements and for the plain loops.
#pragma once

#include <array>

namespace earth::recipe {

// Luminance of linear light with the primaries of sRGB: IEC 61966-2-1, after ITU-R BT.709.
inline constexpr float red_share = 0.2126f;
inline constexpr float green_share = 0.7152f;
inline constexpr float blue_share = 0.0722f;

// A Gaussian of deviation 2 pixels at distances 0 to 4, scaled so that all nine taps sum to 1.
inline constexpr std::array<float, 5> taps{0.20416369f, 0.18017382f, 0.12383154f, 0.06628225f, 0.02763055f};
inline constexpr int reach = 4;

inline constexpr float sharpening = 1.5f;  // how much of (light - blurred) is added

// Relief: luminance is taken for height, `steepness` pixels high where it is 1. Light falls from the north-west, 45 degrees
// above the horizon: (east, south, up) = (-1/2, -1/2, 1/sqrt(2)).
inline constexpr float steepness = 10.0f;
inline constexpr float light_aside = 0.5f;
inline constexpr float light_up = 0.70710678f;

// Contrast: each picture is stretched about a level until its deviation is `spread`; nearly even pictures are left
// nearly even, as if their deviation were `least_deviation`. Tone is stretched as the square root of luminance, which is
// closer to what the eye sees.
inline constexpr float tone_spread = 0.38f;
inline constexpr float relief_level = 0.3f;
inline constexpr float relief_spread = 0.15f;
inline constexpr float least_deviation = 0.05f;
inline constexpr float least_light = 0.001f;  // keeps colour ratios finite in the dark

}  // namespace earth::recipe
