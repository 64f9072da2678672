#include "graph/loop_body.hpp"

#include <sinter/detail/error.hpp>

#include <deque>
#include <mutex>
#include <unordered_map>

namespace sinter::inline v1::detail::graph {

namespace {

struct registry {
    std::mutex mutex;
    std::deque<loop_body> bodies;
    std::unordered_multimap<std::size_t, std::uint16_t> numbers;
};

/// Leaked, as tapes are.
registry& all() {
    static registry* const r = new registry;
    return *r;
}

[[nodiscard]] std::size_t hash_of(const loop_body& b) {
    std::uint64_t h = b.condition;
    const auto mix = [&](std::uint64_t x) {
        h = (h ^ x) * 0x9e3779b97f4a7c15ULL;
        h ^= h >> 29U;
    };
    for (const dtype t : b.states) mix(static_cast<std::uint64_t>(t));
    for (const tape_instruction& i : b.code) mix(i.code | std::uint64_t{i.a} << 16U | std::uint64_t{i.b} << 32U | std::uint64_t{i.c} << 48U);
    for (const tape_ref r : b.next) mix(r);
    return h;
}

}  // namespace

std::uint16_t number_of(loop_body b) {
    registry& r = all();
    const std::size_t h = hash_of(b);
    const std::lock_guard lock{r.mutex};
    const auto [from, to] = r.numbers.equal_range(h);
    for (auto it = from; it != to; ++it) {
        if (r.bodies[it->second] == b) return it->second;
    }
    constexpr std::size_t most = 0xffff;
    if (r.bodies.size() == most) throw value_error("loop: more than 65535 different loops");
    const auto number = static_cast<std::uint16_t>(r.bodies.size());
    const auto at = r.numbers.emplace(h, number);
    try {
        r.bodies.push_back(std::move(b));
    } catch (...) {
        r.numbers.erase(at);
        throw;
    }
    return number;
}

const loop_body& loop_body_of(std::size_t number) {
    registry& r = all();
    const std::lock_guard lock{r.mutex};
    return r.bodies[number];
}

}  // namespace sinter::inline v1::detail::graph
