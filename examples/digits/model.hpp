// Multinomial logistic regression as array statements.
#pragma once

#include "dataset.hpp"

#include <sinter/sinter.hpp>

#include <vector>

namespace digits {

using matrix = sinter::array<float>;

/// Digits as the statements want them.
struct examples {
    explicit examples(const dataset& digits);

    matrix images;  ///< (size, pixels)
    matrix wanted;  ///< (size, classes): 1 at the digit, 0 elsewhere
};

/// What a step of training has looked at, before it changed anything.
struct gradient {
    matrix loss;     ///< (): mean cross-entropy, and the penalty on large weights
    matrix weights;  ///< (classes, pixels): derivatives of the loss
    matrix biases;   ///< (classes)
};

class model {
public:
    model();

    /// Records one step of gradient descent with momentum on all examples; computes nothing.
    gradient step(const examples& training);

    /// Computes all that is pending, in one plan, and the arrays given.
    template <class... A>
    void eval(const A&... more) const {
        sinter::eval(weights_, biases_, weight_speed_, bias_speed_, more...);
    }
    /// What eval(more...) would do.
    template <class... A>
    [[nodiscard]] sinter::plan_report plan(const A&... more) const {
        return sinter::explain(weights_, biases_, weight_speed_, bias_speed_, more...);
    }

    /// (size, classes): the larger, the likelier.
    [[nodiscard]] matrix scores(const matrix& images) const;
    /// The share of examples whose digit has the largest score.
    [[nodiscard]] float accuracy(const examples& some) const;

    [[nodiscard]] const matrix& weights() const { return weights_; }
    [[nodiscard]] const matrix& biases() const { return biases_; }

private:
    matrix weights_, biases_;            // (classes, pixels), (classes)
    matrix weight_speed_, bias_speed_;
};

}  // namespace digits
