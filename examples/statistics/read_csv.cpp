#include "table.hpp"

#include "../support/files.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string_view>

namespace statistics {
namespace {

using std::filesystem::path;
using namespace std::string_view_literals;

// Cuts off what comes before the next `end`, and that; all there is when there is none.
std::string_view cut(std::string_view& rest, char end) {
    const std::size_t length = std::min(rest.find(end), rest.size());
    const std::string_view part = rest.substr(0, length);
    rest.remove_prefix(std::min(length + 1, rest.size()));
    return part;
}

std::string_view trimmed(std::string_view field) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!field.empty() && blank(field.front())) {
        field.remove_prefix(1);
    }
    while (!field.empty() && blank(field.back())) {
        field.remove_suffix(1);
    }
    return field;
}

std::vector<std::string_view> fields_of(std::string_view line) {
    std::vector<std::string_view> fields;
    for (;;) {
        const bool last = line.find(',') == std::string_view::npos;
        fields.push_back(trimmed(cut(line, ',')));
        if (last) {
            return fields;
        }
    }
}

float number_of(std::string_view field) {
    if (field.empty() || field == "NA" || field == "nan" || field == "NaN") {
        return std::numeric_limits<float>::quiet_NaN();
    }
    float value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error == std::errc::result_out_of_range) {
        throw std::runtime_error("'" + std::string{field} + "' is too large or too small for a float");
    }
    if (error != std::errc{} || end != field.data() + field.size() || !std::isfinite(value)) {
        throw std::runtime_error("'" + std::string{field.substr(0, 40)} + "' is neither a number nor empty, NA or nan");
    }
    return value;
}

}  // namespace

table read_csv(const path& file, double limit) {
    const std::vector<std::uint8_t> bytes = support::read_bytes(file);
    std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (rest.empty()) {
        support::fail(file, "the file is empty");
    }
    std::size_t line = 1;
    const auto fail_here = [&](const std::string& what) { support::fail(file, "line " + std::to_string(line) + ": " + what); };

    table result;
    for (const std::string_view name : fields_of(cut(rest, '\n'))) {
        if (name.empty()) {
            fail_here("the name of column " + std::to_string(result.columns() + 1) + " is empty");
        }
        if (name.find_first_of("\"\0"sv) != std::string_view::npos) {
            fail_here("the name of column " + std::to_string(result.columns() + 1) + " has a quote or a zero byte in it");
        }
        result.names.emplace_back(name);
    }
    const std::size_t columns = result.columns();
    if (columns > most_columns) {
        fail_here("there are " + std::to_string(columns) + " columns, more than " + std::to_string(most_columns));
    }
    result.limits.assign(columns, limit);

    std::vector<std::vector<float>> values(columns);
    while (!rest.empty()) {
        ++line;
        const std::vector<std::string_view> fields = fields_of(cut(rest, '\n'));
        if (fields.size() != columns) {
            fail_here("it has " + std::to_string(fields.size()) + (fields.size() == 1 ? " field" : " fields") + ", not " + std::to_string(columns));
        }
        for (std::size_t i = 0; i < columns; ++i) {
            try {
                values[i].push_back(number_of(fields[i]));
            } catch (const std::runtime_error& error) {
                fail_here("column " + result.names[i] + ": " + error.what());
            }
        }
    }
    result.rows = values.front().size();
    if (result.rows == 0) {
        support::fail(file, "there are no rows below the names");
    }
    result.values.reserve(columns * result.rows);
    for (const std::vector<float>& column : values) {
        result.values.insert(result.values.end(), column.begin(), column.end());
    }
    return result;
}

}  // namespace statistics
