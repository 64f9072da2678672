#include "numa.hpp"

#include "runtime/memory_policy.hpp"
#include "runtime/numa.hpp"
#include "runtime/pages.hpp"
#include "runtime/threads.hpp"
#include "runtime/topology.hpp"

#include <sinter/sinter.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <numeric>
#include <random>

namespace numa {

namespace {

namespace rt = sinter::detail::runtime;
using clock = std::chrono::steady_clock;

[[nodiscard]] double since(clock::time_point start) { return std::chrono::duration<double>(clock::now() - start).count(); }

// Memory on one node, all of it touched.
class room {
public:
    room(std::size_t bytes, int memory) : bytes_{bytes}, start_{static_cast<std::uint64_t*>(rt::map_pages(bytes, rt::huge_page_bytes, rt::page_kind::advised))} {
        if (start_ == nullptr) throw sinter::memory_error("no memory for a measurement");
        placed_ = rt::host_topology().memory.size() == 1 ||
                  rt::move_pages_to(sinter::detail::plan::placement::in_memory(memory), start_, bytes, rt::huge_page_bytes);
        std::fill_n(start_, bytes / sizeof *start_, std::uint64_t{1});
    }
    room(const room&) = delete;
    room& operator=(const room&) = delete;
    ~room() { rt::unmap_pages(start_, bytes_); }
    [[nodiscard]] std::uint64_t* data() const { return start_; }
    [[nodiscard]] std::size_t words() const { return bytes_ / sizeof(std::uint64_t); }
    [[nodiscard]] bool placed() const { return placed_; }

private:
    std::size_t bytes_;
    std::uint64_t* start_;
    bool placed_ = false;
};

volatile std::uint64_t sink;

// Bytes per second that all threads of a node read together.
[[nodiscard]] double bandwidth(const room& r, int node, int rounds) {
    const auto& split = rt::split_on_node(node, static_cast<int>(rt::host_topology().node_cpus[static_cast<std::size_t>(node)].size()));
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) {
        const auto start = clock::now();
        rt::parallel_over(split, [&](int part) {
            const auto low = split.low(static_cast<sinter::index_t>(r.words() / 64), part) * 64, past = split.low(static_cast<sinter::index_t>(r.words() / 64), part + 1) * 64;
            std::uint64_t sums[8] = {};
            for (auto at = low; at < past; at += 8) {
                for (int k = 0; k < 8; ++k) sums[k] += r.data()[at + k];
            }
            sink = std::accumulate(sums, sums + 8, std::uint64_t{0});
        });
        times.push_back(since(start));
    }
    return static_cast<double>(r.words() * sizeof(std::uint64_t)) / median(times);
}

// Seconds from one load to the next where each says where the next one is.
[[nodiscard]] double latency(const room& r, int node, int rounds) {
    constexpr std::size_t line = 8;
    const std::size_t lines = r.words() / line;
    std::vector<std::uint32_t> order(lines);
    std::iota(order.begin(), order.end(), 0U);
    std::shuffle(order.begin(), order.end(), std::mt19937{7});
    for (std::size_t i = 0; i < lines; ++i) r.data()[order[i] * line] = order[(i + 1) % lines] * line;
    constexpr int steps = 1 << 20;
    std::vector<double> times;
    std::uint64_t at = 0;
    for (int i = 0; i < rounds; ++i) {
        rt::parallel_over(rt::split_on_node(node, 1), [&](int) {
            const auto start = clock::now();
            for (int s = 0; s < steps; ++s) at = r.data()[at];
            times.push_back(since(start) / steps);
        });
    }
    sink = at;
    std::fill_n(r.data(), r.words(), std::uint64_t{1});
    return median(times);
}

}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values.empty() ? 0 : values[values.size() / 2];
}

void measure_pairs(const options& o) {
    const rt::topology& t = rt::host_topology();
    std::printf("read by all threads of a node (GB/s), and one load after another (ns)\n");
    for (std::size_t memory = 0; memory < t.memory.size(); ++memory) {
        const room r(o.bytes / 4, static_cast<int>(memory));
        for (std::size_t node = 0; node < t.node_cpus.size(); ++node) {
            std::printf("  node %d from memory of node %d, distance %d: %6.1f GB/s %6.1f ns%s\n", t.numbers[node], t.memory[memory].number, t.distances[node][memory],
                        bandwidth(r, static_cast<int>(node), o.rounds) / 1e9, latency(r, static_cast<int>(node), o.rounds) * 1e9, r.placed() ? "" : " (not placed)");
        }
    }
}

void measure_placements(const options& o) {
    const auto n = static_cast<sinter::index_t>(o.bytes / 8 / sizeof(float));
    struct one {
        std::string name;
        sinter::memory_policy policy;
        std::vector<double> times;
    };
    std::vector<one> all{{"by rows", sinter::by_rows, {}}, {"interleaved", sinter::interleave, {}}};
    for (const rt::memory_node& m : rt::host_topology().memory) all.push_back({"on node " + std::to_string(m.number), sinter::on_node(m.number), {}});
    sinter::array<float> x = sinter::full<float>({n}, 1.5F), z = sinter::full<float>({n}, 2.5F);
    sinter::eval(x, z);
    for (one& p : all) {
        sinter::place(x, p.policy);
        sinter::place(z, p.policy);
        for (int i = 0; i < o.rounds + 2; ++i) {
            const auto start = clock::now();
            sinter::array<float> y = 2.0F * x + z;
            y.eval();
            if (i >= 2) p.times.push_back(since(start));
        }
    }
    std::printf("y = 2 x + z, %.0f MB each, operands placed (GB/s, and of what is by rows)\n", static_cast<double>(n) * 4e-6);
    const double best = median(all[0].times);
    for (const one& p : all) {
        std::printf("  %-12s %6.1f GB/s %5.2f\n", p.name.c_str(), static_cast<double>(n) * 12e-9 / median(p.times), best / median(p.times));
    }
}

}
