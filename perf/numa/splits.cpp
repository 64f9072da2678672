#include "numa.hpp"

#include "plan/node_split.hpp"

namespace numa {

void print_splits() {
    namespace plan = sinter::detail::plan;
    plan::node_machine m;
    m.cpus = {64, 64};
    m.home = {0, 1};
    m.bandwidth = {200e9, 200e9};
    m.reach = {{200e9, 95e9}, {95e9, 200e9}};  // a distance of 21
    m.thread_bandwidth = 20e9;
    m.wake_seconds = 3e-6;
    const auto rows = plan::placement::by_rows(), turns = plan::placement::interleaved(), first = plan::placement::in_memory(0);
    struct row {
        const char* what;
        std::vector<plan::placed_bytes> operands;
        double compute;  // seconds of one thread
        int threads;
    };
    const auto fresh = [](double bytes) { return plan::placed_bytes{bytes, {}, true}; };
    const std::vector<row> table{
        {"x by rows -> y, 1 GB each", {{1e9, rows, false}, fresh(1e9)}, 0.05, 128},
        {"the same, by 16 threads", {{1e9, rows, false}, fresh(1e9)}, 0.05, 16},
        {"x interleaved -> y", {{1e9, turns, false}, fresh(1e9)}, 0.05, 128},
        {"x on node 0 -> y", {{1e9, first, false}, fresh(1e9)}, 0.05, 128},
        {"x on node 0 -> a sum", {{1e9, first, false}}, 0.05, 128},
        {"x on node 0 -> much computing -> y", {{1e9, first, false}, fresh(1e9)}, 20, 128},
        {"x by rows, a table on node 0 -> y", {{1e9, rows, false}, {64e6, first, false}, fresh(1e9)}, 0.05, 128},
        {"100 KB, new", {fresh(1e5)}, 1e-5, 128},
        {"10 MB, new", {fresh(1e7)}, 1e-3, 128},
    };
    std::printf("what is chosen for 2 x 64 cores, 200 GB/s each, 95 GB/s between them, called from node 1\n");
    std::printf("  %-38s %8s %7s %10s %10s %10s %10s\n", "", "node", "threads", "seconds", "all", "node 0", "node 1");
    for (const row& r : table) {
        const plan::node_choice c = plan::choose_nodes(m, r.operands, r.compute, r.threads, 1);
        std::printf("  %-38s %8s %7d %10.2e %10.2e %10.2e %10.2e\n", r.what, c.node < 0 ? "all" : std::to_string(c.node).c_str(), c.threads, c.seconds,
                    plan::on_all(m, r.operands, r.compute, r.threads).seconds, plan::on_node(m, r.operands, r.compute, r.threads, 0).seconds,
                    plan::on_node(m, r.operands, r.compute, r.threads, 1).seconds);
    }
    const plan::node_split all = plan::node_split::over(m.cpus, 128);
    for (const plan::node_split::share& s : all.shares()) {
        std::printf("  of 1000000 rows node %d has %lld to %lld, by %d threads\n", s.node, static_cast<long long>(all.low(1000000, s.first)),
                    static_cast<long long>(s.past == all.parts() ? 1000000 : all.low(1000000, s.past)), s.past - s.first);
    }
}

}
