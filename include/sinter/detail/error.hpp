#pragma once

#include <sinter/detail/config.hpp>

#include <stdexcept>
#include <string>

namespace sinter::inline v1 {

/// Everything that Sinter throws. After any of these every array still holds what it held before.
class SINTER_API error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
    ~error() override;
};

/// Shapes that do not fit an operation.
class SINTER_API shape_error final : public error {
public:
    using error::error;
    ~shape_error() override;
};

/// An index or an axis that is out of range.
class SINTER_API index_error final : public error {
public:
    using error::error;
    ~index_error() override;
};

/// A value that an operation cannot take, such as a zero divisor of integers.
class SINTER_API value_error final : public error {
public:
    using error::error;
    ~value_error() override;
};

/// A file that cannot be read or written.
class SINTER_API io_error final : public error {
public:
    using error::error;
    ~io_error() override;
};

/// Memory that cannot be had.
class SINTER_API memory_error final : public error {
public:
    using error::error;
    ~memory_error() override;
};

/// A setting that cannot be honoured.
class SINTER_API settings_error final : public error {
public:
    using error::error;
    ~settings_error() override;
};

/// A broken invariant of Sinter itself. Please report it.
class SINTER_API internal_error final : public error {
public:
    using error::error;
    ~internal_error() override;
};

namespace detail {

/// For handlers of std::bad_alloc: throws memory_error, even where there is no memory for its text.
[[noreturn]] SINTER_API void throw_no_memory(const char* operation);

}  // namespace detail

}  // namespace sinter::inline v1
