#include "runtime/machine_in_use.hpp"

#include "base/blocked_signals.hpp"
#include "base/fork.hpp"
#include "runtime/calibrate.hpp"
#include "runtime/machine_file.hpp"
#include "runtime/threads.hpp"

#include <sinter/detail/error.hpp>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace sinter::inline v1::detail::runtime {

namespace {

struct state {
    std::atomic<const plan::machine*> now = nullptr;
    std::mutex mutex;  // of the rest
    std::vector<std::unique_ptr<const plan::machine>> all;  // plans may be under way for those before
    std::string note;
    std::mutex measuring;

    std::atomic<bool> later = false;
    double after_seconds = 0;
    std::optional<std::chrono::steady_clock::time_point> first_plan;
    std::thread background;
    std::atomic<bool> stop = false;
    pid_t owner = 0;  // of the thread
    bool failed = false;
};

/// Leaked, as what it holds is used at exit.
[[nodiscard]] state& shared() {
    static state& one = *std::make_unique<state>().release();
    return one;
}

/// By the state's mutex.
const plan::machine& use(state& s, plan::machine m) {
    s.all.push_back(std::make_unique<const plan::machine>(std::move(m)));
    s.now.store(s.all.back().get(), std::memory_order_release);
    return *s.all.back();
}

[[nodiscard]] plan::machine defaults(plan::isa target) {
    plan::machine m = plan::limited_to(plan::host(), target);
    m.threads = default_threads();
    return m;
}

}  // namespace

const plan::machine& machine_in_use(plan::isa target) {
    state& s = shared();
    if (const plan::machine* const now = s.now.load(std::memory_order_acquire); now != nullptr) return *now;
    const std::lock_guard lock{s.mutex};
    if (const plan::machine* const now = s.now.load(std::memory_order_relaxed); now != nullptr) return *now;
    plan::machine m = defaults(target);
    if (const std::string file = machine_file(m); !file.empty()) {
        if (std::optional<plan::machine> measured = read_machine(file, m, s.note)) m = *std::move(measured);
    }
    return use(s, std::move(m));
}

std::string machine_note() {
    state& s = shared();
    const std::lock_guard lock{s.mutex};
    return s.note.empty() && s.failed ? "the machine could not be measured in the background" : s.note;
}

void check_cache_folder(plan::isa target) {
    const char* const given = std::getenv("SINTER_CACHE_DIR");
    if (given == nullptr || *given == '\0') return;
    std::string why;
    const std::string file = machine_file(defaults(target));
    if (!file.empty() && !may_write_machine(file, why)) throw settings_error("SINTER_CACHE_DIR=" + std::string(given) + " cannot keep what is measured: " + why);
}

void measure_machine(plan::isa target) {
    state& s = shared();
    const std::lock_guard alone{s.measuring};
    plan::machine m = calibrate(defaults(target), s.stop);
    std::string why;
    if (const std::string file = machine_file(m); !file.empty()) static_cast<void>(write_machine(file, m, why));
    const std::lock_guard lock{s.mutex};
    s.note = std::move(why);
    use(s, std::move(m));
}

void measure_later(double after_seconds) {
    state& s = shared();
    const std::lock_guard lock{s.mutex};
    s.after_seconds = after_seconds;
    s.later.store(true, std::memory_order_relaxed);
}

namespace {

/// The threads of TBB go when the process ends, so the measuring has to end before.
void end_background() {
    state& s = shared();
    s.stop.store(true, std::memory_order_relaxed);
    // Not of a parent: its threads are not there, and a child has no other.
    if (s.background.joinable() && ::getpid() == s.owner) s.background.join();
}

void measure_quietly(plan::isa target, void (*done)()) noexcept {
    state& s = shared();
    try {
        const base::at_work working;
        measure_machine(target);
        done();
        return;
    } catch (const calibration::stopped&) {
        return;
    } catch (const std::exception&) {
        const std::lock_guard lock{s.mutex};
        s.failed = true;
    }
}

}  // namespace

void note_new_plan(plan::isa target, void (*done)()) {
    state& s = shared();
    if (!s.later.load(std::memory_order_relaxed)) return;
    const std::lock_guard lock{s.mutex};
    if (!s.later.load(std::memory_order_relaxed)) return;
    const auto now = std::chrono::steady_clock::now();
    if (!s.first_plan) s.first_plan = now;
    if (std::chrono::duration<double>(now - *s.first_plan).count() < s.after_seconds) return;
    // Once, whatever comes of it.
    s.later.store(false, std::memory_order_relaxed);
    const plan::machine* const known = s.now.load(std::memory_order_acquire);
    if (known != nullptr && !known->measured.empty()) return;
    s.owner = ::getpid();
    if (std::atexit(end_background) != 0) return;
    const base::blocked_signals quiet;
    try {
        s.background = std::thread{measure_quietly, target, done};
    } catch (const std::system_error&) {
        s.failed = true;
    }
}

}  // namespace sinter::inline v1::detail::runtime
