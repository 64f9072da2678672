#include "runtime/plan_cache.hpp"

#include "base/thread_spare.hpp"
#include "graph/recipe.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>
#include <unordered_map>

namespace sinter::inline v1::detail::runtime {

namespace {

constexpr std::size_t most_plans = 1024;

using words = std::vector<std::uint64_t>;

/// Looks up by a span without making a vector.
struct signature_hash {
    using is_transparent = void;
    std::size_t operator()(std::span<const std::uint64_t> s) const noexcept {
        std::uint64_t h = s.size();
        for (const std::uint64_t w : s) {
            h = (h ^ w) * 0x9e3779b97f4a7c15ULL;
            h ^= h >> 32U;
        }
        return h;
    }
};

[[nodiscard]] bool same(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) noexcept {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

struct signature_equal {
    using is_transparent = void;
    bool operator()(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) const noexcept { return same(a, b); }
};

struct cache {
    std::mutex mutex;
    std::unordered_map<words, std::shared_ptr<const ready_plan>, signature_hash, signature_equal> plans;
    std::deque<const words*> age;
    std::size_t hits = 0, misses = 0;
};

cache& the_cache() {
    static cache* const c = new cache;
    return *c;
}

std::atomic<std::size_t> generation{0};
std::atomic<std::size_t> quick_hits{0};

/// Where a thread looks for the plan of these roots. Only what never changes may be looked at: the nodes are not claimed yet.
[[nodiscard]] std::size_t place_of(const node& first, std::size_t count) noexcept {
    const std::size_t statement = reinterpret_cast<std::uintptr_t>(first.file) + first.line;
    return (statement * 8 + static_cast<std::size_t>(first.size) + count) * 0x9e3779b97f4a7c15ULL >> 59U;
}

}  // namespace

struct recent_list {
    struct entry {
        graph::recipe recipe;
        std::uint64_t word = 0;
        std::shared_ptr<const ready_plan> plan;
    };
    /// A statement may be met in a few forms: with and without a history, with results that are held and not.
    struct set {
        std::array<entry, 3> entries;
        std::size_t oldest = 0;
    };
    std::array<set, 32> sets;
    std::size_t generation = 0;
};

recent_plans::recent_plans() noexcept {
    try {
        own_ = base::thread_spare<recent_list>::take();
    } catch (const std::bad_alloc&) {
        return;  // nothing is remembered
    }
    const std::size_t now = generation.load(std::memory_order_acquire);
    if (own_->generation != now) {
        *own_ = {};
        own_->generation = now;
    }
}

recent_plans::~recent_plans() {
    if (own_ != nullptr) base::thread_spare<recent_list>::give(std::move(own_));
}

const ready_plan* recent_plans::take(graph::capture& c, const graph::capture::root* roots, std::size_t count, std::uint64_t word) {
    if (own_ == nullptr) return nullptr;
    for (recent_list::entry& e : own_->sets[place_of(*roots[0].n, count)].entries) {
        if (e.plan != nullptr && e.word == word && c.take(roots, count, e.recipe)) {
            detail::add_to(quick_hits, std::size_t{1});
            last_ = &e.plan;
            return e.plan.get();
        }
    }
    return nullptr;
}

void recent_plans::remember(const graph::capture& c, std::uint64_t word, std::shared_ptr<const ready_plan> p) noexcept try {
    if (own_ == nullptr || c.nodes().size() > graph::recipe::most_nodes) return;
    recent_list::set& s = own_->sets[place_of(*c.nodes()[c.roots()[0]].n, c.roots().size())];
    s.entries[s.oldest] = {graph::recipe(c), word, std::move(p)};
    last_ = &s.entries[s.oldest].plan;
    s.oldest = (s.oldest + 1) % s.entries.size();
} catch (const std::bad_alloc&) {
    // The next evaluation takes the long way once more.
}

void recent_plans::replace(std::shared_ptr<const ready_plan> p) noexcept {
    if (last_ != nullptr) *last_ = std::move(p);
}

std::shared_ptr<const ready_plan> find_plan(std::span<const std::uint64_t> signature) {
    cache& c = the_cache();
    const std::lock_guard lock{c.mutex};
    const auto known = c.plans.find(signature);
    if (known == c.plans.end()) {
        ++c.misses;
        return nullptr;
    }
    ++c.hits;
    return known->second;
}

void keep_plan(std::span<const std::uint64_t> signature, std::shared_ptr<const ready_plan> p) noexcept try {
    cache& c = the_cache();
    const std::lock_guard lock{c.mutex};
    const auto [at, fresh] = c.plans.emplace(words(signature.begin(), signature.end()), std::move(p));
    if (fresh) {
        try {
            c.age.push_back(&at->first);
        } catch (...) {
            c.plans.erase(at);
            throw;
        }
    }
    while (c.plans.size() > most_plans) {
        const auto oldest = c.plans.find(*c.age.front());
        c.age.pop_front();
        c.plans.erase(oldest);
    }
} catch (const std::bad_alloc&) {
    // It is planned again the next time.
}

plan_counts plan_cache_counts() {
    cache& c = the_cache();
    const std::lock_guard lock{c.mutex};
    return {c.plans.size(), c.hits + quick_hits.load(std::memory_order_relaxed), c.misses};
}

void clear_plan_cache() {
    cache& c = the_cache();
    const std::lock_guard lock{c.mutex};
    c.plans.clear();
    c.age.clear();
    generation.fetch_add(1, std::memory_order_acq_rel);
}

}  // namespace sinter::inline v1::detail::runtime
