// Runs the program as a user would: on its cities, on some of ours, and on what are none.
//
//   nearest_test path/to/nearest
#include "../../support/test/program.hpp"

#include <cstdlib>

namespace nearest::test {
namespace {

using namespace support::test;

void test_cities(checks& check, const program& nearest, const scratch_folder& folder) {
    const outcome all = nearest.run("");
    check.that(all.exit_code == 0 && all.errors.empty(), "ends with " + std::to_string(all.exit_code) + ": " + all.errors + all.output);
    check.that(holds(all.output, "141 cities"), "the table\n" + all.output);
    check.that(holds(all.output, "haversine: ") && holds(all.output, "asin"), "the plan\n" + all.output);
    check.that(holds(all.output, "furthest from its nearest: Honolulu, "), "the most lonely one\n" + all.output);

    const outcome paris = nearest.run("--no-plan --count 3 Paris");
    check.that(paris.exit_code == 0 && holds(paris.output, "nearest to Paris:\n  Brussels            26"), "Paris\n" + paris.output);
    check.that(!holds(paris.output, "haversine: "), "--no-plan");

    // A quarter of a great circle, a half, and no distance at all.
    make_file(folder / "corners.csv", "Pole,90,0\nZero,0,0\nBack,0,180\nAgain,-0.0,-180\r\n");
    const outcome corners = nearest.run("--no-plan --count 9 --cities " + quoted(folder / "corners.csv") + " Zero");
    check.that(corners.exit_code == 0 && holds(corners.output, "nearest to Zero:\n  Pole              10007.5 km\n  Back              20015.1 km\n  Again             20015.1 km\n"),
               "corners\n" + corners.output + corners.errors);
    check.that(holds(corners.output, "nearest to each other: Back and Again, 0.0 km"), "one place twice\n" + corners.output);
}

void test_failures(checks& check, const program& nearest, const scratch_folder& folder) {
    const auto reading = [&](const char* name, const std::string& contents, const std::string& message) {
        make_file(folder / name, contents);
        expect_failure(check, nearest, "--cities " + quoted(folder / name), 1, std::string{name} + ": " + message);
    };
    expect_failure(check, nearest, "--cities " + quoted(folder / "missing.csv"), 1, "missing.csv: cannot be opened: No such file");
    reading("empty.csv", "", "it has 0 cities, fewer than 2");
    reading("one.csv", "Paris,48.87,2.33\n", "it has 1 cities, fewer than 2");
    reading("north.csv", "Paris,48.87,2.33\nNorth,90.1,0\n", "line 2 is not a name, a latitude and a longitude in degrees");
    reading("word.csv", "Paris,48.87,east\n", "line 1 is not");
    reading("short.csv", "Paris,48.87\n", "line 1 is not");
    reading("more.csv", "Paris,48.87,2.33,2\n", "line 1 is not");
    reading("gap.csv", "Paris,48.87,2.33\n\n", "line 2 is not");
    reading("nan.csv", "Paris,nan,2.33\n", "line 1 is not");

    expect_failure(check, nearest, "--no-plan Atlantis", 1, "there is no city Atlantis in the table");
    expect_failure(check, nearest, "--count 0", 2, "--count takes a number from 1 to 1000, not '0'");
    expect_failure(check, nearest, "--cities", 2, "--cities needs a value");
    expect_failure(check, nearest, "--miles", 2, "unknown option --miles");
    expect_failure(check, nearest, "Rome Paris", 2, "one city only, not also Paris");
    check.that(nearest.run("--help").exit_code == 0, "--help");
}

}  // namespace
}  // namespace nearest::test

int main(int count, char** arguments) {
    using namespace nearest::test;
    if (count != 2) {
        std::fprintf(stderr, "usage: nearest_test path/to/nearest\n");
        return EXIT_FAILURE;
    }
    checks check;
    const scratch_folder folder;
    const program nearest(arguments[1], folder);
    test_cities(check, nearest, folder);
    test_failures(check, nearest, folder);
    return check.exit_code();
}
