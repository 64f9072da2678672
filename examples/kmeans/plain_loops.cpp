// Compiled with -O3 -march=native, and without contraction, so that every product is rounded as the library does.
#include "plain_loops.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace kmeans {
namespace {

// Pixels at a time: their distances stay in the first cache while all centres pass.
constexpr std::size_t block = 1024;

}  // namespace

void plain_improve(const float* pixels, std::size_t n, const std::vector<float>& centres, plain_step& made) {
    const std::size_t k = centres.size() / 3;
    const float *const red = pixels, *const green = pixels + n, *const blue = pixels + 2 * n;
    std::vector<double> sums(3 * k);
    std::vector<std::size_t> members(k);
    std::array<float, block> least;
    std::array<std::int32_t, block> best;
    made.nearest.resize(n);
    made.inertia = 0;
    float furthest = -1;
    std::size_t furthest_pixel = 0;
    for (std::size_t first = 0; first < n; first += block) {
        const std::size_t length = std::min(block, n - first);
        for (std::size_t c = 0; c < k; ++c) {
            const float r = centres[3 * c], g = centres[3 * c + 1], b = centres[3 * c + 2];
            const auto number = static_cast<std::int32_t>(c);
            for (std::size_t i = 0; i < length; ++i) {
                const float x = red[first + i] - r, y = green[first + i] - g, z = blue[first + i] - b;
                const float apart = std::fma(z, z, std::fma(x, x, y * y));
                const bool nearer = c == 0 || apart < least[i];
                best[i] = nearer ? number : best[i];
                least[i] = nearer ? apart : least[i];
            }
        }
        for (std::size_t i = 0; i < length; ++i) {
            const std::size_t at = first + i;
            const auto c = static_cast<std::size_t>(best[i]);
            made.nearest[at] = best[i];
            sums[3 * c] += static_cast<double>(red[at]);
            sums[3 * c + 1] += static_cast<double>(green[at]);
            sums[3 * c + 2] += static_cast<double>(blue[at]);
            ++members[c];
            made.inertia += static_cast<double>(least[i]);
            if (least[i] > furthest) {
                furthest = least[i];
                furthest_pixel = at;
            }
        }
    }
    made.centres.resize(3 * k);
    for (std::size_t i = 0; i < 3 * k; ++i) {
        const std::size_t of = members[i / 3];
        made.centres[i] = of > 0 ? static_cast<float>(sums[i] / static_cast<double>(of)) : pixels[i % 3 * n + furthest_pixel];
    }
}

}  // namespace kmeans
