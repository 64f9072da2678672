// Runs the program as a user would, and looks at what has become of the plate.
//
//   heat_test path/to/heat path/to/earth.jpg
#include "../../support/image.hpp"
#include "../../support/test/program.hpp"
#include "../../support/test/samples.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace heat::test {
namespace {

using namespace support::test;
using std::filesystem::path;
using support::image;

// A line of the table of frames.
struct frame {
    int step = 0;
    double mean = 0, change = 0, in = 0, out = 0;
};

struct result {
    image sheet{};
    std::vector<frame> frames{};
};

result run_on(checks& check, const program& heat, const scratch_folder& folder, const path& picture, const std::string& options) {
    const path out = folder / "results";
    const outcome o = heat.run("--runs 1 " + options + " --out " + quoted(out) + " " + quoted(picture));
    const std::string name = picture.filename().string() + " with " + options;
    check.that(o.exit_code == 0 && o.errors.empty(), name + " ends with " + std::to_string(o.exit_code) + ": " + o.errors);
    check.that(holds(o.output, "the same, bit for bit") && !holds(o.output, "DIFFERENT"), name + ": " + o.output);
    if (!holds(options, "--no-plan")) check.that(holds(o.output, "one step: 1 kernel,") && holds(o.output, " 0 B of memory"), name + ": a step is more than one kernel: " + o.output);
    result r;
    std::istringstream lines(o.output);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        if (frame f; words >> f.step >> f.mean >> f.change >> f.in >> f.out) r.frames.push_back(f);
    }
    check.that(r.frames.size() == 4, name + ": not four frames: " + o.output);
    r.frames.resize(4);
    try {
        r.sheet = support::read_image(out / (picture.stem().string() + "-heat.png"));
    } catch (const std::runtime_error& error) {
        check.that(false, error.what());
    }
    return r;
}

// Where everything conducts alike, temperature falls evenly from the left edge, 1, to the right one, 0, in the end, and what flows in flows out.
void test_even_plate(checks& check, const program& heat, const scratch_folder& folder) {
    const auto file = folder / "even.png";
    make_png(file, 6, 40, {}, [](std::size_t, std::size_t, std::size_t) { return 128u; });
    const result r = run_on(check, heat, folder, file, "--scale 2 --steps 40000 --no-plan");
    const frame end = r.frames[3];
    check.that(end.step == 40000 && r.frames[0].step == 625, "the steps of the frames");
    for (std::size_t i = 1; i < 4; ++i) check.that(r.frames[i].change <= r.frames[i - 1].change, "changes grow");
    check.that(end.change < 1e-6, "not steady after all steps: " + std::to_string(end.change));
    check.that(std::abs(end.mean - 0.5) < 1e-3, "mean temperature: " + std::to_string(end.mean));
    // 2 relative to the mean, to the fourth power, and 20 cells between the edges are 21 differences; 3 rows.
    const double expected = 3 * 0.25 / (1 + 16.0) / 21;
    check.that(std::abs(end.in - end.out) < 2e-5, "flows in " + std::to_string(end.in) + ", out " + std::to_string(end.out));
    check.that(std::abs(end.in - expected) < 2e-5, "flows in " + std::to_string(end.in) + ", not " + std::to_string(expected));
    check.that(r.sheet.height == 2 * 3 + 4 && r.sheet.width == 2 * 20 + 4, "the picture's shape");
    if (r.sheet.samples.size() < 3 * 10 * 44) return;
    // The last frame: red falls from the left to the right.
    const auto red = [&](std::size_t column) { return r.sheet.samples[3 * (9 * 44 + 24 + column)]; };
    for (std::size_t column = 1; column < 20; ++column) check.that(red(column) <= red(column - 1), "red rises at column " + std::to_string(column));
    check.that(red(0) > 100 && red(19) < 30, "the ends' colours");
}

void test_shapes(checks& check, const program& heat, const scratch_folder& folder) {
    struct shape {
        std::size_t height, width;
    };
    for (const shape s : {shape{1, 1}, shape{1, 300}, shape{300, 1}, shape{2, 2}, shape{17, 33}}) {
        const auto file = folder / ("plate-" + std::to_string(s.height) + "x" + std::to_string(s.width) + ".png");
        make_png(file, s.height, s.width, {}, [](std::size_t y, std::size_t x, std::size_t c) { return static_cast<unsigned>(y * 37 + x * 11 + c * 50) % 256; });
        const result r = run_on(check, heat, folder, file, "--scale 1 --steps 300");
        check.that(r.sheet.height == 2 * s.height + 4 && r.sheet.width == 2 * s.width + 4, file.filename().string() + ": the picture's shape");
    }
    const auto black = folder / "black.png";
    make_png(black, 5, 5, {}, [](std::size_t, std::size_t, std::size_t) { return 0u; });
    check.that(run_on(check, heat, folder, black, "--scale 1 --steps 300 --no-plan").frames[3].in > 0.2, "a black plate does not conduct");
}

void test_earth(checks& check, const program& heat, const scratch_folder& folder, const path& picture) {
    const result all = run_on(check, heat, folder, picture, "--scale 16 --steps 4000");
    check.that(all.sheet.width == 2 * 128 + 4 && all.sheet.height == 2 * 64 + 4, "the Earth's size");
    for (std::size_t i = 1; i < 4; ++i) {
        check.that(all.frames[i].change < all.frames[i - 1].change, "changes grow");
        check.that(all.frames[i].in < all.frames[i - 1].in && all.frames[i].out < all.frames[i - 1].out, "the flows through the edges grow");
    }
    const result one = run_on(check, heat, folder, picture, "--scale 16 --steps 4000 --threads 1 --no-plan");
    check.that(all.sheet.samples == one.sheet.samples, "one thread and all");
    if (all.sheet.samples.size() < 3 * 132 * 260) return;
    // The last frame: the Pacific is hot in the west of the map and cold in its east, the Sahara as warm as it was.
    const auto red = [&](std::size_t y, std::size_t x) { return int{all.sheet.samples[3 * ((68 + y) * 260 + 132 + x)]}; };
    check.that(red(32, 2) > 200, "the west is cold");
    check.that(red(32, 125) < 60, "the east is hot");
    check.that(red(24, 64) > 80 && red(24, 64) < 180, "the Sahara has another temperature");
}

void test_failures(checks& check, const program& heat, const scratch_folder& folder) {
    expect_failure(check, heat, quoted(folder / "missing.jpg"), 1, "missing.jpg: cannot be opened: No such file");
    make_png(folder / "small.png", 3, 100, {}, [](std::size_t, std::size_t, std::size_t) { return 9u; });
    expect_failure(check, heat, quoted(folder / "small.png"), 1, "small.png: smaller than one cell of --scale 4");
    expect_failure(check, heat, "--steps 63", 2, "--steps takes a number from 64 to 10000000, not '63'");
    expect_failure(check, heat, "--scale 0", 2, "--scale takes a number from 1 to 1024, not '0'");
    expect_failure(check, heat, "--out", 2, "--out needs a value");
    expect_failure(check, heat, "--cold", 2, "unknown option --cold");
    expect_failure(check, heat, "a.png b.png", 2, "one picture only");
    check.that(heat.run("--help").exit_code == 0, "--help");
}

}  // namespace
}  // namespace heat::test

int main(int count, char** arguments) {
    if (count != 3) {
        std::fprintf(stderr, "usage: heat_test path/to/heat path/to/earth.jpg\n");
        return 2;
    }
    support::test::checks check;
    const support::test::scratch_folder folder;
    const support::test::program heat(arguments[1], folder);
    heat::test::test_failures(check, heat, folder);
    heat::test::test_even_plate(check, heat, folder);
    heat::test::test_shapes(check, heat, folder);
    heat::test::test_earth(check, heat, folder, arguments[2]);
    return check.exit_code();
}
