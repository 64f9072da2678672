#include "io/file.hpp"

#include <sinter/detail/error.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace sinter::inline v1::detail::io {

namespace {

/// The system reads and writes at most 2 GiB at a time.
constexpr std::size_t most_at_once = std::size_t{1} << 30;

[[nodiscard]] std::string text_of(int error) { return std::generic_category().message(error); }

[[nodiscard]] std::string place(const char* operation, const std::string& path) { return std::string(operation) + ": " + path + ": "; }

}  // namespace

input_file::input_file(const char* operation, const std::string& path) : where_{place(operation, path)} {
    // A pipe without a writer would otherwise be waited for.
    file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file_ < 0) throw io_error(where_ + text_of(errno));
    struct stat status {};
    const bool known = ::fstat(file_, &status) == 0;
    if (known && S_ISREG(status.st_mode)) {
        size_ = static_cast<std::uint64_t>(status.st_size);
        return;
    }
    const int error = errno;
    ::close(file_);
    if (!known) throw io_error(where_ + text_of(error));
    throw io_error(where_ + "this is not a regular file");
}

input_file::~input_file() { ::close(file_); }

void input_file::read(void* to, std::size_t bytes, std::uint64_t offset) const {
    auto* at = static_cast<std::byte*>(to);
    while (bytes > 0) {
        const ssize_t got = ::pread(file_, at, std::min(bytes, most_at_once), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw io_error(where_ + text_of(errno));
        if (got == 0) throw io_error(where_ + "the file became shorter while it was read");
        at += got;
        offset += static_cast<std::uint64_t>(got);
        bytes -= static_cast<std::size_t>(got);
    }
}

std::shared_ptr<const std::byte> input_file::map(std::size_t bytes, std::uint64_t offset) const {
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const std::uint64_t before = offset % page;
    const std::size_t length = bytes + before;
    void* const start = ::mmap(nullptr, length, PROT_READ, MAP_PRIVATE, file_, static_cast<off_t>(offset - before));
    if (start == MAP_FAILED) return {};
    const std::shared_ptr<void> pages(start, [length](void* p) { ::munmap(p, length); });
    return {pages, static_cast<const std::byte*>(start) + before};
}

output_file::output_file(const char* operation, const std::string& path) : where_{place(operation, path)}, target_{path} {
    struct stat status {};
    const bool exists = ::stat(path.c_str(), &status) == 0;
    // To put a file in the place of a device, or of a folder, is never meant.
    if (exists && !S_ISREG(status.st_mode)) throw io_error(where_ + "what is there is not a regular file");
    if (exists) {
        // The file that a link leads to is replaced, not the link.
        const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(path.c_str(), nullptr), std::free);
        if (resolved != nullptr) target_ = resolved.get();
    }
    static std::atomic<unsigned> number{0};
    do {
        temporary_ = target_ + "." + std::to_string(::getpid()) + "-" + std::to_string(number.fetch_add(1)) + ".part";
        file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (file_ < 0 && errno == EEXIST);
    if (file_ < 0) fail(errno);
    // Whoever may read the old file may read the new one; on file systems without modes there is nothing to keep.
    if (exists) static_cast<void>(::fchmod(file_, status.st_mode & 0777) == 0);
}

output_file::~output_file() {
    if (file_ >= 0) ::close(file_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void output_file::fail(int error) const { throw io_error(where_ + text_of(error)); }

void output_file::write(const void* from, std::size_t bytes) {
    const auto* at = static_cast<const std::byte*>(from);
    written_ += bytes;
    while (bytes > 0) {
        const ssize_t put = ::write(file_, at, std::min(bytes, most_at_once));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) fail(errno);
        at += put;
        bytes -= static_cast<std::size_t>(put);
    }
}

void output_file::commit() {
    // Some file systems say only here that there is no room.
    const int closed = ::close(file_);
    file_ = -1;
    if (closed != 0) fail(errno);
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
    temporary_.clear();
}

}  // namespace sinter::inline v1::detail::io
