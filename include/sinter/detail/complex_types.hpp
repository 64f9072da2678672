#pragma once

#include <sinter/detail/operation.hpp>

#include <complex>

// std::complex as an element type: interleaved in memory, as the standard says it is.

namespace sinter::inline v1::detail {

template <>
struct dtype_traits<std::complex<float>> {
    static constexpr dtype value = dtype::c64;
};
template <>
struct dtype_traits<std::complex<double>> {
    static constexpr dtype value = dtype::c128;
};

template <class T>
inline constexpr bool is_complex<std::complex<T>> = true;
template <class T>
struct part_type<std::complex<T>> {
    using type = T;
};
template <class T>
struct complex_type {
    static_assert(std::same_as<T, float> || std::same_as<T, double>, "sinter: complex numbers of float and double only: cast<float>(x) the integers first");
    using type = std::complex<T>;
};

/// Beside an array, a number.
template <class T>
inline constexpr int kind_of<std::complex<T>> = kind_literal;

}  // namespace sinter::inline v1::detail
