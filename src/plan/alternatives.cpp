#include "plan/alternatives.hpp"

#include <algorithm>
#include <unordered_set>

namespace sinter::inline v1::detail::plan {

namespace {

/// All that decides what runs, as text.
[[nodiscard]] std::string fingerprint(const plan& p) {
    std::string s;
    const auto add = [&](auto... numbers) { ((s += std::to_string(numbers) + ","), ...); };
    for (const launch& l : p.launches) {
        s += codegen::to_string(l.kernel);
        add(l.rows, l.n, l.tile_rows, l.tile_n, l.block, l.blocks, static_cast<int>(l.split), l.threads, l.predicted.streaming ? 1 : 0, static_cast<int>(l.backend), l.in_background ? 2 : l.compiled_after > 0 ? 1 : 0);
        for (const index_t e : l.outer) add(e);
        for (const place& at : l.places) {
            add(at.leaf ? 1 : 0, at.index, at.offset, at.row, at.inner, at.turned ? 1 : 0);
            for (std::size_t d = 0; d < l.outer.size(); ++d) add(at.outer[d]);
        }
        s += '\n';
    }
    for (const chain& c : p.chains) add(c.first, c.pipelined ? 1 : 0);
    return s;
}

struct flip {
    forced_choice choice;
    std::string name;
    double added = 0;  // seconds, by the model
};

[[nodiscard]] std::vector<flip> flips_of(const plan& p) {
    std::vector<flip> all;
    for (const decision& d : p.decisions) {
        if (d.kind == decision_kind::hold || d.forced) continue;
        for (std::size_t o = 0; o < d.options.size(); ++o) {
            if (o == d.taken || !d.options[o].refused.empty()) continue;
            flip f{.choice = {d.kind, d.value, d.options[o].key}, .name = std::string(name_of(d.kind)) + " %" + std::to_string(d.value) + ": ", .added = 0};
            for (const char c : d.options[o].name) f.name += c == '#' ? "" : std::string(1, c);
            f.added = d.options[o].seconds < 0 ? 0 : d.options[o].seconds - d.options[d.taken].seconds;
            all.push_back(std::move(f));
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const flip& a, const flip& b) { return a.added < b.added; });
    return all;
}

}  // namespace

std::vector<alternative> alternatives(const graph::graph& g, const request& r, std::size_t most) {
    request asking = r;
    asking.keep_decisions = true;
    std::vector<alternative> found;
    std::unordered_set<std::string> seen;
    const auto add = [&](std::vector<forced_choice> forced, std::string name) {
        asking.forced = forced;
        plan p = make_plan(g, asking);
        if (!seen.insert(fingerprint(p)).second) return;
        found.push_back({std::move(forced), std::move(name), std::move(p)});
    };
    add(r.forced, "chosen");
    const std::size_t least = found[0].forced.size();
    // Every plan found so far, the quickest first, is where further decisions start from.
    for (std::size_t depth = 0; depth < 2; ++depth) {
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (found[i].forced.size() == least + depth) order.push_back(i);
        }
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return found[a].steps.predicted_seconds < found[b].steps.predicted_seconds; });
        for (const std::size_t i : order) {
            for (const flip& f : flips_of(found[i].steps)) {
                if (found.size() >= most) return found;
                std::vector<forced_choice> forced = found[i].forced;
                forced.push_back(f.choice);
                add(std::move(forced), depth == 0 ? f.name : found[i].name + "; " + f.name);
            }
        }
    }
    return found;
}

}  // namespace sinter::inline v1::detail::plan
