#pragma once

#include <sinter/detail/fixed/errors.hpp>

#include <span>
#include <string>

namespace sinter::inline v1::detail::fixed {

/// "(2, 3)".
[[nodiscard]] inline std::string words(std::span<const index_t> shape) {
    std::string s = "(";
    for (std::size_t i = 0; i < shape.size(); ++i) s += (i > 0 ? ", " : "") + std::to_string(shape[i]);
    return s + ")";
}

}  // namespace sinter::inline v1::detail::fixed
