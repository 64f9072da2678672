#include "support/check.hpp"

#include <sinter/fixed.hpp>

namespace {

namespace sn = sinter;
using sn::all;
using sn::range;
using support::check;

BOOST_AUTO_TEST_SUITE(writing_through_views)

BOOST_AUTO_TEST_CASE(numbers_arrays_expressions) {
    sn::array<float> x = sn::zeros<float>({6});
    x(range(1, 3)) = 5.0f;
    check(x, {6}, {0, 5, 5, 0, 0, 0});
    x(range(3, {})) = sn::array<float>{1, 2, 3};
    check(x, {6}, {0, 5, 5, 1, 2, 3});
    x(range(0, 2)) = x(range(4, 6)) * 10.0f;
    check(x, {6}, {20, 30, 5, 1, 2, 3});
    x(all) = 1.0f;
    check(x, {6}, {1, 1, 1, 1, 1, 1});
}

BOOST_AUTO_TEST_CASE(steps_and_reversed) {
    sn::array<float> x = sn::arange<float>(8);
    x(range({}, {}, 2)) = -1.0f;
    check(x, {8}, {-1, 1, -1, 3, -1, 5, -1, 7});
    x(range({}, {}, -2)) = sn::array<float>{10, 20, 30, 40};
    check(x, {8}, {-1, 40, -1, 30, -1, 20, -1, 10});
}

BOOST_AUTO_TEST_CASE(only_the_array_itself_changes) {
    sn::array<float> x{1, 2, 3, 4};
    const sn::array<float> copy = x;
    const sn::array<float> slice = x(range(1, 3));
    const sn::array<float> pending = x + 0.5f;
    x(range(0, 4)) = 0.0f;
    check(x, {4}, {0, 0, 0, 0});
    check(copy, {4}, {1, 2, 3, 4});
    check(slice, {2}, {2, 3});
    check(pending, {4}, {1.5f, 2.5f, 3.5f, 4.5f});
}

BOOST_AUTO_TEST_CASE(right_sides_broadcast) {
    sn::array<float> m = sn::zeros<float>({3, 4});
    m(range(0, 2), range(1, 3)) = sn::array<float>{1, 2};
    check(m, {3, 4}, {0, 1, 2, 0, 0, 1, 2, 0, 0, 0, 0, 0});
    m(all, range(0, 1)) = sn::array<float>{{7}, {8}, {9}};
    check(m, {3, 4}, {7, 1, 2, 0, 8, 1, 2, 0, 9, 0, 0, 0});
    m(2) = 5.0f;
    check(m(2), {4}, {5, 5, 5, 5});
    m(all, 3) = sn::array<float>{-1, -2, -3};
    check(m(all, 3), {3}, {-1, -2, -3});
}

BOOST_AUTO_TEST_CASE(values_in_braces) {
    sn::array<float> m = sn::zeros<float>({2, 3}), x{1, 2, 3, 4};
    m(0) = {1, 2, 3};
    m(1, range(0, 2)) = {4.0, 5};
    check(m, {2, 3}, {1, 2, 3, 4, 5, 0});
    m(all, range(1, {})) = {{6, 7}, {8, 9}};
    check(m, {2, 3}, {1, 6, 7, 4, 8, 9});
    m(all) = {{-1}, {-2}};
    check(m, {2, 3}, {-1, -1, -1, -2, -2, -2});
    x(x > 2.0f) = {7, 8};
    check(x, {4}, {1, 2, 7, 8});
    x(range(1, 3)) = {5};
    x(-1) = {x(0)};
    check(x, {4}, {1, 5, 5, 1});
    BOOST_CHECK_THROW((m(0) = {1, 2}), sn::shape_error);
    BOOST_CHECK_THROW((x(x > 2.0f) = {1, 2, 3}), sn::shape_error);
    BOOST_CHECK_THROW((m(0) = {}), sn::shape_error);
    sn::array<float, 2, 2> fixed{{1, 2}, {3, 4}};
    fixed(0) = {5, 6};
    fixed(fixed < 5.0f) = {7, 8};
    check(sn::array<float>(fixed), {2, 2}, {5, 6, 7, 8});
}

BOOST_AUTO_TEST_CASE(axes_of_one_in_front_of_right_sides) {
    sn::array<float> m = sn::zeros<float>({2, 3});
    m(0) = sn::array<float>{{{1, 2, 3}}};
    m(1, range(0, 2)) = sn::array<float>{{4, 5}} * 2.0f;
    check(m, {2, 3}, {1, 2, 3, 8, 10, 0});
    std::vector<float> memory(3);
    sn::array<float> b = sn::borrow(memory.data(), {3});
    b(all) = m(range(0, 1));
    BOOST_TEST(memory == (std::vector<float>{1, 2, 3}));
    BOOST_CHECK_THROW(m(0) = sn::array<float>({{1}, {2}}), sn::shape_error);
}

BOOST_AUTO_TEST_CASE(aliasing_updates_read_the_old_values) {
    sn::array<float> x = sn::arange<float>(6);
    x(range(1, {})) = x(range(0, -1));
    check(x, {6}, {0, 0, 1, 2, 3, 4});
    x(range(0, -1)) = x(range(1, {})) + x(range(0, -1));
    check(x, {6}, {0, 1, 3, 5, 7, 4});
    x(all) = x(range({}, {}, -1));
    check(x, {6}, {4, 7, 5, 3, 1, 0});
    sn::array<float> m{{1, 2}, {3, 4}};
    m(all, all) = m.transpose();
    check(m, {2, 2}, {1, 3, 2, 4});
}

BOOST_AUTO_TEST_CASE(a_jacobi_step_in_place) {
    const std::size_t n = 12;
    std::vector<float> v(n * n);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i * 7 % 23);
    sn::array<float> u = sn::from(v, {12, 12});
    u(range(1, -1), range(1, -1)) =
        0.25f * (u(range(0, -2), range(1, -1)) + u(range(2, {}), range(1, -1)) + u(range(1, -1), range(0, -2)) + u(range(1, -1), range(2, {})));
    std::vector<float> expected = v;
    for (std::size_t i = 1; i + 1 < n; ++i) {
        for (std::size_t j = 1; j + 1 < n; ++j) {
            expected[i * n + j] = 0.25f * (v[(i - 1) * n + j] + v[(i + 1) * n + j] + v[i * n + j - 1] + v[i * n + j + 1]);
        }
    }
    check(u, {12, 12}, expected);
}

BOOST_AUTO_TEST_CASE(many_writes_in_a_row) {
    sn::array<float> x = sn::zeros<float>({100});
    std::vector<float> expected(100, 0.0f);
    for (int i = 0; i < 100; ++i) {
        x(range(i, i + 1)) = static_cast<float>(i * i);
        expected[static_cast<std::size_t>(i)] = static_cast<float>(i * i);
    }
    check(x, {100}, expected);
}

BOOST_AUTO_TEST_CASE(writes_of_pending_values_fuse_right) {
    sn::array<float> x = sn::arange<float>(5);
    const sn::array<float> y = x * 2.0f;
    x(range(0, 2)) = y(range(3, 5));
    const sn::array<float> z = x + y;
    x(range(2, 3)) = z(range(0, 1));
    check(z, {5}, {6, 10, 6, 9, 12});
    check(x, {5}, {6, 8, 6, 3, 4});
    check(y, {5}, {0, 2, 4, 6, 8});
}

BOOST_AUTO_TEST_CASE(elements_by_at) {
    sn::array<float> m = sn::zeros<float>({2, 3});
    m.at(0, 0) = 1;
    m.at(-1, -1) = 2;
    m.at(1, 0) += 3;
    check(m, {2, 3}, {1, 0, 0, 3, 0, 2});
}

BOOST_AUTO_TEST_CASE(one_element_by_a_view) {
    sn::array<float> x{1, 2, 3};
    x(1) = 20.0f;
    check(x, {3}, {1, 20, 3});
    x(-1) = 30.0f;
    check(x, {3}, {1, 20, 30});
}

BOOST_AUTO_TEST_CASE(compound_assignment_to_views) {
    sn::array<float> x{1, 2, 3, 4};
    x(range(1, 3)) += 10.0f;
    check(x, {4}, {1, 12, 13, 4});
    x(range(0, 2)) *= sn::array<float>{2, 3};
    check(x, {4}, {2, 36, 13, 4});
}

BOOST_AUTO_TEST_CASE(other_types) {
    sn::array<std::uint8_t> p = sn::zeros<std::uint8_t>({2, 2});
    p(0) = sn::cast<std::uint8_t>(sn::array<float>{3.9f, 250});
    support::check_ints(p, {2, 2}, {3, 250, 0, 0});
    sn::array<std::int32_t> i{1, 2, 3};
    i(range(0, 2)) = i(range(1, 3)) * 2;
    support::check_ints(i, {3}, {4, 6, 3});
    sn::array<bool> b{true, true, true};
    b(range(1, 2)) = false;
    support::check_ints(b, {3}, {1, 0, 1});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
