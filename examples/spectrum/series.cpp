#include "series.hpp"

#include "../support/files.hpp"
#include "../support/image.hpp"

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace sn = sinter;

namespace spectrum {
namespace {

using bytes = std::span<const std::uint8_t>;

bool begins(bytes some, const char* word) { return some.size() >= 4 && std::memcmp(some.data(), word, 4) == 0; }

std::uint32_t number(bytes some, std::size_t at, std::size_t size) {
    std::uint32_t result = 0;
    for (std::size_t i = 0; i < size; ++i) result |= std::uint32_t{some[at + i]} << 8 * i;
    return result;
}

struct format {
    std::size_t channels = 0;  // 0: none has been read
    std::uint32_t rate = 0;
};

format read_format(const std::filesystem::path& file, bytes chunk) {
    if (chunk.size() < 16) support::fail(file, "its format is cut short");
    std::uint32_t kind = number(chunk, 0, 2);
    // The extensible kind has the real one further on.
    if (kind == 0xFFFE && chunk.size() >= 26) kind = number(chunk, 24, 2);
    const std::uint32_t bits = number(chunk, 14, 2);
    if (kind != 1 || bits != 16) {
        support::fail(file, "its samples have " + std::to_string(bits) + " bits in format " + std::to_string(kind) + "; 16-bit PCM, which is format 1, can be read");
    }
    const format f{number(chunk, 2, 2), number(chunk, 4, 4)};
    if (f.channels == 0 || f.rate == 0) support::fail(file, "it has no channels, or no samples in a second");
    return f;
}

series read_sound(const std::filesystem::path& file, bytes all) {
    format f;
    for (std::size_t at = 12; at + 8 <= all.size();) {
        const std::size_t size = number(all, at + 4, 4), from = at + 8;
        if (size > all.size() - from) support::fail(file, "it ends too early");
        const bytes chunk = all.subspan(from, size);
        if (begins(all.subspan(at), "fmt ")) {
            f = read_format(file, chunk);
        } else if (begins(all.subspan(at), "data")) {
            if (f.channels == 0) support::fail(file, "its samples come before their format");
            const std::size_t frames = size / (2 * f.channels);
            std::vector<std::int16_t> samples(frames * f.channels);
            for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<std::int16_t>(number(chunk, 2 * i, 2));
            const auto frame = sn::from(samples, {static_cast<sn::index_t>(frames), static_cast<sn::index_t>(f.channels)});
            return {file.string(), "Hz", "second", static_cast<double>(f.rate), mean(sn::cast<float>(frame) * (1.0f / 32768.0f), {.axis = 1}).eval()};
        }
        at = from + size + size % 2;
    }
    support::fail(file, "it has no samples");
}

series scan_picture(const std::filesystem::path& file) {
    const support::image picture = support::read_image(file);
    const auto rgb = sn::borrow(picture.samples.data(), {static_cast<sn::index_t>(picture.samples.size() / 3), 3});
    const sn::array<float> weights{0.2126f, 0.7152f, 0.0722f};  // of light, ITU-R BT.709
    return {file.string(), "waves in a line", "line", static_cast<double>(picture.width), (sum(sn::cast<float>(rgb) * weights, {.axis = 1}) * (2.0f / 255.0f) - 1.0f).eval()};
}

}  // namespace

series read_series(const std::filesystem::path& file) {
    const std::vector<std::uint8_t> all = support::read_bytes(file);
    if (all.size() >= 12 && begins(all, "RIFF") && begins(bytes(all).subspan(8), "WAVE")) return read_sound(file, all);
    return scan_picture(file);
}

}  // namespace spectrum
