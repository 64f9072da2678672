#include "runtime/node_threads.hpp"

#include "base/blocked_signals.hpp"
#include "base/settings.hpp"
#include "runtime/numa.hpp"
#include "runtime/topology.hpp"

#include <immintrin.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <new>
#include <system_error>
#include <thread>

namespace sinter::inline v1::detail::runtime {

namespace {

/// Looks so long before it sleeps: about what waking takes.
constexpr auto patience = std::chrono::microseconds(50);

template <class F>
[[nodiscard]] bool comes_soon(F&& there) noexcept {
    const auto end = std::chrono::steady_clock::now() + patience;
    do {
        for (int i = 0; i < 32; ++i) {
            if (there()) return true;
            _mm_pause();
        }
    } while (std::chrono::steady_clock::now() < end);
    return there();
}

/// By position in node_cpus. Never destroyed.
[[nodiscard]] std::vector<std::unique_ptr<node_threads>>& all_nodes() {
    static auto& all = *[] {
        auto nodes = std::make_unique<std::vector<std::unique_ptr<node_threads>>>();
        for (const std::vector<int>& cpus : host_topology().node_cpus) nodes->push_back(std::make_unique<node_threads>(cpus));
        return nodes.release();
    }();
    return all;
}

}  // namespace

void node_threads::run(const order& what) {
    if (what.threads <= 1 || what.parts <= 1) {
        for (int part = 0; part < what.parts; ++part) what.body(part);
        return;
    }
    teams_.of(what.threads, what.in_all).run(what.parts, what.body);
}

bool node_threads::give(order& what) noexcept {
    const std::lock_guard lock{mutex_};
    if (!started_ && !start()) return false;
    (last_ == nullptr ? first_ : last_->next) = &what;
    last_ = &what;
    waiting_.fetch_add(1, std::memory_order_release);
    has_orders_.notify_one();
    return true;
}

void node_threads::wait_for(order& what) noexcept {
    const auto is_done = [&] { return what.done.load(std::memory_order_acquire); };
    if (comes_soon(is_done)) return;
    while (true) {
        const unsigned before = ended_.load(std::memory_order_acquire);
        if (is_done()) return;
        ended_.wait(before, std::memory_order_acquire);
    }
}

bool node_threads::start() noexcept {
    const base::blocked_signals quiet;
    try {
        watch_forks();
        std::thread{[this] { lead(); }}.detach();
        started_ = true;
    } catch (const std::system_error&) {
        started_ = false;
    } catch (const std::bad_alloc&) {
        started_ = false;
    }
    return started_;
}

node_threads::order* node_threads::next_order() noexcept {
    static_cast<void>(comes_soon([&] { return waiting_.load(std::memory_order_acquire) > 0; }));
    std::unique_lock lock{mutex_};
    has_orders_.wait(lock, [&] { return first_ != nullptr; });
    order* const taken = first_;
    first_ = taken->next;
    if (first_ == nullptr) last_ = nullptr;
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return taken;
}

void node_threads::lead() noexcept {
    if (base::env().pin) pin_thread(0, teams_.cpus().front());
    else unpin_thread(host_topology().cpus);  // it was started with its caller's processors, which may be one
    while (true) {
        order& now = *next_order();
        try {
            run(now);
        } catch (...) {
            now.failure = std::current_exception();
        }
        // The order may be gone as soon as this is seen, so its caller sleeps on what stays.
        now.done.store(true, std::memory_order_release);
        ended_.fetch_add(1, std::memory_order_release);
        ended_.notify_all();
    }
}

void run_on_nodes(const plan::node_split& split, int most, base::function_ref<void(int)> body) {
    struct piece {
        base::function_ref<void(int)> body;
        int first = 0;
        void operator()(int part) const { body(first + part); }
    };
    const std::span<const plan::node_split::share> shares = split.shares();
    std::vector<piece> pieces;
    pieces.reserve(shares.size());
    std::vector<std::unique_ptr<node_threads::order>> orders;
    orders.reserve(shares.size());
    auto& nodes = all_nodes();
    // Fewer threads than parts: each node has its share of them.
    const plan::node_split& threads = split.parts() <= most ? split : split_over_nodes(most);
    const auto threads_on = [&](int node) {
        if (shares.size() == 1) return std::min(most, split.parts());
        const auto s = std::ranges::find(threads.shares(), node, &plan::node_split::share::node);
        return s == threads.shares().end() ? 1 : s->past - s->first;
    };
    for (const plan::node_split::share& s : shares) {
        pieces.push_back({body, s.first});
        orders.push_back(std::make_unique<node_threads::order>(s.past - s.first, threads_on(s.node), most, pieces.back()));
    }
    const int here = current_node();
    std::exception_ptr failure;
    const auto run_here = [&](std::size_t k) {
        try {
            nodes[static_cast<std::size_t>(shares[k].node)]->run(*orders[k]);
        } catch (...) {
            if (failure == nullptr) failure = std::current_exception();
        }
    };
    std::vector<bool> given(shares.size(), false);
    for (std::size_t k = 0; k < shares.size(); ++k) {
        if (shares[k].node != here) given[k] = nodes[static_cast<std::size_t>(shares[k].node)]->give(*orders[k]);
    }
    for (std::size_t k = 0; k < shares.size(); ++k) {
        if (!given[k]) run_here(k);
    }
    for (std::size_t k = 0; k < shares.size(); ++k) {
        if (!given[k]) continue;
        nodes[static_cast<std::size_t>(shares[k].node)]->wait_for(*orders[k]);
        if (failure == nullptr) failure = orders[k]->failure;
    }
    if (failure != nullptr) std::rethrow_exception(failure);
}

}  // namespace sinter::inline v1::detail::runtime
