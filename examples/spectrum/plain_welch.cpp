#include "plain_welch.hpp"

#include <cmath>
#include <numbers>

namespace spectrum {
namespace {

// Real and imaginary parts apart, so that the compiler has vectors of each.
template <class T>
class transformer {
public:
    explicit transformer(std::size_t n) : re(n), im(n), n_(n), cosine_(n / 2), sine_(n / 2), spare_re_(n), spare_im_(n) {
        for (std::size_t i = 0; i < n / 2; ++i) {
            const double angle = -2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n);
            cosine_[i] = static_cast<T>(std::cos(angle));
            sine_[i] = static_cast<T>(std::sin(angle));
        }
    }

    std::vector<T> re, im;

    // Stockham's order of steps, which needs no swapping at the end: n_ / (2 span) transforms of `span` each, side by side, become half as many of twice the length.
    void run() {
        for (std::size_t half = n_ / 2, span = 1; half >= 1; half /= 2, span *= 2) {
            for (std::size_t j = 0; j < half; ++j) {
                const T c = cosine_[j * span], s = sine_[j * span];
                const T *const a = &re[span * j], *const b = &im[span * j], *const p = &re[span * (j + half)], *const q = &im[span * (j + half)];
                T *const u = &spare_re_[2 * span * j], *const v = &spare_im_[2 * span * j];
                for (std::size_t k = 0; k < span; ++k) {
                    const T x = a[k] - p[k], y = b[k] - q[k];
                    u[k] = a[k] + p[k];
                    v[k] = b[k] + q[k];
                    u[span + k] = x * c - y * s;
                    v[span + k] = x * s + y * c;
                }
            }
            re.swap(spare_re_);
            im.swap(spare_im_);
        }
    }

private:
    std::size_t n_;
    std::vector<T> cosine_, sine_, spare_re_, spare_im_;
};

}  // namespace

template <class T>
std::vector<double> plain_welch(std::span<const float> samples, std::size_t length) {
    transformer<T> fourier(length);
    std::vector<T> window(length);
    for (std::size_t i = 0; i < length; ++i) {
        window[i] = static_cast<T>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(length)));
    }
    std::vector<double> total(length / 2 + 1);
    std::size_t count = 0;
    for (std::size_t first = 0; first + length <= samples.size(); first += length / 2, ++count) {
        T mean = 0;
        for (std::size_t i = 0; i < length; ++i) mean += static_cast<T>(samples[first + i]);
        mean /= static_cast<T>(length);
        for (std::size_t i = 0; i < length; ++i) {
            fourier.re[i] = (static_cast<T>(samples[first + i]) - mean) * window[i];
            fourier.im[i] = 0;
        }
        fourier.run();
        for (std::size_t k = 0; k <= length / 2; ++k) {
            const double a = static_cast<double>(fourier.re[k]), b = static_cast<double>(fourier.im[k]);
            total[k] += a * a + b * b;
        }
    }
    const double scale = 16.0 / (static_cast<double>(length) * static_cast<double>(length) * static_cast<double>(count));
    for (double& each : total) each *= scale;
    return total;
}

template std::vector<double> plain_welch<float>(std::span<const float>, std::size_t);
template std::vector<double> plain_welch<double>(std::span<const float>, std::size_t);

}  // namespace spectrum
