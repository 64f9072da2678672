#include "base/object_pool.hpp"

#include "base/sanitizer.hpp"
#include "base/thread_lists.hpp"

#include <algorithm>
#include <new>

namespace sinter::inline v1::detail::base {

namespace {

constexpr std::size_t step = 16;
constexpr std::size_t chunk_bytes = 64 * 1024;
constexpr std::size_t chunk_alignment = 64;

struct free_object {
    free_object* next;
};

/// Objects are cut from the front of a chunk, each class from a chunk of its own, so that sizes that are a
/// multiple of 64 start on a cache line.
struct objects {
    using item = free_object;
    struct tally {};
    static constexpr std::size_t classes = pool_largest / step;

    struct chunk {
        std::byte* at = nullptr;
        std::byte* end = nullptr;
    };
    std::array<chunk, classes> chunks{};

    [[nodiscard]] static constexpr std::uint32_t batch(std::size_t) noexcept { return 64; }

    void carve(std::size_t k, std::uint32_t n, free_list<item>& into) {
        const std::size_t size = (k + 1) * step;
        chunk& from = chunks[k];
        if (static_cast<std::size_t>(from.end - from.at) < size) {
            from.at = static_cast<std::byte*>(::operator new (chunk_bytes, std::align_val_t{chunk_alignment}));
            from.end = from.at + chunk_bytes;
        }
        const auto room = static_cast<std::size_t>(from.end - from.at) / size;
        // Backwards, so that objects taken one after the other lie one after the other.
        const std::size_t count = std::min<std::size_t>(n, room);
        for (std::size_t i = count; i-- > 0;) {
            into.push(::new (from.at + i * size) free_object{});
        }
        from.at += count * size;
    }

    void handed_over(std::size_t, free_list<item>&) const noexcept {}
    static void fetched() noexcept {}
};

using lists = thread_lists<objects>;

[[nodiscard]] constexpr std::size_t class_of(std::size_t bytes) noexcept { return bytes == 0 ? 0 : (bytes - 1) / step; }

/// What operator new is asked for where the pool is not used, so that the promise on alignment holds there too.
[[nodiscard]] constexpr std::size_t alignment_of(std::size_t bytes) noexcept {
    return bytes != 0 && bytes % 64 == 0 ? 64 : bytes != 0 && bytes % 32 == 0 ? 32 : 16;
}

}  // namespace

void* pool_allocate(std::size_t bytes) {
    if (address_sanitizer || bytes > pool_largest) [[unlikely]] {
        return ::operator new (bytes, std::align_val_t{alignment_of(bytes)});
    }
    return lists::take(class_of(bytes));
}

void pool_free(void* p, std::size_t bytes) noexcept {
    if (address_sanitizer || bytes > pool_largest) [[unlikely]] {
        ::operator delete (p, std::align_val_t{alignment_of(bytes)});
        return;
    }
    lists::give(class_of(bytes), ::new (p) free_object{});
}

}  // namespace sinter::inline v1::detail::base
