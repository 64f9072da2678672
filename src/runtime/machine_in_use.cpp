#include "runtime/machine_in_use.hpp"

#include "runtime/calibrate.hpp"
#include "runtime/machine_file.hpp"
#include "runtime/threads.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
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
    return s.note;
}

void measure_machine(plan::isa target) {
    state& s = shared();
    const std::lock_guard alone{s.measuring};
    plan::machine m = calibrate(defaults(target));
    std::string why;
    if (const std::string file = machine_file(m); !file.empty()) static_cast<void>(write_machine(file, m, why));
    const std::lock_guard lock{s.mutex};
    s.note = std::move(why);
    use(s, std::move(m));
}

}  // namespace sinter::inline v1::detail::runtime
