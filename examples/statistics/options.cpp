#include "options.hpp"

#include "../support/arguments.hpp"

#include <string>

namespace statistics {

options parse(int count, const char* const* words) {
    options result;
    support::arguments given(count, words);
    while (given.next()) {
        const std::string_view word = given.word();
        if (word == "--rows") {
            result.rows = static_cast<std::size_t>(given.number(1, 100'000'000));
        } else if (word == "--over") {
            result.limit = given.number(-1'000'000'000, 1'000'000'000);
        } else if (word == "--runs") {
            result.runs = given.number(1, 1000);
        } else if (word == "--threads") {
            result.threads = given.number(1, 1024);
        } else if (word == "--whole-plan") {
            result.whole_plan = true;
        } else if (word == "--no-plan") {
            result.plan = false;
        } else if (word == "--help") {
            result.help = true;
        } else if (word.starts_with('-')) {
            throw support::usage_error("unknown option " + std::string{word});
        } else if (!result.file.empty()) {
            throw support::usage_error("one table only, not also " + std::string{word});
        } else {
            result.file = word;
        }
    }
    return result;
}

}  // namespace statistics
