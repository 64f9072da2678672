#pragma once

#include "codegen/kernel.hpp"
#include "plan/machine.hpp"

#include <string>

namespace sinter::inline v1::detail::codegen {

/// What compiling gave: code, or the reason for declining.
struct jit_result {
    executable_ptr code;
    std::string declined;  // empty when there is code
};

/// Whether this processor has AVX512_VBMI.
[[nodiscard]] bool has_byte_permutes() noexcept;

/// Compiles an expanded kernel for AVX2 with FMA, or AVX-512. Safe from any thread.
/// listing: where to put the assembly text, or null. byte_permutes: whether code for AVX-512 may use AVX512_VBMI.
[[nodiscard]] jit_result compile(const kernel& expanded, plan::isa target, std::string* listing = nullptr,
                                 bool byte_permutes = has_byte_permutes());

}  // namespace sinter::inline v1::detail::codegen
