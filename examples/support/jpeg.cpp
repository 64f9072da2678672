#include "codecs.hpp"

#include <csetjmp>
#include <cstdio>
#include <stdexcept>

// jpeglib.h uses size_t and FILE without including what declares them.
#include <jpeglib.h>

namespace support {
namespace {

// libjpeg reports errors by a callback that must not return, and its frames are C: an exception may not pass through them.
// So every call runs inside guarded(), which the callback jumps back to, and which throws from C++.
class jpeg_reader {
public:
    explicit jpeg_reader(std::span<const std::uint8_t> bytes) {
        info_.err = jpeg_std_error(&errors_.manager);
        errors_.manager.error_exit = &on_error;
        errors_.manager.emit_message = &on_message;
        try {
            guarded([&] {
                jpeg_create_decompress(&info_);
                jpeg_mem_src(&info_, bytes.data(), static_cast<unsigned long>(bytes.size()));
                jpeg_read_header(&info_, TRUE);
            });
        } catch (...) {
            jpeg_destroy_decompress(&info_);
            throw;
        }
    }
    ~jpeg_reader() { jpeg_destroy_decompress(&info_); }
    jpeg_reader(const jpeg_reader&) = delete;
    jpeg_reader& operator=(const jpeg_reader&) = delete;

    [[nodiscard]] std::size_t height() const { return info_.image_height; }
    [[nodiscard]] std::size_t width() const { return info_.image_width; }

    // libjpeg turns YCCK into CMYK but neither into RGB.
    [[nodiscard]] bool four_inks() const {
        return info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
    }

    // Adobe's files hold the amount of paper left white, not the amount of ink.
    [[nodiscard]] bool inverted_inks() const { return info_.saw_Adobe_marker == TRUE; }

    void start() {
        info_.out_color_space = four_inks() ? JCS_CMYK : JCS_RGB;
        guarded([&] { jpeg_start_decompress(&info_); });
    }
    void read_row(std::uint8_t* row) {
        guarded([&] {
            JSAMPROW rows[] = {row};
            jpeg_read_scanlines(&info_, rows, 1);
        });
    }
    void finish() {
        guarded([&] { jpeg_finish_decompress(&info_); });
    }

private:
    struct error_state {
        jpeg_error_mgr manager{};  // first, so that libjpeg's pointer to it is one to the whole
        std::jmp_buf escape{};
        char message[JMSG_LENGTH_MAX] = {};
    };

    static void on_error(j_common_ptr info) {
        auto* const state = reinterpret_cast<error_state*>(info->err);
        state->manager.format_message(info, state->message);
        std::longjmp(state->escape, 1);
    }

    // libjpeg only warns about a file that ends early or holds broken data, and fills in grey; the rest is tracing.
    static void on_message(j_common_ptr info, int level) {
        if (level < 0) {
            on_error(info);
        }
    }

    // `calls` must leave nothing to destroy behind: the jump skips destructors.
    template <class Calls>
    void guarded(Calls calls) {
        if (setjmp(errors_.escape) != 0) {
            throw std::runtime_error(errors_.message);
        }
        calls();
    }

    jpeg_decompress_struct info_{};
    error_state errors_{};
};

void inks_to_rgb(std::span<const std::uint8_t> cmyk, bool inverted, std::uint8_t* rgb) {
    const auto paper = [&](std::uint8_t ink) { return inverted ? unsigned{ink} : 255u - ink; };
    for (std::size_t i = 0; i + 3 < cmyk.size(); i += 4) {
        const unsigned black = paper(cmyk[i + 3]);
        for (std::size_t c = 0; c < 3; ++c) {
            *rgb++ = static_cast<std::uint8_t>((paper(cmyk[i + c]) * black + 127u) / 255u);
        }
    }
}

}  // namespace

image read_jpeg(std::span<const std::uint8_t> bytes) {
    jpeg_reader reader(bytes);
    image result{reader.height(), reader.width(), 3, {}};
    check_extent(result.height, result.width);
    reader.start();
    result.samples.resize(result.height * result.width * result.channels);
    std::vector<std::uint8_t> inks(reader.four_inks() ? 4 * result.width : 0);
    for (std::size_t y = 0; y < result.height; ++y) {
        std::uint8_t* const row = result.samples.data() + y * result.width * result.channels;
        if (inks.empty()) {
            reader.read_row(row);
        } else {
            reader.read_row(inks.data());
            inks_to_rgb(inks, reader.inverted_inks(), row);
        }
    }
    reader.finish();
    return result;
}

}  // namespace support
