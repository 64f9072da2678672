#include "jit_support.hpp"

#include <sinter/detail/error.hpp>

using namespace sinter_test;

namespace {

constexpr auto unit = codegen::access::unit;
constexpr auto broadcast = codegen::access::broadcast;

/// first - second * a column, the second across memory.
kernel difference(dtype t, bool streaming) {
    kernel k;
    k.inputs = {{t, unit}, {t, unit}, {t, broadcast}};
    k.inputs[1].turned = true;
    k.code = {{.code = code_load, .type = t, .a = 0},
              {.code = code_load, .type = t, .a = 1},
              {.code = code_load, .type = t, .a = 2},
              {.code = op::fnma::code, .type = t, .a = 1, .b = 2, .c = 0}};
    k.outputs = {{t, unit, streaming, 3}};
    return k;
}

template <class T>
void check(dtype t, index_t rows, index_t n, bool streaming) {
    const jit_result made = compile(expand(difference(t, streaming), true), plan::isa::avx512, nullptr);
    BOOST_REQUIRE_MESSAGE(made.code != nullptr, made.declined);
    const auto at = [](index_t i) { return static_cast<std::size_t>(i); };
    std::vector<T> a(at(rows * n)), b(at(rows * n)), column(at(rows));
    for (std::size_t i = 0; i < a.size(); ++i) {
        a[i] = static_cast<T>(i % 1000);
        b[i] = static_cast<T>(i % 77);
    }
    for (std::size_t i = 0; i < column.size(); ++i) column[i] = static_cast<T>(i % 5);
    // Aligned for streaming stores, with a guard behind.
    std::vector<T> room(a.size() + 128 / sizeof(T) + 1, T{-1});
    T* const out = reinterpret_cast<T*>((reinterpret_cast<std::uintptr_t>(room.data()) + 63) / 64 * 64);
    constexpr auto size = static_cast<index_t>(sizeof(T));
    std::byte* const pointers[] = {reinterpret_cast<std::byte*>(a.data()), reinterpret_cast<std::byte*>(b.data()), reinterpret_cast<std::byte*>(column.data()),
                                   reinterpret_cast<std::byte*>(out)};
    const index_t row_strides[] = {n * size, 64, size, n * size}, inner_strides[] = {64, rows * size, 0, 0};
    made.code->run({pointers, row_strides, inner_strides, nullptr, rows, n});
    for (index_t r = 0; r < rows; ++r) {
        for (index_t c = 0; c < n; ++c) {
            BOOST_REQUIRE_EQUAL(out[r * n + c], a[at(r * n + c)] - b[at(c * rows + r)] * column[at(r)]);
        }
    }
    BOOST_TEST(out[rows * n] == T{-1});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(jit_squares)

BOOST_AUTO_TEST_CASE(squares_are_transposed_in_registers) {
    const std::vector<plan::isa> targets = jit_targets();
    if (std::find(targets.begin(), targets.end(), plan::isa::avx512) == targets.end()) return;
    for (const bool streaming : {false, true}) {
        for (const index_t rows : {16, 32, 80}) {
            for (const index_t n : {16, 48}) {
                check<float>(dtype::f32, rows, n, streaming);
                check<double>(dtype::f64, rows, n, streaming);
            }
        }
        check<double>(dtype::f64, 8, 24, streaming);
    }
}

BOOST_AUTO_TEST_CASE(only_what_fills_vectors) {
    kernel half = difference(dtype::f32, false);
    half.inputs[0].type = half.inputs[2].type = dtype::f64;
    half.code = {{.code = code_load, .type = dtype::f64, .a = 0}};
    half.outputs = {{dtype::f64, unit, false, 0}};
    BOOST_CHECK_THROW(codegen::verify(half), sinter::internal_error);
    kernel strided = difference(dtype::f32, false);
    strided.outputs[0].inner = codegen::access::strided;
    BOOST_CHECK_THROW(codegen::verify(strided), sinter::internal_error);
}

BOOST_AUTO_TEST_SUITE_END()
