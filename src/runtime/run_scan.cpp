#include "codegen/portable/scan.hpp"
#include "runtime/lane_operands.hpp"
#include "runtime/lanes.hpp"
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

// Several rows at once, each of which is what the rows before it came to and its own values; that stays in the first cache. The first row is added to what adds nothing.
void runner::scan_down_columns(const portion& part) {
    const codegen::output& o = l_.kernel.outputs[0];
    const std::uint64_t nothing = codegen::portable::nothing_for_scan(o.scan, o.type);
    const std::size_t to = l_.kernel.inputs.size();
    const index_t bytes = l_.places[to].bytes, strip = l_.scan_strip / bytes, rows = part.rows_high - part.rows_low;
    lane_operands all;
    // Rows that begin within a line, all at the same place of it: up to its end by themselves.
    const auto in_line = static_cast<index_t>(reinterpret_cast<std::uintptr_t>(place_of(to, part.rows_low, part.n_low)) % 64);
    const index_t head = code_.streaming != nullptr && in_line % bytes == 0 ? (64 - in_line) % 64 / bytes : 0;
    for (index_t at = part.n_low, n = 0; at < part.n_high; at += n) {
        n = std::min(at == part.n_low && head > 0 ? head : strip, part.n_high - at);
        codegen::fill(tiles_, nothing, static_cast<std::size_t>(bytes), static_cast<std::size_t>(n));
        const auto scan = [&](const codegen::executable& code, index_t row, index_t together, index_t turns) {
            all.clear();
            for (index_t r = 0; r < together; ++r) {
                for (std::size_t i = 0; i < to; ++i) all.add(place_of(i, row + r, at), together * row_strides_[i], inner_strides_[i]);
            }
            all.add(tiles_, 0, bytes);
            for (index_t r = 0; r < together; ++r) all.add(place_of(to, row + r, at), together * row_strides_[to], bytes);
            all.add(tiles_, 0, bytes);
            code.run(all.of(f_.params, turns, n));
        };
        const bool aligned = reinterpret_cast<std::uintptr_t>(place_of(to, part.rows_low, at)) % 64 == 0;
        const index_t turns = rows / l_.scan_rows, left = rows % l_.scan_rows;
        if (turns > 0) scan(code_.streaming != nullptr && aligned ? *code_.streaming : *code_.usual, part.rows_low, l_.scan_rows, turns);
        if (left > 0) scan(*code_.lanes[0], part.rows_high - left, 1, left);
    }
}

// What is read for a strip of values, and for as many after it.
codegen::portable::read_soon runner::read_for_strip(index_t row, index_t at, index_t after) const noexcept {
    codegen::portable::read_soon soon{};
    const std::size_t to = l_.kernel.inputs.size();
    for (std::size_t i = 0, asked = 0; l_.kernel.asks_ahead > 0 && i < to && asked < soon.size(); ++i) {
        const codegen::input& in = l_.kernel.inputs[i];
        if (in.inner == codegen::access::unit && !in.counts && l_.places[i].bytes == l_.places[to].bytes) soon[asked++] = place_of(i, row, at + after);
    }
    return soon;
}

// The values of a part of a row, strip by strip: take(first, values, how many, what is read soon).
template <class Take>
void runner::values_of_row(index_t row, index_t at, index_t n, std::byte* strip, Take take) {
    if (scans_an_input(l_)) return take(index_t{0}, place_of(0, row, at), n, codegen::portable::what_follows(place_of(0, row, at)));
    const std::size_t to = l_.kernel.inputs.size();
    const index_t length = plan::scan_row_strip / l_.places[to].bytes;
    f_.rows = 1;
    for (index_t first = 0; first < n; first += length) {
        f_.n = std::min(length, n - first);
        for (std::size_t i = 0; i < to; ++i) pointers_[i] = place_of(i, row, at + first);
        pointers_[to] = strip;
        code_.usual->run(f_);
        take(first, strip, f_.n, read_for_strip(row, at + first, length));
    }
}

void runner::scan_along_rows(const portion& part) {
    const codegen::output& o = l_.kernel.outputs[0];
    const codegen::portable::scan_functions by = codegen::portable::scan_by(o.scan, o.type);
    const std::uint64_t nothing = codegen::portable::nothing_for_scan(o.scan, o.type);
    const std::size_t to = l_.kernel.inputs.size();
    for (index_t row = part.rows_low; row < part.rows_high; ++row) {
        std::uint64_t before = nothing;
        values_of_row(row, part.n_low, part.n_high - part.n_low, tiles_, [&](index_t first, const std::byte* values, index_t n, codegen::portable::read_soon soon) {
            by.whole(place_of(to, row, part.n_low + first), values, static_cast<std::size_t>(n), reinterpret_cast<std::byte*>(&before), code_.streaming != nullptr, soon);
        });
    }
}

// A thread takes the next block of all, accumulates its pieces into memory of its own, waits until what comes before the block is known, and tells the next
// one what comes after it; then it finishes the block. Blocks are taken in order, so that whoever is waited for is at work.
void runner::run_scan(scan_turns& turns) {
    const codegen::output& o = l_.kernel.outputs[0];
    const codegen::portable::scan_functions by = codegen::portable::scan_by(o.scan, o.type);
    const std::uint64_t nothing = codegen::portable::nothing_for_scan(o.scan, o.type);
    const std::size_t to = l_.kernel.inputs.size();
    const index_t blocks = (l_.n + l_.scan_block - 1) / l_.scan_block;
    const index_t all = l_.outer.count() * l_.rows * blocks;
    // Behind the strip of values.
    std::byte* const block_pieces = tiles_ + plan::scan_row_strip;
    const auto take = [&] { return turns.next.fetch_add(1, std::memory_order_relaxed); };
    for (index_t u = take(), next = 0; u < all; u = next) {
        const index_t block = u % blocks, row = u / blocks % l_.rows, at = block * l_.scan_block;
        const index_t n = std::min(l_.scan_block, l_.n - at);
        go_to(u / blocks / l_.rows);
        values_of_row(row, at, n, tiles_, [&](index_t first, const std::byte* values, index_t some, codegen::portable::read_soon soon) {
            by.pieces(block_pieces + first * l_.places[to].bytes, values, static_cast<std::size_t>(some), soon);
        });

        wait_for(turns.turn, u);
        std::uint64_t before = block == 0 ? nothing : turns.before, after = before;
        by.pass(block_pieces, static_cast<std::size_t>(n), reinterpret_cast<std::byte*>(&after));
        turns.before = after;
        turns.turn.store(u + 1, std::memory_order_release);
        // What this thread does next is asked for while this goes to memory, unless it is of another row.
        next = take();
        const bool goes_on = next / blocks == u / blocks && next < all;
        by.finish(place_of(to, row, at), block_pieces, static_cast<std::size_t>(n), reinterpret_cast<const std::byte*>(&before), code_.streaming != nullptr,
                  goes_on ? read_for_strip(row, next % blocks * l_.scan_block, 0) : codegen::portable::read_soon{});
    }
}

}  // namespace sinter::inline v1::detail::runtime
