#include "program.hpp"

#include <cstdlib>

#include <sys/wait.h>

namespace support::test {
namespace {

std::string text_of(const std::filesystem::path& file) {
    const std::vector<std::uint8_t> bytes = contents_of(file);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

std::string quoted(const std::filesystem::path& file) { return std::string{"'"}.append(file.string()).append("'"); }

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

outcome program::run(const std::string& arguments) const {
    const std::filesystem::path output = folder_ / "output.txt", errors = folder_ / "errors.txt";
    const std::string command = quoted(binary_) + " " + arguments + " >" + quoted(output) + " 2>" + quoted(errors);
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(output), text_of(errors)};
}

void expect_failure(checks& check, const program& example, const std::string& arguments, int exit_code, const std::string& message) {
    const outcome o = example.run(arguments);
    check.that(o.exit_code == exit_code, arguments + " ends with " + std::to_string(o.exit_code));
    check.that(holds(o.errors, message), arguments + " says '" + o.errors + "', not '" + message + "'");
}

}  // namespace support::test
