#include "support/check.hpp"

#include <numeric>
#include <span>

namespace {

namespace sn = sinter;
using support::check;

BOOST_AUTO_TEST_SUITE(evaluation)

BOOST_AUTO_TEST_CASE(pending_until_needed) {
    const sn::array<float> a{1, 2, 3};
    BOOST_TEST(!a.is_pending());
    const sn::array<float> y = a + 1.0f;
    BOOST_TEST(y.is_pending());
    BOOST_TEST(y.rank() == 1);
    BOOST_TEST(y.size() == 3);
    BOOST_TEST(y.is_pending());
    y.eval();
    BOOST_TEST(!y.is_pending());
    check(y, {3}, {2, 3, 4});
}

BOOST_AUTO_TEST_CASE(eval_returns_the_array) {
    const sn::array<float> a{1, 2};
    sn::array<float> y = a * 2.0f;
    BOOST_TEST(&y.eval() == &y);
    const sn::array<float> z = (a + 1.0f).eval();
    BOOST_TEST(!z.is_pending());
    check(z, {2}, {2, 3});
}

BOOST_AUTO_TEST_CASE(several_at_once) {
    const sn::array<float> a{1, 2, 3};
    const sn::array<float> t = a * 2.0f;
    const sn::array<float> y = t + 1.0f;
    const sn::array<float> s = sn::sum(t);
    sn::eval(y, s, t);
    BOOST_TEST(!y.is_pending());
    BOOST_TEST(!s.is_pending());
    BOOST_TEST(!t.is_pending());
    check(t, {3}, {2, 4, 6});
    check(y, {3}, {3, 5, 7});
    check(s, {}, {12});
    sn::eval(y, y, a);
    check(y, {3}, {3, 5, 7});
}

BOOST_AUTO_TEST_CASE(different_shapes_and_types_at_once) {
    const sn::array<float> a = sn::arange<float>(6);
    const sn::array<std::int32_t> i = sn::cast<std::int32_t>(a) * 2;
    const sn::array<bool> b = a > 2.5f;
    const sn::array<float> m = a.reshape({2, 3}) + 1.0f;
    const sn::array<float> e = sn::zeros<float>({0}) + 1.0f;
    sn::eval(i, b, m, e);
    support::check_ints(i, {6}, {0, 2, 4, 6, 8, 10});
    support::check_ints(b, {6}, {0, 0, 0, 1, 1, 1});
    check(m, {2, 3}, {1, 2, 3, 4, 5, 6});
    check(e, {0}, {});
}

BOOST_AUTO_TEST_CASE(options_first) {
    const sn::array<float> y = sn::ones<float>({100}) * 3.0f;
    sn::eval({.max_bytes = std::size_t{1} << 30}, y);
    BOOST_TEST(!y.is_pending());
    check(y(sn::range(0, 2)), {2}, {3, 3});
}

BOOST_AUTO_TEST_CASE(into_the_users_memory) {
    const sn::array<float> a{1, 2, 3};
    const sn::array<float> y = a * 2.0f;
    std::vector<float> out(3, -1.0f);
    sn::eval(sn::to(out, y));
    BOOST_TEST(out == (std::vector<float>{2, 4, 6}));
    BOOST_TEST(y.is_pending());
    check(y, {3}, {2, 4, 6});
    sn::eval(sn::to(out, a + 10.0f));
    BOOST_TEST(out == (std::vector<float>{11, 12, 13}));
    sn::eval(sn::to(out, a));
    BOOST_TEST(out == (std::vector<float>{1, 2, 3}));
    check(a, {3}, {1, 2, 3});
}

BOOST_AUTO_TEST_CASE(into_memory_among_others) {
    const sn::array<float> a = sn::arange<float>(1000);
    const sn::array<float> t = a + 1.0f;
    const sn::array<float> y = t * t;
    const sn::array<float> s = sn::sum(t);
    std::vector<float> out(1000);
    std::vector<std::int32_t> whole(1000);
    sn::eval(sn::to(out, y), s, sn::to(whole, sn::cast<std::int32_t>(t)));
    BOOST_TEST(out[999] == 1000000.0f);
    BOOST_TEST(whole[999] == 1000);
    BOOST_TEST(s.item() == 500500.0f);
}

BOOST_AUTO_TEST_CASE(into_memory_of_any_alignment) {
    const sn::array<float> a = sn::arange<float>(500);
    std::vector<float> memory(520, -1.0f);
    for (std::size_t offset = 0; offset < 17; ++offset) {
        std::fill(memory.begin(), memory.end(), -1.0f);
        sn::eval(sn::to(std::span<float>(memory).subspan(offset, 500), a + 1.0f));
        for (std::size_t i = 0; i < memory.size(); ++i) {
            const bool inside = i >= offset && i < offset + 500;
            BOOST_REQUIRE_EQUAL(memory[i], inside ? static_cast<float>(i - offset + 1) : -1.0f);
        }
    }
}

BOOST_AUTO_TEST_CASE(into_memory_that_is_read) {
    std::vector<float> v(1000);
    std::iota(v.begin(), v.end(), 0.0f);
    const sn::array<float> a = sn::borrow(v.data(), {1000});
    const sn::array<float> same = a * 2.0f;
    sn::eval(sn::to(v, same));
    for (std::size_t i = 0; i < v.size(); ++i) BOOST_REQUIRE_EQUAL(v[i], 2.0f * static_cast<float>(i));
    sn::eval(sn::to(v, a(sn::range({}, {}, -1)) + 1.0f));
    for (std::size_t i = 0; i < v.size(); ++i) BOOST_REQUIRE_EQUAL(v[i], 2.0f * static_cast<float>(999 - i) + 1.0f);
}

BOOST_AUTO_TEST_CASE(into_memory_that_overlaps_by_a_shift) {
    for (const std::size_t shift : {1, 3, 16, 100}) {
        for (const bool up : {true, false}) {
            std::vector<float> v(5000);
            std::iota(v.begin(), v.end(), 0.0f);
            const std::size_t n = v.size() - shift;
            const std::size_t from = up ? 0 : shift, into = up ? shift : 0;
            const sn::array<float> a = sn::borrow(v.data() + from, {static_cast<sn::index_t>(n)});
            sn::eval(sn::to(std::span<float>(v).subspan(into, n), a + 0.5f));
            for (std::size_t i = 0; i < n; ++i) BOOST_REQUIRE_EQUAL(v[into + i], static_cast<float>(i + from) + 0.5f);
        }
    }
}

BOOST_AUTO_TEST_CASE(into_one_memory_while_another_root_reads_it) {
    std::vector<float> v(300);
    std::iota(v.begin(), v.end(), 0.0f);
    const sn::array<float> a = sn::borrow(v.data(), {300});
    const sn::array<float> total = sn::sum(a);
    const sn::array<float> doubled = a * 2.0f;
    sn::eval(sn::to(v, a + 1.0f), total, doubled);
    BOOST_TEST(total.item() == 44850.0f);
    BOOST_TEST(doubled.to_vector()[299] == 598.0f);
    BOOST_TEST(v[299] == 300.0f);
}

BOOST_AUTO_TEST_CASE(again_and_again) {
    const sn::array<float> x = sn::arange<float>(16);
    for (int i = 0; i < 1000; ++i) {
        const float f = static_cast<float>(i);
        const sn::array<float> y = x * f + 1.0f;
        BOOST_REQUIRE_EQUAL(y.data()[15], 15.0f * f + 1.0f);
    }
}

BOOST_AUTO_TEST_CASE(the_same_statement_on_other_sizes_and_layouts) {
    const auto statement = [](const auto& u, const auto& v) { return sn::array<float>(u * 3.0f - v); };
    for (const sn::index_t n : {1, 2, 5, 100, 1000, 3, 1}) {
        const sn::array<float> u = sn::arange<float>(n);
        const sn::array<float> v = sn::ones<float>({n});
        const std::vector<float> got = statement(u, v).to_vector();
        for (std::size_t i = 0; i < got.size(); ++i) BOOST_REQUIRE_EQUAL(got[i], 3.0f * static_cast<float>(i) - 1.0f);
        const sn::array<float> backwards = u(sn::range({}, {}, -1));
        BOOST_REQUIRE_EQUAL(statement(backwards, v).to_vector()[0], 3.0f * static_cast<float>(n - 1) - 1.0f);
        const sn::array<float> one = sn::full({1}, 7.0f);
        BOOST_REQUIRE_EQUAL(statement(one, v).to_vector().back(), 20.0f);
    }
}

BOOST_AUTO_TEST_CASE(threads_can_be_set) {
    const sn::array<float> x = sn::arange<float>(1 << 20);
    sn::set_threads(1);
    const float one = sn::sum(x * 0.3f).item();
    sn::set_threads(2);
    const float two = sn::sum(x * 0.3f).item();
    BOOST_TEST(one == two);
    {
        const sn::scoped_options o{.threads = 1};
        BOOST_TEST(sn::sum(x * 0.3f).item() == one);
    }
}

BOOST_AUTO_TEST_CASE(strict_does_not_contract) {
    const float x = 1.0f + 0x1p-12f;
    const float product = x * x;
    const sn::scoped_options o{.precision = sn::precision::strict};
    const sn::array<float> a{x}, b{x};
    BOOST_TEST((a * b - 1.0f).item() == product - 1.0f);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
