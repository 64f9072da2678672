#include "jit_support.hpp"

#include <fstream>
#include <thread>

#include <immintrin.h>

using namespace sinter_test;

namespace {

constexpr auto unit = codegen::access::unit;

kernel axpy() {
    kernel k;
    k.inputs = {{dtype::f32, unit}, {dtype::f32, unit}};
    k.params = {dtype::f32};
    k.code = {{.code = code_param, .type = dtype::f32, .a = 0},
              {.code = code_load, .type = dtype::f32, .a = 0},
              {.code = code_load, .type = dtype::f32, .a = 1},
              {.code = op::fma::code, .type = dtype::f32, .a = 0, .b = 1, .c = 2}};
    k.outputs = {{dtype::f32, unit, false, 3}};
    return k;
}

std::string listing_of(const kernel& k, plan::isa target) {
    std::string text;
    const jit_result made = compile(expand(k), target, &text);
    BOOST_REQUIRE_MESSAGE(made.code != nullptr, made.declined);
    return text;
}

// The loop that most of the time is spent in: from the first aligned label to the jump back.
std::vector<std::string> hot_loop(const std::string& listing) {
    std::vector<std::string> lines;
    std::size_t at = listing.find("align 64");
    at = listing.find('\n', listing.find('\n', at) + 1) + 1;
    for (;;) {
        const std::size_t end = listing.find('\n', at);
        if (end == std::string::npos) break;
        lines.push_back(listing.substr(at, end - at));
        at = end + 1;
        if (lines.back().find("jle") != std::string::npos || lines.back().find("jnz") != std::string::npos) break;
    }
    return lines;
}

std::size_t count(const std::vector<std::string>& lines, const std::string& what) {
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [&](const std::string& l) { return l.find(what) != std::string::npos; }));
}

// Many values that are all alive at one time.
kernel wide_kernel(dtype t, int width) {
    kernel k;
    k.inputs = {{t, unit}, {t, unit}};
    k.code = {{.code = code_load, .type = t, .a = 0}, {.code = code_load, .type = t, .a = 1}};
    std::vector<std::uint16_t> all{0, 1};
    const auto push = [&](int code, std::uint16_t a, std::uint16_t b) {
        k.code.push_back({.code = static_cast<std::uint16_t>(code), .type = t, .a = a, .b = b});
        all.push_back(static_cast<std::uint16_t>(k.code.size() - 1));
    };
    for (int n = 0; n < width; ++n) push(n % 2 == 0 ? op::multiply::code : op::add::code, all[all.size() - 1], all[all.size() - 2]);
    std::uint16_t sum = all[2];
    for (std::size_t n = 3; n < all.size(); ++n) {
        k.code.push_back({.code = n % 3 == 0 ? std::uint16_t{op::lesser::code} : std::uint16_t{op::subtract::code}, .type = t, .a = all[n], .b = sum});
        sum = static_cast<std::uint16_t>(k.code.size() - 1);
    }
    k.outputs = {{t, unit, false, sum}};
    return k;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(jit)

BOOST_AUTO_TEST_CASE(says_what_it_made) {
    for (const plan::isa target : jit_targets()) {
        const jit_result made = compile(axpy(), target);
        BOOST_REQUIRE(made.code != nullptr);
        BOOST_TEST(made.declined.empty());
        BOOST_TEST(made.code->backend() == std::string("jit-") + isa_name(target));
        BOOST_TEST(made.code->code_bytes() > 100U);
        BOOST_TEST(made.code->instructions() > 30U);
    }
    BOOST_TEST((compile(axpy(), plan::isa::portable).code == nullptr));
    BOOST_TEST(!compile(axpy(), plan::isa::portable).declined.empty());
}

BOOST_AUTO_TEST_CASE(operations_that_are_not_primitives_are_declined) {
    kernel k = axpy();
    k.code[3] = {.code = op::exp::code, .type = dtype::f32, .a = 1};
    BOOST_TEST(compile(k, plan::isa::avx2).declined.find("is not a primitive") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(hot_loops_hold_nothing_that_is_not_needed) {
    // Three instructions a vector, four vectors, one addition and one jump.
    for (const plan::isa target : {plan::isa::avx2, plan::isa::avx512}) {
        const std::vector<std::string> loop = hot_loop(listing_of(axpy(), target));
        BOOST_TEST(loop.size() == 14U);
        BOOST_TEST(count(loop, "vfmadd213ps") == 4U);
        BOOST_TEST(count(loop, "rsp") == 0U);
    }

    kernel sums;
    sums.kind = kernel_kind::row_reduce;
    sums.inputs = {{dtype::f32, unit}, {dtype::f32, unit}};
    sums.code = {{.code = code_load, .type = dtype::f32, .a = 0}, {.code = code_load, .type = dtype::f32, .a = 1}};
    for (const auto& [a, b] : {std::pair{0, 1}, std::pair{0, 0}, std::pair{1, 1}}) {
        sums.code.push_back({.code = op::multiply::code, .type = dtype::f32, .a = static_cast<std::uint16_t>(a), .b = static_cast<std::uint16_t>(b)});
        sums.reductions.push_back({op::add::code, static_cast<std::uint16_t>(sums.code.size() - 1), dtype::f32, 0});
    }
    const std::vector<std::string> loop = hot_loop(listing_of(sums, plan::isa::avx512));
    BOOST_TEST(loop.size() == 4U * 8U + 2U);
    BOOST_TEST(count(loop, "vaddps") == 12U);
    BOOST_TEST(count(loop, "rsp") == 0U);
}

BOOST_AUTO_TEST_CASE(exp_keeps_everything_in_registers) {
    kernel k = axpy();
    k.inputs.pop_back();
    k.params.clear();
    k.code = {{.code = code_load, .type = dtype::f32, .a = 0}, {.code = op::exp::code, .type = dtype::f32, .a = 0}};
    k.outputs = {{dtype::f32, unit, false, 1}};
    for (const plan::isa target : {plan::isa::avx2, plan::isa::avx512}) BOOST_TEST(count(hot_loop(listing_of(k, target)), "rsp") == 0U);
}

BOOST_AUTO_TEST_CASE(values_that_find_no_register) {
    random_source r{5};
    for (const dtype t : {dtype::f32, dtype::i32, dtype::f64, dtype::i64}) {
        for (const int width : {10, 20, 40, 70}) check_kernel(wide_kernel(t, width), {{1, 0}, {1, 5}, {3, 200}}, r, "wide " + std::to_string(width));
    }
}

BOOST_AUTO_TEST_CASE(masks_that_find_no_register) {
    kernel k;
    k.inputs = {{dtype::f32, unit}};
    k.code = {{.code = code_load, .type = dtype::f32, .a = 0}};
    std::vector<std::uint16_t> masks;
    const auto push = [&](instruction i) {
        k.code.push_back(i);
        return static_cast<std::uint16_t>(k.code.size() - 1);
    };
    for (int n = 0; n < 12; ++n) {
        const std::uint16_t c = push({.code = code_constant, .type = dtype::f32, .bits = to_bits(static_cast<float>(n - 6))});
        masks.push_back(push({.code = op::less::code, .type = dtype::boolean, .a = 0, .b = c}));
    }
    std::uint16_t all = masks[0];
    for (std::size_t n = 1; n < masks.size(); ++n) {
        const int code = n % 2 == 0 ? op::bitwise_or::code : op::bitwise_xor::code;
        all = push({.code = static_cast<std::uint16_t>(code), .type = dtype::boolean, .a = masks[masks.size() - n], .b = all});
    }
    k.outputs = {{dtype::boolean, unit, false, all}};
    random_source r{6};
    check_kernel(k, {{1, 3}, {2, 300}}, r, "masks");
}

BOOST_AUTO_TEST_CASE(pairs_of_logic_operations) {
    // One instruction on AVX-512; every function and every place of the inner one, with operands used again and not.
    constexpr int codes[] = {op::bitwise_and::code, op::bitwise_or::code, op::bitwise_xor::code};
    random_source r{8};
    for (const dtype t : {dtype::u8, dtype::i32, dtype::i64}) {
        for (const int inner : codes) {
            for (const int outer : codes) {
                for (int variant = 0; variant < 8; ++variant) {
                    kernel k;
                    k.inputs = {{t, unit}, {t, unit}, {t, variant % 4 == 3 ? codegen::access::broadcast : unit}};
                    for (std::uint16_t n = 0; n < 3; ++n) k.code.push_back({.code = code_load, .type = t, .a = n});
                    k.code.push_back({.code = static_cast<std::uint16_t>(inner), .type = t, .a = 0, .b = 1});
                    const bool swapped = variant % 2 == 1;
                    k.code.push_back({.code = static_cast<std::uint16_t>(outer), .type = t, .a = swapped ? std::uint16_t{2} : std::uint16_t{3}, .b = swapped ? std::uint16_t{3} : std::uint16_t{2}});
                    k.outputs = {{t, unit, false, 4}};
                    if (variant >= 4) {
                        k.code.push_back({.code = op::add::code, .type = t, .a = static_cast<std::uint16_t>(variant % 3), .b = 4});
                        k.outputs[0].value = 5;
                    }
                    check_kernel(k, {{2, 70}}, r, "logic");
                }
            }
        }
    }
    kernel k;
    k.inputs = {{dtype::i32, unit}, {dtype::i32, unit}, {dtype::i32, unit}};
    for (std::uint16_t n = 0; n < 3; ++n) k.code.push_back({.code = code_load, .type = dtype::i32, .a = n});
    k.code.push_back({.code = op::bitwise_and::code, .type = dtype::i32, .a = 0, .b = 1});
    k.code.push_back({.code = op::bitwise_or::code, .type = dtype::i32, .a = 3, .b = 2});
    k.outputs = {{dtype::i32, unit, false, 4}};
    const std::vector<std::string> loop = hot_loop(listing_of(k, plan::isa::avx512));
    BOOST_TEST(count(loop, "vpternlogd") == 4U);
    BOOST_TEST(loop.size() == 4U * 4U + 2U);
}

BOOST_AUTO_TEST_CASE(operands_in_memory_need_no_alignment) {
    // An input that a selection with zero reads straight from memory. Rows of 65 elements start at every alignment of an element.
    random_source r{9};
    for (const dtype t : {dtype::u8, dtype::i16, dtype::f32, dtype::i32, dtype::u32, dtype::f64, dtype::i64, dtype::u64}) {
        kernel k;
        k.inputs = {{t, unit}, {t, unit}, {t, unit}, {t, codegen::access::broadcast}};
        k.params = {t};
        k.code = {{.code = code_load, .type = t, .a = 0},
                  {.code = code_load, .type = t, .a = 2},
                  {.code = code_load, .type = t, .a = 3},
                  {.code = code_param, .type = t, .a = 0},
                  {.code = op::less::code, .type = dtype::boolean, .a = 1, .b = 3},
                  {.code = code_constant, .type = t, .bits = 0},
                  {.code = op::select::code, .type = t, .a = 4, .b = 0, .c = 5},
                  {.code = op::negative::code, .type = t, .a = 2}};
        k.outputs = {{t, unit, false, 6}, {t, unit, false, 7}};
        check_kernel(k, {{1, 65}, {3, 64}, {3, 65}, {17, 65}, {3, 321}}, r, std::string("selection with zero of ") + name_of(t));
    }
}

BOOST_AUTO_TEST_CASE(operations_on_constants) {
    // The bodies of exp and exp2 for AVX-512 scale by powers of two that only the instruction takes.
    random_source r{10};
    for (const float x : {1.5F, 0.0F, -20.0F, -150.0F, -1e4F, 1e4F}) {
        kernel k;
        k.inputs = {{dtype::f32, unit}};
        k.code = {{.code = code_load, .type = dtype::f32, .a = 0},
                  {.code = code_constant, .type = dtype::f32, .bits = to_bits(x)},
                  {.code = op::exp::code, .type = dtype::f32, .a = 1},
                  {.code = op::exp2::code, .type = dtype::f32, .a = 1},
                  {.code = op::cbrt::code, .type = dtype::f32, .a = 1},
                  {.code = op::add::code, .type = dtype::f32, .a = 0, .b = 2},
                  {.code = op::add::code, .type = dtype::f32, .a = 0, .b = 3},
                  {.code = op::add::code, .type = dtype::f32, .a = 0, .b = 4},
                  {.code = code_constant, .type = dtype::f64, .bits = to_bits(static_cast<double>(x))},
                  {.code = op::exp::code, .type = dtype::f64, .a = 8}};
        k.outputs = {{dtype::f32, unit, false, 5}, {dtype::f32, unit, false, 6}, {dtype::f32, unit, false, 7}, {dtype::f32, unit, false, 3}, {dtype::f64, unit, false, 9}};
        check_kernel(k, {{1, 1}, {3, 65}}, r, "functions of " + std::to_string(x));
    }
}

BOOST_AUTO_TEST_CASE(more_operands_than_registers_for_pointers) {
    for (const kernel_kind kind : {kernel_kind::map, kernel_kind::row_reduce, kernel_kind::column_reduce}) {
        kernel k;
        k.kind = kind;
        std::uint16_t sum = 0;
        for (std::uint16_t n = 0; n < 14; ++n) {
            k.inputs.push_back({dtype::f32, n % 5 == 4 ? codegen::access::broadcast : n % 5 == 3 ? codegen::access::strided : unit});
            k.code.push_back({.code = code_load, .type = dtype::f32, .a = n});
            const auto loaded = static_cast<std::uint16_t>(k.code.size() - 1);
            if (n == 0) {
                sum = loaded;
                continue;
            }
            k.code.push_back({.code = op::add::code, .type = dtype::f32, .a = sum, .b = loaded});
            sum = static_cast<std::uint16_t>(k.code.size() - 1);
            if (n % 4 == 0) k.outputs.push_back({dtype::f32, n % 8 == 0 ? codegen::access::strided : unit, false, sum});
        }
        if (kind != kernel_kind::map) k.reductions = {{op::add::code, sum, dtype::f32, 0}, {op::maximum::code, sum, dtype::f32, to_bits(-INFINITY)}};
        random_source r{7};
        check_kernel(k, {{1, 1}, {3, 40}, {4, 333, false, true}, {2, 0}, {0, 7}}, r, "many operands");
    }
}

BOOST_AUTO_TEST_CASE(outputs_may_take_the_place_of_inputs) {
    // Two outputs that exchange and change their inputs, in the inputs' own memory.
    kernel k;
    k.inputs = {{dtype::f32, unit}, {dtype::f32, unit}};
    k.code = {{.code = code_load, .type = dtype::f32, .a = 0}, {.code = code_load, .type = dtype::f32, .a = 1}};
    k.code.push_back({.code = op::add::code, .type = dtype::f32, .a = 0, .b = 0});
    k.outputs = {{dtype::f32, unit, false, 1}, {dtype::f32, unit, false, 0}, {dtype::f32, unit, false, 2}};
    for (const plan::isa target : jit_targets()) {
        const jit_result made = compile(k, target);
        for (const std::size_t n : {1U, 15U, 16U, 100U, 257U}) {
            std::vector<float> x(n), y(n), z(n);
            for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(i), y[i] = -static_cast<float>(i) - 1;
            std::byte* pointers[] = {reinterpret_cast<std::byte*>(x.data()), reinterpret_cast<std::byte*>(y.data()), reinterpret_cast<std::byte*>(x.data()),
                                     reinterpret_cast<std::byte*>(y.data()), reinterpret_cast<std::byte*>(z.data())};
            const index_t strides[5] = {};
            made.code->run({pointers, strides, strides, nullptr, 1, static_cast<index_t>(n)});
            for (std::size_t i = 0; i < n; ++i) {
                const auto f = static_cast<float>(i);
                BOOST_REQUIRE((x[i] == -f - 1 && y[i] == f && z[i] == 2 * f));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(fixed_strides_of_every_element) {
    // Copies and sums of elements of every size, alone and beside wider ones, so that a vector holds few of them and many.
    random_source r{10};
    constexpr dtype types[] = {dtype::u8, dtype::boolean, dtype::i16, dtype::f32, dtype::f64, dtype::i64};
    constexpr std::int8_t strides[] = {2, 3, 4, 5, 6, 7, 8, -1, -2, -3, -4, -5, -6, -7, -8};
    const auto strided = codegen::access::strided;
    std::vector<shape> shapes;
    for (const index_t n : {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 130, 259}) shapes.push_back({2, n, n % 2 == 0, n % 3 == 0});
    for (const index_t n : {5, 16, 64, 65}) shapes.push_back({3, n, n % 2 != 0, true});
    for (const dtype t : types) {
        for (const dtype wide : {dtype::u8, dtype::f32, dtype::f64}) {
            if (size_of(wide) < size_of(t)) continue;
            for (const std::int8_t stride : strides) {
                const std::string context = std::string(name_of(t)) + " by " + std::to_string(stride) + " beside " + name_of(wide);
                kernel copy;
                copy.inputs = {{t, strided, stride}, {t, unit}, {wide, unit}};
                copy.code = {{.code = code_load, .type = t, .a = 0}, {.code = code_load, .type = t, .a = 1}, {.code = code_load, .type = wide, .a = 2}};
                copy.outputs = {{t, unit, false, 0}, {t, strided, false, 1, stride}, {wide, unit, false, 2}};
                check_kernel(copy, shapes, r, "copy of " + context);
                if (t == dtype::boolean) continue;
                for (const kernel_kind kind : {kernel_kind::row_reduce, kernel_kind::column_reduce}) {
                    kernel most = copy;
                    most.kind = kind;
                    most.outputs.erase(most.outputs.begin());
                    most.reductions = {{op::bitwise_or::code, 0, t, 0}};
                    if (is_floating(t)) most.reductions = {{op::maximum::code, 0, t, t == dtype::f32 ? to_bits(-INFINITY) : to_bits(-double{INFINITY})}};
                    check_kernel(most, shapes, r, "reduction of " + context);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(fixed_strides_take_no_steps_by_element) {
    const auto strided = codegen::access::strided;
    kernel k;
    k.inputs = {{dtype::f32, strided, 3}};
    k.code = {{.code = code_load, .type = dtype::f32, .a = 0}, {.code = op::multiply::code, .type = dtype::f32, .a = 0, .b = 0}};
    k.outputs = {{dtype::f32, unit, false, 1}};
    // Two at a time, each a load, two permutations of two vectors, an address each, the product and the store.
    const std::vector<std::string> loop = hot_loop(listing_of(k, plan::isa::avx512));
    BOOST_TEST(count(loop, "vpermt2d") == 4U);
    BOOST_TEST(loop.size() <= 2U * 8U + 2U);
    for (const dtype t : {dtype::u8, dtype::f32, dtype::f64}) {
        for (const plan::isa target : {plan::isa::avx2, plan::isa::avx512}) {
            for (const std::int8_t stride : {std::int8_t{3}, std::int8_t{-1}}) {
                k.inputs = {{t, strided, stride}, {dtype::f32, unit}};
                k.code = {{.code = code_load, .type = t, .a = 0}, {.code = code_load, .type = dtype::f32, .a = 1}};
                k.outputs = {{t, unit, false, 0}, {dtype::f32, strided, false, 1, stride}};
                const std::vector<std::string> lines = hot_loop(listing_of(k, target));
                for (const char* const by_element : {"vpinsr", "rsp", "vmovd ", "vmovss"}) BOOST_TEST(count(lines, by_element) == 0U);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(runs_under_the_default_mode_and_restores_the_callers) {
    kernel k;
    k.inputs = {{dtype::f32, unit}, {dtype::f32, unit}};
    k.code = {{.code = code_load, .type = dtype::f32, .a = 0},
              {.code = code_load, .type = dtype::f32, .a = 1},
              {.code = op::multiply::code, .type = dtype::f32, .a = 0, .b = 1}};
    k.outputs = {{dtype::f32, unit, false, 2}};
    constexpr unsigned modes[] = {0x1f80 | 0x8040, 0x1f80 | 0x2000, 0x1f80 | 0x6000, 0x1f80 & ~0x0200U};
    for (const plan::isa target : jit_targets()) {
        const jit_result made = compile(k, target);
        std::vector<float> x(37), y(37), plain(37), got(37);
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = 1.0F / static_cast<float>(i + 3), y[i] = i % 2 == 0 ? 0x1p-127F : 1.0F / 7;
        const auto run = [&](std::vector<float>& to) {
            std::byte* pointers[] = {reinterpret_cast<std::byte*>(x.data()), reinterpret_cast<std::byte*>(y.data()), reinterpret_cast<std::byte*>(to.data())};
            const index_t strides[3] = {};
            made.code->run({pointers, strides, strides, nullptr, 1, static_cast<index_t>(x.size())});
        };
        run(plain);
        BOOST_TEST(plain[0] != 0.0F);
        for (const unsigned mode : modes) {
            const unsigned before = _mm_getcsr();
            _mm_setcsr(mode);
            run(got);
            const unsigned after = _mm_getcsr();
            _mm_setcsr(before);
            BOOST_TEST(after == mode);
            BOOST_TEST((std::memcmp(got.data(), plain.data(), 4 * got.size()) == 0));
        }
    }
}

BOOST_AUTO_TEST_CASE(no_page_is_writable_and_executable) {
    const jit_result made = compile(axpy(), plan::isa::avx2);
    BOOST_REQUIRE(made.code != nullptr);
    std::ifstream maps("/proc/self/maps");
    const auto entry = reinterpret_cast<std::uint64_t>(made.code->entry());
    bool found = false;
    for (std::string line; std::getline(maps, line);) {
        const std::size_t dash = line.find('-'), space = line.find(' ');
        const std::uint64_t low = std::stoull(line.substr(0, dash), nullptr, 16), high = std::stoull(line.substr(dash + 1, space - dash - 1), nullptr, 16);
        const std::string rights = line.substr(space + 1, 4);
        BOOST_TEST((rights.find('w') == std::string::npos || rights.find('x') == std::string::npos), line);
        if (entry < low || entry >= high) continue;
        found = true;
        BOOST_TEST(rights.substr(0, 3) == "r-x");
    }
    BOOST_TEST(found);
}

BOOST_AUTO_TEST_CASE(compiles_on_several_threads) {
    if (jit_targets().empty()) return;
    std::vector<std::thread> threads;
    std::vector<int> wrong(4);
    for (std::size_t t = 0; t < wrong.size(); ++t) {
        threads.emplace_back([&, t] {
            random_source r{t};
            for (int n = 0; n < 60; ++n) {
                const kernel k = kernel_maker{r, {.operations = 8}}.make();
                const jit_result made = compile(expand(k), jit_targets().back());
                run_data data(k, 2, 50, r, {});
                made.code->run(data.tested());
                reference::run(k, data.expected());
                wrong[t] += data.difference().empty() ? 0 : 1;
            }
        });
    }
    for (std::thread& t : threads) t.join();
    for (const int w : wrong) BOOST_TEST(w == 0);
}

BOOST_AUTO_TEST_SUITE_END()
