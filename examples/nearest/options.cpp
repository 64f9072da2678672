#include "options.hpp"

#include "../support/arguments.hpp"

namespace nearest {

options parse(int count, const char* const* words) {
    options result;
    support::arguments given(count, words);
    while (given.next()) {
        const std::string_view word = given.word();
        if (word == "--cities") {
            result.file = given.value();
        } else if (word == "--count") {
            result.count = given.number(1, 1000);
        } else if (word == "--no-plan") {
            result.plan = false;
        } else if (word == "--help") {
            result.help = true;
        } else if (word.starts_with('-')) {
            throw support::usage_error("unknown option " + std::string{word});
        } else if (!result.city.empty()) {
            throw support::usage_error("one city only, not also " + std::string{word});
        } else {
            result.city = word;
        }
    }
    return result;
}

}  // namespace nearest
