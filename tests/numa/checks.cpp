#include "checks.hpp"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

namespace numa {

truth real;
int failures = 0;

void check(bool good, const std::string& name, const std::string& why) {
    std::printf("%s - %s\n", good ? "ok" : "not ok", name.c_str());
    if (!good) std::printf("# %s\n", why.c_str());
    failures += good ? 0 : 1;
    std::fflush(stdout);
}

void check_pages(const std::string& name, const void* start, std::size_t bytes, std::size_t wanted_slack) {
    const std::vector<int> found = nodes_of_pages(start, bytes);
    // From 4 MiB on memory begins with a huge page, as each node's part of what is checked here does.
    const std::size_t slack = wanted_slack > 0 ? wanted_slack : bytes >= std::size_t{4} << 20 ? std::min(real.slack, 2 * page) : real.slack;
    std::size_t wrong = 0, excused = 0;
    std::string why;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto low = static_cast<index_t>(i * page);
        std::size_t k = 0;
        while (k + 1 < real.nodes.size() && low >= real.boundary(static_cast<index_t>(bytes), k + 1)) ++k;
        if (found[i] == real.nodes[k].home) continue;
        const auto near = [&](std::size_t at) {
            const index_t boundary = real.boundary(static_cast<index_t>(bytes), at);
            return low + static_cast<index_t>(page + slack) > boundary && low < boundary + static_cast<index_t>(slack);
        };
        if ((k > 0 && near(k)) || (k + 1 < real.nodes.size() && near(k + 1))) {
            ++excused;
            continue;
        }
        if (wrong++ < 8) why += "page " + std::to_string(i) + " is on " + std::to_string(found[i]) + ", not " + std::to_string(real.nodes[k].home) + "; ";
    }
    check(wrong == 0, name, std::to_string(wrong) + " of " + std::to_string(found.size()) + " pages: " + why);
    if (excused > 0) std::printf("# %zu of %zu pages at the boundaries\n", excused, found.size());
}

namespace {

std::mutex seen_mutex;
std::vector<seen_part> seen;

}  // namespace

void listen(const part_record& r) {
    const int cpu = ::sched_getcpu();
    const std::lock_guard lock{seen_mutex};
    seen.push_back({r, cpu});
}

std::size_t node_of_cpu(int cpu) {
    for (std::size_t k = 0; k < real.nodes.size(); ++k) {
        if (std::ranges::find(real.nodes[k].cpus, cpu) != real.nodes[k].cpus.end()) return k;
    }
    return real.nodes.size();
}

std::vector<seen_part> take_seen() {
    const std::lock_guard lock{seen_mutex};
    return std::exchange(seen, {});
}

std::vector<seen_part> copy_seen() {
    const std::lock_guard lock{seen_mutex};
    return seen;
}

void check_log(const std::string& name, std::size_t least_kernels) {
    const std::vector<seen_part> log = take_seen();
    if (!real.shared) {
        check(log.empty(), name + ": no map", std::to_string(log.size()) + " parts were told of");
        return;
    }
    std::map<const void*, std::vector<seen_part>> kernels;
    for (const seen_part& s : log) kernels[s.record.launch].push_back(s);
    std::string why;
    for (auto& [launch, parts] : kernels) {
        std::ranges::sort(parts, {}, [](const seen_part& s) { return s.record.low; });
        index_t at = 0;
        for (const seen_part& s : parts) {
            const part_record& r = s.record;
            const std::string which = "rows " + std::to_string(r.low) + " to " + std::to_string(r.past) + " of " + std::to_string(r.length) + " on cpu " + std::to_string(s.cpu);
            if (r.low != at) why += which + " do not begin at " + std::to_string(at) + "; ";
            at = r.past;
            const std::size_t k = node_of_cpu(s.cpu);
            if (k == real.nodes.size()) {
                why += which + ", which is on no node; ";
                continue;
            }
            // The library cuts long rows at multiples of 1024 elements, or of 256 where lanes are in memory.
            const index_t unit = r.launch->split == sinter::detail::plan::split_dim::inner ? 1024 : 1;
            if (r.low <= real.boundary(r.length, k) - unit || r.past >= real.boundary(r.length, k + 1) + unit) {
                why += which + ", whose node has " + std::to_string(real.boundary(r.length, k)) + " to " + std::to_string(real.boundary(r.length, k + 1)) + "; ";
            }
            if (static_cast<int>(k) != r.split->share_of(r.part).node) why += which + " were meant for node " + std::to_string(r.split->share_of(r.part).node) + "; ";
        }
        if (at != parts.back().record.length) why += "rows from " + std::to_string(at) + " on are missing; ";
    }
    if (kernels.size() < least_kernels) why += std::to_string(kernels.size()) + " kernels ran on several threads, not " + std::to_string(least_kernels);
    check(why.empty(), name + ": each row on its node", why);
}

long page_faults() {
    rusage u{};
    ::getrusage(RUSAGE_SELF, &u);
    return u.ru_minflt + u.ru_majflt;
}

void stay_on(const std::vector<int>& cpus) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int c : cpus) CPU_SET(static_cast<std::size_t>(c), &set);
    if (::sched_setaffinity(0, sizeof set, &set) != 0) std::perror("sched_setaffinity");
}

std::vector<int> all_cpus() {
    std::vector<int> all;
    for (const real_node& n : real.nodes) all.insert(all.end(), n.cpus.begin(), n.cpus.end());
    return all;
}

std::vector<float> some_values(index_t n) {
    std::vector<float> values(static_cast<std::size_t>(n));
    for (index_t i = 0; i < n; ++i) values[static_cast<std::size_t>(i)] = static_cast<float>(i % 8191);
    return values;
}

}  // namespace numa
