#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace sinter::inline v1::detail::base {

/// The largest object that the pool serves; larger ones go to operator new.
inline constexpr std::size_t pool_largest = 512;

/// Memory for one object of `bytes` bytes, aligned to 16 bytes, and to 32 or 64 where the size is a multiple of that.
/// From the calling thread's own lists: about a nanosecond, no lock. The memory is never given back to the
/// system, only used again. Under AddressSanitizer it comes from operator new. Throws std::bad_alloc.
[[nodiscard]] void* pool_allocate(std::size_t bytes);

/// Takes back what `pool_allocate(bytes)` gave, from any thread. `bytes` must be what was asked for.
void pool_free(void* p, std::size_t bytes) noexcept;

/// An object in memory of the pool.
template <class T, class... Args>
[[nodiscard]] T* pool_new(Args&&... args) {
    static_assert(alignof(T) <= 16 || (alignof(T) <= 64 && sizeof(T) <= pool_largest));
    void* const memory = pool_allocate(sizeof(T));
    try {
        return std::construct_at(static_cast<T*>(memory), std::forward<Args>(args)...);
    } catch (...) {
        pool_free(memory, sizeof(T));
        throw;
    }
}

/// Destroys what `pool_new<T>` made; T must be the very type.
template <class T>
void pool_delete(T* object) noexcept {
    std::destroy_at(object);
    pool_free(object, sizeof(T));
}

}  // namespace sinter::inline v1::detail::base
