#include "runtime/numa.hpp"

#include "base/settings.hpp"
#include "plan/machine.hpp"
#include "runtime/large_pool.hpp"
#include "runtime/memory_policy.hpp"
#include "runtime/pages.hpp"
#include "runtime/team.hpp"
#include "runtime/topology.hpp"

#include <sched.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <system_error>
#include <utility>

namespace sinter::inline v1::detail::runtime {

namespace {

[[nodiscard]] plan::node_machine describe(const topology& t, const plan::machine& host) {
    plan::node_machine m;
    const auto nodes = static_cast<double>(t.node_cpus.size());
    m.thread_bandwidth = host.memory_bandwidth_one;
    m.wake_seconds = host.wake_seconds_hot + 2e-6;
    m.bandwidth.assign(t.memory.size(), host.memory_bandwidth_all / nodes);
    for (std::size_t node = 0; node < t.node_cpus.size(); ++node) {
        m.cpus.push_back(static_cast<int>(t.node_cpus[node].size()));
        m.home.push_back(t.homes[node]);
        std::vector<double>& reach = m.reach.emplace_back();
        // Firmware's distances are roughly inverse to what a way can carry: 10 for a node's own memory.
        for (std::size_t k = 0; k < t.memory.size(); ++k) reach.push_back(m.bandwidth[k] * 10 / std::max(10, t.distances[node][k]));
    }
    return m;
}

struct splits {
    std::mutex mutex;
    std::map<std::pair<int, int>, std::unique_ptr<const plan::node_split>> all;  // by node, -1 for all of them, and parts
};

/// Never destroyed, as threads may outlive the static objects.
[[nodiscard]] splits& kept_splits() {
    static splits& one = *std::make_unique<splits>().release();
    return one;
}

[[nodiscard]] const plan::node_split& kept(int node, int parts) {
    splits& s = kept_splits();
    const std::lock_guard lock{s.mutex};
    std::unique_ptr<const plan::node_split>& place = s.all[{node, parts}];
    if (place == nullptr) {
        place = std::make_unique<const plan::node_split>(node < 0 ? plan::node_split::over(shared_nodes().cpus, parts) : plan::node_split::on(node, parts));
    }
    return *place;
}

}  // namespace

namespace numa_detail {

constinit std::atomic<use> known = use::unknown;

bool find_out() {
    const base::numa_mode mode = base::env().numa;
    const bool yes = mode == base::numa_mode::force || (mode == base::numa_mode::automatic && host_topology().node_cpus.size() > 1 && host_topology().placed_by.empty());
    known.store(yes ? use::nodes : use::none, std::memory_order_release);
    return yes;
}

}  // namespace numa_detail

bool can_place() {
    const base::numa_mode mode = base::env().numa;
    return mode == base::numa_mode::force || (mode == base::numa_mode::automatic && host_topology().memory.size() > 1 && host_topology().placed_by.empty());
}

const plan::node_machine& shared_nodes() {
    static const plan::node_machine& one = *std::make_unique<const plan::node_machine>(describe(host_topology(), plan::host())).release();
    return one;
}

const plan::node_split& split_over_nodes(int parts) { return kept(-1, parts); }
const plan::node_split& split_on_node(int node, int parts) { return kept(node, parts); }

bool reach_all_nodes(int threads) { return split_over_nodes(threads).shares().size() == shared_nodes().cpus.size(); }

int current_node() noexcept { return node_of(host_topology(), ::sched_getcpu()); }

numa_facts numa_report() {
    numa_facts f;
    switch (base::env().numa) {
        case base::numa_mode::automatic: f.mode = "auto"; break;
        case base::numa_mode::force: f.mode = "force"; break;
        case base::numa_mode::off: f.mode = "off"; break;
    }
    if (shares_nodes()) f.nodes = static_cast<int>(shared_nodes().cpus.size());
    const auto add = [&](const std::string& text) { f.note += (f.note.empty() || text.empty() ? "" : "; ") + text; };
    if (base::env().numa != base::numa_mode::off) add(host_topology().note);
    if (can_place()) add(memory_policy_note());
    if (const int error = pin_failure(); error != 0) add("threads could not be pinned: " + std::generic_category().message(error));
    if (reserve_is_elsewhere()) add("no reserved huge pages are used: they may be on nodes whose memory is not for this process");
    if (const int error = reserved_pages_failure(); error != 0) add("no huge pages are reserved any more: " + std::generic_category().message(error));
    return f;
}

}  // namespace sinter::inline v1::detail::runtime
