#include "codegen/jit/code_memory.hpp"

#include "base/fork.hpp"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <utility>

namespace sinter::inline v1::detail::codegen::jit {

namespace {

constexpr std::size_t block_bytes = 64 * 1024;
constexpr std::size_t page = 4096;
constexpr std::size_t line = 64;

/// Executable pages over a file of which this process has the only descriptor.
class block {
public:
    explicit block(std::size_t bytes) : size_{bytes} {
#if defined(MFD_EXEC)
        constexpr unsigned executable = MFD_EXEC;
#else
        constexpr unsigned executable = 0x10;
#endif
        // Newer systems can be told to refuse files that do not say that they will be executed; older ones do not know how to say it.
        file_ = ::memfd_create("sinter", MFD_CLOEXEC | executable);
        if (file_ < 0 && errno == EINVAL) file_ = ::memfd_create("sinter", MFD_CLOEXEC);
        if (file_ < 0 || ::ftruncate(file_, static_cast<off_t>(bytes)) != 0) return;
        void* const mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_EXEC, MAP_SHARED, file_, 0);
        if (mapped != MAP_FAILED) start_ = static_cast<std::byte*>(mapped);
    }
    block(const block&) = delete;
    block& operator=(const block&) = delete;
    ~block() {
        if (start_ != nullptr) ::munmap(start_, size_);
        if (file_ >= 0) ::close(file_);
    }

    /// Null if there is no room left.
    [[nodiscard]] const std::byte* take(std::size_t bytes) noexcept {
        if (start_ == nullptr || size_ - used_ < bytes) return nullptr;
        return start_ + std::exchange(used_, std::min(size_, (used_ + bytes + line - 1) / line * line));
    }
    [[nodiscard]] bool write(const std::byte* at, std::span<const std::byte> code) const noexcept {
        while (!code.empty()) {
            const ssize_t written = ::pwrite(file_, code.data(), code.size(), at - start_);
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return false;
            at += written;
            code = code.subspan(static_cast<std::size_t>(written));
        }
        return true;
    }

private:
    int file_ = -1;
    std::byte* start_ = nullptr;
    std::size_t size_;
    std::size_t used_ = 0;
};

struct memory {
    std::mutex mutex;
    std::shared_ptr<block> current;
};

/// Never destroyed: kernels that static objects hold may outlive it.
[[nodiscard]] memory& the_memory() {
    static memory& one = *[] {
        auto made = std::make_unique<memory>();
        base::hold_over_fork(made->mutex);
        // The parent goes on writing to the block; the child begins one of its own.
        ::pthread_atfork(nullptr, nullptr, [] { the_memory().current.reset(); });
        return made.release();
    }();
    return one;
}

}  // namespace

code_place reserve_code(std::size_t bytes) {
    memory& m = the_memory();
    const std::lock_guard lock{m.mutex};
    if (m.current != nullptr) {
        if (const std::byte* const start = m.current->take(bytes); start != nullptr) return {m.current, start};
    }
    auto fresh = std::make_shared<block>(std::max(block_bytes, (bytes + page - 1) / page * page));
    const std::byte* const start = fresh->take(bytes);
    if (start != nullptr) m.current = fresh;
    return {std::move(fresh), start};
}

bool write_code(const code_place& place, std::span<const std::byte> code) noexcept {
    return static_cast<const block*>(place.keep.get())->write(place.start, code);
}

}  // namespace sinter::inline v1::detail::codegen::jit
