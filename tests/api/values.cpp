#include "support/check.hpp"

#include <sinter/fixed.hpp>

#include <utility>

namespace {

namespace sn = sinter;
using support::check;

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE(copies_share_until_written) {
    sn::array<float> a{1, 2, 3};
    const sn::array<float> b = a;
    BOOST_TEST(a.data() == b.data());
    a.at(0) = 9;
    check(a, {3}, {9, 2, 3});
    check(b, {3}, {1, 2, 3});
    BOOST_TEST(a.data() != b.data());
}

BOOST_AUTO_TEST_CASE(a_sole_owner_writes_in_place) {
    sn::array<float> a{1, 2, 3};
    const float* const before = a.data();
    a.at(1) = 7;
    BOOST_TEST(a.data() == before);
    check(a, {3}, {1, 7, 3});
}

BOOST_AUTO_TEST_CASE(every_way_of_writing_leaves_the_copy) {
    const auto unchanged = [](auto&& write) {
        sn::array<float> a{1, 2, 3};
        const sn::array<float> b = a;
        write(a);
        check(b, {3}, {1, 2, 3});
    };
    unchanged([](auto& a) { a.at(2) = 0; });
    unchanged([](auto& a) { a.mutable_data()[1] = 0; });
    unchanged([](auto& a) { a(sn::range(0, 2)) = 5.0f; });
    unchanged([](auto& a) { a += 1.0f; });
    unchanged([](auto& a) { a = a * 2.0f; });
    unchanged([](auto& a) { a = {}; });
}

BOOST_AUTO_TEST_CASE(a_pending_value_keeps_what_it_read) {
    sn::array<float> a{1, 2, 3};
    const sn::array<float> y = a * 10.0f;
    a.at(0) = 100;
    a(sn::range(1, {})) = 0.0f;
    a += 1.0f;
    check(y, {3}, {10, 20, 30});
    check(a, {3}, {101, 1, 1});
}

BOOST_AUTO_TEST_CASE(writing_to_a_pending_array) {
    const sn::array<float> a{1, 2, 3};
    sn::array<float> y = a + 1.0f;
    const sn::array<float> z = y * 2.0f;
    y.at(1) = 50;
    check(y, {3}, {2, 50, 4});
    check(z, {3}, {4, 6, 8});
}

BOOST_AUTO_TEST_CASE(mutable_data_is_private) {
    sn::array<float> a{1, 2, 3};
    const sn::array<float> b = a;
    float* const p = a.mutable_data();
    p[0] = 4;
    BOOST_TEST(p == a.data());
    check(a, {3}, {4, 2, 3});
    check(b, {3}, {1, 2, 3});
}

BOOST_AUTO_TEST_CASE(compound_assignment) {
    sn::array<float> a{8, 4, 2};
    const sn::array<float> b{2, 2, 2};
    a += b;
    check(a, {3}, {10, 6, 4});
    a -= 2.0f;
    check(a, {3}, {8, 4, 2});
    a *= b;
    check(a, {3}, {16, 8, 4});
    a /= 4.0f;
    check(a, {3}, {4, 2, 1});
    a += a;
    check(a, {3}, {8, 4, 2});
}

BOOST_AUTO_TEST_CASE(compound_assignment_broadcasts_the_right_side) {
    sn::array<float> m{{1, 2}, {3, 4}};
    const sn::array<float> row{10, 20};
    m += row;
    check(m, {2, 2}, {11, 22, 13, 24});
}

BOOST_AUTO_TEST_CASE(assignment_rebinds) {
    sn::array<float> a{1, 2, 3};
    const sn::array<float> old = a;
    a = old + 1.0f;
    check(a, {3}, {2, 3, 4});
    a = sn::zeros<float>({2, 2});
    check(a, {2, 2}, {0, 0, 0, 0});
    check(old, {3}, {1, 2, 3});
}

BOOST_AUTO_TEST_CASE(self_assignment_and_moves) {
    sn::array<float> a{1, 2, 3};
    auto& alias = a;
    a = alias;
    check(a, {3}, {1, 2, 3});
    sn::array<float> b = std::move(a);
    check(b, {3}, {1, 2, 3});
    a = {4, 5};
    check(a, {2}, {4, 5});
    std::swap(a, b);
    check(a, {3}, {1, 2, 3});
    check(b, {2}, {4, 5});
}

BOOST_AUTO_TEST_CASE(a_loop_of_updates) {
    sn::array<float> x = sn::zeros<float>({1000});
    for (int i = 0; i < 500; ++i) x = x * 0.5f + 1.0f;
    float expected = 0;
    for (int i = 0; i < 500; ++i) expected = expected * 0.5f + 1.0f;
    BOOST_TEST(x(sn::range(999, {})).item() == expected);
}

BOOST_AUTO_TEST_CASE(a_very_long_chain_of_statements) {
    sn::array<float> x = sn::zeros<float>({3});
    for (int i = 0; i < 20000; ++i) x = x + 1.0f;
    check(x, {3}, {20000, 20000, 20000});
    sn::array<float> dropped = sn::zeros<float>({3});
    for (int i = 0; i < 100000; ++i) dropped = dropped + 1.0f;
    BOOST_TEST(dropped.is_pending());
}

BOOST_AUTO_TEST_CASE(an_expression_outlives_what_it_reads) {
    const auto make = [] {
        const sn::array<float> a{1, 2, 3};
        const sn::array<float> b = sn::full({3}, 10.0f);
        return a * b + 1.0f;
    };
    const auto e = make();
    check(e, {3}, {11, 21, 31});
    const auto twice = e + e;
    check(twice, {3}, {22, 42, 62});
    const auto view = [] { return sn::array<float>{1, 2, 3, 4}(sn::range(1, 3)) * 2.0f; }();
    check(view, {2}, {4, 6});
}

BOOST_AUTO_TEST_CASE(an_expression_is_not_moved_by_later_writes) {
    sn::array<float> a{1, 2, 3};
    const auto e = a + 1.0f;
    a = {7, 7, 7};
    check(e, {3}, {2, 3, 4});
    sn::array<float> b{1, 2, 3};
    const auto f = b + 1.0f;
    b.at(0) = 70;
    check(f, {3}, {2, 3, 4});
}

/// Arrays of which some extents are known take what other arrays take.
BOOST_AUTO_TEST_CASE(partly_static_arrays) {
    const sn::array<float> m{{-1, 2, -3}, {4, 5, 6}}, x{1, 2, 3};
    sn::array<float, sn::dyn, 3> y{{1, 2, 3}};
    y = y + 1.0f;
    check(y, {1, 3}, {2, 3, 4});
    y = abs(m);
    check(y, {2, 3}, {1, 2, 3, 4, 5, 6});
    y = m(sn::range(0, 1));
    check(y, {1, 3}, {-1, 2, -3});
    y = m;
    y = m(sn::array<bool>{false, true});
    check(y, {1, 3}, {4, 5, 6});
    y = {{1, 2, 3}, {4, 5, 6}};
    y += 1.0f;
    check(y, {2, 3}, {2, 3, 4, 5, 6, 7});
    BOOST_CHECK_THROW((y = x), sn::shape_error);
    BOOST_CHECK_THROW((y = {{1, 2}}), sn::shape_error);
    check(y, {2, 3}, {2, 3, 4, 5, 6, 7});
    y = {};
    check(y, {0, 3}, {});

    const sn::array<float, 2, 2> fixed{{1, 2}, {3, 4}};
    sn::array<float, sn::dyn, 2> f = fixed;
    check(f, {2, 2}, {1, 2, 3, 4});
    f = fixed;
    f = (m * 2.0f)(sn::all, sn::range(0, 2));
    check(f, {2, 2}, {-2, 4, 8, 10});
    sn::array<float, sn::dyn> w = x(x > 2.0f);
    check(w, {1}, {3});
    w = x(x > 1.0f);
    check(w, {2}, {2, 3});
    w = m(1);
    w = (m * 2.0f)(1);
    check(w, {3}, {8, 10, 12});
}

/// The compiler knows that x(i) is a row, also where nothing but numbers are around it.
BOOST_AUTO_TEST_CASE(rows_of_partly_static_arrays) {
    sn::array<float, sn::dyn, 3> m{{1, 2, 3}, {4, 5, 6}};
    static_assert(std::same_as<decltype(m(0)), sn::slice<float>>);
    check(m(0) * 2.0f, {3}, {2, 4, 6});
    check(1.0f - m(-1), {3}, {-3, -4, -5});
    check(m(0) + m(1), {3}, {5, 7, 9});
    check(sn::maximum(std::as_const(m)(1), 5.0f), {3}, {5, 5, 6});
    BOOST_TEST(m(1)(2) == 6.0f);
    m(0) = m(1);
    m(-1) *= 10.0f;
    check(m, {2, 3}, {4, 5, 6, 40, 50, 60});
    sn::array<float, sn::dyn> v{1, 2};
    const float sum = v(0) + v(1) * 2.0f;
    BOOST_TEST(sum == 5.0f);
}

BOOST_AUTO_TEST_CASE(partly_static_arrays_keep_their_rank) {
    sn::array<float, sn::dyn, 2> f{{1, 2}, {3, 4}};
    const float* const memory = f.data();
    sn::array<float, sn::dyn, 2> g = std::move(f);
    BOOST_TEST(g.data() == memory);
    check(f, {0, 2}, {});
    f = {{5, 6}};
    check(f, {1, 2}, {5, 6});
    f = std::move(g);
    BOOST_TEST(f.data() == memory);
    check(g, {0, 2}, {});
    const sn::array<float> whole = std::move(f);
    BOOST_TEST(whole.data() == memory);
    check(f, {0, 2}, {});
    check(g + 1.0f, {0, 2}, {});
}

BOOST_AUTO_TEST_CASE(elements_in_braces) {
    const sn::array<float> x{1, 2, 3}, m{{1, 2}, {3, 4}};
    sn::array<float> b{x(0), x(1)};
    check(b, {2}, {1, 2});
    check(sn::array<float>{x(0), 7, (x * 2.0f)(2)}, {3}, {1, 7, 6});
    check(sn::array<float>{{x(0), x(1)}, {x(2), x(0)}}, {2, 2}, {1, 2, 3, 1});
    check(sn::array<double>{x(0), x(2)}, {2}, {1, 3});
    check(sn::array<float>{(x * 2.0f)(0), (x * 2.0f)(1)}, {2}, {2, 4});
    check(sn::array<float>{x(1)}, {1}, {2});
    check(sn::array<float>{m(1)}, {2}, {3, 4});
    b = {x(2), x(0)};
    check(b, {2}, {3, 1});
    check((sn::array<float, 2>{x(0), x(1)}), {2}, {1, 2});
}

BOOST_AUTO_TEST_CASE(elements_of_other_types) {
    sn::array<float> x{1, 2, 3};
    sn::array<int> i{7, 8};
    x(0) = i(0);
    x(1) = i(0) + 1;
    x(2) = (i * 2)(1);
    check(x, {3}, {7, 8, 16});
    x(x > 10.0f) = i(1);
    check(x, {3}, {7, 8, 8});
    i(0) = (i * 3)(1);
    support::check_ints(i, {2}, {24, 8});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
