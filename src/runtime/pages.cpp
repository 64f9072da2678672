#include "runtime/pages.hpp"

#include "base/sanitizer.hpp"

#include <linux/mman.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <fstream>

namespace sinter::inline v1::detail::runtime {

namespace {

constinit std::atomic<int> reserved_error = 0;

constexpr int populate_write = 23;  // MADV_POPULATE_WRITE, of Linux 5.14

[[nodiscard]] void* map_reserved(std::size_t bytes, bool now) noexcept {
    // Taken from the reserve at once, so that touching a page later cannot fail.
    void* const mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);
    if (mapped == MAP_FAILED) {
        reserved_error.store(errno, std::memory_order_relaxed);
        return nullptr;
    }
    if (now && ::madvise(mapped, bytes, populate_write) != 0) {
        reserved_error.store(ENOMEM, std::memory_order_relaxed);
        ::munmap(mapped, bytes);
        return nullptr;
    }
    base::unpoison(mapped, bytes);
    return mapped;
}

}  // namespace

void* map_pages(std::size_t bytes, std::size_t alignment, page_kind kind) noexcept {
    const bool now = kind == page_kind::reserved_now;
    if ((now || kind == page_kind::reserved) && bytes % huge_page_bytes == 0 && alignment == huge_page_bytes) {
        if (void* const mapped = map_reserved(bytes, now); mapped != nullptr) return mapped;
    }
    const std::size_t extra = alignment > page_bytes ? alignment - page_bytes : 0;
    void* const mapped = ::mmap(nullptr, bytes + extra, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) {
        return nullptr;
    }
    auto* const first = static_cast<std::byte*>(mapped);
    const auto address = reinterpret_cast<std::uintptr_t>(mapped);
    const std::size_t before = (alignment - address % alignment) % alignment;
    if (before != 0) {
        ::munmap(first, before);
    }
    if (extra != before) {
        ::munmap(first + before + bytes, extra - before);
    }
    std::byte* const start = first + before;
    base::unpoison(start, bytes);
    if (kind != page_kind::usual) {
        // Refused where huge pages are switched off, which costs speed and nothing else.
        static_cast<void>(::madvise(start, bytes, kind == page_kind::small ? MADV_NOHUGEPAGE : MADV_HUGEPAGE));
    }
    return start;
}

int reserved_pages_failure() noexcept { return reserved_error.load(std::memory_order_relaxed); }

void unmap_pages(void* p, std::size_t bytes) noexcept {
    base::unpoison(p, bytes);
    ::munmap(p, bytes);
}

std::size_t physical_memory() {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    std::size_t bytes = pages > 0 ? static_cast<std::size_t>(pages) * page_bytes : std::size_t{1} << 30;
    for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
        std::size_t limit = 0;
        if (std::ifstream in{file}; in >> limit && limit > 0) {
            bytes = std::min(bytes, limit);
        }
    }
    return bytes;
}

}  // namespace sinter::inline v1::detail::runtime
