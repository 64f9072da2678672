#include "runtime/topology.hpp"

#include "base/system_file.hpp"
#include "runtime/memory_rules.hpp"

#include <boost/test/unit_test.hpp>

#include <sched.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace sinter::detail::runtime;

namespace {

/// A folder with files such as /sys has them, until the end of the scope.
class made_up_system {
public:
    made_up_system() {
        std::string name = (std::filesystem::temp_directory_path() / "sinter-system-XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
        root_.path = name;
    }
    made_up_system(const made_up_system&) = delete;
    made_up_system& operator=(const made_up_system&) = delete;
    ~made_up_system() { std::filesystem::remove_all(root_.path); }

    void write(const std::string& path, const std::string& text) const {
        const std::filesystem::path file = root_.path + path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file} << text << '\n';
    }
    void node(int number, const std::string& cpus, int megabytes, const std::string& distances) const {
        const std::string folder = "/sys/devices/system/node/node" + std::to_string(number);
        const std::string front = "Node " + std::to_string(number) + " ";
        write(folder + "/cpulist", cpus);
        write(folder + "/meminfo", front + "MemTotal:       " + std::to_string(megabytes * 1024) + " kB\n" + front + "MemFree:        12 kB");
        write(folder + "/distance", distances);
    }
    void online(const std::string& list) const { write("/sys/devices/system/node/online", list); }
    [[nodiscard]] const system_root& root() const noexcept { return root_; }

private:
    system_root root_;
};

/// The calling thread.
void stay_on(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(cpu), &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

[[nodiscard]] processors with_cpus(std::vector<int> cpus) { return {std::move(cpus), 0}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(topology_test)

BOOST_AUTO_TEST_CASE(processors_are_those_allowed) {
    const topology t = detect_topology();
    cpu_set_t set;
    BOOST_REQUIRE_EQUAL(::sched_getaffinity(0, sizeof set, &set), 0);
    BOOST_TEST(static_cast<int>(t.cpus.size()) == CPU_COUNT(&set));
    BOOST_TEST(std::is_sorted(t.cpus.begin(), t.cpus.end()));
    for (const int cpu : t.cpus) {
        BOOST_TEST(CPU_ISSET(static_cast<std::size_t>(cpu), &set));
    }
}

BOOST_AUTO_TEST_CASE(each_processor_is_on_one_node) {
    const topology t = detect_topology();
    std::vector<int> all;
    for (std::size_t node = 0; node < t.node_cpus.size(); ++node) {
        BOOST_TEST(!t.node_cpus[node].empty());
        for (const int cpu : t.node_cpus[node]) {
            all.push_back(cpu);
            BOOST_TEST(node_of(t, cpu) == static_cast<int>(node));
        }
    }
    std::sort(all.begin(), all.end());
    BOOST_TEST(all == t.cpus, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_narrower_affinity_of_the_process_is_respected) {
    const topology all = detect_topology();
    const auto detected_on = [](int main, int first) {
        topology found;
        stay_on(main);
        std::thread{[&] {
            stay_on(first);
            found = detect_topology();
        }}.join();
        return found;
    };
    cpu_set_t before;
    BOOST_REQUIRE_EQUAL(::sched_getaffinity(0, sizeof before, &before), 0);
    const topology one = detected_on(all.cpus.back(), all.cpus.back());
    const topology two = detected_on(all.cpus.back(), all.cpus.front());
    BOOST_REQUIRE_EQUAL(::sched_setaffinity(0, sizeof before, &before), 0);
    BOOST_REQUIRE_EQUAL(one.cpus.size(), 1U);
    BOOST_TEST(one.cpus[0] == all.cpus.back());
    BOOST_REQUIRE_EQUAL(one.node_cpus.size(), 1U);
    BOOST_TEST(usable_cpus(one) == 1);
    const std::set<int> both{all.cpus.front(), all.cpus.back()};
    BOOST_TEST(two.cpus == std::vector<int>(both.begin(), both.end()), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_thread_that_is_pinned_does_not_narrow_the_process) {
    const topology all = detect_topology();
    topology found;
    std::thread{[&] {
        stay_on(all.cpus.back());
        found = detect_topology();
    }}.join();
    BOOST_TEST(found.cpus == all.cpus, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lists_of_processors_are_told_as_they_are_read) {
    using namespace sinter::detail::base;
    for (const char* const text : {"0", "0-3", "0-1,4", "3,5,7-9,11", ""}) BOOST_TEST(list_of(parse_list(text)) == text);
}

BOOST_AUTO_TEST_CASE(a_quota_limits_the_threads) {
    topology t;
    t.cpus = {0, 1, 2, 3, 8, 9};
    t.node_cpus = {{0, 1, 2, 3}, {8, 9}};
    BOOST_TEST(usable_cpus(t) == 6);
    t.quota = 2.5;
    BOOST_TEST(usable_cpus(t) == 3);
    t.quota = 0.1;
    BOOST_TEST(usable_cpus(t) == 1);
    t.quota = 100;
    BOOST_TEST(usable_cpus(t) == 6);
    BOOST_TEST(node_of(t, 9) == 1);
    BOOST_TEST(node_of(t, 3) == 0);
    BOOST_TEST(node_of(t, 77) == 0);
}

BOOST_AUTO_TEST_CASE(what_is_detected_is_whole) {
    const topology t = detect_topology();
    BOOST_REQUIRE(!t.memory.empty());
    BOOST_TEST(t.numbers.size() == t.node_cpus.size());
    BOOST_REQUIRE_EQUAL(t.distances.size(), t.node_cpus.size());
    BOOST_REQUIRE_EQUAL(t.homes.size(), t.node_cpus.size());
    for (std::size_t n = 0; n < t.node_cpus.size(); ++n) {
        BOOST_TEST(t.distances[n].size() == t.memory.size());
        BOOST_TEST(t.homes[n] < static_cast<int>(t.memory.size()));
    }
}

#if SINTER_HAVE_NUMA

BOOST_AUTO_TEST_CASE(nodes_hold_what_is_allowed_of_them) {
    const made_up_system system;
    system.online("0-1");
    system.node(0, "0-31,64-95", 1000, "10 21");
    system.node(1, "32-63,96-127", 2000, "21 10");
    const topology t = topology_of(with_cpus({3, 40, 41}), {}, system.root());
    BOOST_REQUIRE_EQUAL(t.node_cpus.size(), 2U);
    BOOST_TEST(t.node_cpus[0] == std::vector<int>{3}, boost::test_tools::per_element());
    BOOST_TEST(t.node_cpus[1] == (std::vector<int>{40, 41}), boost::test_tools::per_element());
    BOOST_TEST((t.memory == std::vector<memory_node>{{0, std::size_t{1000} << 20}, {1, std::size_t{2000} << 20}}));
    BOOST_TEST((t.distances == std::vector<std::vector<int>>{{10, 21}, {21, 10}}));
    BOOST_TEST(usable_cpus(t) == 3);
    BOOST_TEST(t.note.empty());
}

BOOST_AUTO_TEST_CASE(nodes_without_processors_or_memory) {
    const made_up_system system;
    system.online("0,2,5");
    system.node(0, "0-3", 0, "10 20 40");
    system.node(2, "", 512, "20 10 20");
    system.node(5, "4-7", 256, "40 20 10");
    const topology t = topology_of(with_cpus({0, 1, 4}), {}, system.root());
    BOOST_TEST(t.numbers == (std::vector<int>{0, 5}), boost::test_tools::per_element());
    BOOST_TEST((t.memory == std::vector<memory_node>{{2, std::size_t{512} << 20}, {5, std::size_t{256} << 20}}));
    BOOST_TEST((t.distances == std::vector<std::vector<int>>{{20, 40}, {20, 10}}));
    BOOST_TEST(t.homes == (std::vector<int>{0, 1}), boost::test_tools::per_element());
    const topology bound = topology_of(with_cpus({0, 1, 4}), {5}, system.root());
    BOOST_TEST((bound.memory == std::vector<memory_node>{{5, std::size_t{256} << 20}}));
    BOOST_TEST(bound.homes[0] == 0);
}

/// Only those nodes are asked that have no memory, and an answer that says nothing changes nothing.
BOOST_AUTO_TEST_CASE(homes_are_learned_where_memories_are_equally_near) {
    const made_up_system system;
    system.online("0-2");
    system.node(0, "0-1", 512, "10 20 20");
    system.node(1, "2-3", 0, "20 10 20");
    system.node(2, "", 512, "20 20 10");
    topology t = topology_of(with_cpus({0, 1, 2, 3}), {}, system.root());
    BOOST_TEST(t.homes == (std::vector<int>{0, 0}), boost::test_tools::per_element());
    std::vector<int> asked;
    learn_homes(t, [&](int cpu) {
        asked.push_back(cpu);
        return 2;
    });
    BOOST_TEST(asked == std::vector<int>{2}, boost::test_tools::per_element());
    BOOST_TEST(t.homes == (std::vector<int>{0, 1}), boost::test_tools::per_element());
    for (const int nonsense : {-1, 1, 7}) learn_homes(t, [&](int) { return nonsense; });
    BOOST_TEST(t.homes == (std::vector<int>{0, 1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_system_that_makes_no_sense_is_one_node) {
    const made_up_system system;
    system.online("0-1");
    system.node(0, "0-1", 100, "10 20");
    system.node(1, "2-3", 100, "20 10");
    const topology t = topology_of(with_cpus({1, 2, 9}), {}, system.root());
    BOOST_REQUIRE_EQUAL(t.node_cpus.size(), 1U);
    BOOST_TEST(t.node_cpus[0] == t.cpus, boost::test_tools::per_element());
    BOOST_TEST(!t.note.empty());
    BOOST_TEST(topology_of(with_cpus({1, 2}), {7}, system.root()).node_cpus.size() == 1U);
}

#endif

BOOST_AUTO_TEST_CASE(policies_of_memory_are_understood) {
    // As linux/mempolicy.h numbers them.
    constexpr int preferred = 1, bind = 2, interleaved = 3, local = 4, preferred_many = 5, static_nodes = 1 << 15;
    const std::vector<int> all{0, 1, 2};
    for (const int mode : {0, local}) {
        const memory_rules r = rules_of(mode, {}, all);
        BOOST_TEST((r.nodes == all && !r.bound && r.placed_by.empty()));
    }
    for (const int mode : {bind, bind | static_nodes}) {
        const memory_rules r = rules_of(mode, {1, 2, 9}, all);
        BOOST_TEST((r.nodes == std::vector<int>{1, 2} && r.bound && r.placed_by.empty()));
    }
    BOOST_TEST((rules_of(bind, {1}, {}).nodes == std::vector<int>{1}));
    BOOST_TEST(!rules_of(bind, all, all).bound);
    BOOST_TEST(rules_of(interleaved, {0, 1}, all).placed_by == "interleave");
    BOOST_TEST((rules_of(interleaved, {0, 1}, all).nodes == all));
    BOOST_TEST(rules_of(preferred, {1}, all).placed_by == "preferred");
    BOOST_TEST(rules_of(preferred, {}, all).placed_by.empty());
    BOOST_TEST(rules_of(preferred_many, {1, 2}, all).placed_by == "policy 5");
}

BOOST_AUTO_TEST_CASE(the_first_touch_is_where_the_thread_is) {
    const topology t = detect_topology();
    for (std::size_t n = 0; n < t.node_cpus.size(); ++n) {
        const int found = node_of_first_touch(t.node_cpus[n].front());
        BOOST_TEST((found == -1 || found == t.memory[static_cast<std::size_t>(t.homes[n])].number));
    }
    BOOST_TEST(node_of_first_touch(1023) == -1);
}

BOOST_AUTO_TEST_CASE(a_system_that_tells_nothing_is_one_node) {
    const made_up_system system;
    const topology t = topology_of(with_cpus({0, 5}), {}, system.root());
    BOOST_REQUIRE_EQUAL(t.node_cpus.size(), 1U);
    BOOST_TEST(t.node_cpus[0] == t.cpus, boost::test_tools::per_element());
    BOOST_TEST(t.memory.size() == 1U);
    BOOST_TEST(t.note.empty());
    BOOST_TEST(quota_of(system.root()) == 0);
}

BOOST_AUTO_TEST_CASE(the_smallest_quota_of_the_groups_counts) {
    const made_up_system system;
    system.write("/sys/fs/cgroup/cpu.max", "max 100000");
    BOOST_TEST(quota_of(system.root()) == 0);
    system.write("/proc/self/cgroup", "4:memory:/elsewhere\n0::/jobs/mine");
    BOOST_TEST(quota_of(system.root()) == 0);
    system.write("/sys/fs/cgroup/jobs/cpu.max", "250000 100000");
    BOOST_TEST(quota_of(system.root()) == 2.5);
    system.write("/sys/fs/cgroup/jobs/mine/cpu.max", "400000 100000");
    BOOST_TEST(quota_of(system.root()) == 2.5);
    system.write("/sys/fs/cgroup/jobs/mine/cpu.max", "50000 100000");
    BOOST_TEST(quota_of(system.root()) == 0.5);
    const made_up_system first;
    first.write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1");
    first.write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000");
    BOOST_TEST(quota_of(first.root()) == 0);
    first.write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000");
    BOOST_TEST(quota_of(first.root()) == 3);
}

BOOST_AUTO_TEST_SUITE_END()
