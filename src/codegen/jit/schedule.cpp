#include "codegen/jit/schedule.hpp"

#include <algorithm>

namespace sinter::inline v1::detail::codegen::jit {

namespace {

[[nodiscard]] bool is_shared(const step& s) noexcept { return s.when != level::element; }

[[nodiscard]] std::uint16_t value_of(const program& p, std::uint16_t s, int copy) noexcept {
    return static_cast<std::uint16_t>(is_shared(p.steps[s]) ? s : static_cast<std::size_t>(copy) * p.steps.size() + s);
}

// Fills in the uses, from the end.
void link(const program& p, schedule& s) {
    s.first.assign(p.steps.size() * static_cast<std::size_t>(s.copies), schedule::none);
    s.after.resize(s.items.size());
    for (std::size_t at = s.items.size(); at-- > 0;) {
        const step& st = p.steps[s.items[at].step];
        const std::uint16_t operands[] = {st.a, st.b, st.c};
        for (int n = operands_of(st.shape); n-- > 0;) {
            std::uint16_t& use = s.first[value_of(p, operands[n], s.items[at].copy)];
            s.after[at][static_cast<std::size_t>(n)] = use;
            use = static_cast<std::uint16_t>(at);
        }
    }
}

// Counts values that are alive. Loads come to life at their first use.
void measure(const program& p, schedule& s) {
    std::vector<bool> alive(s.first.size());
    int vectors = 0, masks = 0;
    const auto count = [&](const step& st, int by) { (st.width == 0 ? masks : vectors) += by; };
    for (std::size_t at = 0; at < s.items.size(); ++at) {
        const step& st = p.steps[s.items[at].step];
        const std::uint16_t operands[] = {st.a, st.b, st.c};
        const int n = operands_of(st.shape);
        for (int i = 0; i < n; ++i) {
            const step& o = p.steps[operands[i]];
            const std::uint16_t v = value_of(p, operands[i], s.items[at].copy);
            const bool loads = o.shape == form::load && (o.when == level::element || p.kind == kernel_kind::column_reduce);
            if (loads && !alive[v]) {
                alive[v] = true;
                count(o, 1);
            }
        }
        s.most_vectors = std::max(s.most_vectors, vectors + (st.into != 0 ? 1 : 0));
        s.most_masks = std::max(s.most_masks, masks);
        for (int i = 0; i < n; ++i) {
            const std::uint16_t v = value_of(p, operands[i], s.items[at].copy);
            if (alive[v] && s.after[at][static_cast<std::size_t>(i)] == schedule::none) {
                alive[v] = false;
                count(p.steps[operands[i]], -1);
            }
        }
        const std::uint16_t v = value_of(p, s.items[at].step, s.items[at].copy);
        if (!stores(st) && st.into == 0 && s.first[v] != schedule::none) {
            alive[v] = true;
            count(st, 1);
        }
        s.most_vectors = std::max(s.most_vectors, vectors);
        s.most_masks = std::max(s.most_masks, masks);
    }
}

schedule finish(const program& p, schedule s) {
    link(p, s);
    measure(p, s);
    return s;
}

[[nodiscard]] bool computes(const step& s) noexcept { return s.shape >= form::unary && !s.dead; }

}  // namespace

std::vector<std::uint16_t> order_of(const program& p) {
    const auto loads = [&](std::uint16_t n) { return p.steps[n].shape == form::load && p.steps[n].when == level::element; };
    std::vector<bool> loaded(p.steps.size());
    std::size_t last_load = 0;
    int count = 0;
    for (std::size_t n = 0; n < p.loop_end; ++n) {
        const step& s = p.steps[n];
        if (stores(s)) {
            ++count;
            continue;
        }
        const std::uint16_t operands[] = {s.a, s.b, s.c};
        for (int i = 0; i < operands_of(s.shape); ++i) {
            if (!loads(operands[i]) || loaded[operands[i]]) continue;
            loaded[operands[i]] = true;
            last_load = n;
        }
    }
    std::vector<std::uint16_t> order, waiting;
    const auto store_all = [&] {
        if (count > 1) {
            for (const std::uint16_t w : waiting) {
                const std::uint16_t v = p.steps[w].a;
                if (loads(v) && !loaded[v]) order.push_back(v);
                loaded[v] = true;
            }
        }
        order.insert(order.end(), waiting.begin(), waiting.end());
        waiting.clear();
    };
    // Values that are only copied are loaded before the first store, too.
    bool copies = false;
    for (std::size_t n = 0; n < p.loop_end; ++n) copies |= stores(p.steps[n]) && loads(p.steps[n].a) && !loaded[p.steps[n].a];
    for (std::size_t n = 0; n < p.loop_end; ++n) {
        const step& s = p.steps[n];
        if (!computes(s) || s.when != level::element) continue;
        (stores(s) ? waiting : order).push_back(static_cast<std::uint16_t>(n));
        if (n >= last_load && !(copies && count > 1)) store_all();
    }
    store_all();
    return order;
}

schedule make_schedule(const program& p, const std::vector<std::uint16_t>& order, int copies, int together) {
    schedule s;
    s.copies = copies;
    s.items.reserve(order.size() * static_cast<std::size_t>(copies));
    if (p.kind == kernel_kind::column_reduce) {
        for (std::size_t n = 0; n < p.loop_end; ++n) {
            if (computes(p.steps[n]) && p.steps[n].when == level::row) s.items.push_back({static_cast<std::uint16_t>(n), 0});
        }
    }
    for (int first = 0; first < copies; first += together) {
        for (const std::uint16_t n : order) {
            for (int copy = first; copy < first + together; ++copy) s.items.push_back({n, static_cast<std::uint8_t>(copy)});
        }
    }
    return finish(p, std::move(s));
}

schedule make_schedule(const program& p, level when) {
    schedule s;
    for (std::size_t n = 0; n < p.loop_end; ++n) {
        if (computes(p.steps[n]) && p.steps[n].when == when) s.items.push_back({static_cast<std::uint16_t>(n), 0});
    }
    return finish(p, std::move(s));
}

schedule make_schedule(const program& p, std::uint16_t begin, std::uint16_t end) {
    schedule s;
    for (std::uint16_t n = begin; n < end; ++n) {
        if (computes(p.steps[n])) s.items.push_back({n, 0});
    }
    return finish(p, std::move(s));
}

}  // namespace sinter::inline v1::detail::codegen::jit
