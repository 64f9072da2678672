#include "runtime/buffer.hpp"

#include <sinter/detail/error.hpp>

#include "base/sanitizer.hpp"
#include "runtime/blocks.hpp"
#include "runtime/large_pool.hpp"
#include "runtime/numa.hpp"
#include "runtime/placing.hpp"
#include "runtime/pool.hpp"
#include "runtime/threads.hpp"

#include <new>
#include <string>

namespace sinter::inline v1::detail::runtime {

namespace {

/// Bytes after the data that AddressSanitizer is to watch even if the size class is filled to the end.
constexpr std::size_t red_zone = base::address_sanitizer ? data_alignment : 0;

[[noreturn, gnu::noinline]] void out_of_memory(std::size_t bytes) {
    throw memory_error{"cannot allocate " + std::to_string(bytes) + " bytes for an array"};
}

/// The counts are written by their own thread only, so a plain add is enough.
void count(std::int64_t bytes) noexcept {
    if (auto* const own = block_lists::own_tally(); own != nullptr) [[likely]] {
        own->in_use.store(own->in_use.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
    } else {
        pool_detail::count_stray(bytes);
    }
}

[[nodiscard]] buffer* take_block(std::size_t k, std::size_t asked) {
    try {
        return block_lists::take(k);
    } catch (const std::bad_alloc&) {
        trim();
    }
    try {
        return block_lists::take(k);
    } catch (const std::bad_alloc&) {
        out_of_memory(asked);
    }
}

/// Under AddressSanitizer: the asked bytes may be touched, and nothing after them.
void fence(buffer& b, std::size_t asked) noexcept {
    if constexpr (base::address_sanitizer) {
        base::unpoison(b.data, asked);
        b.bytes = asked;
    }
}

[[nodiscard, gnu::noinline]] buffer_ptr allocate_large(std::size_t bytes, plan::placement where, bool* fresh = nullptr) {
    if (bytes > largest_mapping - red_zone) {
        out_of_memory(bytes);
    }
    const std::size_t size = bytes + red_zone;
    buffer* b = shared_large_pool().reuse(size, where);
    if (fresh != nullptr) *fresh = b == nullptr;
    if (b == nullptr) {
        prepare_large_pool();
        b = take_block(bare_class, bytes);
        bool mapped = shared_large_pool().map(*b, size);
        if (!mapped) {
            trim();
            mapped = shared_large_pool().map(*b, size);
        }
        if (!mapped) {
            block_lists::give(bare_class, b);
            out_of_memory(bytes);
        }
        b->where = where;
        base::poison(b->data, large_size(b->size_class));
    }
    pool_detail::note_peak();
    fence(*b, bytes);
    b->refs.store(1, std::memory_order_relaxed);
    return buffer_ptr::steal(b);
}

}  // namespace

buffer_ptr allocate(std::size_t bytes, plan::placement where) {
    if (pool_detail::must_fail()) [[unlikely]] {
        out_of_memory(bytes);
    }
    if (bytes > largest_block - red_zone) {
        return allocate_large(bytes, where);
    }
    const std::size_t k = block_class(bytes + red_zone);
    buffer* const b = take_block(k, bytes);
    count(static_cast<std::int64_t>(block_size(k)));
    fence(*b, bytes);
    b->refs.store(1, std::memory_order_relaxed);
    return buffer_ptr::steal(b);
}

buffer_ptr allocate_for_all(std::size_t bytes) {
    if (bytes < least_placed_bytes || inside_parallel() || !shares_nodes() || !reach_all_nodes(max_threads())) return allocate(bytes);
    if (pool_detail::must_fail()) [[unlikely]] {
        out_of_memory(bytes);
    }
    bool fresh = false;
    buffer_ptr b = allocate_large(bytes, plan::placement::by_rows(), &fresh);
    if (fresh) touch_by_rows(b->data, bytes);
    return b;
}

buffer_ptr adopt(void* data, std::size_t bytes, std::shared_ptr<void> owner, bool writable) {
    if (pool_detail::must_fail()) [[unlikely]] {
        out_of_memory(sizeof(buffer));
    }
    buffer* const b = take_block(bare_class, sizeof(buffer));
    b->from = buffer::origin::borrowed;
    b->where = plan::placement::anywhere();
    b->writable = writable;
    b->data = data;
    b->bytes = bytes;
    b->owner = std::move(owner);
    b->refs.store(1, std::memory_order_relaxed);
    return buffer_ptr::steal(b);
}

void recycle(buffer* b) noexcept {
    switch (b->from) {
        case buffer::origin::block: {
            const std::size_t k = b->size_class;
            base::poison(b->data, block_size(k));
            count(-static_cast<std::int64_t>(block_size(k)));
            block_lists::give(k, b);
            return;
        }
        case buffer::origin::pages: shared_large_pool().give(b); return;
        case buffer::origin::borrowed: {
            // Dropped last: the owner's end is the user's code, which may well come back here.
            const std::shared_ptr<void> owner = std::move(b->owner);
            b->size_class = bare_class;
            block_lists::give(bare_class, b);
            return;
        }
    }
}

}  // namespace sinter::inline v1::detail::runtime
