#include "differential/types_elementwise.hpp"

namespace {

BOOST_AUTO_TEST_SUITE(types_wide)

BOOST_AUTO_TEST_CASE(of_int32) { types::check_operations<std::int32_t>(); }
BOOST_AUTO_TEST_CASE(of_uint32) { types::check_operations<std::uint32_t>(); }
BOOST_AUTO_TEST_CASE(of_int64) { types::check_operations<std::int64_t>(); }
BOOST_AUTO_TEST_CASE(of_uint64) { types::check_operations<std::uint64_t>(); }
BOOST_AUTO_TEST_CASE(of_float) { types::check_operations<float>(); }
BOOST_AUTO_TEST_CASE(of_double) { types::check_operations<double>(); }

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
