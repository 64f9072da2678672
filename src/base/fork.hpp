#pragma once

#include <sinter/detail/counts.hpp>

#include <mutex>

// fork copies one thread and the memory as it is at that moment: locks that other threads hold, nodes that they have claimed and values that they
// have half computed would stay so in the child for good. So fork waits until no other thread is at work in the library.

namespace sinter::inline v1::detail::base {

/// While this lives, fork waits in other threads. May be nested. Whoever comes while another thread forks waits until that is done. A process of one
/// thread pays a load for it, others a few more instructions, none of them locked.
class at_work {
public:
    at_work() noexcept : counted_{!one_thread()} {
        if (counted_) enter();
    }
    at_work(const at_work&) = delete;
    at_work& operator=(const at_work&) = delete;
    ~at_work() {
        if (counted_) leave();
    }

private:
    static void enter() noexcept;
    static void leave() noexcept;

    bool counted_;
};

/// For locks that are also taken outside of at_work: fork takes this one, after those that are at work have left, and both processes free it. It
/// must live for ever and be no other such lock's inner one. Giving it again does nothing.
void hold_over_fork(std::mutex& lock) noexcept;

}  // namespace sinter::inline v1::detail::base
