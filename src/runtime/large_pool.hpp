#pragma once

#include "base/thread_lists.hpp"
#include "runtime/buffer.hpp"
#include "runtime/pages.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace sinter::inline v1::detail::runtime {

inline constexpr std::size_t large_classes = 256;
/// The most that can be asked for in one buffer: half of what a user process can address.
inline constexpr std::size_t largest_mapping = std::size_t{1} << 46;

/// From here on a mapping starts at a huge page.
inline constexpr std::size_t huge_from = std::size_t{4} << 20;

/// Eight sizes for each power of two from 32 KiB on, all of them whole pages: at most an eighth is wasted.
[[nodiscard]] constexpr std::size_t large_class(std::size_t bytes) noexcept {
    const auto exponent = static_cast<std::size_t>(std::bit_width(bytes - 1)) - 1;
    return (exponent - 15) * 8 + (((bytes - 1) >> (exponent - 3)) & 7);
}

[[nodiscard]] constexpr std::size_t large_size(std::size_t k) noexcept { return (k % 8 + 9) << (k / 8 + 12); }

/// Mappings for buffers over 32 KiB. What is given back is kept, with its pages, up to a limit; then the mapping that
/// has been idle longest goes first. From 4 MiB on a mapping starts at a huge page and asks for huge pages, as far as SINTER_HUGE_PAGES allows.
///
/// Equal buffers start at equal offsets within their pages. Offsets between them were tried, 64 bytes to 5 KiB: no
/// gain for y = a*x + z on 16 KiB to 128 MiB each, and some loss within the caches.
///
/// Buffers keep the place of their pages, and are given only to who asks for that place. Elsewhere than on machines of several nodes nobody does.
///
/// One mutex, held for some list operations and never during a system call.
class large_pool {
public:
    /// An idle buffer for `bytes` (over 32 KiB, at most largest_mapping) whose pages are there, or null.
    [[nodiscard]] buffer* reuse(std::size_t bytes, plan::placement where) noexcept;
    /// Gives a bare description a new mapping; false if there is no memory.
    [[nodiscard]] bool map(buffer& bare, std::size_t bytes) noexcept;
    void give(buffer* b) noexcept;

    void set_limit(std::size_t bytes) noexcept;
    [[nodiscard]] std::size_t limit() noexcept;  // bytes
    void trim() noexcept;

    /// Whether more than a quarter of the machine's memory is in buffers that are in use.
    [[nodiscard]] bool is_short() const noexcept { return in_use() > ample_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t in_use() const noexcept { return in_use_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t pooled() const noexcept { return pooled_.load(std::memory_order_relaxed); }

private:
    struct bin {
        buffer* newest = nullptr;
        buffer* oldest = nullptr;
    };

    friend void prepare_large_pool();

    /// The system gives its reserved huge pages as a whole, so there is more behind some sizes below 16 MiB.
    [[nodiscard]] std::size_t mapped_bytes(std::size_t k) const noexcept;
    void unmap_all(base::free_list<buffer> gone) const noexcept;
    [[nodiscard]] bin& oldest_bin() noexcept;
    void unlink(bin& from, buffer* b) noexcept;
    [[nodiscard]] base::free_list<buffer> evict_down_to(std::size_t bytes) noexcept;

    std::mutex mutex_;
    std::array<bin, large_classes> bins_{};
    std::size_t limit_ = 0;
    std::uint64_t stamp_ = 0;
    page_kind large_pages_ = page_kind::advised;  // from huge_from on
    page_kind other_pages_ = page_kind::usual;
    std::atomic<std::size_t> ample_ = ~std::size_t{0};
    std::atomic<std::size_t> in_use_ = 0;
    std::atomic<std::size_t> pooled_ = 0;
};

/// The one pool of the process; never destroyed.
[[nodiscard]] large_pool& shared_large_pool() noexcept;

/// To be called before the first mapping: reads the settings and how much memory there is for the limit, and has the pool's lock taken
/// over a fork, so that the child finds the pool whole. Does so once.
void prepare_large_pool();

/// Whether reserved huge pages are wanted and not taken, as they may be on nodes whose memory is not for this process.
[[nodiscard]] bool reserve_is_elsewhere() noexcept;

}  // namespace sinter::inline v1::detail::runtime
