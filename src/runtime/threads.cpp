#include "runtime/threads.hpp"

#include <sinter/detail/error.hpp>

#include "base/settings.hpp"
#include "runtime/node_threads.hpp"
#include "runtime/numa.hpp"
#include "runtime/team_set.hpp"
#include "runtime/topology.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>

namespace sinter::inline v1::detail::runtime {

namespace {

constinit std::atomic<int> chosen_threads = 0;     // 0: not asked yet
constinit thread_local int depth = 0;

/// All processors, as if they were one node. Never destroyed, as TBB's threads may outlive the static objects.
[[nodiscard]] team_set& plain_teams() {
    static team_set& one = *std::make_unique<team_set>(host_topology().cpus).release();
    return one;
}

[[nodiscard]] int threads_from_environment() {
    const char* const text = std::getenv("SINTER_THREADS");
    if (text == nullptr || *text == '\0') {
        return std::min(usable_cpus(host_processors()), most_threads);
    }
    int n = 0;
    const char* const end = text + std::strlen(text);
    const auto [rest, failure] = std::from_chars(text, end, n);
    if (failure != std::errc{} || rest != end || n < 1 || n > most_threads) {
        throw settings_error{"SINTER_THREADS is \"" + std::string{text} + "\", not a number of threads from 1 to " + std::to_string(most_threads)};
    }
    return n;
}

/// Which parts of a region have been begun.
class begun_parts {
public:
    static constexpr int most = 1024;

    void note(int part) noexcept {
        if (part < most) words_[static_cast<std::size_t>(part) / 64].fetch_or(bit(part), std::memory_order_relaxed);
    }
    [[nodiscard]] bool has(int part) const noexcept {
        return (words_[static_cast<std::size_t>(part) / 64].load(std::memory_order_relaxed) & bit(part)) != 0;
    }

private:
    [[nodiscard]] static std::uint64_t bit(int part) noexcept { return std::uint64_t{1} << (part % 64); }

    std::array<std::atomic<std::uint64_t>, most / 64> words_{};
};

struct inside {
    inside() noexcept { ++depth; }
    ~inside() { --depth; }
    inside(const inside&) = delete;
    inside& operator=(const inside&) = delete;
};

}  // namespace

int max_threads() {
    if (threads_are_lost()) {
        return 1;
    }
    if (const int n = chosen_threads.load(std::memory_order_relaxed); n != 0) {
        return n;
    }
    int expected = 0;
    const int found = threads_from_environment();
    return chosen_threads.compare_exchange_strong(expected, found) ? found : expected;
}

int default_threads() { return threads_are_lost() ? 1 : threads_from_environment(); }

void set_threads(int n) {
    if (n < 1 || n > most_threads) {
        throw settings_error{"set_threads(" + std::to_string(n) + "): the number of threads is from 1 to " + std::to_string(most_threads)};
    }
    chosen_threads.store(n, std::memory_order_relaxed);
}

int allowed_threads() {
    const int mine = base::current_options().threads;
    return mine > 0 ? mine : max_threads();
}

bool inside_parallel() noexcept { return depth != 0; }

void parallel(int parts, base::function_ref<void(int)> body) { parallel_on(parts <= 1 || depth != 0 ? 1 : max_threads(), parts, body); }

namespace {

/// Runs the parts by `start`, and what that has not begun here if there is no memory to start others with.
template <class F>
void with_threads(int parts, base::function_ref<void(int)> body, F&& start) {
    begun_parts begun;
    std::atomic<bool> failed{false};
    const auto each = [&](int part) {
        const inside here;
        begun.note(part);
        try {
            body(part);
        } catch (...) {
            failed.store(true, std::memory_order_relaxed);
            throw;
        }
    };
    try {
        start(each);
    } catch (const std::bad_alloc&) {
        // TBB had no memory for a task, or there was none for the team. Parts may write over what they read, so none is begun twice.
        if (parts > begun_parts::most || failed.load(std::memory_order_relaxed)) throw;
        for (int part = 0; part < parts; ++part) {
            if (!begun.has(part)) each(part);
        }
    }
}

void run_here(int parts, base::function_ref<void(int)> body) {
    const inside here;
    for (int part = 0; part < parts; ++part) {
        body(part);
    }
}

}  // namespace

void parallel_on(int most, int parts, base::function_ref<void(int)> body) {
    const int threads = depth != 0 ? 1 : std::min(parts, most);
    if (threads <= 1) return run_here(parts, body);
    with_threads(parts, body, [&](base::function_ref<void(int)> each) {
        if (shares_nodes()) return run_on_nodes(split_over_nodes(parts), threads, each);
        plain_teams().of(threads, threads).run(parts, each);
    });
}

void parallel_over(const plan::node_split& split, base::function_ref<void(int)> body) {
    const int parts = split.parts();
    const int most = depth != 0 ? 1 : max_threads();
    if (most <= 1) return run_here(parts, body);
    with_threads(parts, body, [&](base::function_ref<void(int)> each) { run_on_nodes(split, std::min(parts, most), each); });
}

}  // namespace sinter::inline v1::detail::runtime
