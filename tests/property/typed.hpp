#pragma once

#include "property/generator.hpp"

// Statements on arrays of any type, chosen at run time.

namespace property {

inline constexpr int typed_unary_count = 5, typed_binary_count = 12, typed_reduce_count = 5;

/// The array as another type; floating values are first spread over some integers.
[[nodiscard]] value as_type(const value& v, sn::detail::dtype type);

/// As float, of moderate size.
[[nodiscard]] sn::array<float> as_float(const value& v);

[[nodiscard]] value typed_unary(int variant, const value& a);

/// Both of one type. Divisors are made odd.
[[nodiscard]] value typed_binary(int variant, const value& a, const value& b);

[[nodiscard]] value typed_reduce(int variant, const value& a, const sn::reduce_options& o);

}  // namespace property
