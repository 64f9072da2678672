#pragma once

#include "base/fork.hpp"
#include "base/stay_loaded.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <type_traits>

namespace sinter::inline v1::detail::base {

/// A last-in first-out list through the items' own `next`.
template <class Item>
struct free_list {
    Item* head = nullptr;
    std::uint32_t count = 0;

    void push(Item* item) noexcept {
        item->next = head;
        head = item;
        ++count;
    }
    [[nodiscard]] Item* pop() noexcept {
        Item* const item = head;
        if (item != nullptr) {
            head = item->next;
            --count;
        }
        return item;
    }
    /// Moves the `n` newest items, or all there are, in front of `to`.
    void move_to(free_list& to, std::uint32_t n) noexcept {
        if (n == 0 || head == nullptr) {
            return;
        }
        Item* last = head;
        std::uint32_t moved = 1;
        for (; moved < n && last->next != nullptr; ++moved) {
            last = last->next;
        }
        Item* const rest = last->next;
        last->next = to.head;
        to.head = head;
        to.count += moved;
        head = rest;
        count -= moved;
    }
};

/// Free items by class, in lists that each thread keeps for itself and in shared ones behind a mutex.
///
/// Taking and giving touch the thread's own list only, so they cost a few nanoseconds and no lock. A list that runs
/// empty takes a batch from the shared one, and one that holds two batches hands one over, so a thread keeps no
/// more than two batches of a class. An item may be given by another thread than the one that took it. A thread
/// that ends gives back all it has. Nothing here is ever destroyed, so static objects may use it to the very end.
///
/// `Source` says what the items are and where new ones come from:
///   item                              has a member `item* next`, free for use while the item is
///   tally                             what is counted for each thread; default-constructible, never destroyed
///   classes                           how many classes there are
///   batch(k)                          how many items of class k to move at once
///   carve(k, n, list)                 puts up to n (at least one) new items into list; may throw; lock held
///   handed_over(k, list)              called after the shared list of class k has grown; lock held
///   fetched()                         called after a thread has filled its own list; static, no lock held
template <class Source>
class thread_lists {
public:
    using item = typename Source::item;
    using list = free_list<item>;

    struct cache {
        std::array<list, Source::classes> lists;
        typename Source::tally tally;
        cache* next_known = nullptr;
        cache* next_spare = nullptr;
    };

    /// An item of class k. Throws what Source::carve throws.
    [[nodiscard]] static item* take(std::size_t k) {
        if (cache* const mine = local_; mine != nullptr) [[likely]] {
            if (item* const got = mine->lists[k].pop(); got != nullptr) [[likely]] {
                return got;
            }
        }
        return refill(k);
    }

    static void give(std::size_t k, item* back) noexcept {
        if (cache* const mine = local_; mine != nullptr) [[likely]] {
            list& own = mine->lists[k];
            own.push(back);
            if (own.count >= 2 * Source::batch(k)) [[unlikely]] {
                hand_over(own, k);
            }
            return;
        }
        give_shared(k, back);
    }

    /// What this thread counts; null before its first `take` and at its very end.
    [[nodiscard]] static typename Source::tally* own_tally() noexcept {
        cache* const mine = local_;
        return mine == nullptr ? nullptr : &mine->tally;
    }

    /// Calls f with the tally of every thread, those that have ended included (theirs are used again).
    template <class F>
    static void for_each_tally(F&& f) noexcept {
        for (cache* c = shared_.known.load(std::memory_order_acquire); c != nullptr; c = c->next_known) {
            f(c->tally);
        }
    }

    /// Calls f(source, shared lists) under the lock.
    template <class F>
    static void with_shared(F&& f) {
        const std::lock_guard lock{shared_.mutex};
        f(shared_.source, shared_.lists);
    }

    /// Hands the calling thread's items to the shared lists.
    static void flush() noexcept {
        cache* const mine = local_;
        if (mine == nullptr) {
            return;
        }
        const std::lock_guard lock{shared_.mutex};
        for (std::size_t k = 0; k < Source::classes; ++k) {
            mine->lists[k].move_to(shared_.lists[k], mine->lists[k].count);
        }
    }

private:
    struct shared {
        std::mutex mutex;
        std::array<list, Source::classes> lists;
        Source source;
        cache* spare = nullptr;
        std::atomic<cache*> known = nullptr;
    };
    static_assert(std::is_trivially_destructible_v<shared>, "pools outlive every static object");

    struct leaver {
        ~leaver() { leave(); }
    };

    // The shared library has them in the initial-exec model, read without a call. They take some of the bytes that the C library
    // sets aside for libraries loaded late, which is why there is a pointer here and not the lists.
    inline static constinit thread_local cache* local_ = nullptr;
    inline static constinit thread_local bool left_ = false;
    inline static constinit shared shared_{};

    [[gnu::noinline]] static item* refill(std::size_t k) {
        item* const got = fetch(k);
        Source::fetched();
        return got;
    }

    static item* fetch(std::size_t k) {
        cache* const mine = local_ == nullptr && !left_ ? enter() : local_;
        const std::lock_guard lock{shared_.mutex};
        list& common = shared_.lists[k];
        if (mine == nullptr) {
            if (common.head == nullptr) {
                shared_.source.carve(k, 1, common);
            }
            return common.pop();
        }
        list& own = mine->lists[k];
        if (own.head == nullptr) {
            if (common.head != nullptr) {
                common.move_to(own, Source::batch(k));
            } else {
                shared_.source.carve(k, Source::batch(k), own);
            }
        }
        return own.pop();
    }

    [[gnu::noinline]] static void hand_over(list& own, std::size_t k) noexcept {
        const std::lock_guard lock{shared_.mutex};
        own.move_to(shared_.lists[k], Source::batch(k));
        shared_.source.handed_over(k, shared_.lists[k]);
    }

    [[gnu::noinline]] static void give_shared(std::size_t k, item* back) noexcept {
        const std::lock_guard lock{shared_.mutex};
        shared_.lists[k].push(back);
        shared_.source.handed_over(k, shared_.lists[k]);
    }

    static cache* enter() {
        // Outside the lock, which fork takes while it holds the list of such locks.
        hold_over_fork(shared_.mutex);
        stay_loaded();
        static thread_local const leaver at_thread_exit;
        static_cast<void>(&at_thread_exit);
        const std::lock_guard lock{shared_.mutex};
        cache* mine = shared_.spare;
        if (mine != nullptr) {
            shared_.spare = mine->next_spare;
        } else {
            mine = std::make_unique<cache>().release();
            mine->next_known = shared_.known.load(std::memory_order_relaxed);
            shared_.known.store(mine, std::memory_order_release);
        }
        local_ = mine;
        return mine;
    }

    static void leave() noexcept {
        flush();
        left_ = true;
        if (local_ == nullptr) {
            return;
        }
        const std::lock_guard lock{shared_.mutex};
        local_->next_spare = shared_.spare;
        shared_.spare = local_;
        local_ = nullptr;
    }
};

}  // namespace sinter::inline v1::detail::base
