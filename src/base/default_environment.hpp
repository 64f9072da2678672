#pragma once

#include <xmmintrin.h>

namespace sinter::inline v1::detail::base {

/// The default rounding and handling of subnormal numbers while it lives.
class default_environment {
public:
    default_environment() noexcept : callers_{_mm_getcsr()} {
        if (differs()) _mm_setcsr(standard);
    }
    ~default_environment() {
        if (differs()) _mm_setcsr(callers_);
    }
    default_environment(const default_environment&) = delete;
    default_environment& operator=(const default_environment&) = delete;

private:
    static constexpr unsigned standard = 0x1f80, flags = 0x3f;
    [[nodiscard]] bool differs() const noexcept { return (callers_ & ~flags) != standard; }
    unsigned callers_;
};

}  // namespace sinter::inline v1::detail::base
