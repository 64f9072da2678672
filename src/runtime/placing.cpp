#include "runtime/placing.hpp"

#include "base/borrowed_lock.hpp"
#include "graph/node.hpp"
#include "runtime/buffer.hpp"
#include "runtime/large_pool.hpp"
#include "runtime/memory_policy.hpp"
#include "runtime/numa.hpp"
#include "runtime/pages.hpp"
#include "runtime/threads.hpp"
#include "runtime/topology.hpp"

#include <sinter/detail/error.hpp>
#include <sinter/place.hpp>

#include <algorithm>
#include <new>
#include <string>
#include <vector>

namespace sinter::inline v1::detail::runtime {

void touch_by_rows(void* start, std::size_t bytes) try {
    const int threads = max_threads();
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

namespace {

[[nodiscard]] plan::placement placement_for(memory_policy policy) {
    switch (policy.what()) {
        case memory_policy::kind::by_rows: return plan::placement::by_rows();
        case memory_policy::kind::interleave: return plan::placement::interleaved();
        case memory_policy::kind::on_node: break;
    }
    const std::vector<memory_node>& all = host_topology().memory;
    const auto found = std::ranges::find(all, policy.node(), &memory_node::number);
    if (found != all.end()) return plan::placement::in_memory(static_cast<int>(found - all.begin()));
    std::string numbers;
    for (const memory_node& m : all) numbers += (numbers.empty() ? "" : ", ") + std::to_string(m.number);
    throw value_error("place: there is no memory on node " + std::to_string(policy.node()) + " for this process; there is on " + numbers);
}

}  // namespace

}  // namespace sinter::inline v1::detail::runtime

namespace sinter::inline v1::detail {

void place(node& n, memory_policy policy) try {
    const plan::placement where = runtime::placement_for(policy);
    evaluate(n);
    const base::reading_arrays reading;
    if (n.size == 0 || n.memory == nullptr || !runtime::can_place()) return;
    auto& b = *static_cast<runtime::buffer*>(n.memory);
    if (b.from == runtime::buffer::origin::block) return;
    const bool own = b.from == runtime::buffer::origin::pages;
    const std::size_t grain = own && b.bytes >= runtime::huge_from ? runtime::huge_page_bytes : runtime::page_bytes;
    std::size_t bytes = b.bytes;
    // The map goes by the rows, and the memory may be longer by as much as sizes of mappings are rounded up; if by more, x is the first rows of a larger array.
    const std::size_t used = static_cast<std::size_t>(n.size) * size_of(n.type);
    if (own && n.contiguous && n.data == b.data && 9 * used > 8 * runtime::large_size(b.size_class)) bytes = std::min(bytes, (used + grain - 1) / grain * grain);
    const bool moved = runtime::move_pages_to(where, b.data, bytes, grain);
    runtime::set_place(b, moved ? where : plan::placement::anywhere());
} catch (const std::bad_alloc&) {
    throw_no_memory("place");
}

}  // namespace sinter::inline v1::detail
