// The same spectrum as a program without array statements has it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace spectrum {

/// The mean of the squares of waves' amplitudes over all segments, by a fast Fourier transform of radix 2, computed with T. See welch in spectrum.hpp.
template <class T>
[[nodiscard]] std::vector<double> plain_welch(std::span<const float> samples, std::size_t length);

}  // namespace spectrum
