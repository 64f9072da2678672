#include "runtime/place_steps.hpp"
#include "runtime/runner.hpp"
#include "runtime/threads.hpp"

#include <algorithm>

namespace sinter::inline v1::detail::runtime {

using plan::launch;
using plan::split_dim;

std::size_t operand_room::words_for(const launch& l) noexcept {
    return l.places.size() > few ? lists * l.places.size() * static_cast<std::size_t>(std::max(1, l.threads)) : 0;
}

std::uint64_t* operand_room::of(const launch& l, std::size_t thread) noexcept {
    return l.places.size() > few ? words_.data() + lists * l.places.size() * thread : nullptr;
}

void run_launch(const launch& l, const launch_code& code, std::byte* const* base,
                const std::uint64_t* params, std::byte* tiles, operand_room& room, const plan::node_split* split, launch_measure* measured) {
    const index_t around = l.outer.count() * l.blocks;
    const portion whole{0, around, 0, l.rows, 0, l.n};
    decided_rows known;
    const bool decided = l.blocks > 1 && l.tile_rows == 0 && l.tile_n == 0 && l.lanes == 0 && codegen::is_decided_early(l.kernel);
    const auto run = [&](runner& r, const portion& part) {
        if (decided) r.share(known);
        r.run(part);
        r.publish();
        if (measured != nullptr) measured->passed_over.fetch_add(r.passed_over(), std::memory_order_relaxed);
    };
    if (l.threads <= 1) {
        runner all{l, code, base, params, tiles, room.of(l, 0)};
        return run(all, whole);
    }
    if (l.scan_block > 0) {
        scan_turns turns;
        const auto take_blocks = [&](int p) {
            runner own{l, code, base, params, tiles + static_cast<std::size_t>(p) * plan::tile_bytes(l), room.of(l, static_cast<std::size_t>(p))};
            own.run_scan(turns);
            own.publish();
        };
        return split == nullptr ? parallel(l.threads, take_blocks) : parallel_over(*split, take_blocks);
    }
    // The split depends on the loops and the number of threads only, so that later kernels find their rows where this one left them.
    const index_t length = l.split == split_dim::outer ? around : l.split == split_dim::rows ? l.rows : l.n;
    const index_t unit = l.split == split_dim::inner ? plan::inner_unit(l) : 1;
    const index_t units = (length + unit - 1) / unit;
    const auto run_part = [&](int p, index_t first, index_t past) {
        const index_t low = std::min(length, first * unit);
        const index_t high = std::min(length, past * unit);
        if (low >= high) return;
        portion part = whole;
        if (l.split == split_dim::outer) {
            part.around_low = low;
            part.around_high = high;
        } else if (l.split == split_dim::rows) {
            part.rows_low = low;
            part.rows_high = high;
        } else {
            part.n_low = low;
            part.n_high = high;
        }
        runner own{l, code, base, params, tiles + static_cast<std::size_t>(p) * plan::tile_bytes(l), room.of(l, static_cast<std::size_t>(p))};
        run(own, part);
        if (split != nullptr) note_part({&l, split, p, low, high, length, base[l.kernel.inputs.size()]});
    };
    if (split == nullptr) {
        parallel(l.threads, [&](int p) { run_part(p, units * p / l.threads, units * (p + 1) / l.threads); });
    } else {
        parallel_over(*split, [&](int p) { run_part(p, split->low(units, p), split->low(units, p + 1)); });
    }
}

}  // namespace sinter::inline v1::detail::runtime
