#include "runtime/pages.hpp"

#include "base/sanitizer.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>

namespace sinter::inline v1::detail::runtime {

void* map_pages(std::size_t bytes, std::size_t alignment, bool huge) noexcept {
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
    if (huge) {
        // Refused where huge pages are switched off, which costs speed and nothing else.
        static_cast<void>(::madvise(start, bytes, MADV_HUGEPAGE));
    }
    return start;
}

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
