// A picture of what was learned.
#pragma once

#include "dataset.hpp"

#include <filesystem>
#include <span>
#include <vector>

namespace digits {

/// A held-out digit that was taken for another one.
struct misreading {
    std::size_t example;  ///< its index among the held-out ones
    int taken_for;
};

/// Writes a PNG: above, the ten weight maps (red speaks for the digit, blue against it); below, up to twenty misread digits, each with what it is in green and
/// what it was taken for in red. `weights` is (classes, pixels). Throws std::runtime_error when the file cannot be written.
void draw(const std::filesystem::path& file, std::span<const float> weights, const dataset& held_out,
          const std::vector<misreading>& misread);

}  // namespace digits
