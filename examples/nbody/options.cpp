#include "options.hpp"

#include "../support/arguments.hpp"

#include <string>

namespace nbody {

options parse(int count, const char* const* words) {
    options result;
    support::arguments given(count, words);
    while (given.next()) {
        const std::string_view word = given.word();
        if (word == "--out") {
            result.folder = given.value();
        } else if (word == "--bodies") {
            result.bodies = given.number(2, 65536);
        } else if (word == "--steps") {
            result.steps = given.number(5, 100000);
        } else if (word == "--years") {
            result.years = given.number(1, 1000);
        } else if (word == "--runs") {
            result.runs = given.number(1, 1000);
        } else if (word == "--threads") {
            result.threads = given.number(1, 1024);
        } else if (word == "--no-plan") {
            result.plan = false;
        } else if (word == "--help") {
            result.help = true;
        } else {
            throw support::usage_error("unknown argument " + std::string{word});
        }
    }
    return result;
}

}  // namespace nbody
