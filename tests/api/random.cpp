#include "support/check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace {

namespace sn = sinter;
using sn::all;
using sn::index_t;
using sn::range;
using support::same;
using support::shape_of;
namespace random = sn::random;

using words = std::array<std::uint32_t, 4>;

/// The generator once more, with products of 64 bits and sums that wrap, from the paper.
[[nodiscard]] words philox(words c, std::uint32_t k0, std::uint32_t k1) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t p = std::uint64_t{0xd2511f53} * c[0], q = std::uint64_t{0xcd9e8d57} * c[2];
        c = {static_cast<std::uint32_t>(q >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(q), static_cast<std::uint32_t>(p >> 32) ^ c[3] ^ k1,
             static_cast<std::uint32_t>(p)};
        k0 += 0x9e3779b9;
        k1 += 0xbb67ae85;
    }
    return c;
}

struct element_words {
    words w;
    std::uint64_t x, y;
};

[[nodiscard]] element_words words_of(random::key k, std::uint64_t i, std::uint32_t use = 0) {
    const words w = philox({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i >> 32), 0, use}, static_cast<std::uint32_t>(k.bits()),
                           static_cast<std::uint32_t>(k.bits() >> 32));
    return {w, w[0] | std::uint64_t{w[1]} << 32, w[2] | std::uint64_t{w[3]} << 32};
}

[[nodiscard]] float uniform_float(random::key k, index_t i) {
    return static_cast<float>(words_of(k, static_cast<std::uint64_t>(i)).w[0] >> 8) * 0x1p-24f;
}
[[nodiscard]] double uniform_double(random::key k, index_t i) { return static_cast<double>(words_of(k, static_cast<std::uint64_t>(i)).x >> 11) * 0x1p-53; }

constexpr random::key seed{0x123456789abcdefULL};

/// Every element by its number.
template <class X, class F>
void check_elements(const X& x, const F& expected) {
    const auto values = x.to_vector();
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!same(static_cast<typename X::value_type>(values[i]), expected(static_cast<index_t>(i)))) {
            BOOST_ERROR("element " << i << " is " << +static_cast<typename X::value_type>(values[i]) << " instead of " << +expected(static_cast<index_t>(i)));
            return;
        }
    }
}

/// The mean and the variance lie within so many standard errors of what they should be.
void check_moments(const sn::array<double>& x, double mean, double variance, double fourth) {
    const auto n = static_cast<double>(x.size());
    constexpr double errors = 4.5;
    BOOST_TEST(std::fabs(sn::mean(x).item() - mean) < errors * std::sqrt(variance / n));
    BOOST_TEST(std::fabs(sn::var(x).item() - variance) < errors * std::sqrt((fourth - variance * variance) / n));
}

BOOST_AUTO_TEST_SUITE(random_numbers)

// From the file kat_vectors of Random123, the authors' library.
BOOST_AUTO_TEST_CASE(known_answers) {
    struct answer {
        words counter, key, expected;
    };
    const answer answers[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}, {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (const auto& [c, k, expected] : answers) {
        const auto w = sn::detail::philox<std::uint64_t>({c[0], c[1], c[2], c[3]}, k[0], k[1]);
        BOOST_TEST((w.w0 == expected[0] && w.w1 == expected[1] && w.w2 == expected[2] && w.w3 == expected[3]));
        BOOST_TEST((philox(c, k[0], k[1]) == expected));
    }
    // The first element of key 0 has the words of the first answer.
    BOOST_TEST(random::uniform<float>(random::key{0}, {}).item() == static_cast<float>(0x6627e8) * 0x1p-24f);
    BOOST_TEST(random::uniform<double>(random::key{0}, {}).item() == static_cast<double>(0xe169c58d6627e8d5ULL >> 11) * 0x1p-53);
}

BOOST_AUTO_TEST_CASE(every_element_by_its_number) {
    for (const std::vector<index_t>& shape : {std::vector<index_t>{}, {0}, {1}, {7}, {8}, {1000}, {3, 5}, {2, 0, 4}, {17, 1, 33}, {70000}, {300, 301}}) {
        const sn::array<float> f = random::uniform<float>(seed, shape);
        const sn::array<double> d = random::uniform<double>(seed, shape);
        BOOST_TEST(f.is_pending());
        BOOST_TEST((shape_of(f) == shape));
        check_elements(f, [](index_t i) { return uniform_float(seed, i); });
        check_elements(d, [](index_t i) { return uniform_double(seed, i); });
    }
}

BOOST_AUTO_TEST_CASE(within_the_kernels_that_use_them) {
    const sn::array<double> ones = sn::ones<double>({40, 50}), u = random::uniform<double>(seed, {40, 50});
    const auto at = [](index_t i) { return uniform_double(seed, i); };
    check_elements(u + ones, [&](index_t i) { return at(i) + 1; });
    check_elements(u.transpose() + ones.reshape({50, 40}), [&](index_t i) { return at(i % 40 * 50 + i / 40) + 1; });
    check_elements(sn::array<double>(u(range({}, {}, -3), range(1, {}, 2))) + 0.0, [&](index_t i) { return at((39 - i / 25 * 3) * 50 + 1 + i % 25 * 2); });
    check_elements(sn::array<double>(u(all, range({}, {}, -1))) + 0.0, [&](index_t i) { return at(i / 50 * 50 + 49 - i % 50); });
    check_elements(sn::array<double>(u(all, range(3, {}, 11))) + 0.0, [&](index_t i) { return at(i / 5 * 50 + 3 + i % 5 * 11); });
    check_elements(sn::array<double>(u(7, all)) + ones, [&](index_t i) { return at(7 * 50 + i % 50) + 1; });
    check_elements(sn::array<double>(u(all, range(7, 8))) + ones, [&](index_t i) { return at(i / 50 * 50 + 7) + 1; });
    check_elements(sn::flip(u, 0) * 1.0, [&](index_t i) { return at((39 - i / 50) * 50 + i % 50); });
    check_elements(sn::roll(u, 3), [&](index_t i) { return at((i + 2000 - 3) % 2000); });
    check_elements(u.reshape({2000}), at);
    BOOST_TEST(u(3, 4) == at(3 * 50 + 4));
    BOOST_TEST(sn::array_equal(sn::sum(u, {.axis = 1}), sn::sum(sn::from(u.to_vector(), {40, 50}), {.axis = 1})));
    BOOST_TEST(sn::array_equal(sn::sum(u, {.axis = 0}), sn::sum(sn::from(u.to_vector(), {40, 50}), {.axis = 0})));
    BOOST_TEST(sn::array_equal(sn::cumsum(u, {.axis = 1}), sn::cumsum(sn::from(u.to_vector(), {40, 50}), {.axis = 1})));
    BOOST_TEST(sn::array_equal(sn::argmax(u, {.axis = 0}), sn::argmax(sn::from(u.to_vector(), {40, 50}), {.axis = 0})));
    sn::array<double> part = sn::zeros<double>({40, 50});
    part(range(0, 2)) = u(range(5, 7));
    BOOST_TEST(part(1, 3) == at(6 * 50 + 3));
}

BOOST_AUTO_TEST_CASE(large_transposed_and_reduced) {
    const index_t n = 700, m = 900;
    const sn::array<float> u = random::uniform<float>(seed, {n, m}), memory = sn::from(random::uniform<float>(seed, {n, m}).to_vector(), {n, m});
    const sn::array<float> x = sn::linspace<float>(0, 1, n * m).reshape({m, n});
    BOOST_TEST(sn::array_equal(u.transpose() + x, memory.transpose() + x));
    BOOST_TEST(sn::array_equal(u + x.transpose(), memory + x.transpose()));
    BOOST_TEST(sn::array_equal(sn::sum(u.transpose(), {.axis = 1}), sn::sum(memory.transpose(), {.axis = 1})));
    BOOST_TEST(sn::array_equal(sn::sum(u.transpose() * x, {.axis = 1}), sn::sum(memory.transpose() * x, {.axis = 1})));
    const sn::array<float> soft = u / sn::sum(u, {.axis = 1, .keepdims = true}), soft_memory = memory / sn::sum(memory, {.axis = 1, .keepdims = true});
    BOOST_TEST(sn::array_equal(soft, soft_memory));
}

BOOST_AUTO_TEST_CASE(no_memory_is_read_for_them) {
    const random::key a{1}, b{2};
    const sn::array<float> x = random::uniform<float>(a, {1 << 20}), y = random::uniform<float>(b, {1 << 20});
    const sn::array<float> inside = sn::mean(sn::cast<float>(x * x + y * y < 1.0f));
    const sn::plan_report plan = sn::explain(inside);
    BOOST_TEST(plan.kernels.front().bytes_read < 10'000);
    // One kernel, which makes the keys of all rounds before its loop.
    for (const sn::array<double>& z : {sn::array<double>(random::uniform<double>(a, {1 << 20}) * 2.0), random::normal<double>(a, {1 << 20})}) {
        const sn::plan_report alone = sn::explain(z);
        BOOST_TEST(alone.kernels.size() == 1u);
        BOOST_TEST(alone.kernels.front().bytes_read == 0u);
    }
    BOOST_TEST(std::fabs(4 * inside.item() - 3.14159f) < 0.01f);
}

BOOST_AUTO_TEST_CASE(other_keys_and_the_same_again) {
    // The same statement with one key after the other: the key is a number, not part of the kernel.
    for (const std::uint64_t bits : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
        const random::key k{bits};
        check_elements(random::uniform<float>(k, {100}), [&](index_t i) { return uniform_float(k, i); });
        BOOST_TEST(sn::array_equal(random::normal<double>(k, {100}), random::normal<double>(k, {100})));
    }
    BOOST_TEST(!sn::array_equal(random::uniform<float>(random::key{1}, {100}), random::uniform<float>(random::key{2}, {100})));
}

BOOST_AUTO_TEST_CASE(numbers_past_32_bits) {
    // Of an array that is too large for any memory only what is looked at is made.
    const index_t n = index_t{1} << 44;
    for (const index_t at : {index_t{0}, (index_t{1} << 32) - 1, index_t{1} << 32, n - 5}) {
        const sn::array<double> u = random::uniform<double>(seed, {n});
        check_elements(sn::array<double>(u(range(at, at + 5))) + 0.0, [&](index_t i) { return uniform_double(seed, at + i); });
    }
}

BOOST_AUTO_TEST_CASE(uniform_moments) {
    const sn::array<double> d = random::uniform<double>(random::key{7}, {1 << 20}), f = sn::cast<double>(random::uniform<float>(random::key{8}, {1 << 20}));
    check_moments(d, 0.5, 1.0 / 12, 1.0 / 80);
    check_moments(f, 0.5, 1.0 / 12, 1.0 / 80);
    BOOST_TEST(sn::min(d).item() >= 0);
    BOOST_TEST(sn::max(d).item() < 1);
    BOOST_TEST(sn::max(f).item() < 1);
}

template <class T>
void check_normal(random::key k, double error) {
    const index_t n = 200'000;
    const sn::array<T> z = random::normal<T>(k, {n});
    const auto values = z.to_vector();
    double worst = 0;
    for (index_t i = 0; i < n; ++i) {
        const element_words e = words_of(k, static_cast<std::uint64_t>(i));
        long double u, t;
        if constexpr (std::same_as<T, float>) {
            u = std::fma(static_cast<float>(e.w[0]), 0x1p-32f, 0x1p-33f);
            t = (static_cast<long double>(e.w[1] >> 8) + 0.5L) * 0x1p-24L - 0.5L;
        } else {
            u = std::fma(static_cast<double>(e.x >> 11), 0x1p-53, 0x1p-54);
            t = (static_cast<long double>(e.y >> 11) + 0.5L) * 0x1p-53L - 0.5L;
        }
        const long double exact = std::sqrt(-2 * std::log(u)) * std::sin(t * 3.14159265358979323846264338327950288L);
        const T got = values[static_cast<std::size_t>(i)];
        const long double ulp = std::nextafter(std::fabs(static_cast<T>(exact)), std::numeric_limits<T>::infinity()) - std::fabs(static_cast<T>(exact));
        worst = std::max(worst, static_cast<double>(std::fabs(got - exact) / ulp));
    }
    BOOST_TEST(worst <= error);
    check_moments(sn::cast<double>(random::normal<T>(k, {1 << 20})), 0, 1, 3);
    // How many lie within one, two and three standard deviations.
    for (const auto& [reach, share] : {std::pair{T(1), 0.6826895}, {T(2), 0.9544997}, {T(3), 0.9973002}}) {
        const double found = static_cast<double>(sn::count_nonzero(abs(random::normal<T>(k, {1 << 20})) < reach).item()) / (1 << 20);
        BOOST_TEST(std::fabs(found - share) < 4.5 * std::sqrt(share * (1 - share) / (1 << 20)));
    }
}

BOOST_AUTO_TEST_CASE(normal_numbers) {
    check_normal<float>(random::key{9}, 5);
    check_normal<double>(random::key{10}, 5);
}

template <class T>
void check_integers(T low, T high) {
    const std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    check_elements(random::integers<T>(seed, low, high, {3000}), [&](index_t i) {
        const element_words e = words_of(seed, static_cast<std::uint64_t>(i));
        __extension__ using wide = unsigned __int128;
        const wide upper = static_cast<wide>(e.y) * range, lower = static_cast<wide>(e.x) * range;
        return static_cast<T>(static_cast<std::uint64_t>((upper + (lower >> 64)) >> 64) + static_cast<std::uint64_t>(low));
    });
}

BOOST_AUTO_TEST_CASE(integers) {
    check_integers<std::int32_t>(-5, 6);
    check_integers<std::int8_t>(-128, 127);
    check_integers<std::uint8_t>(0, 255);
    check_integers<std::int16_t>(-7, -6);
    check_integers<std::uint16_t>(1000, 1003);
    check_integers<std::uint32_t>(0, std::numeric_limits<std::uint32_t>::max());
    check_integers<std::int64_t>(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
    check_integers<std::uint64_t>(1, std::numeric_limits<std::uint64_t>::max());
    // Each of ten as often as the others: chi squared of nine degrees of freedom.
    const sn::array<std::int32_t> dice = random::integers<std::int32_t>(random::key{3}, 0, 10, {1'000'000});
    double chi = 0;
    for (std::int32_t i = 0; i < 10; ++i) {
        const double off = static_cast<double>(sn::count_nonzero(dice == i).item()) - 100'000;
        chi += off * off / 100'000;
    }
    BOOST_TEST(chi < 33.7);  // exceeded once in ten thousand keys
    BOOST_TEST(chi > 0.4);
}

BOOST_AUTO_TEST_CASE(bernoulli) {
    for (const double p : {0.0, 0x1p-60, 0.1, 0.5, 1 - 0x1p-53, 1.0}) {
        const sn::array<bool> b = random::bernoulli(seed, p, {100, 100});
        check_elements(b, [&](index_t i) { return uniform_double(seed, i) < p; });
    }
    const double found = static_cast<double>(sn::count_nonzero(random::bernoulli(seed, 0.3, {1 << 20})).item()) / (1 << 20);
    BOOST_TEST(std::fabs(found - 0.3) < 4.5 * std::sqrt(0.21 / (1 << 20)));
}

BOOST_AUTO_TEST_CASE(permutations) {
    for (const index_t n : {0, 1, 2, 10, 1000}) {
        const sn::array<index_t> p = random::permutation(seed, n);
        std::vector<index_t> expected(static_cast<std::size_t>(n));
        for (index_t i = 0; i < n; ++i) expected[static_cast<std::size_t>(i)] = i;
        std::vector<index_t> sorted = p.to_vector();
        std::sort(sorted.begin(), sorted.end());
        BOOST_TEST((sorted == expected));
        for (index_t i = n - 1; i > 0; --i) {
            // What integers gives for element i with high i + 1.
            const index_t other = random::integers<index_t>(seed, 0, i + 1, {n})(range(i, i + 1)).item();
            std::swap(expected[static_cast<std::size_t>(i)], expected[static_cast<std::size_t>(other)]);
            if (n > 100 && i < n - 20) break;
        }
        if (n <= 100) BOOST_TEST((p.to_vector() == expected));
        if (n > 100) BOOST_TEST(p(n - 1) == expected[static_cast<std::size_t>(n - 1)]);
    }
    // Of three, all six equally often.
    int counts[27] = {};
    for (const random::key k : random::split(seed, 60'000)) {
        const sn::array<index_t> p = random::permutation(k, 3);
        ++counts[9 * p(0) + 3 * p(1) + p(2)];
    }
    double chi = 0;
    int kinds = 0;
    for (const int c : counts) {
        kinds += c > 0 ? 1 : 0;
        chi += c > 0 ? (c - 10'000.0) * (c - 10'000.0) / 10'000 : 0;
    }
    BOOST_TEST(kinds == 6);
    BOOST_TEST(chi < 25.7);
}

BOOST_AUTO_TEST_CASE(split_keys) {
    const std::vector<random::key> keys = random::split(seed, 1000);
    std::set<std::uint64_t> different;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        BOOST_TEST(keys[i].bits() == words_of(seed, i, 1).x);
        different.insert(keys[i].bits());
    }
    BOOST_TEST(different.size() == 1000u);
    constexpr auto pair = random::split<2>(seed);
    BOOST_TEST((pair[0] == keys[0] && pair[1] == keys[1]));
    BOOST_TEST(random::split(seed, 0).empty());
    // Numbers of neighbouring keys have nothing to do with each other.
    const index_t n = 1 << 16;
    for (int i = 0; i < 10; ++i) {
        const sn::array<double> a = random::normal<double>(keys[static_cast<std::size_t>(i)], {n}), b = random::normal<double>(keys[static_cast<std::size_t>(i) + 1], {n});
        BOOST_TEST(std::fabs(sn::mean(a * b).item()) < 4.5 / std::sqrt(static_cast<double>(n)));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
