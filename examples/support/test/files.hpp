// Files that the tests make and read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace support::test {

void make_file(const std::filesystem::path& file, const std::vector<std::uint8_t>& contents);
void make_file(const std::filesystem::path& file, std::string_view contents);
[[nodiscard]] std::vector<std::uint8_t> contents_of(const std::filesystem::path& file);

/// A new empty folder of its own, removed with all that is in it.
class scratch_folder {
public:
    scratch_folder();
    ~scratch_folder();
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace support::test
