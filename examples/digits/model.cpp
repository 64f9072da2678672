#include "model.hpp"

#include "recipe.hpp"

namespace sn = sinter;
using sn::all;
using sn::newaxis;

namespace digits {
namespace {

constexpr auto class_count = static_cast<sn::index_t>(classes);
constexpr auto pixel_count = static_cast<sn::index_t>(pixels);

matrix one_hot(const std::vector<int>& labels) {
    const sn::array<int> digit = sn::from(labels);
    return sn::cast<float>(digit(all, newaxis) == sn::arange<int>(class_count)).eval();
}

}  // namespace

examples::examples(const dataset& digits)
    : images(sn::from(digits.images, {static_cast<sn::index_t>(digits.size()), pixel_count})), wanted(one_hot(digits.labels)) {}

model::model()
    : weights_(sn::zeros<float>({class_count, pixel_count})),
      biases_(sn::zeros<float>({class_count})),
      weight_speed_(sn::zeros<float>({class_count, pixel_count})),
      bias_speed_(sn::zeros<float>({class_count})) {}

matrix model::scores(const matrix& images) const {
    return sum(images(all, newaxis, all) * weights_(newaxis, all, all), {.axis = 2}) + biases_;
}

gradient model::step(const examples& training) {
    using namespace recipe;
    const matrix& x = training.images;
    const matrix& y = training.wanted;

    matrix score = scores(x);
    matrix top = max(score, {.axis = 1, .keepdims = true});
    matrix power = exp(score - top);
    matrix total = sum(power, {.axis = 1, .keepdims = true});
    matrix likely = power / total;
    matrix surprise = log(total) + top - sum(score * y, {.axis = 1, .keepdims = true});
    matrix loss = mean(surprise) + 0.5f * decay * sum(weights_ * weights_);

    matrix error = (likely - y) * (1.0f / static_cast<float>(x.extent(0)));
    matrix by_weights = sum(error(all, all, newaxis) * x(all, newaxis, all), {.axis = 0}) + decay * weights_;
    matrix by_biases = sum(error, {.axis = 0});

    weight_speed_ = momentum * weight_speed_ - rate * by_weights;
    bias_speed_ = momentum * bias_speed_ - rate * by_biases;
    weights_ = weights_ + weight_speed_;
    biases_ = biases_ + bias_speed_;
    return {loss, by_weights, by_biases};
}

float model::accuracy(const examples& some) const {
    const matrix score = scores(some.images);
    const sn::array<bool> right = sum(score * some.wanted, {.axis = 1}) == max(score, {.axis = 1});
    return mean(sn::cast<float>(right)).item();
}

}  // namespace digits
