#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define SINTER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SINTER_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define SINTER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SINTER_TSAN 1
#endif
#endif

#if defined(SINTER_ASAN)
#include <sanitizer/asan_interface.h>
#endif
#if defined(SINTER_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace sinter::inline v1::detail::base {

#if defined(SINTER_ASAN)
inline constexpr bool address_sanitizer = true;
#else
inline constexpr bool address_sanitizer = false;
#endif

/// Any access to these bytes is an error from now on, where AddressSanitizer watches.
inline void poison([[maybe_unused]] const void* p, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(SINTER_ASAN)
    __asan_poison_memory_region(p, bytes);
#endif
}

inline void unpoison([[maybe_unused]] const void* p, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(SINTER_ASAN)
    __asan_unpoison_memory_region(p, bytes);
#endif
}

/// Tells ThreadSanitizer of an order that code it does not see (the TBB library) provides: what came before
/// `published(p)` in one thread is visible after `observed(p)` in another.
inline void published([[maybe_unused]] void* p) noexcept {
#if defined(SINTER_TSAN)
    __tsan_release(p);
#endif
}

inline void observed([[maybe_unused]] void* p) noexcept {
#if defined(SINTER_TSAN)
    __tsan_acquire(p);
#endif
}

/// The same of what such code kept on this thread's stack below its caller's frame, such as counts that other threads took down to zero: the functions that use
/// this part of the stack next come after them.
inline void observed_below() noexcept {
#if defined(SINTER_TSAN)
    constexpr std::size_t depth = 16384;
    auto* const here = static_cast<std::byte*>(__builtin_frame_address(0));
    for (std::size_t below = 0; below < depth; below += sizeof(void*)) __tsan_acquire(here - below);
#endif
}

/// Around the start of parts on other threads and the wait for all of them, which an exception does not cut short.
class ordered_region {
public:
    explicit ordered_region(void* p) noexcept : p_{p} { base::published(p_); }
    ~ordered_region() {
        base::observed(p_);
        base::observed_below();
    }
    ordered_region(const ordered_region&) = delete;
    ordered_region& operator=(const ordered_region&) = delete;

private:
    void* p_;
};

/// Around one part.
class ordered_part {
public:
    explicit ordered_part(void* p) noexcept : p_{p} { base::observed(p_); }
    ~ordered_part() { base::published(p_); }
    ordered_part(const ordered_part&) = delete;
    ordered_part& operator=(const ordered_part&) = delete;

private:
    void* p_;
};

}  // namespace sinter::inline v1::detail::base
