#include "codecs.hpp"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>
#include <stdexcept>

#include <png.h>

namespace support {
namespace {

// As in jpeg.cpp: the callback for errors must not return and its callers are C, so every call runs inside guarded().
// libpng's simplified interface would be shorter, but some releases of it mix up the rows of interlaced 16-bit files
// (https://github.com/pnggroup/libpng/issues/853).
class png_reader {
public:
    explicit png_reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {
        png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, &on_error, [](png_structp, png_const_charp) {});
        info_ = png_ == nullptr ? nullptr : png_create_info_struct(png_);
        if (info_ == nullptr) {
            png_destroy_read_struct(&png_, nullptr, nullptr);
            throw std::runtime_error("libpng cannot be started");
        }
        try {
            guarded([&] {
                png_set_read_fn(png_, this, &on_read);
                png_read_info(png_, info_);
            });
        } catch (...) {
            png_destroy_read_struct(&png_, &info_, nullptr);
            throw;
        }
    }
    ~png_reader() { png_destroy_read_struct(&png_, &info_, nullptr); }
    png_reader(const png_reader&) = delete;
    png_reader& operator=(const png_reader&) = delete;

    [[nodiscard]] std::size_t height() const { return png_get_image_height(png_, info_); }
    [[nodiscard]] std::size_t width() const { return png_get_image_width(png_, info_); }

    // Whatever the file holds, rows become red, green, blue, alpha in 8 bits of sRGB.
    void start() {
        guarded([&] {
            png_set_alpha_mode(png_, PNG_ALPHA_PNG, PNG_DEFAULT_sRGB);
            png_set_expand(png_);
            png_set_scale_16(png_);
            png_set_gray_to_rgb(png_);
            png_set_add_alpha(png_, 255, PNG_FILLER_AFTER);
            png_set_interlace_handling(png_);
            png_read_update_info(png_, info_);
        });
    }
    [[nodiscard]] std::size_t row_bytes() const { return png_get_rowbytes(png_, info_); }

    void read(std::span<const png_bytep> rows) {
        guarded([&] {
            png_read_image(png_, const_cast<png_bytepp>(rows.data()));
            png_read_end(png_, nullptr);
        });
    }

private:
    [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
        auto* const self = static_cast<png_reader*>(png_get_error_ptr(png));
        std::strncpy(self->message_.data(), message, self->message_.size() - 1);
        std::longjmp(self->escape_, 1);
    }

    static void on_read(png_structp png, png_bytep to, std::size_t count) {
        auto* const self = static_cast<png_reader*>(png_get_io_ptr(png));
        if (count > self->rest_.size()) {
            png_error(png, "the file ends too early");
        }
        std::memcpy(to, self->rest_.data(), count);
        self->rest_ = self->rest_.subspan(count);
    }

    // `calls` must leave nothing to destroy behind: the jump skips destructors.
    template <class Calls>
    void guarded(Calls calls) {
        if (setjmp(escape_) != 0) {
            throw std::runtime_error(message_.data());
        }
        calls();
    }

    std::span<const std::uint8_t> rest_;
    png_structp png_ = nullptr;
    png_infop info_ = nullptr;
    std::jmp_buf escape_{};
    std::array<char, 256> message_{};
};

}  // namespace

image read_png(std::span<const std::uint8_t> bytes) {
    png_reader reader(bytes);
    image result{reader.height(), reader.width(), 3, {}};
    check_extent(result.height, result.width);
    reader.start();
    if (reader.row_bytes() != 4 * result.width) {
        throw std::runtime_error("its samples are of a kind that cannot be converted");
    }
    const std::size_t pixels = result.height * result.width;
    std::vector<std::uint8_t> rgba(4 * pixels);
    std::vector<png_bytep> rows(result.height);
    for (std::size_t y = 0; y < result.height; ++y) {
        rows[y] = rgba.data() + 4 * result.width * y;
    }
    reader.read(rows);

    result.samples.resize(3 * pixels);
    for (std::size_t i = 0; i < pixels; ++i) {
        const unsigned alpha = rgba[4 * i + 3];
        for (std::size_t c = 0; c < 3; ++c) {
            result.samples[3 * i + c] = static_cast<std::uint8_t>((rgba[4 * i + c] * alpha + 127u) / 255u);
        }
    }
    return result;
}

}  // namespace support
