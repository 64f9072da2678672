#include "random_kernel.hpp"

#include "codegen/operation_table.hpp"
#include "codegen/recorder.hpp"

#include <sinter/detail/error.hpp>

#include <boost/test/unit_test.hpp>

#include <xmmintrin.h>

using namespace sinter_test;

namespace {

constexpr auto unit = codegen::access::unit;

bool only_primitives(const kernel& k) {
    return std::all_of(k.code.begin(), k.code.end(), [](const instruction& i) { return !is_operation_code(i.code) || operation_of(i.code).primitive; });
}

bool only_primitives_or_rare(const kernel& k) {
    return std::all_of(k.code.begin(), k.code.end(),
                       [](const instruction& i) { return i.code == code_rare || !is_operation_code(i.code) || operation_of(i.code).primitive; });
}

kernel with_code(std::vector<instruction> code, dtype result) {
    kernel k;
    k.inputs = {{dtype::f32, unit}, {dtype::f32, unit}};
    k.code = std::move(code);
    k.outputs = {{result, unit, false, static_cast<std::uint16_t>(k.code.size() - 1)}};
    return k;
}

constexpr instruction load(std::uint16_t n) { return {.code = code_load, .type = dtype::f32, .a = n}; }
instruction constant(float x) { return {.code = code_constant, .type = dtype::f32, .bits = to_bits(x)}; }
instruction apply_op(int code, std::uint16_t a, std::uint16_t b = 0, std::uint16_t c = 0) {
    return {.code = static_cast<std::uint16_t>(code), .type = dtype::f32, .a = a, .b = b, .c = c};
}

std::string message_of(const kernel& k) {
    try {
        verify(k);
    } catch (const internal_error& e) {
        return e.what();
    }
    return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kernels)

BOOST_AUTO_TEST_CASE(bodies_become_primitives) {
    const kernel k = expand(with_code({load(0), load(1), apply_op(op::minimum::code, 0, 1)}, dtype::f32));
    BOOST_TEST(only_primitives(k));
    BOOST_REQUIRE(k.code.size() == 5U);
    // The order in which a body's operands are computed is the compiler's.
    BOOST_TEST((k.code[2].code == op::not_equal::code) == (k.code[3].code == op::lesser::code));
    BOOST_TEST((k.code[4].code == op::select::code));
    BOOST_TEST(k.outputs[0].value == 4U);
}

BOOST_AUTO_TEST_CASE(kernels_can_be_read) {
    kernel k = with_code({load(0), load(1), {.code = code_param, .type = dtype::f32, .a = 0}, constant(0.5F), apply_op(op::fma::code, 0, 2, 3)}, dtype::f32);
    k.kind = kernel_kind::row_reduce;
    k.contract = false;
    k.params = {dtype::f32};
    k.inputs[1].inner = codegen::access::broadcast;
    k.outputs[0].streaming = true;
    k.reductions = {{op::maximum::code, 4, dtype::f32, to_bits(-INFINITY)}};
    BOOST_TEST(to_string(k) ==
               "row_reduce strict\n"
               "  %0 float32 = load in0 unit\n"
               "  %1 float32 = load in1 broadcast\n"
               "  %2 float32 = param 0\n"
               "  %3 float32 = constant 0.5\n"
               "  %4 float32 = fma %0, %2, %3\n"
               "  out0 float32 unit streaming = %4\n"
               "  reduced0 float32 = maximum %4\n");
}

BOOST_AUTO_TEST_CASE(constants_are_folded) {
    const kernel k = expand(with_code({load(0), constant(3), constant(4), apply_op(op::multiply::code, 1, 2), apply_op(op::sqrt::code, 3), apply_op(op::add::code, 0, 4)}, dtype::f32));
    BOOST_REQUIRE(k.code.size() == 3U);
    BOOST_TEST(from_bits<float>(k.code[1].bits) == std::sqrt(12.0F));
}

BOOST_AUTO_TEST_CASE(folding_does_not_depend_on_the_rounding_mode) {
    const kernel before = with_code({constant(1), constant(3), apply_op(op::divide::code, 0, 1), apply_op(op::exp::code, 2)}, dtype::f32);
    const kernel expected = expand(before);
    const unsigned mode = _mm_getcsr();
    _mm_setcsr(0x1f80 | 0x6000 | 0x8040);
    const kernel got = expand(before);
    const unsigned kept = _mm_getcsr();
    _mm_setcsr(mode);
    BOOST_TEST((got == expected));
    BOOST_TEST((kept & ~0x3fU) == (0x1f80U | 0x6000U | 0x8040U));
    BOOST_REQUIRE(got.code.size() == 1U);
}

BOOST_AUTO_TEST_CASE(division_by_a_constant_zero_is_left_alone) {
    kernel k;
    k.code = {{.code = code_constant, .type = dtype::i32, .bits = 5}, {.code = code_constant, .type = dtype::i32, .bits = 0}, {.code = op::divide::code, .type = dtype::i32, .a = 0, .b = 1}};
    k.outputs = {{dtype::i32, unit, false, 2}};
    BOOST_TEST(expand(k).code.size() == 3U);
}

BOOST_AUTO_TEST_CASE(equal_values_become_one_and_unused_ones_go) {
    const kernel k = expand(with_code({load(0), load(1), apply_op(op::add::code, 0, 1), apply_op(op::exp::code, 0), load(0), apply_op(op::add::code, 4, 1), apply_op(op::multiply::code, 2, 5)}, dtype::f32));
    BOOST_REQUIRE(k.code.size() == 4U);
    BOOST_TEST(k.code[3].a == 2U);
    BOOST_TEST(k.code[3].b == 2U);
    BOOST_TEST(k.inputs.size() == 2U);   // operands keep their numbers
}

BOOST_AUTO_TEST_CASE(assisted_operations_stay_where_there_are_instructions) {
    const kernel k = with_code({load(0), apply_op(op::log::code, 0)}, dtype::f32);
    const auto assisted = [](const kernel& e) {
        return std::count_if(e.code.begin(), e.code.end(), [](const instruction& i) { return is_operation_code(i.code) && operation_of(i.code).assisted; });
    };
    BOOST_TEST(assisted(expand(k)) == 0);
    BOOST_TEST(assisted(expand(k, true)) == 2);
    BOOST_TEST(expand(k, true).code.size() < expand(k).code.size());
    const kernel number = with_code({constant(3), apply_op(op::log::code, 0)}, dtype::f32);
    BOOST_REQUIRE(expand(number, true).code.size() == 1U);
    BOOST_TEST((expand(number, true) == expand(number)));
}

BOOST_AUTO_TEST_CASE(conversion_to_the_same_type_is_the_value) {
    const kernel k = expand(with_code({load(0), apply_op(op::convert::code, 0)}, dtype::f32));
    BOOST_TEST(k.code.size() == 1U);
    BOOST_TEST(k.outputs[0].value == 0U);
}

BOOST_AUTO_TEST_CASE(expanded_kernels_compute_the_same) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        random_source r{seed};
        const std::vector<dtype> types = seed % 2 == 0 ? std::vector{dtype::f32, dtype::i32, dtype::u8} : std::vector{dtype::f64, dtype::i64, dtype::i16};
        const kernel k = kernel_maker{r, {.types = types, .operations = 12}}.make();
        const kernel e = expand(k);
        BOOST_REQUIRE_NO_THROW(verify(k));
        BOOST_REQUIRE_NO_THROW(verify(e));
        BOOST_REQUIRE(only_primitives(e));
        BOOST_REQUIRE_MESSAGE((expand(e) == e), seed << ":\n" << to_string(e) << "again\n" << to_string(expand(e)));
        run_data data(k, 2, 40, r, {});
        reference::run(e, data.tested());
        reference::run(k, data.expected());
        BOOST_REQUIRE_MESSAGE(data.difference().empty(), "seed " << seed << ": " << data.difference() << "\n" << to_string(k));
    }
}

BOOST_AUTO_TEST_CASE(steps_of_reductions) {
    const std::vector<instruction> sum = expand_combine(op::add::code, dtype::f32);
    BOOST_REQUIRE(sum.size() == 3U);
    BOOST_TEST((sum[2] == instruction{.code = op::add::code, .type = dtype::f32, .a = 0, .b = 1}));
    BOOST_TEST(expand_combine(op::maximum::code, dtype::f32).size() == 5U);
    BOOST_TEST(expand_combine(op::maximum::code, dtype::i16).size() == 3U);
}

BOOST_AUTO_TEST_CASE(lanes_follow_the_widest_type) {
    kernel k = with_code({load(0)}, dtype::f32);
    BOOST_TEST(lanes_per_step(k, 64) == 16);
    BOOST_TEST(lanes_per_step(k, 32) == 8);
    k.code.push_back({.code = op::convert::code, .type = dtype::f64, .a = 0});
    BOOST_TEST(lanes_per_step(k, 64) == 8);
    kernel bytes;
    bytes.inputs = {{dtype::u8, unit}};
    BOOST_TEST(lanes_per_step(bytes, 64) == 64);
}

BOOST_AUTO_TEST_CASE(broken_kernels_are_found) {
    const kernel good = with_code({load(0), load(1), apply_op(op::add::code, 0, 1)}, dtype::f32);
    BOOST_TEST(message_of(good).empty());
    const auto broken = [&](auto change) {
        kernel k = good;
        change(k);
        return message_of(k);
    };
    BOOST_TEST(broken([](kernel& k) { k.code[2].b = 2; }) == "sinter: malformed kernel: operand after its user at 2; please report this");
    BOOST_TEST(broken([](kernel& k) { k.code[1].a = 9; }).find("load of no input") != std::string::npos);
    BOOST_TEST(broken([](kernel& k) { k.code[1].type = dtype::f64; }).find("load of another type") != std::string::npos);
    BOOST_TEST(broken([](kernel& k) { k.code[2].type = dtype::f64; }).find("result of the wrong type") != std::string::npos);
    BOOST_TEST(broken([](kernel& k) { k.code[2].code = op::bitwise_and::code; }).find("bitwise_and of float32") != std::string::npos);
    BOOST_TEST(broken([](kernel& k) { k.code[2].code = op::select::code; }).find("condition that is not bool") != std::string::npos);
    BOOST_TEST(broken([](kernel& k) { k.code[2] = {.code = op::bitcast::code, .type = dtype::i16, .a = 0}; }).find("bitcast to another width") != std::string::npos);
    BOOST_TEST(broken([](kernel& k) { k.code[2].code = 200; }).find("unknown code 200") != std::string::npos);
    BOOST_TEST(broken([](kernel& k) { k.code[2] = {.code = code_param, .type = dtype::f32}; }).find("no such parameter") != std::string::npos);
    BOOST_TEST(broken([](kernel& k) { k.outputs[0].value = 7; }).find("output of no value") != std::string::npos);
    BOOST_TEST(broken([](kernel& k) { k.outputs[0].type = dtype::i32; }).find("output of another type") != std::string::npos);
    BOOST_TEST(broken([](kernel& k) { k.outputs[0].inner = codegen::access::broadcast; }).find("broadcast output") != std::string::npos);
    BOOST_TEST(broken([](kernel& k) { k.kind = kernel_kind::row_reduce; }).find("no reduction") != std::string::npos);
    BOOST_TEST(broken([](kernel& k) { k.reductions = {{op::add::code, 2, dtype::f32, 0}}; }).find("reduction in a map") != std::string::npos);
    const auto reduced = [&](reduction r) {
        return broken([&](kernel& k) {
            k.kind = kernel_kind::column_reduce;
            k.reductions = {r};
        });
    };
    BOOST_TEST(reduced({op::add::code, 2, dtype::f32, 0}).empty());
    BOOST_TEST(reduced({op::add::code, 8, dtype::f32, 0}).find("reduction of no value") != std::string::npos);
    BOOST_TEST(reduced({op::add::code, 2, dtype::i32, 0}).find("reduction of another type") != std::string::npos);
    BOOST_TEST(reduced({.code = op::add::code, .value = 2, .type = dtype::f32, .factor = 1}).empty());
    BOOST_TEST(reduced({.code = op::add::code, .value = 2, .type = dtype::f32, .factor = 8}).find("products that are not added") != std::string::npos);
    BOOST_TEST(reduced({.code = op::multiply::code, .value = 2, .type = dtype::f32, .factor = 1}).find("products that are not added") != std::string::npos);
    BOOST_TEST(reduced({op::sqrt::code, 2, dtype::f32, 0}).find("cannot reduce") != std::string::npos);
    BOOST_TEST(reduced({op::less::code, 2, dtype::f32, 0}).find("cannot reduce") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_rare_gets_a_region) {
    // Two sines of one value share a region; the cosine has its own.
    const kernel k = expand(with_code({load(0), apply_op(op::sin::code, 0), apply_op(op::sin::code, 0), apply_op(op::cos::code, 0), apply_op(op::add::code, 1, 2), apply_op(op::add::code, 3, 4)}, dtype::f32));
    verify(k);
    BOOST_TEST(only_primitives_or_rare(k));
    BOOST_TEST(k.rare.size() == 2U);
    BOOST_TEST(std::count_if(k.code.begin(), k.code.end(), [](const instruction& i) { return i.code == code_rare; }) == 2);
    BOOST_TEST(k.code.size() < 70U);
    BOOST_TEST(k.rare[0].size() > k.code.size());
    BOOST_TEST(to_string(k).find("rare 1 where %") != std::string::npos);
    // Of a constant nothing is left.
    BOOST_TEST(expand(with_code({constant(1e30F), apply_op(op::sin::code, 0)}, dtype::f32)).code.size() == 1U);

    kernel broken = k;
    broken.rare.clear();
    BOOST_TEST(message_of(broken).find("no such region") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
