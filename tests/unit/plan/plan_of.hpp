#pragma once

#include "graph/capture.hpp"
#include "passes/passes.hpp"
#include "plan/plan.hpp"

#include <sinter/sinter.hpp>

// Plans for machines that are not here.

namespace plan_tests {

namespace sn = sinter;
namespace gr = sinter::detail::graph;
namespace pl = sinter::detail::plan;

/// A machine that is not here.
inline pl::machine described(int threads) {
    pl::machine m;
    m.best = pl::isa::avx512;
    m.threads = threads;
    m.clock_hz = 4e9;
    m.vector_bytes = 64;
    m.vector_ops_per_cycle = 2;
    m.fma_per_cycle = 2;
    m.loads_per_cycle = 2;
    m.stores_per_cycle = 1;
    m.div_cycles_per_vector = 8;
    m.sqrt_cycles_per_vector = 12;
    m.l1 = {48U << 10U, 400e9, false};
    m.l2 = {1U << 20U, 150e9, false};
    m.l3 = {32U << 20U, 100e9, true};
    m.memory_bandwidth_one = 20e9;
    m.memory_bandwidth_all = 300e9;
    m.streaming_gain = 1.3;
    m.wake_seconds_hot = 1e-6;
    m.wake_seconds_idle = 20e-6;
    m.kernel_call_seconds = 10e-9;
    return m;
}

inline pl::plan plan_of_roots(const std::vector<gr::capture::root>& roots, const pl::machine& m, pl::chaining chains = pl::chaining::by_cost,
                              const std::vector<pl::forced_choice>& forced = {}) {
    const gr::capture c(roots.data(), roots.size());
    pl::request r;
    r.target = &m;
    r.max_threads = m.threads;
    r.chains = chains;
    r.forced = forced;
    r.keep_decisions = !forced.empty();
    for (const gr::captured_node& n : c.nodes()) {
        pl::request::node_facts f;
        f.sole = n.sole;
        f.external = n.external;
        f.wanted_before = n.wanted_before;
        if (n.done) f.strides = sn::extents(std::span<const sn::index_t>(n.n->stride, n.n->rank));
        r.nodes.push_back(f);
    }
    return pl::make_plan(sinter::detail::passes::simplify(gr::lower(c)), r);
}

inline pl::plan plan_of(std::initializer_list<sn::array<float>> wanted, const pl::machine& m, pl::chaining chains = pl::chaining::by_cost) {
    std::vector<gr::capture::root> roots;
    for (const auto& x : wanted) roots.push_back({x.node(), false, nullptr});
    return plan_of_roots(roots, m, chains);
}

inline sn::array<float> in_memory(const sn::extents& shape) {
    sn::array<float> x = sn::ones<float>(shape);
    x.eval();
    return x;
}

}  // namespace plan_tests
