#pragma once

#include "codegen/portable/scan.hpp"
#include "runtime/execute.hpp"

#include <array>
#include <atomic>
#include <xmmintrin.h>

namespace sinter::inline v1::detail::runtime {

/// What one thread does of a launch: a part of one of its loops.
struct portion {
    index_t around_low = 0, around_high = 0;  // outer loops and blocks, flattened
    index_t rows_low = 0, rows_high = 0;
    index_t n_low = 0, n_high = 0;
};

/// Which rows of a launch that is_decided_early are known already: threads tell each other. Of few rows; where there are more, threads have rows of their own.
class decided_rows {
public:
    static constexpr index_t most = 64;
    [[nodiscard]] bool contains(index_t row) const noexcept { return row < most && (bits_.load(std::memory_order_relaxed) >> row & 1U) != 0; }
    void add(index_t row) noexcept {
        if (row < most) bits_.fetch_or(std::uint64_t{1} << row, std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> bits_{0};
};

/// The blocks of a scan that several threads take in turn.
struct scan_turns {
    alignas(64) std::atomic<index_t> next{0};  // to be taken
    alignas(64) std::atomic<index_t> turn{0};  // the block that what comes before is known of:
    std::uint64_t before = 0;
};

/// One thread's way through portions of a launch. Nothing throws.
class runner {
public:
    /// tiles, room: memory for one thread's tiles, and for what it knows of the operands (null: they are few).
    runner(const plan::launch& l, const launch_code& code, std::byte* const* base,
           const std::uint64_t* params, std::byte* tiles, std::uint64_t* room);
    runner(const runner&) = delete;
    runner& operator=(const runner&) = delete;

    /// An operand whose memory is elsewhere, and begins with another element than its first.
    void lie(std::size_t place, std::byte* start, index_t first_element) noexcept {
        starts_[place] = start;
        origins_[place] = -first_element;
    }

    void run(const portion& part);

    /// The blocks of a scan that it finds left.
    void run_scan(scan_turns& turns);

    /// Before run: what it shares with the other threads of the launch.
    void share(decided_rows& known) noexcept { known_ = &known; }
    /// Elements that it did not look at, as results were known without them.
    [[nodiscard]] index_t passed_over() const noexcept { return passed_over_; }

    [[nodiscard]] const codegen::executable& code() const noexcept { return *code_.usual; }

    /// After the last portion: other threads may read what went past the caches. Once, as a fence waits for all of those stores.
    void publish() const noexcept {
        if (code_.streaming != nullptr) _mm_sfence();
    }

    /// Of a launch in a chain: its units from low to high, where its tiles' memory is at starts that lie() gave once.
    [[nodiscard]] static bool is_plain_stage(const plan::launch& l) noexcept {
        return l.along != plan::split_dim::outer && l.outer.empty() && l.blocks == 1 && l.tile_rows == 0 && l.tile_n == 0;
    }
    /// Before run_units: it begins with unit `low` and goes on by `tile`. What lies in a tile's memory begins there again for each tile.
    void begin_units(std::size_t own_bytes, index_t low, index_t tile);
    /// Under a base::default_environment. With as few instructions as can be: while stores past the caches wait for memory, the processor works on what comes
    /// next, as far as its window reaches.
    void run_units(index_t units) {
        if (units != units_) set_units(units);
        std::byte** const now = pointers_;
        std::byte** const __restrict next = starts_;
        const index_t* const __restrict by = offsets_;
        for (std::size_t i = 0; i < count_; ++i) {
            now[i] = next[i];
            next[i] += by[i];
        }
        if (always_ != nullptr) return always_->run_in_default(f_);
        run_kernel();
        units_ = 0;
    }

private:
    void go_through(const portion& part);
    void find_next(const portion& part, index_t row, index_t at);
    void go_to(index_t around);
    void run_together(const portion& part);
    void run_blocks_together(const portion& part);
    template <class Operands>
    void operands_of_steps(Operands& all, index_t first, index_t steps, index_t row, index_t at);
    template <class Operands>
    void operands_of_pairs(Operands& all, index_t first, index_t row, index_t at);
    void sum_columns(const portion& part);
    void run_until_decided(const portion& part);
    void ask_for_steps(index_t first, index_t past, const portion& part);
    void run_tile(index_t row, index_t at);
    void run_strips(index_t row, index_t at);
    void run_squares(index_t row, index_t at);
    void set_strides(std::size_t i) noexcept {
        const plan::place& p = l_.places[i];
        row_strides_[i] = p.turned ? plan::tile_pitch(l_, p) : p.row * p.bytes;
        inner_strides_[i] = p.turned ? p.bytes : p.inner * p.bytes;
    }
    void set_units(index_t units) noexcept;
    void run_kernel();
    void run_rows_at_once(const portion& part);
    void scan_down_columns(const portion& part);
    void scan_along_rows(const portion& part);
    [[nodiscard]] codegen::portable::read_soon read_for_strip(index_t row, index_t at, index_t after) const noexcept;
    template <class Take>
    void values_of_row(index_t row, index_t at, index_t n, std::byte* strip, Take take);
    void run_lanes(const portion& part);
    void begin_lanes(index_t n);
    void add_to_lanes(const codegen::executable& code, index_t row, index_t at, index_t blocks, index_t lanes, index_t n);
    void finish_lanes(index_t at, index_t n);
    [[nodiscard]] std::byte* place_of(std::size_t i, index_t row, index_t at) const noexcept {
        const plan::place& p = l_.places[i];
        return starts_[i] + (offsets_[i] + row * p.row + at * p.inner) * p.bytes;
    }

    const plan::launch& l_;
    launch_code code_;
    std::byte* tiles_;
    decided_rows* known_ = nullptr;
    index_t passed_over_ = 0;
    const codegen::executable* always_ = nullptr;  // for all units, if it can be told beforehand
    index_t units_ = 0;                            // that the frame is for
    static constexpr std::size_t most_asked = 4;
    bool strips_ = false;      // tiles are transposed and computed by strips of rows
    bool squares_ = false;     // but for the squares of them, for which there is code
    bool rows_first_ = false;  // tiles one below the other
    index_t next_row_ = 0, next_at_ = 0;  // of squares: the tile after this one
    std::size_t count_;
    // One number for each operand: on the stack unless a kernel has very many.
    std::byte** starts_;
    std::byte** pointers_;
    index_t* origins_;  // elements
    index_t* offsets_;  // elements, of the outer loops, origins included
    index_t* row_strides_;
    index_t* inner_strides_;
    index_t* steps_;
    std::array<std::uint64_t, operand_room::lists * operand_room::few> few_;
    codegen::frame f_;
};

}  // namespace sinter::inline v1::detail::runtime
