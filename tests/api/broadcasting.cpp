#include "support/check.hpp"

namespace {

namespace sn = sinter;
using support::check;

BOOST_AUTO_TEST_SUITE(broadcasting)

BOOST_AUTO_TEST_CASE(rows_columns_scalars) {
    const sn::array<float> m{{1, 2, 3}, {4, 5, 6}};
    const sn::array<float> row{10, 20, 30};
    const sn::array<float> column{{100}, {200}};
    check(m + row, {2, 3}, {11, 22, 33, 14, 25, 36});
    check(row + m, {2, 3}, {11, 22, 33, 14, 25, 36});
    check(m + column, {2, 3}, {101, 102, 103, 204, 205, 206});
    check(column + row, {2, 3}, {110, 120, 130, 210, 220, 230});
    check(m + row + column, {2, 3}, {111, 122, 133, 214, 225, 236});
    check(m + sn::array<float>{5}, {2, 3}, {6, 7, 8, 9, 10, 11});
    check(1.0f - m, {2, 3}, {0, -1, -2, -3, -4, -5});
}

BOOST_AUTO_TEST_CASE(higher_ranks) {
    const sn::array<float> a = sn::arange<float>(6).reshape({2, 1, 3});
    const sn::array<float> b = sn::arange<float>(4).reshape({4, 1});
    std::vector<float> expected;
    for (int i = 0; i < 2; ++i) {
        for (int j = 0; j < 4; ++j) {
            for (int k = 0; k < 3; ++k) expected.push_back(static_cast<float>(i * 3 + k - 2 * j));
        }
    }
    check(a - 2.0f * b, {2, 4, 3}, expected);
}

BOOST_AUTO_TEST_CASE(nothing_and_one) {
    const sn::array<float> none = sn::zeros<float>({0, 3});
    check(none + sn::array<float>{1, 2, 3}, {0, 3}, {});
    check(none + sn::ones<float>({1, 1}), {0, 3}, {});
    check(sn::ones<float>({1, 1, 1}) + sn::array<float>{2}, {1, 1, 1}, {3});
}

BOOST_AUTO_TEST_CASE(through_three_operands) {
    const sn::array<bool> c{{true}, {false}};
    const sn::array<float> a{1, 2, 3};
    check(sn::where(c, a, 0.0f), {2, 3}, {1, 2, 3, 0, 0, 0});
    check(sn::where(c, a, a + 10.0f), {2, 3}, {1, 2, 3, 11, 12, 13});
    check(sn::fma(a, sn::array<float>{{2}, {3}}, sn::array<float>{1}), {2, 3}, {3, 5, 7, 4, 7, 10});
}

BOOST_AUTO_TEST_CASE(of_pending_operands) {
    const sn::array<float> a{1, 2, 3};
    const sn::array<float> centred = a - sn::mean(a);
    check(centred, {3}, {-1, 0, 1});
    const sn::array<float> m{{1, 2}, {3, 4}};
    const sn::array<float> shares = m / sn::sum(m, {.axis = 1, .keepdims = true});
    check(shares, {2, 2}, {1.0f / 3.0f, 2.0f / 3.0f, 3.0f / 7.0f, 4.0f / 7.0f});
    const sn::array<float> row = a * 2.0f;
    check(row(sn::newaxis, sn::all) + row(sn::all, sn::newaxis), {3, 3}, {4, 6, 8, 6, 8, 10, 8, 10, 12});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
