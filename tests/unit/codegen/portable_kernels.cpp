#include "portable_reference.hpp"

#include "codegen/portable/portable.hpp"
#include "support/guarded.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <thread>

// Random kernels of every kind, over operands of every access, by portable code against scalars.

namespace {

using namespace portable_test;
namespace op = sd::op;

std::uint64_t identity_of(std::uint16_t code, dtype t) {
    return sd::visit_dtype(t, [&]<class T>(std::type_identity<T>) {
        using C = sd::computed_t<T>;
        if (code == op::add::code) return sd::to_bits(op::add::identity<C>);
        if (code == op::multiply::code) return sd::to_bits(op::multiply::identity<C>);
        return code == op::minimum::code ? sd::to_bits(op::minimum::identity<C>) : sd::to_bits(op::maximum::identity<C>);
    });
}

class random_kernel {
public:
    explicit random_kernel(std::uint64_t seed) : random_{seed} {
        const int inputs = 1 + below(4), params = below(3);
        for (int i = 0; i < inputs; ++i) {
            add({cg::code_load, type(), static_cast<std::uint16_t>(i), 0, 0, 0});
            k_.inputs.push_back({k_.code.back().type, static_cast<cg::access>(below(3))});
        }
        for (int i = 0; i < params; ++i) {
            add({cg::code_param, type(), static_cast<std::uint16_t>(i), 0, 0, 0});
            k_.params.push_back(k_.code.back().type);
        }
        const int length = 1 + (below(8) == 0 ? 60 + below(60) : below(20));
        for (int i = 0; i < length; ++i) add_operation();
        k_.kind = static_cast<cg::kernel_kind>(below(3));
        const int outputs = below(4), reductions = k_.kind == cg::kernel_kind::map ? 0 : 1 + below(3);
        for (int i = 0; i < outputs + (reductions == 0 && outputs == 0); ++i) {
            const std::uint16_t v = value();
            k_.outputs.push_back({k_.code[v].type, below(4) ? cg::access::unit : cg::access::strided, false, v});
        }
        for (int i = 0; i < reductions; ++i) {
            static constexpr std::uint16_t codes[] = {op::add::code, op::multiply::code, op::minimum::code, op::maximum::code};
            const std::uint16_t v = numeric();
            const std::uint16_t code = codes[below(4)];
            k_.reductions.push_back({code, v, k_.code[v].type, identity_of(code, k_.code[v].type)});
            const dtype t = k_.code[v].type;
            if (code == op::add::code && (t == dtype::f32 || t == dtype::f64) && below(2) == 0) k_.reductions.back().factor = below(3) == 0 ? v : as(value(), t);
        }
    }
    [[nodiscard]] const cg::kernel& get() const { return k_; }

private:
    int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
    dtype type() { return below(2) ? dtype::f32 : all_types[below(static_cast<int>(std::size(all_types)))]; }
    std::uint16_t add(const cg::instruction& i) {
        k_.code.push_back(i);
        return static_cast<std::uint16_t>(k_.code.size() - 1);
    }
    std::uint16_t value() { return static_cast<std::uint16_t>(below(static_cast<int>(k_.code.size()))); }
    std::uint16_t as(std::uint16_t v, dtype t) {
        return k_.code[v].type == t ? v : add({op::convert::code, t, v, 0, 0, 0});
    }
    std::uint16_t numeric() {
        const std::uint16_t v = value();
        return k_.code[v].type == dtype::boolean ? as(v, dtype::i32) : v;
    }
    void add_operation() {
        std::uint16_t code = 0;
        do code = static_cast<std::uint16_t>(below(64));
        while (!cg::is_operation_code(code));
        const cg::operation_info& info = cg::operation_of(code);
        const std::uint16_t first = value();
        dtype t = k_.code[first].type;
        if (below(10) == 0) add({cg::code_constant, t, 0, 0, 0, any_value(t, random_)});
        if (info.rule == sd::type_rule::convert) {
            if (code == op::convert::code) add({code, type(), first, 0, 0, 0});
            // Not the other way: it would show which NaN an operation gives.
            else if (t == dtype::u32) add({code, dtype::f32, first, 0, 0, 0});
            return;
        }
        if (function_of(code, t) == nullptr) {
            if (info.rule == sd::type_rule::same || info.rule == sd::type_rule::integer) t = dtype::i32;
            if (info.rule == sd::type_rule::floating) t = dtype::f32;
            if (info.rule == sd::type_rule::integral) t = dtype::u8;
        }
        std::uint16_t v[3] = {as(first, t), as(value(), t), as(value(), t)};
        if (info.rule == sd::type_rule::select) v[0] = as(value(), dtype::boolean);
        if (info.divides && !sd::is_floating(t)) {
            const std::uint16_t one = add({cg::code_constant, t, 0, 0, 0, 1});
            v[1] = add({op::bitwise_or::code, t, v[1], one, 0, 0});
        }
        add({code, info.rule == sd::type_rule::compare ? dtype::boolean : t, v[0], v[1], v[2], 0});
    }

    std::mt19937_64 random_;
    cg::kernel k_;
};

/// Memory of one operand, right before a page that must not be touched, or right after one.
struct operand {
    std::unique_ptr<support::guarded<std::byte>> memory;
    std::byte* first = nullptr;
    index_t row_stride = 0, inner_stride = 0;

    operand(dtype t, cg::access inner, index_t rows, index_t n, bool written, std::mt19937_64& random) {
        const auto size = static_cast<index_t>(sd::size_of(t));
        const auto factor = [&](index_t most) { return static_cast<index_t>(random() % static_cast<std::uint64_t>(most)) + 1; };
        inner_stride = inner == cg::access::broadcast ? 0 : size;
        if (inner == cg::access::strided) inner_stride = size * factor(3) * (random() % 2 ? 1 : -1);
        const index_t row_bytes = inner == cg::access::broadcast ? size : std::max<index_t>(1, n) * std::abs(inner_stride);
        row_stride = row_bytes + (random() % 2 ? size * factor(3) : 0);
        if (!written && random() % 4 == 0) row_stride = 0;
        if (random() % 4 == 0) row_stride = -row_stride;
        const index_t low = std::min<index_t>(0, row_stride * (rows - 1)) + std::min<index_t>(0, inner_stride * (n - 1));
        const index_t high = std::max<index_t>(0, row_stride * (rows - 1)) + std::max<index_t>(0, inner_stride * (n - 1)) + size;
        const auto bytes = static_cast<std::size_t>(rows > 0 && n > 0 ? high - low : 0);
        using memory_type = support::guarded<std::byte>;
        memory = std::make_unique<memory_type>(bytes, random() % 2 ? memory_type::edge::end : memory_type::edge::start);
        first = memory->data() - (bytes == 0 ? 0 : low);
        for (std::size_t at = 0; at + static_cast<std::size_t>(size) <= bytes; at += static_cast<std::size_t>(size)) {
            write(memory->data() + at, t, written ? 0x5a5a5a5a5a5a5a5a : any_value(t, random));
        }
    }
};

struct run_of {
    std::vector<operand> operands;
    std::vector<std::byte*> pointers;
    std::vector<index_t> row_strides, inner_strides;
    std::vector<std::uint64_t> params;
    cg::frame frame;

    run_of(const cg::kernel& k, index_t rows, index_t n, std::mt19937_64& random) {
        for (const cg::input& i : k.inputs) operands.emplace_back(i.type, i.inner, rows, n, false, random);
        for (const cg::output& o : k.outputs) operands.emplace_back(o.type, o.inner, rows, n, true, random);
        for (const cg::reduction& r : k.reductions) {
            const bool row = k.kind == cg::kernel_kind::row_reduce;
            operands.emplace_back(r.type, cg::access::unit, row ? rows : 1, row ? 1 : n, true, random);
        }
        for (const operand& o : operands) {
            pointers.push_back(o.first);
            row_strides.push_back(o.row_stride);
            inner_strides.push_back(o.inner_stride);
        }
        for (const dtype t : k.params) params.push_back(any_value(t, random));
        frame = {pointers.data(), row_strides.data(), inner_strides.data(), params.data(), rows, n};
    }
    run_of(const run_of&) = delete;
    run_of& operator=(const run_of&) = delete;

    [[nodiscard]] std::vector<std::vector<std::byte>> written(std::size_t inputs) const {
        std::vector<std::vector<std::byte>> all;
        for (std::size_t i = inputs; i < operands.size(); ++i) all.emplace_back(operands[i].memory->begin(), operands[i].memory->end());
        return all;
    }
};

bool same_memory(const std::vector<std::byte>& a, const std::vector<std::byte>& b, dtype t) {
    const std::size_t size = sd::size_of(t);
    for (std::size_t at = 0; at + size <= a.size(); at += size) {
        if (!same(read(a.data() + at, t), read(b.data() + at, t), t)) return false;
    }
    return a.size() == b.size();
}

bool agrees(const cg::kernel& k, index_t rows, index_t n, std::uint64_t seed, bool baseline) {
    std::mt19937_64 first(seed), second(seed);
    const run_of expected(k, rows, n, first), got(k, rows, n, second);
    interpret(k, expected.frame);
    cg::make_portable(k, baseline)->run(got.frame);
    const auto a = expected.written(k.inputs.size()), b = got.written(k.inputs.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        const dtype t = i < k.outputs.size() ? k.outputs[i].type : k.reductions[i - k.outputs.size()].type;
        if (!same_memory(a[i], b[i], t)) return false;
    }
    return true;
}

BOOST_AUTO_TEST_SUITE(portable_kernels)

BOOST_AUTO_TEST_CASE(random_kernels) {
    const char* const given = std::getenv("SINTER_TEST_SEED");
    const std::uint64_t start = given != nullptr ? std::strtoull(given, nullptr, 0) : std::random_device{}();
    BOOST_TEST_MESSAGE("SINTER_TEST_SEED=" << start);
    constexpr index_t lengths[] = {0, 1, 2, 7, 8, 9, 31, 63, 64, 65, 100, 128, 200, 255, 511, 512, 513, 1000, 1100, 2100};
    constexpr index_t row_counts[] = {0, 1, 2, 3, 17, 130};
    int failures = 0;
    for (std::uint64_t seed = start; seed < start + 1000 && failures < 5; ++seed) {
        std::mt19937_64 random(seed);
        const cg::kernel k = random_kernel(seed).get();
        const index_t n = lengths[random() % std::size(lengths)];
        index_t rows = row_counts[random() % std::size(row_counts)];
        if (n * rows > 8000) rows = 3;
        for (const bool baseline : {true, false}) {
            if (agrees(k, rows, n, seed, baseline)) continue;
            BOOST_ERROR("SINTER_TEST_SEED=" << seed << (baseline ? " baseline" : "") << ": " << rows << " rows of " << n << '\n' << cg::to_string(k));
            ++failures;
        }
    }
}

/// out = a + b and second = a * b, or a itself, where out is the memory of a.
BOOST_AUTO_TEST_CASE(an_output_may_be_an_input) {
    for (const bool copies : {false, true}) {
        for (const index_t n : {5, 64, 1024, 3000}) {
            for (const index_t rows : {1, 40}) {
                cg::kernel k;
                k.kind = cg::kernel_kind::row_reduce;
                k.inputs = {{dtype::f32, cg::access::unit}, {dtype::f32, cg::access::unit}};
                k.code = {{cg::code_load, dtype::f32, 0, 0, 0, 0}, {cg::code_load, dtype::f32, 1, 0, 0, 0},
                          {op::add::code, dtype::f32, 0, 1, 0, 0}, {op::multiply::code, dtype::f32, 0, 1, 0, 0}};
                k.outputs = {{dtype::f32, cg::access::unit, false, 2},
                             {dtype::f32, cg::access::unit, false, static_cast<std::uint16_t>(copies ? 0 : 3)}};
                k.reductions = {{op::maximum::code, 0, dtype::f32, identity_of(op::maximum::code, dtype::f32)}};
                const auto count = static_cast<std::size_t>(rows * n);
                std::vector<float> a(count), b(count), second(count), most(static_cast<std::size_t>(rows));
                for (std::size_t i = 0; i < count; ++i) {
                    a[i] = static_cast<float>(i % 1000);
                    b[i] = 2;
                }
                const std::vector<float> before = a;
                const auto bytes = [](std::vector<float>& v) { return reinterpret_cast<std::byte*>(v.data()); };
                std::byte* pointers[] = {bytes(a), bytes(b), bytes(a), bytes(second), bytes(most)};
                const index_t row = n * static_cast<index_t>(sizeof(float));
                const index_t strides[] = {row, row, row, row, sizeof(float)};
                cg::make_portable(k)->run({pointers, strides, strides, nullptr, rows, n});
                float largest = 0;
                for (std::size_t i = 0; i < count; ++i) {
                    BOOST_REQUIRE_EQUAL(a[i], before[i] + 2);
                    BOOST_REQUIRE_EQUAL(second[i], copies ? before[i] : before[i] * 2);
                    if (i < static_cast<std::size_t>(n)) largest = std::max(largest, before[i]);
                }
                BOOST_CHECK_EQUAL(most[0], largest);
            }
        }
    }
}

/// Hundreds of values that are all alive at once do not fit the stack.
BOOST_AUTO_TEST_CASE(many_live_values) {
    cg::kernel k;
    k.inputs = {{dtype::f64, cg::access::unit}};
    k.code = {{cg::code_load, dtype::f64, 0, 0, 0, 0}};
    constexpr std::uint16_t count = 300;
    for (std::uint16_t i = 0; i < count; ++i) k.code.push_back({op::add::code, dtype::f64, i, 0, 0, 0});
    for (std::uint16_t i = 0; i < count; ++i) {
        const auto sum = static_cast<std::uint16_t>(i == 0 ? count : count + i);
        k.code.push_back({op::add::code, dtype::f64, sum, static_cast<std::uint16_t>(count - i), 0, 0});
    }
    k.outputs = {{dtype::f64, cg::access::unit, false, static_cast<std::uint16_t>(2 * count)}};
    BOOST_CHECK(agrees(k, 1, 1000, 1, true));
    BOOST_CHECK(agrees(k, 7, 130, 2, false));
}

BOOST_AUTO_TEST_CASE(one_executable_on_several_threads) {
    cg::kernel k;
    k.inputs = {{dtype::f32, cg::access::unit}};
    k.params = {dtype::f32};
    k.code = {{cg::code_load, dtype::f32, 0, 0, 0, 0}, {cg::code_param, dtype::f32, 0, 0, 0, 0},
              {op::multiply::code, dtype::f32, 0, 1, 0, 0}, {op::exp::code, dtype::f32, 2, 0, 0, 0}};
    k.outputs = {{dtype::f32, cg::access::unit, false, 3}};
    const auto code = cg::make_portable(k);
    BOOST_CHECK_EQUAL(code->backend(), std::string("portable"));
    std::vector<std::vector<float>> outputs(4, std::vector<float>(5000));
    std::vector<float> in(5000);
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i) * 0.01f;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < outputs.size(); ++t) {
        threads.emplace_back([&, t] {
            const std::uint64_t param = sd::to_bits(-static_cast<float>(t));
            std::byte* pointers[] = {reinterpret_cast<std::byte*>(in.data()), reinterpret_cast<std::byte*>(outputs[t].data())};
            const index_t strides[2] = {};
            for (int i = 0; i < 200; ++i) code->run({pointers, strides, strides, &param, 1, 5000});
        });
    }
    for (std::thread& t : threads) t.join();
    for (std::size_t t = 0; t < outputs.size(); ++t) {
        for (std::size_t i = 0; i < in.size(); ++i) {
            const auto want = function_of(op::exp::code, dtype::f32)(sd::to_bits(in[i] * -static_cast<float>(t)), 0, 0);
            BOOST_REQUIRE_EQUAL(sd::to_bits(outputs[t][i]), want);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
