#include "runtime/large_pool.hpp"

#include "base/fork.hpp"
#include "base/sanitizer.hpp"
#include "base/settings.hpp"
#include "runtime/blocks.hpp"
#include "runtime/memory_rules.hpp"
#include "runtime/pages.hpp"

#include <type_traits>

namespace sinter::inline v1::detail::runtime {

static_assert(large_class(largest_block + 1) == 0 && large_size(0) == 36 * 1024);
static_assert(large_class(largest_mapping) == 30 * 8 + 7 && large_size(30 * 8 + 7) == largest_mapping);

std::size_t large_pool::mapped_bytes(std::size_t k) const noexcept {
    const std::size_t size = large_size(k);
    const bool reserved = large_pages_ == page_kind::reserved || large_pages_ == page_kind::reserved_now;
    return reserved && size >= huge_from ? (size + huge_page_bytes - 1) / huge_page_bytes * huge_page_bytes : size;
}

/// Outside all locks: unmapping is a system call, and giving a description away takes the lock of the blocks.
void large_pool::unmap_all(base::free_list<buffer> gone) const noexcept {
    while (buffer* const b = gone.pop()) {
        unmap_pages(b->data, mapped_bytes(b->size_class));
        block_lists::give(bare_class, b);
    }
}

buffer* large_pool::reuse(std::size_t bytes, plan::placement where) noexcept {
    const std::size_t k = large_class(bytes);
    const std::lock_guard lock{mutex_};
    buffer* b = bins_[k].newest;
    while (b != nullptr && b->where != where) b = b->next;
    if (b != nullptr) {
        unlink(bins_[k], b);
        in_use_.fetch_add(large_size(k), std::memory_order_relaxed);
    }
    return b;
}

bool large_pool::map(buffer& bare, std::size_t bytes) noexcept {
    const std::size_t k = large_class(bytes);
    const std::size_t size = large_size(k);
    const bool huge = size >= huge_from;
    const std::size_t mapped = mapped_bytes(k);
    void* const data = map_pages(mapped, huge ? huge_page_bytes : page_bytes, huge ? large_pages_ : other_pages_);
    if (data == nullptr) {
        return false;
    }
    bare.data = data;
    bare.bytes = mapped;
    bare.size_class = static_cast<std::uint8_t>(k);
    bare.from = buffer::origin::pages;
    bare.writable = true;
    in_use_.fetch_add(size, std::memory_order_relaxed);
    return true;
}

void large_pool::give(buffer* b) noexcept {
    const std::size_t size = large_size(b->size_class);
    base::poison(b->data, size);
    base::free_list<buffer> gone;
    {
        const std::lock_guard lock{mutex_};
        in_use_.fetch_sub(size, std::memory_order_relaxed);
        bin& to = bins_[b->size_class];
        b->previous = nullptr;
        b->next = to.newest;
        (to.newest == nullptr ? to.oldest : to.newest->previous) = b;
        to.newest = b;
        b->stamp = ++stamp_;
        pooled_.fetch_add(size, std::memory_order_relaxed);
        gone = evict_down_to(limit_);
    }
    unmap_all(gone);
}

void large_pool::set_limit(std::size_t bytes) noexcept {
    base::free_list<buffer> gone;
    {
        const std::lock_guard lock{mutex_};
        limit_ = bytes;
        gone = evict_down_to(limit_);
    }
    unmap_all(gone);
}

std::size_t large_pool::limit() noexcept {
    const std::lock_guard lock{mutex_};
    return limit_;
}

void large_pool::trim() noexcept {
    base::free_list<buffer> gone;
    {
        const std::lock_guard lock{mutex_};
        gone = evict_down_to(0);
    }
    unmap_all(gone);
}

large_pool::bin& large_pool::oldest_bin() noexcept {
    bin* found = nullptr;
    for (bin& each : bins_) {
        if (each.oldest != nullptr && (found == nullptr || each.oldest->stamp < found->oldest->stamp)) {
            found = &each;
        }
    }
    return *found;
}

void large_pool::unlink(bin& from, buffer* b) noexcept {
    (b->previous == nullptr ? from.newest : b->previous->next) = b->next;
    (b->next == nullptr ? from.oldest : b->next->previous) = b->previous;
    pooled_.fetch_sub(large_size(b->size_class), std::memory_order_relaxed);
}

base::free_list<buffer> large_pool::evict_down_to(std::size_t bytes) noexcept {
    base::free_list<buffer> gone;
    while (pooled() > bytes) {
        bin& from = oldest_bin();
        buffer* const b = from.oldest;
        unlink(from, b);
        gone.push(b);
    }
    return gone;
}

namespace {

constinit large_pool the_pool;
constinit std::atomic<bool> elsewhere = false;

/// The reserve counts for all nodes, so it promises nothing to who may not have memory of each. One node's pages can be had at once; those of several would all
/// come to the calling thread's.
[[nodiscard]] page_kind reserved_kind() {
    const memory_rules rules = told_of_memory();
    if (!rules.limited) return page_kind::reserved;
    if (rules.nodes.size() == 1) return page_kind::reserved_now;
    elsewhere.store(true, std::memory_order_relaxed);
    return page_kind::advised;
}

static_assert(std::is_trivially_destructible_v<large_pool>, "the pool outlives every static object");

}  // namespace

large_pool& shared_large_pool() noexcept { return the_pool; }

bool reserve_is_elsewhere() noexcept { return elsewhere.load(std::memory_order_relaxed); }

void prepare_large_pool() {
    static const bool once = [] {
        const std::size_t all = physical_memory();
        the_pool.set_limit(all / 8);
        the_pool.ample_.store(all / 4, std::memory_order_relaxed);
        const base::huge_page_use use = base::env().huge_pages;
        if (use == base::huge_page_use::off) the_pool.large_pages_ = the_pool.other_pages_ = page_kind::small;
        if (use == base::huge_page_use::reserved) the_pool.large_pages_ = reserved_kind();
        base::hold_over_fork(the_pool.mutex_);
        return true;
    }();
    static_cast<void>(once);
}

}  // namespace sinter::inline v1::detail::runtime
