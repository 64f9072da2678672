#pragma once

#include <sinter/reductions.hpp>

// Layers of neural networks, as statements: the planner fuses them with what feeds them and with what follows.

namespace sinter::inline v1::nn {

// Elementwise: for arrays and expressions, static arrays, and the values inside `fn`.

/// max(x, 0); NaN stays NaN.
template <class X>
    requires detail::operands<X>
[[nodiscard]] constexpr auto relu(X&& x) {
    return maximum(x, 0);
}

/// 1 / (1 + exp(-x)), within 3 ULP; 0 where exp(-x) overflows.
template <class X>
    requires detail::operands<X>
[[nodiscard]] constexpr auto sigmoid(X&& x) {
    return 1.0 / (1.0 + exp(-x));
}

/// x sigmoid(x), also called swish, within 3 ULP; -0 where exp(-x) overflows (below -88.7 for float, -709.7 for double). NaN for minus infinity.
template <class X>
    requires detail::operands<X>
[[nodiscard]] constexpr auto silu(X&& x) {
    return x / (1.0 + exp(-x));
}

/// x times the normal distribution's share below x, by erf: x / 2 (1 + erf(x / sqrt(2))). Absolute error below two units in the last place of x; far below zero,
/// where the result vanishes, its digits do. NaN for minus infinity.
template <class X>
    requires detail::operands<X>
[[nodiscard]] constexpr auto gelu(X&& x) {
    return (x * 0.5) * (1.0 + erf(x * 0.7071067811865475244));
}

/// Along which axis.
struct axis_option {
    index_t axis = -1;
};

/// What a norm runs along, and what is added to its mean square.
struct norm_options {
    index_t axis = -1;
    double epsilon = 1e-5;
};

}  // namespace sinter::inline v1::nn

namespace sinter::inline v1::detail {

/// What the layers reduce over, kept; named in errors.
template <class Op, class T>
[[nodiscard]] array<T> along(const array<T>& x, index_t axis, const char* name, source where) {
    return detail::reduce<Op, T>(x, {.axis = axis, .keepdims = true}, name, where,
                                 std::same_as<Op, op::add> ? over_nothing::identity : over_nothing::error);
}

template <class T>
[[nodiscard]] array<T> mean_along(const array<T>& x, index_t axis, const char* name, source where) {
    const array<T> total = detail::along<op::add>(x, axis, name, where);
    const index_t count = total.size() > 0 ? x.size() / total.size() : 0;
    return array<T>(total / static_cast<T>(count), where.file, where.line);
}

/// x / sqrt(mean(x^2) + epsilon).
template <class T>
[[nodiscard]] array<T> over_root_mean_square(const array<T>& x, const nn::norm_options& o, const char* name, source where) {
    const array<T> squares(x * x, where.file, where.line);
    const array<T> factor(T(1) / sqrt(detail::mean_along(squares, o.axis, name, where) + static_cast<T>(o.epsilon)), where.file, where.line);
    return array<T>(x * factor, where.file, where.line);
}

template <class T>
[[nodiscard]] array<T> less_mean(const array<T>& x, const nn::norm_options& o, const char* name, source where) {
    return array<T>(x - detail::mean_along(x, o.axis, name, where), where.file, where.line);
}

template <class X>
concept floating_array_like = array_like<X> && floating<value_of<X>>;

/// What the layers compute with: float for elements of 16 bits, which are rounded once, at the end.
template <class X>
using layer_type = computed_t<value_of<X>>;

/// A layer's result, in the elements of what it was given.
template <class X, class E>
[[nodiscard]] array<value_of<X>> stored_layer(E&& result, source where) {
    return array<value_of<X>>(detail::cast_if_half<value_of<X>>(static_cast<E&&>(result)), where.file, where.line);
}

template <class X>
[[nodiscard]] array<layer_type<X>> layer_normalised(X&& x, const nn::norm_options& o, const char* name, source where) {
    const array<layer_type<X>> values = detail::values_as<layer_type<X>>(static_cast<X&&>(x), where);
    return detail::over_root_mean_square(detail::less_mean(values, o, name, where), o, name, where);
}

template <class X>
[[nodiscard]] array<layer_type<X>> root_mean_square_normalised(X&& x, const nn::norm_options& o, const char* name, source where) {
    return detail::over_root_mean_square(detail::values_as<layer_type<X>>(static_cast<X&&>(x), where), o, name, where);
}

}  // namespace sinter::inline v1::detail

namespace sinter::inline v1::nn {

/// exp(x) over its sum along an axis, without overflow: the greatest value is taken out first. Throws value_error along an axis without elements.
template <class X>
    requires detail::floating_array_like<X>
[[nodiscard]] auto softmax(X&& x, const axis_option& o = {}, detail::source where = detail::source::current()) {
    using T = detail::layer_type<X>;
    const array<T> values = detail::values_as<T>(static_cast<X&&>(x), where);
    const array<T> e(exp(values - detail::along<detail::op::maximum>(values, o.axis, "softmax", where)), where.file, where.line);
    return detail::stored_layer<X>(e / detail::along<detail::op::add>(e, o.axis, "softmax", where), where);
}

/// The logarithm of softmax, which keeps its digits where softmax vanishes.
template <class X>
    requires detail::floating_array_like<X>
[[nodiscard]] auto log_softmax(X&& x, const axis_option& o = {}, detail::source where = detail::source::current()) {
    using T = detail::layer_type<X>;
    const array<T> values = detail::values_as<T>(static_cast<X&&>(x), where);
    const array<T> d(values - detail::along<detail::op::maximum>(values, o.axis, "log_softmax", where), where.file, where.line);
    const array<T> e(exp(d), where.file, where.line);
    return detail::stored_layer<X>(d - log(detail::along<detail::op::add>(e, o.axis, "log_softmax", where)), where);
}

/// (x - mean) / sqrt(variance + epsilon) along an axis; the variance is divided by the count. NaN over nothing.
template <class X>
    requires detail::floating_array_like<X>
[[nodiscard]] auto layer_norm(X&& x, const norm_options& o = {}, detail::source where = detail::source::current()) {
    return detail::stored_as<detail::value_of<X>>(detail::layer_normalised(static_cast<X&&>(x), o, "layer_norm", where), where);
}

/// The same, times a weight, plus a bias, which broadcast.
template <class X, class W, class B>
    requires detail::floating_array_like<X> && detail::array_like<W> && detail::array_like<B>
[[nodiscard]] auto layer_norm(X&& x, const W& weight, const B& bias, const norm_options& o = {}, detail::source where = detail::source::current()) {
    return detail::stored_layer<X>(detail::layer_normalised(static_cast<X&&>(x), o, "layer_norm", where) * weight + bias, where);
}

/// x / sqrt(mean(x^2) + epsilon) along an axis (B. Zhang and R. Sennrich, "Root mean square layer normalization", 2019). NaN over nothing.
template <class X>
    requires detail::floating_array_like<X>
[[nodiscard]] auto rms_norm(X&& x, const norm_options& o = {}, detail::source where = detail::source::current()) {
    return detail::stored_as<detail::value_of<X>>(detail::root_mean_square_normalised(static_cast<X&&>(x), o, "rms_norm", where), where);
}

/// The same, times a weight, which broadcasts.
template <class X, class W>
    requires detail::floating_array_like<X> && detail::array_like<W>
[[nodiscard]] auto rms_norm(X&& x, const W& weight, const norm_options& o = {}, detail::source where = detail::source::current()) {
    return detail::stored_layer<X>(detail::root_mean_square_normalised(static_cast<X&&>(x), o, "rms_norm", where) * weight, where);
}

}  // namespace sinter::inline v1::nn
