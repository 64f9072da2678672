#pragma once

#include "runtime/execute.hpp"

#include <sinter/profile.hpp>

#include <vector>

namespace sinter::inline v1::detail {

/// What one profile has measured.
struct profile_record {
    struct entry {
        std::shared_ptr<const runtime::ready_plan> plan;
        std::size_t first = 0;  // of its kernels in the report
    };
    std::vector<entry> plans;
    plan_report report;
    profile_record* outer = nullptr;
};

namespace runtime {

/// The innermost profile of the calling thread, or null.
[[nodiscard]] profile_record* active_profile() noexcept;

/// Measures one evaluation for all profiles of the calling thread.
class measurement {
public:
    /// Before the plan runs: what it is goes into the reports. Throws std::bad_alloc.
    measurement(const ready_plan& p, const graph::capture& c);
    /// By launch, to be filled while the plan runs.
    [[nodiscard]] launch_measure* launches() noexcept { return launches_.data(); }
    /// The plan has run.
    void finish() noexcept;

private:
    struct place {
        profile_record* record = nullptr;
        std::size_t first = 0;
    };
    const ready_plan& plan_;
    std::vector<launch_measure> launches_;
    std::vector<place> places_;
    std::size_t faults_before_ = 0;
};

}  // namespace runtime
}  // namespace sinter::inline v1::detail
