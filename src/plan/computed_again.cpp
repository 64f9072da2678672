#include "plan/planner.hpp"

#include <algorithm>

// What several kernels compute, each for itself, or one with wider elements, fewer to a vector: they are known only when the graph has been cut.

namespace sinter::inline v1::detail::plan {

using graph::operand;
using graph::value_id;

namespace {

/// Values whose gain is looked at in full, those first that seem to gain most.
constexpr std::size_t most_tried = 32;

struct repeated {
    value_id value = graph::no_value;
    double elements = 0;  // that all kernels compute, as many as they take the time of
    double gain = 0;
};

[[nodiscard]] bool contains(const std::vector<value_id>& sorted, value_id v) { return std::binary_search(sorted.begin(), sorted.end(), v); }

}  // namespace

double planner::cycles_in_place(value_id v, std::vector<std::uint64_t>& computed) {
    std::vector<operand> reads;
    std::size_t instructions = 0;
    read_by(v, reads, instructions, &computed);
    double cycles = static_cast<double>(reads.size()) / m_.loads_per_cycle;
    for (const std::uint64_t c : computed) cycles += cycles_of_value(static_cast<value_id>(c));
    return cycles;
}

std::vector<value_id> planner::computed_again() {
    constexpr int narrow = 4;  // bytes; where elements are smaller, what they take is another matter
    std::vector<double> elements(g_.values.size(), 0);
    for (const group& k : groups_) {
        for (const std::uint64_t c : k.computed) {
            const auto v = static_cast<value_id>(c);
            const int bytes = static_cast<int>(size_of(g_.values[v].type)), widest = m_.vector_bytes / std::max(k.does.lanes, 1);
            elements[v] += static_cast<double>(k.space.count()) * (bytes >= narrow && widest > bytes ? widest / bytes : 1);
        }
    }
    for (const forced_choice& f : r_.forced) {
        if (f.kind == decision_kind::store && f.value < elements.size()) elements[f.value] = 0;
    }
    std::vector<repeated> all;
    for (value_id v = 0; v < cycles_.size(); ++v) {
        // cycles_ counts what is shared once for each way to it: enough for an order.
        const double more = elements[v] - static_cast<double>(g_.values[v].shape.count());
        if (stored_[v] == 0 && more * cycles_[v] > 0) all.push_back({v, elements[v], more * cycles_[v]});
    }
    const std::size_t tried = std::min(all.size(), most_tried);
    const auto more = [](const repeated& a, const repeated& b) { return a.gain != b.gain ? a.gain > b.gain : a.value > b.value; };
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(tried), all.end(), more);
    all.resize(tried);
    std::vector<std::vector<value_id>> parts;  // of each of those, itself included, ascending
    for (repeated& r : all) {
        std::vector<std::uint64_t> computed;
        const double cycles = cycles_in_place(r.value, computed);
        std::vector<value_id>& of = parts.emplace_back();
        for (const std::uint64_t c : computed) of.push_back(static_cast<value_id>(c));
        std::sort(of.begin(), of.end());
        const store_seconds s = seconds_of_store(r.value, r.elements, cycles);
        r.gain = s.gains() ? s.again - s.once : 0;
    }
    std::vector<std::size_t> order(tried);
    for (std::size_t i = 0; i < tried; ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return all[a].gain > all[b].gain; });
    std::vector<std::size_t> picked;
    for (const std::size_t i : order) {
        if (all[i].gain <= 0) break;
        // What another one is made of gains another amount once that is stored, which the next plan shows.
        const bool apart = std::none_of(picked.begin(), picked.end(), [&](std::size_t p) { return contains(parts[p], all[i].value) || contains(parts[i], all[p].value); });
        if (apart) picked.push_back(i);
    }
    std::vector<value_id> values;
    for (const std::size_t i : picked) values.push_back(all[i].value);
    return values;
}

}  // namespace sinter::inline v1::detail::plan
