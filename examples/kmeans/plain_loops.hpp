// A step of Lloyd's algorithm as a program without array statements has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kmeans {

struct plain_step {
    std::vector<std::int32_t> nearest{};  ///< (n)
    std::vector<float> centres{};         ///< (k, 3)
    double inertia = 0;
};

/// As improve() does it, on one thread, and rounded as the library rounds. `pixels` is (3, n). Keeps the memory of `made`, which may hold `centres`.
void plain_improve(const float* pixels, std::size_t n, const std::vector<float>& centres, plain_step& made);

}  // namespace kmeans
