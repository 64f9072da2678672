#pragma once

#include "property/generator.hpp"

// Functions of whole matrices, which give one of the same shape.

namespace property {

inline constexpr int array_function_count = 15, more_function_count = 24, ordered_count = 15, complex_function_count = 19;

/// The axis that a step names, or both, kept.
[[nodiscard]] sn::reduce_options over(const step& s);

[[nodiscard]] sn::array<float> array_function(const step& s, const sn::array<float>& x);
[[nodiscard]] sn::array<float> more_functions(const step& s, const sn::array<float>& x);
/// What is carried out at once: sorting, selecting, searching, counting.
[[nodiscard]] sn::array<float> ordered(const step& s, const sn::array<float>& x);
/// By way of complex numbers with the parts a and b / 2.
[[nodiscard]] sn::array<float> complex_function(const step& s, const sn::array<float>& a, const sn::array<float>& b);

}  // namespace property
