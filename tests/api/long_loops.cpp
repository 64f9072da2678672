#include "support/check.hpp"

#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

// Programs that carry arrays from step to step and read none of them.

namespace {

namespace sn = sinter;
using support::check;

/// Bytes of memory that the process has in use.
[[nodiscard]] std::size_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::size_t all = 0, resident = 0;
    file >> all >> resident;
    return resident * 4096;
}

BOOST_AUTO_TEST_SUITE(long_loops)

BOOST_AUTO_TEST_CASE(a_chain_is_computed_in_segments) {
    const std::size_t before = sn::about().segments;
    sn::array<float> x = sn::full({16}, 1.0f);
    const sn::array<float> a = sn::full({16}, 0.75f);
    x.eval();
    a.eval();
    float expected = 1.0f;
    for (int i = 0; i < 20000; ++i) {
        x = x * a + 0.5f;
        expected = std::fma(expected, 0.75f, 0.5f);
    }
    check(x, {16}, std::vector<float>(16, expected));
    const std::size_t segments = sn::about().segments - before;
    BOOST_TEST((segments > 20 && segments < 2000));
    BOOST_TEST(sn::about().to_string().find("computed early") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(short_programs_stay_pending) {
    const std::size_t before = sn::about().segments;
    sn::array<float> x = sn::full({16}, 1.0f);
    for (int i = 0; i < 50; ++i) x = x * 2.0f + 1.0f;
    BOOST_TEST(x.is_pending());
    std::vector<sn::array<float>> many;
    for (int i = 0; i < 1000; ++i) many.push_back(x + static_cast<float>(i));
    BOOST_TEST(many.back().is_pending());
    BOOST_TEST(sn::about().segments == before);
}

BOOST_AUTO_TEST_CASE(memory_does_not_grow) {
    // 64 Ki floats: what 5000 steps made would be 1.2 GiB.
    sn::array<float> x = sn::full({1 << 16}, 1.0f), v = sn::full({1 << 16}, 0.5f);
    const auto step = [&](int n) {
        for (int i = 0; i < n; ++i) {
            x = x + v * 0.0625f;
            v = v - x * 0.0625f;
        }
    };
    step(1000);
    const std::size_t before = resident_bytes();
    step(4000);
    BOOST_TEST(resident_bytes() < before + (std::size_t{200} << 20));
    float ex = 1.0f, ev = 0.5f;
    for (int i = 0; i < 5000; ++i) {
        ex = std::fma(ev, 0.0625f, ex);
        ev = std::fma(-ex, 0.0625f, ev);
    }
    BOOST_TEST(x(77) == ex);
    BOOST_TEST(v(77) == ev);
}

BOOST_AUTO_TEST_CASE(plans_of_segments_are_found_again) {
    sn::array<float> x = sn::full({64}, 1.0f), y = sn::full({64}, 2.0f), z = sn::full({64}, 3.0f);
    const auto step = [&](int n) {
        for (int i = 0; i < n; ++i) {
            x = (y - x) * 0.125f + x;
            y = (z - y) * 0.25f + y;
            z = x * 0.5f + y * 0.5f;
        }
    };
    step(3000);
    const std::size_t misses = sn::kernel_cache().stats().misses;
    step(6000);
    BOOST_TEST(sn::kernel_cache().stats().misses <= misses + 4);
    BOOST_TEST(std::isfinite(sn::sum(x + y + z).item()));
}

BOOST_AUTO_TEST_CASE(views_that_are_written_step_by_step) {
    sn::array<double> u = sn::zeros<double>({34});
    u(0) = 1.0;
    const sn::range inside(1, -1);
    std::vector<double> w(34, 0.0);
    w[0] = 1.0;
    for (int i = 0; i < 700; ++i) {
        u(inside) = 0.5 * (u(sn::range(0, -2)) + u(sn::range(2, {})));
        std::vector<double> next = w;
        for (std::size_t k = 1; k < 33; ++k) next[k] = 0.5 * (w[k - 1] + w[k + 1]);
        w = next;
    }
    BOOST_TEST(u.to_vector() == w, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_error_waits_for_who_asks) {
    sn::array<std::int32_t> x = sn::full({8}, 7), zero = sn::zeros<std::int32_t>({8});
    x.eval();
    zero.eval();
    x = x / zero;
    for (int i = 0; i < 2000; ++i) x = x + 1;
    BOOST_TEST(x.is_pending());
    BOOST_CHECK_THROW(x.eval(), sn::value_error);
    BOOST_CHECK_THROW(x.eval(), sn::value_error);
    BOOST_TEST(zero.to_vector() == std::vector<std::int32_t>(8, 0), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(values_that_are_held_on_the_way) {
    sn::array<float> x = sn::full({100}, 1.0f);
    std::vector<sn::array<float>> kept;
    for (int i = 0; i < 1500; ++i) {
        x = x + 1.0f;
        if (i % 100 == 99) kept.push_back(x);
    }
    for (std::size_t k = 0; k < kept.size(); ++k) BOOST_TEST(kept[k](50) == 1.0f + 100.0f * static_cast<float>(k + 1));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
