#include "runtime/node_threads.hpp"

#include "runtime/topology.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace sinter::detail::runtime;

/// Threads of two nodes, whose processors are this machine's. Never destroyed, as their leaders run on.
[[nodiscard]] node_threads& of_node(int which) {
    static std::vector<node_threads*>& nodes = *[] {
        auto all = std::make_unique<std::vector<node_threads*>>();
        const std::vector<int>& cpus = host_topology().cpus;
        for (int node = 0; node < 2; ++node) all->push_back(std::make_unique<node_threads>(std::vector<int>{cpus[static_cast<std::size_t>(node) % cpus.size()]}).release());
        return all.release();
    }();
    return *nodes[static_cast<std::size_t>(which)];
}

/// One region: half of the parts on each node.
void region(int parts, sinter::detail::base::function_ref<void(int)> body) {
    struct shifted {
        sinter::detail::base::function_ref<void(int)> body;
        int first;
        void operator()(int part) const { body(first + part); }
    };
    shifted lower{body, 0}, upper{body, parts / 2};
    node_threads::order a{parts / 2, 2, 4, lower}, b{parts - parts / 2, 2, 4, upper};
    // Checks of Boost.Test are for one thread.
    if (!of_node(0).give(a) || !of_node(1).give(b)) throw std::runtime_error("no thread could be started");
    of_node(0).wait_for(a);
    of_node(1).wait_for(b);
    if (a.failure != nullptr) std::rethrow_exception(a.failure);
    if (b.failure != nullptr) std::rethrow_exception(b.failure);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(node_threads_test)

BOOST_AUTO_TEST_CASE(each_part_runs_once_and_what_it_wrote_is_seen) {
    for (int parts = 0; parts < 40; ++parts) {
        std::vector<int> count(static_cast<std::size_t>(parts), 0);
        region(parts, [&](int part) { ++count[static_cast<std::size_t>(part)]; });
        BOOST_TEST(count == std::vector<int>(static_cast<std::size_t>(parts), 1));
    }
}

/// Also regions so long that the caller sleeps, and pauses so long that the leaders do.
BOOST_AUTO_TEST_CASE(several_callers_at_a_time) {
    std::atomic<int> wrong = 0;
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller) {
        callers.emplace_back([&, caller] {
            for (int round = 0; round < 300; ++round) {
                const int parts = 2 + (round + caller) % 5;
                std::vector<int> count(static_cast<std::size_t>(parts), 0);
                region(parts, [&](int part) {
                    if (round % 50 == caller) std::this_thread::sleep_for(std::chrono::milliseconds(1));
                    count[static_cast<std::size_t>(part)] += caller + 1;
                });
                for (const int c : count) wrong += c == caller + 1 ? 0 : 1;
                if (round % 50 == 25) std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        });
    }
    for (std::thread& t : callers) t.join();
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(an_exception_comes_back_and_the_threads_go_on) {
    for (int round = 0; round < 20; ++round) {
        BOOST_CHECK_THROW(region(6, [](int part) { if (part == 4) throw std::runtime_error("part 4"); }), std::runtime_error);
    }
    std::atomic<int> ran = 0;
    region(6, [&](int) { ++ran; });
    BOOST_TEST(ran == 6);
}

BOOST_AUTO_TEST_SUITE_END()
