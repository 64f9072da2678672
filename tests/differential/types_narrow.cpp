#include "differential/types_elementwise.hpp"

namespace {

BOOST_AUTO_TEST_SUITE(types_narrow)

BOOST_AUTO_TEST_CASE(of_bool) { types::check_operations<bool>(); }
BOOST_AUTO_TEST_CASE(of_int8) { types::check_operations<std::int8_t>(); }
BOOST_AUTO_TEST_CASE(of_uint8) { types::check_operations<std::uint8_t>(); }
BOOST_AUTO_TEST_CASE(of_int16) { types::check_operations<std::int16_t>(); }
BOOST_AUTO_TEST_CASE(of_uint16) { types::check_operations<std::uint16_t>(); }

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
