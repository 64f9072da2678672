#include "plain_model.hpp"

#include "recipe.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace digits {
namespace {

template <class T>
void descend(std::vector<T>& values, std::vector<T>& speeds, const std::vector<T>& gradient) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        speeds[i] = T(recipe::momentum) * speeds[i] - T(recipe::rate) * gradient[i];
        values[i] += speeds[i];
    }
}

}  // namespace

template <class T>
plain_model<T>::plain_model(const dataset& training)
    : labels_(training.labels),
      images_(training.images.begin(), training.images.end()),
      weights_(classes * pixels),
      biases_(classes),
      weight_speed_(classes * pixels),
      bias_speed_(classes),
      weight_gradient_(classes * pixels),
      bias_gradient_(classes),
      turned_(classes * pixels) {}

template <class T>
T plain_model<T>::step() {
    const T share = T(1) / static_cast<T>(labels_.size());
    T squares = 0;
    for (std::size_t i = 0; i < weights_.size(); ++i) {
        squares += weights_[i] * weights_[i];
        weight_gradient_[i] = T(recipe::decay) * weights_[i];
        turned_[i % pixels * classes + i / pixels] = weights_[i];
    }
    std::fill(bias_gradient_.begin(), bias_gradient_.end(), T(0));

    T surprise = 0;
    for (std::size_t n = 0; n < labels_.size(); ++n) {
        const T* const image = images_.data() + n * pixels;
        // All classes at once, so that the compiler can use vectors.
        std::array<T, classes> score{};
        for (std::size_t j = 0; j < pixels; ++j) {
            for (std::size_t k = 0; k < classes; ++k) {
                score[k] += image[j] * turned_[j * classes + k];
            }
        }
        for (std::size_t k = 0; k < classes; ++k) {
            score[k] += biases_[k];
        }
        const T top = *std::max_element(score.begin(), score.end());
        const auto digit = static_cast<std::size_t>(labels_[n]);
        surprise += top - score[digit];
        T total = 0;
        for (T& value : score) {
            value = std::exp(value - top);
            total += value;
        }
        surprise += std::log(total);
        for (std::size_t k = 0; k < classes; ++k) {
            const T error = (score[k] / total - T(k == digit ? 1 : 0)) * share;
            bias_gradient_[k] += error;
            T* const row = weight_gradient_.data() + k * pixels;
            for (std::size_t j = 0; j < pixels; ++j) {
                row[j] += error * image[j];
            }
        }
    }
    descend(weights_, weight_speed_, weight_gradient_);
    descend(biases_, bias_speed_, bias_gradient_);
    return surprise * share + T(0.5) * T(recipe::decay) * squares;
}

template class plain_model<float>;
template class plain_model<double>;

}  // namespace digits
