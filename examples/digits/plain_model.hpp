// The same regression as plain C++ loops, to compare the array statements with.
#pragma once

#include "dataset.hpp"

#include <vector>

namespace digits {

/// T is float, as in the array statements, or double. One thread.
template <class T>
class plain_model {
public:
    /// Looks into `training`, which must outlive it.
    explicit plain_model(const dataset& training);

    /// One step of gradient descent with momentum; returns the loss before it.
    T step();

    [[nodiscard]] const std::vector<T>& weight_gradient() const { return weight_gradient_; }  ///< (classes, pixels)
    [[nodiscard]] const std::vector<T>& bias_gradient() const { return bias_gradient_; }      ///< (classes)
    [[nodiscard]] const std::vector<T>& weights() const { return weights_; }
    [[nodiscard]] const std::vector<T>& biases() const { return biases_; }

private:
    const std::vector<int>& labels_;
    std::vector<T> images_;
    std::vector<T> weights_, biases_, weight_speed_, bias_speed_;
    std::vector<T> weight_gradient_, bias_gradient_;
    std::vector<T> turned_;  // the weights, (pixels, classes)
};

extern template class plain_model<float>;
extern template class plain_model<double>;

}  // namespace digits
