// Runs the program as a user would, and looks at what it reports and has drawn.
//
//   nbody_test path/to/nbody
#include "../../support/image.hpp"
#include "../../support/test/program.hpp"

#include <cmath>
#include <cstdlib>
#include <stdexcept>

namespace nbody::test {
namespace {

using namespace support::test;

// How bright a square of a picture is on average, 0 to 255.
double brightness(const support::image& picture, std::size_t top, std::size_t left, std::size_t side) {
    double total = 0;
    for (std::size_t row = top; row < top + side; ++row) {
        for (std::size_t sample = 3 * left; sample < 3 * (left + side); ++sample) total += picture.samples[row * picture.width * 3 + sample];
    }
    return total / static_cast<double>(3 * side * side);
}

double number_after(const std::string& text, const std::string& what) {
    const std::size_t at = text.find(what);
    return at == std::string::npos ? HUGE_VAL : std::strtod(text.c_str() + at + what.size(), nullptr);
}

void test_galaxies(checks& check, const support::image& picture) {
    check.that(picture.width == 1080 && picture.height == 720, "galaxies.png has another shape");
    // At first they are apart on the x axis, reddish at -1.75 and bluish at 1.75 of 3.2; the corners are dark.
    const auto channel = [&](double x, std::size_t which) {
        const auto column = static_cast<std::size_t>((x + 3.2) / 6.4 * 360);
        return int{picture.samples[3 * (180 * picture.width + column) + which]};
    };
    check.that(channel(-1.75, 0) > channel(-1.75, 2), "the left galaxy is not reddish");
    check.that(channel(1.75, 2) > channel(1.75, 0), "the right galaxy is not bluish");
    check.that(brightness(picture, 0, 0, 60) < 2, "a corner is not dark");
    for (std::size_t i = 0; i < 6; ++i) {
        const double bright = brightness(picture, i / 3 * 360, i % 3 * 360, 360);
        check.that(bright > 1 && bright < 100, "moment " + std::to_string(i) + " has brightness " + std::to_string(bright));
    }
}

void test_planets(checks& check, const support::image& picture) {
    check.that(picture.width == 1080 && picture.height == 540, "planets.png has another shape");
    check.that(brightness(picture, 260, 260, 20) > 60 && brightness(picture, 260, 800, 20) > 60, "the Sun is not in the middle");
    check.that(brightness(picture, 0, 0, 20) < 1, "a corner is not dark");
    // The Earth's orbit crosses the axes 1 from the Sun, 1.75 being the rim.
    const auto earth = static_cast<std::size_t>(270 + 270 / 1.75);
    check.that(brightness(picture, 265, earth - 10, 20) > 3, "the Earth's orbit is not where it should be");
    check.that(brightness(picture, 265, earth + 20, 20) < 1, "something is between the Earth and Mars");
}

void test_run(checks& check, const program& nbody, const scratch_folder& folder) {
    const auto out = folder / "pictures";
    const outcome o = nbody.run("--runs 1 --bodies 1500 --steps 300 --out " + quoted(out));
    check.that(o.exit_code == 0 && o.errors.empty(), "ends with " + std::to_string(o.exit_code) + ": " + o.errors + o.output);
    check.that(holds(o.output, "row_reduce  1500 x 1500"), "the pairs are not one reduction\n" + o.output);
    check.that(number_after(o.output, "a step takes ") < 200, "a step takes too much memory\n" + o.output);
    check.that(holds(o.output, "one thread and more: the same, bit for bit"), "threads\n" + o.output);
    for (const char* orbit : {"Mercury  came around 689 times", "Earth    came around 165 times", "Neptune  came around   1 times"}) {
        check.that(holds(o.output, orbit), std::string{orbit} + "\n" + o.output);
    }
    check.that(std::abs(number_after(o.output, "Earth    came around 165 times, in ") - 365.256) < 0.01, "the year\n" + o.output);
    try {
        test_galaxies(check, support::read_image(out / "galaxies.png"));
        test_planets(check, support::read_image(out / "planets.png"));
    } catch (const std::runtime_error& error) {
        check.that(false, error.what());
    }
}

void test_few(checks& check, const program& nbody, const scratch_folder& folder) {
    const outcome o = nbody.run("--runs 1 --no-plan --bodies 3 --steps 5 --years 1 --threads 1 --out " + quoted(folder / "few"));
    check.that(o.exit_code == 0 && o.errors.empty(), "three bodies end with " + std::to_string(o.exit_code) + ": " + o.errors + o.output);
    check.that(!holds(o.output, "one step:"), "--no-plan");
    check.that(holds(o.output, "Mars     has not come around"), "a year of Mars\n" + o.output);
}

void test_failures(checks& check, const program& nbody, const scratch_folder& folder) {
    expect_failure(check, nbody, "--bodies 1", 2, "--bodies takes a number from 2 to 65536, not '1'");
    expect_failure(check, nbody, "--steps 4", 2, "--steps takes a number from 5");
    expect_failure(check, nbody, "--years", 2, "--years needs a value");
    expect_failure(check, nbody, "--comets 3", 2, "unknown argument --comets");
    check.that(nbody.run("--help").exit_code == 0, "--help");
    make_file(folder / "file", "not a folder");
    expect_failure(check, nbody, "--runs 1 --bodies 2 --steps 5 --years 1 --no-plan --out " + quoted(folder / "file"), 1, "file");
}

}  // namespace
}  // namespace nbody::test

int main(int count, char** arguments) {
    using namespace nbody::test;
    if (count != 2) {
        std::fprintf(stderr, "usage: nbody_test path/to/nbody\n");
        return EXIT_FAILURE;
    }
    checks check;
    const scratch_folder folder;
    const program nbody(arguments[1], folder);
    test_run(check, nbody, folder);
    test_few(check, nbody, folder);
    test_failures(check, nbody, folder);
    return check.exit_code();
}
