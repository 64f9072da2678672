#include "checks.hpp"

#include <dlfcn.h>
#include <execinfo.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <span>
#include <string>
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

namespace {

void tell_where(int) {
    std::array<void*, 48> frames{};
    ::backtrace_symbols_fd(frames.data(), ::backtrace(frames.data(), static_cast<int>(frames.size())), STDOUT_FILENO);
}

/// What may be return addresses on the stack of a thread that waits in the system.
void tell_stack(pid_t id) {
    std::ifstream file{"/proc/self/task/" + std::to_string(id) + "/syscall"};
    std::string text;
    std::getline(file, text);
    std::printf("# syscall %s\n", text.c_str());
    const std::size_t last = text.rfind(' '), before = text.rfind(' ', last - 1);
    if (last == std::string::npos || before == std::string::npos) return;
    std::array<void*, 1024> words{};
    const iovec to{words.data(), sizeof words}, from{reinterpret_cast<void*>(std::stoull(text.substr(before + 1), nullptr, 16)), sizeof words};
    const auto count = static_cast<std::size_t>(std::max<ssize_t>(0, ::process_vm_readv(::getpid(), &to, 1, &from, 1, 0))) / sizeof(void*);
    for (void* const word : std::span{words}.first(count)) {
        Dl_info of{};
        if (::dladdr(word, &of) == 0 || of.dli_fbase == nullptr) continue;
        std::printf("# %s+0x%zx %s\n", of.dli_fname, static_cast<std::size_t>(static_cast<char*>(word) - static_cast<char*>(of.dli_fbase)), of.dli_sname == nullptr ? "" : of.dli_sname);
    }
}

// Not what a handler may do by the letter; but the program is about to be given up.
void tell_of_all(int) {
    for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
        const pid_t id = std::stoi(task.path().filename().string());
        cpu_set_t set;
        CPU_ZERO(&set);
        ::sched_getaffinity(id, sizeof set, &set);
        std::printf("# thread %d, on processors", id);
        for (std::size_t cpu = 0; cpu < 64; ++cpu) {
            if (CPU_ISSET(cpu, &set)) std::printf(" %zu", cpu);
        }
        std::printf("\n");
        // The library's own threads take no signals.
        if (id != ::gettid()) tell_stack(id);
        std::fflush(stdout);
        ::syscall(SYS_tgkill, ::getpid(), id, SIGUSR1);
        ::usleep(200000);
    }
    ::_exit(3);
}

}  // namespace

void tell_on_signal() {
    std::array<void*, 2> frames{};
    static_cast<void>(::backtrace(frames.data(), 2));  // what it needs is loaded now
    std::signal(SIGUSR1, tell_where);
    std::signal(SIGUSR2, tell_of_all);
}

namespace {

std::mutex seen_mutex;
std::vector<seen_part> seen, seen_before;

/// What a page on another node may come from: huge pages that had run out, or a thread that was elsewhere.
[[nodiscard]] std::string circumstances() {
    std::string text = "; free huge pages:";
    for (const auto& node : std::filesystem::directory_iterator{"/sys/devices/system/node"}) {
        const std::string name = node.path().filename().string();
        if (name.starts_with("node")) text += " " + std::to_string(number_in(node.path() / "meminfo", "HugePages_Free:")) + " on " + name;
    }
    text += "; last parts:";
    const std::lock_guard lock{seen_mutex};
    for (const seen_part& s : seen_before) text += " " + std::to_string(s.record.part) + " on cpu " + std::to_string(s.cpu);
    return text;
}

}  // namespace

long number_in(const std::string& file, const std::string& name) {
    std::ifstream in{file};
    for (std::string word; in >> word;) {
        if (long n = 0; word == name && in >> n) return n;
    }
    return -1;
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
    check(wrong == 0, name, std::to_string(wrong) + " of " + std::to_string(found.size()) + " pages: " + why + (wrong == 0 ? "" : circumstances()));
    if (excused > 0) std::printf("# %zu of %zu pages at the boundaries\n", excused, found.size());
}

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
    seen_before = std::exchange(seen, {});
    return seen_before;
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
