#include "runtime/plan_cache.hpp"

#include "base/thread_spare.hpp"

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

/// What one thread used last: found without a lock.
struct recent {
    struct entry {
        std::size_t hash = 0;
        words signature;
        std::shared_ptr<const ready_plan> plan;
    };
    std::array<entry, 32> entries;
    std::size_t generation = 0;
};

std::atomic<std::size_t> generation{0};
std::atomic<std::size_t> quick_hits{0};

/// The calling thread's, while it is used.
class recent_of_thread {
public:
    recent_of_thread() : own_{base::thread_spare<recent>::take()} {
        const std::size_t now = generation.load(std::memory_order_acquire);
        if (own_->generation != now) {
            for (recent::entry& e : own_->entries) e = {};
            own_->generation = now;
        }
    }
    recent_of_thread(const recent_of_thread&) = delete;
    recent_of_thread& operator=(const recent_of_thread&) = delete;
    ~recent_of_thread() { base::thread_spare<recent>::give(std::move(own_)); }
    [[nodiscard]] recent::entry& entry(std::size_t hash) noexcept { return own_->entries[hash % own_->entries.size()]; }

private:
    std::unique_ptr<recent> own_;
};

void remember(std::size_t hash, std::span<const std::uint64_t> signature, std::shared_ptr<const ready_plan> p) {
    recent_of_thread mine;
    recent::entry& e = mine.entry(hash);
    e.hash = hash;
    e.signature.assign(signature.begin(), signature.end());
    e.plan = std::move(p);
}

}  // namespace

std::shared_ptr<const ready_plan> find_plan(std::span<const std::uint64_t> signature) {
    const std::size_t hash = signature_hash{}(signature);
    {
        recent_of_thread mine;
        const recent::entry& e = mine.entry(hash);
        if (e.plan != nullptr && e.hash == hash && same(e.signature, signature)) {
            quick_hits.fetch_add(1, std::memory_order_relaxed);
            return e.plan;
        }
    }
    cache& c = the_cache();
    std::shared_ptr<const ready_plan> found;
    {
        const std::lock_guard lock{c.mutex};
        const auto known = c.plans.find(signature);
        if (known == c.plans.end()) {
            ++c.misses;
            return nullptr;
        }
        ++c.hits;
        found = known->second;
    }
    remember(hash, signature, found);
    return found;
}

void keep_plan(std::span<const std::uint64_t> signature, std::shared_ptr<const ready_plan> p) {
    cache& c = the_cache();
    {
        const std::lock_guard lock{c.mutex};
        const auto [at, fresh] = c.plans.emplace(words(signature.begin(), signature.end()), p);
        if (fresh) c.age.push_back(&at->first);
        while (c.plans.size() > most_plans) {
            const auto oldest = c.plans.find(*c.age.front());
            c.age.pop_front();
            c.plans.erase(oldest);
        }
    }
    remember(signature_hash{}(signature), signature, std::move(p));
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
