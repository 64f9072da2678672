#include "plan/cost.hpp"

#include "base/operation_table.hpp"

#include "codegen/kernel.hpp"

#include <algorithm>
#include <cstdlib>

namespace sinter::inline v1::detail::plan {

namespace {

/// Bytes per second that all threads reach together on a working set.
double bandwidth(const machine& m, double footprint, int threads) {
    const double share = footprint / threads;
    const double t = threads;
    if (share <= static_cast<double>(m.l1.bytes)) return m.l1.bandwidth * t;
    if (share <= static_cast<double>(m.l2.bytes)) return m.l2.bandwidth * t;
    const double outer = m.l3.shared ? footprint : share;
    if (m.l3.bytes > 0 && outer <= static_cast<double>(m.l3.bytes)) return m.l3.bandwidth * t;
    return std::min(m.memory_bandwidth_one * t, m.memory_bandwidth_all);
}

/// Bodies wait for their own results, so that products and the rest seldom run side by side: measured on bodies of 15 to 70 instructions.
double arithmetic_cycles(const machine& m, double instructions, double products) {
    const double products_per_cycle = m.fma_per_cycle > 0 ? m.fma_per_cycle : m.vector_ops_per_cycle / 2;
    return products / products_per_cycle + instructions / m.vector_ops_per_cycle;
}

[[nodiscard]] bool beyond_caches(const machine& m, double footprint) { return footprint > static_cast<double>(std::max(m.l3.bytes, m.l2.bytes)); }

}  // namespace

op_cost cost_of(const machine& m, std::uint16_t code, dtype operand) { return base::operation_of(code).cost(operand, m.best == isa::avx512); }

std::size_t instructions_of(const machine& m, std::uint16_t code, dtype operand) {
    const op_cost c = cost_of(m, code, operand);
    return static_cast<std::size_t>(std::max(1.0F, c.instructions + c.products + c.divisions + c.roots));
}

void add_operation(work& w, const machine& m, std::uint16_t code, dtype operand, double vectors) {
    const op_cost c = cost_of(m, code, operand);
    w.instructions += c.instructions * vectors;
    w.products += c.products * vectors;
    w.divisions += c.divisions * vectors;
    w.roots += c.roots * vectors;
}

double cycles_of(const machine& m, op_cost c) {
    return arithmetic_cycles(m, c.instructions, c.products) + c.divisions * m.div_cycles_per_vector + c.roots * m.sqrt_cycles_per_vector;
}

double step_cycles(const machine& m, const work& w) {
    const double arithmetic = arithmetic_cycles(m, w.instructions, w.products);
    const double slow = w.divisions * m.div_cycles_per_vector + w.roots * m.sqrt_cycles_per_vector;
    const double ports = std::max(w.loads / m.loads_per_cycle, w.stores / m.stores_per_cycle);
    // Divisions run beside other instructions; loads and stores have ports of their own.
    return std::max({arithmetic, slow, ports, 1.0});
}

double pieces(index_t stride, double lanes) {
    const auto apart = static_cast<double>(std::abs(stride));
    return apart <= 1 ? 1 : apart <= codegen::largest_fixed_stride ? std::min(apart, lanes) : lanes;
}

double transfer_seconds(const machine& m, double bytes, double footprint) { return bytes / bandwidth(m, footprint, 1); }

estimate predict(const machine& m, const work& w, int threads, bool streaming) {
    estimate e;
    e.threads = threads;
    e.streaming = streaming;
    const double steps = w.elements / w.lanes;
    e.compute_seconds = steps * step_cycles(m, w) / m.clock_hz / threads;
    const double bytes = w.bytes_read + w.bytes_written;
    e.memory_seconds = bytes / bandwidth(m, w.footprint, threads);
    if (streaming) {
        // In the caches a store that goes past them costs a trip to memory instead.
        const double out = beyond_caches(m, w.footprint) ? 1.0 / m.streaming_gain : 4.0;
        e.memory_seconds *= (w.bytes_read + w.bytes_written * out) / std::max(bytes, 1.0);
        if (beyond_caches(m, w.footprint)) e.memory_seconds = bytes / bandwidth(m, w.footprint, threads) / m.streaming_gain;
    }
    e.seconds = m.kernel_call_seconds + std::max(e.compute_seconds, e.memory_seconds);
    // Between threads that are awake and threads that sleep; which, the model cannot know.
    if (threads > 1) e.seconds += 0.9 * m.wake_seconds_hot + 0.1 * m.wake_seconds_idle;
    return e;
}

estimate choose(const machine& m, const work& w, int max_threads, bool may_stream) {
    estimate best = predict(m, w, 1, false);
    if (may_stream) {
        const estimate past_caches = predict(m, w, 1, true);
        if (past_caches.seconds < best.seconds) best = past_caches;
    }
    if (max_threads <= 1) return best;
    estimate shared = predict(m, w, max_threads, false);
    if (may_stream) {
        const estimate past_caches = predict(m, w, max_threads, true);
        if (past_caches.seconds < shared.seconds) shared = past_caches;
    }
    // Threads that sleep take longer to come than the model says, so a small gain is none.
    if (shared.seconds < 0.75 * best.seconds) best = shared;
    return best;
}

}  // namespace sinter::inline v1::detail::plan
