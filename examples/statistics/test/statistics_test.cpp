// Runs the program as a user would: on tables whose statistics are known, on awkward ones, and on files that are not tables.
//
//   statistics_test path/to/statistics
#include "../../support/test/program.hpp"

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

namespace statistics::test {
namespace {

using namespace support::test;

// The words of the first line that begins with `start`, after `from`.
std::vector<std::string> words_after(const std::string& text, const std::string& from, const std::string& start) {
    std::vector<std::string> words;
    const std::size_t section = text.find(from);
    const std::size_t at = section == std::string::npos ? section : text.find("\n" + start + " ", section);
    if (at != std::string::npos) {
        std::istringstream line(text.substr(at + 1, text.find('\n', at + 1) - at - 1));
        for (std::string word; line >> word;) {
            words.push_back(word);
        }
    }
    return words;
}

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) {
        all += (all.empty() ? "" : " ") + word;
    }
    return all;
}

outcome run_on(checks& check, const program& statistics, const std::string& arguments) {
    const outcome o = statistics.run("--runs 1 " + arguments);
    check.that(o.exit_code == 0, arguments + " ends with " + std::to_string(o.exit_code) + ": " + o.errors + o.output);
    check.that(o.errors.empty(), arguments + " complains: " + o.errors);
    check.that(holds(o.output, "counts, least and most: the same"), arguments + ": " + o.output);
    check.that(holds(o.output, "one thread and more: the same, bit for bit"), arguments + ": " + o.output);
    return o;
}

void expect_line(checks& check, const outcome& o, const std::string& section, const std::string& line) {
    const std::string found = joined(words_after(o.output, section, line.substr(0, line.find(' '))));
    check.that(found == line, "'" + line + "' is '" + found + "' in\n" + o.output);
}

void test_known(checks& check, const program& statistics, const scratch_folder& folder) {
    // b is 10 - 2 a where both are there; c is as often above its mean as below it whatever a is; d does not change; e has one value and f has none.
    make_file(folder / "known.csv",
              "a, b ,c,d,e,f\r\n"
              "1,8,1,5,,\r\n"
              "2,6,-1,5, NA ,\r\n"
              "3,,-1,5,nan,\r\n"
              ",9e2,,5,-2.5,NaN\r\n"
              "4,2,1,5,,");
    const outcome o = run_on(check, statistics, "--over 2 " + quoted(folder / "known.csv"));
    expect_line(check, o, "column", "a 4 2.5000 1.2910 1.0000 4.0000 0.5000 of 2");
    expect_line(check, o, "column", "c 4 0.0000 1.1547 -1.0000 1.0000 0.0000 of 2");
    expect_line(check, o, "column", "d 5 5.0000 0.0000 5.0000 5.0000 1.0000 of 2");
    expect_line(check, o, "column", "e 1 -2.5000 - -2.5000 -2.5000 0.0000 of 2");
    expect_line(check, o, "column", "f 0 - - - - - of 2");
    expect_line(check, o, "correlations", "b -1.000");
    expect_line(check, o, "correlations", "d - - -");
    expect_line(check, o, "correlations", "f - - - - -");
    const std::vector<std::string> c = words_after(o.output, "correlations", "c");
    check.that(c.size() == 3 && c[1] == "0.000", "a and c do not go together: " + joined(c));
    // Where both are there, b is 8, 6, 2 and c is 1, -1, 1: about their means the products add up to 4 - 16 / 3, the squares to 56 / 3 and 8 / 3.
    check.that(c.size() == 3 && std::abs(std::stod(c[2]) - (4 - 16.0 / 3) / std::sqrt(56.0 / 3 * 8 / 3)) < 6e-4, "b and c: " + joined(c));
}

void test_shapes(checks& check, const program& statistics, const scratch_folder& folder) {
    make_file(folder / "one.csv", "only\n3\n");
    expect_line(check, run_on(check, statistics, quoted(folder / "one.csv")), "column", "only 1 3.0000 - 3.0000 3.0000 1.0000 of 0");
    // 64 columns, 65 rows: the numbers of the program against its own plain loops.
    std::string wide;
    for (int row = -1; row < 65; ++row) {
        for (int column = 0; column < 64; ++column) {
            const int value = (row * row * 7 + column * 13 + row * column) % 101;
            wide += column == 0 ? "" : ",";
            wide += row < 0 ? "column" + std::to_string(column) : value % 10 == 3 ? "" : std::to_string(value);
        }
        wide += "\n";
    }
    make_file(folder / "wide.csv", wide);
    run_on(check, statistics, quoted(folder / "wide.csv"));
    for (const char* const rows : {"1", "2", "17", "4099", "100000"}) {
        const outcome o = run_on(check, statistics, std::string{"--rows "} + rows);
        check.that(holds(o.output, std::string{"made up: "} + rows + " rows, 8 columns"), o.output);
    }
    const outcome o = run_on(check, statistics, "--rows 300000 --threads 3");
    const std::vector<std::string> gust = words_after(o.output, "correlations", "gust");
    check.that(gust.size() == 5 && std::stod(gust[4]) > 0.95, "gusts go with the wind: " + joined(gust));
    check.that(holds(o.output, "the plan: ") && holds(o.output, "small ones, which finish the sums"), "the plan\n" + o.output);
    const outcome whole = run_on(check, statistics, "--rows 1000 --whole-plan");
    check.that(holds(whole.output, "reduce minimum"), "the whole plan\n" + whole.output);
}

void test_failures(checks& check, const program& statistics, const scratch_folder& folder) {
    const auto reading = [&](const char* name, const std::string& contents, const std::string& message) {
        make_file(folder / name, contents);
        expect_failure(check, statistics, quoted(folder / name), 1, std::string{name} + ": " + message);
    };
    expect_failure(check, statistics, quoted(folder / "missing.csv"), 1, "missing.csv: cannot be opened: No such file");
    expect_failure(check, statistics, quoted(folder.path()), 1, "it is a directory");
    reading("empty.csv", "", "the file is empty");
    reading("names.csv", "a,b\n", "there are no rows below the names");
    reading("unnamed.csv", "a,,c\n1,2,3\n", "line 1: the name of column 2 is empty");
    reading("quoted.csv", "\"a\",b\n1,2\n", "line 1: the name of column 1 has a quote");
    reading("short.csv", "a,b\n1,2\n3\n", "line 3: it has 1 field, not 2");
    reading("long.csv", "a,b\n1,2,\n", "line 2: it has 3 fields, not 2");
    reading("blank.csv", "a,b\n1,2\n\n3,4\n", "line 3: it has 1 field, not 2");
    reading("word.csv", "a,b\n1,two\n", "line 2: column b: 'two' is neither a number nor empty, NA or nan");
    reading("tail.csv", "a,b\n1,2.5.\n", "line 2: column b: '2.5.' is neither");
    reading("infinite.csv", "a,b\n1,inf\n", "line 2: column b: 'inf' is neither");
    reading("huge.csv", "a,b\n1e39,1\n", "line 2: column a: '1e39' is too large or too small");
    std::string many = "a0";
    for (int i = 1; i < 65; ++i) {
        many += ",a" + std::to_string(i);
    }
    reading("many.csv", many + "\n", "line 1: there are 65 columns, more than 64");

    expect_failure(check, statistics, "--rows 0", 2, "--rows takes a number from 1 to 100000000, not '0'");
    expect_failure(check, statistics, "--over", 2, "--over needs a value");
    expect_failure(check, statistics, "--quick", 2, "unknown option --quick");
    expect_failure(check, statistics, "a.csv b.csv", 2, "one table only, not also b.csv");
    check.that(statistics.run("--help").exit_code == 0, "--help");
}

}  // namespace
}  // namespace statistics::test

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: statistics_test path/to/statistics\n");
        return 2;
    }
    support::test::checks check;
    const support::test::scratch_folder folder;
    const support::test::program statistics(arguments[1], folder);
    statistics::test::test_failures(check, statistics, folder);
    statistics::test::test_known(check, statistics, folder);
    statistics::test::test_shapes(check, statistics, folder);
    return check.exit_code();
}
