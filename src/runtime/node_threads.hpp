#pragma once

#include "base/function_ref.hpp"
#include "plan/node_split.hpp"
#include "runtime/team_set.hpp"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

namespace sinter::inline v1::detail::runtime {

/// The threads of one node: teams on its processors only. A region's caller works in the team of the node that it is on. On another node
/// a thread leads that waits for orders; it starts with the first one. Never destroyed.
class node_threads {
public:
    /// Parts for another node, until it is done. Lives in the caller.
    struct order {
        order(int how_many, int on, int of, base::function_ref<void(int)> each) noexcept : parts{how_many}, threads{on}, in_all{of}, body{each} {}

        int parts;
        int threads;
        int in_all;  // threads that the region has on all nodes
        base::function_ref<void(int)> body;
        std::exception_ptr failure{};
        std::atomic<bool> done = false;
        order* next = nullptr;
    };

    explicit node_threads(std::vector<int> cpus) : teams_{std::move(cpus)} {}

    /// All parts, with the calling thread among those that work. Rethrows the first exception.
    void run(const order& what);

    /// Has the leader run the parts; false if it cannot be started.
    [[nodiscard]] bool give(order& what) noexcept;
    void wait_for(order& what) noexcept;

private:
    [[nodiscard]] bool start() noexcept;
    void lead() noexcept;
    [[nodiscard]] order* next_order() noexcept;

    team_set teams_;
    std::mutex mutex_;  // of the rest
    std::condition_variable has_orders_;
    order* first_ = nullptr;
    order* last_ = nullptr;
    bool started_ = false;
    std::atomic<int> waiting_ = 0;  // orders; read without the lock
    std::atomic<unsigned> ended_ = 0;  // orders, counted
};

/// Calls body(p) once for each part of the split, on threads of the part's node, as `parallel` does. most: threads in all.
void run_on_nodes(const plan::node_split& split, int most, base::function_ref<void(int)> body);

}  // namespace sinter::inline v1::detail::runtime
