// A table of numbers with gaps: made up, or read from a CSV file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace statistics {

inline constexpr std::size_t most_columns = 64;

/// Columns of equal length, one after the other. What is missing is NaN; nothing is infinite.
struct table {
    std::vector<std::string> names{};  ///< of the columns
    std::vector<double> limits{};      ///< of each column: the share above it is reported
    std::vector<float> values{};       ///< (columns, rows)
    std::size_t rows = 0;

    [[nodiscard]] std::size_t columns() const { return names.size(); }
};

/// Eight sensors of a weather mast, a row each minute, some correlated; one value in a hundred to one in ten is missing. The same for the
/// same number of rows, at least one.
[[nodiscard]] table make_table(std::size_t rows);

/// Reads a CSV file: a line of names, then a line of as many numbers for each row, with commas between and no quotes. A field that is empty, NA or nan is
/// missing. Spaces around a field and carriage returns before line ends are left out. Every column gets the same limit.
///
/// Throws std::runtime_error, whose message begins with the file's name, and names line and column where they are at fault, when the file cannot be read,
/// a field is not a finite float, a line has too few or too many fields, or there are no rows or more than most_columns columns.
[[nodiscard]] table read_csv(const std::filesystem::path& file, double limit);

}  // namespace statistics
