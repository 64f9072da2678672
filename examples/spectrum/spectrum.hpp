// The spectrum of a signal as array statements.
#pragma once

#include <sinter/sinter.hpp>

#include <array>
#include <complex>
#include <cstdint>
#include <vector>

namespace spectrum {

using numbers = sinter::array<float>;
using waves = sinter::array<std::complex<float>>;
using totals = sinter::array<double>;

/// What all segments have in common. A segment of length a * b * c counts as a cube, the element (i, j, k) of which is the sample i b c + j c + k, and its spectrum as another one, the element
/// (p, q, r) of which is the wave p + a q + a b r (Cooley and Tukey, "An algorithm for the machine calculation of complex Fourier series", 1965).
struct recipe {
    /// n: a power of two, at least 8.
    explicit recipe(sinter::index_t n);

    sinter::index_t length;
    sinter::index_t a, b, c;
    sinter::index_t block;            ///< segments that are transformed at once
    numbers window;                   ///< (a, b, c): Hann's, from 0 over 1 almost to 0
    waves along_a, along_b, along_c;  ///< (a, a), (b, b), (c, c): the transforms of so few numbers
    waves after_a, after_b;           ///< (a, b, 1), (a, b, c): turns between them
};

/// The discrete Fourier transform of each of some cubes (n, a, b, c), without a factor, as cubes (n, a, b, c).
[[nodiscard]] waves transform(const numbers& cubes, const recipe& how);

/// How many segments, each begun in the middle of the one before, a signal of so many samples has.
[[nodiscard]] sinter::index_t segments_of(sinter::index_t samples, const recipe& how);

/// The squares of waves' amplitudes in some segments, added up: (a, b, c), see recipe. Pending. A sine of amplitude 1 is 1 in its place when it fits into the segment, and spreads over the
/// next places. The mean of a segment is taken out of it first. `samples` is (n); segments `first` and on, `count` of them, have to lie within, and the samples have to stay while it is pending.
[[nodiscard]] totals squares(const numbers& samples, sinter::index_t first, sinter::index_t count, const recipe& how);

/// The mean of the squares over all segments, (length / 2 + 1), for 0, 1, ... waves in a segment (Welch, "The use of fast Fourier transform for the estimation of power spectra", 1967). Goes through them in blocks that caches can hold.
[[nodiscard]] totals welch(const numbers& samples, const recipe& how);

struct peak {
    double place;      ///< in waves per segment
    double amplitude;  ///< of a sine that makes such a peak
};

/// The strongest maxima, the strongest first, that stand out by a factor of two from the median of all squares around them; at most `most`.
[[nodiscard]] std::vector<peak> peaks(const totals& power, sinter::index_t most);

/// Numbers about the samples themselves.
struct summary {
    double mean, deviation;
    std::vector<double> quantiles;  ///< of `shares`
    std::vector<std::int64_t> counts;  ///< of samples in bins of equal width
    double low, high;                  ///< the ends of the first and of the last bin
};

inline constexpr std::array shares{0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0};

[[nodiscard]] summary summarise(const numbers& samples, sinter::index_t bins);

}  // namespace spectrum
