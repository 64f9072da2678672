#include "base/system_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace sinter::inline v1::detail::base {

std::string read_system_file(const char* path) {
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return {};
    std::array<char, 4096> text;
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::read(file, text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        size += static_cast<std::size_t>(got);
        // These files are a line or less.
        if (text[size - 1] == '\n') break;
    }
    ::close(file);
    return {text.data(), size};
}

std::vector<int> parse_list(std::string_view text) {
    std::vector<int> numbers;
    while (const std::optional<int> first = take_number<int>(text)) {
        int last = *first;
        if (text.starts_with('-')) {
            text.remove_prefix(1);
            last = take_number<int>(text).value_or(last);
        }
        for (std::int64_t i = *first; i <= last; ++i) numbers.push_back(static_cast<int>(i));
        if (!text.starts_with(',')) break;
        text.remove_prefix(1);
    }
    return numbers;
}

std::string list_of(const std::vector<int>& numbers) {
    std::string text;
    for (std::size_t i = 0; i < numbers.size();) {
        std::size_t last = i;
        while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
        text += (text.empty() ? "" : ",") + std::to_string(numbers[i]);
        if (last > i) text += "-" + std::to_string(numbers[last]);
        i = last + 1;
    }
    return text;
}

}  // namespace sinter::inline v1::detail::base
