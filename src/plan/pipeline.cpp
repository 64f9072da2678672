#include "plan/chain_maker.hpp"

#include <sinter/detail/reduction_order.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

// Launches of a chain side by side: while the last one stores a row, the one before computes on the next row, and so on up to the first, which reads rows that come
// from memory. So memory always has something to do. One launch after the other, it rests as soon as a launch that does not store takes longer than the processor looks ahead.

namespace sinter::inline v1::detail::plan {

using codegen::kernel_kind;

namespace {

/// Of the shorter one of computing and moving, what shows. Measured with norms and softmax of 4096 x 1024 floats on Granite Rapids, by hand, one thread and two: 0 to 0.05.
constexpr double not_beside = 0.05;
/// A row's call, and what each operand adds to it: pointers move, what rows begin with is computed, lanes are combined. Measured with rows of 64 floats.
constexpr double cycles_of_row = 40, cycles_of_operand = 9;
/// A pipeline is one more kernel, so it has to be faster.
constexpr double faster = 0.99;
/// Lines are asked for so many bytes ahead of the first launch, or a row: into the second cache, as those that come to the first take from the room that stores have which wait
/// for memory. Measured on Granite Rapids, norms of 16 MiB: no faster within 2 in a hundred from 1 KiB on; of 128 MiB, a tenth to a fifth faster than into the first cache.
constexpr double asked_bytes = 8192;

}  // namespace

bool chain_maker::has_elements(const launch& l) {
    return l.along == split_dim::inner && l.per_unit == 1 && l.rows == 1 && l.outer.empty() && l.blocks == 1 && l.kernel.kind == kernel_kind::map && l.kernel.loop.empty() && l.tile_n == 0;
}

bool chain_maker::may_be_pipelined(const launch& l) const {
    const codegen::kernel& k = l.kernel;
    if (l.along != split_dim::rows || l.per_unit != 1 || !l.outer.empty() || l.blocks != 1 || l.squares || l.tile_rows > 0 || l.tile_n > 0 || l.together > 0 ||
        l.scan_rows > 0 || k.kind == kernel_kind::column_reduce || !k.loop.empty()) {
        return false;
    }
    if (codegen::is_decided_early(k) || codegen::bytes_summed_by(k) != codegen::byte_sum::none) return false;
    return std::none_of(k.outputs.begin(), k.outputs.end(), [](const codegen::output& o) { return o.accumulates(); }) &&
           std::none_of(k.reductions.begin(), k.reductions.end(), [](const codegen::reduction& r) { return r.gives_index(); });
}

const char* chain_maker::find_lags() {
    rows_kept_ = 1;
    lags_.fill(0);
    if (m_.best == isa::portable) return "only machine code can";
    const launch* first = nullptr;
    std::size_t places = 0, elements = 0;
    int accumulators = 0;
    const auto lanes = [&](const launch& l) { return codegen::lanes_per_step(l.kernel, m_.vector_bytes); };
    for (std::size_t i = 0; i < members_.size(); ++i) {
        const launch& l = p_.launches[members_[i]];
        if (has_elements(l)) {
            ++elements;
        } else {
            if (first == nullptr) first = &l;
            if (!may_be_pipelined(l) || l.n != first->n || lanes(l) != lanes(*first)) return "not all of its kernels go along the same rows";
            places += l.places.size();
        }
        for (const codegen::reduction& r : l.kernel.reductions) {
            const auto bytes = static_cast<int>(size_of(r.type));
            accumulators += static_cast<int>(reduction_order::row_lanes(static_cast<std::size_t>(bytes))) * bytes / m_.vector_bytes;
        }
        for (std::size_t j = 0; j < i; ++j) {
            // A single element is stored under a mask, which loads cannot look into before it is in the cache: behind a row of results that wait for memory.
            const int behind = lags_[j] + (has_elements(p_.launches[members_[j]]) ? 2 : 1);
            if (reads_from(i, j)) lags_[i] = static_cast<std::uint8_t>(std::max<int>(lags_[i], behind));
        }
    }
    if (members_.size() - elements < 2) return "fewer than two of its kernels go along rows";
    // One more for what asks for lines.
    if (places + 1 > most_pipeline_places || elements > most_pipeline_elements) return "it would have too many operands";
    const int registers = m_.best == isa::avx512 ? 32 : 16;
    if (2 * accumulators > registers) return "its sums would fill the registers";
    if (accumulators == 0) return "none of its kernels reduces rows";
    const int longest = *std::max_element(lags_.begin(), lags_.end());
    if (longest == 0) return "its kernels do not wait for each other";
    if (units_ < 4 * longest) return "there are too few rows";
    unsigned kept = 1;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (reads_from(i, j)) kept = std::max(kept, lags_[i] - lags_[j] + 1U);
        }
    }
    rows_kept_ = static_cast<index_t>(std::bit_ceil(kept));
    return "";
}

bool chain_maker::reads_from(std::size_t reader, std::size_t maker) const {
    const launch& l = p_.launches[members_[reader]];
    const launch& before = p_.launches[members_[maker]];
    const auto of = [](const launch& x) { return x.places.begin() + static_cast<std::ptrdiff_t>(x.kernel.inputs.size()); };
    return std::any_of(l.places.begin(), of(l), [&](const place& p) {
        return !p.leaf && std::any_of(of(before), before.places.end(), [&](const place& made) { return !made.leaf && made.index == p.index; });
    });
}

double chain_maker::computing_side_by_side(int threads) const {
    work row;
    double apart = 0;
    for (const std::uint32_t k : members_) {
        const work& w = p_.launches[k].does;
        if (has_elements(p_.launches[k])) {
            apart += predict(m_, w, threads, false).compute_seconds;
            continue;
        }
        row.elements = w.elements;
        row.lanes = w.lanes;
        row.steps = std::max(row.steps, w.steps);
        row.path = std::max(row.path, w.path);
        for (const auto field : {&work::cycles, &work::divider_cycles, &work::instructions, &work::products, &work::divisions, &work::roots, &work::loads, &work::stores, &work::length, &work::row_cycles}) {
            row.*field += w.*field;
        }
    }
    return apart + predict(m_, row, threads, false).compute_seconds;
}

std::optional<chain_way> chain_maker::as_pipeline(const chain_way& tiles, double room) const {
    chain_way w = tiles;
    w.pipelined = true;
    w.tile = rows_kept_;
    const auto longest = static_cast<double>(*std::max_element(lags_.begin(), lags_.end()));
    double kept = 0, row = 1;  // bytes
    for (const chain_memory& x : memory_) {
        if (x.streams) continue;
        kept += x.fixed_bytes + x.unit_bytes * (x.local ? static_cast<double>(rows_kept_) : read_often(x) ? longest + 1 : 1);
        row = std::max(row, x.unit_bytes);
    }
    const double ahead = std::max(1.0, std::ceil(asked_bytes / row));
    if (kept > room && !is_forced(r_.chains)) return {};
    // One launch asks for all of what several read, as far as the kernel has room for operands.
    std::size_t operands = 0;
    for (const std::uint32_t k : members_) operands += has_elements(p_.launches[k]) ? 0 : p_.launches[k].places.size();
    std::vector<asked_ahead> asks;
    for (const asked_ahead& a : w.asks) {
        if (operands + asks.size() == most_pipeline_places) break;
        const place& p = p_.launches[members_[a.stage]].places[a.input];
        const auto same = [&](const asked_ahead& b) { return at_memory(p_.launches[members_[b.stage]].places[b.input]) == at_memory(p); };
        if (std::any_of(asks.begin(), asks.end(), same)) continue;
        asks.push_back({.stage = a.stage, .input = a.input, .quarters = 0b1111, .units = lags_[a.stage] + static_cast<index_t>(ahead)});
    }
    w.asks = std::move(asks);
    double places = 0;
    double calls = 1;
    for (const std::uint32_t k : members_) {
        places += static_cast<double>(p_.launches[k].places.size());
        calls += has_elements(p_.launches[k]) ? 1 : 0;
    }
    const double calling = static_cast<double>(units_) / w.threads * (calls * m_.kernel_call_seconds + (cycles_of_row + cycles_of_operand * places) / m_.clock_hz);
    // What comes from a cache that is farther away is part of computing.
    double apart = 0;
    for (const estimate& e : w.stages) apart += e.compute_seconds;
    w.computing = computing_side_by_side(w.threads) + std::max(w.computing - apart, 0.0);
    const double busy = w.computing + calling, before = w.seconds;
    w.seconds = std::max(w.moving, busy) + not_beside * std::min(w.moving, busy);
    if (w.threads > 1) w.seconds += 0.9 * m_.wake_seconds_hot + 0.1 * m_.wake_seconds_idle;
    for (estimate& e : w.stages) e.seconds *= w.seconds / before;
    return w;
}

std::optional<chain_way> chain_maker::choose_pipeline(std::optional<chain_way> tiles, std::optional<chain_way> pipeline, const char* refused) {
    if (!tiles) return {};
    const graph::value_id about = p_.launches[members_[0]].about;
    if (about == ~std::uint32_t{0}) return tiles;
    std::vector<option> ways{{.key = 0, .name = "tile by tile", .seconds = tiles->seconds, .refused = {}},
                             {.key = 1, .name = "side by side, each some rows behind", .seconds = pipeline ? pipeline->seconds : -1, .refused = {}}};
    if (!pipeline) ways[1].refused = *refused != 0 ? refused : "its rows would leave the caches";
    const bool wanted = pipeline && (r_.chains == chaining::pipelined || (r_.chains == chaining::by_cost && pipeline->seconds < faster * tiles->seconds));
    return decide_(decision_kind::pipeline, about, std::move(ways), wanted ? 1 : 0) == 1 ? pipeline : tiles;
}

codegen::kernel pipeline_kernel(const std::vector<launch>& launches, const chain& c) {
    codegen::kernel all;
    all.kind = kernel_kind::row_reduce;
    for (std::uint32_t stage = c.first; stage < c.past; ++stage) {
        const codegen::kernel& k = launches[stage].kernel;
        if (launches[stage].along != split_dim::rows) {
            all.params.insert(all.params.end(), k.params.begin(), k.params.end());
            continue;
        }
        const auto value = static_cast<std::uint16_t>(all.code.size()), param = static_cast<std::uint16_t>(all.params.size()), input = static_cast<std::uint16_t>(all.inputs.size());
        all.contract = all.contract && k.contract;
        all.long_rows = all.long_rows || k.long_rows;
        for (codegen::input i : k.inputs) {
            i.to_second = i.ahead != 0;
            if (i.imag != 0) i.imag = static_cast<std::uint16_t>(i.imag + input);
            all.inputs.push_back(i);
        }
        all.params.insert(all.params.end(), k.params.begin(), k.params.end());
        for (codegen::instruction i : k.code) {
            const int operands = codegen::operands_of(i);
            if (i.code == codegen::code_load) i.a = static_cast<std::uint16_t>(i.a + input);
            if (i.code == codegen::code_param) i.a = static_cast<std::uint16_t>(i.a + param);
            if (operands > 0) i.a = static_cast<std::uint16_t>(i.a + value);
            if (operands > 1) i.b = static_cast<std::uint16_t>(i.b + value);
            if (operands > 2) i.c = static_cast<std::uint16_t>(i.c + value);
            all.code.push_back(i);
        }
        for (codegen::output o : k.outputs) {
            o.value = static_cast<std::uint16_t>(o.value + value);
            all.outputs.push_back(o);
        }
        for (codegen::reduction r : k.reductions) {
            r.value = static_cast<std::uint16_t>(r.value + value);
            if (r.adds_products()) r.factor = static_cast<std::uint16_t>(r.factor + value);
            all.reductions.push_back(r);
        }
    }
    return all;
}

}  // namespace sinter::inline v1::detail::plan
