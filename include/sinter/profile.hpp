#pragma once

#include <sinter/report.hpp>

namespace sinter::inline v1 {

namespace detail {
struct profile_record;
}

/// While it lives, evaluations of the current thread are measured: { profile p; ...; std::cout << p.report(); }. Each kernel of each plan
/// stands in the report once, with its calls and their time beside the predicted one. Profiles may be nested; each measures all of its
/// scope. Measuring takes a fraction of a microsecond for each kernel. Throws memory_error.
class SINTER_API profile {
public:
    profile();
    profile(const profile&) = delete;
    profile& operator=(const profile&) = delete;
    ~profile();

    /// What has been measured so far: predicted_seconds and measured_seconds are of all calls together, those of a kernel's predicted_seconds
    /// of one call. Kernels that ran tile by tile with others have a share of the time that they took together, as predicted.
    [[nodiscard]] plan_report report() const;

private:
    detail::profile_record* record_;
};

}  // namespace sinter::inline v1
