// Runs on a machine of several nodes, which run.py makes up, and checks page by page where memory is and which processor ran which rows.
//
//   inside auto|force|off slack node:cpus:home... node...
//
// Each node as the machine really is: its number, its processors and the number of the node whose memory they touch first; of one without processors the number
// alone. SINTER_TEST_NUMA names what else is done (`alone` below), or how it was begun: no-libnuma: there is none; unpinned: SINTER_PIN is off. slack: bytes on
// each side of a boundary between nodes where either is right: what one page, or the unit of a loop, may straddle. Prints TAP without a plan, and `digest`
// lines, which are the same on every machine.

#include "checks.hpp"

#include <oneapi/tbb/info.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace numa;

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
        for (const seen_part& s : copy_seen()) {
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
    static_cast<void>(take_seen());
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
    static_cast<void>(take_seen());
}

/// What explain says of nodes is what the evaluation then does.
void explained(const std::string& name, sinter::array<float>& pending) {
    std::vector<std::string> taken;
    const sinter::plan_report report = sinter::explain(pending);
    for (const sinter::decision_report& d : report.decisions) {
        if (d.kind == "nodes") taken.push_back(d.options[d.taken].name);
    }
    static_cast<void>(take_seen());
    pending.eval();
    std::set<int> nodes;
    for (const seen_part& s : take_seen()) nodes.insert(static_cast<int>(real.nodes[node_of_cpu(s.cpu)].home));
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
    std::vector<float> values = some_values(n);
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
    static_cast<void>(take_seen());
    sinter::array<float> z = x * 3.0F;
    z.eval();
    check_log("what follows by_rows");
    pages_of("its output", z);
    digest("placed", z);
    // Both move the same pages, and each finds some on their way.
    std::thread other{[&] {
        for (int round = 0; round < 20; ++round) sinter::place(x, round % 2 == 0 ? sinter::on_node(*memories.begin()) : sinter::interleave);
    }};
    for (int round = 0; round < 20; ++round) sinter::place(x, sinter::by_rows);
    other.join();
    check(std::equal(values.begin(), values.end(), x.data()), "two threads place an array: its values");
    const std::string note = sinter::about().numa_note;
    check(note.empty() || note.find("pages did not come") != std::string::npos, "nothing was refused", note);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: inside mode slack node:cpus:home...\n");
        return 2;
    }
    tell_on_signal();
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

    // TBB begins its threads with the processors of the main thread at its own beginning: before any of what follows binds that.
    static_cast<void>(tbb::info::default_concurrency());
    const char* const what = std::getenv("SINTER_TEST_NUMA");
    // In a process of its own, each.
    const std::map<std::string_view, void (*)()> alone{{"refused", refused},         {"refused-alone", refused_alone}, {"bound", bound},
                                                       {"interleaved", interleaved}, {"pinned-first", pinned_first},   {"crowded", crowded},
                                                       {"bound-crowded", bound_crowded}};
    if (const auto found = alone.find(what == nullptr ? "" : what); found != alone.end()) {
        found->second();
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
    if (const char* const pages = std::getenv("SINTER_HUGE_PAGES"); pages != nullptr && std::string_view{pages} == "explicit") reserved();
    sinter::detail::runtime::part_listener = listen;
    stay_on(real.nodes.front().cpus);
    go_through("the first node", true);
    stay_on(real.nodes.back().cpus);
    go_through("the last node", false);
    if (real.mode == "off") beside_caller();
    beside_tbb();
    const bool can_place = real.shared || (real.mode == "auto" && real.nodes.size() + real.others.size() > 1);
    if (can_place && what == nullptr) placed();
    few_threads();
    full_width();
    return failures == 0 ? 0 : 1;
}
