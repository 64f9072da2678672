#include "workers.hpp"

#include <immintrin.h>
#include <pthread.h>

#include <algorithm>

namespace perf {

workers& workers::instance() {
    static workers pool;
    return pool;
}

workers::workers() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    sched_getaffinity(0, sizeof allowed, &allowed);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
        if (CPU_ISSET(cpu, &allowed)) cpus_.push_back(cpu);
}

workers::~workers() {
    stop_ = true;
    awake_ = static_cast<int>(pool_.size()) + 1;
    awake_.notify_all();
    for (std::thread& t : pool_) t.join();
}

void workers::pin(int index) const {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpus_[static_cast<std::size_t>(index) % cpus_.size()], &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

void workers::enter(int threads) {
    threads_ = threads;
    pthread_getaffinity_np(pthread_self(), sizeof before_, &before_);
    pin(0);
    while (static_cast<int>(pool_.size()) + 1 < threads) {
        const int index = static_cast<int>(pool_.size()) + 1;
        pool_.emplace_back([this, index] { serve(index); });
    }
    awake_ = threads;
    awake_.notify_all();
    while (spinning_ != threads - 1) _mm_pause();
}

void workers::leave() {
    awake_ = 0;
    while (spinning_ != 0) _mm_pause();
    threads_ = 1;
    pthread_setaffinity_np(pthread_self(), sizeof before_, &before_);
}

void workers::start(job what, const void* with) {
    job_ = what;
    with_ = with;
    left_.store(threads_ - 1, std::memory_order_relaxed);
    round_.fetch_add(1, std::memory_order_release);
}

void workers::finish() {
    while (left_.load(std::memory_order_acquire) != 0) _mm_pause();
}

void workers::serve(int index) {
    pin(index);
    while (!stop_) {
        for (int now = awake_; now <= index; now = awake_) awake_.wait(now);
        unsigned seen = round_;
        ++spinning_;
        while (awake_ > index && !stop_) {
            const unsigned round = round_.load(std::memory_order_acquire);
            if (round == seen) {
                _mm_pause();
                continue;
            }
            seen = round;
            job_(with_, index);
            left_.fetch_sub(1, std::memory_order_release);
        }
        --spinning_;
    }
}

}
