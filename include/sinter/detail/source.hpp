#pragma once

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

}  // namespace sinter::inline v1::detail
