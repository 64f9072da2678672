#include "plan/node_split.hpp"

#include <algorithm>
#include <cstddef>

namespace sinter::inline v1::detail::plan {

node_split node_split::over(const std::vector<int>& cpus, int parts) {
    node_split result;
    index_t whole = 0;
    for (const int n : cpus) whole += n;
    result.whole_ = whole;
    index_t from = 0;
    index_t before = 0;  // where the next share begins
    int first = 0;
    for (std::size_t node = 0; node < cpus.size(); ++node) {
        const index_t to = from + cpus[node];
        const int past = static_cast<int>((2 * index_t{parts} * to + whole) / (2 * whole));
        if (past > first) {
            result.shares_.push_back({static_cast<int>(node), first, past, before, to});
            before = to;
            first = past;
        } else if (!result.shares_.empty()) {
            result.shares_.back().to = to;
            before = to;
        }
        from = to;
    }
    return result;
}

node_split node_split::on(int node, int parts) {
    node_split result;
    result.shares_.push_back({node, 0, parts, 0, 1});
    return result;
}

const node_split::share& node_split::share_of(int part) const noexcept {
    const share* s = shares_.data();
    while (part >= s->past && s != &shares_.back()) ++s;
    return *s;
}

index_t node_split::low(index_t units, int part) const noexcept {
    const share& s = share_of(part);
    const index_t from = units * s.from / whole_;
    const index_t to = units * s.to / whole_;
    return from + (to - from) * (part - s.first) / (s.past - s.first);
}

namespace {

/// Bytes by way, for some nodes that share the work by these fractions.
[[nodiscard]] double seconds_of(const node_machine& m, std::span<const placed_bytes> operands, const std::vector<double>& fractions,
                                const std::vector<int>& threads) {
    const std::size_t nodes = m.cpus.size(), memories = m.bandwidth.size();
    double all_cpus = 0;
    for (const int n : m.cpus) all_cpus += n;
    std::vector<double> moved(nodes * memories, 0.0);  // by node and memory
    for (const placed_bytes& x : operands) {
        for (std::size_t node = 0; node < nodes; ++node) {
            const double bytes = x.bytes * fractions[node];
            if (bytes <= 0) continue;
            double* const to = &moved[node * memories];
            if (!x.fresh && x.where.memory() >= 0) {
                to[x.where.memory()] += bytes;
            } else if (!x.fresh && x.where == placement::interleaved()) {
                for (std::size_t k = 0; k < memories; ++k) to[k] += bytes / static_cast<double>(memories);
            } else if (!x.fresh && x.where == placement::by_rows() && fractions[node] >= 1) {
                // One node alone goes through what belongs to all.
                for (std::size_t k = 0; k < nodes; ++k) to[m.home[k]] += bytes * m.cpus[k] / all_cpus;
            } else {
                to[m.home[node]] += bytes;
            }
        }
    }
    double slowest = 0;
    for (std::size_t k = 0; k < memories; ++k) {
        double served = 0;
        for (std::size_t node = 0; node < nodes; ++node) {
            const double bytes = moved[node * memories + k];
            served += bytes;
            slowest = std::max(slowest, bytes / m.reach[node][k]);
        }
        slowest = std::max(slowest, served / m.bandwidth[k]);
    }
    for (std::size_t node = 0; node < nodes; ++node) {
        if (threads[node] == 0) continue;
        double asked = 0;
        for (std::size_t k = 0; k < memories; ++k) asked += moved[node * memories + k];
        slowest = std::max(slowest, asked / (m.thread_bandwidth * threads[node]));
    }
    return slowest;
}

}  // namespace

node_choice on_node(const node_machine& m, std::span<const placed_bytes> operands, double compute_seconds, int threads, int node) {
    const auto at = static_cast<std::size_t>(node);
    node_choice c{node, std::clamp(threads, 1, m.cpus[at]), 0};
    std::vector<double> fractions(m.cpus.size(), 0.0);
    std::vector<int> busy(m.cpus.size(), 0);
    fractions[at] = 1;
    busy[at] = c.threads;
    c.seconds = std::max(compute_seconds / c.threads, seconds_of(m, operands, fractions, busy));
    return c;
}

node_choice on_all(const node_machine& m, std::span<const placed_bytes> operands, double compute_seconds, int threads) {
    node_choice c{-1, threads, 0};
    std::vector<double> fractions(m.cpus.size(), 0.0);
    std::vector<int> busy(m.cpus.size(), 0);
    const node_split split = node_split::over(m.cpus, threads);
    const double whole = static_cast<double>(split.shares().back().to);
    double compute = 0;
    for (const node_split::share& s : split.shares()) {
        const auto node = static_cast<std::size_t>(s.node);
        fractions[node] = static_cast<double>(s.to - s.from) / whole;
        busy[node] = s.past - s.first;
        compute = std::max(compute, compute_seconds * fractions[node] / busy[node]);
    }
    c.seconds = std::max(compute, seconds_of(m, operands, fractions, busy)) + (split.shares().size() > 1 ? m.wake_seconds : 0);
    return c;
}

node_choice choose_nodes(const node_machine& m, std::span<const placed_bytes> operands, double compute_seconds, int threads, int caller, std::vector<node_choice>* from) {
    const placed_bytes* largest = nullptr;
    for (const placed_bytes& x : operands) {
        if (!x.fresh && x.where != placement::anywhere() && (largest == nullptr || x.bytes > largest->bytes)) largest = &x;
    }
    const node_choice all = on_all(m, operands, compute_seconds, threads);
    const node_choice own = on_node(m, operands, compute_seconds, threads, caller);
    if (from != nullptr) *from = {all, own};
    if (largest == nullptr) return own.seconds < all.seconds ? own : all;
    node_choice best = all;
    if (const int memory = largest->where.memory(); memory >= 0) {
        const auto home = std::ranges::find(m.home, memory);
        if (home != m.home.end()) best = on_node(m, operands, compute_seconds, threads, static_cast<int>(home - m.home.begin()));
        if (from != nullptr && best.node != all.node && best.node != own.node) from->push_back(best);
    }
    for (const node_choice& other : {all, own}) {
        if (other.seconds < 0.9 * best.seconds) best = other;
    }
    return best;
}

}  // namespace sinter::inline v1::detail::plan
