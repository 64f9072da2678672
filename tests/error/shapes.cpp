#include "support/check.hpp"

#include <span>

// Misuse of shapes: what is thrown, and that the message names the operation and the shapes.

namespace {

namespace sn = sinter;
using sn::shape_error;
using support::check;
using support::check_throws;

BOOST_AUTO_TEST_SUITE(shapes)

BOOST_AUTO_TEST_CASE(ragged_braces) {
    check_throws<shape_error>([] { const sn::array<float> a{{1, 2}, {3}}; }, {"ragged"});
    check_throws<shape_error>([] { const sn::array<float> a{{1, 2}, {3, 4, 5}}; }, {"ragged"});
    check_throws<shape_error>([] { const sn::array<float> a{1, {2, 3}}; }, {"ragged"});
    check_throws<shape_error>([] { const sn::array<float> a{{1, 2}, 3}; }, {"ragged"});
    check_throws<shape_error>([] { const sn::array<float> a{{{1}, {2}}, {{3}, 4}}; }, {"ragged"});
}

BOOST_AUTO_TEST_CASE(operands_that_do_not_broadcast) {
    const sn::array<float> m = sn::ones<float>({2, 3});
    const sn::array<float> a = sn::ones<float>({4});
    check_throws<shape_error>([&] { const sn::array<float> y = m + a; }, {"add", "(2, 3)", "(4"});
    check_throws<shape_error>([&] { const sn::array<float> y = m * a; }, {"multiply", "(2, 3)", "(4"});
    check_throws<shape_error>([&] { const sn::array<bool> y = m < a; }, {"less", "(2, 3)", "(4"});
    check_throws<shape_error>([&] { const sn::array<float> y = sn::minimum(m, a); }, {"minimum", "(2, 3)", "(4"});
    check_throws<shape_error>([&] { const sn::array<float> y = sn::where(m > 0.0f, a, 0.0f); }, {"where", "(2, 3)", "(4"});
    check_throws<shape_error>([&] { const sn::array<float> y = sn::fma(m, m, a); }, {"(2, 3)", "(4"});
    check_throws<shape_error>([&] { const sn::array<float> y = m + sn::ones<float>({3, 2}); }, {"(2, 3)", "(3, 2)"});
    check_throws<shape_error>([&] { const sn::array<float> y = m + sn::zeros<float>({0}); }, {"(2, 3)", "(0"});
}

BOOST_AUTO_TEST_CASE(deep_in_a_statement) {
    const sn::array<float> m = sn::ones<float>({2, 3});
    const sn::array<float> column = sn::ones<float>({2, 1});
    const sn::array<float> row = sn::ones<float>({1, 3});
    const sn::array<float> a = sn::ones<float>({5});
    check_throws<shape_error>([&] { const sn::array<float> y = (column + row) * a; }, {"(5"});
    check_throws<shape_error>([&] { const sn::array<float> y = a - 2.0f * (column + row); }, {"(5"});
    check_throws<shape_error>([&] { static_cast<void>(sn::sum((column + row) * a).item()); }, {"(5"});
}

BOOST_AUTO_TEST_CASE(arguments_of_functions) {
    const auto f = sn::fn([](auto u, auto v) { return u * v; });
    check_throws<shape_error>([&] { const sn::array<float> y = f(sn::ones<float>({2, 3}), sn::ones<float>({4})); }, {"(2, 3)", "(4"});
}

BOOST_AUTO_TEST_CASE(compound_assignment) {
    sn::array<float> a{1, 2, 3};
    check_throws<shape_error>([&] { a += sn::ones<float>({4}); }, {"add", "(3", "(4"});
    check(a, {3}, {1, 2, 3});
}

BOOST_AUTO_TEST_CASE(assignment_to_a_view) {
    sn::array<float> m = sn::zeros<float>({3, 4});
    check_throws<shape_error>([&] { m(sn::range(0, 2)) = sn::ones<float>({3, 4}); }, {"(3, 4)", "(2, 4)"});
    check_throws<shape_error>([&] { m(sn::all, 0) = sn::ones<float>({4}); }, {"(4", "(3"});
    check_throws<shape_error>([&] { m(0) = sn::ones<float>({1, 1, 4, 2}); }, {"(1, 1, 4, 2)"});
    check(m, {3, 4}, std::vector<float>(12, 0.0f));
}

BOOST_AUTO_TEST_CASE(reshapes) {
    const sn::array<float> a = sn::arange<float>(12);
    check_throws<shape_error>([&] { static_cast<void>(a.reshape({5, 2})); }, {"reshape", "(12", "(5, 2)"});
    check_throws<shape_error>([&] { static_cast<void>(a.reshape({5, -1})); }, {"reshape", "(12", "(5, -1)"});
    check_throws<shape_error>([&] { static_cast<void>(a.reshape({-1, -1})); }, {"reshape"});
    check_throws<shape_error>([&] { static_cast<void>(a.reshape({-2, 6})); }, {"reshape"});
    check_throws<shape_error>([&] { static_cast<void>(a.reshape({0, -1})); }, {"reshape"});
}

BOOST_AUTO_TEST_CASE(transposes) {
    const sn::array<float> m = sn::ones<float>({2, 3});
    check_throws<sn::error>([&] { static_cast<void>(m.transpose({0})); }, {"transpose", "(2, 3)"});
    check_throws<sn::error>([&] { static_cast<void>(m.transpose({0, 0})); }, {"transpose", "0"});
    check_throws<sn::index_error>([&] { static_cast<void>(m.transpose({0, 2})); }, {"transpose", "2", "(2, 3)"});
}

BOOST_AUTO_TEST_CASE(factories) {
    const std::vector<float> v{1, 2, 3};
    check_throws<shape_error>([&] { static_cast<void>(sn::from(v, {2, 2})); }, {"from", "3", "4"});
    check_throws<shape_error>([] { static_cast<void>(sn::zeros<float>({-1}).eval()); }, {"-1"});
    check_throws<shape_error>([] { static_cast<void>(sn::empty<float>({2, -3})); }, {"-3"});
    check_throws<shape_error>([] { static_cast<void>(sn::ones<float>({1, 1, 1, 1, 1, 1, 1, 1, 1})); }, {"8"});
    check_throws<sn::value_error>([] { static_cast<void>(sn::arange<float>(0, 1, 0)); }, {"arange", "step"});
    check_throws<sn::value_error>([] { static_cast<void>(sn::linspace<float>(0, 1, -2)); }, {"linspace"});
    float one = 0;
    check_throws<sn::error>([&] { static_cast<void>(sn::borrow(&one, {1, 1}, {1})); }, {"borrow"});
    check_throws<sn::error>([] { static_cast<void>(sn::borrow(static_cast<float*>(nullptr), {3})); }, {"borrow"});
}

BOOST_AUTO_TEST_CASE(ranks_past_eight) {
    const sn::array<float> a = sn::ones<float>({1, 1, 1, 1, 1, 1, 1, 1});
    check_throws<shape_error>([&] { static_cast<void>(a(sn::newaxis, sn::ellipsis).eval()); }, {"8"});
}

BOOST_AUTO_TEST_CASE(targets_and_copies) {
    const sn::array<float> a{1, 2, 3};
    std::vector<float> out(4, -1.0f);
    check_throws<shape_error>([&] { sn::eval(sn::to(out, a + 1.0f)); }, {"4", "3"});
    check_throws<shape_error>([&] { a.copy_to(out); }, {"copy_to", "4", "3"});
    BOOST_TEST(out == std::vector<float>(4, -1.0f));
}

BOOST_AUTO_TEST_CASE(item_of_many) {
    check_throws<shape_error>([] { static_cast<void>(sn::ones<float>({2, 3}).item()); }, {"item", "(2, 3)"});
    check_throws<shape_error>([] { static_cast<void>(sn::array<float>{}.item()); }, {"item", "(0"});
}

BOOST_AUTO_TEST_CASE(a_failed_statement_leaves_everything) {
    sn::array<float> x{1, 2, 3};
    const sn::array<float> pending = x * 2.0f;
    sn::array<float> y{7};
    check_throws<shape_error>([&] { y = x + sn::ones<float>({2}); }, {"add"});
    check(y, {1}, {7});
    check(pending, {3}, {2, 4, 6});
    check(x, {3}, {1, 2, 3});
}

BOOST_AUTO_TEST_CASE(memory_that_cannot_be_had) {
    check_throws<sn::memory_error>([] { static_cast<void>(sn::empty<float>({sn::index_t{1} << 50})); }, {});
    const sn::array<float> x = sn::ones<float>({1000, 1000});
    const sn::array<float> y = x + 1.0f;
    check_throws<sn::memory_error>([&] { sn::eval({.max_bytes = 1000}, y); }, {});
    BOOST_TEST(y.is_pending());
    BOOST_TEST(sn::sum(y).item() == 2e6f);
}

BOOST_AUTO_TEST_CASE(more_elements_than_can_be_counted) {
    check_throws<sn::error>([] { static_cast<void>(sn::empty<float>({sn::index_t{1} << 40, sn::index_t{1} << 40})); }, {});
    check_throws<sn::error>([] { static_cast<void>(sn::zeros<float>({sn::index_t{1} << 62, 2}).eval()); }, {});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
