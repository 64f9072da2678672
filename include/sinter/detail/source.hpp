#pragma once

#include <string>
#include <string_view>

namespace sinter::inline v1::detail {

/// Where in the user's program a statement stands.
struct source {
    const char* file = nullptr;
    unsigned line = 0;

    /// As a default argument: the caller's place.
    [[nodiscard]] static constexpr source current(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) noexcept {
        return {file, line};
    }
};

/// The caller's place, as a default argument beside overloads that take braces: those do not convert to it.
struct call_place {
    struct key {};
    constexpr call_place(key, const char* file, unsigned line) noexcept : at{file, line} {}
    [[nodiscard]] static constexpr call_place current(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) noexcept { return {key{}, file, line}; }
    constexpr operator source() const noexcept { return at; }

    source at;
};

/// A value that is written to a stream, and where: an operator's parameter can know it where the operator itself cannot.
template <class X>
struct printed {
    printed(const X& x, source at = source::current()) noexcept : value{x}, where{at} {}

    const X& value;
    source where;
};

/// Whether a file is part of the standard library, which makes arrays of expressions, as emplace_back does: that line is nobody's statement.
[[nodiscard]] inline bool is_of_standard_library(const char* file) noexcept {
    constexpr std::string_view folder = "/include/c++/";
    const std::string_view name = file;
    const std::size_t at = name.find(folder);
    // Behind it is the version, of libstdc++ a number and of libc++ v1.
    const std::string_view version = at == std::string_view::npos ? std::string_view{} : name.substr(at + folder.size());
    return version.starts_with("v1/") || (!version.empty() && version[0] >= '0' && version[0] <= '9');
}

/// What an error's text has in front: "file:line: ", or nothing where no line of the user's is known.
[[nodiscard]] inline std::string text_of_place(source where) {
    if (where.file == nullptr || detail::is_of_standard_library(where.file)) return {};
    return std::string(where.file) + ":" + std::to_string(where.line) + ": ";
}

}  // namespace sinter::inline v1::detail
