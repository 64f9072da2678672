#pragma once

#include <sinter/detail/config.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace sinter::inline v1::detail::io {

/// A regular file that is open for reading. What goes wrong is an io_error that begins with the operation and the path.
class input_file {
public:
    input_file(const char* operation, const std::string& path);
    input_file(const input_file&) = delete;
    input_file& operator=(const input_file&) = delete;
    ~input_file();

    /// "load: x.npy: ", to begin a message with.
    [[nodiscard]] const std::string& where() const noexcept { return where_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// Bytes from a place that lies in the file.
    void read(void* to, std::size_t bytes, std::uint64_t offset) const;
    /// The same without a copy of their own, for reading; null where the file system cannot do that.
    [[nodiscard]] std::shared_ptr<const std::byte> map(std::size_t bytes, std::uint64_t offset) const;

private:
    std::string where_;
    int file_;
    std::uint64_t size_ = 0;
};

/// A file that is written beside its place, and put there when it is complete. Where that does not happen nothing is left of it.
class output_file {
public:
    output_file(const char* operation, const std::string& path);
    output_file(const output_file&) = delete;
    output_file& operator=(const output_file&) = delete;
    ~output_file();

    void write(const void* from, std::size_t bytes);
    [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
    /// Nothing can be written afterwards.
    void commit();

private:
    [[noreturn]] void fail(int error) const;

    std::string where_;
    std::string target_, temporary_;
    int file_ = -1;
    std::uint64_t written_ = 0;
};

}  // namespace sinter::inline v1::detail::io
