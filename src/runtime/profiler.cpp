#include "runtime/profiler.hpp"

#include "plan/report.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <memory>

namespace sinter::inline v1 {

namespace detail::runtime {

namespace {

thread_local constinit profile_record* innermost = nullptr;

/// Of the process until now.
[[nodiscard]] std::size_t page_faults() noexcept {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return static_cast<std::size_t>(used.ru_minflt) + static_cast<std::size_t>(used.ru_majflt);
}

}  // namespace

profile_record* active_profile() noexcept { return innermost; }

measurement::measurement(const ready_plan& p, const graph::capture& c) : plan_{p}, launches_(p.steps.launches.size()) {
    for (profile_record* r = innermost; r != nullptr; r = r->outer) {
        auto known = std::find_if(r->plans.begin(), r->plans.end(), [&](const profile_record::entry& e) { return e.plan.get() == &p; });
        if (known == r->plans.end()) {
            const std::size_t first = r->report.kernels.size();
            plan_report whole = plan::report(p.steps, c, first);
            r->plans.push_back({p.shared_from_this(), first});
            known = r->plans.end() - 1;
            r->report.kernels.insert(r->report.kernels.end(), whole.kernels.begin(), whole.kernels.end());
            r->report.flows.insert(r->report.flows.end(), whole.flows.begin(), whole.flows.end());
        }
        places_.push_back({r, known->first});
    }
    faults_before_ = page_faults();
}

void measurement::finish() noexcept {
    const std::size_t faults = page_faults() - faults_before_;
    for (const place& at : places_) {
        plan_report& to = at.record->report;
        to.peak_bytes = std::max(to.peak_bytes, static_cast<double>(plan_.steps.peak_bytes));
        to.page_faults += faults;
        to.predicted_seconds += plan_.steps.predicted_seconds;
        for (std::size_t k = 0; k < launches_.size(); ++k) {
            kernel_report& kernel = to.kernels[at.first + k];
            ++kernel.calls;
            kernel.measured_seconds += launches_[k].seconds;
            kernel.passed_over += static_cast<double>(launches_[k].passed_over.load());
            to.measured_seconds += launches_[k].seconds;
        }
    }
}

}  // namespace detail::runtime

profile::profile() try : record_{new detail::profile_record} {
    record_->outer = detail::runtime::innermost;
    detail::runtime::innermost = record_;
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("profile");
}

profile::~profile() {
    detail::profile_record** at = &detail::runtime::innermost;
    while (*at != nullptr && *at != record_) at = &(*at)->outer;
    if (*at == record_) *at = record_->outer;
    std::default_delete<detail::profile_record>{}(record_);
}

plan_report profile::report() const try {
    return record_->report;
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("profile");
}

}  // namespace sinter::inline v1
