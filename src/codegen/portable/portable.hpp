#pragma once

#include "codegen/kernel.hpp"

namespace sinter::inline v1::detail::codegen {

/// Runs a kernel (expanded or not) block by block over xsimd, on any x86-64; with AVX2 and FMA code where the machine has it,
/// unless baseline asks for plain code.
[[nodiscard]] executable_ptr make_portable(const kernel& k, bool baseline = false);

}  // namespace sinter::inline v1::detail::codegen
