#include "runtime/placing.hpp"

#include "runtime/large_pool.hpp"
#include "runtime/numa.hpp"
#include "runtime/pages.hpp"
#include "runtime/threads.hpp"

#include <algorithm>
#include <new>

namespace sinter::inline v1::detail::runtime {

void touch_by_rows(void* start, std::size_t bytes) try {
    const int threads = max_threads();
    if (threads <= 1) return;
    auto* const first = static_cast<volatile std::byte*>(start);
    const auto unit = static_cast<index_t>(bytes >= huge_from ? huge_page_bytes : page_bytes);
    const index_t units = (static_cast<index_t>(bytes) + unit - 1) / unit;
    const plan::node_split& split = split_over_nodes(threads);
    parallel_over(split, [&](int part) {
        const index_t past = std::min(static_cast<index_t>(bytes), split.low(units, part + 1) * unit);
        for (index_t at = split.low(units, part) * unit; at < past; at += static_cast<index_t>(page_bytes)) first[at] = std::byte{0};
    });
} catch (const std::bad_alloc&) {
    // Placement is for speed.
}

}  // namespace sinter::inline v1::detail::runtime
