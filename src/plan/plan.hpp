#pragma once

#include "base/settings.hpp"
#include "codegen/kernel.hpp"
#include "graph/graph.hpp"
#include "plan/cost.hpp"
#include "plan/decisions.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace sinter::inline v1::detail::plan {

/// What an evaluation will do, as plain data: it holds for every capture of the same signature.

inline constexpr std::uint32_t no_slot = ~std::uint32_t{0};

/// Memory that the plan gives out.
struct slot {
    enum class source : std::uint8_t {
        fresh,     // from the pool
        donated,   // the memory of a captured leaf that nothing else reads
        external,  // the user's memory, for a captured root
        tile,      // in each thread's memory for the tile of a chain that it is at
    };
    source from = source::fresh;
    std::uint32_t captured = 0;  // donated, external
    std::size_t bytes = 0;
    bool temporary = true;  // nothing holds it after the evaluation
    bool carried = false;   // a temporary that lies in another slot's memory
    std::size_t start = 0;  // tile: bytes from the start of a thread's memory
};

/// Where an operand of a launch lies.
struct place {
    bool leaf = false;
    bool counts = false;           // a leaf without memory
    bool gathers = false;          // read where an index says,
    index_t along = 0;             // so many elements for each step of the index;
    double most_bytes = 0;         // all of it, for the cost model
    std::uint8_t bytes = 0;        // of an element
    std::uint8_t parts = 1;        // 2: a part of each complex number; elements are parts
    std::uint32_t index = 0;       // of a captured leaf, or of a slot
    index_t offset = 0;            // elements from its start
    index_t outer[max_rank] = {};  // strides in elements along the outer loops
    index_t row = 0;
    index_t inner = 0;
    bool turned = false;  // its neighbours are along the rows: the kernel sees a tile of it that is transposed
    bool local = false;   // in a slot of a tile, whose strides these are
    bool stays = false;   // never stored past the caches: a later launch of the chain reads it
};

/// A number among a launch's parameters.
struct parameter {
    std::uint32_t captured = 0, slot = 0;
};

/// Which loop the threads share.
enum class split_dim : std::uint8_t { outer, rows, inner };

/// One kernel and its loops: outer ones around rows times n. With blocks, the reduced loop (n of a row, rows of a column) is cut into
/// pieces of that length, the last one shorter, and the pieces are a further loop just outside.
struct launch {
    codegen::kernel kernel;
    extents outer;
    index_t rows = 1;
    index_t n = 0;
    index_t tile_rows = 0;  // the kernel is called for so many rows
    index_t tile_n = 0;     // and so many of their elements at a time; 0: all
    bool turns_output = false;
    bool squares = false;   // tiles are computed by code that transposes in registers, but for what is left of them at two edges
    // A row reduction whose rows lie across memory: the kernel reduces down columns, into so many lanes in memory for each result. 0: it does not.
    index_t lanes = 0;
    // A column sum of nothing but an input whose columns lie along memory: added up in the runtime, column by column, as many at once as a vector has lanes.
    bool sums_columns = false;
    // A row reduction whose outer loops share inputs: so many of their steps at once, over tile_rows rows of the shared ones. A column reduction of few
    // columns: so many of its blocks at once. 0: one by one.
    index_t together = 0;
    // Of those steps of outer loops: each with so many rows of the shared ones at a time, every pair in registers of its own. 0: row by row.
    index_t beside = 0;
    // A column reduction of long rows: so many rows at once are added to what the rows before them came to, in the result's memory, so that memory is read in long
    // runs. 0: as many columns as have registers, row by row.
    index_t at_once = 0;
    // A scan whose values a kernel of their own computes. Down columns: so many rows at once are stored as they are added to what the columns came to, which stays in
    // a cache. Along rows, 1: strips of values are accumulated from there. 0: the portable backend does all of it.
    index_t scan_rows = 0;
    index_t scan_strip = 0;  // down columns: bytes of what so many columns came to, which are gone through from the first row to the last before the next
    // A scan along few long rows: several threads take blocks of so many elements in turn, whole pieces. 0: a thread has whole rows.
    index_t scan_block = 0;
    index_t block = 0;
    index_t blocks = 1;
    // All steps of the outer loops go through one block of so many rows, and so many of their elements, before the next: what they share stays in the
    // second cache. 0: each step goes through all of its own.
    index_t shared_rows = 0, shared_n = 0;
    std::vector<place> places;        // inputs, outputs, reductions
    std::vector<index_t> block_step;  // elements that each place moves from one piece to the next
    std::vector<parameter> params;
    split_dim split = split_dim::rows;
    bool plain = false;  // one call runs all of it
    bool may_stream = false;      // its outputs are aligned for stores that go past the caches
    bool writes_in_place = false; // over memory that it or an earlier launch reads
    split_dim along = split_dim::rows;  // in a chain: the loop that its units go along,
    index_t per_unit = 1;               // and how many steps of it are one unit
    int threads = 1;
    int most_threads = 1;     // that have something to do
    bool read_soon = false;   // a later kernel finds what it writes in the caches
    estimate predicted;
    work does;
    std::string why;                   // '#' stands for the number of the launch `other`
    std::uint32_t other = 0;
    std::string apart;                 // why it is in no chain with the launch `apart_from`; empty: nothing spoke for it
    std::uint32_t apart_from = 0;
    std::uint32_t captured = 0;        // the statement that it is reported under
    std::uint32_t about = ~std::uint32_t{0};  // the first value that it stores: what its decisions go by
    isa backend = isa::portable;       // what its code is made for
    int compiled_after = 0;            // it runs on the portable backend so often first; 0: never
    bool in_background = false;        // or less often, as another thread makes its code meanwhile
    std::vector<std::uint32_t> after;  // launches whose results it reads
};

/// Bytes from one row of a tile to the next: whole lines, and one more so that rows do not share their places in the caches.
[[nodiscard]] inline index_t tile_pitch(const launch& l, const place& p) noexcept { return (l.tile_n * p.bytes + 63) / 64 * 64 + 64; }

/// Rows and elements of a square, of a launch that has them.
[[nodiscard]] inline index_t side_of_squares(const launch& l) noexcept { return codegen::lanes_per_step(l.kernel, 64); }

/// Whether a kernel of their own may compute the values of a scan (launch::scan_rows), as far as what it computes with goes.
[[nodiscard]] bool may_scan_in_steps(const launch& l) noexcept;

/// Whether all inputs lie across the rows, but for single elements.
[[nodiscard]] bool reads_across_only(const launch& l) noexcept;

/// Whether the lines that it reads are the next ones in memory, for longer than lines are asked for ahead of time.
[[nodiscard]] bool reads_on(const launch& l);

/// Operands at most of a launch that has lanes, or takes steps of outer loops together.
inline constexpr std::size_t most_lane_places = 8;
/// And of the kernel that takes them together.
inline constexpr std::size_t most_operands_together = 64;

/// Whether all steps of the outer loops read the same, and all blocks.
[[nodiscard]] inline bool is_shared(const launch& l, const place& p) noexcept {
    if (l.blocks > 1 && p.row != 0 && l.kernel.kind == codegen::kernel_kind::column_reduce) return false;
    for (std::size_t d = 0; d < l.outer.size(); ++d) {
        if (l.outer[d] > 1 && p.outer[d] != 0) return false;
    }
    return true;
}

/// Rows that code whose lanes are in memory takes at once, so that those are seldom read and written: pointers of so many operands and lanes need registers.
[[nodiscard]] inline index_t rows_with_pointers(std::size_t operands_and_lanes) noexcept { return operands_and_lanes <= 2 ? 8 : 4; }

/// Bytes from one lane to the next, of results of so many bytes, for all columns of a call; their last vector is whole.
[[nodiscard]] inline index_t lane_pitch(const launch& l, index_t bytes) noexcept { return (l.tile_n * bytes + 63) / 64 * 64 + 64; }

/// Whether it is a scan down columns, by code of its own (launch::scan_rows).
[[nodiscard]] inline bool scans_columns(const launch& l) noexcept { return l.scan_rows > 0 && l.kernel.kind == codegen::kernel_kind::column_reduce; }

/// Bytes of values that a scan along rows by scan_rows keeps in the first cache, whose inputs come from memory while those before them go there.
inline constexpr index_t scan_row_strip = 8 << 10;

/// Bytes of all tiles, or lanes, or a block of a scan, of one thread.
[[nodiscard]] inline std::size_t tile_bytes(const launch& l) noexcept {
    index_t bytes = 0;
    for (std::size_t r = l.kernel.inputs.size() + l.kernel.outputs.size(); l.lanes > 0 && r < l.places.size(); ++r) bytes += l.lanes * lane_pitch(l, l.places[r].bytes);
    if (l.scan_block > 0 && l.threads > 1) bytes += l.scan_block * l.places.back().bytes;
    if (l.scan_rows > 0) bytes += std::max(l.scan_strip, scan_row_strip);
    for (const place& p : l.places) bytes += p.turned ? tile_pitch(l, p) * l.tile_rows : 0;
    return static_cast<std::size_t>(bytes);
}

/// Launches in a chain at most, and operands of each.
inline constexpr std::size_t most_stages = 12, most_stage_places = 24;

/// Launches that follow one another and run together, tile by tile: all of them on some units, then all of them on the next. A unit is
/// what the launches compute alike from their own operands, such as a row; what one reads of another's results is of the same unit.
struct chain {
    enum class unit : std::uint8_t { row, column, element };

    std::uint32_t first = 0, past = 0;  // launches
    index_t units = 0;
    index_t tile = 1;   // units of a tile
    index_t grain = 1;  // units that stay together
    int threads = 1;
    int level = 1;          // the cache that a tile stays in
    unit of = unit::row;
    std::size_t bytes = 0;  // of each thread's memory: for tiles of the launches that transpose, and behind it for what lives in the chain's
    // One loop computes a row of every launch side by side, each launch so many rows behind the first, so that what earlier ones make of its row is there. What lives
    // in the chain has memory for a tile of rows, a power of two, which come around again. Not for kernels that the portable backend runs: those go tile by tile.
    bool pipelined = false;
    std::array<std::uint8_t, most_stages> lags{};  // by launch
    // The one result that goes past the caches, where it is the user's memory: that may begin within a line, so a row of it has memory here, from which it is copied.
    static constexpr std::uint32_t nothing_spare = ~std::uint32_t{0};
    std::uint32_t spare_launch = nothing_spare, spare_output = 0;
    std::size_t spare_start = 0;
};

/// Operands at most of the kernel of a pipeline, and launches that have a kernel of their own in it, as they compute one element a row.
inline constexpr std::size_t most_pipeline_places = 32, most_pipeline_elements = 4;

/// The kernel of a pipeline: the inputs, outputs and reductions of the launches that go along rows are one after the other, and the parameters of all launches.
[[nodiscard]] codegen::kernel pipeline_kernel(const std::vector<launch>& launches, const chain& c);

/// Whether it reads an operand where an index says: that has to be there as a whole.
[[nodiscard]] inline bool gathers(const launch& l) noexcept {
    for (const place& p : l.places) {
        if (p.gathers) return true;
    }
    return false;
}

/// Elements that an operand of a chain's launch moves from one unit to the next.
[[nodiscard]] inline index_t unit_stride(const launch& l, const place& p) noexcept {
    return l.along == split_dim::outer ? p.outer[0] : l.per_unit * (l.along == split_dim::rows ? p.row : p.inner);
}

/// The elements along the inner loop that a thread takes, or a multiple of them.
[[nodiscard]] inline index_t inner_unit(const launch& l) noexcept { return l.lanes > 0 || l.scan_rows > 0 ? 256 : l.sums_columns ? 32 : 1024; }

/// A captured node that the evaluation materialises: a view of a slot.
struct stored {
    std::uint32_t captured = 0;
    bool leaf = false;  // of a captured leaf instead of a slot
    bool sole = false;  // no other result looks at the slot
    std::uint32_t index = 0;
    index_t offset = 0;
    extents shape;
    index_t stride[max_rank] = {};
};

/// A value of the graph after the passes, for pictures; kept where decisions are.
struct drawn_value {
    std::string text;
    std::uint32_t captured = 0;
    bool memory = false;                  // of its own
    std::vector<std::uint32_t> reads;     // values
    std::vector<std::uint32_t> launches;  // that compute it
};

struct plan {
    std::vector<launch> launches;  // in order
    std::vector<chain> chains;     // in order
    std::vector<slot> slots;
    std::vector<stored> results;
    std::vector<std::uint32_t> passed_over;  // held nodes that were needed and not stored
    std::size_t peak_bytes = 0;
    double predicted_seconds = 0;
    std::vector<decision> decisions;  // only where the request asks for them
    std::vector<drawn_value> drawn;
};

/// Whether launches run in chains; pipelined: always, and as pipelines wherever they may.
enum class chaining : std::uint8_t { by_cost, always, never, pipelined };

/// Whether launches run in chains wherever they may, whatever that costs.
[[nodiscard]] constexpr bool is_forced(chaining c) noexcept { return c == chaining::always || c == chaining::pipelined; }

/// What a planner has to know beside the graph.
struct request {
    const machine* target = nullptr;
    int max_threads = 1;
    chaining chains = chaining::by_cost;
    struct node_facts {
        bool sole = false;  // a leaf whose memory may be written
        bool external = false;
        bool borrowed = false;  // a leaf that its owner may write to: no other array may look at it
        bool wanted_before = false;
        bool contiguous = true;
        extents strides;  // of a leaf
        // Of a leaf: which memory, and where in it in bytes. For the cost model only: plans of one signature may be made for other memory.
        std::uintptr_t memory = 0;
        std::uintptr_t address = 0;
    };
    std::vector<node_facts> nodes;      // by captured number
    std::vector<forced_choice> forced;  // of tests
    std::vector<proposal> proposed;
    base::compile_use compiling = base::compile_use::now;
    std::string no_background;          // why no other thread makes code; empty: one may
    bool keep_decisions = false;        // in the plan, with all that was not chosen
};

/// "portable", "jit-avx2" or "jit-avx512".
[[nodiscard]] const char* backend_name(isa set) noexcept;

[[nodiscard]] plan make_plan(const graph::graph& g, const request& r);

}  // namespace sinter::inline v1::detail::plan
