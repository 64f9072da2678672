#include "failure/allocations.hpp"

#include "base/sanitizer.hpp"
#include "runtime/pool.hpp"

#include <link.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

std::atomic<bool> armed{false};
std::atomic<bool> failed{false};
std::atomic<std::int64_t> left{0};
std::atomic<failure::how> mode{failure::how::once};

[[nodiscard]] bool count_down() noexcept {
    if (!armed.load(std::memory_order_acquire)) return false;
    const std::int64_t now = left.fetch_sub(1, std::memory_order_relaxed);
    const bool fails = now == 1 || (now < 1 && mode.load(std::memory_order_relaxed) == failure::how::forever);
    if (fails) failed.store(true, std::memory_order_relaxed);
    return fails;
}

}  // namespace

namespace failure {

void arm(std::int64_t n, how m) noexcept {
    failed = false;
    if (m == how::arrays) {
        mode = m;
        sinter::detail::runtime::fail_allocation_after(n);
        return;
    }
    left = n;
    mode = m;
    armed.store(true, std::memory_order_release);
}

bool disarm() noexcept {
    armed = false;
    if (mode.load() == how::arrays) {
        failed = sinter::detail::runtime::pool_detail::calls_until_failure.load() == 0;
        sinter::detail::runtime::fail_allocation_after(0);
    }
    return failed;
}

std::size_t array_bytes() { return sinter::detail::runtime::statistics().in_use; }

}  // namespace failure

#if defined(SINTER_ASAN) || defined(SINTER_TSAN)

// NOLINTBEGIN(misc-new-delete-overloads)
void* operator new(std::size_t size) {
    void* const p = count_down() ? nullptr : std::malloc(size);
    if (p == nullptr) throw std::bad_alloc{};
    return p;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return count_down() ? nullptr : std::malloc(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto a = static_cast<std::size_t>(alignment);
    void* const p = count_down() ? nullptr : std::aligned_alloc(a, (size + a - 1) / a * a);
    if (p == nullptr) throw std::bad_alloc{};
    return p;
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
// NOLINTEND(misc-new-delete-overloads)

#else

namespace {

struct range {
    std::uintptr_t low, high;
};
/// The code of libraries that end the process when they get no memory.
std::array<range, 16> strict{};
std::size_t strict_count = 0;

int note_library(dl_phdr_info* info, std::size_t, void*) {
    for (const char* name : {"libc.so", "ld-linux", "libnuma", "libpthread", "libdl", "[vdso]"}) {
        if (std::strstr(info->dlpi_name, name) == nullptr) continue;
        for (int i = 0; i < info->dlpi_phnum && strict_count < strict.size(); ++i) {
            const auto& h = info->dlpi_phdr[i];
            if (h.p_type == PT_LOAD && (h.p_flags & PF_X) != 0)
                strict[strict_count++] = {info->dlpi_addr + h.p_vaddr, info->dlpi_addr + h.p_vaddr + h.p_memsz};
        }
    }
    return 0;
}

const int libraries_noted = ::dl_iterate_phdr(note_library, nullptr);

[[nodiscard]] bool fails(const void* caller) noexcept {
    if (!armed.load(std::memory_order_acquire)) return false;
    const auto at = reinterpret_cast<std::uintptr_t>(caller);
    for (std::size_t i = 0; i < strict_count; ++i) {
        if (at >= strict[i].low && at < strict[i].high) return false;
    }
    if (!count_down()) return false;
    errno = ENOMEM;
    return true;
}

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* p, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;

void* malloc(std::size_t size) noexcept { return fails(__builtin_return_address(0)) ? nullptr : __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) noexcept { return fails(__builtin_return_address(0)) ? nullptr : __libc_calloc(count, size); }
void* realloc(void* p, std::size_t size) noexcept { return fails(__builtin_return_address(0)) ? nullptr : __libc_realloc(p, size); }
void* memalign(std::size_t alignment, std::size_t size) noexcept {
    return fails(__builtin_return_address(0)) ? nullptr : __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return fails(__builtin_return_address(0)) ? nullptr : __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept {
    void* const p = fails(__builtin_return_address(0)) ? nullptr : __libc_memalign(alignment, size);
    if (p == nullptr) return ENOMEM;
    *out = p;
    return 0;
}
void* mmap(void* at, std::size_t bytes, int protection, int flags, int file, off_t offset) noexcept {
    if (fails(__builtin_return_address(0))) return MAP_FAILED;
    return reinterpret_cast<void*>(::syscall(SYS_mmap, at, bytes, protection, flags, file, offset));
}

}  // extern "C"

#endif
