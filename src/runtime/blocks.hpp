#pragma once

#include "base/thread_lists.hpp"
#include "runtime/buffer.hpp"
#include "runtime/pool.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace sinter::inline v1::detail::runtime {

inline constexpr std::size_t largest_block = 32 * 1024;
inline constexpr std::size_t block_classes = 32;
/// The class of descriptions that come without data: for mappings and borrowed memory.
inline constexpr std::size_t bare_class = block_classes;

/// Steps of 64 bytes up to 256, then four for each power of two: at most a quarter is wasted.
[[nodiscard]] constexpr std::size_t block_class(std::size_t bytes) noexcept {
    if (bytes <= 256) {
        return bytes == 0 ? 0 : (bytes - 1) / 64;
    }
    const auto exponent = static_cast<std::size_t>(std::bit_width(bytes - 1)) - 1;
    return 4 + (exponent - 8) * 4 + (((bytes - 1) >> (exponent - 2)) & 3);
}

[[nodiscard]] constexpr std::size_t block_size(std::size_t k) noexcept {
    if (k == bare_class) {
        return 0;
    }
    return k < 4 ? (k + 1) * 64 : (k % 4 + 5) << (k / 4 + 5);
}
static_assert(block_class(largest_block) == block_classes - 1 && block_size(block_classes - 1) == largest_block);

/// Blocks are cut from slabs of 1 MiB, one class to a slab: the descriptions first, then the data. A slab whose
/// blocks are all in the shared list can be given back to the system.
struct block_source {
    using item = buffer;
    struct tally {
        std::atomic<std::int64_t> in_use = 0;  // bytes taken less bytes given by this thread; may be negative
    };
    static constexpr std::size_t classes = block_classes + 1;

    [[nodiscard]] static constexpr std::uint32_t batch(std::size_t k) noexcept { return batches[k]; }
    void carve(std::size_t k, std::uint32_t n, base::free_list<buffer>& into);
    void handed_over(std::size_t k, base::free_list<buffer>& common) noexcept;
    static void fetched() noexcept { pool_detail::note_peak(); }
    /// Unmaps the slabs of class k of which no block is elsewhere; gives the bytes of data left in the list.
    std::size_t give_back(std::size_t k, base::free_list<buffer>& common) noexcept;

    struct slab;

private:
    static constexpr std::array<std::uint32_t, classes> batches = [] {
        std::array<std::uint32_t, classes> result{};
        for (std::size_t k = 0; k < classes; ++k) {
            const std::size_t size = block_size(k);
            result[k] = size <= 1024 ? 64 : static_cast<std::uint32_t>(64 * 1024 / size);
        }
        return result;
    }();

    std::array<slab*, classes> slabs_{};  // the first is the one to cut from
    std::array<std::size_t, classes> look_again_{};
};

using block_lists = base::thread_lists<block_source>;

}  // namespace sinter::inline v1::detail::runtime
