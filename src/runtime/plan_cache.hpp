#pragma once

#include "runtime/execute.hpp"

#include <cstdint>
#include <memory>
#include <span>

namespace sinter::inline v1::detail::runtime {

/// Plans by signature, compared in full. Bounded; safe from any thread. Null if there is none.
[[nodiscard]] std::shared_ptr<const ready_plan> find_plan(std::span<const std::uint64_t> signature);
/// Does nothing if there is no memory for it.
void keep_plan(std::span<const std::uint64_t> signature, std::shared_ptr<const ready_plan> p) noexcept;

struct recent_list;

/// The plans that the calling thread used last, with the recipes of their captures: found without a lock, a hash or a signature. The thread's for as
/// long as this lives; an evaluation inside another one has none, and begins anew. Without memory nothing is remembered.
class recent_plans {
public:
    recent_plans() noexcept;
    recent_plans(const recent_plans&) = delete;
    recent_plans& operator=(const recent_plans&) = delete;
    ~recent_plans();

    /// Captures the roots as before, and gives the plan, which stays until the next call of remember; null if nothing fits, and then nothing has
    /// happened. word: what a plan depends on beside the capture.
    [[nodiscard]] const ready_plan* take(graph::capture& c, const graph::capture::root* roots, std::size_t count, std::uint64_t word);
    void remember(const graph::capture& c, std::uint64_t word, std::shared_ptr<const ready_plan> p) noexcept;
    /// A better plan for what was taken or remembered last. The one before may be gone then.
    void replace(std::shared_ptr<const ready_plan> p) noexcept;

private:
    std::unique_ptr<recent_list> own_;
    std::shared_ptr<const ready_plan>* last_ = nullptr;
};

struct plan_counts {
    std::size_t plans = 0, hits = 0, misses = 0;
};
[[nodiscard]] plan_counts plan_cache_counts();
void clear_plan_cache();

}  // namespace sinter::inline v1::detail::runtime
