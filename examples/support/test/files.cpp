#include "files.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace support::test {

void make_file(const std::filesystem::path& file, std::string_view contents) {
    std::ofstream stream(file, std::ios::binary);
    stream.write(contents.data(), static_cast<std::streamsize>(contents.size()));
    stream.close();
    if (!stream) {
        throw std::runtime_error("cannot write " + file.string());
    }
}

void make_file(const std::filesystem::path& file, const std::vector<std::uint8_t>& contents) {
    make_file(file, std::string_view(reinterpret_cast<const char*>(contents.data()), contents.size()));
}

std::vector<std::uint8_t> contents_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        throw std::runtime_error("cannot open " + file.string());
    }
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

scratch_folder::scratch_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sinter-example-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("cannot make a folder like " + pattern);
    }
    path_ = pattern;
}

scratch_folder::~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace support::test
