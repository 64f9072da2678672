#include "support/check.hpp"

#include <memory>
#include <vector>

// Views of the same elements that were made apart are one operand; views of others are not, however alike the statements are.

namespace {

namespace sn = sinter;
using sn::all;
using support::check;

[[nodiscard]] sn::array<float> table() {
    sn::array<float> m = sn::arange<float>(3000).reshape({1000, 3}) + 1.0f;
    m.eval();
    return m;
}

BOOST_AUTO_TEST_SUITE(equal_views)

BOOST_AUTO_TEST_CASE(are_one_input) {
    const sn::array<float> m = table();
    const sn::array<float> y = m(all, 0) * 2.0f + m(all, 0) + m(all, 1);
    const sn::plan_report r = sn::explain(y);
    BOOST_REQUIRE_EQUAL(r.kernels.size(), 1U);
    BOOST_TEST(r.kernels[0].inputs == 2);
    BOOST_TEST(y.at(999) == 3 * 2998.0f + 2999.0f);
    // Computed once, as what is made of them is the same.
    const sn::array<float> a = sn::sqrt(m(all, 2)), b = sn::sqrt(m(all, 2));
    const sn::plan_report both = sn::explain(a * b);
    BOOST_REQUIRE_EQUAL(both.kernels.size(), 1U);
    BOOST_TEST(std::count(both.kernels[0].ops.begin(), both.kernels[0].ops.end(), "sqrt") == 1);
}

BOOST_AUTO_TEST_CASE(of_memory_borrowed_twice_too) {
    std::vector<float> v(1000, 2.0f);
    const sn::array<float> a = sn::borrow(v.data(), {1000}), b = sn::borrow(v.data(), {1000});
    BOOST_TEST(sn::explain(a * b).kernels[0].inputs == 1);
    BOOST_TEST((a * b).eval().at(7) == 4.0f);
    // What keeps one alive does not keep the other.
    const auto owned = std::make_shared<std::vector<float>>(1000, 3.0f);
    const sn::array<float> c = sn::borrow(owned->data(), {1000}, {}, owned), d = sn::borrow(owned->data(), {1000});
    BOOST_TEST(sn::explain(c * d).kernels[0].inputs == 2);
    BOOST_TEST((c * d).eval().at(7) == 9.0f);
}

BOOST_AUTO_TEST_CASE(a_statement_that_met_equal_ones_meets_others) {
    const sn::array<float> x = sn::arange<float>(100).eval(), y = (x + 1000.0f).eval();
    const auto product = [](const sn::array<float>& a, const sn::array<float>& b) { return sn::array<float>(a * b + a).eval(); };
    const auto view = [](const sn::array<float>& a) { return a(sn::range(0, 50)); };
    for (int turn = 0; turn < 6; ++turn) {
        // Through a hint, a recipe or a signature, in every order.
        BOOST_TEST(product(view(x), view(x)).at(9) == 90.0f);
        BOOST_TEST(product(view(x), view(y)).at(9) == 9.0f * 1009.0f + 9.0f);
        BOOST_TEST(product(view(y), view(x)).at(9) == 9.0f * 1009.0f + 1009.0f);
        BOOST_TEST(product(view(y), view(y)).at(9) == 1009.0f * 1009.0f + 1009.0f);
    }
    const auto sums = [](const sn::array<float>& a, const sn::array<float>& b) {
        const sn::array<float> p = sn::sum(a * 2.0f), q = sn::sum(b) + p;
        sn::eval(p, q);
        return q.item();
    };
    for (int turn = 0; turn < 6; ++turn) {
        BOOST_TEST(sums(view(x), view(x)) == 3 * 1225.0f);
        BOOST_TEST(sums(view(x), view(y)) == 2 * 1225.0f + 51225.0f);
        BOOST_TEST(sums(view(y), view(y)) == 3 * 51225.0f);
    }
}

BOOST_AUTO_TEST_CASE(results_stand_for_themselves) {
    const sn::array<float> x = sn::arange<float>(100).eval();
    std::vector<float> first(50), second(50);
    // Both are memory already, and each is wanted in a place of its own.
    const sn::array<float> a = x(sn::range(0, 50)), b = x(sn::range(0, 50));
    sn::eval(sn::to(first, a), sn::to(second, b));
    BOOST_TEST(first[49] == 49.0f);
    BOOST_TEST(second[49] == 49.0f);
}

BOOST_AUTO_TEST_CASE(writing_leaves_the_other_as_it_was) {
    sn::array<float> x = sn::arange<float>(100).eval();
    const sn::array<float> before = x(all), again = x(all);
    x = before * again;
    check(before(sn::range(2, 4)), {2}, {2, 3});
    check(x(sn::range(2, 4)), {2}, {4, 9});
    x(sn::range(0, 50)) = x(sn::range(50, 100)) + x(sn::range(50, 100));
    check(x(sn::range(0, 2)), {2}, {5000, 5202});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
