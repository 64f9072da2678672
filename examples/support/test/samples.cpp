#include "samples.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <jpeglib.h>
#include <png.h>

namespace support::test {
namespace {

struct closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using file_handle = std::unique_ptr<std::FILE, closer>;

file_handle create(const std::filesystem::path& file) {
    file_handle handle(std::fopen(file.c_str(), "wb"));
    if (!handle) {
        throw std::runtime_error("cannot create " + file.string());
    }
    return handle;
}

// The samples are ours, so an error here is one of the test's own: there is nothing to recover.
[[noreturn]] void give_up(const char* what) {
    std::fprintf(stderr, "samples: %s\n", what);
    std::abort();
}

std::size_t channels_of(png_kind kind) {
    switch (kind) {
        case png_kind::grey_alpha: return 2;
        case png_kind::rgb: return 3;
        case png_kind::rgba: return 4;
        default: return 1;
    }
}

int colour_type_of(png_kind kind) {
    switch (kind) {
        case png_kind::grey: return PNG_COLOR_TYPE_GRAY;
        case png_kind::grey_alpha: return PNG_COLOR_TYPE_GRAY_ALPHA;
        case png_kind::rgb: return PNG_COLOR_TYPE_RGB;
        case png_kind::rgba: return PNG_COLOR_TYPE_RGB_ALPHA;
        case png_kind::palette: return PNG_COLOR_TYPE_PALETTE;
    }
    give_up("no such kind of PNG");
}

}  // namespace

void make_png(const std::filesystem::path& file, std::size_t height, std::size_t width, png_form form, const sampler& sample) {
    const file_handle handle = create(file);
    png_structp png = png_create_write_struct(
        PNG_LIBPNG_VER_STRING, nullptr, [](png_structp, png_const_charp what) { give_up(what); }, nullptr);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, handle.get());
    png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), form.bits,
                 colour_type_of(form.kind), form.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (form.kind == png_kind::palette) {
        std::vector<png_color> palette;
        for (unsigned i = 0; i < 256; ++i) {
            palette.push_back({static_cast<png_byte>(i), static_cast<png_byte>(255 - i), static_cast<png_byte>(i / 2)});
        }
        png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
    }
    png_write_info(png, info);

    const std::size_t channels = channels_of(form.kind);
    const std::size_t sample_bytes = form.bits == 16 ? 2 : 1;
    std::vector<std::vector<png_byte>> rows(height);
    std::vector<png_bytep> row_starts;
    for (std::size_t y = 0; y < height; ++y) {
        rows[y].reserve(width * channels * sample_bytes);
        for (std::size_t x = 0; x < width; ++x) {
            for (std::size_t c = 0; c < channels; ++c) {
                const unsigned value = sample(y, x, c);
                if (sample_bytes == 2) {
                    rows[y].push_back(static_cast<png_byte>(value >> 8));
                }
                rows[y].push_back(static_cast<png_byte>(value & 255));
            }
        }
        row_starts.push_back(rows[y].data());
    }
    png_write_image(png, row_starts.data());
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
}

void make_jpeg(const std::filesystem::path& file, std::size_t height, std::size_t width, jpeg_kind kind, bool progressive,
               const sampler& sample) {
    const file_handle handle = create(file);
    const bool inks = kind == jpeg_kind::cmyk || kind == jpeg_kind::ycck;
    const std::size_t channels = kind == jpeg_kind::grey ? 1 : inks ? 4 : 3;
    jpeg_error_mgr errors{};
    jpeg_compress_struct info{};
    info.err = jpeg_std_error(&errors);
    errors.error_exit = [](j_common_ptr) { give_up("libjpeg failed"); };
    jpeg_create_compress(&info);
    jpeg_stdio_dest(&info, handle.get());
    info.image_height = static_cast<JDIMENSION>(height);
    info.image_width = static_cast<JDIMENSION>(width);
    info.input_components = static_cast<int>(channels);
    info.in_color_space = kind == jpeg_kind::grey ? JCS_GRAYSCALE : inks ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_colorspace(&info, kind == jpeg_kind::grey   ? JCS_GRAYSCALE
                               : kind == jpeg_kind::cmyk ? JCS_CMYK
                               : kind == jpeg_kind::ycck ? JCS_YCCK
                                                         : JCS_YCbCr);
    jpeg_set_quality(&info, 100, TRUE);
    for (int c = 0; c < info.num_components; ++c) {
        info.comp_info[c].h_samp_factor = 1;
        info.comp_info[c].v_samp_factor = 1;
    }
    info.write_Adobe_marker = inks ? TRUE : FALSE;
    if (progressive) {
        jpeg_simple_progression(&info);
    }
    jpeg_start_compress(&info, TRUE);
    std::vector<JSAMPLE> row(width * channels);
    for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const unsigned value = sample(y, i / channels, i % channels);
            row[i] = static_cast<JSAMPLE>(inks ? 255 - value : value);
        }
        JSAMPROW start = row.data();
        jpeg_write_scanlines(&info, &start, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
}

}  // namespace support::test
