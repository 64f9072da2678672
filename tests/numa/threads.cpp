// How threads are spread over the processors, and what the program's own threads and TBB code find beside them.

#include "checks.hpp"

#include "runtime/pool.hpp"
#include "runtime/threads.hpp"

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace numa {

/// Threads that are not to be pinned may go everywhere, whatever the caller that they were started for may do.
void unpinned() {
    static const pid_t caller = ::gettid();
    static std::atomic<int> by_others = 0, bound = 0;
    stay_on({real.nodes.front().cpus.front()});
    sinter::detail::runtime::part_listener = [](const part_record&) {
        cpu_set_t set;
        if (::gettid() == caller || ::sched_getaffinity(0, sizeof set, &set) != 0) return;
        ++by_others;
        bound += CPU_COUNT(&set) < real.cpus ? 1 : 0;
    };
    for (int round = 0; round < 5; ++round) sinter::array<float>(sinter::arange<float>(1 << 21) * 2.0F).eval();
    check(by_others > 0 || real.nodes.size() == 1, "SINTER_PIN=off: other nodes' threads work");
    check(bound == 0, "SINTER_PIN=off: no thread is bound", std::to_string(bound) + " of " + std::to_string(by_others));
}

/// With SINTER_NUMA=off all processors are alike: the thread whose processor the caller is bound to goes to another one, on whatever node.
void beside_caller() {
    const int own = real.nodes.back().cpus.back();
    const pid_t caller = ::gettid();
    stay_on({own});
    std::atomic<int> by_others = 0, beside = 0;
    // Where much else runs another thread may be late, and the caller does all.
    for (int round = 0; round < 5 || (by_others < 20 && round < 5000); ++round) {
        sinter::detail::runtime::parallel(real.cpus, [&](int) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            cpu_set_t set;
            if (round < 5 || ::gettid() == caller || ::sched_getaffinity(0, sizeof set, &set) != 0) return;
            ++by_others;
            beside += CPU_COUNT(&set) == 1 && CPU_ISSET(static_cast<std::size_t>(own), &set) ? 1 : 0;
        });
    }
    check(by_others > 0 && beside == 0, "no thread is bound to the caller's processor", std::to_string(beside) + " of " + std::to_string(by_others));
}

/// The program's own TBB code runs on while arrays are computed, and all of it comes to its end.
void beside_tbb() {
    std::atomic<bool> stop = false;
    std::atomic<long> rounds = 0;
    std::thread other{[&] {
        while (!stop) {
            std::atomic<int> count = 0;
            tbb::parallel_for(0, 64, [&](int) { ++count; });
            if (count == 64) ++rounds;
        }
    }};
    while (rounds == 0) std::this_thread::yield();
    const sinter::array<float> x = sinter::full<float>({1 << 20}, 1.5F);
    bool right = true;
    for (int round = 0; round < 20; ++round) {
        sinter::array<float> y = x * 2.0F + static_cast<float>(round);
        right = right && y.data()[(1 << 20) - 1] == 3.0F + static_cast<float>(round);
    }
    for (const long now = rounds; rounds == now;) std::this_thread::yield();
    stop = true;
    other.join();
    check(right, "the program's own TBB code runs beside");
}

namespace {

/// How many of the threads can be on processors of their own at the same time.
[[nodiscard]] int most_side_by_side(const std::vector<cpu_set_t>& sets) {
    std::vector<int> who(CPU_SETSIZE, -1);
    std::vector<bool> asked;
    const std::function<bool(int)> seat = [&](int thread) {
        for (const int cpu : all_cpus()) {
            const auto c = static_cast<std::size_t>(cpu);
            if (asked[c] || !CPU_ISSET(c, &sets[static_cast<std::size_t>(thread)])) continue;
            asked[c] = true;
            if (who[c] < 0 || seat(who[c])) {
                who[c] = thread;
                return true;
            }
        }
        return false;
    };
    int seated = 0;
    for (int thread = 0; thread < static_cast<int>(sets.size()); ++thread) {
        asked.assign(CPU_SETSIZE, false);
        seated += seat(thread) ? 1 : 0;
    }
    return seated;
}

/// The affinities of all threads of a loop of the program's own that needs as many threads as processors at the same time; empty, if they did not come.
[[nodiscard]] std::vector<cpu_set_t> affinities_in_own_loop() {
    using clock = std::chrono::steady_clock;
    const auto pause = [] { std::this_thread::sleep_for(std::chrono::microseconds(200)); };
    std::vector<std::atomic<pid_t>> ids(static_cast<std::size_t>(real.cpus));
    std::vector<cpu_set_t> sets;
    std::atomic<int> here = 0;
    std::atomic<bool> done = false;
    std::thread watcher{[&] {
        for (const auto end = clock::now() + std::chrono::seconds(20); here < real.cpus && clock::now() < end;) pause();
        if (here == real.cpus) {
            // Another worker may still be on its way to our last region.
            const auto end = clock::now() + std::chrono::seconds(2);
            do {
                pause();
                sets.assign(ids.size(), {});
                for (std::size_t k = 0; k < ids.size(); ++k) ::sched_getaffinity(ids[k], sizeof sets[k], &sets[k]);
            } while (most_side_by_side(sets) < real.cpus && clock::now() < end);
        }
        done = true;
    }};
    tbb::task_arena arena{real.cpus};
    arena.execute([&] {
        const auto stay = [&](int k) {
            ids[static_cast<std::size_t>(k)] = ::gettid();
            ++here;
            while (!done) pause();
        };
        tbb::parallel_for(0, real.cpus, stay, tbb::static_partitioner{});
    });
    watcher.join();
    return sets;
}

}  // namespace

/// The program's own TBB code has all processors when arrays have been computed by this many threads and that, from here and there.
void full_width() {
    namespace rt = sinter::detail::runtime;
    const std::vector<int> cpus = all_cpus();
    int least = real.cpus;
    std::string why;
    for (int round = 0; round < 12; ++round) {
        for (const int threads : {real.cpus, 2, real.cpus + 1, real.cpus - 1}) {
            stay_on({cpus[static_cast<std::size_t>(round + threads) % cpus.size()]});
            rt::parallel_on(threads, threads, [](int) { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
            // Now and then all workers leave.
            if (round % 3 > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20 * (round % 3)));
        }
        stay_on(cpus);
        const std::vector<cpu_set_t> sets = affinities_in_own_loop();
        const int side_by_side = most_side_by_side(sets);
        if (side_by_side >= least) continue;
        least = side_by_side;
        why = "only " + std::to_string(least) + " of them:";
        for (const cpu_set_t& s : sets) {
            why += " {";
            for (const int cpu : cpus) why += CPU_ISSET(static_cast<std::size_t>(cpu), &s) ? " " + std::to_string(cpu) : "";
            why += " }";
        }
    }
    check(least == real.cpus, "the program's own TBB code has all processors afterwards", why);
}

/// Fewer threads than nodes: the map cannot be followed, so what they write is not taken for memory that follows it.
void few_threads() {
    const std::vector<float> values = some_values(1 << 21);
    const sinter::array<float> x = sinter::from(values);
    const sinter::array<float> expected = x * 3.0F;
    expected.eval();
    for (int threads = 1; threads <= static_cast<int>(real.nodes.size()); ++threads) {
        const std::string of = " with " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
        sinter::detail::runtime::trim();  // so that memory is fresh
        sinter::set_threads(threads);
        static_cast<void>(take_seen());
        {
            const sinter::array<float> copy = sinter::from(values);
            sinter::array<float> y = copy * 3.0F;
            check(sinter::array_equal(y, expected), "the values" + of);
        }
        std::string why;
        for (const seen_part& s : take_seen()) {
            const auto k = static_cast<int>(node_of_cpu(s.cpu));
            if (k != s.record.split->share_of(s.record.part).node) why += "a part of node " + std::to_string(s.record.split->share_of(s.record.part).node) + " on cpu " + std::to_string(s.cpu) + "; ";
            if (s.record.split->parts() > threads) why += std::to_string(s.record.split->parts()) + " parts; ";
        }
        check(why.empty(), "parts on their nodes" + of, why);
        sinter::set_threads(real.cpus);
        const sinter::array<float> copy = sinter::from(values);
        pages_of("an input after work" + of, copy);
        sinter::array<float> y = copy * 3.0F;
        y.eval();
        check_log("a map after work" + of);
        pages_of("an output after work" + of, y);
    }
}

/// A program that pins the thread that comes first does not mean all of them.
void pinned_first() {
    const std::vector<int> cpus = all_cpus();
    std::thread{[&] {
        stay_on({cpus.back()});
        const sinter::array<float> x = sinter::arange<float>(1 << 21) * 2.0F;
        check(x.data()[1 << 20] == static_cast<float>(1 << 21), "a thread that is pinned comes first");
    }}.join();
    const sinter::runtime_info info = sinter::about();
    check(info.threads == real.cpus, "a thread for each processor", std::to_string(info.threads));
    check(parse_cpus(info.processors.c_str()) == cpus, "about() names the processors", info.processors);
    std::set<int> used;
    std::mutex mutex;
    // Where much else runs another thread may be late, and one does the work of two.
    for (int round = 0; round < 1000 && used.size() < cpus.size(); ++round) {
        sinter::detail::runtime::parallel(real.cpus, [&](int) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            const std::lock_guard lock{mutex};
            used.insert(::sched_getcpu());
        });
    }
    check(used.size() == cpus.size(), "all of them work", std::to_string(used.size()));
}

}  // namespace numa
