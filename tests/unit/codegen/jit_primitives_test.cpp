#include "jit_support.hpp"

#include "codegen/operation_table.hpp"

#include <random>

using namespace sinter_test;

// Every primitive on every type that it is defined for: a table of what the JIT has code for, and that the code is right on
// special values in all combinations.

namespace {

constexpr dtype scalar_types[] = {dtype::boolean, dtype::i8, dtype::i16, dtype::i32, dtype::i64, dtype::u8,
                                  dtype::u16,     dtype::u32, dtype::u64, dtype::f16, dtype::bf16, dtype::f32, dtype::f64};
constexpr dtype without_code[] = {dtype::c64, dtype::c128};

std::vector<std::uint64_t> special_values(dtype t) {
    return visit_dtype(t, []<class T>(std::type_identity<T>) {
        std::vector<std::uint64_t> all;
        using limits = std::numeric_limits<T>;
        const auto put = [&](auto... v) { (all.push_back(to_bits(static_cast<T>(v))), ...); };
        if constexpr (std::same_as<T, bool>) {
            put(false, true);
        } else if constexpr (detail::floating<T>) {
            put(0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 0.99999, -0.99999, 127.5, 128, -128.5, -129, 255.5, 256, 32767.5, 32768, -32769, 65535.5,
                65536, 2147483520.0, 2147483648.0, -2147483648.0, -2147483904.0, 4294967040.0, 4294967296.0, 9.2233715e18, 9.2233720368547758e18,
                -9.2233720368547758e18, 1.8446742974197924e19, 1.8446744073709552e19, 1e30, -1e30, limits::infinity(), -limits::infinity(),
                limits::quiet_NaN(), limits::max(), limits::lowest(), limits::min(), limits::denorm_min(), -limits::denorm_min(), 8388609.5, 0.1,
                1234567.0);
        } else {
            put(0, 1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, limits::max(), limits::max() - 1, limits::min(), limits::min() + 1, -1, -2,
                -3, -100, limits::max() / 2, limits::max() / 3, 0x12345678, 0x5555555555555555);
        }
        return all;
    });
}

kernel one_operation(std::uint16_t code, dtype t, dtype result) {
    const operation_info& info = operation_of(code);
    kernel k;
    for (std::uint16_t n = 0; n < info.arity; ++n) {
        const bool condition = info.rule == type_rule::select && n == 0;
        k.inputs.push_back({condition ? dtype::boolean : t, codegen::access::unit});
        k.code.push_back({.code = code_load, .type = k.inputs.back().type, .a = n});
    }
    k.code.push_back({.code = code, .type = result, .a = 0, .b = static_cast<std::uint16_t>(info.arity > 1 ? 1 : 0),
                      .c = static_cast<std::uint16_t>(info.arity > 2 ? 2 : 0)});
    k.outputs.push_back({result, codegen::access::unit, false, info.arity});
    return k;
}

// Runs a kernel without strides on operands that hold the given elements.
std::vector<std::uint64_t> run_on(const kernel& k, const executable* code, const std::vector<std::vector<std::uint64_t>>& inputs) {
    const std::size_t n = inputs[0].size();
    std::vector<std::vector<std::byte>> memory;
    std::vector<std::byte*> pointers;
    const auto add = [&](dtype t, const std::vector<std::uint64_t>* from) {
        auto& m = memory.emplace_back(n * size_of(t));
        for (std::size_t i = 0; from != nullptr && i < n; ++i) reference::write(m.data() + i * size_of(t), t, (*from)[i]);
    };
    for (std::size_t i = 0; i < inputs.size(); ++i) add(k.inputs[i].type, &inputs[i]);
    add(k.outputs[0].type, nullptr);
    for (auto& m : memory) pointers.push_back(m.data());
    const std::vector<index_t> strides(memory.size());
    const frame f{pointers.data(), strides.data(), strides.data(), nullptr, 1, static_cast<index_t>(n)};
    if (code != nullptr) {
        code->run(f);
    } else {
        reference::run(k, f);
    }
    std::vector<std::uint64_t> result(n);
    for (std::size_t i = 0; i < n; ++i) result[i] = reference::read(memory.back().data() + i * size_of(k.outputs[0].type), k.outputs[0].type);
    return result;
}

bool same(dtype t, std::uint64_t a, std::uint64_t b) {
    if (a == b) return true;
    if (t == dtype::f32) return std::isnan(from_bits<float>(a)) && std::isnan(from_bits<float>(b));
    const auto is_nan = [&](std::uint64_t v) { return (v & 0x7fff) > (t == dtype::f16 ? 0x7c00U : 0x7f80U); };
    if (is_half(t)) return is_nan(a) && is_nan(b);
    return t == dtype::f64 && std::isnan(from_bits<double>(a)) && std::isnan(from_bits<double>(b));
}

void check_operation(std::uint16_t code, dtype t, dtype result) {
    const kernel k = one_operation(code, t, result);
    BOOST_TEST_INFO_SCOPE(operation_of(code).name << " of " << name_of(t) << " to " << name_of(result));
    BOOST_REQUIRE_NO_THROW(verify(k));

    // All pairs of special values; the third operand runs through them, too.
    std::vector<std::vector<std::uint64_t>> inputs(k.inputs.size());
    std::vector<std::vector<std::uint64_t>> specials;
    for (const input& i : k.inputs) specials.push_back(special_values(i.type));
    const std::size_t first = specials[0].size(), second = specials.size() > 1 ? specials[1].size() : 1;
    for (std::size_t a = 0; a < first; ++a) {
        for (std::size_t b = 0; b < second; ++b) {
            const std::uint64_t divisor = specials.size() > 1 ? specials[1][b] : 0;
            if (operation_of(code).divides && is_integer(t) && divisor == 0) continue;
            inputs[0].push_back(specials[0][a]);
            if (specials.size() > 1) inputs[1].push_back(specials[1][b]);
            if (specials.size() > 2) inputs[2].push_back(specials[2][(a * 7 + b * 3) % specials[2].size()]);
        }
    }
    const std::vector<std::uint64_t> expected = run_on(k, nullptr, inputs);
    for (const plan::isa target : jit_targets()) {
        const jit_result made = compile(expand(k), target);
        BOOST_REQUIRE_MESSAGE(made.code != nullptr, isa_name(target) << " declined: " << made.declined);
        const std::vector<std::uint64_t> got = run_on(k, made.code.get(), inputs);
        for (std::size_t i = 0; i < got.size(); ++i) {
            if (same(result, got[i], expected[i])) continue;
            std::string operands_text;
            for (const auto& in : inputs) operands_text += " " + std::to_string(in[i]);
            BOOST_ERROR(isa_name(target) << ": bits" << operands_text << " give " << got[i] << ", expected " << expected[i]);
            break;
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(jit_primitives)

BOOST_AUTO_TEST_CASE(every_primitive_of_every_type) {
    int checked = 0;
    for (std::uint16_t code = 0; code < operation_codes; ++code) {
        const operation_info& info = operation_of(code);
        if (info.name == nullptr || !info.primitive || info.rule == type_rule::convert) continue;
        for (const dtype t : scalar_types) {
            if (!rule_allows(info.rule, t)) continue;
            check_operation(code, t, info.rule == type_rule::compare ? dtype::boolean : t);
            ++checked;
        }
    }
    BOOST_TEST(checked > 200);
}

// One instruction for AVX-512 and the body elsewhere: the same bits on all operands that users of the operations may give.
BOOST_AUTO_TEST_CASE(assisted_operations_have_the_bits_of_their_bodies) {
    std::mt19937_64 random{7};
    for (const dtype t : {dtype::f32, dtype::f64}) {
        const bool d = t == dtype::f64;
        const auto number = [&](double v) { return d ? to_bits(v) : to_bits(static_cast<float>(v)); };
        const auto is_nan = [&](std::uint64_t v) { return d ? std::isnan(from_bits<double>(v)) : std::isnan(from_bits<float>(v)); };
        std::vector<std::uint64_t> sizes = special_values(t);
        while (sizes.size() < 5000) sizes.push_back(random() >> (d ? 0U : 32U));
        while (sizes.size() < 6000) sizes.push_back((random() >> (d ? 0U : 32U)) & (d ? 0x800fffffffffffff : 0x807fffff));  // subnormal
        std::vector<std::uint64_t> numbers;
        std::copy_if(sizes.begin(), sizes.end(), std::back_inserter(numbers), [&](std::uint64_t v) { return !is_nan(v); });
        std::vector<std::uint64_t> near_one, powers;
        std::uniform_real_distribution<double> uniform{0.5, 1.999};
        const int most = d ? 1500 : 190;
        for (int k = -most; k <= most; ++k) {
            for (int i = 0; i < 20; ++i) {
                near_one.push_back(number(i % 2 == 0 ? uniform(random) : -uniform(random)));
                powers.push_back(number(k));
            }
            near_one.push_back(number(std::numeric_limits<double>::quiet_NaN()));
            powers.push_back(number(k));
        }
        const kernel mantissa = one_operation(op::mantissa::code, t, t);
        kernel exponent = mantissa;
        exponent.code.push_back({.code = op::exponent::code, .type = t, .a = 0, .b = 1});
        exponent.outputs[0].value = 2;
        const auto check = [&](const kernel& k, const std::vector<std::vector<std::uint64_t>>& inputs) {
            const char* name = operation_of(k.code.back().code).name;
            const std::vector<std::uint64_t> expected = run_on(k, nullptr, inputs);
            for (const plan::isa target : jit_targets()) {
                const kernel expanded = expand(k, target == plan::isa::avx512);
                BOOST_TEST((expanded.code.size() == k.code.size()) == (target == plan::isa::avx512));
                const jit_result made = compile(expanded, target);
                BOOST_REQUIRE_MESSAGE(made.code != nullptr, isa_name(target) << " declined: " << made.declined);
                const std::vector<std::uint64_t> got = run_on(k, made.code.get(), inputs);
                for (std::size_t i = 0; i < got.size(); ++i) {
                    BOOST_REQUIRE_MESSAGE(same(t, got[i], expected[i]), isa_name(target) << ": " << name << " of bits " << inputs[0][i] << " gives " << got[i]
                                                                                         << ", expected " << expected[i]);
                }
            }
        };
        check(mantissa, {numbers});
        check(exponent, {sizes});
        check(one_operation(op::scale::code, t, t), {near_one, powers});
    }
}

// Where both factors are below 2^32 there is one instruction that does not look at what is above, and no masks are left for it.
BOOST_AUTO_TEST_CASE(products_of_lower_halves) {
    constexpr std::uint64_t low = 0xffffffff;
    struct factors {
        std::uint16_t first;  // operation on input 0
        std::uint64_t with;
        bool halves;  // of unsigned ones
    };
    const factors table[] = {{op::bitwise_and::code, low, true},      {op::bitwise_and::code, low + 1, false}, {op::bitwise_and::code, 2 * low + 1, false},
                             {op::right_shift::code, 32, true},       {op::right_shift::code, 31, false},      {op::right_shift::code, 63, true},
                             {op::bitwise_or::code, low, false},      {op::left_shift::code, 32, false}};
    for (const dtype t : {dtype::u64, dtype::i64}) {
        std::vector<std::vector<std::uint64_t>> inputs(2);
        for (const std::uint64_t a : special_values(t)) {
            for (const std::uint64_t b : special_values(t)) {
                inputs[0].push_back(a * 0x9e3779b97f4a7c15);
                inputs[1].push_back(b);
            }
        }
        for (const factors& f : table) {
            for (const bool shared : {false, true}) {
                kernel k;
                for (std::uint16_t n = 0; n < 2; ++n) {
                    k.inputs.push_back({t, codegen::access::unit});
                    k.code.push_back({.code = code_load, .type = t, .a = n});
                }
                const auto push = [&](codegen::instruction i) {
                    i.type = t;
                    k.code.push_back(i);
                    return static_cast<std::uint16_t>(k.code.size() - 1);
                };
                const std::uint16_t with = push({.code = codegen::code_constant, .bits = f.with}), mask = push({.code = codegen::code_constant, .bits = low});
                const std::uint16_t first = push({.code = f.first, .a = 0, .b = with}), second = push({.code = op::bitwise_and::code, .a = mask, .b = 1});
                std::uint16_t result = push({.code = op::fma::code, .a = first, .b = second, .c = 0});
                // Whoever else reads what the product did without still finds it.
                if (shared) result = push({.code = op::bitwise_xor::code, .a = result, .b = push({.code = op::add::code, .a = second, .b = first})});
                k.outputs = {{t, codegen::access::unit, false, result}};
                BOOST_REQUIRE_NO_THROW(verify(k));
                const std::vector<std::uint64_t> expected = run_on(k, nullptr, inputs);
                for (const plan::isa target : jit_targets()) {
                    const jit_result made = compile(expand(k), target);
                    BOOST_REQUIRE_MESSAGE(made.code != nullptr, made.declined);
                    BOOST_TEST((run_on(k, made.code.get(), inputs) == expected), isa_name(target) << " " << operation_of(f.first).name << " " << f.with);
                    if (shared || f.first != op::bitwise_and::code) continue;
                    kernel plain = k;
                    plain.code[result].a = 0;
                    plain.code[result].b = 1;
                    const std::size_t without = compile(expand(plain), target).code->code_bytes();
                    BOOST_TEST((made.code->code_bytes() <= without) == f.halves);
                }
            }
        }
    }
}

// A comparison that only a conjunction uses runs under the other mask.
BOOST_AUTO_TEST_CASE(conjunctions_of_comparisons) {
    for (const dtype t : {dtype::f32, dtype::f64, dtype::i32, dtype::u16}) {
        kernel k = one_operation(op::less::code, t, dtype::boolean);
        k.code.push_back({.code = op::not_equal::code, .type = dtype::boolean, .a = 0, .b = 1});
        k.code.push_back({.code = op::bitwise_and::code, .type = dtype::boolean, .a = 2, .b = 3});
        k.code.push_back({.code = op::equal::code, .type = dtype::boolean, .a = 1, .b = 1});
        k.code.push_back({.code = op::bitwise_and::code, .type = dtype::boolean, .a = 5, .b = 4});
        k.code.push_back({.code = op::select::code, .type = t, .a = 6, .b = 0, .c = 1});
        k.outputs = {{t, codegen::access::unit, false, 7}};
        std::vector<std::vector<std::uint64_t>> inputs(2);
        for (const std::uint64_t a : special_values(t)) {
            for (const std::uint64_t b : special_values(t)) {
                inputs[0].push_back(a);
                inputs[1].push_back(b);
            }
        }
        const std::vector<std::uint64_t> expected = run_on(k, nullptr, inputs);
        for (const plan::isa target : jit_targets()) {
            const jit_result made = compile(expand(k), target);
            BOOST_REQUIRE(made.code != nullptr);
            const std::vector<std::uint64_t> got = run_on(k, made.code.get(), inputs);
            for (std::size_t i = 0; i < got.size(); ++i) BOOST_REQUIRE(same(t, got[i], expected[i]));
        }
    }
}

BOOST_AUTO_TEST_CASE(every_conversion) {
    for (const dtype from : scalar_types) {
        for (const dtype to : scalar_types) {
            if (from != to) check_operation(op::convert::code, from, to);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_bitcast) {
    for (const dtype from : scalar_types) {
        for (const dtype to : scalar_types) {
            if (from != to && size_of(from) == size_of(to) && from != dtype::boolean && to != dtype::boolean) check_operation(op::bitcast::code, from, to);
        }
    }
}

BOOST_AUTO_TEST_CASE(shifts_by_constants) {
    for (const dtype t : scalar_types) {
        if (!is_integer(t)) continue;
        for (const std::uint16_t code : {std::uint16_t{op::left_shift::code}, std::uint16_t{op::right_shift::code}}) {
            for (const std::uint64_t count : {0U, 1U, 7U, 8U, 15U, 31U, 32U, 63U, 64U, 255U}) {
                kernel k = one_operation(code, t, t);
                k.inputs.pop_back();
                k.code[1] = {.code = code_constant, .type = t, .bits = count};
                const std::vector<std::vector<std::uint64_t>> inputs{special_values(t)};
                const std::vector<std::uint64_t> expected = run_on(k, nullptr, inputs);
                for (const plan::isa target : jit_targets()) {
                    const jit_result made = compile(expand(k), target);
                    BOOST_REQUIRE(made.code != nullptr);
                    BOOST_TEST(run_on(k, made.code.get(), inputs) == expected, isa_name(target) << " " << operation_of(code).name << " " << name_of(t) << " by " << count);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(types_without_code_are_declined_with_a_reason) {
    for (const dtype t : without_code) {
        kernel k;
        k.inputs = {{t, codegen::access::unit}};
        k.code = {{.code = code_load, .type = t, .a = 0}};
        k.outputs = {{t, codegen::access::unit, false, 0}};
        for (const plan::isa target : {plan::isa::avx2, plan::isa::avx512}) {
            const jit_result made = compile(k, target);
            BOOST_TEST((made.code == nullptr));
            BOOST_TEST(made.declined == std::string("no vector code for ") + name_of(t));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
