// Runs the program as a user would: on pictures of awkward shapes, and on files that are not pictures.
//
//   earth_test path/to/earth path/to/earth.jpg
#include "../../support/image.hpp"
#include "../../support/test/program.hpp"
#include "../../support/test/samples.hpp"

#include <cstdlib>
#include <stdexcept>

namespace earth::test {
namespace {

using namespace support::test;
using std::filesystem::path;
using support::image;
using support::read_image;

// Runs the program on a picture, and checks what it says of itself: that all ways of running agree.
struct results {
    image colour;
    image relief;
};
results run_on(checks& check, const program& earth, const scratch_folder& folder, const path& picture,
               const std::string& options = "--runs 1 --no-plan") {
    const path out = folder / ("results-of-" + picture.stem().string());
    const outcome o = earth.run(options + " --out " + quoted(out) + " " + quoted(picture));
    const std::string name = picture.filename().string() + " with " + options;
    check.that(o.exit_code == 0, name + " ends with " + std::to_string(o.exit_code) + ": " + o.errors);
    check.that(o.errors.empty(), name + " complains: " + o.errors);
    check.that(holds(o.output, "one plan and one by one:    the same, bit for bit"), name + ": one by one\n" + o.output);
    const std::string stem = picture.stem().string();
    try {
        return {read_image(out / (stem + "-sharpened.png")), read_image(out / (stem + "-relief.png"))};
    } catch (const std::runtime_error& error) {
        check.that(false, error.what());
        return {};
    }
}

bool even(const image& picture, std::size_t height, std::size_t width, unsigned red, unsigned green, unsigned blue) {
    bool same = picture.height == height && picture.width == width && picture.samples.size() == 3 * height * width;
    for (std::size_t i = 0; same && i < picture.samples.size(); ++i) {
        same = picture.samples[i] == (i % 3 == 0 ? red : i % 3 == 1 ? green : blue);
    }
    return same;
}

// An even picture stays as it is, and its relief is flat: 0.3 of full light, which sRGB writes as 149.
void test_even_pictures(checks& check, const program& earth, const scratch_folder& folder) {
    struct shape {
        std::size_t height, width;
    };
    for (const shape s : {shape{1, 1}, shape{1, 5000}, shape{5000, 1}, shape{1, 2}, shape{3, 3}, shape{17, 33}}) {
        const auto file = folder / ("even-" + std::to_string(s.height) + "x" + std::to_string(s.width) + ".png");
        make_png(file, s.height, s.width, {}, [](std::size_t, std::size_t, std::size_t c) { return c == 0 ? 200u : c == 1 ? 120u : 64u; });
        const results r = run_on(check, earth, folder, file);
        check.that(even(r.colour, s.height, s.width, 200, 120, 64), file.filename().string() + ": colour");
        check.that(even(r.relief, s.height, s.width, 149, 149, 149), file.filename().string() + ": relief");
    }
    for (const unsigned grey : {0u, 255u}) {
        const auto file = folder / ("one-" + std::to_string(grey) + ".png");
        make_png(file, 1, 1, {png_kind::grey}, [&](std::size_t, std::size_t, std::size_t) { return grey; });
        check.that(even(run_on(check, earth, folder, file).colour, 1, 1, grey, grey, grey), file.filename().string());
    }
}

// A step between two greys across the length of a picture one pixel thick. Light comes from the north-west, so that a rise
// towards the south or the east is bright and a fall is dark; away from the step nothing but the contrast changes.
void test_steps(checks& check, const program& earth, const scratch_folder& folder) {
    for (const bool upright : {false, true}) {
        for (const bool rise : {false, true}) {
            const std::string name = std::string{upright ? "upright" : "flat"} + (rise ? "-rise" : "-fall");
            const auto file = folder / (name + ".png");
            const std::size_t height = upright ? 5000 : 1, width = upright ? 1 : 5000;
            make_png(file, height, width, {png_kind::grey}, [&](std::size_t y, std::size_t x, std::size_t) {
                return (y + x < 2500) == rise ? 90u : 160u;
            });
            const results r = run_on(check, earth, folder, file);
            if (r.relief.samples.size() != 15000 || r.colour.samples.size() != 15000) {
                check.that(false, name + ": size");
                continue;
            }
            const auto relief = [&](std::size_t i) { return r.relief.samples[3 * i]; };
            const auto colour = [&](std::size_t i) { return r.colour.samples[3 * i]; };
            check.that(relief(0) == relief(1200) && relief(0) == relief(2498) && relief(0) == relief(2501) && relief(0) == relief(4999),
                       name + ": flat parts");
            check.that(rise ? relief(2499) > relief(0) : relief(2499) < relief(0), name + ": step");
            check.that(relief(2499) == relief(2500), name + ": both sides of the step");
            check.that(colour(0) == colour(2495) && colour(4999) == colour(2504), name + ": beyond the reach of the blur");
            check.that(rise ? colour(2499) < colour(0) && colour(2500) > colour(4999)
                            : colour(2499) > colour(0) && colour(2500) < colour(4999),
                       name + ": sharpened");
        }
    }
}

// The same grey pattern on its side gives the same sharpened picture on its side, but for the rounding of sums.
void test_transposed(checks& check, const program& earth, const scratch_folder& folder) {
    const auto pattern = [](std::size_t y, std::size_t x) { return static_cast<unsigned>((y * y + 31 * x + y * x / 3) % 256); };
    make_png(folder / "lying.png", 45, 70, {png_kind::grey}, [&](std::size_t y, std::size_t x, std::size_t) { return pattern(y, x); });
    make_png(folder / "standing.png", 70, 45, {png_kind::grey}, [&](std::size_t y, std::size_t x, std::size_t) { return pattern(x, y); });
    const results lying = run_on(check, earth, folder, folder / "lying.png");
    const results standing = run_on(check, earth, folder, folder / "standing.png");
    if (lying.colour.samples.size() != 3 * 45 * 70 || standing.colour.samples.size() != 3 * 45 * 70) {
        check.that(false, "transposed: size");
        return;
    }
    int colour = 0, relief = 0;
    for (std::size_t y = 0; y < 45; ++y) {
        for (std::size_t x = 0; x < 70; ++x) {
            const auto apart = [&](const image& a, const image& b) {
                return std::abs(int{a.samples[3 * (70 * y + x)]} - int{b.samples[3 * (45 * x + y)]});
            };
            colour = std::max(colour, apart(lying.colour, standing.colour));
            relief = std::max(relief, apart(lying.relief, standing.relief));
        }
    }
    check.that(colour <= 1 && relief <= 1, "transposed: " + std::to_string(colour) + " and " + std::to_string(relief) + " levels apart");
}

void test_failures(checks& check, const program& earth, const scratch_folder& folder, const path& picture) {
    expect_failure(check, earth, quoted(folder / "missing.jpg"), 1, "missing.jpg: cannot be opened: No such file");
    expect_failure(check, earth, quoted(folder.path()), 1, "it is a directory");
    make_file(folder / "text.png", "This is not a picture.\n");
    expect_failure(check, earth, quoted(folder / "text.png"), 1, "text.png: neither a JPEG nor a PNG picture");
    make_file(folder / "empty.png", "");
    expect_failure(check, earth, quoted(folder / "empty.png"), 1, "empty.png: the file is empty");
    std::vector<std::uint8_t> bytes = contents_of(picture);
    bytes.resize(bytes.size() / 2);
    make_file(folder / "cut.jpg", bytes);
    expect_failure(check, earth, quoted(folder / "cut.jpg"), 1, "cut.jpg: JPEG picture cannot be read: Premature end");
    make_png(folder / "cut.png", 40, 40, {}, [](std::size_t y, std::size_t x, std::size_t c) { return static_cast<unsigned>(y * x + c) % 256; });
    bytes = contents_of(folder / "cut.png");
    bytes.resize(bytes.size() / 2);
    make_file(folder / "cut.png", bytes);
    expect_failure(check, earth, quoted(folder / "cut.png"), 1, "cut.png: PNG picture cannot be read: the file ends too early");

    expect_failure(check, earth, "--runs 0", 2, "--runs takes a number from 1 to 1000, not '0'");
    expect_failure(check, earth, "--threads two", 2, "--threads takes a number");
    expect_failure(check, earth, "--out", 2, "--out needs a value");
    expect_failure(check, earth, "--fast", 2, "unknown option --fast");
    expect_failure(check, earth, "a.png b.png", 2, "one picture only");
    check.that(earth.run("--help").exit_code == 0, "--help");
}

void test_earth(checks& check, const program& earth, const scratch_folder& folder, const path& picture) {
    const results all = run_on(check, earth, folder, picture, "--runs 1");
    check.that(all.colour.width == 2048 && all.colour.height == 1024 && all.relief.width == 2048 && all.relief.height == 1024,
               "the Earth's size");
    const results one = run_on(check, earth, folder, picture, "--runs 1 --threads 1 --no-plan");
    const results three = run_on(check, earth, folder, picture, "--runs 1 --threads 3 --no-plan");
    check.that(all.colour.samples == one.colour.samples && all.relief.samples == one.relief.samples, "one thread and all");
    check.that(all.colour.samples == three.colour.samples && all.relief.samples == three.relief.samples, "three threads and all");
}

}  // namespace
}  // namespace earth::test

int main(int count, char** arguments) {
    if (count != 3) {
        std::fprintf(stderr, "usage: earth_test path/to/earth path/to/earth.jpg\n");
        return 2;
    }
    support::test::checks check;
    const support::test::scratch_folder folder;
    const support::test::program earth(arguments[1], folder);
    earth::test::test_failures(check, earth, folder, arguments[2]);
    earth::test::test_even_pictures(check, earth, folder);
    earth::test::test_steps(check, earth, folder);
    earth::test::test_transposed(check, earth, folder);
    earth::test::test_earth(check, earth, folder, arguments[2]);
    return check.exit_code();
}
