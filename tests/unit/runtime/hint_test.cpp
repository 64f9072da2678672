#include "runtime/hint.hpp"

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace sn = sinter;
namespace rt = sinter::detail::runtime;

BOOST_AUTO_TEST_SUITE(hint)

// What was best on one thread because no more were allowed need not be when they are.
BOOST_AUTO_TEST_CASE(one_thread_is_not_kept_for_more) {
    const sn::array<double> x = sn::ones<double>({50'000}), z = sn::arange<double>(50'000);
    sn::eval(x, z);
    const auto statement = [&] { return sn::array<double>(exp(x) * 2.0 + z); };
    const auto is_known = [&] {
        const sn::array<double> y = statement();
        return rt::evaluate_by_hint(*y.node());
    };
    {
        const sn::scoped_options one{.threads = 1};
        // Until machine code pays.
        for (int n = 0; n < 100 && !is_known(); ++n) statement().eval();
        BOOST_TEST(is_known());
    }
    {
        const sn::scoped_options two{.threads = 2};
        BOOST_TEST(!is_known());
        const sn::array<double> y = statement();
        BOOST_TEST(y.to_vector()[3] == std::fma(std::exp(1.0), 2.0, 3.0));
    }
    const sn::scoped_options one{.threads = 1};
    BOOST_TEST(is_known());
}

// The other way round it is: one thread that was best among several is best alone.
BOOST_AUTO_TEST_CASE(one_thread_of_several_is_kept) {
    const sn::array<float> x = sn::ones<float>({64});
    x.eval();
    const auto statement = [&] { return sn::array<float>(x * 3.0f); };
    const auto is_known = [&] {
        const sn::array<float> y = statement();
        return rt::evaluate_by_hint(*y.node());
    };
    {
        const sn::scoped_options two{.threads = 2};
        for (int n = 0; n < 1000 && !is_known(); ++n) statement().eval();
        BOOST_TEST(is_known());
    }
    const sn::scoped_options one{.threads = 1};
    BOOST_TEST(is_known());
}

BOOST_AUTO_TEST_SUITE_END()
