// Reading and writing pictures: every kind of file, and every kind of damage.
#include "../image.hpp"
#include "checks.hpp"
#include "files.hpp"
#include "samples.hpp"

#include <cstdlib>
#include <random>
#include <stdexcept>

namespace support::test {
namespace {

unsigned pattern(std::size_t y, std::size_t x, std::size_t c) {
    return static_cast<unsigned>((7 * y + 13 * x + 71 * c) % 256);
}

std::string failure(const std::filesystem::path& file) {
    try {
        (void)read_image(file);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

// The largest difference between the picture in the file and `expected`.
int distance(const std::filesystem::path& file, std::size_t height, std::size_t width, const sampler& expected) {
    const image picture = read_image(file);
    if (picture.height != height || picture.width != width || picture.channels != 3 ||
        picture.samples.size() != 3 * height * width) {
        return 1000;
    }
    int largest = 0;
    for (std::size_t i = 0; i < picture.samples.size(); ++i) {
        const int wanted = static_cast<int>(expected(i / (3 * width), i / 3 % width, i % 3));
        largest = std::max(largest, std::abs(wanted - int{picture.samples[i]}));
    }
    return largest;
}

void test_png(checks& check, const scratch_folder& folder) {
    const auto file = folder / "picture.png";
    const auto grey = [](std::size_t y, std::size_t x, std::size_t) { return pattern(y, x, 0); };
    for (const bool interlaced : {false, true}) {
        const std::string how = interlaced ? ", interlaced" : "";
        make_png(file, 21, 34, {png_kind::rgb, 8, interlaced}, pattern);
        check.that(distance(file, 21, 34, pattern) == 0, "RGB" + how);
        make_png(file, 21, 34, {png_kind::grey, 8, interlaced}, grey);
        check.that(distance(file, 21, 34, grey) == 0, "grey" + how);
        make_png(file, 21, 34, {png_kind::rgb, 16, interlaced},
                 [](std::size_t y, std::size_t x, std::size_t c) { return 257 * pattern(y, x, c); });
        check.that(distance(file, 21, 34, pattern) == 0, "16 bits" + how);
        make_png(file, 21, 34, {png_kind::palette, 8, interlaced}, grey);
        check.that(distance(file, 21, 34,
                            [](std::size_t y, std::size_t x, std::size_t c) {
                                const unsigned i = pattern(y, x, 0);
                                return c == 0 ? i : c == 1 ? 255 - i : i / 2;
                            }) == 0,
                   "palette" + how);
        // Opaque on the left, transparent on the right.
        make_png(file, 21, 34, {png_kind::rgba, 8, interlaced}, [](std::size_t y, std::size_t x, std::size_t c) {
            return c < 3 ? pattern(y, x, c) : x < 17 ? 255u : 0u;
        });
        check.that(distance(file, 21, 34,
                            [](std::size_t y, std::size_t x, std::size_t c) { return x < 17 ? pattern(y, x, c) : 0u; }) == 0,
                   "RGBA" + how);
        make_png(file, 21, 34, {png_kind::grey_alpha, 16, interlaced}, [](std::size_t y, std::size_t x, std::size_t c) {
            return c == 0 ? 257 * pattern(y, x, 0) : x < 17 ? 65535u : 0u;
        });
        check.that(distance(file, 21, 34,
                            [](std::size_t y, std::size_t x, std::size_t) { return x < 17 ? pattern(y, x, 0) : 0u; }) == 0,
                   "grey with alpha, 16 bits" + how);
    }
    for (const std::size_t channels : {std::size_t{1}, std::size_t{3}}) {
        std::vector<std::uint8_t> samples;
        for (std::size_t i = 0; i < 5 * 9 * channels; ++i) {
            samples.push_back(static_cast<std::uint8_t>(5 * i));
        }
        write_png(file, 5, 9, channels, samples);
        check.that(distance(file, 5, 9,
                            [&](std::size_t y, std::size_t x, std::size_t c) {
                                return unsigned{samples[(9 * y + x) * channels + (channels == 3 ? c : 0)]};
                            }) == 0,
                   "written and read again, channels: " + std::to_string(channels));
    }
}

void test_jpeg(checks& check, const scratch_folder& folder) {
    const auto file = folder / "picture.jpg";
    const auto smooth = [](std::size_t y, std::size_t x, std::size_t c) {
        return static_cast<unsigned>(40 + 3 * y + 2 * x + 20 * c);
    };
    const auto grey = [&](std::size_t y, std::size_t x, std::size_t) { return smooth(y, x, 0); };
    for (const bool progressive : {false, true}) {
        const std::string how = progressive ? ", progressive" : "";
        make_jpeg(file, 21, 34, jpeg_kind::rgb, progressive, smooth);
        check.that(distance(file, 21, 34, smooth) <= 3, "RGB" + how);
        make_jpeg(file, 21, 34, jpeg_kind::grey, progressive, grey);
        check.that(distance(file, 21, 34, grey) <= 3, "grey" + how);
        for (const jpeg_kind kind : {jpeg_kind::cmyk, jpeg_kind::ycck}) {
            // Inks: cyan, magenta, yellow, black.
            make_jpeg(file, 21, 34, kind, progressive,
                      [&](std::size_t y, std::size_t x, std::size_t c) { return c < 3 ? 255 - smooth(y, x, c) : 51u; });
            check.that(distance(file, 21, 34,
                                [&](std::size_t y, std::size_t x, std::size_t c) { return smooth(y, x, c) * 204 / 255; }) <= 4,
                       (kind == jpeg_kind::cmyk ? "CMYK" : "YCCK") + how);
        }
    }
    make_jpeg(file, 1, 1, jpeg_kind::rgb, false, smooth);
    check.that(distance(file, 1, 1, smooth) <= 3, "one pixel");
}

// `message` is what reading `file` threw.
void expect(checks& check, const std::filesystem::path& file, const std::string& part) {
    const std::string message = failure(file);
    check.that(message.starts_with(file.string() + ": ") && message.find(part) != std::string::npos,
               "reading " + file.string() + " said '" + message + "', not '" + part + "'");
}

void test_failures(checks& check, const scratch_folder& folder) {
    expect(check, folder / "missing.png", "cannot be opened: No such file");
    expect(check, folder.path(), "it is a directory");
    make_file(folder / "empty.jpg", "");
    expect(check, folder / "empty.jpg", "the file is empty");
    make_file(folder / "text.png", "This is not a picture.\n");
    expect(check, folder / "text.png", "neither a JPEG nor a PNG");

    // A header that claims a million pixels each way, with the right checksum.
    make_png(folder / "huge.png", 1, 1, {}, pattern);
    std::vector<std::uint8_t> huge = contents_of(folder / "huge.png");
    const std::vector<std::uint8_t> header{0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 15, 66, 64, 0, 15, 66, 64, 8, 2, 0, 0, 0,
                                           0xD3, 0x0F, 0xAF, 0x2A};
    std::copy(header.begin(), header.end(), huge.begin() + 8);
    make_file(folder / "huge.png", huge);
    expect(check, folder / "huge.png", "1000000 x 1000000");

    make_png(folder / "whole.png", 40, 40, {png_kind::rgb, 8, true}, pattern);
    make_jpeg(folder / "whole.jpg", 40, 40, jpeg_kind::rgb, false, pattern);
    make_jpeg(folder / "progressive.jpg", 40, 40, jpeg_kind::ycck, true, pattern);
    for (const char* const name : {"whole.png", "whole.jpg", "progressive.jpg"}) {
        const std::vector<std::uint8_t> whole = contents_of(folder / name);
        const auto cut = folder / (std::string{"cut-"} + name);
        // A PNG's last chunk, 12 bytes, holds nothing, and a JPEG's last two bytes are its end marker.
        for (std::size_t size = 1; size + 12 < whole.size(); size += 1 + size / 20) {
            make_file(cut, std::vector<std::uint8_t>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
            expect(check, cut, size < 3 ? "neither" : "");
        }
        // Changed at random: an error or a picture, never a crash.
        std::mt19937 random(20240229);
        const auto changed = folder / (std::string{"changed-"} + name);
        for (int i = 0; i < 400; ++i) {
            std::vector<std::uint8_t> bytes = whole;
            for (int k = 0; k < 1 + i % 4; ++k) {
                bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
            }
            make_file(changed, bytes);
            try {
                const image picture = read_image(changed);
                check.that(picture.samples.size() == picture.height * picture.width * 3 && !picture.samples.empty(),
                           "the extents of a changed picture");
            } catch (const std::runtime_error& error) {
                check.that(std::string{error.what()}.starts_with(changed.string() + ": "), error.what());
            }
        }
    }

    const std::vector<std::uint8_t> pixel(3);
    const auto nowhere = folder / "no/such/folder.png";
    std::string message;
    try {
        write_png(nowhere, 1, 1, 3, pixel);
    } catch (const std::runtime_error& error) {
        message = error.what();
    }
    check.that(message.starts_with(nowhere.string() + ": cannot be written"), "writing said '" + message + "'");
    bool refused = false;
    try {
        write_png(folder / "short.png", 2, 1, 3, pixel);
    } catch (const std::invalid_argument&) {
        refused = true;
    }
    check.that(refused, "too few samples to write");
}

}  // namespace
}  // namespace support::test

int main() {
    support::test::checks check;
    const support::test::scratch_folder folder;
    support::test::test_png(check, folder);
    support::test::test_jpeg(check, folder);
    support::test::test_failures(check, folder);
    return check.exit_code();
}
