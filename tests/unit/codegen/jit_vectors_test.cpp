#include "jit_support.hpp"

#include "codegen/jit/program.hpp"
#include "codegen/operation_table.hpp"

using namespace sinter_test;

// No type falls back to slow code: whatever the JIT makes of one operation is vectors of all lanes, but for quotients of 64 bits, for which
// there is no instruction and no shorter way.

namespace {

constexpr dtype types[] = {dtype::boolean, dtype::i8,  dtype::i16, dtype::i32, dtype::i64, dtype::u8,
                           dtype::u16,     dtype::u32, dtype::u64, dtype::f16, dtype::bf16, dtype::f32, dtype::f64};

kernel kernel_of(std::uint16_t code, dtype t, dtype result) {
    const operation_info& info = operation_of(code);
    kernel k;
    for (std::uint16_t n = 0; n < info.arity; ++n) {
        const dtype operand = info.rule == type_rule::select && n == 0 ? dtype::boolean : t;
        k.inputs.push_back({operand, codegen::access::unit});
        k.code.push_back({.code = code_load, .type = operand, .a = n});
    }
    k.code.push_back({.code = code, .type = result, .a = 0, .b = static_cast<std::uint16_t>(info.arity > 1 ? 1 : 0),
                      .c = static_cast<std::uint16_t>(info.arity > 2 ? 2 : 0)});
    k.outputs.push_back({result, codegen::access::unit, false, info.arity});
    return k;
}

void check_vectors(std::uint16_t code, dtype t, dtype result) {
    for (const bool avx512 : {true, false}) {
        const codegen::jit::program p = codegen::jit::make_program(expand(kernel_of(code, t, result), avx512), avx512, true);
        std::size_t widest = std::max(size_of(t), size_of(result));
        // Floats of 16 bits are computed with as float; so that wide integers are rounded once, they become a double first.
        if (code == op::convert::code && (is_half(t) || is_half(result))) widest = result == dtype::bf16 && is_integer(t) && size_of(t) >= 4 ? 8 : std::max(widest, std::size_t{4});
        BOOST_TEST(p.lanes * static_cast<int>(widest) == (avx512 ? 64 : 32), operation_of(code).name << " of " << name_of(t) << " to " << name_of(result));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(jit_vectors)

BOOST_AUTO_TEST_CASE(no_operation_goes_element_by_element) {
    int checked = 0;
    for (std::uint16_t code = 0; code < operation_codes; ++code) {
        if (!is_operation_code(code) || operation_of(code).rule == type_rule::convert) continue;
        for (const dtype t : types) {
            if (!rule_allows(operation_of(code).rule, t)) continue;
            check_vectors(code, t, operation_of(code).rule == type_rule::compare ? dtype::boolean : t);
            ++checked;
        }
    }
    BOOST_TEST(checked > 250);
}

BOOST_AUTO_TEST_CASE(no_conversion_goes_element_by_element) {
    for (const dtype from : types) {
        for (const dtype to : types) {
            if (from != to) check_vectors(op::convert::code, from, to);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
