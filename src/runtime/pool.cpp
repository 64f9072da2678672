#include "runtime/pool.hpp"

#include "runtime/blocks.hpp"
#include "runtime/large_pool.hpp"

#include <algorithm>
#include <atomic>

namespace sinter::inline v1::detail::runtime {

namespace {

constinit std::atomic<std::size_t> peak_bytes = 0;
constinit std::atomic<std::int64_t> stray_bytes = 0;

[[nodiscard]] std::size_t in_use_now() noexcept {
    auto blocks = stray_bytes.load(std::memory_order_relaxed);
    block_lists::for_each_tally([&](const block_source::tally& t) { blocks += t.in_use.load(std::memory_order_relaxed); });
    // Other threads move on while we add, so that the sum can be off, below zero even, by what they do meanwhile.
    return shared_large_pool().in_use() + static_cast<std::size_t>(std::max<std::int64_t>(blocks, 0));
}

}  // namespace

pool_statistics statistics() {
    prepare_large_pool();
    pool_detail::note_peak();
    pool_statistics result{};
    result.in_use = in_use_now();
    result.pooled = shared_large_pool().pooled();
    block_lists::with_shared([&](block_source&, auto& lists) {
        for (std::size_t k = 0; k < block_classes; ++k) {
            result.pooled += lists[k].count * block_size(k);
        }
    });
    result.peak = std::max(peak_bytes.load(std::memory_order_relaxed), result.in_use);
    result.limit = shared_large_pool().limit();
    return result;
}

void reset_peak() { peak_bytes.store(in_use_now(), std::memory_order_relaxed); }

void set_pool_limit(std::size_t bytes) {
    prepare_large_pool();
    shared_large_pool().set_limit(bytes);
}

void trim() {
    shared_large_pool().trim();
    block_lists::flush();
    block_lists::with_shared([](block_source& source, auto& lists) {
        for (std::size_t k = 0; k < block_source::classes; ++k) {
            source.give_back(k, lists[k]);
        }
    });
}

void fail_allocation_after(std::int64_t n) noexcept { pool_detail::calls_until_failure.store(n, std::memory_order_relaxed); }

namespace pool_detail {

constinit std::atomic<std::int64_t> calls_until_failure = 0;

bool count_down_to_failure() noexcept {
    std::int64_t left = calls_until_failure.load(std::memory_order_relaxed);
    while (left > 0 && !calls_until_failure.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) {}
    return left == 1;
}

void note_peak() noexcept {
    const std::size_t now = in_use_now();
    std::size_t seen = peak_bytes.load(std::memory_order_relaxed);
    while (seen < now && !peak_bytes.compare_exchange_weak(seen, now, std::memory_order_relaxed)) {}
}

void count_stray(std::int64_t bytes) noexcept { stray_bytes.fetch_add(bytes, std::memory_order_relaxed); }

}  // namespace pool_detail

}  // namespace sinter::inline v1::detail::runtime
