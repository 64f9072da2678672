#include "runtime/blocks.hpp"

#include "base/sanitizer.hpp"
#include "runtime/pages.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

namespace sinter::inline v1::detail::runtime {

struct block_source::slab {
    slab* next = nullptr;
    std::uint32_t capacity = 0;
    std::uint32_t cut = 0;
    std::uint32_t idle = 0;  // counted anew by give_back
};

namespace {

using slab = block_source::slab;

constexpr std::size_t slab_bytes = std::size_t{1} << 20;
constexpr std::size_t header_bytes = 64;
/// Idle bytes of one class in the shared list before it is worth looking for whole slabs.
constexpr std::size_t worth_looking = std::size_t{8} << 20;

static_assert(sizeof(slab) <= header_bytes);

/// LeakSanitizer follows pointers through the heap but not through mappings, and borrowed memory has owners.
[[nodiscard]] void* get_slab() noexcept {
    return base::address_sanitizer ? std::aligned_alloc(slab_bytes, slab_bytes) : map_pages(slab_bytes, slab_bytes, page_kind::usual);
}

void drop_slab(slab* s) noexcept {
    if (base::address_sanitizer) {
        base::unpoison(s, slab_bytes);
        std::free(s);
    } else {
        unmap_pages(s, slab_bytes);
    }
}

[[nodiscard]] slab* slab_of(const buffer* b) noexcept { return reinterpret_cast<slab*>(reinterpret_cast<std::uintptr_t>(b) & ~(slab_bytes - 1)); }

}  // namespace

void block_source::carve(std::size_t k, std::uint32_t n, base::free_list<buffer>& into) {
    const std::size_t size = block_size(k);
    slab* from = slabs_[k];
    if (from == nullptr || from->cut == from->capacity) {
        void* const memory = get_slab();
        if (memory == nullptr) {
            throw std::bad_alloc{};
        }
        from = ::new (memory) slab{};
        from->capacity = static_cast<std::uint32_t>((slab_bytes - header_bytes) / (sizeof(buffer) + size));
        from->next = slabs_[k];
        slabs_[k] = from;
    }
    auto* const start = reinterpret_cast<std::byte*>(from);
    auto* const descriptions = start + header_bytes;
    auto* const data = descriptions + from->capacity * sizeof(buffer);
    const std::uint32_t count = std::min(n, from->capacity - from->cut);
    // Backwards, so that blocks taken one after the other lie one after the other.
    for (std::uint32_t i = from->cut + count; i-- > from->cut;) {
        buffer* const b = ::new (descriptions + i * sizeof(buffer)) buffer{};
        b->size_class = static_cast<std::uint8_t>(k);
        b->data = data + i * size;
        b->bytes = size;
        base::poison(b->data, size);
        into.push(b);
    }
    from->cut += count;
}

void block_source::handed_over(std::size_t k, base::free_list<buffer>& common) noexcept {
    const std::size_t idle = common.count * block_size(k);
    if (idle >= std::max(look_again_[k], worth_looking)) {
        // Twice what is left before the next look keeps the cost of looking in proportion to the bytes handed over.
        look_again_[k] = 2 * give_back(k, common);
    }
}

std::size_t block_source::give_back(std::size_t k, base::free_list<buffer>& common) noexcept {
    for (slab* s = slabs_[k]; s != nullptr; s = s->next) {
        s->idle = 0;
    }
    for (const buffer* b = common.head; b != nullptr; b = b->next) {
        ++slab_of(b)->idle;
    }
    base::free_list<buffer> kept;
    buffer** tail = &kept.head;
    while (buffer* const b = common.pop()) {
        const slab* const s = slab_of(b);
        if (s->idle != s->cut) {
            *tail = b;
            tail = &b->next;
            ++kept.count;
        }
    }
    *tail = nullptr;
    common = kept;
    for (slab** link = &slabs_[k]; *link != nullptr;) {
        slab* const s = *link;
        if (s->idle == s->cut) {
            *link = s->next;
            drop_slab(s);
        } else {
            link = &s->next;
        }
    }
    return common.count * block_size(k);
}

}  // namespace sinter::inline v1::detail::runtime
