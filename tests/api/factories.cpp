#include "support/check.hpp"

#include <array>
#include <limits>
#include <list>
#include <span>

namespace {

namespace sn = sinter;
using support::check;
using support::check_ints;
using support::shape_of;

BOOST_AUTO_TEST_SUITE(factories)

BOOST_AUTO_TEST_CASE(default_is_empty) {
    const sn::array<float> a;
    BOOST_TEST(a.rank() == 1);
    BOOST_TEST(a.size() == 0);
    BOOST_TEST(a.extent(0) == 0);
    check(a, {0}, {});
    BOOST_TEST(a.data() == nullptr);
}

BOOST_AUTO_TEST_CASE(braces_are_values) {
    const sn::array<float> one{5};
    check(one, {1}, {5});
    const sn::array<float> a{1, 2, 3};
    check(a, {3}, {1, 2, 3});
    const sn::array<float> m{{1, 2}, {3, 4}, {5, 6}};
    check(m, {3, 2}, {1, 2, 3, 4, 5, 6});
    const sn::array<float> c{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}};
    check(c, {2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
    const sn::array<float> row{{1, 2, 3}};
    check(row, {1, 3}, {1, 2, 3});
    const sn::array<std::int32_t> i{{-1, 2}};
    check_ints(i, {1, 2}, {-1, 2});
    const sn::array<bool> b{true, false, true};
    check_ints(b, {3}, {1, 0, 1});
    const sn::array<std::uint8_t> u{0, 255};
    check_ints(u, {2}, {0, 255});
}

BOOST_AUTO_TEST_CASE(empty_braces_empty_an_array) {
    sn::array<float> a{1, 2, 3};
    const sn::array<float> kept = a;
    a = {};
    check(a, {0}, {});
    check(kept, {3}, {1, 2, 3});
}

BOOST_AUTO_TEST_CASE(filled) {
    check(sn::zeros<float>({2, 3}), {2, 3}, {0, 0, 0, 0, 0, 0});
    check(sn::ones<float>({4}), {4}, {1, 1, 1, 1});
    check(sn::full({2, 2}, 2.5f), {2, 2}, {2.5f, 2.5f, 2.5f, 2.5f});
    check_ints(sn::full({3}, std::int32_t{-7}), {3}, {-7, -7, -7});
    check(sn::eye<float>(3), {3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1});
    BOOST_TEST((shape_of(sn::empty<float>({2, 0, 3})) == std::vector<sn::index_t>{2, 0, 3}));
    check_ints(sn::zeros<bool>({2}), {2}, {0, 0});
    check_ints(sn::ones<std::uint8_t>({2}), {2}, {1, 1});
}

BOOST_AUTO_TEST_CASE(ranges_of_numbers) {
    check(sn::arange<float>(4), {4}, {0, 1, 2, 3});
    check_ints(sn::arange<std::int32_t>(5), {5}, {0, 1, 2, 3, 4});
    check(sn::arange<float>(1, 2, 0.25f), {4}, {1, 1.25f, 1.5f, 1.75f});
    check(sn::arange<float>(3, 0, -1), {3}, {3, 2, 1});
    check_ints(sn::arange<std::int32_t>(2, 9, 3), {3}, {2, 5, 8});
    check(sn::arange<float>(3, 3, 1), {0}, {});
    // Of which the differences, or the numbers, do not fit into the type.
    constexpr std::int32_t far = 2'000'000'000;
    check_ints(sn::arange<std::int32_t>(-far, far, 1'500'000'000), {3}, {-far, -500'000'000, 1'000'000'000});
    check_ints(sn::arange<std::int32_t>(far, -far, -1'500'000'000), {3}, {far, 500'000'000, -1'000'000'000});
    check_ints(sn::arange<std::int32_t>(1, 0, std::numeric_limits<std::int32_t>::min()), {1}, {1});
    BOOST_TEST(sn::arange<std::int8_t>(-128, 127)(254) == 126);
    BOOST_TEST(sn::arange<std::int64_t>(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), std::int64_t{1} << 62).size() == 4);
    BOOST_CHECK_THROW(sn::arange<float>(0, 1e30f, 1e-30f), sn::memory_error);
    BOOST_CHECK_THROW(sn::arange<std::int64_t>(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()), sn::memory_error);
    check(sn::linspace<float>(0, 1, 5), {5}, {0, 0.25f, 0.5f, 0.75f, 1});
    check(sn::linspace<float>(2, 7, 1), {1}, {2});
    const auto ends = sn::linspace<float>(0.1f, 0.7f, 1001).to_vector();
    BOOST_TEST(ends.front() == 0.1f);
    BOOST_TEST(ends.back() == 0.7f);
}

BOOST_AUTO_TEST_CASE(from_copies) {
    std::vector<float> v{1, 2, 3, 4, 5, 6};
    const sn::array<float> a = sn::from(v);
    const sn::array<float> m = sn::from(v, {2, 3});
    const std::array<float, 2> two{8, 9};
    const sn::array<float> t = sn::from(two);
    const sn::array<float> s = sn::from(std::span<const float>(v).subspan(1, 4), {2, 2});
    v.assign(6, 0.0f);
    check(a, {6}, {1, 2, 3, 4, 5, 6});
    check(m, {2, 3}, {1, 2, 3, 4, 5, 6});
    check(t, {2}, {8, 9});
    check(s, {2, 2}, {2, 3, 4, 5});
    const std::vector<std::uint8_t> bytes{7, 250};
    check_ints(sn::from(bytes), {2}, {7, 250});
}

BOOST_AUTO_TEST_CASE(rank_zero) {
    const sn::array<float> s = sn::full({}, 4.0f);
    BOOST_TEST(s.rank() == 0);
    BOOST_TEST(s.size() == 1);
    BOOST_TEST(s.item() == 4.0f);
    check(s, {}, {4});
    check(s * 2.0f, {}, {8});
    const sn::array<float> a{1, 2};
    check(a + s, {2}, {5, 6});
}

BOOST_AUTO_TEST_CASE(ranks_up_to_eight) {
    const sn::array<float> a = sn::ones<float>({1, 2, 1, 2, 1, 2, 1, 2});
    BOOST_TEST(a.rank() == 8);
    BOOST_TEST(a.size() == 16);
    BOOST_TEST(sn::sum(a + 1.0f).item() == 32.0f);
}

BOOST_AUTO_TEST_CASE(extents_in_braces_are_of_any_integral_type) {
    using shape = std::vector<sn::index_t>;
    std::vector<float> v{1, 2, 3, 4, 5, 6};
    const std::size_t n = 2, m = 3;
    const unsigned u = 2;
    const short s = 3;
    const shape wanted{2, 3};
    const sn::random::key key{1};
    BOOST_TEST((shape_of(sn::zeros<float>({n, m})) == wanted));
    BOOST_TEST((shape_of(sn::ones<float>({u, m})) == wanted));
    BOOST_TEST((shape_of(sn::full<float>({n, s}, 2.0f)) == wanted));
    BOOST_TEST((shape_of(sn::empty<float>({2, m})) == wanted));
    BOOST_TEST((shape_of(sn::borrow(v.data(), {v.size()})) == shape{6}));
    BOOST_TEST((shape_of(sn::from(v, {n, m}).reshape({v.size(), n / 2})) == shape{6, 1}));
    BOOST_TEST((shape_of(sn::broadcast_to(sn::ones<float>({m}), {n, m})) == wanted));
    BOOST_TEST((shape_of(sn::tile(sn::ones<float>({1, 1}), {n, m})) == wanted));
    BOOST_TEST((shape_of(sn::random::uniform<float>(key, {n, m})) == wanted));
    BOOST_TEST((shape_of(sn::random::normal<float>(key, {n, m})) == wanted));
    BOOST_TEST((shape_of(sn::random::integers<int>(key, 0, 5, {n, m})) == wanted));
    BOOST_TEST((shape_of(sn::random::bernoulli(key, 0.5, {n, m})) == wanted));
    check(sn::borrow(v.data(), {n, n}, {m, std::size_t{1}}), {2, 2}, {1, 2, 4, 5});
    // Of elements too.
    const sn::array<std::int32_t> both{2, 3};
    BOOST_TEST((shape_of(sn::zeros<float>({both(0), both(1)})) == wanted));
    static_assert(sn::extents{std::size_t{2}, 3}.count() == 6);
    static_assert(!std::is_constructible_v<sn::detail::braced_extent, double>);
}

BOOST_AUTO_TEST_CASE(from_without_a_shape_is_of_rank_1) {
    const std::vector<float> v{1, 2, 3};
    check(sn::from(v), {3}, {1, 2, 3});
    check(sn::from(v, {}), {3}, {1, 2, 3});
    check(sn::from(std::vector<float>{}, {}), {0}, {});
    // Where another array's shape is given, that is meant, whatever its rank.
    check(sn::from(std::vector<float>{5}, sn::full<float>({}, 1.0f).shape()), {}, {5});
}

BOOST_AUTO_TEST_CASE(strides_are_row_major) {
    const sn::array<float> a = sn::zeros<float>({2, 3, 4});
    const auto strides = a.strides();
    BOOST_TEST((std::vector<sn::index_t>(strides.begin(), strides.end()) == std::vector<sn::index_t>{12, 4, 1}));
}

BOOST_AUTO_TEST_CASE(data_is_aligned_to_a_cache_line) {
    for (const sn::index_t n : {1, 17, 1000, 100000}) {
        const sn::array<float> a = sn::ones<float>({n});
        BOOST_TEST(reinterpret_cast<std::uintptr_t>(a.data()) % 64 == 0U);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
