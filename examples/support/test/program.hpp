// Runs an example as a user would.
#pragma once

#include "checks.hpp"
#include "files.hpp"

#include <filesystem>
#include <string>

namespace support::test {

/// For the shell.
[[nodiscard]] std::string quoted(const std::filesystem::path& file);

[[nodiscard]] bool holds(const std::string& text, const std::string& part);

struct outcome {
    int exit_code;  ///< -1 when a signal ended the program
    std::string output;
    std::string errors;
};

class program {
public:
    /// What the program says is kept in `folder` while it runs.
    program(std::filesystem::path binary, const scratch_folder& folder) : binary_(std::move(binary)), folder_(folder) {}

    [[nodiscard]] outcome run(const std::string& arguments) const;

private:
    std::filesystem::path binary_;
    const scratch_folder& folder_;
};

/// Checks that the program ends with that code and says that among its errors.
void expect_failure(checks& check, const program& example, const std::string& arguments, int exit_code, const std::string& message);

}  // namespace support::test
