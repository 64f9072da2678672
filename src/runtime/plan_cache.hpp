#pragma once

#include "runtime/execute.hpp"

#include <memory>
#include <span>

namespace sinter::inline v1::detail::runtime {

/// Plans by signature, compared in full. Bounded; safe from any thread. A thread remembers the plans that it used last, and finds those
/// without a lock. Null if there is none.
[[nodiscard]] std::shared_ptr<const ready_plan> find_plan(std::span<const std::uint64_t> signature);
void keep_plan(std::span<const std::uint64_t> signature, std::shared_ptr<const ready_plan> p);

struct plan_counts {
    std::size_t plans = 0, hits = 0, misses = 0;
};
[[nodiscard]] plan_counts plan_cache_counts();
void clear_plan_cache();

}  // namespace sinter::inline v1::detail::runtime
