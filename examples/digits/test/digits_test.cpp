// Runs the program as a user would: on its digits, and on files that are not digits.
//
//   digits_test path/to/digits path/to/digits.csv.gz
#include "../../support/image.hpp"
#include "../../support/test/program.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

#include <zlib.h>

namespace digits::test {
namespace {

using namespace support::test;
using std::filesystem::path;

std::string unpacked(const path& file) {
    std::string text;
    char block[65536];
    const gzFile stream = gzopen(file.c_str(), "rb");
    int count = 0;
    while (stream != nullptr && (count = gzread(stream, block, sizeof block)) > 0) {
        text.append(block, static_cast<std::size_t>(count));
    }
    gzclose(stream);
    return text;
}

// The number that follows `what` in the program's output, or -1.
double number_after(const std::string& text, const std::string& what) {
    const std::size_t at = text.find(what);
    return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + what.size(), nullptr);
}

void test_failures(checks& check, const program& digits, const scratch_folder& folder, const path& data) {
    const auto reading = [&](const char* name, const std::string& contents, const std::string& message) {
        make_file(folder / name, contents);
        expect_failure(check, digits, quoted(folder / name), 1, std::string{name} + ": " + message);
    };
    expect_failure(check, digits, quoted(folder / "missing.csv"), 1, "missing.csv: cannot be opened: No such file");
    expect_failure(check, digits, quoted(folder.path()), 1, "it is a directory");
    reading("empty.csv", "", "the file is empty");
    reading("text.csv", "These are not digits.\n", "line 1: number 1 is not one from 0 to 16");

    const std::vector<std::uint8_t> packed = contents_of(data);
    const std::string whole(packed.begin(), packed.end());
    reading("cut.csv.gz", whole.substr(0, whole.size() / 2), "the compressed file ends too early");
    reading("header.csv.gz", whole.substr(0, 2), "the compressed file ends too early");
    std::string changed = whole;
    changed[changed.size() - 5] = static_cast<char>(changed[changed.size() - 5] ^ 1);
    reading("changed.csv.gz", changed, "the compressed file is damaged: incorrect");
    reading("longer.csv.gz", whole + "more", "something follows the end of the compressed file");

    const std::string text = unpacked(data);
    const std::size_t line = text.find('\n') + 1;
    check.that(line > 100, "the digits can be unpacked");
    const std::string first = text.substr(0, line - 1);
    reading("few.csv", text.substr(0, line), "it has 1 digits, fewer than 50");
    reading("short.csv", text.substr(0, line) + first.substr(0, first.size() - 2) + "\n", "line 2: number 64 is not followed by a comma");
    reading("long.csv", first + ",1\n", "line 1: something follows number 65");
    reading("dark.csv", text.substr(0, line) + "17" + first.substr(1) + "\n", "line 2: number 1 is not one from 0 to 16");
    reading("ten.csv", first.substr(0, first.size() - 1) + "10\n", "line 1: number 65 is not one from 0 to 9");
    reading("gap.csv", text.substr(0, line) + "\n" + text.substr(0, line), "line 2: number 1 is not one");

    expect_failure(check, digits, "--steps 0", 2, "--steps takes a number from 1 to 100000, not '0'");
    expect_failure(check, digits, "--steps", 2, "--steps needs a value");
    expect_failure(check, digits, "--quick", 2, "unknown option --quick");
    expect_failure(check, digits, "a.csv b.csv", 2, "one file of digits only, not also b.csv");
    check.that(digits.run("--help").exit_code == 0, "--help");
}

void test_learning(checks& check, const program& digits, const scratch_folder& folder, const path& data) {
    const path out = folder / "results";
    const outcome o = digits.run("--runs 1 --out " + quoted(out));
    check.that(o.exit_code == 0, "ends with " + std::to_string(o.exit_code) + ": " + o.errors + o.output);
    check.that(o.errors.empty(), "complains: " + o.errors);
    check.that(number_after(o.output, "held-out accuracy: ") >= 0.95, "accuracy\n" + o.output);
    check.that(holds(o.output, "1438 digits to learn from, 359 held out"), "the split\n" + o.output);
    check.that(holds(o.output, "one thread and more:                the same weights, bit for bit"), "threads\n" + o.output);
    check.that(holds(o.output, "one step: ") && holds(o.output, "reduce maximum") && holds(o.output, "exp"), "the plan\n" + o.output);
    try {
        const support::image picture = support::read_image(out / "digits-weights.png");
        check.that(picture.width == 12 + 10 * 92 && picture.height > 200, "the picture's size");
    } catch (const std::runtime_error& error) {
        check.that(false, error.what());
    }

    make_file(folder / "unpacked.csv", unpacked(data));
    const outcome plain = digits.run("--runs 1 --no-plan --out " + quoted(out) + " " + quoted(folder / "unpacked.csv"));
    const auto from_accuracy = [](const std::string& text) { return text.substr(std::min(text.find("held-out accuracy"), text.size())); };
    check.that(plain.exit_code == 0 && from_accuracy(plain.output) == from_accuracy(o.output), "unpacked digits: " + plain.output);

    const outcome hasty = digits.run("--runs 1 --no-plan --steps 2 --out " + quoted(out));
    check.that(hasty.exit_code == 1, "two steps end with " + std::to_string(hasty.exit_code));
    check.that(holds(hasty.errors, "digits: the held-out accuracy, 0.") && holds(hasty.errors, "is below 0.95"), hasty.errors);
}

}  // namespace
}  // namespace digits::test

int main(int count, char** arguments) {
    if (count != 3) {
        std::fprintf(stderr, "usage: digits_test path/to/digits path/to/digits.csv.gz\n");
        return 2;
    }
    support::test::checks check;
    const support::test::scratch_folder folder;
    const support::test::program digits(arguments[1], folder);
    digits::test::test_failures(check, digits, folder, arguments[2]);
    digits::test::test_learning(check, digits, folder, arguments[2]);
    return check.exit_code();
}
