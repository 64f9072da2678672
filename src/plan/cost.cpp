#include "plan/cost.hpp"

#include "base/operation_table.hpp"

#include "codegen/kernel.hpp"
#include "graph/loop_body.hpp"

#include <sinter/detail/primitives.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace sinter::inline v1::detail::plan {

// What a processor asks for by itself comes too late where a line takes few instructions, and ends with each page. Measured on Zen 5: reading, and copying past the
// caches, of 16 to 128 MiB gain up to a third with 8 to 16 KiB, most of it is lost with 2. Reading of 4 to 8 MiB takes a fifth less with 1 KiB, with 8 or without it is
// as it happens. What has more to do for a line gains only where much of the last level is not enough. On Granite Rapids lines that memory has are best asked for as near,
// too: sums and dot products of 64 Mi floats take a fifth less time with 1 KiB than with 8. So that distance is one of the machine's numbers.
std::uint16_t bytes_ahead(const machine& m, double footprint, int threads, bool long_rows) noexcept {
    constexpr std::size_t near = 1024, farthest = 16384;
    const double l2 = static_cast<double>(m.l2.bytes) * threads, l3 = static_cast<double>(m.l3.room());
    if (footprint <= (long_rows ? l2 : std::max(l2, l3 / 2))) return 0;
    return static_cast<std::uint16_t>(std::min(footprint <= l3 / 4 ? near : m.far_ahead, farthest));
}

namespace {

/// The seconds that a byte takes by the share that is read: between the shares that were measured it goes in a straight line, as time does where reads
/// and writes wait for one another.
[[nodiscard]] double rate(const traffic_rates& r, double fallback, mix what) {
    const auto or_else = [&](double x, double other) { return x > 0 ? x : other; };
    const double triad = or_else(r.triad, fallback);
    const double copy = or_else(r.copy, triad);
    const double read = or_else(r.read, triad);
    if (what.across) return or_else(r.columns, read);
    const std::array<std::pair<double, double>, 4> known{{{0.0, or_else(r.write, copy)}, {0.5, copy}, {2.0 / 3, triad}, {1.0, read}}};
    for (std::size_t i = 1; i < known.size(); ++i) {
        const auto& [low, slow] = known[i - 1];
        const auto& [high, fast] = known[i];
        if (what.read_share > high) continue;
        const double part = (what.read_share - low) / (high - low);
        return 1 / ((1 - part) / slow + part / fast);
    }
    return known.back().second;
}

/// The same of several threads, no more than all of them reach.
[[nodiscard]] double rate(const traffic_rates& one, const traffic_rates& all, double fallback, double fallback_all, int threads, mix what) {
    const double together = rate(one, fallback, what) * threads;
    if (threads <= 1 || (all.triad <= 0 && fallback_all <= 0)) return together;
    return std::min(together, rate(all, fallback_all, what));
}

/// Bodies wait for their own results, so that products and the rest seldom run side by side: measured on bodies of 15 to 70 instructions.
double arithmetic_cycles(const machine& m, double instructions, double products) {
    const double products_per_cycle = m.fma_per_cycle > 0 ? m.fma_per_cycle : m.vector_ops_per_cycle / 2;
    return products / products_per_cycle + instructions / m.vector_ops_per_cycle;
}

/// The busiest units decide, but are never quite as busy as that. Measured with bodies of one to twelve instructions.
double side_by_side_cycles(const machine& m, const work& w) {
    constexpr double not_beside = 0.3;
    const double all = (w.instructions + w.products) / m.vector_ops_per_cycle;
    const double products = m.fma_per_cycle > 0 ? w.products / m.fma_per_cycle : 2 * w.products / m.vector_ops_per_cycle;
    const double slow = w.divider_cycles + w.divisions * m.div_cycles_per_vector + w.roots * m.sqrt_cycles_per_vector;
    return std::max({all, products, slow, w.loads / m.loads_per_cycle}) + not_beside * all;
}

/// The innermost level that holds so many bytes of so many threads; null: memory.
[[nodiscard]] const machine::cache_level* level_of(const machine& m, double bytes, int threads) {
    for (const machine::cache_level* l : {&m.l1, &m.l2, &m.l3}) {
        const double share = l->shared ? bytes : bytes / threads;
        if (l->bytes > 0 && share <= static_cast<double>(l->room())) return l;
    }
    return nullptr;
}

}  // namespace

bool beyond_caches(const machine& m, double bytes) { return level_of(m, bytes, 1) == nullptr; }

namespace {

[[nodiscard]] double ordinary(const machine& m, const machine::cache_level* l, int threads, mix what) {
    if (l != nullptr) return rate(l->one, l->all, l->bandwidth, l->shared ? l->all.triad : 0, threads, what);
    return rate(m.memory_one, m.memory_all, m.memory_bandwidth_one, m.memory_bandwidth_all, threads, what);
}

/// How much of what is so far away a level still has when it comes around again: all up to three quarters of its size, as lines meet at the same places
/// and others use it, too; nothing beyond a quarter more than its size. Measured with arrays of 0.3 to 3 times the sizes.
[[nodiscard]] double kept(double bytes, double capacity) { return capacity > 0 ? std::clamp((1.25 * capacity - bytes) / (0.5 * capacity), 0.0, 1.0) : 0.0; }


/// A level, or null for memory, and its part of what is so far away.
using level_part = std::pair<const machine::cache_level*, double>;

[[nodiscard]] std::array<level_part, 4> levels_of(const machine& m, double distance, int threads) {
    std::array<level_part, 4> parts{{{&m.l1, 0}, {&m.l2, 0}, {&m.l3, 0}, {nullptr, 0}}};
    double left = 1;  // of what the levels so far do not have
    for (level_part& p : parts) {
        const machine::cache_level* const l = p.first;
        p.second = l == nullptr ? left : std::min(left, kept(l->shared ? distance : distance / threads, static_cast<double>(l->room())));
        left -= p.second;
    }
    return parts;
}
}  // namespace

double bandwidth(const machine& m, double distance, int threads, mix what) {
    double seconds = 0;  // for a byte
    for (const auto& [from, part] : levels_of(m, distance, threads)) {
        if (part > 0) seconds += part / ordinary(m, from, threads, what);
    }
    return 1 / seconds;
}

double streaming_seconds(const machine& m, double written, std::span<const reading> reads, int threads) {
    double far = 0;     // bytes that come from memory
    double moving = 0;  // seconds of the reads alone
    double near = 0;    // and of those from caches
    for (const reading& r : reads) {
        for (const auto& [from, part] : levels_of(m, r.distance, threads)) {
            if (part <= 0) continue;
            const double seconds = part * r.bytes / ordinary(m, from, threads, {});
            moving += seconds;
            (from == nullptr ? far : near) += from == nullptr ? part * r.bytes : seconds;
        }
    }
    // Measured with what is read coming from memory, too. What comes from a cache comes beside, but for a loss: on Zen 5 16 MiB that are copied from the last level
    // take no longer than 16 MiB that are only written, while a core of a large Intel server waits for lines of either kind in the same place.
    const double gain = m.streaming_gain;
    const double past = rate(m.streaming_one, m.streaming_all, m.memory_bandwidth_one * gain, m.memory_bandwidth_all * gain, threads, {.read_share = far / std::max(far + written, 1.0)});
    const double beyond = (far + written) / past;
    return std::max(beyond, moving) + m.streaming_loss * std::min(beyond, near);
}

op_cost cost_of(const machine& m, std::uint16_t code, dtype operand) { return base::operation_of(code).cost(operand, m.best == isa::avx512); }

std::size_t instructions_of(const machine& m, std::uint16_t code, dtype operand) {
    const op_cost c = cost_of(m, code, operand);
    return static_cast<std::size_t>(std::max(1.0F, c.instructions + c.products + c.divisions + c.roots));
}

namespace {

/// What was measured; 0: nothing was.
[[nodiscard]] double measured_cycles(const machine& m, std::uint16_t code, dtype operand) {
    if (code >= base::operation_codes) return 0;
    return static_cast<double>(m.cycles[code][static_cast<std::size_t>(cost_class_of(operand))]);
}

}  // namespace

void add_operation(work& w, const machine& m, std::uint16_t code, dtype operand, double vectors) {
    const op_cost c = cost_of(m, code, operand);
    const bool divider = base::operation_of(code).primitive && c.divisions + c.roots > 0;
    // Operations were measured one by one, which says nothing of units that work side by side.
    if (const double measured = measured_cycles(m, code, operand); measured > 0 && (divider || !w.side_by_side)) {
        (divider ? w.divider_cycles : w.cycles) += measured * vectors;
        return;
    }
    w.instructions += c.instructions * vectors;
    w.products += c.products * vectors;
    w.divisions += c.divisions * vectors;
    w.roots += c.roots * vectors;
}

std::size_t instructions_of_turn(const machine& m, std::size_t body) {
    const graph::loop_body& b = graph::loop_body_of(body);
    std::size_t all = b.next.size();
    for (const tape_instruction& i : b.code) all += instructions_of(m, i.code, b.type_of(base::operation_of(i.code).rule == type_rule::select ? i.b : i.a));
    return all;
}

double likely_turns(std::int64_t limit) {
    constexpr std::int64_t most = 32;
    return static_cast<double>(limit < 0 ? most : std::min(limit, most));
}

void add_loop(work& w, const machine& m, std::size_t body, std::int64_t limit, double lanes) {
    const graph::loop_body& b = graph::loop_body_of(body);
    work turn;
    for (const tape_instruction& i : b.code) {
        const double registers = std::max(1.0, static_cast<double>(size_of(i.type)) * lanes / m.vector_bytes);
        add_operation(turn, m, i.code, b.type_of(base::operation_of(i.code).rule == type_rule::select ? i.b : i.a), registers);
    }
    turn.instructions += 1 + static_cast<double>(b.next.size());  // whether it goes on, and for which elements
    w.cycles += likely_turns(limit) * step_cycles(m, turn);
    w.looped += likely_turns(limit) * static_cast<double>(b.code.size() + b.next.size() + 1);
}

double cycles_of(const machine& m, std::uint16_t code, dtype operand) {
    if (const double measured = measured_cycles(m, code, operand); measured > 0) return measured;
    const op_cost c = cost_of(m, code, operand);
    return arithmetic_cycles(m, c.instructions, c.products) + c.divisions * m.div_cycles_per_vector + c.roots * m.sqrt_cycles_per_vector;
}

double step_cycles(const machine& m, const work& w) {
    if (w.side_by_side) return side_by_side_cycles(m, w);
    const double arithmetic = w.cycles + arithmetic_cycles(m, w.instructions, w.products);
    const double slow = w.divider_cycles + w.divisions * m.div_cycles_per_vector + w.roots * m.sqrt_cycles_per_vector;
    const double ports = std::max(w.loads / m.loads_per_cycle, w.stores / m.stores_per_cycle);
    // Divisions run beside other instructions; loads and stores have ports of their own.
    return std::max({arithmetic, slow, ports, 1.0});
}

double pieces(index_t stride, double lanes) {
    const auto apart = static_cast<double>(std::abs(stride));
    return apart <= 1 ? 1 : apart <= codegen::largest_fixed_stride ? std::min(apart, lanes) : lanes;
}

double row_cycles(codegen::kernel_kind kind, std::size_t reductions, double vectors) {
    constexpr double add_latency = 4;
    if (kind == codegen::kernel_kind::column_reduce) return std::max(0.0, add_latency - vectors);
    return 4 + 2 * static_cast<double>(reductions);
}

double pair_cycles(const machine& m, std::size_t reductions, double lanes, double vectors_of_lanes, double n) {
    // Vectors are added up; then two permutations and a sum for two vectors, of which there is one for each pair.
    const double instructions = vectors_of_lanes - 1 + 3;
    // What several passes keep, and pointers; and masks.
    const double times = n == lanes ? 1.4 : std::fmod(n, lanes) == 0 ? 2.4 : 3.6;
    return static_cast<double>(reductions) * times * instructions / m.vector_ops_per_cycle;
}

double latency_of(const machine& m, std::uint16_t code, dtype operand) {
    const bool quick = is_integer(operand) && code != op::multiply::code && code != op::divide::code;
    const double simple = quick ? 1 : 4;
    constexpr double in_body = 2.5;  // bodies are chains for the most part
    constexpr double division = 25;  // alone about half of that; in chains with two to four of them they wait for each other, too: measured on Zen 5
    const op_cost c = cost_of(m, code, operand);
    const double slow = division * static_cast<double>(c.divisions + c.roots);
    if (base::operation_of(code).primitive) return std::max(simple, slow);
    return in_body * static_cast<double>(c.instructions + c.products) + slow;
}

double waiting_cycles(const work& w) {
    constexpr double in_flight = 300;  // of the instructions that costs count, on larger cores since about 2021: measured with bodies of 40 to 130
    return w.path * w.length / in_flight;
}

double strided_stores(index_t stride, double lanes) {
    const double parts = pieces(stride, lanes);
    return parts <= 1 ? 1 : parts < lanes ? 4 * parts : 2.5 * parts;
}

double transfer_seconds(const machine& m, double bytes, double footprint, int threads) { return bytes / bandwidth(m, footprint, threads, {.read_share = 0.5}); }

namespace {

/// What is read or written along lines of which each next one has to be waited for: threads wait side by side, as far as memory goes along.
[[nodiscard]] double turned_seconds(const machine& m, const work& w, const work::flow& f, double distance, int threads, bool streaming) {
    // Measured with 1024 x 1024 to 4096 x 4096 floats, one thread and two. Stores line by line meet at few places of a cache, and so do rows of others; what goes past the
    // caches goes beside.
    constexpr double slower = 2.2, by_squares = 1.5, by_squares_past = 1.1, beside_rows = 3, beside_rows_past = 2.2, stored_by_squares = 4;
    const double squares = w.beside_rows ? (streaming ? beside_rows_past : beside_rows) : (streaming ? by_squares_past : by_squares);
    const double times = !w.squares ? slower : f.written ? stored_by_squares : squares;
    return std::max(times * f.bytes / bandwidth(m, distance, 1, {}) / threads, f.bytes / bandwidth(m, distance, threads, {}));
}

/// Seconds to move what a kernel reads and writes. Each level's share moves at that level's rate.
[[nodiscard]] double moving_seconds(const machine& m, const work& w, int threads, bool streaming) {
    struct part {
        double distance, read, written;
    };
    std::vector<part> parts{{w.footprint, w.bytes_read, w.bytes_written}};
    double seconds = 0;
    double beside = 0;  // bytes of flows that go past the caches, and leave what is read where it is
    for (const work::flow& f : w.flows) beside += streaming && f.written && !f.across ? f.bytes : 0;
    for (const work::flow& f : w.flows) {
        (f.written ? parts[0].written : parts[0].read) -= f.bytes;
        const bool far = level_of(m, f.distance / 2, 1) != &m.l1 && level_of(m, f.distance / 2, 1) != &m.l2;
        if (f.turned && far && !(f.written && streaming)) {
            seconds += turned_seconds(m, w, f, std::max(f.distance - beside, f.bytes), threads, streaming);
        } else if (f.across) {
            seconds += f.bytes / bandwidth(m, f.distance, threads, {.across = true});
        } else {
            parts.push_back({f.distance, f.written ? 0 : f.bytes, f.written ? f.bytes : 0});
        }
    }
    if (streaming) {
        double past = 0;  // and with what is in no flow
        for (const part& p : parts) past += std::max(p.written, 0.0);
        std::vector<reading> reads;
        for (const part& p : parts) {
            if (p.read >= 1) reads.push_back({p.read, std::max(p.distance - past, p.read)});
        }
        return seconds + streaming_seconds(m, past, reads, threads);
    }
    // What comes from the same level is one mix.
    for (std::size_t i = 0; i < parts.size(); ++i) {
        part p = parts[i];
        if (p.read + p.written < 1) continue;
        const machine::cache_level* const l = level_of(m, p.distance, threads);
        for (std::size_t k = i + 1; k < parts.size(); ++k) {
            if (level_of(m, parts[k].distance, threads) != l) continue;
            p.read += parts[k].read;
            p.written += parts[k].written;
            parts[k].read = parts[k].written = 0;
        }
        const double all = p.read + p.written;
        seconds += all / bandwidth(m, p.distance, threads, {.read_share = std::max(p.read, 0.0) / all});
    }
    return seconds;
}

/// Where most of the time goes that moving takes.
[[nodiscard]] double farthest(const work& w) {
    double distance = w.flows.empty() ? w.footprint : 0;
    for (const work::flow& f : w.flows) {
        if (8 * f.bytes >= w.bytes_read + w.bytes_written) distance = std::max(distance, f.distance);
    }
    return distance;
}

}  // namespace

estimate predict(const machine& m, const work& w, int threads, bool streaming) {
    estimate e;
    e.threads = threads;
    e.streaming = streaming;
    const double steps = w.steps > 0 ? w.steps : w.elements / w.lanes;
    e.compute_seconds = (steps * std::max(step_cycles(m, w), waiting_cycles(w)) + w.row_cycles) / m.clock_hz / threads;
    e.memory_seconds = moving_seconds(m, w, threads, streaming) * (threads > 1 ? w.in_turns : 1);
    const machine::cache_level* const from = level_of(m, farthest(w), threads);
    const double loss = from != nullptr ? from->overlap_loss : m.memory_overlap_loss;
    e.seconds = m.kernel_call_seconds * std::max(1.0, w.calls / threads) + std::max(e.compute_seconds, e.memory_seconds) +
                loss * std::min(e.compute_seconds, e.memory_seconds);
    if (threads > 1) e.seconds += m.wake_seconds_hot;
    return e;
}

double missed_later(const machine& m, const work& w, int threads) {
    const double from_memory = 1 / ordinary(m, nullptr, threads, {});
    double rest = w.bytes_written;  // that is in no flow
    double longer = 0;
    const auto add = [&](double bytes, double distance) {
        rest -= bytes;
        for (const auto& [from, part] : levels_of(m, distance, threads)) {
            if (from != nullptr && part > 0) longer += bytes * part * std::max(from_memory - 1 / ordinary(m, from, threads, {}), 0.0);
        }
    };
    for (const work::flow& f : w.flows) {
        if (f.written) add(f.bytes, f.distance);
    }
    if (rest >= 1) add(rest, w.footprint);
    constexpr double likely = 0.25;
    return likely * longer;
}

estimate choose(const machine& m, const work& w, int max_threads, bool may_stream) {
    const auto faster = [&](int threads) {
        estimate e = predict(m, w, threads, false);
        if (may_stream) {
            const estimate past_caches = predict(m, w, threads, true);
            if (past_caches.seconds + missed_later(m, w, threads) < e.seconds) e = past_caches;
        }
        return e;
    };
    const estimate best = faster(1);
    if (max_threads <= 1) return best;
    const estimate shared = faster(max_threads);
    // Between threads that are awake and threads that sleep; which, the model cannot know.
    const double asleep = 0.05 * std::max(m.wake_seconds_idle - m.wake_seconds_hot, 0.0);
    return shared.seconds + asleep < worth_threads(best) * best.seconds ? shared : best;
}

double worth_threads(const estimate& one) noexcept {
    constexpr double large = 100e-6;
    return one.memory_bound() && one.seconds > large ? 1.02 : 0.9;
}

}  // namespace sinter::inline v1::detail::plan
