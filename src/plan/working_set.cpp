#include "plan/planner.hpp"

#include <algorithm>
#include <unordered_map>

// Which level of the caches feeds a kernel: one that has room for all that was touched since its operand was, by whichever kernels of the plan.

namespace sinter::inline v1::detail::plan {

void planner::place_in_caches() {
    if (p_.launches.size() < 2) return;
    for (launch& l : p_.launches) l.read_soon = false;
    // A piece of memory under one name, whoever looks at it.
    const auto memory_of = [&](const place& at) -> std::uint64_t {
        constexpr std::uint64_t captured = std::uint64_t{1} << 62U;
        const auto of_leaf = [&](std::uint32_t number) { return r_.nodes[number].memory != 0 ? r_.nodes[number].memory : captured | number; };
        if (at.leaf) return of_leaf(at.index);
        const slot& s = p_.slots[at.index];
        return s.from == slot::source::donated ? of_leaf(s.captured) : std::uint64_t{at.index};
    };
    // Bytes touched before each launch; and all there is, which is what lies between one evaluation and the next.
    std::vector<double> before(p_.launches.size() + 1, 0);
    std::unordered_map<std::uint64_t, double> sizes;
    for (std::size_t i = 0; i < p_.launches.size(); ++i) {
        const launch& l = p_.launches[i];
        before[i + 1] = before[i] + l.does.footprint;
        for (const work::flow& f : l.does.flows) {
            double& size = sizes[memory_of(l.places[f.place])];
            size = std::max(size, f.bytes);
        }
    }
    double all = 0;
    for (const auto& [memory, size] : sizes) all += size;
    if (all <= static_cast<double>(m_.l1.bytes)) return;
    // Both go through the memory in the same order, so that half of each lies between, on average.
    const auto between = [&](std::size_t first, std::size_t last) {
        const double ends = (p_.launches[first].does.footprint + p_.launches[last].does.footprint) / 2;
        return std::min(all, before[last] - before[first + 1] + ends);
    };

    std::unordered_map<std::uint64_t, std::size_t> touched;
    for (std::size_t i = 0; i < p_.launches.size(); ++i) {
        launch& l = p_.launches[i];
        for (work::flow& f : l.does.flows) {
            const auto last = touched.find(memory_of(l.places[f.place]));
            f.distance = last == touched.end() ? all : between(last->second, i);
        }
        for (const work::flow& f : l.does.flows) touched[memory_of(l.places[f.place])] = i;
    }
    // What a later kernel finds in the caches must not go past them.
    touched.clear();
    for (std::size_t i = p_.launches.size(); i-- > 0;) {
        launch& l = p_.launches[i];
        for (const work::flow& f : l.does.flows) {
            const auto next = touched.find(memory_of(l.places[f.place]));
            if (f.written && next != touched.end() && !beyond_caches(m_, between(i, next->second))) l.read_soon = true;
        }
        for (const work::flow& f : l.does.flows) touched[memory_of(l.places[f.place])] = i;
    }
}

}  // namespace sinter::inline v1::detail::plan
