// A step of the flow as a program without array statements has it.
#pragma once

#include <cstddef>

namespace heat {

/// As flow() does it, on one thread, and rounded as the library rounds: h x w cells within a rim.
void plain_flow(float* next, const float* now, const float* across, const float* down, std::size_t h, std::size_t w);

}  // namespace heat
