#include "portable_reference.hpp"

#include "codegen/portable/portable.hpp"
#include "support/guarded.hpp"

#include <boost/test/unit_test.hpp>

#include <cfenv>

// Every operation of the list, for every type that it has, by the portable code of both instruction sets against scalars.

namespace {

using namespace portable_test;
namespace op = sd::op;

/// One instruction over `types` as its operands.
cg::kernel kernel_of(std::uint16_t code, dtype result, const std::vector<dtype>& types) {
    cg::kernel k;
    for (const dtype t : types) {
        k.code.push_back({cg::code_load, t, static_cast<std::uint16_t>(k.inputs.size()), 0, 0, 0});
        k.inputs.push_back({t, cg::access::unit});
    }
    k.code.push_back({code, result, 0, 1, 2, 0});
    k.outputs.push_back({result, cg::access::unit, false, static_cast<std::uint16_t>(types.size())});
    return k;
}

void compare(const cg::kernel& k, std::size_t n, std::mt19937_64& random, const std::string& what) {
    std::vector<std::unique_ptr<support::guarded<std::byte>>> memory;
    std::vector<std::byte*> pointers;
    std::vector<index_t> strides;
    const bool divides = cg::is_operation_code(k.code.back().code) && cg::operation_of(k.code.back().code).divides && !sd::is_floating(k.code.back().type);
    for (std::size_t i = 0; i < k.inputs.size(); ++i) {
        const dtype t = k.inputs[i].type;
        const std::size_t size = sd::size_of(t);
        memory.push_back(std::make_unique<support::guarded<std::byte>>(n * size, support::guarded<std::byte>::edge::end));
        for (std::size_t at = 0; at < n; ++at) {
            std::uint64_t bits = any_value(t, random);
            if (divides && i == 1 && bits == 0) bits = 3;
            write(memory.back()->data() + at * size, t, bits);
        }
        pointers.push_back(memory.back()->data());
    }
    const dtype result = k.outputs[0].type;
    const std::size_t size = sd::size_of(result);
    std::vector<std::byte> expected(n * size);
    pointers.push_back(expected.data());
    strides.assign(pointers.size(), 0);
    cg::frame f{pointers.data(), strides.data(), strides.data(), nullptr, 1, static_cast<index_t>(n)};
    interpret(k, f);
    for (const bool baseline : {true, false}) {
        support::guarded<std::byte> out(n * size, support::guarded<std::byte>::edge::end);
        pointers.back() = out.data();
        cg::make_portable(k, baseline)->run(f);
        for (std::size_t at = 0; at < n; ++at) {
            const auto got = read(out.data() + at * size, result), want = read(expected.data() + at * size, result);
            if (same(got, want, result)) continue;
            std::string operands;
            for (std::size_t i = 0; i < k.inputs.size(); ++i) {
                const dtype t = k.inputs[i].type;
                operands += ' ' + std::to_string(read(pointers[i] + at * sd::size_of(t), t));
            }
            BOOST_ERROR(what << (baseline ? " baseline" : "") << ", n = " << n << ", element " << at << ", operands" << operands << ": "
                             << got << " instead of " << want << " (bits)");
            return;
        }
    }
}

constexpr std::size_t lengths[] = {0, 1, 7, 8, 9, 63, 64, 65, 511, 512, 513, 1000, 1024, 2500};

BOOST_AUTO_TEST_SUITE(portable_operations)

BOOST_AUTO_TEST_CASE(every_operation) {
    std::mt19937_64 random(11);
    int tried = 0;
    for (std::uint16_t code = 0; code < cg::operation_codes; ++code) {
        if (!cg::is_operation_code(code)) continue;
        const cg::operation_info& info = cg::operation_of(code);
        for (const dtype t : all_types) {
            if (function_of(code, t) == nullptr) continue;
            std::vector<dtype> types(info.arity, t);
            if (info.rule == sd::type_rule::select) types[0] = dtype::boolean;
            const cg::kernel k = kernel_of(code, info.rule == sd::type_rule::compare ? dtype::boolean : t, types);
            for (const std::size_t n : lengths) compare(k, n, random, std::string(info.name) + " of " + sd::name_of(t));
            ++tried;
        }
    }
    BOOST_CHECK_GT(tried, 200);
}

BOOST_AUTO_TEST_CASE(every_conversion) {
    std::mt19937_64 random(12);
    for (const dtype from : converted_types) {
        for (const dtype to : converted_types) {
            const cg::kernel k = kernel_of(op::convert::code, to, {from});
            for (const std::size_t n : lengths) compare(k, n, random, std::string("conversion of ") + sd::name_of(from) + " to " + sd::name_of(to));
        }
    }
}

BOOST_AUTO_TEST_CASE(every_reinterpretation) {
    std::mt19937_64 random(13);
    for (const dtype from : converted_types) {
        for (const dtype to : converted_types) {
            if (sd::size_of(from) != sd::size_of(to) || from == dtype::boolean || to == dtype::boolean) continue;
            compare(kernel_of(op::bitcast::code, to, {from}), 1000, random, std::string("bits of ") + sd::name_of(from) + " as " + sd::name_of(to));
        }
    }
}

// The fused operations of float without the instruction: sums whose double is half way between two floats.
BOOST_AUTO_TEST_CASE(fused_sums_round_once) {
    std::mt19937_64 random(14);
    const std::size_t n = 4096;
    const cg::kernel k = kernel_of(op::fma::code, dtype::f32, {dtype::f32, dtype::f32, dtype::f32});
    std::vector<float> a(n), b(n), c(n), out(n);
    for (int round = 0; round < 50; ++round) {
        for (std::size_t i = 0; i < n; ++i) {
            const int scale = static_cast<int>(random() % 60) - 30;
            a[i] = std::ldexp(1.0f + static_cast<float>(random() % 8) * 0x1p-23f, scale);
            b[i] = (random() % 2 ? 1.0f : -1.0f) * (1.0f + static_cast<float>(random() % 8) * 0x1p-23f);
            const int gap = static_cast<int>(random() % 80) - 40;
            c[i] = std::ldexp((random() % 2 ? 1.0f : -1.0f) * (1.0f + static_cast<float>(random() % 4) * 0x1p-23f), scale + gap);
        }
        std::byte* pointers[] = {reinterpret_cast<std::byte*>(a.data()), reinterpret_cast<std::byte*>(b.data()),
                                 reinterpret_cast<std::byte*>(c.data()), reinterpret_cast<std::byte*>(out.data())};
        const index_t strides[4] = {};
        const cg::frame f{pointers, strides, strides, nullptr, 1, static_cast<index_t>(n)};
        cg::make_portable(k, true)->run(f);
        for (std::size_t i = 0; i < n; ++i) {
            if (out[i] != std::fma(a[i], b[i], c[i])) BOOST_FAIL(a[i] << " * " << b[i] << " + " << c[i] << " gives " << out[i]);
        }
    }
}

BOOST_AUTO_TEST_CASE(callers_rounding_is_neither_used_nor_changed) {
    const cg::kernel k = kernel_of(op::divide::code, dtype::f32, {dtype::f32, dtype::f32});
    std::vector<float> a(100, 1.0f), b(100, 3.0f), out(100);
    std::byte* pointers[] = {reinterpret_cast<std::byte*>(a.data()), reinterpret_cast<std::byte*>(b.data()),
                             reinterpret_cast<std::byte*>(out.data())};
    const index_t strides[3] = {};
    const cg::frame f{pointers, strides, strides, nullptr, 1, 100};
    const auto code = cg::make_portable(k);
    std::fesetround(FE_UPWARD);
    code->run(f);
    const int rounding = std::fegetround();
    std::fesetround(FE_TONEAREST);
    BOOST_CHECK_EQUAL(rounding, FE_UPWARD);
    BOOST_CHECK_EQUAL(out[0], 0x1.555556p-2f);
    BOOST_CHECK_EQUAL(out[99], 0x1.555556p-2f);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
