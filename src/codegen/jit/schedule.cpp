#include "codegen/jit/schedule.hpp"

#include <asmjit/x86.h>

#include <algorithm>
#include <numeric>

namespace sinter::inline v1::detail::codegen::jit {

namespace {

[[nodiscard]] bool is_shared(const step& s) noexcept { return s.when != level::element; }

[[nodiscard]] std::uint16_t value_of(const program& p, std::uint16_t s, int copy) noexcept {
    return static_cast<std::uint16_t>(is_shared(p.steps[s]) ? s : static_cast<std::size_t>(copy) * p.steps.size() + s);
}

// Fills in the uses, from the end. later: by value, the uses that come after it.
void link(const program& p, schedule& s, std::vector<std::uint16_t> later = {}) {
    s.first = std::move(later);
    s.first.resize(p.steps.size() * static_cast<std::size_t>(s.copies), schedule::none);
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

// Counts values that are alive. Loads come to life at their first use. Of values before `there`, what no item makes is there from the start.
void measure(const program& p, schedule& s, std::size_t there = 0) {
    std::vector<bool> alive(s.first.size());
    int vectors = 0, masks = 0;
    const auto count = [&](const step& st, int by) { (st.width == 0 ? masks : vectors) += by; };
    std::vector<bool> made(there);
    for (const item& it : s.items) {
        if (const std::uint16_t v = value_of(p, it.step, it.copy); v < there) made[v] = true;
    }
    for (std::size_t v = 0; v < there; ++v) {
        const step& st = p.steps[v % p.steps.size()];
        if (s.first[v] == schedule::none || made[v] || !goes_on(st)) continue;
        alive[v] = true;
        count(st, 1);
    }
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

/// One vector's steps such that each waits as little as possible for those before it: what most depends on goes first, while hardly more values are alive than
/// in the order they came in. A processor looks some hundred instructions ahead, less than a long body has, and finds two chains of them in place of one.
class list_order {
public:
    list_order(const program& p, const std::vector<std::uint16_t>& steps, ordering how) : p_{p}, steps_{steps}, how_{how}, at_(p.steps.size(), none), uses_(p.steps.size()), loaded_(p.steps.size()), nodes_(steps.size()) {
        for (std::size_t n = 0; n < steps.size(); ++n) at_[steps[n]] = n;
        for (std::size_t n = 0; n < steps.size(); ++n) {
            each_operand(n, [&](std::uint16_t o) {
                ++uses_[o];
                if (at_[o] == none) return;
                nodes_[at_[o]].users.push_back(n);
                ++nodes_[n].missing;
            });
        }
        for (std::size_t n = steps.size(); n-- > 0;) {
            for (const std::size_t u : nodes_[n].users) nodes_[n].height = std::max(nodes_[n].height, nodes_[u].height);
            nodes_[n].height += turns_of(p.steps[steps[n]]);
            if (nodes_[n].missing == 0) ready_.push_back(n);
        }
    }

    [[nodiscard]] std::vector<std::uint16_t> make() {
        std::vector<std::uint16_t> order;
        order.reserve(steps_.size());
        while (!ready_.empty()) {
            const std::size_t n = take();
            order.push_back(steps_[n]);
            alive_ += grows(n);
            now_ = std::max(now_, nodes_[n].start);
            each_operand(n, [&](std::uint16_t o) {
                loaded_[o] = true;
                --uses_[o];
            });
            const int done = now_++ + turns_of(p_.steps[steps_[n]]);
            for (const std::size_t u : nodes_[n].users) {
                nodes_[u].start = std::max(nodes_[u].start, done);
                if (--nodes_[u].missing == 0) ready_.push_back(u);
            }
        }
        return order;
    }

private:
    static constexpr std::size_t none = ~std::size_t{0};
    static constexpr int most_alive = 7;

    struct node {
        std::vector<std::size_t> users;
        int missing = 0, height = 0, start = 0;
    };

    /// Turns that a result takes before it can be used: about what processors say of vectors, or of these if each of four copies has every fourth.
    [[nodiscard]] int turns_of(const step& s) const noexcept {
        if (how_ == ordering::least_waiting) return is_quotient(s) ? 20 : 4;
        return is_quotient(s) ? 10 : 2;
    }

    template <class F>
    void each_operand(std::size_t n, F f) const {
        const step& s = p_.steps[steps_[n]];
        const std::uint16_t operands[] = {s.a, s.b, s.c};
        for (int i = 0; i < operands_of(s.shape); ++i) f(operands[i]);
    }
    [[nodiscard]] bool takes_register(std::uint16_t s) const { return p_.steps[s].when == level::element && p_.steps[s].width != 0; }

    /// Values that are alive afterwards less those before. Loads come to life at their first use.
    [[nodiscard]] int grows(std::size_t n) const {
        int by = uses_[steps_[n]] > 0 && takes_register(steps_[n]) ? 1 : 0;
        std::uint16_t seen[3];
        int count = 0;
        each_operand(n, [&](std::uint16_t o) {
            if (!takes_register(o) || std::find(seen, seen + count, o) != seen + count) return;
            seen[count++] = o;
            int here = 0;
            each_operand(n, [&](std::uint16_t other) { here += other == o ? 1 : 0; });
            if (at_[o] == none && !loaded_[o]) ++by;
            if (uses_[o] == here) --by;
        });
        return by;
    }

    [[nodiscard]] std::size_t take() {
        std::size_t best = 0;
        int best_growth = 0;
        // What fits, then what need not wait, then what most depends on.
        const auto is_better = [&](std::size_t i, int growth) {
            const node& a = nodes_[ready_[i]];
            const node& b = nodes_[ready_[best]];
            const auto fits = [&](int g) { return g <= 0 || alive_ + g <= most_alive; };
            if (fits(growth) != fits(best_growth)) return fits(growth);
            if (!fits(growth)) return growth != best_growth ? growth < best_growth : ready_[i] < ready_[best];
            const int wait_a = std::max(a.start, now_), wait_b = std::max(b.start, now_);
            if (wait_a != wait_b) return wait_a < wait_b;
            if (how_ == ordering::least_waiting && a.height != b.height) return a.height > b.height;
            return ready_[i] < ready_[best];
        };
        for (std::size_t i = 0; i < ready_.size(); ++i) {
            const int growth = grows(ready_[i]);
            if (i > 0 && !is_better(i, growth)) continue;
            best = i;
            best_growth = growth;
        }
        const std::size_t n = ready_[best];
        ready_[best] = ready_.back();
        ready_.pop_back();
        return n;
    }

    const program& p_;
    const std::vector<std::uint16_t>& steps_;
    ordering how_;
    std::vector<std::size_t> at_;
    std::vector<int> uses_;
    std::vector<bool> loaded_;
    std::vector<node> nodes_;
    std::vector<std::size_t> ready_;
    int now_ = 0, alive_ = 0;
};

}  // namespace

bool is_quotient(const step& s) noexcept {
    namespace I = asmjit::x86::Inst;
    return s.inst == I::kIdVdivps || s.inst == I::kIdVdivpd || s.inst == I::kIdVsqrtps || s.inst == I::kIdVsqrtpd;
}

std::vector<std::uint16_t> order_of(const program& p, ordering how) {
    const auto loads = [&](std::uint16_t n) { return p.steps[n].shape == form::load && p.steps[n].when == level::element; };
    std::vector<std::uint16_t> own, stored;
    for (std::size_t n = 0; n < p.loop_end; ++n) {
        const step& s = p.steps[n];
        if (computes(s) && s.when == level::element) (stores(s) ? stored : own).push_back(static_cast<std::uint16_t>(n));
    }
    if (how != ordering::as_they_came) own = list_order(p, own, how).make();
    std::vector<bool> loaded(p.steps.size()), known(p.steps.size(), true);
    for (const std::uint16_t n : own) known[n] = false;
    std::size_t last_load = 0;
    for (std::size_t at = 0; at < own.size(); ++at) {
        const step& s = p.steps[own[at]];
        const std::uint16_t operands[] = {s.a, s.b, s.c};
        for (int i = 0; i < operands_of(s.shape); ++i) {
            if (!loads(operands[i]) || loaded[operands[i]]) continue;
            loaded[operands[i]] = true;
            last_load = at;
        }
    }
    // Values that are only copied are loaded before the first store, too.
    const bool several = stored.size() > 1;
    const bool copies = std::any_of(stored.begin(), stored.end(), [&](std::uint16_t n) { return loads(p.steps[n].a) && !loaded[p.steps[n].a]; });
    std::vector<std::uint16_t> order;
    const auto store = [&] {
        for (const std::uint16_t n : stored) {
            const std::uint16_t v = p.steps[n].a;
            if (!several || !loads(v)) continue;
            if (!loaded[v]) order.push_back(v);
            loaded[v] = true;
        }
        const auto stays = [&](std::uint16_t n) { return !known[p.steps[n].a] || (p.steps[n].shape == form::store_masked && !known[p.steps[n].b]); };
        const auto rest = std::stable_partition(stored.begin(), stored.end(), [&](std::uint16_t n) { return !stays(n); });
        order.insert(order.end(), stored.begin(), rest);
        stored.erase(stored.begin(), rest);
    };
    for (std::size_t at = 0; at < own.size(); ++at) {
        order.push_back(own[at]);
        known[own[at]] = true;
        if (at >= last_load && !(copies && several)) store();
    }
    store();
    return order;
}

namespace {

/// For each step, past which one a copy has no more masks that it has made since then, where that is soon: there are few masks, so vectors side by side do such steps one after the other.
[[nodiscard]] std::vector<std::size_t> past_masks(const program& p, const std::vector<std::uint16_t>& order) {
    constexpr std::size_t soon = 4;
    std::vector<std::size_t> past(order.size());
    for (std::size_t at = 0; at < order.size(); ++at) {
        std::size_t end = at + 1;
        for (std::size_t n = at; n < end && end - at <= soon; ++n) {
            if (p.steps[order[n]].width != 0 || stores(p.steps[order[n]])) continue;
            for (std::size_t user = order.size(); --user >= end;) {
                const step& s = p.steps[order[user]];
                const std::uint16_t operands[] = {s.a, s.b, s.c};
                if (std::find(operands, operands + operands_of(s.shape), order[n]) != operands + operands_of(s.shape)) end = user + 1;
            }
        }
        past[at] = end - at <= soon ? end : at + 1;
    }
    return past;
}

}  // namespace

schedule make_schedule(const program& p, const std::vector<std::uint16_t>& order, int copies, int together) {
    schedule s;
    s.copies = copies;
    s.items.reserve(order.size() * static_cast<std::size_t>(copies));
    if (p.kind == kernel_kind::column_reduce) {
        for (std::size_t n = 0; n < p.loop_end; ++n) {
            if (computes(p.steps[n]) && p.steps[n].when == level::row) s.items.push_back({static_cast<std::uint16_t>(n), 0});
        }
    }
    const std::vector<std::size_t> past = past_masks(p, order);
    for (int first = 0; first < copies; first += together) {
        for (std::size_t at = 0; at < order.size(); at = past[at]) {
            for (int copy = first; copy < first + together; ++copy) {
                for (std::size_t n = at; n < past[at]; ++n) s.items.push_back({order[n], static_cast<std::uint8_t>(copy)});
            }
        }
    }
    return finish(p, std::move(s));
}

schedule make_staggered(const program& p, const std::vector<std::uint16_t>& order, int copies, std::size_t behind) {
    schedule s;
    s.copies = copies;
    s.items.reserve(order.size() * static_cast<std::size_t>(copies));
    const std::size_t last = order.size() + static_cast<std::size_t>(copies - 1) * behind;
    for (std::size_t at = 0; at < last; ++at) {
        for (std::size_t copy = 0; copy < static_cast<std::size_t>(copies); ++copy) {
            if (at < copy * behind || at - copy * behind >= order.size()) continue;
            s.items.push_back({order[at - copy * behind], static_cast<std::uint8_t>(copy)});
        }
    }
    return finish(p, std::move(s));
}

bool goes_on(const step& s) noexcept { return s.when == level::element && s.shape >= form::unary && !stores(s); }

std::vector<std::uint16_t> stores_last(const program& p, const std::vector<std::uint16_t>& order) {
    const auto loads = [&](std::uint16_t n) { return p.steps[n].shape == form::load && p.steps[n].when == level::element; };
    std::size_t past_loads = 0;
    for (std::size_t at = 0; at < order.size(); ++at) {
        const step& s = p.steps[order[at]];
        const std::uint16_t operands[] = {s.a, s.b, s.c};
        const bool reads = std::any_of(operands, operands + operands_of(s.shape), loads);
        if (loads(order[at]) || (reads && stores(s))) return {};
        if (reads) past_loads = at + 1;
    }
    std::vector<std::uint16_t> last = order;
    std::stable_partition(last.begin(), last.begin() + static_cast<std::ptrdiff_t>(past_loads), [&](std::uint16_t n) { return !stores(p.steps[n]); });
    return last;
}

namespace {

/// By place in an order of steps: the values that are alive before it; twice, so that it may be read from any place on.
[[nodiscard]] std::vector<int> alive_twice(const program& p, const std::vector<std::uint16_t>& order) {
    const std::size_t n = order.size();
    std::vector<std::size_t> last(p.steps.size());
    for (std::size_t at = 0; at < n; ++at) {
        const step& s = p.steps[order[at]];
        const std::uint16_t operands[] = {s.a, s.b, s.c};
        for (int i = 0; i < operands_of(s.shape); ++i) last[operands[i]] = at;
    }
    std::vector<int> alive(2 * n);
    for (std::size_t at = 0; at < n; ++at) {
        if (!goes_on(p.steps[order[at]])) continue;
        for (std::size_t later = at + 1; later <= last[order[at]]; ++later) ++alive[later];
    }
    std::copy_n(alive.begin(), n, alive.begin() + static_cast<std::ptrdiff_t>(n));
    return alive;
}

/// Where in a turn each copy begins: about even parts of it apart, so that few more values than there is room for are alive at a time, and such that the fewest go on to the next turn.
struct distances {
    std::vector<std::size_t> first;  // by copy
    int most = 0, fewest = 0;        // values alive at a time, and where the turn begins
};

[[nodiscard]] distances find_distances(const std::vector<int>& alive, std::size_t copies, int room) {
    const std::size_t n = alive.size() / 2;
    distances found{std::vector<std::size_t>(copies), 0};
    std::vector<std::size_t>& first = found.first;
    for (std::size_t k = 0; k < copies; ++k) first[k] = k * n / copies;
    const auto add = [&](std::vector<int>& to, std::size_t copy) {
        const int* const from = alive.data() + (first[copy] == 0 ? 0 : n - first[copy]);
        for (std::size_t at = 0; at < n; ++at) to[at] += from[at];
    };
    std::vector<int> others(n);
    const std::size_t aside = n / 12;
    for (int round = 0; round < 2; ++round) {
        for (std::size_t k = 1; k < copies; ++k) {
            std::fill(others.begin(), others.end(), -room);
            for (std::size_t other = 0; other < copies; ++other) {
                if (other != k) add(others, other);
            }
            const std::size_t even = k * n / copies;
            int least = -1;
            for (std::size_t away = 0; away <= 2 * aside; ++away) {
                const std::size_t here = away % 2 == 0 ? even + away / 2 : even - (away + 1) / 2;
                int beyond = 0;
                for (std::size_t at = 0; at < n; ++at) beyond += std::max(0, others[at] + alive[at + n - here]);
                if (least >= 0 && beyond >= least) continue;
                least = beyond;
                first[k] = here;
            }
        }
    }
    std::fill(others.begin(), others.end(), 0);
    for (std::size_t k = 0; k < copies; ++k) add(others, k);
    const auto start = static_cast<std::size_t>(std::min_element(others.begin(), others.end()) - others.begin());
    for (std::size_t& f : first) f = (f + n - start) % n;
    found.most = *std::max_element(others.begin(), others.end());
    found.fewest = others[start];
    return found;
}

}  // namespace

std::optional<rotation> make_rotation(const program& p, const std::vector<std::uint16_t>& order, int copies, int room, int most) {
    const std::size_t n = order.size(), steps = p.steps.size(), all = static_cast<std::size_t>(copies);
    if (2 * all * std::max(steps, n) >= schedule::none - 8) return {};
    const std::vector<int> alive = alive_twice(p, order);
    if (std::accumulate(alive.begin(), alive.end(), 0) / 2 * copies > most * static_cast<int>(n)) return {};
    const distances apart = find_distances(alive, all, room);
    if (apart.most > most || apart.fewest > room) return {};
    rotation r;
    for (schedule* s : {&r.begin, &r.turn, &r.end}) s->copies = 2 * copies;
    for (std::size_t at = 0; at < n; ++at) {
        for (std::size_t copy = 0; copy < all; ++copy) {
            const std::size_t first = apart.first[copy];
            const bool is_new = at >= first;
            const item it{order[is_new ? at - first : at + n - first], static_cast<std::uint8_t>(is_new ? all + copy : copy)};
            r.turn.items.push_back(it);
            (is_new ? r.begin : r.end).items.push_back(it);
        }
    }
    link(p, r.turn);
    const std::vector<std::uint16_t> uses = r.turn.first;
    // Uses in the next turn, of what is made in this one.
    const auto later = [&](const schedule& s) {
        std::vector<std::uint16_t> by_value(2 * all * steps, schedule::none);
        for (std::size_t v = 0; v < all * steps; ++v) {
            if (uses[v] != schedule::none && goes_on(p.steps[v % steps])) by_value[all * steps + v] = static_cast<std::uint16_t>(s.items.size() + uses[v]);
        }
        return by_value;
    };
    link(p, r.begin, later(r.begin));
    link(p, r.turn, later(r.turn));
    link(p, r.end);
    measure(p, r.turn, all * steps);
    return r;
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
