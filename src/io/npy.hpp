#pragma once

#include "io/file.hpp"

#include <sinter/detail/node.hpp>

#include <string>

namespace sinter::inline v1::detail::io {

/// The array in a stretch of a file that is a .npy file; one handle. Messages begin with `where`.
[[nodiscard]] node* load_values(const input_file& file, std::uint64_t begin, std::uint64_t end, dtype type, const std::string& where);

/// What a .npy file of an array consists of. Points at the array's memory.
struct npy_image {
    std::string head;
    const std::byte* values = nullptr;
    std::size_t bytes = 0;
};

/// Of a done node; a transposed array stays as it lies in memory.
[[nodiscard]] npy_image image_of(node& value);

}  // namespace sinter::inline v1::detail::io
