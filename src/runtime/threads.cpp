#include "runtime/threads.hpp"

#include <sinter/detail/error.hpp>

#include "runtime/team.hpp"
#include "runtime/topology.hpp"

#include <oneapi/tbb/global_control.h>

#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace sinter::inline v1::detail::runtime {

namespace {

constinit std::atomic<int> chosen_threads = 0;     // 0: not asked yet
constinit std::atomic<bool> threads_lost = false;  // in a child of fork
constinit thread_local int depth = 0;

/// One team for each number of threads that was ever asked for, at its own place.
constinit std::array<std::atomic<team*>, most_threads + 1> teams{};

struct making {
    std::mutex mutex;
    std::optional<tbb::global_control> more_workers;
};

/// Never destroyed, as TBB's threads may outlive the static objects.
[[nodiscard]] making& shared_making() {
    static making& one = *std::make_unique<making>().release();
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

/// TBB starts no more workers than there are processors, unless told. Of several such requests the smallest counts,
/// so ours must replace its last one.
void allow_workers(making& m, int threads) {
    using control = tbb::global_control;
    const auto wanted = static_cast<std::size_t>(threads);
    if (control::active_value(control::max_allowed_parallelism) < wanted) {
        m.more_workers.reset();
        if (control::active_value(control::max_allowed_parallelism) < wanted) {
            m.more_workers.emplace(control::max_allowed_parallelism, wanted);
        }
    }
}

[[nodiscard, gnu::noinline]] team& make_team(int threads) {
    making& m = shared_making();
    static const int once = ::pthread_atfork(nullptr, nullptr, [] { threads_lost.store(true, std::memory_order_relaxed); });
    static_cast<void>(once);
    const std::lock_guard lock{m.mutex};
    auto& place = teams[static_cast<std::size_t>(threads)];
    if (team* const there = place.load(std::memory_order_acquire); there != nullptr) {
        return *there;
    }
    allow_workers(m, threads);
    std::vector<int> cpus = host_topology().cpus;
    if (static_cast<std::size_t>(threads) <= cpus.size()) {
        cpus.resize(static_cast<std::size_t>(threads));
    } else {
        cpus.clear();
    }
    team* const made = std::make_unique<team>(threads, std::move(cpus)).release();
    place.store(made, std::memory_order_release);
    return *made;
}

[[nodiscard]] team& team_of(int threads) {
    team* const there = teams[static_cast<std::size_t>(threads)].load(std::memory_order_acquire);
    return there != nullptr ? *there : make_team(threads);
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
    if (threads_lost.load(std::memory_order_relaxed)) {
        return 1;
    }
    if (const int n = chosen_threads.load(std::memory_order_relaxed); n != 0) {
        return n;
    }
    int expected = 0;
    const int found = threads_from_environment();
    return chosen_threads.compare_exchange_strong(expected, found) ? found : expected;
}

int default_threads() { return threads_lost.load(std::memory_order_relaxed) ? 1 : threads_from_environment(); }

void set_threads(int n) {
    if (n < 1 || n > most_threads) {
        throw settings_error{"set_threads(" + std::to_string(n) + "): the number of threads is from 1 to " + std::to_string(most_threads)};
    }
    chosen_threads.store(n, std::memory_order_relaxed);
}

bool inside_parallel() noexcept { return depth != 0; }

void parallel(int parts, base::function_ref<void(int)> body) { parallel_on(parts <= 1 || depth != 0 ? 1 : max_threads(), parts, body); }

void parallel_on(int most, int parts, base::function_ref<void(int)> body) {
    const int threads = depth != 0 ? 1 : std::min(parts, most);
    if (threads <= 1) {
        const inside here;
        for (int part = 0; part < parts; ++part) {
            body(part);
        }
        return;
    }
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
        team_of(threads).run(parts, each);
    } catch (const std::bad_alloc&) {
        // TBB had no memory for a task, or there was none for the team. Parts may write over what they read, so none is begun twice.
        if (parts > begun_parts::most || failed.load(std::memory_order_relaxed)) throw;
        for (int part = 0; part < parts; ++part) {
            if (!begun.has(part)) each(part);
        }
    }
}

}  // namespace sinter::inline v1::detail::runtime
