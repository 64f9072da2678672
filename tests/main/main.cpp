// The entry of every Boost.Test executable: suites are in the other files.

#include <boost/test/unit_test.hpp>

#include <stdlib.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace {

/// Meson counts this exit code as a skipped test.
constexpr int skipped = 77;

[[nodiscard]] bool machine_has_forced_isa() {
    const char* const forced = std::getenv("SINTER_ISA");
    if (forced == nullptr) return true;
    const std::string_view isa{forced};
    __builtin_cpu_init();
    if (isa == "avx2") return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (isa == "avx512") {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw");
    }
    return true;
}

}  // namespace

int main(int argc, char* argv[]) {
    // Plans must not depend on what somebody has measured on this machine.
    ::setenv("SINTER_CACHE", "memory", 0);
    if (!machine_has_forced_isa()) {
        std::cout << "this machine does not have SINTER_ISA=" << std::getenv("SINTER_ISA") << '\n';
        return skipped;
    }
    return boost::unit_test::unit_test_main([] { return true; }, argc, argv);
}
