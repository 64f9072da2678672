#include "codegen/portable/blocks.hpp"

// The block functions for AVX2 with FMA; called only where the machine has them. Nothing else may stand in this file.

namespace sinter::inline v1::detail::codegen::portable {
namespace {
struct avx2 : xsimd::fma3<xsimd::avx2> {};
}  // namespace
}  // namespace sinter::inline v1::detail::codegen::portable

namespace xsimd::types {
XSIMD_DECLARE_SIMD_REGISTER_ALIAS(sinter::detail::codegen::portable::avx2, xsimd::fma3<xsimd::avx2>);
}  // namespace xsimd::types

namespace sinter::inline v1::detail::codegen::portable {

const block_table& blocks_avx2() noexcept {
    static constexpr block_table table = make_blocks<avx2>();
    return table;
}

}  // namespace sinter::inline v1::detail::codegen::portable
