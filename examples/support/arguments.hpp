// The words of a command line.
#pragma once

#include <stdexcept>
#include <string_view>

namespace support {

/// A command line that makes no sense.
class usage_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Walks over the arguments of main.
class arguments {
public:
    arguments(int count, const char* const* words) noexcept : count_(count), words_(words) {}

    /// Goes on to the next word; false when there is none.
    [[nodiscard]] bool next() noexcept { return ++at_ < count_; }
    [[nodiscard]] std::string_view word() const noexcept { return words_[at_]; }

    /// The word after the option at hand. Both throw usage_error.
    [[nodiscard]] std::string_view value();
    [[nodiscard]] int number(int least, int most);

private:
    int count_;
    const char* const* words_;
    int at_ = 0;
};

}  // namespace support
