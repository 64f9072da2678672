#pragma once

#include <cstddef>

namespace sinter::inline v1::detail::runtime {

inline constexpr std::size_t page_bytes = 4096;
inline constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;

/// Fresh zero pages, none of them touched; null when there is no memory. `bytes` is a multiple of the page and
/// `alignment` a power of two. With `huge`, the system is asked to back them with huge pages.
[[nodiscard]] void* map_pages(std::size_t bytes, std::size_t alignment, bool huge) noexcept;

void unmap_pages(void* p, std::size_t bytes) noexcept;

/// Memory this process may use, in bytes: the machine's, or the limit of its control group if that is less.
[[nodiscard]] std::size_t physical_memory();

}  // namespace sinter::inline v1::detail::runtime
