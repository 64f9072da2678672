#include "codegen/jit/moves.hpp"
#include "jit_support.hpp"

#include <cstdlib>
#include <numeric>
#include <random>

// Long bodies whose vectors go on from one turn of the loop to the next.

using namespace sinter_test;

namespace {

constexpr auto unit = codegen::access::unit;

/// x, then x * x + y or a quotient of the last two again and again; `beside`: so many chains of these side by side.
kernel chains(dtype t, int length, int beside) {
    kernel k;
    k.inputs = {{t, unit}, {t, unit}};
    k.code = {{.code = code_load, .type = t, .a = 0}, {.code = code_load, .type = t, .a = 1}};
    std::vector<std::uint16_t> last(static_cast<std::size_t>(beside), 0);
    const auto push = [&](int code, std::uint16_t a, std::uint16_t b, std::uint16_t c = 0) {
        k.code.push_back({.code = static_cast<std::uint16_t>(code), .type = t, .a = a, .b = b, .c = c});
        return static_cast<std::uint16_t>(k.code.size() - 1);
    };
    for (std::size_t n = 0; n < last.size(); ++n) last[n] = push(op::multiply::code, 0, n == 0 ? std::uint16_t{1} : last[n - 1]);
    for (int n = 0; n < length; ++n) {
        std::uint16_t& v = last[static_cast<std::size_t>(n) % last.size()];
        v = push(op::fma::code, v, v, 1);
    }
    std::uint16_t sum = last[0];
    for (std::size_t n = 1; n < last.size(); ++n) sum = push(op::subtract::code, sum, last[n]);
    sum = push(op::divide::code, sum, 0);
    k.outputs = {{t, unit, false, sum}};
    return k;
}

/// Each step takes what the one before made and something made a little earlier, so that all are needed: between 60 and 300 of them, with masks and quotients here and there.
kernel random_chain(dtype t, random_source& r) {
    kernel k;
    for (std::uint64_t n = 1 + pick(r, 4); n > 0; --n) {
        k.inputs.push_back({t, pick(r, 6) == 0 ? codegen::access::broadcast : unit});
        k.code.push_back({.code = code_load, .type = t, .a = static_cast<std::uint16_t>(k.inputs.size() - 1)});
    }
    std::vector<std::uint16_t> values(k.code.size());
    std::iota(values.begin(), values.end(), std::uint16_t{0});
    const std::uint64_t reach = 2 + pick(r, 7), masks = 4 + pick(r, 30);
    const auto push = [&](instruction i) {
        k.code.push_back(i);
        return static_cast<std::uint16_t>(k.code.size() - 1);
    };
    const auto earlier = [&] {
        if (pick(r, 10) == 0) return values[pick(r, values.size())];
        return values[values.size() - 1 - pick(r, std::min<std::uint64_t>(reach, values.size()))];
    };
    constexpr std::uint16_t codes[] = {op::add::code, op::subtract::code, op::multiply::code, op::maximum::code, op::minimum::code};
    for (std::uint64_t n = 60 + pick(r, 240); n > 0; --n) {
        const std::uint16_t last = values.back(), other = earlier();
        if (pick(r, masks) == 0) {
            const std::uint16_t mask = push({.code = op::less::code, .type = dtype::boolean, .a = last, .b = other});
            values.push_back(push({.code = op::select::code, .type = t, .a = mask, .b = last, .c = earlier()}));
        } else if (is_floating(t) && pick(r, 3) == 0) {
            values.push_back(push({.code = op::fma::code, .type = t, .a = last, .b = other, .c = earlier()}));
        } else if (is_floating(t) && pick(r, 40) == 0) {
            values.push_back(push({.code = op::divide::code, .type = t, .a = last, .b = other}));
        } else {
            values.push_back(push({.code = codes[pick(r, std::size(codes))], .type = t, .a = last, .b = other}));
        }
    }
    k.outputs = {{t, unit, pick(r, 4) == 0, values.back()}};
    if (pick(r, 2) == 0) k.outputs.push_back({t, unit, false, values[values.size() - 1 - pick(r, 40)]});
    return k;
}

std::size_t count(const std::string& text, const std::string& what) {
    std::size_t n = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++n;
    return n;
}

/// The code of the loop that most of the time is spent in, and all of it.
std::pair<std::string, std::string> loop_and_all(const kernel& k) {
    std::string text;
    const jit_result made = compile(expand(k, true), plan::isa::avx512, &text);
    BOOST_REQUIRE_MESSAGE(made.code != nullptr, made.declined);
    const std::size_t begin = text.find("align 64"), end = text.find("jle", begin);
    return {text.substr(begin, end - begin), text};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(jit_rotation)

BOOST_AUTO_TEST_CASE(moves_mean_all_at_once) {
    std::mt19937 random(1);
    for (int round = 0; round < 2000; ++round) {
        const std::size_t n = 1 + random() % 12;
        constexpr int spare = 20;
        std::vector<int> places(16);
        std::iota(places.begin(), places.end(), 0);
        std::vector<int> to = places;
        std::shuffle(to.begin(), to.end(), random);
        // Some from the same place.
        std::shuffle(places.begin(), places.end(), random);
        if (n > 2 && random() % 3 == 0) places[0] = places[1];
        std::vector<codegen::jit::register_move> moves;
        for (std::size_t i = 0; i < n; ++i) moves.push_back({places[i], to[i]});
        std::vector<int> registers(spare + 1);
        std::iota(registers.begin(), registers.end(), 100);
        std::vector<int> expected = registers;
        for (const auto& m : moves) expected[static_cast<std::size_t>(m.to)] = registers[static_cast<std::size_t>(m.from)];
        const auto order = one_by_one(moves, spare);
        for (const auto& m : order) registers[static_cast<std::size_t>(m.to)] = registers[static_cast<std::size_t>(m.from)];
        expected[spare] = registers[spare];
        BOOST_REQUIRE(registers == expected);
        // One more for each ring.
        BOOST_REQUIRE(order.size() <= moves.size() + moves.size() / 2);
    }
}

BOOST_AUTO_TEST_CASE(long_bodies_go_on_from_turn_to_turn) {
    if (jit_targets().back() != plan::isa::avx512) return;
    for (const auto& [t, divides] : {std::pair{dtype::f32, "vdivps"}, std::pair{dtype::f64, "vdivpd"}}) {
        for (const int beside : {1, 2, 4}) {
            const auto [loop, all] = loop_and_all(chains(t, 70, beside));
            // Four in the loop, as many before and behind it, one by itself and one in the tail.
            BOOST_TEST(count(loop, divides) == 4U);
            BOOST_TEST(count(all, divides) == 4U + 4U + 2U);
            BOOST_TEST(count(loop, "rsp") == 0U);
            // What goes on does not move about much.
            BOOST_TEST(count(loop, "vmovaps") <= 16U);
        }
    }
}

BOOST_AUTO_TEST_CASE(any_number_of_vectors) {
    random_source r{11};
    std::vector<shape> shapes;
    for (index_t n = 0; n <= 300; n += 1 + n / 40) shapes.push_back({1 + n % 3, n, n % 2 == 0, n % 3 == 0});
    for (const dtype t : {dtype::f32, dtype::f64, dtype::i32}) {
        for (const int beside : {1, 3, 7}) {
            kernel k = chains(t == dtype::i32 ? dtype::f32 : t, 60, beside);
            if (t == dtype::i32) {
                for (auto& i : k.code) i.type = t, i.code = i.code == op::fma::code ? std::uint16_t{op::multiply::code} : i.code == op::divide::code ? std::uint16_t{op::add::code} : i.code;
                for (auto& i : k.inputs) i.type = t;
                k.outputs[0].type = t;
            }
            check_kernel(k, shapes, r, "chains");
        }
    }
}

BOOST_AUTO_TEST_CASE(random_chains) {
    const char* const given = std::getenv("SINTER_TEST_SEED");
    const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    for (const dtype t : {dtype::f32, dtype::f64, dtype::i32}) {
        for (std::uint64_t n = 0; n < 60; ++n) {
            random_source r{first + static_cast<std::uint64_t>(t) * 1000003 + n};
            const kernel k = random_chain(t, r);
            std::vector<shape> shapes{{1, 0}, {1, 1}, {3, 17, false, true}, {1, 1000 + static_cast<index_t>(pick(r, 100))}};
            for (const index_t turn : {16, 24, 32, 48, 64, 96, 128, 192, 256}) shapes.push_back({1 + static_cast<index_t>(pick(r, 3)), turn - 1 + static_cast<index_t>(pick(r, 3)), pick(r, 2) == 0});
            check_kernel(k, shapes, r, "SINTER_TEST_SEED=" + std::to_string(first) + " round " + std::to_string(n));
        }
    }
}

BOOST_AUTO_TEST_CASE(results_may_take_the_place_of_operands) {
    // Two results in the operands' own memory, the first long before the second, which needs the operands once more.
    kernel k = chains(dtype::f32, 60, 2);
    const std::uint16_t early = 10, late = k.outputs[0].value;
    k.code.push_back({.code = op::subtract::code, .type = dtype::f32, .a = late, .b = 0});
    k.code.push_back({.code = op::add::code, .type = dtype::f32, .a = static_cast<std::uint16_t>(k.code.size() - 1), .b = 1});
    k.outputs = {{dtype::f32, unit, false, early}, {dtype::f32, unit, false, static_cast<std::uint16_t>(k.code.size() - 1)}};
    for (const plan::isa target : jit_targets()) {
        const jit_result made = compile(expand(k, target == plan::isa::avx512), target);
        BOOST_REQUIRE_MESSAGE(made.code != nullptr, made.declined);
        for (const std::size_t n : {1U, 16U, 64U, 127U, 128U, 129U, 300U}) {
            std::vector<float> x(n), y(n), a(n), b(n);
            for (std::size_t i = 0; i < n; ++i) x[i] = 0.001F * static_cast<float>(i + 1), y[i] = -0.5F + 0.0001F * static_cast<float>(i);
            const auto run = [&](float* to_first, float* to_second) {
                std::byte* pointers[] = {reinterpret_cast<std::byte*>(x.data()), reinterpret_cast<std::byte*>(y.data()), reinterpret_cast<std::byte*>(to_first), reinterpret_cast<std::byte*>(to_second)};
                const index_t strides[4] = {};
                made.code->run({pointers, strides, strides, nullptr, 1, static_cast<index_t>(n)});
            };
            run(a.data(), b.data());
            run(x.data(), y.data());
            BOOST_REQUIRE(x == a);
            BOOST_REQUIRE(y == b);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
