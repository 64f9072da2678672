#pragma once

#include "codegen/kernel.hpp"
#include "plan/machine.hpp"

#include <sinter/report.hpp>

#include <string>
#include <vector>

namespace sinter::inline v1::detail::runtime {

/// Code for a kernel on an instruction set: what is there, or made now. A kernel that the JIT declines runs on the portable
/// backend, and is counted. No lock is held while compiling; when two threads make the same kernel the first one's stays.
[[nodiscard]] codegen::executable_ptr code_for(const codegen::kernel& k, plan::isa target);

/// Whether it is there.
[[nodiscard]] bool has_code(const codegen::kernel& k, plan::isa target);

/// The same, made anew, neither kept nor counted. `declined` says why the JIT did not make it, if it did not.
[[nodiscard]] codegen::executable_ptr make_code(const codegen::kernel& k, plan::isa target, std::string& declined);

struct cache_counts {
    std::size_t kernels = 0, code_bytes = 0, hits = 0, misses = 0, declined = 0;
    double compile_seconds = 0;
    std::vector<std::string> reasons;  // the last few declines
};
[[nodiscard]] cache_counts kernel_cache_counts();
void clear_kernel_cache();

/// Kernels kept at most; the oldest go first. Those in use live on.
inline constexpr std::size_t most_kernels = 4096;

}  // namespace sinter::inline v1::detail::runtime
