// Whole files, and the messages about what is wrong with them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace support {

/// Throws std::runtime_error with the message "file: what".
[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what);

/// All bytes of a file. Throws std::runtime_error, whose message begins with the file's name, when it cannot be read.
[[nodiscard]] std::vector<std::uint8_t> read_bytes(const std::filesystem::path& file);

}  // namespace support
