// The smallest thread pool that a hand-written program would want: workers spin while a contender that uses them is
// being measured, each pinned to a core of its own, and sleep (unpinned, out of the way) otherwise.
#pragma once

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace perf {

class workers {
public:
    [[nodiscard]] static workers& instance();

    // Between enter and leave, run() uses this many threads, the caller among them.
    void enter(int threads);
    void leave();
    [[nodiscard]] int threads() const { return threads_; }

    // Puts the calling thread on the core where this pool has its worker of that index (the caller of enter is 0).
    void pin(int index) const;

    // Calls f(i) for each i in [0, threads) at the same time; returns when all are done.
    template <class F>
    void run(const F& f) {
        if (threads_ == 1) {
            f(0);
            return;
        }
        start([](const void* what, int i) { (*static_cast<const F*>(what))(i); }, &f);
        f(0);
        finish();
    }

    // Cuts [0, n) at multiples of `unit` into one piece per thread: f(i, first, last).
    template <class F>
    void split(std::size_t n, std::size_t unit, const F& f) {
        const auto parts = static_cast<std::size_t>(threads_);
        const std::size_t piece = ((n + parts - 1) / parts + unit - 1) / unit * unit;
        run([&](int i) {
            const std::size_t first = std::min(n, static_cast<std::size_t>(i) * piece);
            const std::size_t last = std::min(n, first + piece);
            if (first < last) f(i, first, last);
        });
    }

    ~workers();
    workers(const workers&) = delete;
    workers& operator=(const workers&) = delete;

private:
    workers();
    using job = void (*)(const void*, int);
    void start(job what, const void* with);
    void finish();
    void serve(int index);

    int threads_ = 1;
    std::vector<std::thread> pool_;
    std::vector<int> cpus_;
    cpu_set_t before_{};
    job job_ = nullptr;
    const void* with_ = nullptr;
    alignas(64) std::atomic<unsigned> round_{0};
    alignas(64) std::atomic<int> left_{0};
    alignas(64) std::atomic<int> awake_{0};    // how many workers may spin
    alignas(64) std::atomic<int> spinning_{0};
    std::atomic<bool> stop_{false};
};

}
