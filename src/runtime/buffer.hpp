#pragma once

#include <sinter/detail/counts.hpp>

#include "plan/node_split.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace sinter::inline v1::detail::runtime {

/// Where data starts: at a cache line, which is also the widest vector.
inline constexpr std::size_t data_alignment = 64;

/// Memory that arrays share, counted. Made by `allocate` and `adopt` only.
///
/// The description and the data lie apart. Both stay together through the pools, so that a recycled buffer needs
/// nothing but its count set.
struct buffer {
    enum class origin : std::uint8_t {
        block,     // up to 32 KiB: part of a slab, kept in lists of each thread
        pages,     // more: a mapping of its own, kept in the shared pool
        borrowed,  // the user's memory
    };

    std::atomic<std::uint32_t> refs = 0;
    origin from = origin::block;
    bool writable = true;
    std::uint8_t size_class = 0;
    plan::placement where;  // of its pages, once they are touched
    void* data = nullptr;
    std::size_t bytes = 0;  // usable, at least what was asked for; under AddressSanitizer exactly that
    // The pools' own; meaningless while the buffer is in use.
    buffer* next = nullptr;
    buffer* previous = nullptr;
    std::uint64_t stamp = 0;
    std::shared_ptr<void> owner;  // of borrowed memory
};
static_assert(sizeof(buffer) == 64, "one cache line");

/// Whether there is one reference, the caller's; nobody else can then look at the data or take a reference.
[[nodiscard]] inline bool unique(const buffer& b) noexcept { return b.refs.load(std::memory_order_acquire) == 1; }
[[nodiscard]] inline bool borrowed(const buffer& b) noexcept { return b.from == buffer::origin::borrowed; }
[[nodiscard]] inline bool writable(const buffer& b) noexcept { return b.writable; }

/// Where its pages are. place() may change that while others read it, and moves the pages under them.
[[nodiscard]] inline plan::placement place_of(const buffer& b) noexcept {
    return {std::atomic_ref<std::uint8_t>(const_cast<std::uint8_t&>(b.where.code)).load(std::memory_order_relaxed)};
}
inline void set_place(buffer& b, plan::placement where) noexcept { std::atomic_ref<std::uint8_t>(b.where.code).store(where.code, std::memory_order_relaxed); }

/// Gives a buffer without references back to where it came from. For `buffer_ptr`.
void recycle(buffer* b) noexcept;

/// A reference to a buffer. May be copied and dropped from any thread.
class buffer_ptr {
public:
    buffer_ptr() noexcept = default;
    // NOLINTNEXTLINE(google-explicit-constructor)
    buffer_ptr(std::nullptr_t) noexcept {}
    /// Takes over one reference that the caller owns.
    [[nodiscard]] static buffer_ptr steal(buffer* b) noexcept {
        buffer_ptr p;
        p.buffer_ = b;
        return p;
    }
    /// Adds a reference to a buffer that someone else keeps alive.
    [[nodiscard]] static buffer_ptr share(buffer* b) noexcept {
        if (b != nullptr) {
            detail::add_to(b->refs, 1U);
        }
        return steal(b);
    }

    buffer_ptr(const buffer_ptr& other) noexcept : buffer_ptr{share(other.buffer_)} {}
    buffer_ptr(buffer_ptr&& other) noexcept : buffer_{std::exchange(other.buffer_, nullptr)} {}
    buffer_ptr& operator=(const buffer_ptr& other) noexcept {
        buffer_ptr{other}.swap(*this);
        return *this;
    }
    buffer_ptr& operator=(buffer_ptr&& other) noexcept {
        buffer_ptr{std::move(other)}.swap(*this);
        return *this;
    }
    ~buffer_ptr() { drop(buffer_); }

    void swap(buffer_ptr& other) noexcept { std::swap(buffer_, other.buffer_); }
    void reset() noexcept { drop(std::exchange(buffer_, nullptr)); }
    /// Hands the reference over to the caller.
    [[nodiscard]] buffer* release() noexcept { return std::exchange(buffer_, nullptr); }

    [[nodiscard]] buffer* get() const noexcept { return buffer_; }
    [[nodiscard]] buffer& operator*() const noexcept { return *buffer_; }
    [[nodiscard]] buffer* operator->() const noexcept { return buffer_; }
    [[nodiscard]] explicit operator bool() const noexcept { return buffer_ != nullptr; }
    [[nodiscard]] friend bool operator==(const buffer_ptr&, const buffer_ptr&) noexcept = default;

private:
    static void drop(buffer* b) noexcept {
        if (b == nullptr) {
            return;
        }
        if (detail::take_last(b->refs, 1U)) {
            recycle(b);
        }
    }

    buffer* buffer_ = nullptr;
};

/// A buffer of at least `bytes` bytes (0 is fine; `data` is never null), aligned to `data_alignment`, contents
/// undefined. Fresh pages are not touched: whoever writes them first decides the NUMA node. Up to 32 KiB this is
/// a few nanoseconds and no lock. Throws memory_error, naming the size, when there is no memory.
///
/// `where` is kept with the buffer: who asks for a place gets pages that are there already, or fresh ones that he has to touch so.
[[nodiscard]] buffer_ptr allocate(std::size_t bytes, plan::placement where = plan::placement::anywhere());

/// The same for memory that one thread is going to write, though all will read it: its pages are touched first by whom the rows belong to.
[[nodiscard]] buffer_ptr allocate_for_all(std::size_t bytes);

/// Memory of someone else's, which `owner` (may be empty) keeps alive. No alignment is assumed.
/// Throws memory_error.
[[nodiscard]] buffer_ptr adopt(void* data, std::size_t bytes, std::shared_ptr<void> owner, bool writable);

}  // namespace sinter::inline v1::detail::runtime
