#pragma once

#include <signal.h>

namespace sinter::inline v1::detail::base {

/// None reach the calling thread for the scope, nor ever a thread that it starts meanwhile: they are for the program's own threads.
class blocked_signals {
public:
    blocked_signals() noexcept {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~blocked_signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    blocked_signals(const blocked_signals&) = delete;
    blocked_signals& operator=(const blocked_signals&) = delete;

private:
    sigset_t before_{};
};

}  // namespace sinter::inline v1::detail::base
