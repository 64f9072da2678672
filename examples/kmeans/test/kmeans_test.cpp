// Runs the program as a user would, and looks at what it has painted.
//
//   kmeans_test path/to/kmeans path/to/earth.jpg
#include "../../support/image.hpp"
#include "../../support/test/program.hpp"
#include "../../support/test/samples.hpp"

#include <array>
#include <cstdlib>
#include <set>
#include <stdexcept>

namespace kmeans::test {
namespace {

using namespace support::test;
using std::filesystem::path;
using support::image;

using pixel = std::array<std::uint8_t, 3>;

pixel at(const image& picture, std::size_t i) { return {picture.samples[3 * i], picture.samples[3 * i + 1], picture.samples[3 * i + 2]}; }

// Runs the program with that many colours on a picture, and checks that it agrees with plain loops and uses no more than these colours; the picture with its palette.
image run_on(checks& check, const program& kmeans, const scratch_folder& folder, const path& picture, int colours, const std::string& options, std::string* said = nullptr) {
    const path out = folder / "results";
    const outcome o = kmeans.run("--runs 1 --colours " + std::to_string(colours) + " " + options + " --out " + quoted(out) + " " + quoted(picture));
    const std::string name = picture.filename().string() + " in " + std::to_string(colours) + " colours";
    check.that(o.exit_code == 0 && o.errors.empty(), name + " ends with " + std::to_string(o.exit_code) + ": " + o.errors);
    check.that(holds(o.output, "colours and pixels are the same, bit for bit"), name + ": " + o.output);
    if (said != nullptr) *said = o.output;
    try {
        const image before = support::read_image(picture);
        const image after = support::read_image(out / (picture.stem().string() + "-" + std::to_string(colours) + "-colours.png"));
        const std::size_t strip = std::max<std::size_t>(before.height / 12, 1);
        if (after.width != before.width || after.height != before.height + strip) {
            check.that(false, name + " has another shape");
            return {};
        }
        std::set<pixel> in_picture, in_strip;
        const std::size_t pixels = before.height * before.width;
        for (std::size_t i = 0; i < pixels + strip * before.width; ++i) (i < pixels ? in_picture : in_strip).insert(at(after, i));
        check.that(in_picture.size() <= static_cast<std::size_t>(colours), name + ": " + std::to_string(in_picture.size()) + " colours");
        if (before.width >= static_cast<std::size_t>(colours)) {
            for (const pixel& p : in_picture) check.that(in_strip.contains(p), name + ": the palette lacks a colour of the picture");
        }
        return after;
    } catch (const std::runtime_error& error) {
        check.that(false, error.what());
        return {};
    }
}

// With a colour for each that there is, nothing changes.
void test_few_colours(checks& check, const program& kmeans, const scratch_folder& folder) {
    struct sample {
        std::size_t height, width;
        unsigned different;
        int colours;
    };
    for (const sample s : {sample{40, 60, 5, 5}, sample{1, 7000, 3, 4}, sample{7000, 1, 7, 7}, sample{1, 1, 1, 3}, sample{3, 2, 6, 256}}) {
        const auto file = folder / ("few-" + std::to_string(s.height) + "x" + std::to_string(s.width) + ".png");
        const auto colour = [&](std::size_t y, std::size_t x, std::size_t c) {
            const auto which = static_cast<unsigned>(y * s.width + x) % s.different;
            return c == 0 ? 40 * which : c == 1 ? 255 - 30 * which : which * which;
        };
        make_png(file, s.height, s.width, {}, colour);
        std::string said;
        const image after = run_on(check, kmeans, folder, file, s.colours, "--no-plan", &said);
        check.that(holds(said, "PSNR without bound"), file.filename().string() + ": " + said);
        const image before = support::read_image(file);
        check.that(after.samples.size() > before.samples.size() && std::equal(before.samples.begin(), before.samples.end(), after.samples.begin()),
                   file.filename().string() + " has changed");
    }
}

// One colour is the mean of all.
void test_one_colour(checks& check, const program& kmeans, const scratch_folder& folder) {
    const auto file = folder / "halves.png";
    make_png(file, 10, 20, {}, [](std::size_t, std::size_t x, std::size_t c) { return x < 10 ? 10u : 30u + static_cast<unsigned>(c) * 20; });
    const image after = run_on(check, kmeans, folder, file, 1, "--no-plan");
    check.that(!after.samples.empty() && at(after, 0) == pixel{20, 30, 40}, "the mean of two halves");
}

void test_earth(checks& check, const program& kmeans, const scratch_folder& folder, const path& picture) {
    std::string said;
    const image all = run_on(check, kmeans, folder, picture, 8, "--steps 6", &said);
    check.that(holds(said, "index of minimum"), "no plan: " + said);
    check.that(holds(said, "one thread and more: the same, bit for bit") || holds(said, "Sinter, 1 thread") == false, said);
    const image one = run_on(check, kmeans, folder, picture, 8, "--steps 6 --threads 1 --no-plan");
    check.that(all.samples == one.samples, "one thread and all");
    const image other = run_on(check, kmeans, folder, picture, 8, "--steps 1 --seed 7 --no-plan");
    check.that(all.samples != other.samples, "another seed");
    // White snow and dark sea, 2048 pixels wide.
    if (all.samples.size() < 3 * 2048 * 1024) return;
    const pixel snow = at(all, 2048 * 1010 + 1024), sea = at(all, 2048 * 512 + 100);
    check.that(snow[0] > 200 && snow[1] > 200 && snow[2] > 200, "the snow is not white");
    check.that(sea[0] < 60 && sea[1] < 60 && sea[2] > sea[0], "the sea is not blue");
}

void test_failures(checks& check, const program& kmeans, const scratch_folder& folder) {
    expect_failure(check, kmeans, quoted(folder / "missing.jpg"), 1, "missing.jpg: cannot be opened: No such file");
    make_file(folder / "text.png", "This is not a picture.\n");
    expect_failure(check, kmeans, quoted(folder / "text.png"), 1, "text.png: neither a JPEG nor a PNG picture");
    expect_failure(check, kmeans, "--colours 0", 2, "--colours takes a number from 1 to 256, not '0'");
    expect_failure(check, kmeans, "--colours 257", 2, "--colours takes a number from 1 to 256, not '257'");
    expect_failure(check, kmeans, "--steps none", 2, "--steps takes a number");
    expect_failure(check, kmeans, "--seed -1", 2, "--seed takes a number from 0");
    expect_failure(check, kmeans, "--out", 2, "--out needs a value");
    expect_failure(check, kmeans, "--colors 4", 2, "unknown option --colors");
    expect_failure(check, kmeans, "a.png b.png", 2, "one picture only");
    check.that(kmeans.run("--help").exit_code == 0, "--help");
}

}  // namespace
}  // namespace kmeans::test

int main(int count, char** arguments) {
    if (count != 3) {
        std::fprintf(stderr, "usage: kmeans_test path/to/kmeans path/to/earth.jpg\n");
        return 2;
    }
    support::test::checks check;
    const support::test::scratch_folder folder;
    const support::test::program kmeans(arguments[1], folder);
    kmeans::test::test_failures(check, kmeans, folder);
    kmeans::test::test_few_colours(check, kmeans, folder);
    kmeans::test::test_one_colour(check, kmeans, folder);
    kmeans::test::test_earth(check, kmeans, folder, arguments[2]);
    return check.exit_code();
}
