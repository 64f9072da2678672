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

BOOST_AUTO_TEST_CASE(places) {
    const sn::array<float> x = sn::ones<float>({100000});
    check_throws<sn::value_error>([&] { sn::place(x, sn::on_node(987)); }, {"place: there is no memory on node ", "987"});
    check_throws<sn::value_error>([&] { sn::place(x, sn::on_node(-1)); }, {"-1"});
    BOOST_TEST(x.is_pending());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
