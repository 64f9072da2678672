#include "files.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace support {
namespace {

std::string reason(int error) {
    return error == 0 ? std::string{"unknown reason"} : std::generic_category().message(error);
}

}  // namespace

void fail(const std::filesystem::path& file, const std::string& what) {
    throw std::runtime_error(file.string() + ": " + what);
}

std::vector<std::uint8_t> read_bytes(const std::filesystem::path& file) {
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
        fail(file, "cannot be read: it is a directory");
    }
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        fail(file, "cannot be opened: " + reason(errno));
    }
    std::vector<std::uint8_t> bytes;
    std::array<char, 65536> block{};
    while (stream.read(block.data(), block.size()) || stream.gcount() > 0) {
        bytes.insert(bytes.end(), block.data(), block.data() + stream.gcount());
    }
    if (stream.bad()) {
        fail(file, "cannot be read: " + reason(errno));
    }
    return bytes;
}

}  // namespace support
