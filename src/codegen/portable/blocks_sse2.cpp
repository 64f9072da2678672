#include "codegen/portable/blocks.hpp"

// The block functions for any x86-64. Nothing else may stand in this file.

namespace sinter::inline v1::detail::codegen::portable {
namespace {
struct sse2 : xsimd::sse2 {};
}  // namespace
}  // namespace sinter::inline v1::detail::codegen::portable

namespace xsimd::types {
XSIMD_DECLARE_SIMD_REGISTER_ALIAS(sinter::detail::codegen::portable::sse2, xsimd::sse2);
}  // namespace xsimd::types

namespace sinter::inline v1::detail::codegen::portable {

const block_table& blocks_sse2() noexcept {
    static constexpr block_table table = make_blocks<sse2>();
    return table;
}

}  // namespace sinter::inline v1::detail::codegen::portable
