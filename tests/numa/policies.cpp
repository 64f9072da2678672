// What the system refuses, what the process was told of its memory before it began, and what there is too little of.

#include "checks.hpp"

#include "runtime/pool.hpp"

#include <linux/filter.h>
#include <linux/mempolicy.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace numa {

namespace {

/// Nodes with memory.
[[nodiscard]] std::set<int> memories() {
    std::set<int> all{real.others.begin(), real.others.end()};
    for (const real_node& node : real.nodes) all.insert(node.home);
    return all;
}

/// As numactl does before it begins a program.
void tell(int policy, const std::set<int>& nodes) {
    unsigned long mask = 0;
    for (const int n : nodes) mask |= 1UL << n;
    if (::syscall(SYS_set_mempolicy, policy, &mask, 8 * sizeof mask) == 0) return;
    std::perror("set_mempolicy");
    std::exit(2);
}

[[nodiscard]] bool all_on(const sinter::array<float>& x, int node) {
    return std::ranges::all_of(nodes_of_pages(x.data(), static_cast<std::size_t>(x.size()) * sizeof(float)), [&](int at) { return at == node; });
}

}  // namespace

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
    const std::vector<float> values = some_values(n);
    const sinter::array<float> x = sinter::from(values);
    sinter::place(x, sinter::interleave);
    sinter::array<float> y = x * 3.0F;
    y.eval();
    digest("placed", y);
    const std::string note = sinter::about().numa_note;
    if (real.cpus > 1) check(note.find("could not be pinned: Operation not permitted") != std::string::npos, "about() tells of threads", note);
    if (memories().size() > 1 || real.mode == "force") {
        check(note.find("could not be placed: Function not implemented") != std::string::npos || note.find("libnuma.so.1 is not there") != std::string::npos,
              "about() tells of memory", note);
    }
    check(sinter::about().to_string().find(note) != std::string::npos, "about() is for reading, too");
}

/// The same on one node beside others that have only memory for this process: nothing is shared, and place() is still to be told of.
void refused_alone() {
    for (std::size_t k = 1; k < real.nodes.size(); ++k) real.others.push_back(real.nodes[k].home);
    real.nodes.resize(1);
    real.cpus = static_cast<int>(real.nodes.front().cpus.size());
    real.shared = false;
    stay_on(real.nodes.front().cpus);
    refused();
}

/// numactl --membind: nothing comes to other nodes, whoever writes it and whatever place() is to do.
void bound() {
    const std::set<int> all = memories();
    const int only = *all.rbegin();
    tell(MPOL_BIND, {only});
    const std::vector<float> values = some_values(1 << 21);
    const sinter::array<float> x = sinter::from(values);
    check(all_on(x, only), "membind: an input");
    sinter::array<float> y = x * 3.0F;
    y.eval();
    check(all_on(y, only), "membind: an output");
    digest("placed", y);
    for (const sinter::memory_policy policy : {sinter::interleave, sinter::by_rows, sinter::on_node(only)}) {
        sinter::place(x, policy);
        check(all_on(x, only), "membind: what is placed");
    }
    for (const int other : all) {
        if (other == only) continue;
        bool thrown = false;
        try {
            sinter::place(x, sinter::on_node(other));
        } catch (const sinter::value_error& e) {
            thrown = std::string{e.what()}.find("no memory on node " + std::to_string(other)) != std::string::npos;
        }
        check(thrown, "membind: on_node(" + std::to_string(other) + ") is refused");
    }
    std::string note = sinter::about().numa_note;
    const std::string wanted = all.size() > 1 ? "memory comes from node " + std::to_string(only) + " only, as this process was told (membind)" : "";
    check(note == wanted, "membind: about() tells", note);

    // Other nodes have more in reserve, which is of no use here.
    const char* const pages = std::getenv("SINTER_HUGE_PAGES");
    if (all.size() == 1 || pages == nullptr || std::string_view{pages} != "explicit") return;
    const auto free_pages = [only] { return number_in("/sys/devices/system/node/node" + std::to_string(only) + "/meminfo", "HugePages_Free:"); };
    const long in_reserve = free_pages();
    check(in_reserve >= 4, "membind: huge pages are reserved", std::to_string(in_reserve));
    sinter::array<float> a = sinter::full<float>({in_reserve * 3 / 4 << 19}, 1.5F), b = a * 2.0F, c = a * 3.0F;
    sinter::eval(b, c);
    check(b.data()[99] == 3.0F && c.data()[99] == 4.5F, "membind: more than there is in reserve");
    check(in_reserve - free_pages() >= in_reserve / 2, "membind: what there is in reserve is used", std::to_string(free_pages()));
    check(all_on(b, only) && all_on(c, only), "membind: huge pages");
    note = sinter::about().numa_note;
    check(note.find("no huge pages are reserved any more") != std::string::npos, "membind: about() tells of the reserve", note);
}

/// numactl --membind with nodes of which one is soon full: what is to be there and has no room comes to no other.
void bound_crowded() {
    const std::set<int> two{real.others.front(), real.others.back()};
    tell(MPOL_BIND, two);
    const std::vector<float> values = some_values(1 << 24);
    const sinter::array<float> x = sinter::from(values);
    const auto within = [&](const std::string& when) {
        std::string why;
        for (const int at : nodes_of_pages(x.data(), values.size() * sizeof(float))) {
            if (!two.contains(at) && why.empty()) why = "a page is on node " + std::to_string(at);
        }
        check(why.empty(), "membind: no page is elsewhere" + when, why);
    };
    within("");
    sinter::place(x, sinter::on_node(real.others.back()));
    within(" when it is to be on a full node");
    const std::string note = sinter::about().numa_note;
    check(note.find("pages did not come") != std::string::npos, "membind: about() tells of a full node", note);
    sinter::place(x, sinter::interleave);
    within(", interleaved");
    sinter::place(x, sinter::by_rows);
    within(", by rows");
    check(std::equal(values.begin(), values.end(), x.data()), "membind: the values are there");
}

/// numactl --interleave: the system places everything, and place() nothing.
void interleaved() {
    const std::set<int> all = memories();
    tell(MPOL_INTERLEAVE, all);
    const sinter::runtime_info info = sinter::about();
    check(info.numa_shared == 1, "interleave: no nodes are shared", std::to_string(info.numa_shared));
    check(info.threads == real.cpus, "interleave: a thread for each processor", std::to_string(info.threads));
    check(info.numa_note.find("(interleave)") != std::string::npos && info.to_string().find(info.numa_note) != std::string::npos, "interleave: about() tells", info.numa_note);
    const std::vector<float> values = some_values(1 << 23);
    const sinter::array<float> x = sinter::from(values);
    sinter::array<float> y = x * 3.0F;
    y.eval();
    for (const sinter::array<float>& each : {x, y}) {
        const std::size_t bytes = static_cast<std::size_t>(each.size()) * sizeof(float);
        const std::vector<int> before = nodes_of_pages(each.data(), bytes);
        for (const int m : all) {
            const double share = static_cast<double>(std::ranges::count(before, m)) / static_cast<double>(before.size()), even = 1.0 / static_cast<double>(all.size());
            check(share > 0.5 * even && share < 2 * even, "interleave: a share of node " + std::to_string(m), std::to_string(share));
        }
        sinter::place(each, sinter::on_node(*all.begin()));
        sinter::place(each, sinter::by_rows);
        check(nodes_of_pages(each.data(), bytes) == before, "interleave: place() leaves memory where it is");
    }
    check(y.data()[12345678 % 8191 + 8191] == 3.0F * values[12345678 % 8191 + 8191], "interleave: values");
    check(sinter::about().numa_note == info.numa_note, "interleave: nothing was refused", sinter::about().numa_note);
}

/// The last node has less memory than is to come there.
void crowded() {
    const int small = real.others.back();
    const long room = number_in("/sys/devices/system/node/node" + std::to_string(small) + "/meminfo", "MemTotal:");
    const index_t n = (room / 1024 + 16) * (1 << 18);
    check(room > 0, "there is a small node", std::to_string(room));
    const std::vector<float> values = some_values(n);
    const sinter::array<float> x = sinter::from(values);
    const std::size_t bytes = static_cast<std::size_t>(n) * sizeof(float);
    check(sinter::about().numa_note.empty(), "nothing was refused at first", sinter::about().numa_note);
    const auto right = [&](const std::string& when) {
        check(std::equal(values.begin(), values.end(), x.data()), "the values are there" + when);
        sinter::array<float> y = x * 3.0F;
        check(y.data()[n - 2] == 3.0F * values[static_cast<std::size_t>(n) - 2], "what is computed" + when);
    };
    const auto on = [&](int node) { return std::ranges::count(nodes_of_pages(x.data(), bytes), node); };
    const auto pages = static_cast<long>(bytes / page);

    // Each of the others gets its share, though this one cannot.
    sinter::place(x, sinter::interleave);
    right(", interleaved");
    const auto memory_count = static_cast<long>(memories().size());
    for (const int m : memories()) {
        if (m != small) check(on(m) >= pages / memory_count - 1024, "interleaved beside a full node: node " + std::to_string(m), std::to_string(on(m)) + " of " + std::to_string(pages));
    }
    sinter::place(x, sinter::on_node(small));
    right(", on a full node");
    const long there = on(small);
    check(there < pages, "the node is full", std::to_string(there) + " of " + std::to_string(pages));
    const std::string note = sinter::about().numa_note;
    check(note.starts_with(std::to_string(pages - there) + " of " + std::to_string(pages) + " pages did not come"), "about() counts what is elsewhere", note + ", counted: " + std::to_string(there) + " there");
    sinter::place(x, sinter::by_rows);
    right(", by rows");
    check_pages("by_rows from a full node", x.data(), bytes);
}

/// Huge pages from the system's reserve, also for sizes that are no whole number of them.
void reserved() {
    const auto free_pages = [] { return number_in("/proc/meminfo", "HugePages_Free:"); };
    const long before = free_pages();
    check(before >= 16, "huge pages are reserved", std::to_string(before));
    {
        const std::vector<float> values = some_values(5 << 18);
        const sinter::array<float> x = sinter::from(values);
        check(before - free_pages() == 3, "5 MiB are three huge pages", std::to_string(before - free_pages()));
        sinter::array<float> y = x * 3.0F;
        y.eval();
        check(before - free_pages() == 6, "an output, too", std::to_string(before - free_pages()));
        if (real.shared) {
            constexpr std::size_t bytes = 5 << 20, huge = 2 << 20;
            check_pages("an input from huge pages", x.data(), bytes, huge);
            check_pages("an output from huge pages", y.data(), bytes, huge);
            sinter::place(x, sinter::on_node(*memories().rbegin()));
            check(all_on(x, *memories().rbegin()), "huge pages are moved");
            sinter::place(x, sinter::by_rows);
            check_pages("huge pages by rows", x.data(), bytes, huge);
        }
        check(std::equal(values.begin(), values.end(), x.data()) && y.data()[99] == 297.0F, "the values in huge pages");
    }
    sinter::detail::runtime::trim();
    check(free_pages() == before, "all huge pages are given back", std::to_string(free_pages()));
    check(sinter::about().numa_note.empty(), "no huge page was refused", sinter::about().numa_note);
}

}  // namespace numa
