#include "support/check.hpp"

#include <iostream>
#include <sstream>
#include <string>

namespace {

namespace sn = sinter;
using support::check;

BOOST_AUTO_TEST_SUITE(profiling)

BOOST_AUTO_TEST_CASE(kernels_are_measured) {
    const sn::array<float> x = sn::full({300, 200}, 1.5f);
    x.eval();
    sn::profile p;
    for (int i = 0; i < 3; ++i) {
        const sn::array<float> e = exp(x - sn::max(x, {.axis = 1, .keepdims = true}));
        const sn::array<float> y = e / sn::sum(e, {.axis = 1, .keepdims = true});
        y.eval();
        BOOST_TEST(y(1, 1) == 1.0f / 200);
    }
    const sn::plan_report r = p.report();
    BOOST_TEST(r.kernels.size() >= 2U);
    double all = 0;
    for (const sn::kernel_report& k : r.kernels) {
        BOOST_TEST(k.calls == 3U);
        BOOST_TEST(k.measured_seconds > 0);
        BOOST_TEST(k.predicted_seconds > 0);
        all += k.measured_seconds;
    }
    BOOST_TEST(r.measured_seconds == all, boost::test_tools::tolerance(1e-9));
    std::ostringstream text;
    text << r;
    BOOST_TEST(text.str().find(" measured, ") != std::string::npos);
    BOOST_TEST(text.str().find("each of 3 times, ") != std::string::npos);
    BOOST_TEST(text.str().find("GB/s") != std::string::npos);
    BOOST_TEST(r.to_json().find("\"measured_seconds\": ") != std::string::npos);
    BOOST_TEST(r.to_json().find("\"page_faults\": ") != std::string::npos);
    BOOST_TEST(text.str().find(" page faults, ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(small_statements_are_measured_too) {
    const sn::array<float> x{1, 2, 3};
    // Evaluated before, so that it would go the shortest way.
    const auto statement = [&] { return sn::array<float>(x * 2.0f + 1.0f); };
    statement().eval();
    statement().eval();
    sn::profile p;
    check(statement(), {3}, {3, 5, 7});
    check(statement(), {3}, {3, 5, 7});
    BOOST_REQUIRE(p.report().kernels.size() == 1U);
    BOOST_TEST(p.report().kernels[0].calls == 2U);
    BOOST_TEST(p.report().kernels[0].source.find("profiling.cpp") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(profiles_nest) {
    const sn::array<float> x{1, 2, 3};
    sn::profile outer;
    sn::array<float>(x + 1.0f).eval();
    {
        sn::profile inner;
        sn::array<float>(x + 2.0f).eval();
        BOOST_TEST(inner.report().kernels.size() == 1U);
    }
    sn::array<float>(x * 3.0f).eval();
    std::size_t calls = 0;
    for (const sn::kernel_report& k : outer.report().kernels) calls += k.calls;
    BOOST_TEST(calls == 3U);
}

BOOST_AUTO_TEST_CASE(nothing_has_run) {
    const sn::profile p;
    BOOST_TEST(p.report().kernels.empty());
    BOOST_TEST(p.report().to_string().starts_with("0 kernels"));
}

BOOST_AUTO_TEST_CASE(page_faults_are_counted) {
    const sn::array<float> x = sn::ones<float>({3 << 20}).eval();
    sn::array<float> first, second, third;
    sn::profile fresh;
    first = x + 1.0f;
    second = x + 2.0f;
    sn::eval(first, second);
    // At least one huge page each.
    BOOST_TEST(fresh.report().page_faults >= 2U);
    first = sn::array<float>{};
    sn::profile recycled;
    third = x + 3.0f;
    third.eval();
    // Other threads of the process may fault, but not for 12 MiB in small pages.
    BOOST_TEST(recycled.report().page_faults < 200U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
