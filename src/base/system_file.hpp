#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::inline v1::detail::base {

/// What a file of /sys says, at most 4 KiB of it; empty if it cannot be read. A stream would take longer to set up than the system takes to answer,
/// and the first evaluation of a process waits for it.
[[nodiscard]] std::string read_system_file(const char* path);

/// The number at the front of a text, which loses it and the blanks before it; nothing, and the text as it was, if there is none.
template <class T>
[[nodiscard]] std::optional<T> take_number(std::string_view& text) {
    const std::size_t blanks = text.find_first_not_of(" \t\n");
    if (blanks == std::string_view::npos) return std::nullopt;
    const char* const end = text.data() + text.size();
    T value{};
    const auto [rest, failure] = std::from_chars(text.data() + blanks, end, value);
    if (failure != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return value;
}

/// The numbers that a list such as "0-3,8,10-11" names, up to where it is a list no more.
[[nodiscard]] std::vector<int> parse_list(std::string_view text);

/// The same text for ascending numbers.
[[nodiscard]] std::string list_of(const std::vector<int>& numbers);

}  // namespace sinter::inline v1::detail::base
