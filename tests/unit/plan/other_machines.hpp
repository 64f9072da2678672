#pragma once

#include "graph/capture.hpp"
#include "passes/passes.hpp"
#include "plan/machine_text.hpp"
#include "plan/plan.hpp"

#include <sinter/sinter.hpp>

#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// Machines that are not here, as text, and plans for them.

namespace other_machines {

namespace sn = sinter;
namespace pl = sinter::detail::plan;

/// A server of two sockets with 32 cores each, AVX-512, twelve channels of memory a socket.
inline constexpr std::string_view two_nodes = R"(
isa avx512
threads 64
clock_hz 3.2e9
vector_bytes 64
vector_ops_per_cycle 3
fma_per_cycle 2
loads_per_cycle 2
stores_per_cycle 1
div_cycles_per_vector 10
sqrt_cycles_per_vector 18
l1.bytes 49152
l1.bandwidth 400e9
l1.shared 0
l2.bytes 2097152
l2.bandwidth 150e9
l2.shared 0
l3.bytes 67108864
l3.bandwidth 40e9
l3.shared 1
l3.one.triad 40e9
l3.all.triad 1400e9
memory_bandwidth_one 14e9
memory_bandwidth_all 560e9
streaming_gain 1.3
wake_seconds_hot 3e-6
wake_seconds_idle 90e-6
kernel_call_seconds 12e-9
statement_seconds 60e-9
page_fault_seconds_4k 0.5e-6
page_fault_seconds_huge 90e-6
compile_seconds 8e-6
compile_seconds_per_instruction 0.05e-6
)";

/// A small board: two cores with AVX2, small caches, one slow channel of memory; nothing is gained by streaming stores.
inline constexpr std::string_view small_board = R"(
isa avx2
threads 2
clock_hz 2.0e9
vector_bytes 32
vector_ops_per_cycle 2
fma_per_cycle 1
loads_per_cycle 2
stores_per_cycle 1
div_cycles_per_vector 8
sqrt_cycles_per_vector 9
l1.bytes 24576
l1.bandwidth 90e9
l1.shared 0
l2.bytes 262144
l2.bandwidth 30e9
l2.shared 0
l3.bytes 0
l3.bandwidth 0
l3.shared 0
memory_bandwidth_one 8e9
memory_bandwidth_all 9e9
streaming_gain 1
wake_seconds_hot 1e-6
wake_seconds_idle 60e-6
kernel_call_seconds 25e-9
statement_seconds 150e-9
page_fault_seconds_4k 1e-6
page_fault_seconds_huge 200e-6
compile_seconds 20e-6
compile_seconds_per_instruction 0.2e-6
)";

/// What an operation takes on this machine: as if it had been measured.
inline constexpr std::string_view slow_functions = "cycles.exp.f32 400\ncycles.add.f32 0.5\n";

[[nodiscard]] inline pl::machine read(std::string_view text) {
    std::string why;
    const auto m = pl::from_text(text, why);
    if (!m) throw std::runtime_error("a machine of the tests is refused: " + why);
    return *m;
}

[[nodiscard]] inline pl::plan plan_of(std::initializer_list<sn::array<float>> wanted, const pl::machine& m) {
    namespace gr = sinter::detail::graph;
    std::vector<gr::capture::root> roots;
    for (const auto& x : wanted) roots.push_back({x.node(), false, nullptr});
    const gr::capture c(roots.data(), roots.size());
    pl::request r;
    r.target = &m;
    r.max_threads = m.threads;
    for (const gr::captured_node& n : c.nodes()) {
        pl::request::node_facts f;
        f.sole = n.sole;
        f.external = n.external;
        f.wanted_before = n.wanted_before;
        if (n.done) {
            f.strides = sn::extents(std::span<const sn::index_t>(n.n->stride, n.n->rank));
            f.memory = reinterpret_cast<std::uintptr_t>(n.n->memory);
            f.address = reinterpret_cast<std::uintptr_t>(n.n->data);
        }
        r.nodes.push_back(f);
    }
    return pl::make_plan(sinter::detail::passes::simplify(gr::lower(c)), r);
}

[[nodiscard]] inline sn::array<float> in_memory(const sn::extents& shape) {
    sn::array<float> x = sn::ones<float>(shape);
    x.eval();
    return x;
}

}  // namespace other_machines
