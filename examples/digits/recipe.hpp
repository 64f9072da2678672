// What the array statements and the plain loops have in common.
#pragma once

namespace digits::recipe {

inline constexpr float rate = 0.5f;       ///< of learning
inline constexpr float momentum = 0.9f;
inline constexpr float decay = 1e-4f;     ///< the loss has decay / 2 times the sum of squared weights

}  // namespace digits::recipe
