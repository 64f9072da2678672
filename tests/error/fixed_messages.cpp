#include <sinter/fixed.hpp>

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <tuple>

// The messages of arrays of static shape; see messages.cpp.

namespace {

namespace sn = sinter;

template <class E, class Program>
std::string message_of(Program program) {
    try {
        program();
    } catch (const E& e) {
        return e.what();
    }
    return "nothing";
}

BOOST_AUTO_TEST_SUITE(fixed_messages)

BOOST_AUTO_TEST_CASE(shapes) {
    using square = sn::array<float, 2, 2>;
    BOOST_TEST(message_of<sn::shape_error>([] { const square a{1, 2, 3}; }) ==
               "array: values of shape (3) in braces, for an array of shape (2, 2)");
    BOOST_TEST(message_of<sn::shape_error>([] { const square a(sn::array<float>{1, 2, 3}); }) ==
               "array: a value of shape (3) for an array of shape (2, 2)");
}

BOOST_AUTO_TEST_CASE(indices) {
    sn::array<float, 3> a{1, 2, 3};
    BOOST_TEST(message_of<sn::index_error>([&] { static_cast<void>(a(5)); }) == "element: index 5 is out of range on axis 0 of extent 3");
    BOOST_TEST(message_of<sn::index_error>([&] { static_cast<void>(a.extent(1)); }) == "extent: axis 1 is out of range for an array of rank 1");
}

BOOST_AUTO_TEST_CASE(divisors) {
    using ints = sn::array<std::int32_t, 3>;
    const std::string by_zero = ": an integer is divided by zero, in shape (3)", divide = "divide" + by_zero, modulo = "modulo" + by_zero;
    const ints a{7, 8, 9}, b{1, 0, 2};
    ints kept{4, 5, 6};
    BOOST_TEST(message_of<sn::value_error>([&] { kept = a / b; }) == divide);
    BOOST_TEST(message_of<sn::value_error>([&] { kept = a + a % (b * 2); }) == modulo);
    BOOST_TEST(message_of<sn::value_error>([&] { kept /= 0; }) == "divide: an integer is divided by zero, in shape ()");
    BOOST_TEST(message_of<sn::value_error>([&] { static_cast<void>(sn::sum(sn::cast<float>(a / b)).item()); }) == divide);
    BOOST_TEST(message_of<sn::value_error>([&] { static_cast<void>((b / b)(0)); }) == divide);
    // In functions, with and without captures, with one result and with several, of elements and of other expressions.
    const auto quotient = sn::fn([](auto u, auto v) { return u / v; });
    const std::int32_t k = 1;
    const auto rests = sn::fn([k](auto u, auto v) { return std::tuple{u + v, u % (v - v * k)}; });
    BOOST_TEST(message_of<sn::value_error>([&] { kept = quotient(a, b); }) == divide);
    BOOST_TEST(message_of<sn::value_error>([&] { kept = a + quotient(a, b - 1) * 2; }) == divide);
    BOOST_TEST(message_of<sn::value_error>([&] { kept = quotient(9, b); }) == divide);
    BOOST_TEST(message_of<sn::value_error>([&] { static_cast<void>(rests(a, b)); }) == modulo);
    BOOST_TEST(message_of<sn::value_error>([&] { static_cast<void>(sn::fn([](auto u) { return std::tuple{u, u}; })(a / b)); }) == divide);
    BOOST_TEST(message_of<sn::value_error>([&] { kept = sn::fn([](auto u) { return sn::cast<std::int32_t>(u) / sn::cast<std::int32_t>(u); })(sn::array<float, 3>{1, 2, 0.5f}); }) == divide);
    BOOST_TEST(sn::array_equal(kept, ints{4, 5, 6}));
    kept = quotient(b, a) + b / a;
    BOOST_TEST(sn::array_equal(kept, ints{0, 0, 0}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
