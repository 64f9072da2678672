#include "runtime/topology.hpp"

#include <boost/test/unit_test.hpp>

#include <sched.h>

#include <algorithm>
#include <thread>
#include <vector>

using namespace sinter::detail::runtime;

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

BOOST_AUTO_TEST_CASE(a_narrower_affinity_is_respected) {
    const topology all = detect_topology();
    topology one;
    std::thread{[&] {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(static_cast<std::size_t>(all.cpus.back()), &set);
        ::sched_setaffinity(0, sizeof set, &set);
        one = detect_topology();
    }}.join();
    BOOST_REQUIRE_EQUAL(one.cpus.size(), 1U);
    BOOST_TEST(one.cpus[0] == all.cpus.back());
    BOOST_REQUIRE_EQUAL(one.node_cpus.size(), 1U);
    BOOST_TEST(usable_cpus(one) == 1);
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

BOOST_AUTO_TEST_SUITE_END()
