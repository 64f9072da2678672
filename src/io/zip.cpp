#include "io/zip.hpp"

#include <sinter/detail/error.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace sinter::inline v1::detail::io {

namespace {

constexpr std::uint32_t member_signature = 0x04034b50, directory_signature = 0x02014b50, end_signature = 0x06054b50;
constexpr std::uint32_t large_end_signature = 0x06064b50, large_locator_signature = 0x07064b50;
constexpr std::size_t member_bytes = 30, directory_bytes = 46, end_bytes = 22, large_end_bytes = 56, large_locator_bytes = 20;
constexpr std::size_t longest_comment = 65535;
constexpr std::uint16_t large_field = 1;      // extra field: sizes and places of 64 bits
constexpr std::uint16_t padding_field = 0xd935;  // extra field: bytes for the alignment of what follows
constexpr std::uint64_t in_large_field = 0xffffffff;
constexpr std::size_t alignment = 64;
/// A directory of a million members is half of this.
constexpr std::uint64_t largest_directory = std::uint64_t{1} << 28;

/// A number of the format, lowest byte first.
template <class T>
[[nodiscard]] T number_at(std::string_view text, std::size_t at) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value |= std::uint64_t{static_cast<unsigned char>(text[at + i])} << (8 * i);
    return static_cast<T>(value);
}

/// Appends one.
template <class T>
void put(std::string& text, std::uint64_t value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) text += static_cast<char>(value >> (8 * i));
}

/// Eight tables: the sums of a byte that 0 to 7 others follow.
constexpr auto crc_tables = [] {
    std::array<std::array<std::uint32_t, 256>, 8> t{};
    for (std::uint32_t b = 0; b < 256; ++b) {
        std::uint32_t c = b;
        for (int bit = 0; bit < 8; ++bit) c = c >> 1 ^ (c & 1 ? 0xedb88320 : 0);
        t[0][b] = c;
    }
    for (std::size_t k = 1; k < 8; ++k) {
        for (std::size_t b = 0; b < 256; ++b) t[k][b] = t[k - 1][b] >> 8 ^ t[0][t[k - 1][b] & 0xff];
    }
    return t;
}();

[[nodiscard]] std::string read_text(const input_file& file, std::uint64_t offset, std::uint64_t bytes) {
    std::string text(bytes, '\0');
    file.read(text.data(), text.size(), offset);
    return text;
}

[[nodiscard]] bool lies_within(std::uint64_t offset, std::uint64_t bytes, std::uint64_t size) noexcept {
    return offset <= size && bytes <= size - offset;
}

[[noreturn]] void damaged(const std::string& where) { throw io_error(where + "the directory of the archive is damaged"); }

struct directory_place {
    std::uint64_t count = 0, bytes = 0, offset = 0;
};

[[nodiscard]] directory_place find_directory(const input_file& file) {
    const std::uint64_t looked_at = std::min<std::uint64_t>(file.size(), end_bytes + longest_comment);
    const std::string tail = read_text(file, file.size() - looked_at, looked_at);
    std::size_t at = tail.size() < end_bytes ? 0 : tail.size() - end_bytes + 1;
    do {
        if (at == 0) throw io_error(file.where() + "this is not a .npz file: the end of an archive is missing");
        --at;
    } while (number_at<std::uint32_t>(tail, at) != end_signature || at + end_bytes + number_at<std::uint16_t>(tail, at + 20) > tail.size());
    directory_place d{number_at<std::uint16_t>(tail, at + 10), number_at<std::uint32_t>(tail, at + 12), number_at<std::uint32_t>(tail, at + 16)};
    const std::uint64_t end = file.size() - looked_at + at;
    if (d.count == 0xffff || d.bytes == in_large_field || d.offset == in_large_field) {
        if (end < large_locator_bytes) damaged(file.where());
        const std::string locator = read_text(file, end - large_locator_bytes, large_locator_bytes);
        const auto large = number_at<std::uint64_t>(locator, 8);
        // A count that is by chance the largest of 16 bits has no locator.
        if (number_at<std::uint32_t>(locator, 0) == large_locator_signature) {
            if (!lies_within(large, large_end_bytes, file.size())) damaged(file.where());
            const std::string large_end = read_text(file, large, large_end_bytes);
            if (number_at<std::uint32_t>(large_end, 0) != large_end_signature) damaged(file.where());
            d = {number_at<std::uint64_t>(large_end, 32), number_at<std::uint64_t>(large_end, 40), number_at<std::uint64_t>(large_end, 48)};
        }
    }
    if (!lies_within(d.offset, d.bytes, file.size()) || d.bytes > largest_directory) damaged(file.where());
    return d;
}

/// Fills in what is too large for 32 bits.
void take_large_numbers(zip_member& m, std::string_view extra, const std::string& where) {
    while (extra.size() >= 4) {
        const auto kind = number_at<std::uint16_t>(extra, 0);
        const std::size_t length = number_at<std::uint16_t>(extra, 2);
        if (extra.size() - 4 < length) damaged(where);
        std::string_view field = extra.substr(4, length);
        extra.remove_prefix(4 + length);
        if (kind != large_field) continue;
        for (std::uint64_t* const value : {&m.size, &m.stored, &m.header}) {
            if (*value != in_large_field) continue;
            if (field.size() < 8) damaged(where);
            *value = number_at<std::uint64_t>(field, 0);
            field.remove_prefix(8);
        }
    }
}

}  // namespace

std::uint32_t crc32(const std::byte* from, std::size_t bytes, std::uint32_t before) noexcept {
    std::uint32_t c = ~before;
    const auto& t = crc_tables;
    for (; bytes >= 8; bytes -= 8, from += 8) {
        std::uint64_t w;
        std::memcpy(&w, from, sizeof w);
        w ^= c;
        c = t[7][w & 0xff] ^ t[6][w >> 8 & 0xff] ^ t[5][w >> 16 & 0xff] ^ t[4][w >> 24 & 0xff] ^ t[3][w >> 32 & 0xff] ^ t[2][w >> 40 & 0xff] ^
            t[1][w >> 48 & 0xff] ^ t[0][w >> 56];
    }
    for (; bytes > 0; --bytes, ++from) c = c >> 8 ^ t[0][(c ^ static_cast<std::uint32_t>(*from)) & 0xff];
    return ~c;
}

std::vector<zip_member> zip_members(const input_file& file) {
    const directory_place place = find_directory(file);
    const std::string text = read_text(file, place.offset, place.bytes);
    std::string_view rest = text;
    std::vector<zip_member> members;
    for (std::uint64_t i = 0; i < place.count; ++i) {
        if (rest.size() < directory_bytes || number_at<std::uint32_t>(rest, 0) != directory_signature) damaged(file.where());
        const std::size_t name = number_at<std::uint16_t>(rest, 28), extra = number_at<std::uint16_t>(rest, 30), comment = number_at<std::uint16_t>(rest, 32);
        if (rest.size() - directory_bytes < name + extra + comment) damaged(file.where());
        zip_member m{.name = std::string(rest.substr(directory_bytes, name)),
                     .flags = number_at<std::uint16_t>(rest, 8),
                     .method = number_at<std::uint16_t>(rest, 10),
                     .checksum = number_at<std::uint32_t>(rest, 16),
                     .stored = number_at<std::uint32_t>(rest, 20),
                     .size = number_at<std::uint32_t>(rest, 24),
                     .header = number_at<std::uint32_t>(rest, 42)};
        take_large_numbers(m, rest.substr(directory_bytes + name, extra), file.where());
        members.push_back(std::move(m));
        rest.remove_prefix(directory_bytes + name + extra + comment);
    }
    return members;
}

stretch find_stored(const input_file& file, const zip_member& member, const std::string& where) {
    if ((member.flags & 1U) != 0) throw io_error(where + "the member is encrypted");
    if (member.method != 0) {
        throw io_error(where + "the member is compressed, as numpy.savez_compressed does (method " + std::to_string(member.method) +
                       "); only what numpy.savez writes can be read");
    }
    if (!lies_within(member.header, member_bytes, file.size())) damaged(where);
    const std::string own = read_text(file, member.header, member_bytes);
    if (number_at<std::uint32_t>(own, 0) != member_signature) damaged(where);
    const std::uint64_t begin = member.header + member_bytes + number_at<std::uint16_t>(own, 26) + number_at<std::uint16_t>(own, 28);
    if (member.stored != member.size || !lies_within(begin, member.size, file.size())) damaged(where);
    const stretch found{begin, begin + member.size};
    std::vector<std::byte> block(static_cast<std::size_t>(std::min<std::uint64_t>(member.size, std::uint64_t{1} << 20)));
    std::uint32_t sum = 0;
    for (std::uint64_t at = found.begin; at < found.end;) {
        const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), found.end - at));
        file.read(block.data(), bytes, at);
        sum = io::crc32(block.data(), bytes, sum);
        at += bytes;
    }
    if (sum != member.checksum) throw io_error(where + "the member is damaged: its checksum is wrong");
    return found;
}

void zip_writer::add(const std::string& name, const std::string& head, const std::byte* values, std::size_t bytes) {
    const std::uint64_t place = file_.written();
    const std::uint64_t size = head.size() + bytes;
    const bool large_size = size >= large_from_, large_place = place >= large_from_;
    const std::uint32_t sum = io::crc32(values, bytes, io::crc32(reinterpret_cast<const std::byte*>(head.data()), head.size()));

    // What a member's own header and the directory have in common.
    std::string common;
    put<std::uint16_t>(common, large_size || large_place ? 45 : 20);  // the version of the format that a reader has to know
    put<std::uint16_t>(common, std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) > 127; }) ? 0x800 : 0);  // UTF-8
    put<std::uint16_t>(common, 0);     // stored
    put<std::uint32_t>(common, 0x210000);  // the first of January 1980: equal arrays give equal files
    put<std::uint32_t>(common, sum);
    put<std::uint32_t>(common, large_size ? in_large_field : size);
    put<std::uint32_t>(common, large_size ? in_large_field : size);
    put<std::uint16_t>(common, name.size());

    std::string own_extra;
    if (large_size) {
        put<std::uint16_t>(own_extra, large_field);
        put<std::uint16_t>(own_extra, 16);
        put<std::uint64_t>(own_extra, size);
        put<std::uint64_t>(own_extra, size);
    }
    std::size_t padding = (alignment - (place + member_bytes + name.size() + own_extra.size()) % alignment) % alignment;
    if (padding > 0) {
        if (padding < 4) padding += alignment;
        put<std::uint16_t>(own_extra, padding_field);
        put<std::uint16_t>(own_extra, padding - 4);
        own_extra.append(padding - 4, '\0');
    }
    std::string own;
    put<std::uint32_t>(own, member_signature);
    own += common;
    put<std::uint16_t>(own, own_extra.size());
    own += name + own_extra;
    file_.write(own.data(), own.size());
    file_.write(head.data(), head.size());
    file_.write(values, bytes);

    std::string extra;
    if (large_size || large_place) {
        put<std::uint16_t>(extra, large_field);
        put<std::uint16_t>(extra, (large_size ? 16 : 0) + (large_place ? 8 : 0));
        if (large_size) {
            put<std::uint64_t>(extra, size);
            put<std::uint64_t>(extra, size);
        }
        if (large_place) put<std::uint64_t>(extra, place);
    }
    put<std::uint32_t>(directory_, directory_signature);
    put<std::uint16_t>(directory_, 45);
    directory_ += common;
    put<std::uint16_t>(directory_, extra.size());
    put<std::uint16_t>(directory_, 0);  // comment
    put<std::uint16_t>(directory_, 0);  // disk
    put<std::uint16_t>(directory_, 0);  // attributes
    put<std::uint32_t>(directory_, 0);
    put<std::uint32_t>(directory_, large_place ? in_large_field : place);
    directory_ += name + extra;
    ++count_;
}

void zip_writer::finish() {
    const std::uint64_t place = file_.written(), bytes = directory_.size();
    const bool large = place >= large_from_ || bytes >= large_from_ || count_ >= 0xffff;
    std::string end;
    if (large) {
        put<std::uint32_t>(end, large_end_signature);
        put<std::uint64_t>(end, large_end_bytes - 12);
        put<std::uint16_t>(end, 45);
        put<std::uint16_t>(end, 45);
        put<std::uint64_t>(end, 0);  // this disk, and that of the directory
        put<std::uint64_t>(end, count_);
        put<std::uint64_t>(end, count_);
        put<std::uint64_t>(end, bytes);
        put<std::uint64_t>(end, place);
        put<std::uint32_t>(end, large_locator_signature);
        put<std::uint32_t>(end, 0);
        put<std::uint64_t>(end, place + bytes);
        put<std::uint32_t>(end, 1);
    }
    put<std::uint32_t>(end, end_signature);
    put<std::uint32_t>(end, 0);
    put<std::uint16_t>(end, large ? 0xffff : count_);
    put<std::uint16_t>(end, large ? 0xffff : count_);
    put<std::uint32_t>(end, large ? in_large_field : bytes);
    put<std::uint32_t>(end, large ? in_large_field : place);
    put<std::uint16_t>(end, 0);
    file_.write(directory_.data(), directory_.size());
    file_.write(end.data(), end.size());
}

}  // namespace sinter::inline v1::detail::io
