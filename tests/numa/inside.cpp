// Runs on a machine of several nodes, which run.py makes up, and checks page by page where memory is and which processor ran which rows.
//
//   inside auto|force|off slack node:cpus:home... node...
//
// Each node as the machine really is: its number, its processors and the number of the node whose memory they touch first; of one without processors the number
// alone. SINTER_TEST_NUMA=refused: the system's calls fail; no-libnuma: there is none; unpinned: SINTER_PIN is off. slack: bytes on
// each side of a boundary between nodes where either is right: what one page, or the unit of a loop, may straddle. Prints TAP without a plan, and `digest`
// lines, which are the same on every machine.

#include "truth.hpp"

#include "runtime/place_steps.hpp"
#include "runtime/threads.hpp"

#include <sinter/sinter.hpp>

#include <oneapi/tbb/parallel_for.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace numa;
using sinter::detail::runtime::part_record;

truth real;
int failures = 0;

void check(bool good, const std::string& name, const std::string& why = {}) {
    std::printf("%s - %s\n", good ? "ok" : "not ok", name.c_str());
    if (!good) std::printf("# %s\n", why.c_str());
    failures += good ? 0 : 1;
    std::fflush(stdout);
}

/// Every page is where the map of rows says.
void check_pages(const std::string& name, const void* start, std::size_t bytes, std::size_t wanted_slack = 0) {
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

struct seen_part {
    part_record record;
    int cpu = -1;
};

std::mutex seen_mutex;
std::vector<seen_part> seen;

void listen(const part_record& r) {
    const int cpu = ::sched_getcpu();
    const std::lock_guard lock{seen_mutex};
    seen.push_back({r, cpu});
}

[[nodiscard]] std::size_t node_of_cpu(int cpu) {
    for (std::size_t k = 0; k < real.nodes.size(); ++k) {
        if (std::ranges::find(real.nodes[k].cpus, cpu) != real.nodes[k].cpus.end()) return k;
    }
    return real.nodes.size();
}

/// What was seen since the last time: every row once, by the node whose row it is.
void check_log(const std::string& name, std::size_t least_kernels = 1) {
    std::vector<seen_part> log;
    {
        const std::lock_guard lock{seen_mutex};
        log.swap(seen);
    }
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

[[nodiscard]] long page_faults() {
    rusage u{};
    ::getrusage(RUSAGE_SELF, &u);
    return u.ru_minflt + u.ru_majflt;
}

template <class T>
void digest(const std::string& name, const sinter::array<T>& a) {
    std::uint64_t h = 0xcbf29ce484222325;
    const auto* const bytes = reinterpret_cast<const unsigned char*>(a.data());
    for (std::size_t i = 0; i < static_cast<std::size_t>(a.size()) * sizeof(T); ++i) h = (h ^ bytes[i]) * 0x100000001b3;
    std::printf("digest %s %016llx\n", name.c_str(), static_cast<unsigned long long>(h));
}

void stay_on(const std::vector<int>& cpus) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int c : cpus) CPU_SET(static_cast<std::size_t>(c), &set);
    if (::sched_setaffinity(0, sizeof set, &set) != 0) std::perror("sched_setaffinity");
}

template <class T>
void pages_of(const std::string& name, const sinter::array<T>& a) {
    if (real.shared) check_pages(name, a.data(), static_cast<std::size_t>(a.size()) * sizeof(T));
}

/// All kinds of buffers, from a caller that is on one node.
void go_through(const std::string& caller, bool digests) {
    constexpr index_t rows = 2048, columns = 1024, n = rows * columns;
    std::vector<float> values(n);
    for (index_t i = 0; i < n; ++i) values[static_cast<std::size_t>(i)] = static_cast<float>(i * 2654435761U % 1000) / 1000.0F;
    const std::string of = ", called from " + caller;

    const sinter::array<float> x = sinter::from(values, {rows, columns});
    pages_of("an input by from()" + of, x);

    sinter::array<float> z = x * 2.0F + 1.0F;
    z.eval();
    check_log("a map" + of);
    pages_of("an output" + of, z);

    sinter::array<float> y = z * x + z;
    y.eval();
    check_log("a map of two" + of);
    pages_of("another output" + of, y);
    if (digests) digest("map", y);

    // Given back and had again: the same pages, and none of them new.
    const float* const before = y.data();
    y = sinter::array<float>{};
    const long faults = page_faults();
    y = x * z - 3.0F;
    y.eval();
    const long more = page_faults() - faults;
    check_log("into recycled memory" + of);
    if (real.shared) {
        check(y.data() == before, "memory is recycled" + of, "other memory");
        check(more < 64, "recycled memory costs no page faults" + of, std::to_string(more));
    }
    pages_of("a recycled output" + of, y);

    // The scan is read twice, down the columns first, so it is stored.
    sinter::array<float> t = sinter::cumsum(y, {.axis = 1});
    sinter::array<float> u = t / (sinter::max(t, {.axis = 0, .keepdims = true}) + 1.0F);
    t = sinter::array<float>{};
    u.eval();
    if (real.shared) {
        std::set<const std::byte*> checked;
        std::vector<seen_part> log;
        {
            const std::lock_guard lock{seen_mutex};
            log = seen;
        }
        for (const seen_part& s : log) {
            const auto& l = *s.record.launch;
            const index_t elements = l.outer.count() * l.rows * l.n;
            const bool whole = !l.kernel.outputs.empty() && elements == n && !l.places[l.kernel.inputs.size()].local;
            if (whole && checked.insert(s.record.first).second) check_pages("a stored value" + of, s.record.first, static_cast<std::size_t>(n) * sizeof(float));
        }
        check(!checked.empty(), "something was stored" + of, "no kernel wrote a whole value");
    }
    check_log("a scan, columns and a map" + of);
    if (digests) digest("rows", u);

    // Few rows, of which threads share the columns: each part is a piece of every row.
    constexpr index_t length = 1 << 21;
    const sinter::array<float> long_row = sinter::arange<float>(length) * 0.5F, two_rows = sinter::arange<float>(2 * length).reshape({2, length});
    sinter::eval(long_row, two_rows);
    {
        const std::lock_guard lock{seen_mutex};
        seen.clear();
    }
    sinter::array<float> few = two_rows * long_row;
    few.eval();
    check_log("two rows times one" + of, 0);
    pages_of("two rows whose columns are shared" + of, few);
    if (digests) digest("few", few);

    sinter::array<float> across = sinter::sum(x * z, {.axis = 0});
    across.eval();
    check_log("sums of columns" + of);
    if (digests) digest("columns", across);
    sinter::array<float> along = sinter::sum(x * z, {.axis = 1});
    along.eval();
    check_log("sums of rows" + of);
    if (digests) digest("sums", along);
    sinter::array<float> whole = sinter::sum(x * x + z);
    whole.eval();
    check_log("a sum of all" + of);
    if (digests) digest("sum", whole);

    // Large files of other types are mapped, not copied.
    const sinter::array<bool> flags = x > 0.5F;
    sinter::save("/tmp/x.npy", flags);
    const sinter::array<bool> loaded = sinter::load<bool>("/tmp/x.npy");
    pages_of("an array from a file" + of, loaded);
    check(sinter::array_equal(loaded, flags), "the file's values" + of);
    {
        const std::lock_guard lock{seen_mutex};
        seen.clear();
    }
}

/// What explain says of nodes is what the evaluation then does.
void explained(const std::string& name, sinter::array<float>& pending) {
    std::vector<std::string> taken;
    const sinter::plan_report report = sinter::explain(pending);
    for (const sinter::decision_report& d : report.decisions) {
        if (d.kind == "nodes") taken.push_back(d.options[d.taken].name);
    }
    {
        const std::lock_guard lock{seen_mutex};
        seen.clear();
    }
    pending.eval();
    std::set<int> nodes;
    {
        const std::lock_guard lock{seen_mutex};
        for (const seen_part& s : seen) nodes.insert(static_cast<int>(real.nodes[node_of_cpu(s.cpu)].home));
        seen.clear();
    }
    if (!real.shared) {
        check(taken.empty(), name + ": explain tells of no nodes", taken.empty() ? "" : taken.front());
        return;
    }
    // A single node is itself, and all of them.
    const std::string wanted = nodes.size() > 1 ? "on all nodes" : real.nodes.size() == 1 ? "on " : "on node ";
    check(taken.size() == 1 && taken.front().find(wanted) != std::string::npos, name + ": explain tells where it runs", wanted + ", told: " + (taken.empty() ? "nothing" : taken.front()));
    check(report.to_string().find(taken.front()) != std::string::npos, name + ": in words, too", report.to_string());
}

/// Memory that is moved after it was written.
void placed() {
    constexpr index_t n = 1 << 21;
    constexpr std::size_t bytes = n * sizeof(float);
    std::vector<float> values(n);
    for (index_t i = 0; i < n; ++i) values[static_cast<std::size_t>(i)] = static_cast<float>(i % 8191);
    const sinter::array<float> x = sinter::from(values);
    const float* const data = x.data();
    std::set<int> memories;
    for (const real_node& node : real.nodes) memories.insert(node.home);
    memories.insert(real.others.begin(), real.others.end());

    for (const int m : memories) {
        sinter::place(x, sinter::on_node(m));
        const std::vector<int> found = nodes_of_pages(data, bytes);
        check(std::ranges::all_of(found, [&](int at) { return at == m; }), "on_node(" + std::to_string(m) + ")",
              std::to_string(std::ranges::count(found, m)) + " of " + std::to_string(found.size()) + " pages");
        sinter::array<float> y = x * 3.0F;
        explained("what is on node " + std::to_string(m), y);
        digest("placed", y);
    }
    sinter::place(x, sinter::interleave);
    std::vector<int> found = nodes_of_pages(data, bytes);
    for (const int m : memories) {
        const auto share = static_cast<double>(std::ranges::count(found, m)) / static_cast<double>(found.size());
        const double even = 1.0 / static_cast<double>(memories.size());
        check(share > 0.5 * even && share < 2 * even, "interleave: a share of node " + std::to_string(m), std::to_string(share));
    }
    sinter::array<float> y = x * 3.0F;
    y.eval();
    digest("placed", y);
    sinter::place(x, sinter::by_rows);
    check_pages("by_rows", data, bytes);
    // The first rows of an array are its memory, too.
    const sinter::array<float> first_rows = x(sinter::range(0, n / 2));
    sinter::place(first_rows, sinter::on_node(*memories.rbegin()));
    found = nodes_of_pages(data, bytes);
    check(std::ranges::all_of(found, [&](int at) { return at == *memories.rbegin(); }), "on_node() of the first rows: all of the memory",
          std::to_string(std::ranges::count(found, *memories.rbegin())) + " of " + std::to_string(found.size()) + " pages");
    sinter::place(first_rows, sinter::by_rows);
    check_pages("by_rows of the first rows", data, bytes);
    // Borrowed memory begins anywhere in a page.
    const sinter::array<float> borrowed = sinter::borrow(values.data() + 1, {n - 1});
    sinter::place(borrowed, sinter::on_node(*memories.rbegin()));
    sinter::place(borrowed, sinter::by_rows);
    check_pages("borrowed memory by_rows", values.data() + 1025, bytes - 2 * page, 2 << 20);  // the system may have given it huge pages
    {
        const std::lock_guard lock{seen_mutex};
        seen.clear();
    }
    sinter::array<float> z = x * 3.0F;
    z.eval();
    check_log("what follows by_rows");
    pages_of("its output", z);
    digest("placed", z);
    const std::string note = sinter::about().numa_note;
    check(note.empty(), "nothing was refused", note);
}

/// A container that allows neither placing nor pinning: the same values, and about() tells.
void refused() {
    constexpr unsigned number_offset = offsetof(seccomp_data, nr);
    const auto refuse = [](unsigned call, unsigned error) {
        return std::array<sock_filter, 2>{sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, call}, sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | error}};
    };
    std::vector<sock_filter> filter{{BPF_LD | BPF_W | BPF_ABS, 0, 0, number_offset}};
    for (const auto& two : {refuse(SYS_mbind, ENOSYS), refuse(SYS_move_pages, ENOSYS), refuse(SYS_get_mempolicy, ENOSYS), refuse(SYS_sched_setaffinity, EPERM)}) {
        filter.insert(filter.end(), two.begin(), two.end());
    }
    filter.push_back({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW});
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        std::perror("seccomp");
        std::exit(2);
    }
    constexpr index_t n = 1 << 21;
    std::vector<float> values(n);
    for (index_t i = 0; i < n; ++i) values[static_cast<std::size_t>(i)] = static_cast<float>(i % 8191);
    const sinter::array<float> x = sinter::from(values);
    sinter::place(x, sinter::interleave);
    sinter::array<float> y = x * 3.0F;
    y.eval();
    digest("placed", y);
    const std::string note = sinter::about().numa_note;
    check(note.find("could not be pinned: Operation not permitted") != std::string::npos, "about() tells of threads", note);
    if (real.shared) {
        check(note.find("could not be placed: Function not implemented") != std::string::npos || note.find("libnuma.so.1 is not there") != std::string::npos,
              "about() tells of memory", note);
    }
    check(sinter::about().to_string().find(note) != std::string::npos, "about() is for reading, too");
}

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

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: inside mode slack node:cpus:home...\n");
        return 2;
    }
    real.mode = argv[1];
    real.slack = static_cast<std::size_t>(std::atol(argv[2]));
    for (int i = 3; i < argc; ++i) {
        const std::string text = argv[i];
        const std::size_t first = text.find(':'), second = text.find(':', first + 1);
        if (first == std::string::npos) {
            real.others.push_back(std::atoi(text.c_str()));
            continue;
        }
        real.nodes.push_back({std::atoi(text.c_str()), parse_cpus(text.substr(first + 1, second - first - 1).c_str()), std::atoi(text.c_str() + second + 1)});
        real.cpus += static_cast<int>(real.nodes.back().cpus.size());
    }
    real.shared = real.mode == "force" || (real.mode == "auto" && real.nodes.size() > 1);

    const char* const what = std::getenv("SINTER_TEST_NUMA");
    if (what != nullptr && std::string_view{what} == "refused") {
        refused();
        return failures == 0 ? 0 : 1;
    }
    const sinter::runtime_info info = sinter::about();
    if (what != nullptr && std::string_view{what} == "no-libnuma") {
        check(info.numa_note.find("libnuma.so.1 is not there") != std::string::npos, "about() misses libnuma", info.numa_note);
    } else {
        check(info.numa_note.empty(), "nothing was refused at first", info.numa_note);
    }
    check(info.numa == real.mode, "about() names the mode", info.numa);
    const int shared = real.shared ? static_cast<int>(real.nodes.size()) : 1;
    check(info.numa_shared == shared, "about() counts the nodes", std::to_string(info.numa_shared));
    check(info.threads == real.cpus, "a thread for each processor", std::to_string(info.threads));

    if (what != nullptr && std::string_view{what} == "unpinned") {
        unpinned();
        return failures == 0 ? 0 : 1;
    }
    sinter::detail::runtime::part_listener = listen;
    stay_on(real.nodes.front().cpus);
    go_through("the first node", true);
    stay_on(real.nodes.back().cpus);
    go_through("the last node", false);
    if (real.mode == "off") beside_caller();
    beside_tbb();
    const bool can_place = real.shared || (real.mode == "auto" && real.nodes.size() + real.others.size() > 1);
    if (can_place && what == nullptr) placed();
    return failures == 0 ? 0 : 1;
}
