#include "codegen/portable/scan.hpp"
#include "runtime/runner.hpp"

#include <algorithm>
#include <cstring>
#include <thread>

namespace sinter::inline v1::detail::runtime {

namespace {

/// Until it is this block's turn: usually at once, or within the time that another one takes to pass.
void wait_for(const std::atomic<index_t>& turn, index_t block) noexcept {
    constexpr int tries = 2000;
    for (int i = 0; turn.load(std::memory_order_acquire) != block; ++i) {
        if (i < tries) {
            _mm_pause();
        } else {
            std::this_thread::yield();
        }
    }
}

}  // namespace

// A thread takes the next block of all, accumulates its pieces into memory of its own, waits until what comes before the block is known, and tells the next
// one what comes after it; then it finishes the block. Blocks are taken in order, so that whoever is waited for is at work.
void runner::run_scan(scan_turns& turns) {
    const codegen::output& o = l_.kernel.outputs[0];
    const codegen::portable::scan_functions by = codegen::portable::scan_by(o.scan, o.type);
    const std::uint64_t nothing = codegen::portable::nothing_for_scan(o.scan, o.type);
    const std::size_t to = l_.kernel.inputs.size();
    const index_t blocks = (l_.n + l_.scan_block - 1) / l_.scan_block;
    const index_t all = l_.outer.count() * l_.rows * blocks;
    f_.by_pieces = true;
    f_.rows = 1;
    for (index_t u = turns.next.fetch_add(1, std::memory_order_relaxed); u < all; u = turns.next.fetch_add(1, std::memory_order_relaxed)) {
        const index_t block = u % blocks, row = u / blocks % l_.rows, at = block * l_.scan_block;
        const index_t n = std::min(l_.scan_block, l_.n - at);
        go_to(u / blocks / l_.rows);
        for (std::size_t i = 0; i < to; ++i) pointers_[i] = place_of(i, row, at);
        pointers_[to] = tiles_;
        f_.n = n;
        code_.usual->run(f_);

        wait_for(turns.turn, u);
        std::uint64_t before = block == 0 ? nothing : turns.before, after = before;
        by.pass(tiles_, static_cast<std::size_t>(n), reinterpret_cast<std::byte*>(&after));
        turns.before = after;
        turns.turn.store(u + 1, std::memory_order_release);
        by.finish(place_of(to, row, at), tiles_, static_cast<std::size_t>(n), reinterpret_cast<const std::byte*>(&before), code_.streaming != nullptr);
    }
    f_.by_pieces = false;
}

}  // namespace sinter::inline v1::detail::runtime
