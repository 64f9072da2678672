// Just enough of a test framework for programs that need no other.
#pragma once

#include <cstdio>
#include <string>

namespace support::test {

/// Counts what failed; main returns exit_code().
class checks {
public:
    void that(bool holds, const std::string& what) {
        ++made_;
        if (!holds) {
            ++failed_;
            std::fprintf(stderr, "failed: %s\n", what.c_str());
        }
    }

    [[nodiscard]] int exit_code() const {
        std::printf("%d checks, %d failed\n", made_, failed_);
        return failed_ == 0 && made_ > 0 ? 0 : 1;
    }

private:
    int made_ = 0;
    int failed_ = 0;
};

}  // namespace support::test
