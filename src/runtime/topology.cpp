#include "runtime/topology.hpp"

#include "base/affinity.hpp"
#include "base/system_file.hpp"
#include "runtime/memory_rules.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sinter::inline v1::detail::runtime {

namespace {

/// What a file says; empty if there is none.
[[nodiscard]] std::string text_of(const system_root& root, const std::string& path) { return base::read_system_file((root.path + path).c_str()); }

struct found_node {
    int number = 0;
    std::vector<int> cpus;
    std::size_t bytes = 0;
    std::vector<int> distances;  // to all nodes that are online
};

/// "Node 0 MemTotal:  493212 kB" among others.
[[nodiscard]] std::size_t bytes_in(std::string_view meminfo) {
    const std::size_t at = meminfo.find("MemTotal:");
    if (at == std::string_view::npos) return 0;
    meminfo.remove_prefix(at + std::string_view{"MemTotal:"}.size());
    return base::take_number<std::size_t>(meminfo).value_or(0) * 1024;
}

[[nodiscard]] std::vector<found_node> all_nodes(const system_root& root) {
    std::vector<found_node> nodes;
    if constexpr (SINTER_HAVE_NUMA == 0) return nodes;
    for (const int number : base::parse_list(text_of(root, "/sys/devices/system/node/online"))) {
        const std::string folder = "/sys/devices/system/node/node" + std::to_string(number);
        found_node& n = nodes.emplace_back();
        n.number = number;
        n.cpus = base::parse_list(text_of(root, folder + "/cpulist"));
        n.bytes = bytes_in(text_of(root, folder + "/meminfo"));
        const std::string list = text_of(root, folder + "/distance");
        std::string_view rest = list;
        while (const std::optional<int> distance = base::take_number<int>(rest)) n.distances.push_back(*distance);
    }
    return nodes;
}

/// What one control group grants, in processors; 0: it says nothing.
[[nodiscard]] double granted(const std::string& max) {
    std::string_view text = max;
    const std::int64_t quota = base::take_number<std::int64_t>(text).value_or(0);
    const std::int64_t period = base::take_number<std::int64_t>(text).value_or(0);
    return quota > 0 && period > 0 ? static_cast<double>(quota) / static_cast<double>(period) : 0;
}

/// The process's own group in the second version's tree: "/" in a container, which sees no other.
[[nodiscard]] std::string own_group(const system_root& root) {
    const std::string groups = text_of(root, "/proc/self/cgroup");
    std::string_view rest = groups;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (line.starts_with("0::/")) return std::string{line.substr(3)};
    }
    return "/";
}

}  // namespace

double quota_of(const system_root& root) {
    double least = 0;
    const auto limit = [&](double more) { least = more > 0 && (least <= 0 || more < least) ? more : least; };
    // A group has no more than those around it.
    for (std::string group = own_group(root);; group.resize(group.rfind('/'))) {
        if (group == "/") group.clear();
        limit(granted(text_of(root, "/sys/fs/cgroup" + group + "/cpu.max")));
        if (group.empty()) break;
    }
    const std::string quota = text_of(root, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
    if (!quota.empty()) limit(granted(quota + " " + text_of(root, "/sys/fs/cgroup/cpu/cpu.cfs_period_us")));
    return least;
}

topology topology_of(processors allowed, const std::vector<int>& memory, const system_root& root) {
    topology result{std::move(allowed), {}, {}, {}, {}, {}, false, {}, {}};
    const std::vector<found_node> nodes = all_nodes(root);
    const auto may_use = [&](const found_node& n) { return n.bytes > 0 && (memory.empty() || std::ranges::find(memory, n.number) != memory.end()); };
    for (const found_node& n : nodes) {
        if (may_use(n)) result.memory.push_back({n.number, n.bytes});
    }
    std::size_t placed = 0;
    for (const found_node& n : nodes) {
        std::vector<int> cpus;
        std::ranges::set_intersection(n.cpus, result.cpus, std::back_inserter(cpus));
        if (cpus.empty()) continue;
        placed += cpus.size();
        result.node_cpus.push_back(std::move(cpus));
        result.numbers.push_back(n.number);
        std::vector<int>& distances = result.distances.emplace_back();
        for (std::size_t other = 0; other < nodes.size(); ++other) {
            if (!may_use(nodes[other])) continue;
            const int usual = nodes[other].number == n.number ? 10 : 20;
            distances.push_back(other < n.distances.size() ? n.distances[other] : usual);
        }
        result.homes.push_back(static_cast<int>(std::ranges::min_element(distances) - distances.begin()));
    }
    if (placed == result.cpus.size() && !result.memory.empty()) return result;
    // Not all processors have a place, or no memory is anywhere: as if there were one node.
    if (!nodes.empty()) result.note = "the nodes in /sys do not hold the processors and memory of this process";
    result.node_cpus.assign(1, result.cpus);
    result.numbers.assign(1, 0);
    result.memory.assign(1, memory_node{});
    result.distances.assign(1, {10});
    result.homes.assign(1, 0);
    return result;
}

processors detect_processors() { return {base::allowed_cpus(), quota_of({})}; }

void learn_homes(topology& t, base::function_ref<int(int)> first_touch) {
    for (std::size_t node = 0; node < t.node_cpus.size(); ++node) {
        if (std::ranges::find(t.memory, t.numbers[node], &memory_node::number) != t.memory.end()) continue;
        const auto found = std::ranges::find(t.memory, first_touch(t.node_cpus[node].front()), &memory_node::number);
        if (found != t.memory.end()) t.homes[node] = static_cast<int>(found - t.memory.begin());
    }
}

namespace {

[[nodiscard]] topology detect_nodes(processors allowed) {
    memory_rules rules = told_of_memory();
    topology t = topology_of(std::move(allowed), rules.nodes, {});
    t.bound = rules.bound;
    t.placed_by = std::move(rules.placed_by);
    const auto add = [&](const std::string& text) { t.note += (t.note.empty() ? "" : "; ") + text; };
    if (rules.bound) add("memory comes from node " + base::list_of(rules.nodes) + " only, as this process was told (membind)");
    if (!t.placed_by.empty()) add("the system places memory, as this process was told (" + t.placed_by + ")");
    if (t.memory.size() > 1 && t.placed_by.empty()) learn_homes(t, [](int cpu) { return node_of_first_touch(cpu); });
    return t;
}

}  // namespace

topology detect_topology() { return detect_nodes(detect_processors()); }

const processors& host_processors() {
    // Never destroyed: threads may outlive the static objects.
    static const processors& host = *std::make_unique<const processors>(detect_processors()).release();
    return host;
}

const topology& host_topology() {
    static const topology& host = *std::make_unique<const topology>(detect_nodes(host_processors())).release();
    return host;
}

int node_of(const topology& t, int cpu) noexcept {
    for (std::size_t node = 0; node < t.node_cpus.size(); ++node) {
        if (std::binary_search(t.node_cpus[node].begin(), t.node_cpus[node].end(), cpu)) {
            return static_cast<int>(node);
        }
    }
    return 0;
}

int usable_cpus(const processors& p) noexcept {
    const int cpus = std::max(1, static_cast<int>(p.cpus.size()));
    return p.quota > 0 ? std::clamp(static_cast<int>(std::ceil(p.quota)), 1, cpus) : cpus;
}

}  // namespace sinter::inline v1::detail::runtime
