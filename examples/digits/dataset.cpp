#include "dataset.hpp"

#include "../support/files.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <zlib.h>

namespace digits {
namespace {

using std::filesystem::path;

constexpr std::size_t fewest = 50;
constexpr std::size_t most_bytes = std::size_t{1} << 28;  // a damaged file must not ask for all memory
constexpr std::size_t held_out_every = 5;

class inflater {
public:
    inflater() {
        if (inflateInit2(&stream_, 15 + 16) != Z_OK) {  // the largest window; a gzip header
            throw std::runtime_error("zlib cannot be started");
        }
    }
    ~inflater() { inflateEnd(&stream_); }
    inflater(const inflater&) = delete;
    inflater& operator=(const inflater&) = delete;

    [[nodiscard]] std::string run(std::vector<std::uint8_t>& bytes) {
        std::string text;
        std::array<char, 65536> block{};
        stream_.next_in = bytes.data();
        stream_.avail_in = static_cast<uInt>(bytes.size());
        int state = Z_OK;
        while (state != Z_STREAM_END) {
            stream_.next_out = reinterpret_cast<Bytef*>(block.data());
            stream_.avail_out = static_cast<uInt>(block.size());
            state = inflate(&stream_, Z_NO_FLUSH);
            if (state == Z_BUF_ERROR) {
                throw std::runtime_error("the compressed file ends too early");
            }
            if (state != Z_OK && state != Z_STREAM_END) {
                throw std::runtime_error(std::string{"the compressed file is damaged: "} +
                                         (stream_.msg == nullptr ? "unknown reason" : stream_.msg));
            }
            text.append(block.data(), block.size() - stream_.avail_out);
            if (text.size() > most_bytes) {
                throw std::runtime_error("it holds more than " + std::to_string(most_bytes) + " bytes");
            }
        }
        if (stream_.avail_in != 0) {
            throw std::runtime_error("something follows the end of the compressed file");
        }
        return text;
    }

private:
    z_stream stream_{};
};

std::string text_of(const path& file) {
    std::vector<std::uint8_t> bytes = support::read_bytes(file);
    if (bytes.empty()) {
        support::fail(file, "the file is empty");
    }
    if (bytes.size() > most_bytes) {
        support::fail(file, "it holds more than " + std::to_string(most_bytes) + " bytes");
    }
    if (bytes.size() < 2 || bytes[0] != 0x1F || bytes[1] != 0x8B) {
        return {bytes.begin(), bytes.end()};
    }
    try {
        return inflater().run(bytes);
    } catch (const std::runtime_error& error) {
        support::fail(file, error.what());
    }
}

// The whole numbers of a line, as many as there must be.
std::array<int, pixels + 1> numbers_of(std::string_view line) {
    std::array<int, pixels + 1> numbers{};
    const char* at = line.data();
    const char* const end = at + line.size();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const int most = i < pixels ? darkest : static_cast<int>(classes) - 1;
        const auto [rest, error] = std::from_chars(at, end, numbers[i]);
        if (error != std::errc{} || numbers[i] < 0 || numbers[i] > most) {
            throw std::runtime_error("number " + std::to_string(i + 1) + " is not one from 0 to " + std::to_string(most));
        }
        at = rest;
        const bool last = i + 1 == numbers.size();
        if (last ? at != end : at == end || *at != ',') {
            throw std::runtime_error(last ? "something follows number 65" : "number " + std::to_string(i + 1) + " is not followed by a comma");
        }
        ++at;
    }
    return numbers;
}

void append(dataset& to, const std::array<int, pixels + 1>& numbers) {
    for (std::size_t i = 0; i < pixels; ++i) {
        to.images.push_back(static_cast<float>(numbers[i]) / static_cast<float>(darkest));
    }
    to.labels.push_back(numbers[pixels]);
}

}  // namespace

split read_digits(const path& file) {
    const std::string text = text_of(file);
    split result;
    std::string_view rest = text;
    std::size_t line = 0;
    while (!rest.empty()) {
        const std::size_t length = std::min(rest.find('\n'), rest.size());
        std::string_view words = rest.substr(0, length);
        rest.remove_prefix(std::min(length + 1, rest.size()));
        if (words.ends_with('\r')) {
            words.remove_suffix(1);
        }
        ++line;
        try {
            append(line % held_out_every == 0 ? result.held_out : result.training, numbers_of(words));
        } catch (const std::runtime_error& error) {
            support::fail(file, "line " + std::to_string(line) + ": " + error.what());
        }
    }
    if (line < fewest) {
        support::fail(file, "it has " + std::to_string(line) + " digits, fewer than " + std::to_string(fewest));
    }
    return result;
}

}  // namespace digits
