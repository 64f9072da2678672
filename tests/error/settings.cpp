#include "support/check.hpp"

namespace {

namespace sn = sinter;
using support::check_throws;

BOOST_AUTO_TEST_SUITE(settings)

BOOST_AUTO_TEST_CASE(threads) {
    check_throws<sn::settings_error>([] { sn::set_threads(0); }, {"0"});
    check_throws<sn::settings_error>([] { sn::set_threads(-4); }, {"-4"});
    check_throws<sn::settings_error>([] { const sn::scoped_options o{.threads = -1}; }, {"-1"});
    BOOST_TEST((sn::array<float>{1, 2} + 1.0f).to_vector() == (std::vector<float>{2, 3}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
