#include "plan/planner.hpp"

#include "base/user_reductions.hpp"

#include <sinter/detail/primitives.hpp>
#include <sinter/detail/reduction_order.hpp>

#include <algorithm>
#include <cstdlib>

namespace sinter::inline v1::detail::plan {

using codegen::kernel_kind;

namespace {

constexpr index_t line = 64;  // bytes of the caches' lines

/// Loops that are shorter are not worth a tile.
constexpr index_t shortest_side = 8;

/// Elements of a row that all rows go through before the next ones, or 0: all of them. Where rows lie in each other's gaps, or read the
/// same, they then come to what is still in the caches.
[[nodiscard]] index_t strip_of(const launch& l, index_t room) {
    if (l.kernel.kind != kernel_kind::map || l.rows <= 1) return 0;
    bool together = false;
    index_t bytes = 0;  // of lines, for one element of a row
    for (const place& p : l.places) {
        const index_t in_line = line / p.bytes;
        together = together || (p.inner != 0 && std::abs(p.row) < std::min(std::abs(p.inner), in_line));
        bytes += std::min(std::abs(p.inner), in_line) * p.bytes;
    }
    if (!together || bytes == 0 || bytes * l.n <= room) return 0;
    constexpr index_t unit = 1024;  // so that streaming stores stay aligned
    return std::max(room / bytes / unit, index_t{1}) * unit;
}

/// Whether AVX-512 code can transpose its turned inputs in registers: they fill whole vectors, and the other operands are read and stored along rows.
[[nodiscard]] bool has_squares(const launch& l) {
    constexpr int vector_bytes = 64;
    if (gathers(l) || l.backend != isa::avx512 || !l.kernel.loop.empty()) return false;
    const int lanes = codegen::lanes_per_step(l.kernel, vector_bytes);
    const std::size_t operands = l.kernel.inputs.size() + l.kernel.outputs.size();
    for (std::size_t i = 0; i < operands; ++i) {
        const place& p = l.places[i];
        if (p.gathers) return false;
        if (p.row == 1 && std::abs(p.inner) > codegen::largest_fixed_stride && !p.counts) {
            if (p.bytes < 4 || p.bytes > 8 || p.bytes * lanes != vector_bytes) return false;
        } else if (p.inner != 1 && (p.inner != 0 || i >= l.kernel.inputs.size())) {
            return false;
        }
    }
    return true;
}

/// Rows by rows that go through registers together where each has one element for each lane.
constexpr index_t square_of_pairs = 4;

/// Whether it is sums of such rows, of which hardly any are left over.
[[nodiscard]] bool has_squares_of_pairs(const launch& l) {
    constexpr index_t many = 16 * square_of_pairs;
    const std::vector<codegen::reduction>& reductions = l.kernel.reductions;
    if (l.backend != isa::avx512 || reductions.size() != 1 || reductions[0].code != op::add::code || l.n != reduction_order::row_lanes(size_of(reductions[0].type))) return false;
    const index_t steps = l.outer.count();
    return steps >= square_of_pairs && (steps % square_of_pairs != 1 || steps >= many) && (l.rows % square_of_pairs == 0 || l.rows >= many);
}

}  // namespace

bool reads_across_only(const launch& l) noexcept {
    for (std::size_t i = 0; i < l.kernel.inputs.size(); ++i) {
        const place& p = l.places[i];
        if ((p.row != 1 || std::abs(p.inner) <= codegen::largest_fixed_stride || p.counts || p.gathers) && (p.row != 0 || p.inner != 0)) return false;
    }
    return true;
}

/// Operands whose neighbours are along the rows go through tiles of long pieces of rows: a reduction takes its whole row or
/// column in one call.
void planner::place_tiles(launch& l) const {
    const std::size_t operands = l.kernel.inputs.size() + l.kernel.outputs.size();
    index_t bytes = 0;
    index_t widest = 1;
    bool strips = l.kernel.kind == kernel_kind::map;
    for (std::size_t i = 0; i < operands; ++i) {
        const place& p = l.places[i];
        if (p.counts || p.gathers || p.row != 1 || std::abs(p.inner) <= codegen::largest_fixed_stride) continue;
        bytes += p.bytes;
        widest = std::max(widest, index_t{p.bytes});
        strips = strips && i < l.kernel.inputs.size();
    }
    const auto l2 = static_cast<index_t>(m_.l2.bytes);
    const index_t rows = l.kernel.kind != kernel_kind::row_reduce && l.block > 0 ? std::min(l.block, l.rows) : l.rows;
    const index_t n = l.kernel.kind == kernel_kind::row_reduce && l.block > 0 ? std::min(l.block, l.n) : l.n;
    if (bytes > 0 && rows >= shortest_side && n >= shortest_side) {
        // Long pieces of the rows that are not turned, as the kernel streams through them; of those that are turned some lines each.
        // A map that only reads turned operands goes through a tile by strips or squares: short pieces, so that they stay in the first cache.
        // Four lines of a row of results are what memory takes at full speed, two at half of it. A square asks for as many lines of the next tile as it has itself, half of
        // them in each of two rows, so tiles have as many of each: measured, of longer runs more lines have left the second cache before they are read.
        const bool squares = strips && has_squares(l);
        const index_t row_bytes = strips ? 256 : 4096, column_bytes = squares ? line / widest * line / 2 : 512;
        const index_t room = l2 / 2 / bytes;  // elements of a tile
        index_t tile_rows = std::min(column_bytes / widest, rows), tile_n = std::min(row_bytes / widest, n);
        if (l.kernel.kind == kernel_kind::row_reduce) {
            tile_n = n;
            tile_rows = std::min(tile_rows, room / n / shortest_side * shortest_side);
        } else if (l.kernel.kind == kernel_kind::column_reduce) {
            tile_rows = rows;
            // Its whole columns: as few at once as fill a line, so that they stay in the first cache.
            tile_n = std::min({tile_n, std::max(line / widest, shortest_side), room / rows / shortest_side * shortest_side});
        } else {
            while (tile_rows * tile_n > room && tile_n > shortest_side) tile_n = std::max(tile_n / 2, shortest_side);
            if (tile_rows * tile_n > room) tile_rows = shortest_side;
        }
        if (tile_rows > 0 && tile_n > 0) {
            l.tile_rows = tile_rows;
            l.tile_n = tile_n;
            l.squares = squares;
            for (std::size_t i = 0; i < operands; ++i) {
                place& p = l.places[i];
                p.turned = !p.counts && !p.gathers && p.row == 1 && std::abs(p.inner) > codegen::largest_fixed_stride;
                l.turns_output = l.turns_output || (p.turned && i >= l.kernel.inputs.size());
            }
            return;
        }
    }
    l.tile_n = strip_of(l, l2 / 8);
}

/// A row reduction whose neighbours are along the rows, as one down columns: element i of a row goes to lane i mod 64 whichever way, and lanes
/// of whole stretches of rows, in the second cache, need no transposition. Memory is then read in long runs. False: it cannot be.
bool planner::spread_over_lanes(launch& l) const {
    constexpr index_t shortest_row = 256, fewest_rows = 64;
    const std::size_t inputs = l.kernel.inputs.size();
    const std::size_t operands = inputs + l.kernel.outputs.size();
    if (gathers(l) || l.kernel.kind != kernel_kind::row_reduce || l.kernel.reductions.empty() || l.block > 0 || l.n < shortest_row || l.rows < fewest_rows || l.places.size() > most_lane_places) return false;
    bool across = false;
    for (std::size_t i = 0; i < l.places.size(); ++i) {
        const place& p = l.places[i];
        if (p.row != 1 && (p.row != 0 || i >= inputs)) return false;
        across = across || (i < operands && !p.counts && p.row == 1 && std::abs(p.inner) > codegen::largest_fixed_stride);
    }
    index_t lanes = 0, bytes = 0;
    for (const codegen::reduction& r : l.kernel.reductions) {
        const auto own = index_t{reduction_order::row_lanes(size_of(r.type))};
        if (r.gives_index() || base::is_user_code(r.code) || r.type == dtype::boolean || (lanes != 0 && own != lanes)) return false;
        lanes = own;
        bytes += static_cast<index_t>(size_of(r.type));
    }
    const index_t columns = static_cast<index_t>(m_.l2.bytes) / 4 / (lanes * bytes) / fewest_rows * fewest_rows;
    if (!across || columns < fewest_rows) return false;
    l.kernel.kind = kernel_kind::column_reduce;
    std::swap(l.rows, l.n);
    for (place& p : l.places) {
        std::swap(p.row, p.inner);
        p.turned = false;
    }
    l.turns_output = l.squares = false;
    l.lanes = lanes;
    l.tile_rows = 0;
    l.tile_n = std::min(columns, l.n);
    return true;
}

/// Every row against every row: several of the outer loops' rows at once, in one pass over those that they share, which stay in the second cache
/// for the next ones. False: they cannot be.
bool planner::take_together(launch& l) const {
    constexpr index_t most_accumulators = 24, vectors_of_row = 4, fewest_rows = 8;
    constexpr std::size_t longest = 24;
    const auto reductions = static_cast<index_t>(l.kernel.reductions.size());
    if (gathers(l) || l.backend == isa::portable || l.kernel.kind != kernel_kind::row_reduce || reductions == 0 || !l.kernel.outputs.empty() || l.block > 0 ||
        l.places.size() > most_lane_places || l.kernel.code.size() > longest) {
        return false;
    }
    index_t shared = 0, own = 0;  // bytes of an element of each row
    for (std::size_t i = 0; i < l.kernel.inputs.size(); ++i) {
        const place& p = l.places[i];
        if (p.inner != 1 && p.inner != 0) return false;
        if (!is_shared(l, p)) {
            own += p.bytes;
        } else if (p.row != 0 && p.inner != 0) {
            shared += p.bytes;
        }
    }
    for (const codegen::reduction& r : l.kernel.reductions) {
        if (r.gives_index() || r.type == dtype::boolean) return false;
    }
    if (shared == 0 || own == 0 || l.rows < fewest_rows) return false;
    const auto room = static_cast<index_t>(m_.l2.bytes) / 2;
    const index_t rows = std::min(l.rows, std::max(fewest_rows, room / std::max(shared * l.n, index_t{1}) / fewest_rows * fewest_rows));
    take_beside(l);
    if (l.beside == 0) {
        index_t together = 4;
        while (together * reductions * vectors_of_row > most_accumulators) together /= 2;
        if (m_.best != isa::avx512 || l.backend != isa::avx512 || together < 2 || l.outer.count() < together) return false;
        l.together = together;
    }
    l.tile_rows = rows;
    return true;
}

/// How many of those steps, and rows of the shared ones, have registers for every pair of them, where short bodies make it worth it: each operand is then loaded
/// once for all of its pairs, and lanes of many pairs are combined at once.
void planner::take_beside(launch& l) const {
    constexpr index_t beside = 2, most_steps = 6;
    constexpr std::size_t longest = 12;          // instructions
    constexpr double fewest_elements = 1 << 18;  // what has less is not worth longer code
    constexpr int computing = 2;                 // registers of a pair's values, while there is one
    const std::vector<codegen::reduction>& reductions = l.kernel.reductions;
    const codegen::reduction& first = reductions[0];
    const auto size = static_cast<int>(size_of(first.type));
    const int vector_bytes = l.backend == isa::avx512 ? 64 : 32, registers = l.backend == isa::avx512 ? 32 : 16;
    const double elements = static_cast<double>(l.outer.count()) * static_cast<double>(l.rows) * static_cast<double>(l.n);
    // An odd row is a call for each few steps.
    constexpr index_t worth_a_call = 4096;  // elements
    if (l.rows % beside != 0 && l.rows * l.n < worth_a_call) return;
    if (elements < fewest_elements || size < 4 || size * codegen::lanes_per_step(l.kernel, vector_bytes) != vector_bytes || base::is_user_code(first.code)) return;
    std::size_t own = 0, shared = 0, same = 0;
    for (std::size_t i = 0; i < l.kernel.inputs.size(); ++i) {
        const place& p = l.places[i];
        if (!is_shared(l, p)) {
            if (p.row != 0) return;
            ++own;
        } else {
            ++(p.row != 0 ? shared : same);
        }
    }
    std::size_t instructions = 0;
    for (const codegen::instruction& i : l.kernel.code) {
        if (i.code >= base::operation_codes) continue;
        const dtype operand = l.kernel.code[base::operation_of(i.code).rule == type_rule::select ? i.b : i.a].type;
        instructions += instructions_of(m_, i.code, operand);
    }
    if (instructions > longest) return;
    for (std::size_t r = 0; r < reductions.size(); ++r) {
        if (reductions[r].code != first.code || reductions[r].type != first.type || l.places[l.kernel.inputs.size() + r].row != 1) return;
    }
    const auto parts = static_cast<index_t>(reductions.size());
    // Two vectors of each pair at a time, or one where there are few registers. More steps than rows: those stay in the first cache.
    const index_t vectors = l.backend == isa::avx512 ? 2 : 1;
    const index_t room = registers - 1 - computing - beside * static_cast<index_t>(shared) - static_cast<index_t>(own + same);
    const index_t most = std::min(most_steps, room / (vectors * beside * parts));
    const auto operands_of = [&](index_t steps, index_t rows) {
        return steps * static_cast<index_t>(own) + rows * static_cast<index_t>(shared) + static_cast<index_t>(same) + steps * rows * parts;
    };
    // Of rows with one element for each lane a pair has its registers only while they are added up, so there is room for as many pairs as make a vector of results.
    // What takes long to compute gains nothing: measured, 11 instructions lose a tenth, 8 still gain one.
    constexpr std::size_t longest_of_square = 8;
    if (instructions <= longest_of_square && has_squares_of_pairs(l) && operands_of(square_of_pairs, square_of_pairs) <= static_cast<index_t>(most_operands_together)) {
        l.together = l.beside = square_of_pairs;
        return;
    }
    // Half of the lines in each of two passes: rows that are out of line take more lines then, which counts where they come from the second cache; and fewer steps
    // may stay in the first.
    index_t bytes = 0;
    for (std::size_t i = 0; i < l.kernel.inputs.size(); ++i) bytes = std::max(bytes, l.n * l.places[i].bytes);
    const auto stay = [&](index_t steps) { return static_cast<double>((steps + beside) * bytes) <= 0.85 * static_cast<double>(m_.l1.bytes); };
    if (!stay(most) && bytes % 64 != 0) return;
    index_t fewer = most;
    while (fewer > 2 && !stay(fewer)) --fewer;
    const index_t largest = stay(fewer) ? fewer : most;
    // A step that is left over goes by itself, which takes some times as long; several take as long as a whole number of them.
    constexpr index_t slower = 3;
    const auto left_over = [&](index_t steps) {
        const index_t left = l.outer.count() % steps;
        return left > 1 ? steps : left * slower;
    };
    for (index_t steps = largest; steps >= std::max(largest - 2, index_t{2}); --steps) {
        if (operands_of(steps, beside) > static_cast<index_t>(most_operands_together) || l.outer.count() < steps) continue;
        if (l.beside == 0 || left_over(steps) + l.outer.count() / 100 < left_over(l.together)) {
            l.together = steps;
            l.beside = beside;
        }
    }
}

/// Columns as many as a row is long: registers have room for a piece of each row, and pieces are what memory is slow at. Where it has to be waited for, what the columns
/// have come to is better kept in the first cache.
void planner::take_rows_at_once(launch& l) {
    constexpr index_t shortest_row = 512;
    constexpr std::size_t longest = 12, most_inputs = 2, most_reductions = 2;
    const index_t rows = rows_with_pointers(l.kernel.inputs.size() + l.kernel.reductions.size());
    if (l.backend == isa::portable || l.kernel.kind != kernel_kind::column_reduce || !l.kernel.outputs.empty() || l.kernel.inputs.size() > most_inputs ||
        l.kernel.reductions.size() > most_reductions || l.kernel.code.size() > longest ||
        l.n < shortest_row || l.rows < 4 * rows || l.writes_in_place || l.lanes > 0 || l.together > 0 || l.sums_columns || l.tile_rows > 0 || l.tile_n > 0 || l.shared_rows > 0 || gathers(l)) {
        return;
    }
    const std::size_t inputs = l.kernel.inputs.size();
    bool long_runs = false;
    for (std::size_t i = 0; i < l.places.size(); ++i) {
        const place& p = l.places[i];
        if (p.counts || p.parts != 1 || (i < inputs && l.kernel.inputs[i].imag != 0) || (p.inner != 1 && (p.inner != 0 || i >= inputs))) return;
        long_runs = long_runs || (i < inputs && p.inner == 1 && p.row != 0);
    }
    for (const codegen::reduction& r : l.kernel.reductions) {
        if (r.gives_index() || base::is_user_code(r.code) || r.type == dtype::boolean) return;
    }
    // Code of that many rows has to stay in its cache, and arithmetic gains nothing.
    constexpr double longest_code = 160;
    if (!long_runs || l.does.footprint <= 2 * static_cast<double>(m_.l2.bytes) || static_cast<double>(rows) * l.does.length > longest_code) return;
    work through = l.does;
    for (work::flow& f : through.flows) f.across = false;
    if (!choose(m_, through, l.most_threads, false).memory_bound()) return;
    const auto seconds = [&](const work& w) { return choose(m_, w, l.most_threads, false).seconds; };
    std::vector<option> ways;
    ways.push_back({.key = 0, .name = "piece by piece of the rows", .seconds = seconds(l.does), .refused = {}});
    ways.push_back({.key = static_cast<std::uint64_t>(rows), .name = std::to_string(rows) + " rows at once", .seconds = seconds(through), .refused = {}});
    // Of a machine that was not measured it is not known how much slower columns are.
    const std::size_t wanted = ways[1].seconds <= ways[0].seconds ? 1 : 0;
    if (decide(decision_kind::tile, l.about, std::move(ways), wanted) == 0) return;
    l.at_once = rows;
    l.does = std::move(through);
}

bool may_scan_in_steps(const launch& l) noexcept {
    const codegen::kernel& k = l.kernel;
    const bool scans = k.outputs.size() == 1 && k.outputs[0].accumulates() && k.outputs[0].inner == codegen::access::unit;
    return scans && l.tile_rows == 0 && l.tile_n == 0 && !gathers(l) && k.loop.empty() && std::none_of(l.places.begin(), l.places.end(), [](const place& p) { return p.turned; });
}

/// A scan whose values a kernel of their own computes; also by machine code, of which there is none for scans.
void planner::scan_in_steps(launch& l) const {
    constexpr index_t shortest_row = 256, shortest_column = 16;
    constexpr std::size_t longest = 24, most_inputs = 7, few_inputs = 2;
    const codegen::kernel& k = l.kernel;
    if (!may_scan_in_steps(l) || l.n < (k.kind == kernel_kind::row_reduce ? shortest_row : shortest_column)) return;
    if (k.kind == kernel_kind::row_reduce) {
        l.scan_rows = 1;
    } else {
        if (k.inputs.size() > most_inputs) return;
        for (std::size_t i = 0; i < k.inputs.size(); ++i) {
            if (l.places[i].counts || l.places[i].parts != 1 || k.inputs[i].imag != 0) return;
        }
        // Measured: fewer rows at once take longer, though not all pointers of four have registers.
        l.scan_rows = k.inputs.size() > few_inputs || k.code.size() > longest ? 1 : 4;
        l.scan_strip = 16 << 10;
        for (work::flow& f : l.does.flows) f.across = false;
        if (l.split == split_dim::inner) l.most_threads = static_cast<int>(std::clamp<index_t>(l.n / inner_unit(l), 1, r_.max_threads));
    }
    l.backend = m_.best;
}

/// Down columns of what memory has: whole rows, as the second cache is near enough for their sums. Measured on Zen 5, one thread of 8192 x 4096 floats: four rows at once
/// reach 0.7 of a copy if nothing is asked for, 0.87 with 2 KiB, one row 0.96 with 8 KiB, as it goes on in the next row. Of rows of 64 KiB, or of parts of rows, which end
/// too soon for that, four at once are better.
void planner::scan_beyond_caches(launch& l) const {
    constexpr index_t long_row = 64 << 10;
    constexpr std::uint16_t ahead_of_several = 2048;
    const auto goes_on = [&](const place& p) { return p.row == 0 || p.row == l.n; };
    const index_t row = (l.n * l.places.back().bytes + line - 1) / line * line;
    const bool parts = (l.threads > 1 && l.split == split_dim::inner) || !std::all_of(l.places.begin(), l.places.end(), goes_on);
    if (!parts && row < long_row) {
        l.scan_rows = 1;
    } else {
        l.kernel.asks_ahead = std::min(l.kernel.asks_ahead, ahead_of_several);
    }
    l.scan_strip = std::clamp(row, l.scan_strip, std::max(l.scan_strip, static_cast<index_t>(m_.l2.bytes) / 2));
}

/// Few columns are few vectors, and each row waits until the one before it has been added: blocks, which do not wait for each other, side by side.
void planner::take_blocks_together(launch& l) const {
    constexpr index_t most_together = 8;
    constexpr std::size_t longest = 24;
    // From more vectors on, those of one row are side by side.
    const index_t most_vectors = m_.best == isa::avx512 ? 8 : 3;
    const bool suits = l.backend != isa::portable && l.kernel.kind == kernel_kind::column_reduce && l.kernel.outputs.empty() && l.block > 0 &&
                       l.n <= most_vectors * codegen::lanes_per_step(l.kernel, m_.vector_bytes) &&
                       l.lanes == 0 && l.together == 0 && l.at_once == 0 && !l.sums_columns && l.tile_rows == 0 && l.tile_n == 0 && !gathers(l) && l.kernel.code.size() <= longest;
    if (!suits) return;
    index_t shared = 0, own = 0;
    for (std::size_t i = 0; i < l.kernel.inputs.size(); ++i) {
        const place& p = l.places[i];
        if ((p.inner != 1 && p.inner != 0) || l.kernel.inputs[i].imag != 0 || p.parts != 1) return;
        ++(is_shared(l, p) ? shared : own);
    }
    for (const codegen::reduction& r : l.kernel.reductions) {
        if (r.gives_index() || r.type == dtype::boolean) return;
    }
    const auto reductions = static_cast<index_t>(l.kernel.reductions.size());
    // Pointers, and accumulators, have registers.
    index_t together = most_together;
    while (together * std::max(own, reductions) > most_together) together /= 2;
    if (together < 2 || own == 0 || l.blocks < 2 * together || static_cast<std::size_t>((own + reductions) * together + shared) > 4 * most_lane_places) return;
    l.together = together;
    // Loads that are longer than a row needs go over the ends of cache lines, and take twice as long there.
    constexpr int narrow = 32;
    const bool fills = std::all_of(l.kernel.inputs.begin(), l.kernel.inputs.end(), [](const codegen::input& i) { return size_of(i.type) >= 4; });
    if (l.backend == isa::avx512 && fills && l.n <= codegen::lanes_per_step(l.kernel, narrow)) l.backend = isa::avx2;
}

/// Sums of columns that lie along memory, of nothing but an input. False: it is something else.
bool planner::sum_columns(launch& l) const {
    constexpr index_t fewest = 16;
    if (l.backend != isa::avx512 || l.kernel.kind != kernel_kind::column_reduce || l.kernel.code.size() != 1 || l.kernel.reductions.size() != 1 ||
        !l.kernel.outputs.empty()) {
        return false;
    }
    const codegen::reduction& r = l.kernel.reductions[0];
    const place& from = l.places[0];
    const place& to = l.places[1];
    if (r.code != op::add::code || r.adds_products() || (r.type != dtype::f32 && r.type != dtype::f64) || from.row != 1 || std::abs(from.inner) <= codegen::largest_fixed_stride ||
        to.inner != 1 || l.n < fewest || l.rows < fewest) {
        return false;
    }
    l.sums_columns = true;
    return true;
}

/// The same, and other sizes of tiles besides.
void planner::choose_tiles(launch& l) {
    if (take_together(l) || sum_columns(l)) return;
    launch spread = l;
    const bool spreads = spread_over_lanes(spread);
    place_tiles(l);
    const auto quicker = [&] {
        launch lanes = spread, tiles = l;
        return priced(lanes) <= priced(tiles);
    };
    if (spreads && !log_.asks() && quicker()) {
        l = std::move(spread);
        return;
    }
    if (!log_.asks() || (l.tile_rows == 0 && l.tile_n == 0)) return;
    constexpr std::uint64_t by_lanes = 1;  // no tile has so few columns
    const auto key_of = [](index_t rows, index_t n) { return static_cast<std::uint64_t>(rows) << 32U | static_cast<std::uint64_t>(n); };
    const auto tiled = [&](std::uint64_t key) {
        if (key == by_lanes) return spread;
        launch t = l;
        t.tile_rows = static_cast<index_t>(key >> 32U);
        t.tile_n = static_cast<index_t>(key & 0xffffffffU);
        if (key == 0) {
            for (place& p : t.places) p.turned = false;
            t.turns_output = t.squares = false;
        }
        return t;
    };
    std::vector<option> ways;
    const auto add = [&](index_t rows, index_t n) {
        const std::uint64_t key = key_of(rows, n);
        if (std::any_of(ways.begin(), ways.end(), [&](const option& o) { return o.key == key; })) return;
        launch t = tiled(key);
        std::string name = key == 0 ? "no tiles" : rows == 0 ? "strips of " + std::to_string(n) : "tiles of " + std::to_string(rows) + " x " + std::to_string(n);
        ways.push_back({.key = key, .name = std::move(name), .seconds = priced(t), .refused = {}});
    };
    add(l.tile_rows, l.tile_n);
    add(0, 0);
    // A reduction has its whole row or column in each tile.
    const bool rows_free = l.tile_rows > 0 && l.kernel.kind != kernel_kind::column_reduce;
    const bool n_free = l.kernel.kind != kernel_kind::row_reduce;
    const auto half = [](index_t x) { return x / 2 >= shortest_side ? x / 2 / shortest_side * shortest_side : x; };
    const auto scaled = [&](bool more, bool free, index_t x, index_t all) { return !free ? x : more ? std::max(std::min(2 * x, all), x) : half(x); };
    for (const bool more : {false, true}) {
        add(scaled(more, rows_free, l.tile_rows, l.rows), scaled(more, n_free, l.tile_n, l.n));
    }
    std::size_t wanted = 0;
    if (spreads) {
        launch lanes = spread;
        ways.push_back({.key = by_lanes, .name = "lanes in memory for " + std::to_string(spread.tile_n) + " rows", .seconds = priced(lanes), .refused = {}});
        if (ways.back().seconds <= ways[0].seconds) wanted = ways.size() - 1;
    }
    l = tiled(ways[decide(decision_kind::tile, l.about, ways, wanted)].key);
}

}  // namespace sinter::inline v1::detail::plan
