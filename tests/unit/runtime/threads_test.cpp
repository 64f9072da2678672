#include "runtime/threads.hpp"

#include <sinter/sinter.hpp>

#include "base/sanitizer.hpp"
#include "runtime/topology.hpp"

#include <boost/test/unit_test.hpp>

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace sinter::detail::runtime;

struct with_threads {
    explicit with_threads(int n) : before{max_threads()} { set_threads(n); }
    ~with_threads() { set_threads(before); }
    int before;
};

void spin(std::chrono::microseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
    }
}

/// Runs f in a child and gives its exit code, or -1 if it did not come to its end in 20 seconds.
template <class F>
[[nodiscard]] int in_child(F&& f) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(20);
        int code = 99;
        try {
            code = f();
        } catch (...) {
        }
        ::_exit(code);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(threads_test)

BOOST_AUTO_TEST_CASE(each_part_runs_once) {
    for (const int threads : {1, 2, 3, 5}) {
        const with_threads use{threads};
        for (const int parts : {0, 1, 2, 3, 4, 7, 64}) {
            for (int round = 0; round < 50; ++round) {
                std::vector<int> count(static_cast<std::size_t>(parts), 0);
                parallel(parts, [&](int part) { ++count[static_cast<std::size_t>(part)]; });
                for (const int c : count) {
                    BOOST_REQUIRE_EQUAL(c, 1);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(what_a_part_wrote_is_seen_after) {
    const with_threads use{2};
    int values[2] = {0, 0};
    for (int round = 1; round <= 20000; ++round) {
        parallel(2, [&](int part) { values[part] += round; });
        BOOST_REQUIRE_EQUAL(values[0], values[1]);
    }
}

BOOST_AUTO_TEST_CASE(parts_really_run_side_by_side) {
    const with_threads use{3};
    std::atomic<int> here = 0;
    bool met = false;
    // A thread that is late may miss a region, so there are several.
    for (int round = 0; round < 50 && !met; ++round) {
        here = 0;
        std::atomic<bool> all = false;
        parallel(3, [&](int) {
            ++here;
            const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
            while (here < 3 && std::chrono::steady_clock::now() < end) {
                std::this_thread::yield();
            }
            all = all || here == 3;
        });
        met = all;
    }
    BOOST_TEST(met);
}

BOOST_AUTO_TEST_CASE(parts_use_different_processors) {
    if (host_topology().cpus.size() < 2) {
        return;
    }
    const with_threads use{2};
    int together = 0;
    for (int round = 0; round < 20; ++round) {
        // Hot, as the second thread is then surely there.
        for (int i = 0; i < 20; ++i) {
            parallel(2, [](int) { spin(std::chrono::microseconds(100)); });
        }
        int cpu[2] = {-1, -1};
        std::thread::id id[2];
        parallel(2, [&](int part) {
            spin(std::chrono::microseconds(200));
            cpu[part] = ::sched_getcpu();
            id[part] = std::this_thread::get_id();
        });
        together += id[0] != id[1] && cpu[0] == cpu[1] ? 1 : 0;
    }
    // The system may move the caller in the middle of a region, which is rare.
    BOOST_TEST(together <= 4);
}

BOOST_AUTO_TEST_CASE(the_caller_keeps_its_affinity) {
    cpu_set_t before;
    cpu_set_t after;
    const with_threads use{2};
    ::sched_getaffinity(0, sizeof before, &before);
    for (int i = 0; i < 100; ++i) {
        parallel(2, [](int) { spin(std::chrono::microseconds(20)); });
    }
    ::sched_getaffinity(0, sizeof after, &after);
    BOOST_TEST(CPU_EQUAL(&before, &after));
}

/// The program's own TBB code runs on the same workers: whatever teams they were in, no two of them are left on one processor.
BOOST_AUTO_TEST_CASE(no_two_workers_stay_pinned_to_one_processor) {
    if (host_topology().cpus.size() < 2) {
        return;
    }
    constexpr int threads = 4, rounds = 100;
    using clock = std::chrono::steady_clock;
    const pid_t caller = ::gettid();
    // Two of these threads that are pinned to the same processor. The caller is nobody's to pin.
    const auto some_share = [&](const std::array<std::atomic<pid_t>, threads>& ids) {
        std::set<int> taken;
        for (const pid_t id : ids) {
            cpu_set_t set;
            if (id == caller || ::sched_getaffinity(id, sizeof set, &set) != 0 || CPU_COUNT(&set) != 1) continue;
            int cpu = 0;
            while (!CPU_ISSET(static_cast<std::size_t>(cpu), &set)) ++cpu;
            if (!taken.insert(cpu).second) return true;
        }
        return false;
    };
    int full = 0, shared = 0;
    for (int round = 0; round < rounds; ++round) {
        // Different workers come to the same slot, as all of them have left between the regions.
        for (const int n : {threads, 2}) {
            const with_threads use{n};
            parallel(n, [](int) { spin(std::chrono::microseconds(200)); });
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        std::array<std::atomic<pid_t>, threads> ids{};
        std::atomic<int> here = 0;
        std::atomic<bool> done = false;
        std::thread watcher{[&] {
            const auto wait = [&](auto&& until, std::chrono::milliseconds most) {
                for (const auto end = clock::now() + most; !until() && clock::now() < end;) std::this_thread::sleep_for(std::chrono::microseconds(50));
            };
            wait([&] { return here == threads; }, std::chrono::milliseconds(500));
            if (here == threads) {
                ++full;
                // Another worker may still be on its way to our last region.
                wait([&] { return !some_share(ids); }, std::chrono::milliseconds(500));
                shared += some_share(ids) ? 1 : 0;
            }
            done = true;
        }};
        tbb::task_arena own{threads};
        own.execute([&] {
            // What oneTBB orders, for ThreadSanitizer: named by what no part has to read first.
            static char order = 0;
            const auto stay = [&](int k) {
                const sinter::detail::base::ordered_part part{&order};
                ids[static_cast<std::size_t>(k)] = ::gettid();
                ++here;
                while (!done) std::this_thread::sleep_for(std::chrono::microseconds(50));
            };
            const sinter::detail::base::ordered_region whole{&order};
            tbb::parallel_for(0, threads, stay, tbb::static_partitioner{});
        });
        watcher.join();
    }
    BOOST_TEST(full > 0);
    BOOST_TEST(shared == 0, shared << " of " << full << " times");
}

BOOST_AUTO_TEST_CASE(regions_within_regions_are_loops) {
    const with_threads use{3};
    std::atomic<int> count = 0;
    std::atomic<int> elsewhere = 0;
    BOOST_TEST(!inside_parallel());
    parallel(3, [&](int) {
        const auto self = std::this_thread::get_id();
        int expected = 0;
        parallel(5, [&](int part) {
            count += part == expected++ ? 1 : 0;
            elsewhere += std::this_thread::get_id() == self ? 0 : 1;
            elsewhere += inside_parallel() ? 0 : 1;
        });
    });
    BOOST_TEST(count == 15);
    BOOST_TEST(elsewhere == 0);
    BOOST_TEST(!inside_parallel());
}

BOOST_AUTO_TEST_CASE(the_first_exception_arrives) {
    for (const int threads : {1, 2, 4}) {
        const with_threads use{threads};
        for (int round = 0; round < 30; ++round) {
            try {
                parallel(4, [&](int part) {
                    if (part == round % 4) {
                        throw std::out_of_range{"part " + std::to_string(part)};
                    }
                });
                BOOST_FAIL("no exception");
            } catch (const std::out_of_range& e) {
                BOOST_REQUIRE_EQUAL(e.what(), "part " + std::to_string(round % 4));
            }
            BOOST_REQUIRE(!inside_parallel());
            std::atomic<int> count = 0;
            parallel(4, [&](int) { ++count; });
            BOOST_REQUIRE_EQUAL(count, 4);
        }
    }
}

BOOST_AUTO_TEST_CASE(several_users_at_a_time) {
    const with_threads use{2};
    std::atomic<int> wrong = 0;
    std::vector<std::thread> users;
    for (int user = 0; user < 4; ++user) {
        users.emplace_back([&, user] {
            for (int round = 0; round < 2000; ++round) {
                const int parts = 1 + (round + user) % 5;
                std::vector<int> count(static_cast<std::size_t>(parts), 0);
                parallel(parts, [&](int part) { count[static_cast<std::size_t>(part)] += user + 1; });
                for (const int c : count) {
                    wrong += c == user + 1 ? 0 : 1;
                }
            }
        });
    }
    for (std::thread& t : users) {
        t.join();
    }
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(the_number_may_change_while_others_run) {
    const with_threads use{2};
    std::atomic<bool> stop = false;
    std::atomic<int> wrong = 0;
    std::thread other{[&] {
        while (!stop) {
            std::atomic<int> count = 0;
            parallel(4, [&](int) { ++count; });
            wrong += count == 4 ? 0 : 1;
        }
    }};
    for (int i = 0; i < 200; ++i) {
        set_threads(1 + i % 4);
        std::atomic<int> count = 0;
        parallel(3, [&](int) { ++count; });
        wrong += count == 3 ? 0 : 1;
    }
    stop = true;
    other.join();
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(numbers_that_make_no_sense_are_refused) {
    for (const int n : {0, -1, most_threads + 1}) {
        BOOST_CHECK_EXCEPTION(set_threads(n), sinter::settings_error, [&](const sinter::settings_error& e) {
            return std::string{e.what()}.find("(" + std::to_string(n) + ")") != std::string::npos;
        });
    }
    const with_threads use{most_threads};
    BOOST_TEST(max_threads() == most_threads);
}

BOOST_AUTO_TEST_CASE(a_child_of_fork_runs_alone) {
    const with_threads use{2};
    parallel(2, [](int) {});
    for (int round = 0; round < 5; ++round) {
        BOOST_TEST(in_child([] {
                       int count = 0;
                       const auto self = std::this_thread::get_id();
                       parallel(6, [&](int) { count += std::this_thread::get_id() == self ? 1 : 0; });
                       return count == 6 && max_threads() == 1 ? 7 : 1;
                   }) == 7);
        std::atomic<int> count = 0;
        parallel(2, [&](int) { ++count; });
        BOOST_TEST(count == 2);
    }
}

// The variable is read once, so each value needs a process that has not read it: a child of a child that started anew.
BOOST_AUTO_TEST_CASE(the_environment_is_obeyed_or_refused) {
    const char* const probe = std::getenv("SINTER_TEST_PROBE_THREADS");
    if (probe != nullptr) {
        return;
    }
    const auto ask = [](const char* value) {
        return in_child([&] {
            ::setenv("SINTER_THREADS", value, 1);
            ::setenv("SINTER_TEST_PROBE_THREADS", "1", 1);
            ::execl("/proc/self/exe", "probe", "--run_test=threads_probe", "--report_level=no", "--log_level=nothing", nullptr);
            return 98;
        });
    };
    BOOST_TEST(ask("3") == 103);
    BOOST_TEST(ask("1") == 101);
    for (const char* const bad : {"0", "-2", "two", "3x", "99999999999", "1025", " "}) {
        BOOST_TEST(ask(bad) == 100);
    }
}

BOOST_AUTO_TEST_CASE(no_thread_starts_before_there_is_work_for_several) {
    BOOST_TEST(in_child([] {
                   ::setenv("SINTER_THREADS", "2", 1);
                   ::setenv("SINTER_TEST_PROBE_FIRST", "1", 1);
                   ::execl("/proc/self/exe", "probe", "--run_test=threads_probe/exit_with_when_threads_start", "--report_level=no", "--log_level=nothing", nullptr);
                   return 98;
               }) == 7);
}

BOOST_AUTO_TEST_SUITE_END()

// Run by the tests above in processes of their own; on their own they say nothing.
BOOST_AUTO_TEST_SUITE(threads_probe)

BOOST_AUTO_TEST_CASE(exit_with_when_threads_start) {
    if (std::getenv("SINTER_TEST_PROBE_FIRST") == nullptr) {
        return;
    }
    const auto threads = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator{}); };
    const auto evaluated = [](sinter::index_t n) {
        sinter::array<float> x = sinter::exp(sinter::arange<float>(n) * -1e-6F);
        x.eval();
    };
    const auto before = threads();
    evaluated(1000);
    static_cast<void>(sinter::about().to_string());
    const bool none = threads() == before;
    evaluated(2 << 20);
    ::_exit(none && threads() > before ? 7 : none ? 8 : 9);
}

BOOST_AUTO_TEST_CASE(exit_with_the_number) {
    if (std::getenv("SINTER_TEST_PROBE_THREADS") == nullptr) {
        return;
    }
    int code = 0;
    try {
        code = 100 + max_threads();
    } catch (const sinter::settings_error& e) {
        const std::string value = std::getenv("SINTER_THREADS");
        code = std::string{e.what()}.find("\"" + value + "\"") != std::string::npos ? 100 : 97;
    }
    ::_exit(code);
}

BOOST_AUTO_TEST_SUITE_END()
