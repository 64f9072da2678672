#pragma once

#include <sinter/detail/extents.hpp>
#include <sinter/detail/types.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace sinter::inline v1::detail::io {

/// What the head of a .npy file says of the values behind it.
struct npy_header {
    std::string type;       // as it stands there: "<f4"
    bool fortran = false;
    extents shape;
};

/// Bytes before the text of a header of versions 2 and 3; of version 1 there are two fewer.
inline constexpr std::size_t npy_preamble = 12;

/// Where the text of the header lies, in bytes from the start.
struct npy_text {
    std::size_t offset = 0, length = 0;
};

// Messages begin with `where`.

/// From the first bytes of the file: npy_preamble, or all if there are fewer. Throws unless the text can be a header of values behind it.
[[nodiscard]] npy_text find_npy_text(std::string_view start, const std::string& where);

/// The header's text: a dictionary as Python writes it.
[[nodiscard]] npy_header parse_npy_header(std::string_view text, const std::string& where);

/// Whether values of the file's type are elements of `wanted`; `swapped` if their bytes are the other way round. Throws if they are not.
[[nodiscard]] bool is_swapped(const npy_header& header, dtype wanted, const std::string& where);

/// How many bytes the values take. Throws if that is more than can be.
[[nodiscard]] std::uint64_t bytes_of(const npy_header& header, dtype type, const std::string& where);

/// The head of a file, up to the values: 64 bytes or a multiple.
[[nodiscard]] std::string write_npy_header(dtype type, bool fortran, const extents& shape);

}  // namespace sinter::inline v1::detail::io
