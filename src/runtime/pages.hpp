#pragma once

#include <cstddef>
#include <cstdint>

namespace sinter::inline v1::detail::runtime {

inline constexpr std::size_t page_bytes = 4096;
inline constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;

/// How a mapping is to be backed.
enum class page_kind : std::uint8_t {
    usual,         // as the system likes
    small,         // never by huge pages
    advised,       // by huge pages where the system can
    reserved,      // by those that the system keeps for whoever asks; where there are none left, as advised
    reserved_now,  // the same, touched by the calling thread at once: the reserve counts for all nodes, and a process that may not have memory of each is killed
                   // where it touches a page and its own nodes have none left
};

/// Fresh zero pages, none of them touched; null when there is no memory. `bytes` is a multiple of the page and
/// `alignment` a power of two. From reserved pages only if both are multiples of a huge page.
[[nodiscard]] void* map_pages(std::size_t bytes, std::size_t alignment, page_kind kind) noexcept;

/// The error of the system that refused reserved huge pages; 0: none did.
[[nodiscard]] int reserved_pages_failure() noexcept;

void unmap_pages(void* p, std::size_t bytes) noexcept;

/// Memory this process may use, in bytes: the machine's, or the limit of its control group if that is less.
[[nodiscard]] std::size_t physical_memory();

}  // namespace sinter::inline v1::detail::runtime
