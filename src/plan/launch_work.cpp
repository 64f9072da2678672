#include "base/operation_table.hpp"
#include "plan/planner.hpp"

#include <sinter/detail/primitives.hpp>
#include <sinter/detail/reduction_order.hpp>

#include <algorithm>
#include <cmath>

// What a launch does, for the cost model.

namespace sinter::inline v1::detail::plan {

using codegen::kernel_kind;
using graph::value;

namespace {

/// Cycles of a vector on its way through a tile: loads, permutations, stores, and lines that come from afar. What does not fill a square goes element
/// by element. Measured with 1024 x 1024 floats, and with ten columns.
[[nodiscard]] double turning_cycles(const launch& l, index_t bytes, double lanes) {
    constexpr double tile = 10, in_registers = 6, element = 2.5;
    const double square = l.squares ? in_registers : tile;
    const index_t side = bytes == 4 ? 16 : 8;
    const auto whole = [&](index_t x) { return static_cast<double>(x / side * side) / static_cast<double>(std::max<index_t>(x, 1)); };
    const double inside = whole(std::min(l.tile_rows, l.rows)) * whole(std::min(l.tile_n, l.n));
    return inside * square + (1 - inside) * element * lanes;
}

}  // namespace

namespace {

/// Elements that a thread takes of a scan along rows at a time, or 0 where its threads can only have whole rows: some thousand, which stay in its second cache
/// until what comes before them is known.
[[nodiscard]] index_t scan_block_of(const launch& l) {
    constexpr index_t bytes = 64 << 10;
    if (l.kernel.kind != kernel_kind::row_reduce || !may_scan_in_steps(l)) return 0;
    static_assert(bytes / 8 % reduction_order::scan_piece == 0);
    return bytes / l.places.back().bytes;
}

/// Whether an input is a part of complex numbers whose other part is an input, too.
[[nodiscard]] bool is_paired(const codegen::kernel& k, std::size_t input) {
    return k.inputs[input].imag != 0 || std::any_of(k.inputs.begin(), k.inputs.end(), [&](const codegen::input& i) { return i.imag == input + 1; });
}

}  // namespace

/// Lines of the caches that a vector of neighbours lies in, on average: two where it is as long as a line and begins within one.
double planner::lines_touched(const launch& l, const place& p) const {
    constexpr index_t line = 64;
    index_t apart = p.offset * p.bytes;
    if (p.leaf) apart += static_cast<index_t>(r_.nodes[p.index].address % line);
    bool within = apart % line != 0;
    within = within || (l.rows > 1 && !p.turned && p.row * p.bytes % line != 0);
    for (std::size_t d = 0; d < l.outer.size(); ++d) within = within || (l.outer[d] > 1 && p.outer[d] * p.bytes % line != 0);
    return within ? 1 + static_cast<double>(m_.vector_bytes) / line : 1;
}

/// Where the steps of the outer loops read the same again, and more than the second cache keeps from one to the next, they go through pieces of it together.
void planner::share_steps(launch& l) const {
    l.shared_rows = l.shared_n = 0;
    if (l.outer.count() <= 1 || l.together > 0 || l.sums_columns || l.lanes > 0 || l.tile_rows > 0 || l.tile_n > 0 || gathers(l)) return;
    const bool by_rows = l.kernel.kind == kernel_kind::row_reduce, by_columns = l.kernel.kind == kernel_kind::column_reduce;
    // Bytes of one row of a block, and of all rows.
    const index_t rows = by_columns && l.block > 0 ? std::min(l.block, l.rows) : l.rows, n = by_rows && l.block > 0 ? std::min(l.block, l.n) : l.n;
    double shared = 0, all = 0, row = 0;
    for (std::size_t i = 0; i < l.kernel.inputs.size() + l.kernel.outputs.size(); ++i) {
        const place& p = l.places[i];
        if (p.counts) continue;
        const double of_row = static_cast<double>(p.bytes) * (p.inner != 0 ? static_cast<double>(n) : 1.0);
        const double of_all = of_row * (p.row != 0 ? static_cast<double>(rows) : 1.0) * static_cast<double>(l.block_step[i] != 0 ? l.blocks : 1);
        bool again = false;
        for (std::size_t d = 0; d < l.outer.size(); ++d) again = again || (l.outer[d] > 1 && p.outer[d] == 0);
        row += of_row;
        all += of_all;
        shared += again ? of_all : 0;
    }
    const double room = static_cast<double>(m_.l2.bytes) / 2;
    if (4 * shared < all || shared < room) return;
    constexpr index_t unit = 1024;  // so that streaming stores stay aligned
    l.shared_rows = by_columns ? l.rows : std::clamp(static_cast<index_t>(room / std::max(row, 1.0)), index_t{1}, l.rows);
    l.shared_n = by_rows || row <= room ? l.n : std::max(static_cast<index_t>(room / row * static_cast<double>(n)) / unit * unit, unit);
}

/// Whether all that a launch stores is aligned for stores that go past the caches.
bool planner::aligned_stores(const launch& l) const {
    const std::size_t n_in = l.kernel.inputs.size();
    for (std::size_t i = n_in; i < n_in + l.kernel.outputs.size(); ++i) {
        const place& p = l.places[i];
        const auto aligned = [&](index_t elements) { return elements * p.bytes % 64 == 0; };
        const codegen::output& o = l.kernel.outputs[i - n_in];
        if (i > n_in && codegen::is_pair(l.kernel.outputs[i - n_in - 1])) continue;  // as the real parts
        if (p.turned || (o.inner != codegen::access::unit && !codegen::is_pair(o)) || (l.rows > 1 && !aligned(p.row)) || !aligned(p.offset)) return false;
        for (std::size_t d = 0; d < l.outer.size(); ++d) {
            if (!aligned(p.outer[d])) return false;
        }
        if (!aligned(l.block_step[i])) return false;
        // What is written in place has just been read: its lines are in the caches.
        if (p_.slots[p.index].from == slot::source::donated) return false;
    }
    return !l.kernel.outputs.empty();
}

// Measured: reading alone, one input and one output gain, two and one a little, three and one lose a twentieth.
bool reads_on(const launch& l) {
    const bool scans = scans_columns(l);
    const index_t far = scans ? 4 * 1024 : 16 * 1024;  // bytes
    constexpr index_t shortest_scanned = 256;
    if ((l.kernel.kind == codegen::kernel_kind::column_reduce && !scans) || l.tile_rows > 0 || l.tile_n > 0 || l.lanes > 0 || l.together > 0) return false;
    int streams = 0;
    for (std::size_t i = 0; i < l.kernel.inputs.size(); ++i) {
        const place& p = l.places[i];
        if (l.kernel.inputs[i].inner != codegen::access::unit || p.counts) continue;
        if (l.rows == 1 || p.row != 0) ++streams;
        if (scans && l.n * p.bytes < shortest_scanned) return false;
        if (l.rows > 1 && p.row != 0 && p.row != l.n && l.n * p.bytes < far) return false;
        if (!l.outer.empty() && l.rows * l.n * p.bytes < far) return false;
    }
    return l.kernel.kind == codegen::kernel_kind::row_reduce || streams <= 2;
}

bool planner::goes_on(const launch& l) const {
    const double steps = l.does.length + static_cast<double>(l.kernel.outputs.size());
    return m_.best == isa::avx512 && codegen::may_go_on(l.kernel) && steps >= codegen::fewest_going_on && steps <= codegen::most_going_on;
}

/// What the launch does, and how it may be run.
void planner::estimate_work(launch& l) const {
    work& w = l.does;
    w.squares = l.squares;
    w.beside_rows = !reads_across_only(l);
    const bool adds_bytes = m_.best != isa::portable && codegen::bytes_summed_by(l.kernel) != codegen::byte_sum::none;
    w.lanes = adds_bytes ? m_.vector_bytes : codegen::lanes_per_step(l.kernel, m_.vector_bytes);
    const double total = static_cast<double>(l.outer.count()) * static_cast<double>(l.rows) * static_cast<double>(l.n);
    w.elements = total;
    const double all_rows = static_cast<double>(l.outer.count()) * static_cast<double>(l.rows) * (l.kernel.kind == kernel_kind::row_reduce ? static_cast<double>(l.blocks) : 1.0);
    // Blocks are long.
    const double vectors = std::ceil(static_cast<double>(l.n) / w.lanes);
    w.steps = l.kernel.kind == kernel_kind::row_reduce && l.block > 0 ? total / w.lanes : std::max(total / w.lanes, all_rows * vectors);
    w.side_by_side = l.beside > 0;
    w.row_cycles = all_rows * row_cycles(l.kernel.kind, l.kernel.reductions.size(), vectors);
    if (w.side_by_side) {
        const auto lanes = static_cast<double>(reduction_order::row_lanes(size_of(l.kernel.reductions[0].type)));
        w.row_cycles = all_rows * pair_cycles(m_, l.kernel.reductions.size(), lanes, lanes / w.lanes, static_cast<double>(l.n));
    }
    if (l.kernel.kind == kernel_kind::row_reduce && !l.kernel.outputs.empty() && l.kernel.outputs[0].accumulates()) {
        // Measured: a vector of results, transposed there and back, and one by one.
        constexpr double of_vector = 4, one_by_one = 0.4;
        w.row_cycles += total * (m_.best == isa::avx512 ? of_vector * static_cast<double>(size_of(l.kernel.outputs[0].type)) / 64 : one_by_one);
    }
    std::vector<double> ready;  // cycles from a step's begin, by value
    std::vector<char> varies;   // not made of numbers alone, which are there before the loops
    std::vector<char> along;    // different from one element of a row to the next
    // Code computes the others where a row begins.
    const bool has_rows = l.kernel.kind != kernel_kind::column_reduce && l.kernel.loop.empty() && l.beside == 0 && l.lanes == 0 && l.tile_n == 0 && !l.sums_columns;
    work row;
    for (const codegen::instruction& i : l.kernel.code) {
        const int operands = codegen::operands_of(i);
        const std::uint16_t of[] = {i.a, i.b, i.c};
        const bool gathers = i.code == codegen::code_gather;
        varies.push_back(gathers || (i.code != codegen::code_param && i.code != codegen::code_constant && operands == 0));
        along.push_back(i.code == codegen::code_load && l.places[i.a].inner != 0);
        for (int a = 0; a < operands; ++a) {
            varies.back() = varies.back() || varies[of[a]];
            along.back() = along.back() || along[of[a]];
        }
        if (i.code == codegen::code_state) along.back() = 1;
        if (varies.back() == 0) {
            ready.push_back(0);
            continue;
        }
        double begin = 0;
        if (i.code < base::operation_codes && has_rows && along.back() == 0) {
            const codegen::instruction& first = l.kernel.code[base::operation_of(i.code).rule == type_rule::select ? i.b : i.a];
            add_operation(row, m_, i.code, first.type, 1);
            ready.push_back(0);
            continue;
        }
        if (i.code < base::operation_codes) {
            const base::operation_info& info = base::operation_of(i.code);
            for (int a = 0; a < info.arity; ++a) begin = std::max(begin, ready[of[a]]);
            const dtype operand = l.kernel.code[info.rule == type_rule::select ? i.b : i.a].type;
            begin += latency_of(m_, i.code, operand);
            w.length += static_cast<double>(instructions_of(m_, i.code, operand));
            w.rare += static_cast<double>(cost_of(m_, i.code, operand).rare);
        }
        ready.push_back(begin);
        w.path = std::max(w.path, begin);
        const double registers = std::max(1.0, static_cast<double>(size_of(i.type)) * w.lanes / m_.vector_bytes);
        if (gathers) {
            const place& p = l.places[i.bits];
            if (along[i.a] != 0) {
                w.loads += 2.0 * w.lanes;
                w.cycles += gather_cycles * w.lanes;
            } else {
                w.loads += registers * pieces(p.inner, w.lanes) * (p.inner == 1 ? 1 + static_cast<double>(m_.vector_bytes) / 64 : 1.0);
                w.instructions += 3;
            }
            along.back() = along.back() || p.inner != 0;
        } else if (i.code == codegen::code_load && l.places[i.a].counts) {
            const bool steps = l.places[i.a].inner != 0 && std::abs(l.places[i.a].inner) != 1;
            w.instructions += registers * (steps ? 2.0 * w.lanes : 2.0);
        } else if (i.code == codegen::code_load) {
            const index_t stride = l.places[i.a].turned || l.sums_columns ? 1 : l.places[i.a].inner;
            // Both parts of complex numbers come from the same vectors, each by a permutation.
            const bool paired = stride == 2 && is_paired(l.kernel, i.a);
            const double parts = paired ? 1 : pieces(stride, w.lanes);
            if (paired) w.instructions += registers;
            const bool own = !is_shared(l, l.places[i.a]);
            const double steps_a_load = static_cast<double>(std::max(own ? l.beside : l.together, index_t{1}));
            w.loads += registers * parts / steps_a_load * (stride == 1 ? lines_touched(l, l.places[i.a]) : 1.0);
            // Permutations, in registers.
            if (l.sums_columns) w.cycles += 3.5;
            if (l.places[i.a].turned) w.cycles += registers * turning_cycles(l, l.places[i.a].bytes, w.lanes);
            w.instructions += stride < 0 ? registers * parts : registers * (parts - 1);
        } else if (i.code < base::operation_codes) {
            const codegen::instruction& first = l.kernel.code[base::operation_of(i.code).rule == type_rule::select ? i.b : i.a];
            add_operation(w, m_, i.code, first.type, registers);
        }
    }
    if (goes_on(l)) w.path *= waiting_of_several;
    if (computes(row)) w.row_cycles += all_rows * step_cycles(m_, row);
    if (!l.kernel.loop.empty()) {
        const value& loop = g_.values[g_.values[l.about].args[0].value];
        add_loop(w, m_, loop.bits, limit_of(loop), w.lanes);
    }
    // Along a row a scan goes element by element, but where there are squares of vectors.
    constexpr double by_squares = 6;
    const bool squares = m_.best == isa::avx512;
    if (l.kernel.kind == kernel_kind::row_reduce && l.kernel.reductions.empty()) w.cycles += squares ? by_squares : w.lanes;
    for (const codegen::reduction& r : l.kernel.reductions) {
        // An index has the extreme value with it.
        const auto gives_its_index = [&](const codegen::reduction& x) { return x.gives_index() && x.code == r.code && x.value == r.value; };
        if (!r.gives_index() && std::any_of(l.kernel.reductions.begin(), l.kernel.reductions.end(), gives_its_index)) continue;
        add_operation(w, m_, r.adds_products() ? op::fma::code : r.code, r.type, std::max(1.0, static_cast<double>(size_of(r.type)) * w.lanes / m_.vector_bytes));
    }
    if (adds_bytes) {
        w.cycles = 0;
        w.instructions = 3;
        w.loads = 1;
    }
    // Each memory once, however many maps look at it: neighbours come from the caches.
    struct memory {
        std::uint64_t what;
        double bytes;
        index_t low, high;
        std::size_t flow;
    };
    std::vector<memory> seen;
    const std::size_t n_in = l.kernel.inputs.size();
    const std::size_t n_out = l.kernel.outputs.size();
    for (std::size_t i = 0; i < l.places.size(); ++i) {
        const place& p = l.places[i];
        if (p.counts) continue;
        double count = 1;
        for (std::size_t d = 0; d < l.outer.size(); ++d) count *= p.outer[d] != 0 ? static_cast<double>(l.outer[d]) : 1.0;
        if (p.row != 0) count *= static_cast<double>(l.rows);
        const bool reduction = i >= n_in + n_out;
        if (p.inner != 0 && !(reduction && l.kernel.kind == kernel_kind::row_reduce)) count *= static_cast<double>(l.n);
        if (reduction) count *= static_cast<double>(l.blocks);
        const dtype t = i < n_in           ? l.kernel.inputs[i].type
                        : i < n_in + n_out ? l.kernel.outputs[i - n_in].type
                                           : l.kernel.reductions[i - n_in - n_out].result_type();
        // An element takes the gap after it along, up to a line of the caches, unless its neighbours are there.
        const auto size = static_cast<index_t>(size_of(t));
        index_t apart = 64 / size;
        index_t low = p.offset * size;
        index_t high = low + size;
        const auto neighbours = [&](index_t stride, index_t extent) {
            if (stride != 0 && extent > 1) apart = std::min(apart, std::abs(stride));
            (stride < 0 ? low : high) += stride * (extent - 1) * size;
        };
        const auto lies_across = [&](const place& at) { return !at.gathers && l.kernel.kind == codegen::kernel_kind::map && at.row == 1 && std::abs(at.inner) > codegen::largest_fixed_stride; };
        neighbours(p.inner, l.n);
        neighbours(p.row, l.rows);
        for (std::size_t d = 0; d < l.outer.size(); ++d) neighbours(p.outer[d], l.outer[d]);
        const bool real = i >= n_in && i < n_in + n_out && l.kernel.outputs[i - n_in].paired, imag = i > n_in && i < n_in + n_out && l.kernel.outputs[i - n_in - 1].paired;
        if (p.gathers) {
            // Rows as long as the loop runs along them; single elements take a line each, as long as there are others.
            const index_t run = std::abs(p.inner) == 1 ? l.n : 1;
            apart = run >= 64 / size ? 1 : 64 / size;
            count = total;
            low = 0;
            high = index_t{1} << 40;
        }
        double bytes = count * static_cast<double>(size) * std::max(static_cast<double>(count > 1 ? apart : 1), real ? 2.0 : 1.0);
        if (p.gathers) bytes = std::min(bytes, p.most_bytes);
        const auto number = static_cast<std::uint32_t>(i);
        if (i >= n_in) {
            if ((real || imag) && p.inner == 2) {
                w.stores += 1;
                w.instructions += 1;
            }
            if (imag) continue;  // in the lines of the real parts
            w.bytes_written += bytes;
            w.flows.push_back({.bytes = bytes, .written = true, .turned = l.squares || lies_across(p), .place = number});
            if (real && p.inner == 2) continue;
            const double parts = i < n_in + n_out ? p.turned ? 1 : pieces(p.inner, w.lanes) : 0;
            w.stores += i < n_in + n_out && !p.turned ? strided_stores(p.inner, w.lanes) * (p.inner == 1 ? lines_touched(l, p) : 1.0) : parts;
            w.instructions += p.inner < 0 || parts > 1 ? parts : 0;
            if (p.turned) w.cycles += turning_cycles(l, p.bytes, w.lanes);
            continue;
        }
        std::uint64_t what = p.index;
        if (p.leaf) {
            const request::node_facts& leaf = r_.nodes[p.index];
            what = leaf.memory != 0 ? leaf.memory : std::uint64_t{1} << 62U | p.index;
            low += static_cast<index_t>(leaf.address);
            high += static_cast<index_t>(leaf.address);
        }
        const auto known = std::find_if(seen.begin(), seen.end(), [&](const memory& m) { return m.what == what; });
        if (known == seen.end()) {
            seen.push_back({what, bytes, low, high, w.flows.size()});
            w.flows.push_back({.bytes = bytes, .across = l.kernel.kind == kernel_kind::column_reduce && p.row != 0 && l.lanes == 0 && !l.sums_columns, .turned = p.turned || lies_across(p), .place = number});
        } else {
            // Not more than there is from the first element to the last.
            known->low = std::min(known->low, low);
            known->high = std::max(known->high, high);
            known->bytes = std::min(known->bytes + bytes, static_cast<double>(known->high - known->low));
            w.flows[known->flow].bytes = known->bytes;
            w.flows[known->flow].turned = w.flows[known->flow].turned || p.turned || lies_across(p);
        }
    }
    for (const memory& e : seen) w.bytes_read += e.bytes;
    w.footprint = w.bytes_read + w.bytes_written;
    for (work::flow& f : w.flows) f.distance = w.footprint;

    l.may_stream = aligned_stores(l);
    share_steps(l);
    // What the threads can share, in pieces worth the trouble.
    const index_t around = l.outer.count() * l.blocks;
    const bool rows_free = l.kernel.kind != kernel_kind::column_reduce;
    const bool inner_free = l.kernel.kind != kernel_kind::row_reduce;
    index_t pieces = 1;
    l.scan_block = 0;
    // Measured: a block's pieces go through the second cache, and memory waits a little meanwhile.
    constexpr double pieces_apart = 1.1;
    if (const index_t block = scan_block_of(l); block > 0 && l.n >= 4 * block && around * l.rows < 8 * r_.max_threads && r_.max_threads > 1) {
        l.split = split_dim::inner;
        l.scan_block = block;
        w.in_turns = pieces_apart;
        pieces = around * l.rows * (l.n / block);
    } else if (l.sums_columns && l.n >= 2 * inner_unit(l) * r_.max_threads) {
        // Columns that lie along memory: each thread has a piece of memory to itself.
        l.split = split_dim::inner;
        pieces = l.n / inner_unit(l);
    } else if (around >= 2 * r_.max_threads || (around > 1 && !(rows_free && l.rows >= around) && !(inner_free && l.n >= 4096))) {
        l.split = split_dim::outer;
        pieces = around;
    } else if (rows_free && l.rows > 1 && (l.rows >= 8 * r_.max_threads || !inner_free || l.n < 4096)) {
        l.split = split_dim::rows;
        pieces = l.rows;
    } else if (inner_free) {
        l.split = split_dim::inner;
        pieces = l.n / inner_unit(l);
    }
    l.most_threads = static_cast<int>(std::clamp<index_t>(pieces, 1, r_.max_threads));
}

}  // namespace sinter::inline v1::detail::plan
