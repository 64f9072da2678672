// Runs the program as a user would, and looks at what it has drawn.
//
//   mandelbrot_test path/to/mandelbrot
#include "../../support/image.hpp"
#include "../../support/test/program.hpp"

#include <cstdlib>
#include <stdexcept>

namespace mandelbrot::test {
namespace {

using namespace support::test;

// The picture shows x from -2.2 to 0.8 and y from 1 to -1.
bool black_at(const support::image& picture, double x, double y) {
    const auto column = static_cast<std::size_t>((x + 2.2) / 3.0 * static_cast<double>(picture.width - 1) + 0.5);
    const auto row = static_cast<std::size_t>((1.0 - y) / 2.0 * static_cast<double>(picture.height - 1) + 0.5);
    const std::uint8_t* const pixel = picture.samples.data() + 3 * (row * picture.width + column);
    return pixel[0] == 0 && pixel[1] == 0 && pixel[2] == 0;
}

void test_pictures(checks& check, const program& mandelbrot, const scratch_folder& folder) {
    struct shape {
        std::size_t width, height;
    };
    for (const shape s : {shape{300, 201}, shape{61, 41}, shape{1, 1}}) {
        const auto out = folder / ("set-" + std::to_string(s.width));
        const auto file = out / "mandelbrot.png";
        const outcome o = mandelbrot.run("--runs 1 --no-plan --width " + std::to_string(s.width) + " --height " + std::to_string(s.height) + " --out " + quoted(out));
        const std::string name = out.filename().string();
        check.that(o.exit_code == 0 && o.errors.empty(), name + " ends with " + std::to_string(o.exit_code) + ": " + o.errors);
        check.that(holds(o.output, "Sinter and plain loops: the same"), name + ": " + o.output);
        check.that(holds(o.output, "Kepler's equation, 500000 times"), name + ": " + o.output);
        try {
            const support::image picture = support::read_image(file);
            check.that(picture.width == s.width && picture.height == s.height, name + " has another shape");
            if (s.width == 1) continue;
            for (const double x : {-1.0, -0.5, 0.0, 0.2}) check.that(black_at(picture, x, 0), name + ": a point of the set is not black");
            for (const double x : {-2.1, 0.5, 0.8}) check.that(!black_at(picture, x, 0), name + ": a point outside of the set is black");
            check.that(!black_at(picture, -1.5, 0.9), name + ": a corner is black");
        } catch (const std::runtime_error& error) {
            check.that(false, error.what());
        }
    }
}

}  // namespace
}  // namespace mandelbrot::test

int main(int count, char** arguments) {
    using namespace mandelbrot::test;
    if (count != 2) {
        std::fprintf(stderr, "usage: mandelbrot_test path/to/mandelbrot\n");
        return EXIT_FAILURE;
    }
    checks check;
    const scratch_folder folder;
    const program mandelbrot(arguments[1], folder);
    test_pictures(check, mandelbrot, folder);
    const outcome told = mandelbrot.run("--runs 1 --width 64 --height 64 --out " + quoted(folder / "plan"));
    check.that(told.exit_code == 0 && holds(told.output, "loop"), "the plan has no loop: " + told.output);
    expect_failure(check, mandelbrot, "--steps 0", 2, "--steps");
    expect_failure(check, mandelbrot, "--frames 3", 2, "unknown argument --frames");
    make_file(folder / "file", "not a folder");
    expect_failure(check, mandelbrot, "--runs 1 --width 8 --height 8 --no-plan --out " + quoted(folder / "file"), 1, "file");
    return check.exit_code();
}
