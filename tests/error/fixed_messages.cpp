#include <sinter/fixed.hpp>

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

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
    const char* const expected = "divide: an integer is divided by zero";
    const ints a{7, 8, 9}, b{1, 0, 2};
    ints kept{4, 5, 6};
    BOOST_TEST(message_of<sn::value_error>([&] { kept = a / b; }) == expected);
    BOOST_TEST(message_of<sn::value_error>([&] { kept = a + a % (b * 2); }) == expected);
    BOOST_TEST(message_of<sn::value_error>([&] { kept /= 0; }) == expected);
    BOOST_TEST(message_of<sn::value_error>([&] { static_cast<void>(sn::sum(sn::cast<float>(a / b)).item()); }) == expected);
    BOOST_TEST(message_of<sn::value_error>([&] { static_cast<void>((b / b)(0)); }) == expected);
    BOOST_TEST(sn::array_equal(kept, ints{4, 5, 6}));
    kept = b / a;
    BOOST_TEST(sn::array_equal(kept, ints{0, 0, 0}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
