#include "options.hpp"

#include "../support/arguments.hpp"

#include <bit>
#include <string>

namespace spectrum {

options parse(int count, const char* const* words) {
    options result;
    support::arguments given(count, words);
    while (given.next()) {
        const std::string_view word = given.word();
        if (word == "--out") {
            result.folder = given.value();
        } else if (word == "--length") {
            result.length = given.number(64, 1 << 20);
            if (!std::has_single_bit(static_cast<unsigned>(result.length))) {
                throw support::usage_error("--length takes a power of two, not " + std::to_string(result.length));
            }
        } else if (word == "--runs") {
            result.runs = given.number(1, 1000);
        } else if (word == "--threads") {
            result.threads = given.number(1, 1024);
        } else if (word == "--no-plan") {
            result.plan = false;
        } else if (word == "--help") {
            result.help = true;
        } else if (word.starts_with('-')) {
            throw support::usage_error("unknown option " + std::string{word});
        } else if (!result.file.empty()) {
            throw support::usage_error("one file only, not also " + std::string{word});
        } else {
            result.file = word;
        }
    }
    return result;
}

}  // namespace spectrum
