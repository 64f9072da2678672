#pragma once

#include "io/file.hpp"

#include <cstdint>
#include <string>
#include <vector>

// Zip archives of members that are stored as they are: what numpy.savez writes. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT

namespace sinter::inline v1::detail::io {

/// One file of an archive.
struct zip_member {
    std::string name;
    std::uint16_t flags = 0, method = 0;
    std::uint32_t checksum = 0;
    std::uint64_t stored = 0, size = 0;  // bytes in the archive, and of the file
    std::uint64_t header = 0;            // where its own header begins
};

/// Where the bytes of a member lie.
struct stretch {
    std::uint64_t begin = 0, end = 0;
};

/// The members of an archive, in its order. Throws unless it is one.
[[nodiscard]] std::vector<zip_member> zip_members(const input_file& file);

/// Finds a member's bytes and checks their sum. Messages begin with `where`.
[[nodiscard]] stretch find_stored(const input_file& file, const zip_member& member, const std::string& where);

/// The sum that zip archives have for each member, of bytes that follow others of the sum `before`.
[[nodiscard]] std::uint32_t crc32(const std::byte* from, std::size_t bytes, std::uint32_t before = 0) noexcept;

/// Writes an archive. Each member's bytes begin at a multiple of 64, so that what is in them can be mapped.
class zip_writer {
public:
    /// Sizes and places from `large_from` on are written with 64 bits.
    explicit zip_writer(output_file& file, std::uint64_t large_from = 0xffffffff) : file_{file}, large_from_{large_from} {}

    /// A member in two pieces.
    void add(const std::string& name, const std::string& head, const std::byte* values, std::size_t bytes);
    /// The directory. Nothing can be added afterwards.
    void finish();

private:
    output_file& file_;
    std::uint64_t large_from_;
    std::string directory_;
    std::uint64_t count_ = 0;
};

}  // namespace sinter::inline v1::detail::io
